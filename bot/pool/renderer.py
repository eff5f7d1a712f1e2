"""The port that whatever makes pictures fits, and the local ComfyUI that fits it."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.comfyui.client import Client
from bot.comfyui.progress import Output, Update
from bot.workflows.binding import bind
from bot.workflows.checking import check
from bot.workflows.graph import Graph
from bot.workflows.options import Value
from bot.workflows.workflow import Target, Workflow

VERDICT_LASTS = 300.0
"""Seconds after which a server is asked anew what it can run: operators add models while it is up."""


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

    async def submit(self, task: Task, images: Mapping[str, bytes]) -> None:
        """Hand it the task; returns once it is in the server's queue.

        `images` are the pictures by image option, as `bot.images.convert.normalise` made them. They are not kept.
        """

    def watch(self, task: Task) -> AsyncIterator[Update]:
        """What is known of a submitted task now, then its newest state at each change, until it has ended."""

    async def cancel(self, prompt_id: str) -> bool:
        """Take it out of the queue or stop it. False: it had ended before."""

    async def fetch(self, output: Output) -> bytes:
        """The bytes of one output."""

    async def runnable(self, workflows: Collection[Workflow]) -> frozenset[str]:
        """The names of those for which this server has every node and model; not older than some minutes."""


class ComfyRenderer:
    """A ComfyUI that this process dials itself."""

    def __init__(self, client: Client, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._turn = asyncio.Lock()
        self._clock = clock
        self._verdicts: dict[str, _Verdict] = {}

    @property
    def name(self) -> str:
        """See `Renderer.name`."""
        return self._client.server.name

    async def load(self) -> Load:
        """See `Renderer.load`."""
        queue = await self._client.queue()
        return Load(running=len(queue.running), pending=len(queue.pending))

    async def submit(self, task: Task, images: Mapping[str, bytes]) -> None:
        """See `Renderer.submit`. Input pictures go up first, named by their content."""
        names = {
            option: await self._client.upload(data, f"easel-{hashlib.sha256(data).hexdigest()[:16]}.png")
            for option, data in images.items()
        }
        graph = bind(task.workflow, task.values, names)
        if task.fresh:
            graph = _saving_elsewhere(graph, task.prompt_id)
        async with self._turn:  # whoever asked first is first in the queue, whichever connection is quicker
            await self._client.submit(graph.api(), task.prompt_id)

    def watch(self, task: Task) -> AsyncIterator[Update]:
        """See `Renderer.watch`."""
        return self._client.watch(task.prompt_id)

    async def cancel(self, prompt_id: str) -> bool:
        """See `Renderer.cancel`."""
        return await self._client.cancel(prompt_id)

    async def fetch(self, output: Output) -> bytes:
        """See `Renderer.fetch`."""
        return await self._client.fetch(output)

    async def runnable(self, workflows: Collection[Workflow]) -> frozenset[str]:
        """See `Renderer.runnable`. What the server has is megabytes, so only the verdicts are kept."""
        now = self._clock()
        if not all(self._is_known(workflow, now) for workflow in workflows):
            object_info = await self._client.object_info()
            for workflow in workflows:
                self._verdicts[workflow.name] = _Verdict(
                    workflow, not check(workflow, object_info), now + VERDICT_LASTS
                )
        return frozenset(workflow.name for workflow in workflows if self._verdicts[workflow.name].runs)

    def _is_known(self, workflow: Workflow, now: float) -> bool:
        verdict = self._verdicts.get(workflow.name)
        return verdict is not None and verdict.workflow is workflow and now < verdict.until


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Whether the server can run a workflow, as far as that is known until then."""

    workflow: Workflow
    runs: bool
    until: float


def _saving_elsewhere(graph: Graph, prompt_id: str) -> Graph:
    """The graph with other file names: ComfyUI caches by inputs, so only its saving nodes run again."""
    return graph.with_values(
        {
            Target(node.id, "filename_prefix"): f"{node.inputs['filename_prefix']}_{prompt_id[:8]}"
            for node in graph.nodes.values()
            if isinstance(node.inputs.get("filename_prefix"), str)
        }
    )
