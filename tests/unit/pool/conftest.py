"""A pool over renderers of paper, and a clock that only moves when a test says so."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest

from bot.pool.placement import Terms, Wish
from bot.pool.pool import Member, Pool
from bot.pool.renderer import Renderer, Task
from bot.pool.testing import FakeRenderer
from bot.workflows.graph import Graph
from bot.workflows.workflow import Workflow

HANGS = 30.0
"""Seconds after which what a test waits for will not come, however busy the machine is."""

TURNS = 40
"""So many turns of the loop are enough for everything that can happen without a clock."""


def workflow(name: str) -> Workflow:
    return Workflow(name, name.title(), "", Graph({}), (), {}, ())


@dataclass(eq=False)
class Hand:
    """One call that is to come."""

    call: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class Watch:
    """`clock` and `later` of a pool."""

    now: float = 1000.0
    calls: list[tuple[float, int, Hand]] = field(default_factory=list)
    order: Any = field(default_factory=itertools.count)

    def clock(self) -> float:
        return self.now

    def later(self, seconds: float, call: Callable[[], None]) -> Hand:
        hand = Hand(call)
        heapq.heappush(self.calls, (self.now + seconds, next(self.order), hand))
        return hand

    async def settle(self) -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)

    async def pass_by(self, seconds: float) -> None:
        """Let so much time pass, and whatever happens in it happen."""
        await self.settle()
        end = self.now + seconds
        while self.calls and self.calls[0][0] <= end:
            self.now, _, hand = heapq.heappop(self.calls)
            if not hand.cancelled:
                hand.call()
                await self.settle()
        self.now = end


@dataclass
class House:
    """Opens pools, and knows which of its servers are open."""

    watch: Watch
    stack: AsyncExitStack
    paint: Workflow = field(default_factory=lambda: workflow("paint"))
    opened: list[Renderer] = field(default_factory=list)
    closed: list[Renderer] = field(default_factory=list)
    prompts: Any = field(default_factory=itertools.count)

    def member(self, renderer: Renderer, key: object = None, **terms: Any) -> Member:
        @asynccontextmanager
        async def opening() -> AsyncIterator[Renderer]:
            self.opened.append(renderer)
            try:
                yield renderer
            finally:
                self.closed.append(renderer)

        return Member(renderer.name, Terms(**terms), opening, key)

    @staticmethod
    def broken(name: str, error: Exception) -> Member:
        """A server that cannot be opened."""

        @asynccontextmanager
        async def opening() -> AsyncIterator[Renderer]:
            raise error
            yield

        return Member(name, Terms(), opening)

    @staticmethod
    def other(name: str, title: str = "") -> Workflow:
        """Another workflow than `paint`, or another of that name."""
        return replace(workflow(name), title=title or name)

    async def pool(self, *servers: Renderer | Member, **settings: Any) -> Pool:
        members = [each if isinstance(each, Member) else self.member(each) for each in servers]
        settings = {"clock": self.watch.clock, "later": self.watch.later, "random": Random(7)} | settings
        pool = await self.stack.enter_async_context(Pool(members, **settings))
        await self.watch.settle()
        return pool

    def wish(self, **needs: Any) -> Wish:
        return Wish(self.paint, **needs)

    def task(self) -> Task:
        return Task(f"p{next(self.prompts):04}", self.paint, {})

    async def busy(self, name: str, tasks: int) -> FakeRenderer:
        renderer = FakeRenderer(name)
        for _ in range(tasks):
            await renderer.submit(self.task(), {})
        return renderer

    async def placed(self, pool: Pool, **needs: Any) -> str:
        """Where a task is submitted now."""
        async with asyncio.timeout(HANGS), pool.place(self.wish(**needs)) as renderer:
            await renderer.submit(self.task(), {})
            return renderer.name

    def placing(self, pool: Pool, said: list[Any] | None = None, **needs: Any) -> asyncio.Task[str]:
        """As `placed`, in a task of its own. `said` is what it is told while it waits."""

        async def place() -> str:
            waiting = None if said is None else said.append
            async with pool.place(self.wish(**needs), waiting=waiting) as renderer:
                await renderer.submit(self.task(), {})
                return renderer.name

        task = asyncio.ensure_future(place())
        self.stack.callback(task.cancel)
        return task

    @staticmethod
    def names(servers: Sequence[Renderer]) -> list[str]:
        return [server.name for server in servers]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def house(watch: Watch) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        yield House(watch, stack)
