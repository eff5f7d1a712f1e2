"""A job service over a renderer that does what the test says."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import pytest
from PIL import Image

from bot.comfyui.progress import Queued, Running
from bot.grammar.request import Request
from bot.jobs.catalog import Catalog
from bot.jobs.ledger.memory import MemoryLedger
from bot.jobs.media import MediaStore
from bot.jobs.model import Job, Person, Place, State
from bot.jobs.recipes import Limits
from bot.jobs.runner import JobUpdate
from bot.jobs.service import JobService, Submission
from bot.pool.pool import Pool
from bot.pool.testing import FakeRenderer
from bot.workflows.errors import NoSuchWorkflow
from bot.workflows.graph import Graph
from bot.workflows.options import Kind, Option, Role, Value
from bot.workflows.workflow import Workflow

PROMPT = Option(Role.PROMPT, Kind.TEXT, ("prompt",), required=True)
SEED = Option(Role.SEED, Kind.INTEGER, ("seed",), minimum=0)
STEPS = Option(Role.STEPS, Kind.INTEGER, ("steps",), default=20, minimum=1, maximum=50)
WIDTH = Option(Role.WIDTH, Kind.INTEGER, ("w",), default=1024, minimum=16, multiple_of=8)
HEIGHT = Option(Role.HEIGHT, Kind.INTEGER, ("h",), default=1024, minimum=16, multiple_of=8)
BATCH = Option(Role.BATCH, Kind.INTEGER, ("n",), default=1, minimum=1)
DENOISE = Option(Role.DENOISE, Kind.NUMBER, ("denoise",), default=0.6, minimum=0, maximum=1)
IMAGE = Option(Role.IMAGE, Kind.IMAGE, (), required=True)


def workflow(name: str, *options: Option, command: str | None = None, outputs: tuple[str, ...] = ("9",)) -> Workflow:
    return Workflow(name, name.title(), "", Graph({}), options, {}, outputs, command=command)


PAINT = workflow("paint", PROMPT, WIDTH, HEIGHT, SEED, STEPS, BATCH)
REPAINT = workflow("repaint", PROMPT, IMAGE, SEED, DENOISE)
UPSCALE = workflow("upscale", IMAGE, command="upscale")


class Shelf:
    """A library whose workflows lie in memory."""

    def __init__(self, *workflows: Workflow) -> None:
        self.workflows = {workflow.name: workflow for workflow in workflows}

    def get(self, name: str) -> Workflow:
        if name not in self.workflows:
            raise NoSuchWorkflow(name, None)
        return self.workflows[name]

    def all(self) -> tuple[Workflow, ...]:
        return tuple(self.workflows.values())


class HesitantLedger(MemoryLedger):
    """A ledger that lets others run before and after each step, as a database does."""

    async def add(self, job: Job) -> bool:
        await hesitate()
        added = await super().add(job)
        await hesitate()
        return added

    async def put(self, job: Job) -> None:
        await hesitate()
        await super().put(job)
        await hesitate()

    async def get(self, job: str) -> Job:
        await hesitate()
        return await super().get(job)


async def hesitate() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


@dataclass
class House:
    """The service and everything it stands on, and what tests say to it."""

    service: JobService
    renderer: FakeRenderer
    ledger: MemoryLedger
    media: MediaStore
    shelf: Shelf

    ada: ClassVar = Person("test:ada", "Ada")
    bob: ClassVar = Person("test:bob", "Bob")
    here: ClassVar = Place("test", "room", "thread")
    waiting: ClassVar = Queued(position=2, of=3)

    @staticmethod
    def drawing(step: int, overall: float) -> Running:
        return Running(node="KSampler", index=2, nodes=5, step=step, steps=20, overall=overall)

    @staticmethod
    def png(colour: str = "teal", size: tuple[int, int] = (48, 32)) -> bytes:
        file = io.BytesIO()
        Image.new("RGB", size, colour).save(file, "PNG")
        return file.getvalue()

    @staticmethod
    def noise(seed: int) -> bytes:
        """A picture of some 200 kB."""
        file = io.BytesIO()
        Image.frombytes("RGB", (256, 256), Random(seed).randbytes(256 * 256 * 3)).save(file, "PNG")
        return file.getvalue()

    @staticmethod
    def changed(workflow: Workflow, **changes: Any) -> Workflow:
        return replace(workflow, **changes)

    async def ask(
        self,
        prompt: str = "a red fox",
        *,
        images: Sequence[bytes] = (),
        by: Person | None = None,
        workflow: str = "paint",
        **set_: Value,
    ) -> Job:
        request = Request(workflow, prompt, tuple(set_.items()))
        return await self.service.submit(Submission(request, by or self.ada, self.here, images))

    async def reach(self, job: Job, wanted: State | Queued | Running) -> JobUpdate:
        """The first update with the job in that state, or its prompt as far as that."""
        async with asyncio.timeout(5), aclosing(self.service.follow(job)) as updates:
            async for update in updates:
                if wanted in (update.job.state, update.progress):
                    return update
        raise AssertionError(f"{job.id} never was {wanted}; at last it was {update.job}")

    async def made(self, picture: bytes | None = None, **asked: Any) -> Job:
        """A job whose picture is here."""
        number = len(self.renderer.prompts) + 1
        job = await self.ask(**asked)
        prompt = await self.renderer.prompt(number)
        prompt.tell(self.renderer.picture(picture or self.png()))
        return (await self.reach(job, State.DELIVERING)).job

    async def done(self, picture: bytes | None = None, **asked: Any) -> Job:
        """A job that has ended well."""
        job = await self.made(picture, **asked)
        await self.service.delivered(job.id, [f"result of {job.id}"])
        return await self.service.job(job.id)


@pytest.fixture(params=[MemoryLedger, HesitantLedger])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    renderer, ledger, media = FakeRenderer(), request.param(), MediaStore(tmp_path)
    shelf, pool, clock = Shelf(PAINT, REPAINT, UPSCALE), Pool([renderer]), count(1000)
    catalog = Catalog(shelf, pool, defaults=["paint"], defaults_with_image=["repaint"])
    service = JobService(
        ledger=ledger,
        media=media,
        pool=pool,
        catalog=catalog,
        limits=Limits(pixels=2_000_000, batch=4),
        random=Random(7),
        clock=lambda: float(next(clock)),
    )
    async with service:
        yield House(service, renderer, ledger, media, shelf)
