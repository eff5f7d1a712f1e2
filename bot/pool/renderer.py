"""The port that whatever makes pictures fits, and the local ComfyUI that fits it."""

from __future__ import annotations

import asyncio
import hashlib
import math
from bisect import insort
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bot.comfyui.client import Client
from bot.comfyui.errors import OutcomeUnknown, ServerError
from bot.comfyui.plan import Plan
from bot.comfyui.progress import Output, Queued, Running, Update
from bot.comfyui.records import Entry, Queue
from bot.errors import EaselError
from bot.workflows.binding import bind
from bot.workflows.checking import check
from bot.workflows.findings import Finding
from bot.workflows.graph import Graph
from bot.workflows.options import Value
from bot.workflows.workflow import Target, Workflow

FOLDERS = ("checkpoints", "diffusion_models", "unet_gguf", "loras", "upscale_models")
"""The folders of models that a person may choose from. ``unet_gguf`` is there only with its custom nodes."""

_MODEL_FILES = (".safetensors", ".sft", ".gguf", ".ckpt", ".pt", ".pth", ".bin", ".onnx")
_NOT_FOUND = 404

Order: TypeAlias = Callable[[Queue], float | None]
"""Where in a server's queue a new task goes: a number between two that wait there, or None for the end."""


def append(queue: Queue) -> float | None:  # noqa: ARG001 - an `Order`
    """The `Order` that puts a task behind all that wait."""
    return None


@dataclass(frozen=True, slots=True)
class Task:
    """One prompt to run, small enough to be kept for as long as it waits.

    `prompt_id` is ours, a canonical UUID never used before. `values` holds every option of the workflow but its
    pictures. `fresh`: files that the server remembers from an equal run will not do (they are gone), so it must save
    anew.
    """

    prompt_id: str
    workflow: Workflow
    values: Mapping[str, Value]
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a server is, everybody's prompts counted."""

    running: int
    pending: int


class Renderer(Protocol):
    """One place where tasks are run. What is asynchronous asks it, and raises the errors of `bot.comfyui.errors`."""

    @property
    def name(self) -> str:
        """What settings call it."""

    @property
    def seen(self) -> Queue:
        """Everybody's prompts as far as they are known, without asking."""

    @property
    def holds(self) -> frozenset[str]:
        """The model files of the task that was submitted last: it has them loaded by the time a new one starts."""

    @property
    def trouble(self) -> EaselError | None:
        """Why nothing is heard of it but answers to questions; None: it is in touch."""

    async def queue(self) -> Queue:
        """Everybody's prompts, in the order in which they will run. The cheapest question there is."""

    async def submit(self, task: Task, images: Mapping[str, bytes], order: Order = append) -> None:
        """Hand it the task; returns once it is in the server's queue, at the place that `order` says.

        `images` are the pictures by image option, as `bot.images.convert.normalise` made them. They are not kept.
        `order` is asked with the queue as it is then, one task after the other.
        """

    def watch(self, task: Task) -> AsyncIterator[Update]:
        """What is known of a submitted task now, then its newest state at each change, until it has ended."""

    async def cancel(self, prompt_id: str) -> bool:
        """Take it out of the queue or stop it. False: it had ended before."""

    async def fetch(self, output: Output) -> bytes:
        """The bytes of one output."""

    async def findings(self, workflows: Collection[Workflow]) -> Mapping[str, tuple[Finding, ...]]:
        """By workflow, what this server has not, or would not take; nothing: it can run it. Costly: megabytes."""

    async def models(self) -> Mapping[str, tuple[str, ...]]:
        """The model files that a person may choose from, by folder (``checkpoints``, ``loras``...)."""


class ComfyRenderer:
    """A ComfyUI that this process dials itself. `client` is for what is beyond tasks."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._turn = asyncio.Lock()
        self._seen = Queue()
        self._holds: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """See `Renderer.name`."""
        return self.client.server.name

    @property
    def seen(self) -> Queue:
        """See `Renderer.seen`."""
        return self._seen

    @property
    def holds(self) -> frozenset[str]:
        """See `Renderer.holds`."""
        return self._holds

    @property
    def trouble(self) -> EaselError | None:
        """See `Renderer.trouble`."""
        return None if self.client.connected else self.client.trouble

    async def queue(self) -> Queue:
        """See `Renderer.queue`."""
        self._seen = await self.client.queue()
        return self._seen

    async def submit(self, task: Task, images: Mapping[str, bytes], order: Order = append) -> None:
        """See `Renderer.submit`. Input pictures go up first, named by their content."""
        names = {
            option: await self.client.upload(data, f"easel-{hashlib.sha256(data).hexdigest()[:16]}.png")
            for option, data in images.items()
        }
        graph = bind(task.workflow, task.values, names)
        if task.fresh:
            graph = _saving_elsewhere(graph, task.prompt_id)
        async with self._turn:  # whoever asked first is first in the queue, whichever connection is quicker
            number = order(await self.queue())
            self._holds = _models_in(graph)
            try:
                submitted = await self.client.submit(graph.api(), task.prompt_id, number=number)
            except OutcomeUnknown:  # then it may be anywhere
                self._see(Entry(math.inf if number is None else number, task.prompt_id))
                raise
            self._see(Entry(submitted.number, task.prompt_id))

    async def watch(self, task: Task) -> AsyncIterator[Update]:
        """See `Renderer.watch`. The task may be one that an earlier process submitted, with our client id."""
        plan = Plan.of(task.workflow.graph.api())
        async for update in self.client.watch(task.prompt_id, plan=plan, ours=True):
            if not isinstance(update.state, Queued | Running):
                self._overlook(task.prompt_id)
            yield update

    async def cancel(self, prompt_id: str) -> bool:
        """See `Renderer.cancel`."""
        return await self.client.cancel(prompt_id)

    async def fetch(self, output: Output) -> bytes:
        """See `Renderer.fetch`."""
        return await self.client.fetch(output)

    async def findings(self, workflows: Collection[Workflow]) -> Mapping[str, tuple[Finding, ...]]:
        """See `Renderer.findings`."""
        object_info = await self.client.object_info()
        return {workflow.name: check(workflow, object_info) for workflow in workflows}

    async def models(self) -> Mapping[str, tuple[str, ...]]:
        """See `Renderer.models`."""
        found = await asyncio.gather(*map(self._folder, FOLDERS))
        return {folder: names for folder, names in zip(FOLDERS, found, strict=True) if names}

    async def _folder(self, folder: str) -> tuple[str, ...]:
        try:
            return await self.client.models(folder)
        except ServerError as error:
            if error.status != _NOT_FOUND:
                raise
            return ()

    def _see(self, entry: Entry) -> None:
        pending = list(self._seen.pending)
        insort(pending, entry, key=lambda each: (each.number, each.prompt_id))
        self._seen = Queue(self._seen.running, tuple(pending))

    def _overlook(self, prompt_id: str) -> None:
        running, pending = (
            tuple(entry for entry in entries if entry.prompt_id != prompt_id)
            for entries in (self._seen.running, self._seen.pending)
        )
        self._seen = Queue(running, pending)


def models_of(workflow: Workflow, values: Mapping[str, Value]) -> frozenset[str]:
    """The names of the model files that a task with these values uses. Raises what `bind` raises."""
    return _models_in(bind(workflow, values, {option.name: option.name for option in workflow.images}))


def _models_in(graph: Graph) -> frozenset[str]:
    return frozenset(
        value
        for node in graph.nodes.values()
        for value in node.inputs.values()
        if isinstance(value, str) and value.casefold().endswith(_MODEL_FILES)
    )


def _saving_elsewhere(graph: Graph, prompt_id: str) -> Graph:
    """The graph with other file names: ComfyUI caches by inputs, so only its saving nodes run again."""
    return graph.with_values(
        {
            Target(node.id, "filename_prefix"): f"{node.inputs['filename_prefix']}_{prompt_id[:8]}"
            for node in graph.nodes.values()
            if isinstance(node.inputs.get("filename_prefix"), str)
        }
    )
