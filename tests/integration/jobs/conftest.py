"""The job service over real clients, and stand-ins to be their servers."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image

import bot
from bot.comfyui.client import Client
from bot.comfyui.progress import Queued
from bot.comfyui.server import Server, Timeouts
from bot.grammar.request import Request
from bot.jobs.catalog import Catalog
from bot.jobs.estimates import Estimates
from bot.jobs.house import House
from bot.jobs.ledger.sql import open_store
from bot.jobs.media import MediaStore
from bot.jobs.model import Job, Person, Place, State
from bot.jobs.policy.limits import Limits, Rank
from bot.jobs.policy.rules import Rules
from bot.jobs.runner import JobUpdate
from bot.jobs.service import JobService, Submission
from bot.pool.placement import Terms
from bot.pool.pool import Member, Pool
from bot.pool.renderer import ComfyRenderer
from bot.standin.server import StandIn
from bot.standin.settings import Settings
from bot.workflows.library import Library
from bot.workflows.options import Value

SHIPPED = Path(bot.__file__).parent.parent / "workflows"
QUICK = Timeouts(connect=5, request=10, silence=0.3, poll=0.05)


@dataclass
class Home:
    """The service, and the servers it speaks to."""

    service: JobService
    media: MediaStore
    servers: Sequence[StandIn]

    ada: ClassVar = Person("test:ada", "Ada")
    here: ClassVar = Place("test", "room")

    @property
    def server(self) -> StandIn:
        return self.servers[0]

    async def ask(self, workflow: str, *, images: Sequence[bytes] = (), **set_: Value) -> Job:
        small = {} if images else {"width": 128, "height": 96, "steps": 4}
        request = Request(workflow, "a red fox", tuple({**small, **set_}.items()))
        return await self.service.submit(Submission(request, self.ada, self.here, images))

    async def reach(self, job: Job, *wanted: State | Queued) -> JobUpdate:
        """The first update with the job in such a state, or its prompt at that place."""
        async with asyncio.timeout(20), aclosing(self.service.follow(job)) as updates:
            async for update in updates:
                if update.job.state in wanted or update.progress in wanted:
                    return update
        raise AssertionError(f"{job.id} never was {wanted}; at last it was {update.job}")

    async def told(self, job: Job, what: Callable[[JobUpdate], bool]) -> JobUpdate:
        """The first update that is so."""
        async with asyncio.timeout(20), aclosing(self.service.follow(job)) as updates:
            async for update in updates:
                if what(update):
                    return update
        raise AssertionError(f"nothing of that kind was told of {job.id}; at last it was {update}")

    async def made(self, job: Job) -> tuple[Job, list[Image.Image]]:
        """The job when its pictures are here, and they."""
        over = (await self.reach(job, State.DELIVERING, State.FAILED, State.CANCELLED)).job
        assert over.state is State.DELIVERING, over.failure
        data = [await self.media.get(picture.sha256) for picture in over.pictures]
        return over, [Image.open(io.BytesIO(each)) for each in data]

    @staticmethod
    def png(colour: str = "teal", size: tuple[int, int] = (64, 48)) -> bytes:
        file = io.BytesIO()
        Image.new("RGB", size, colour).save(file, "PNG")
        return file.getvalue()


SPEED = 40
"""So many times faster than usual do pools and jobs look at servers that may be away."""


def hurried() -> float:
    return time.monotonic() * SPEED


async def hurried_sleep(seconds: float) -> None:
    await asyncio.sleep(seconds / SPEED)


def hurried_call(seconds: float, call: Callable[[], None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(seconds / SPEED, call)


@asynccontextmanager
async def open_renderer(server: Server) -> AsyncIterator[ComfyRenderer]:
    async with Client(server, client_id="easel") as client:
        yield ComfyRenderer(client)


class Builder:
    """Builds houses over stand-ins, one after the other; each next one is the next start of the program."""

    def __init__(self, folder: Path, database: str, stack: AsyncExitStack) -> None:
        self._folder = folder
        self._database = database
        self._stack = stack
        self._home = AsyncExitStack()
        self.servers: list[StandIn] = []

    async def __call__(self, *settings: Settings) -> Home:
        self.servers = [await self._stack.enter_async_context(StandIn(each)) for each in settings]
        return await self.start()

    async def start(self) -> Home:
        """The program, over the servers there are and what an earlier one left behind."""
        await self.stop()
        members = []
        for number, server in enumerate(self.servers, 1):
            known = Server(f"gpu{number}", server.url, timeouts=QUICK)
            members.append(Member(known.name, Terms(), partial(open_renderer, known)))
        store = await self._home.enter_async_context(open_store(self._database, holder="run"))
        pool = await self._home.enter_async_context(Pool(members, clock=hurried, later=hurried_call))
        rules = Rules(limits={Rank.MEMBER: Limits(waiting=0)}, anybody=True)
        media = MediaStore(self._folder / "media")
        service = JobService(
            ledger=store.ledger,
            house=House(store.register, rules, clock=time.time),
            media=media,
            pool=pool,
            catalog=Catalog(
                Library([SHIPPED]),
                pool,
                defaults=["flux", "flux-fp8", "sdxl"],
                defaults_with_image=["flux-kontext", "sdxl-img2img"],
            ),
            estimates=Estimates(),
            platforms=["test"],
            monotonic=hurried,
            sleep=hurried_sleep,
        )
        return Home(await self._home.enter_async_context(service), media, self.servers)

    async def stop(self) -> None:
        await self._home.aclose()
        self._home = AsyncExitStack()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty one."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/easel.sqlite"
    return await request.getfixturevalue("postgres").new()


@pytest.fixture
async def build(tmp_path: Path, database: str) -> AsyncIterator[Builder]:
    async with AsyncExitStack() as stack:
        builder = Builder(tmp_path, database, stack)
        yield builder
        await builder.stop()


@pytest.fixture
async def house(build: Builder) -> Home:
    return await build(Settings())
