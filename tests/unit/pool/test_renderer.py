"""What `ComfyRenderer` makes of a client; with a real one it is tested in tests/integration."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.comfyui.errors import ComfyError, OutcomeUnknown, ServerError, ServerUnreachable
from bot.comfyui.plan import Plan
from bot.comfyui.progress import Lost, Queued, Update
from bot.comfyui.records import Entry, Queue
from bot.comfyui.refusals import Submitted
from bot.comfyui.server import Server
from bot.pool.renderer import ComfyRenderer, Task, models_of
from bot.workflows.findings import MissingNode
from bot.workflows.graph import Graph
from bot.workflows.options import Kind, Option
from bot.workflows.workflow import Target, Workflow

GRAPH = Graph.parse(
    json.dumps(
        {
            "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
            "2": {"class_type": "Blur", "inputs": {"image": ["1", 0], "radius": 4}},
            "9": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "ComfyUI"}},
        }
    )
)
BLUR = Workflow(
    name="blur",
    title="Blur",
    description="",
    graph=GRAPH,
    options=(Option("image", Kind.IMAGE, (), required=True), Option("radius", Kind.INTEGER, ("radius",), default=4)),
    targets={"image": (Target("1", "image"),), "radius": (Target("2", "radius"),)},
    outputs=("9",),
)
PAINT = Workflow(
    name="paint",
    title="Paint",
    description="",
    graph=Graph.parse(
        json.dumps(
            {
                "1": {"class_type": "Load", "inputs": {"ckpt_name": "Fox.SAFETENSORS", "device": "cuda"}},
                "2": {"class_type": "LoadLora", "inputs": {"model": ["1", 0], "lora_name": "ink.gguf", "strength": 1}},
            }
        )
    ),
    options=(Option("lora", Kind.CHOICE, ()),),
    targets={"lora": (Target("2", "lora_name"),)},
    outputs=("2",),
)
CLASSES: dict[str, Any] = {
    "LoadImage": {"input": {"required": {"image": [["example.png"]]}}, "output": ["IMAGE", "MASK"]},
    "Blur": {"input": {"required": {"image": ["IMAGE"], "radius": ["INT", {}]}}, "output": ["IMAGE"]},
    "SaveImage": {
        "input": {"required": {"images": ["IMAGE"], "filename_prefix": ["STRING", {}]}},
        "output": [],
        "output_node": True,
    },
}


class PaperClient:
    """Writes down what a client is asked."""

    def __init__(self) -> None:
        self.server = Server("paper", "http://127.0.0.1:1")
        self.uploads: dict[str, bytes] = {}
        self.graphs: dict[str, Mapping[str, Any]] = {}
        self.classes = CLASSES
        self.waiting = Queue()
        self.numbers: list[float | None] = []
        self.refusal: ComfyError | None = None
        self.folders = {"checkpoints": ("fox.safetensors",)}
        self.connected = True
        self.trouble: ComfyError | None = None

    async def queue(self) -> Queue:
        return self.waiting

    async def upload(self, data: bytes, name: str) -> str:
        self.uploads[name] = data
        return f"pasted/{name}"

    async def submit(self, graph: Mapping[str, Any], prompt_id: str, *, number: float | None) -> Submitted:
        self.numbers.append(number)
        if self.refusal is not None:
            raise self.refusal
        self.graphs[prompt_id] = graph
        return Submitted(7.0 if number is None else number)

    async def watch(self, prompt_id: str, *, plan: Plan, ours: bool) -> AsyncIterator[Update]:
        assert prompt_id in self.graphs
        assert plan.titles.keys() == self.graphs[prompt_id].keys()
        assert ours
        yield Update(Queued())
        yield Update(Lost())

    async def object_info(self) -> Mapping[str, Any]:
        return self.classes

    async def models(self, folder: str) -> tuple[str, ...]:
        if folder not in self.folders:
            raise ServerError("paper", 404, "Not Found")
        return self.folders[folder]


@pytest.fixture
def client() -> PaperClient:
    return PaperClient()


async def test_pictures_go_up_by_their_content_and_the_graph_names_them_as_the_server_does(client) -> None:
    await ComfyRenderer(client).submit(Task("id", BLUR, {"radius": 7}), {"image": b"pixels"})
    name = f"easel-{hashlib.sha256(b'pixels').hexdigest()[:16]}.png"
    assert client.uploads == {name: b"pixels"}
    graph = client.graphs["id"]
    assert (graph["1"]["inputs"]["image"], graph["2"]["inputs"]["radius"]) == (f"pasted/{name}", 7)


async def test_a_fresh_task_saves_under_another_name_and_is_the_same_otherwise(client) -> None:
    renderer = ComfyRenderer(client)
    for task in (Task("first", BLUR, {}), Task("12345678-9", BLUR, {}, fresh=True)):
        await renderer.submit(task, {"image": b"pixels"})
    first, fresh = client.graphs.values()
    assert fresh["9"]["inputs"].pop("filename_prefix") == "ComfyUI_12345678"
    assert first["9"]["inputs"].pop("filename_prefix") == "ComfyUI"
    assert fresh == first


async def test_the_order_is_asked_with_the_queue_as_it_is(client) -> None:
    client.waiting = Queue((Entry(0, "a"),), (Entry(1, "b"), Entry(2, "c")))
    asked: list[Queue] = []

    def between(queue: Queue) -> float:
        asked.append(queue)
        return 1.5

    renderer = ComfyRenderer(client)
    await renderer.submit(Task("ours", BLUR, {}), {"image": b"pixels"}, between)
    await renderer.submit(Task("last", BLUR, {}), {"image": b"pixels"})
    assert asked == [client.waiting]
    assert client.numbers == [1.5, None]


async def test_what_was_submitted_is_seen_at_its_place_until_it_ends(client) -> None:
    client.waiting = Queue((Entry(0, "a"),), (Entry(1, "b"), Entry(2, "c")))
    renderer, task = ComfyRenderer(client), Task("ours", BLUR, {})
    assert renderer.seen == Queue()
    await renderer.submit(task, {"image": b"pixels"}, lambda _: 1.5)
    assert [entry.prompt_id for entry in renderer.seen.pending] == ["b", "ours", "c"]
    assert [update.state async for update in renderer.watch(task)] == [Queued(), Lost()]
    assert renderer.seen == client.waiting


@pytest.mark.parametrize(
    ("refusal", "seen"),
    [(OutcomeUnknown("paper", "ours"), ["b", "ours"]), (ServerError("paper", 500, "broken"), ["b"])],
)
async def test_a_task_whose_fate_is_unknown_is_counted_and_one_that_is_refused_is_not(client, refusal, seen) -> None:
    client.waiting, client.refusal = Queue((), (Entry(1, "b"),)), refusal
    renderer = ComfyRenderer(client)
    with pytest.raises(ComfyError):
        await renderer.submit(Task("ours", BLUR, {}), {"image": b"pixels"})
    assert [entry.prompt_id for entry in renderer.seen.pending] == seen


async def test_a_server_holds_the_models_of_what_was_submitted_last(client) -> None:
    renderer = ComfyRenderer(client)
    assert renderer.holds == frozenset()
    await renderer.submit(Task("id", PAINT, {"lora": "owl.safetensors"}), {})
    assert renderer.holds == {"Fox.SAFETENSORS", "owl.safetensors"}
    await renderer.submit(Task("other", BLUR, {}), {"image": b"pixels"})
    assert renderer.holds == frozenset()


def test_the_models_of_a_task_are_known_before_it_is_placed_and_without_its_pictures() -> None:
    assert models_of(PAINT, {"lora": "ink.gguf"}) == {"Fox.SAFETENSORS", "ink.gguf"}
    assert models_of(BLUR, {"radius": 3}) == frozenset()


async def test_what_a_server_lacks_is_found_by_one_question(client) -> None:
    sharper = Workflow("sharpen", "", "", Graph.parse('{"1": {"class_type": "Sharpen", "inputs": {}}}'), (), {}, ("1",))
    assert await ComfyRenderer(client).findings([BLUR, sharper]) == {
        "blur": (),
        "sharpen": (MissingNode("1", "Sharpen", "Sharpen", None),),
    }


async def test_folders_that_a_server_does_not_know_have_no_models(client) -> None:
    assert await ComfyRenderer(client).models() == {"checkpoints": ("fox.safetensors",)}


@pytest.mark.parametrize(("connected", "expected"), [(True, None), (False, "ServerUnreachable")])
async def test_trouble_is_why_no_events_arrive(client, connected, expected) -> None:
    client.connected, client.trouble = connected, ServerUnreachable("paper", "refused")
    trouble = ComfyRenderer(client).trouble
    assert (trouble and type(trouble).__name__) == expected


class HastyClient(PaperClient):
    """The later it is asked, the quicker it posts: as a warm connection is beside a cold one."""

    def __init__(self) -> None:
        super().__init__()
        self.patience = 20
        self.posted: list[str] = []

    async def submit(self, graph: Mapping[str, Any], prompt_id: str, **rest: Any) -> Submitted:
        self.patience -= 5
        for _ in range(self.patience):
            await asyncio.sleep(0)
        self.posted.append(prompt_id)
        return await super().submit(graph, prompt_id, **rest)


async def test_tasks_are_posted_in_the_order_in_which_they_came() -> None:
    client = HastyClient()
    renderer = ComfyRenderer(client)
    await asyncio.gather(*(renderer.submit(Task(name, BLUR, {"radius": 7}), {"image": b"pixels"}) for name in "abc"))
    assert client.posted == ["a", "b", "c"]
