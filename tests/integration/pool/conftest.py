"""A pool over real clients of stand-ins."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

import bot
from bot.comfyui.client import Client
from bot.comfyui.server import Server, Timeouts
from bot.pool.placement import Terms, Wish
from bot.pool.pool import Member, Pool
from bot.pool.renderer import ComfyRenderer, Renderer, Task
from bot.standin.server import StandIn
from bot.standin.settings import Settings
from bot.workflows.binding import complete
from bot.workflows.library import Library
from bot.workflows.workflow import Workflow

SHIPPED = Path(bot.__file__).parent.parent / "workflows"
QUICK = Timeouts(connect=5, request=10, silence=0.3, poll=0.05)


@asynccontextmanager
async def open_renderer(server: Server) -> AsyncIterator[Renderer]:
    async with Client(server) as client:
        yield ComfyRenderer(client)


@dataclass
class Site:
    """Starts servers and pools."""

    stack: AsyncExitStack
    paint: Workflow = field(default_factory=lambda: Library([SHIPPED]).get("sdxl"))

    async def server(self, **settings: Any) -> StandIn:
        return await self.stack.enter_async_context(StandIn(Settings(**settings)))

    @staticmethod
    def member(name: str, server: StandIn, **terms: Any) -> Member:
        there = Server(name, server.url, timeouts=QUICK)
        return Member(name, Terms(**terms), partial(open_renderer, there), key=server.url)

    @staticmethod
    def lent(renderer: Renderer, opening: Callable[[], AbstractAsyncContextManager[Renderer]]) -> Member:
        return Member(renderer.name, Terms(), opening)

    async def pool(self, *members: Member, hurry: float = 20.0) -> Pool:
        """On its clock, so many seconds pass in one."""

        def clock() -> float:
            return time.monotonic() * hurry

        def later(seconds: float, call: Callable[[], None]) -> asyncio.TimerHandle:
            return asyncio.get_running_loop().call_later(seconds / hurry, call)

        return await self.stack.enter_async_context(Pool(members, clock=clock, later=later, random=Random(7)))

    def wish(self, **needs: Any) -> Wish:
        return Wish(self.paint, **needs)

    def task(self, seed: int = 1) -> Task:
        values = {"prompt": "a fox", "width": 64, "height": 64, "steps": 2, "seed": seed}
        return Task(str(uuid.uuid4()), self.paint, complete(self.paint, values, Random(1)))

    async def placed(self, pool: Pool, **order: Any) -> tuple[Renderer, Task]:
        """One task, submitted where it is placed."""
        task = self.task()
        async with asyncio.timeout(20), pool.place(self.wish()) as renderer:
            await renderer.submit(task, {}, **order)
            return renderer, task


async def ended(renderer: Renderer, task: Task) -> Any:
    """The last that is told of a task."""
    async with asyncio.timeout(20):
        return [update.state async for update in renderer.watch(task)][-1]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        yield Site(stack)


@pytest.fixture
def to_the_end() -> Callable[..., Any]:
    return ended
