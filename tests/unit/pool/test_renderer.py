"""What `ComfyRenderer` makes of a client; with a real one it is tested in tests/integration/jobs."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest

from bot.pool.renderer import VERDICT_LASTS, ComfyRenderer, Task
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
        self.uploads: dict[str, bytes] = {}
        self.graphs: dict[str, Mapping[str, Any]] = {}
        self.classes = CLASSES
        self.asked = 0

    async def upload(self, data: bytes, name: str) -> str:
        self.uploads[name] = data
        return f"pasted/{name}"

    async def submit(self, graph: Mapping[str, Any], prompt_id: str) -> None:
        self.graphs[prompt_id] = graph

    async def object_info(self) -> Mapping[str, Any]:
        self.asked += 1
        return self.classes


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


async def test_what_a_server_can_run_is_asked_once_and_again_after_some_minutes(client) -> None:
    now = 0.0
    renderer = ComfyRenderer(client, clock=lambda: now)
    assert await renderer.runnable([BLUR]) == {"blur"}
    client.classes = {}
    now = VERDICT_LASTS - 1
    assert await renderer.runnable([BLUR]) == {"blur"}
    assert client.asked == 1
    now = VERDICT_LASTS
    assert await renderer.runnable([BLUR]) == frozenset()


async def test_a_workflow_that_has_changed_is_judged_anew(client) -> None:
    renderer = ComfyRenderer(client, clock=lambda: 0.0)
    assert await renderer.runnable([BLUR]) == {"blur"}
    graph = Graph.parse('{"1": {"class_type": "Sharpen", "inputs": {}}}')
    sharper = Workflow("blur", "Blur", "", graph, (), {}, ("1",))
    assert await renderer.runnable([sharper]) == frozenset()


class HastyClient(PaperClient):
    """The later it is asked, the quicker it posts: as a warm connection is beside a cold one."""

    def __init__(self) -> None:
        super().__init__()
        self.patience = 20
        self.posted: list[str] = []

    async def submit(self, graph: Mapping[str, Any], prompt_id: str) -> None:  # noqa: ARG002 - the client's signature
        self.patience -= 5
        for _ in range(self.patience):
            await asyncio.sleep(0)
        self.posted.append(prompt_id)


async def test_tasks_are_posted_in_the_order_in_which_they_came() -> None:
    client = HastyClient()
    renderer = ComfyRenderer(client)
    await asyncio.gather(*(renderer.submit(Task(name, BLUR, {"radius": 7}), {"image": b"pixels"}) for name in "abc"))
    assert client.posted == ["a", "b", "c"]
