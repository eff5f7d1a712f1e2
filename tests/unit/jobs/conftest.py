"""A job service over a renderer that does what the test says."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import pytest
from PIL import Image

from bot.comfyui.progress import Queued, Running
from bot.grammar.request import Request
from bot.jobs.catalog import Catalog
from bot.jobs.estimates import Estimates
from bot.jobs.house import House
from bot.jobs.ledger.memory import MemoryLedger, MemoryRegister
from bot.jobs.media import MediaStore
from bot.jobs.model import Job, Person, Place, State
from bot.jobs.policy.limits import Limits, Rank
from bot.jobs.policy.rules import Rules
from bot.jobs.runner import JobUpdate
from bot.jobs.service import JobService, Submission
from bot.pool.placement import Terms
from bot.pool.pool import Member, Pool
from bot.pool.renderer import Renderer
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

HANGS = 30.0
"""Seconds after which what a test waits for will not come: more than a busy disk takes to keep a picture."""


def workflow(name: str, *options: Option, command: str | None = None, outputs: tuple[str, ...] = ("9",)) -> Workflow:
    targets = {option.name: () for option in options}
    return Workflow(name, name.title(), "", Graph({}), options, targets, outputs, command=command)


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


class Timer:
    """Something that is due at a moment, unless it is cancelled."""

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class Time:
    """A clock that stands still until a test moves it, and what waits for it."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Timer]] = []
        self._order = count()

    def monotonic(self) -> float:
        self.now += 1e-9  # no two moments are the same
        return self.now

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        timer = Timer(call)
        heappush(self._due, (self.now + seconds, next(self._order), timer))
        return timer

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        timer = self.later(seconds, woken.set)
        try:
            await woken.wait()
        finally:
            timer.cancel()

    async def passes(self, seconds: float) -> None:
        """Let so much time pass, and everybody do what they do meanwhile."""
        await settle()
        until = self.now + seconds
        while self._due and self._due[0][0] <= until:
            self.now, _, timer = heappop(self._due)
            if timer.call is not None:
                timer.call()
                await settle()
        self.now = until

    def pool(self, *renderers: Renderer) -> Pool:
        """A pool of these that lives by this clock."""
        members = [Member(each.name, Terms(), partial(nullcontext, each)) for each in renderers]
        return Pool(members, clock=self.monotonic, later=self.later, random=Random(7))


async def settle() -> None:
    """Let everybody run until there is nothing to do at this moment."""
    for _ in range(30):
        await asyncio.sleep(0)


@dataclass
class Home:
    """The service and everything it stands on, and what tests say to it."""

    service: JobService
    renderer: FakeRenderer
    ledger: MemoryLedger
    media: MediaStore
    shelf: Shelf
    time: Time

    ada: ClassVar = Person("test:ada", "Ada")
    bob: ClassVar = Person("test:bob", "Bob")
    admin: ClassVar = Person("test:cleo", "Cleo", admin=True)
    operator: ClassVar = Person("test:op", "Op")
    here: ClassVar = Place("test", "room", "thread")
    elsewhere: ClassVar = Place("test", "attic")
    waiting: ClassVar = Queued(position=2, of=3)

    @property
    def limits(self) -> Limits:
        """What members may have here."""
        return self.service.house.rules.limits[Rank.MEMBER]

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
        async with asyncio.timeout(HANGS), aclosing(self.service.follow(job)) as updates:
            async for update in updates:
                if wanted in (update.job.state, update.progress):
                    return update
        raise AssertionError(f"{job.id} never was {wanted}; at last it was {update.job}")

    async def now(self, job: Job) -> JobUpdate:
        """What is known of it at this moment."""
        async with aclosing(self.service.follow(job)) as updates:
            return await anext(updates)

    async def told(self, job: Job, what: Callable[[JobUpdate], bool]) -> JobUpdate:
        """The first update that is so."""
        newest = None
        async with asyncio.timeout(HANGS), aclosing(self.service.follow(job)) as updates:
            async for newest in updates:
                if what(newest):
                    return newest
        raise AssertionError(f"nothing of that kind was told of {job.id}; at last it was {newest}")

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
        return await self.service.job(job.id, self.ada, self.here)


def rules(**limits: Any) -> Rules:
    return Rules(
        operators=frozenset({"test:op"}), limits={Rank.MEMBER: Limits(**{"waiting": 0} | limits)}, anybody=True
    )


@asynccontextmanager
async def open_home(
    folder: Path,
    *renderers: FakeRenderer,
    ledger: MemoryLedger | None = None,
    register: MemoryRegister | None = None,
    shelf: Shelf | None = None,
    **how: Any,
) -> AsyncIterator[Home]:
    """A house over these servers. `how` are limits, and arguments of the service."""
    ledger, media, time, ticks = ledger or MemoryLedger(), MediaStore(folder), Time(), count(1000)
    shelf = shelf or Shelf(PAINT, REPAINT, UPSCALE)
    arguments = {name: how.pop(name) for name in ("grace", "patience", "platforms", "clock") if name in how}
    clock = arguments.setdefault("clock", lambda: float(next(ticks)))
    async with time.pool(*renderers) as pool:
        service = JobService(
            ledger=ledger,
            house=House(register or MemoryRegister(), rules(**{"pixels": 2_000_000, "batch": 4} | how), clock=clock),
            media=media,
            pool=pool,
            catalog=Catalog(shelf, pool, defaults=["paint"], defaults_with_image=["repaint"]),
            estimates=Estimates(),
            random=Random(7),
            monotonic=time.monotonic,
            sleep=time.sleep,
            **{"platforms": ["test"]} | arguments,
        )
        await service.house.load()
        async with service:
            yield Home(service, renderers[0], ledger, media, shelf, time)


@pytest.fixture(params=[MemoryLedger, HesitantLedger])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path, FakeRenderer(), ledger=request.param()) as home:
        yield home


@pytest.fixture
async def build(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Home]]]:
    """Opens houses as `open_home` does."""
    async with AsyncExitStack() as stack:

        async def build_house(*renderers: FakeRenderer, **how: Any) -> Home:
            return await stack.enter_async_context(open_home(tmp_path, *renderers, **how))

        yield build_house


@pytest.fixture
def make_time() -> type[Time]:
    return Time


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(PAINT, REPAINT, UPSCALE)
