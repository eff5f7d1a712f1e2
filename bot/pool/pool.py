"""All servers, and which of them gets the next task."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.errors import EaselError
from bot.pool.errors import NoServer
from bot.pool.renderer import Load, Renderer
from bot.workflows.workflow import Workflow


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """One server as people see it. `load` None: it does not answer, and `problem` is why."""

    name: str
    load: Load | None
    problem: EaselError | None = None


class Pool:
    """The renderers by name, in the order of the settings."""

    def __init__(self, renderers: Sequence[Renderer]) -> None:
        self._renderers = {renderer.name: renderer for renderer in renderers}
        self._coming: Counter[str] = Counter()

    def __getitem__(self, name: str) -> Renderer:
        """The renderer of that name."""
        return self._renderers[name]

    def __contains__(self, name: str) -> bool:
        """Whether there is one."""
        return name in self._renderers

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Renderer]:
        """The renderer with the least before a new task; of equals, the first in the settings.

        The task is to be submitted within the block. Others that are being placed see it coming.

        Raises:
            NoServer: None answers.
        """
        renderer = await self._least_busy()
        self._coming[renderer.name] += 1
        try:
            yield renderer
        finally:
            self._coming[renderer.name] -= 1

    async def runnable(self, workflows: Collection[Workflow]) -> frozenset[str]:
        """The names of those for which some server that answers has every node and model."""
        names = await asyncio.gather(*(_runnable(renderer, workflows) for renderer in self._renderers.values()))
        return frozenset().union(*names)

    async def statuses(self) -> tuple[ServerStatus, ...]:
        """Every server asked at once."""
        return tuple(await asyncio.gather(*(_status(renderer) for renderer in self._renderers.values())))

    async def _least_busy(self) -> Renderer:
        if len(self._renderers) == 1:  # nothing to choose, so nothing to ask
            return next(iter(self._renderers.values()))
        statuses = await self.statuses()
        tasks = {s.name: s.load.running + s.load.pending + self._coming[s.name] for s in statuses if s.load}
        if not tasks:
            raise NoServer(servers=tuple(s.name for s in statuses), reasons=tuple(str(s.problem) for s in statuses))
        return self._renderers[min(tasks, key=tasks.__getitem__)]


async def _runnable(renderer: Renderer, workflows: Collection[Workflow]) -> frozenset[str]:
    try:
        return await renderer.runnable(workflows)
    except EaselError:  # one that does not answer now can run nothing now
        return frozenset()


async def _status(renderer: Renderer) -> ServerStatus:
    try:
        return ServerStatus(renderer.name, await renderer.load())
    except EaselError as problem:
        return ServerStatus(renderer.name, None, problem)
