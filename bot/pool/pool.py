"""All servers, and which of them gets the next task."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from random import Random
from types import TracebackType
from typing import Self

from bot.comfyui.records import Queue
from bot.errors import EaselError
from bot.pool.errors import NobodyCan, NoServer, PoolFull
from bot.pool.health import Health
from bot.pool.placement import Here, Later, Never, Standing, Terms, Wish, choose
from bot.pool.renderer import Load, Renderer
from bot.workflows.findings import Finding
from bot.workflows.workflow import Workflow

Waiting = Callable[[tuple[str, ...]], None]
"""Told the names of the servers that a task waits for because they do not answer; none: it waits for its turn."""

WaitOf = Callable[[str, Queue], float]
"""Seconds until a task that is appended to the queue of the server of that name starts. Queue entries without an id
are tasks on their way there."""


@dataclass(frozen=True, slots=True)
class Member:
    """One server as the settings want it. `open` is entered once and left when the server has left the pool.

    Two with equal `name` and `key` are the same server, whatever their `terms`: `key` is what `open` depends on.
    """

    name: str
    terms: Terms
    open: Callable[[], AbstractAsyncContextManager[Renderer]]
    key: Hashable = None


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """One server as people see it.

    `load` is None while it does not answer; `problem` is why, `away_for` the seconds since then. `drained`: it gets no
    new tasks. `runs` are the names of the workflows that it can run, of those that anybody has asked about.
    """

    name: str
    load: Load | None
    problem: EaselError | None = None
    health: Health = Health.WELL
    away_for: float | None = None
    drained: bool = False
    terms: Terms = Terms()
    runs: frozenset[str] = frozenset()


class Pool:
    """The servers by name, in the order of the settings. An async context manager: it opens, tends and closes them."""

    def __init__(
        self,
        members: Sequence[Member | Renderer],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Random | None = None,
        wait_of: WaitOf | None = None,
    ) -> None:
        self._members = [m if isinstance(m, Member) else _plain(m) for m in members]
        self._renderers: dict[str, Renderer] = {m.name: m for m in members if not isinstance(m, Member)}
        self._coming: Counter[str] = Counter()
        self._drained: set[str] = set()
        self._stack = AsyncExitStack()

    @classmethod
    def of(cls, renderers: Iterable[Renderer], *, clock: Callable[[], float] = time.monotonic) -> Self:
        """A pool of renderers that somebody else opens and closes."""
        return cls([_plain(renderer) for renderer in renderers], clock=clock)

    async def __aenter__(self) -> Self:
        for member in self._members:
            self._renderers[member.name] = await self._stack.enter_async_context(member.open())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def __getitem__(self, name: str) -> Renderer:
        """The renderer of that name."""
        return self._renderers[name]

    def __contains__(self, name: str) -> bool:
        """Whether there is one."""
        return name in self._renderers

    @asynccontextmanager
    async def place(self, wish: Wish | None = None, *, waiting: Waiting | None = None) -> AsyncIterator[Renderer]:
        """The server for a new task, which is to be submitted within the block.

        Waits while every server that could run it is away, drained or full; `waiting` is told which ones are silent,
        at each change. Until the block ends others see the task coming, and the server stays open (`hold`).

        Raises:
            NoServer: There are none at all.
            NobodyCan: None that answers can run it, and none is away that might.
        """
        renderer = await self._least_busy(wish)
        self._coming[renderer.name] += 1
        try:
            yield renderer
        finally:
            self._coming[renderer.name] -= 1

    @contextmanager
    def hold(self, renderer: Renderer) -> Iterator[None]:
        """Keep a server open for as long as the block lasts, even if it leaves the settings: a task of ours is there.

        To be entered within the block of `place`, or with ``pool[name]`` for a task of an earlier process.
        """
        yield

    async def check(self, wish: Wish) -> None:
        """Whether a task may be accepted. That servers are away is no reason to refuse it.

        Raises:
            NoServer: There are none at all.
            NobodyCan: None that answers can run it, and none is away that might.
            PoolFull: Every one that answers and could run it has as many waiting as it may.
        """
        match await self._choice(wish):
            case Never(reasons):
                raise NobodyCan(wish.workflow.name, reasons)
            case Later(silent=(), full=(_, *_)):
                raise PoolFull(0)

    async def gone(self, renderer: Renderer, grace: float) -> None:
        """Return when the server has not answered for `grace` seconds."""
        await asyncio.Event().wait()

    def others(self, wish: Wish) -> bool:
        """Whether a server that the wish does not avoid could take it now."""
        return any(name not in wish.avoid and name not in self._drained for name in self._renderers)

    def abandon(self, renderer: Renderer, prompt_id: str) -> None:
        """Nobody wants that prompt any more: it is cancelled as soon as the server answers."""

    def drain(self, name: str) -> None:
        """Give the server no new tasks; what it has goes on. Raises KeyError for an unknown name."""
        self._renderers[name]
        self._drained.add(name)

    def resume(self, name: str) -> None:
        """Take back `drain`. Raises KeyError for an unknown name."""
        self._renderers[name]
        self._drained.discard(name)

    async def reconfigure(self, members: Sequence[Member]) -> None:
        """Make these the servers. Equal ones stay as they are, with the terms that are new.

        One that is gone, or replaced by another of that name, gets no new tasks and is closed when nobody holds it.
        """

    async def runnable(self, workflows: Collection[Workflow]) -> frozenset[str]:
        """The names of those that some server can run."""
        found = (await self.findings(workflows)).values()
        return frozenset(name for each in found for name, lacks in each.items() if not lacks)

    async def findings(self, workflows: Collection[Workflow]) -> Mapping[str, Mapping[str, tuple[Finding, ...]]]:
        """By server that answers, and by workflow, why it cannot run it; nothing: it can."""
        return {
            name: found
            for name, found in zip(
                self._renderers,
                await asyncio.gather(*(_findings(renderer, workflows) for renderer in self._renderers.values())),
                strict=True,
            )
            if found is not None
        }

    async def models(self) -> Mapping[str, tuple[str, ...]]:
        """By folder, the model files of all servers that answer."""
        found: dict[str, set[str]] = {}
        for renderer in self._renderers.values():
            try:
                folders = await renderer.models()
            except EaselError:
                continue
            for folder, names in folders.items():
                found.setdefault(folder, set()).update(names)
        return {folder: tuple(sorted(names)) for folder, names in found.items()}

    async def statuses(self) -> tuple[ServerStatus, ...]:
        """Every server as it is known to be."""
        return tuple(await asyncio.gather(*(self._status(renderer) for renderer in self._renderers.values())))

    async def _status(self, renderer: Renderer) -> ServerStatus:
        drained = renderer.name in self._drained
        try:
            queue = await renderer.queue()
        except EaselError as problem:
            return ServerStatus(renderer.name, None, problem, Health.AWAY, away_for=0.0, drained=drained)
        return ServerStatus(renderer.name, Load(len(queue.running), len(queue.pending)), drained=drained)

    async def _choice(self, wish: Wish) -> Here | Later | Never:
        if not self._renderers:
            raise NoServer
        found = await self.findings([wish.workflow])
        standings = [
            Standing(
                status.name,
                away=status.load is None,
                lacks=found.get(status.name, {}).get(wish.workflow.name, ()),
                drained=status.drained,
                seconds=30.0 * (status.load.running + status.load.pending + self._coming[status.name]),
            )
            for status in await self.statuses()
            if status.load is not None
        ]
        return choose(wish, standings)

    async def _least_busy(self, wish: Wish | None) -> Renderer:
        if len(self._renderers) == 1:
            return next(iter(self._renderers.values()))
        if wish is None:
            statuses = await self.statuses()
            tasks = {s.name: s.load.running + s.load.pending + self._coming[s.name] for s in statuses if s.load}
            if not tasks:
                raise NoServer
            return self._renderers[min(tasks, key=tasks.__getitem__)]
        match await self._choice(wish):
            case Here(name):
                return self._renderers[name]
            case Never(reasons):
                raise NobodyCan(wish.workflow.name, reasons)
        raise NoServer


def _plain(renderer: Renderer) -> Member:
    return Member(renderer.name, Terms(), lambda: nullcontext(renderer), key=id(renderer))


async def _findings(renderer: Renderer, workflows: Collection[Workflow]) -> Mapping[str, tuple[Finding, ...]] | None:
    try:
        return await renderer.findings(workflows)
    except EaselError:
        return None
