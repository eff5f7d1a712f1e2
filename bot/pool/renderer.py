"""The port that whatever makes pictures fits, and the local ComfyUI that fits it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.comfyui.client import Client
from bot.comfyui.progress import Output, Plan, Update
from bot.workflows.binding import bind
from bot.workflows.checking import Finding, check
from bot.workflows.graph import Graph
from bot.workflows.options import Value
from bot.workflows.workflow import Target, Workflow


@dataclass(frozen=True, slots=True)
class Task:
    """One prompt to run: `prompt_id` is ours, a canonical UUID never used before.

    `values` holds every option of the workflow; `images` maps an image option's name to the picture's bytes.
    `fresh`: files that the server remembers from an equal run will not do (they are gone), so it must save anew.
    """

    prompt_id: str
    workflow: Workflow
    values: Mapping[str, Value]
    images: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a server is, everybody's prompts counted, as the server itself says."""

    running: int
    pending: int


class Renderer(Protocol):
    """One place where tasks are run. All methods raise `bot.comfyui.errors` of the server they speak to."""

    @property
    def name(self) -> str:
        """What settings call it."""

    async def load(self) -> Load:
        """How busy it is now."""

    async def submit(self, task: Task) -> None:
        """Hand it the task; returns once it is in the server's queue."""

    def watch(self, task: Task) -> AsyncIterator[Update]:
        """What is known of a submitted task, newest first, until it has ended."""

    async def cancel(self, prompt_id: str) -> bool:
        """Take it out of the queue or stop it. False: it had ended before."""

    async def fetch(self, output: Output) -> bytes:
        """The bytes of one output."""

    async def pending(self) -> tuple[str, ...]:
        """The prompt ids that wait, next to run first."""

    async def findings(self, workflow: Workflow) -> tuple[Finding, ...]:
        """What this server lacks to run that workflow; empty: it can."""


class ComfyRenderer:
    """A ComfyUI that this process dials itself."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._object_info: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """See `Renderer.name`."""
        return self._client.server.name

    @property
    def client(self) -> Client:
        """The server's client, for what is beyond a renderer: `doctor` and `workflows check`."""
        return self._client

    async def load(self) -> Load:
        """See `Renderer.load`."""
        queue = await self._client.queue()
        return Load(running=len(queue.running), pending=len(queue.pending))

    async def submit(self, task: Task) -> None:
        """See `Renderer.submit`. Input pictures go up first, named by their content."""
        names = {
            option: await self._client.upload(data, f"easel-{hashlib.sha256(data).hexdigest()[:16]}.png")
            for option, data in task.images.items()
        }
        graph = bind(task.workflow, task.values, names)
        if task.fresh:
            graph = _saving_elsewhere(graph, task.prompt_id)
        await self._client.submit(graph.api(), task.prompt_id)

    def watch(self, task: Task) -> AsyncIterator[Update]:
        """See `Renderer.watch`."""
        return self._client.watch(task.prompt_id, plan=Plan.of(task.workflow.graph.api()))

    async def cancel(self, prompt_id: str) -> bool:
        """See `Renderer.cancel`."""
        return await self._client.cancel(prompt_id)

    async def fetch(self, output: Output) -> bytes:
        """See `Renderer.fetch`."""
        return await self._client.fetch(output)

    async def pending(self) -> tuple[str, ...]:
        """See `Renderer.pending`."""
        return tuple(entry.prompt_id for entry in (await self._client.queue()).pending)

    async def findings(self, workflow: Workflow) -> tuple[Finding, ...]:
        """See `Renderer.findings`. The server's node list is asked for once."""
        if self._object_info is None:
            self._object_info = await self._client.object_info()
        return check(workflow, self._object_info)


def _saving_elsewhere(graph: Graph, prompt_id: str) -> Graph:
    """The graph with other file names: ComfyUI caches by inputs, so only its saving nodes run again."""
    return graph.with_values(
        {
            Target(node.id, "filename_prefix"): f"{node.inputs['filename_prefix']}_{prompt_id[:8]}"
            for node in graph.nodes.values()
            if isinstance(node.inputs.get("filename_prefix"), str)
        }
    )
