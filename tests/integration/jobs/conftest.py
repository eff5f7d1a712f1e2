"""The job service over real clients, and stand-ins to be their servers."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from PIL import Image

import bot
from bot.comfyui.client import Client
from bot.comfyui.progress import Queued
from bot.comfyui.server import Server, Timeouts
from bot.grammar.request import Request
from bot.jobs.catalog import Catalog
from bot.jobs.ledger.memory import MemoryLedger
from bot.jobs.media import MediaStore
from bot.jobs.model import Job, Person, Place, State
from bot.jobs.runner import JobUpdate
from bot.jobs.service import JobService, Submission
from bot.pool.pool import Pool
from bot.pool.renderer import ComfyRenderer
from bot.standin.server import StandIn
from bot.standin.settings import Settings
from bot.workflows.library import Library
from bot.workflows.options import Value

SHIPPED = Path(bot.__file__).parent.parent / "workflows"
QUICK = Timeouts(connect=5, request=10, silence=0.3, poll=0.05)


@dataclass
class House:
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


@pytest.fixture
async def build(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Builds a house over as many servers as there are settings."""
    async with AsyncExitStack() as stack:

        async def build_house(*settings: Settings) -> House:
            servers = [await stack.enter_async_context(StandIn(each)) for each in settings]
            clients = [
                await stack.enter_async_context(Client(Server(f"gpu{n}", server.url, timeouts=QUICK)))
                for n, server in enumerate(servers, 1)
            ]
            pool = Pool([ComfyRenderer(client) for client in clients])
            media = MediaStore(tmp_path)
            catalog = Catalog(
                Library([SHIPPED]),
                pool,
                defaults=["flux", "flux-fp8", "sdxl"],
                defaults_with_image=["flux-kontext", "sdxl-img2img"],
            )
            service = JobService(ledger=MemoryLedger(), media=media, pool=pool, catalog=catalog)
            return House(await stack.enter_async_context(service), media, servers)

        yield build_house


@pytest.fixture
async def house(build: Callable[..., Any]) -> House:
    return await build(Settings())
