"""A process may die between any two steps; the next one goes on with what it finds.

The world outlives processes: what the disk, the server and the chat know. A process is stopped for ever at one of the
steps it takes towards them, before it is taken or before its outcome is known, and another one is started.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.comfyui.errors import ServerUnreachable
from bot.comfyui.progress import (
    Cancelled,
    Failed,
    Lost,
    Output,
    OutputFile,
    Queued,
    Running,
    Succeeded,
    Update,
)
from bot.comfyui.progress import (
    State as PromptState,
)
from bot.comfyui.records import Entry, Queue
from bot.errors import EaselError
from bot.grammar.request import Request
from bot.jobs.catalog import Catalog
from bot.jobs.errors import AlreadyOver
from bot.jobs.estimates import Estimates
from bot.jobs.house import House
from bot.jobs.ledger.memory import MemoryLedger, MemoryRegister
from bot.jobs.media import MediaStore
from bot.jobs.model import Job, Person, Place, State
from bot.jobs.policy.rules import Rules
from bot.jobs.service import JobService, Submission
from bot.pool.renderer import Order, Task, append
from bot.workflows.findings import Finding
from bot.workflows.workflow import Workflow

ADA = Person("test:ada", "Ada")
HERE = Place("test", "room")


class Doom:
    """Counts a process's steps and stops it for ever at one of them. After that it takes no other."""

    def __init__(self, at: int | None = None) -> None:
        self.steps: list[str] = []
        self.struck = False
        self._at = at

    async def step(self, name: str) -> None:
        await asyncio.sleep(0)
        if not self.struck and len(self.steps) == self._at:
            self.struck = True
        if self.struck:
            await asyncio.Event().wait()
        self.steps.append(name)


class Phase(Enum):
    PENDING = auto()
    RUNNING = auto()
    DONE = auto()
    FAILED = auto()
    CANCELLED = auto()


class Meanwhile(Enum):
    """What the server does between two processes."""

    NOTHING = auto()
    GOES_ON = auto()
    FORGETS = auto()
    HEARS_LATE = auto()
    """The dead process's last POST arrives when the next one is there already."""


@dataclass
class World:
    """What outlives a process. `posted` says where a prompt went, `ran` are those that began to run, in order.

    `breaks`: nobody reaches the first server any more as soon as a prompt runs there; it goes on all the same.
    `cancelled`: somebody was told that the job will stop.
    """

    media: Path
    fails: bool = False
    breaks: bool = False
    meanwhile: Meanwhile = Meanwhile.NOTHING
    jobs: dict[str, Job] = field(default_factory=dict)
    prompts: dict[str, Phase] = field(default_factory=dict)
    posted: dict[str, str] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    wire: dict[str, str] = field(default_factory=dict)
    cancelled: bool = False
    cards: dict[str, State] = field(default_factory=dict)
    results: dict[str, list[str]] = field(default_factory=dict)

    def take(self, prompt_id: str, server: str) -> None:
        assert prompt_id not in self.posted, "a prompt id was used twice"
        self.posted[prompt_id] = server
        self.prompts[prompt_id] = Phase.PENDING

    def advance(self, prompt_id: str) -> None:
        match self.prompts.get(prompt_id):
            case Phase.PENDING:
                self.prompts[prompt_id] = Phase.RUNNING
                self.ran.append(prompt_id)
            case Phase.RUNNING:
                self.prompts[prompt_id] = Phase.FAILED if self.fails else Phase.DONE

    def between_processes(self) -> None:
        match self.meanwhile:
            case Meanwhile.GOES_ON:
                for prompt_id in [*self.prompts, *self.prompts]:
                    self.advance(prompt_id)
            case Meanwhile.FORGETS:
                self.prompts.clear()

    def moves(self) -> None:
        """A second passes."""
        for prompt_id in self.prompts:
            self.advance(prompt_id)
        if self.meanwhile is Meanwhile.HEARS_LATE:
            for prompt_id, server in self.wire.items():
                self.take(prompt_id, server)
        self.wire.clear()

    def is_away(self, server: str) -> bool:
        return self.breaks and server == "first" and any(self.posted[ran] == "first" for ran in self.ran)


class Disk(MemoryLedger):
    """The ledger of one process, over what the world has."""

    def __init__(self, world: World, doom: Doom) -> None:
        super().__init__()
        self._jobs = world.jobs
        self._doom = doom

    async def add(self, job: Job) -> bool:
        await self._doom.step("to add")
        added = await super().add(job)
        await self._doom.step("added")
        return added

    async def put(self, job: Job) -> None:
        await self._doom.step(f"to write {job.state}")
        await super().put(job)
        await self._doom.step(f"wrote {job.state}")

    async def get(self, job: str) -> Job:
        await self._doom.step("to read")
        return await super().get(job)

    async def adopt(self, platforms: Collection[str]) -> Sequence[Job]:
        await self._doom.step("to adopt")
        return [job for job in self._jobs.values() if job.open and job.place.platform in platforms]


class Shelf(MediaStore):
    """The media store of one process."""

    def __init__(self, world: World, doom: Doom) -> None:
        super().__init__(world.media)
        self._doom = doom

    async def put(self, data: bytes) -> str:
        await self._doom.step("to keep a picture")
        kept = await super().put(data)
        await self._doom.step("kept a picture")
        return kept

    async def get(self, sha256: str) -> bytes:
        await self._doom.step("to read a picture")
        return await super().get(sha256)


class Link:
    """The renderer of one process: its connection to the world's server."""

    holds: frozenset[str] = frozenset()

    def __init__(self, name: str, world: World, doom: Doom, time: Any) -> None:
        self.name = name
        self._world = world
        self._doom = doom
        self._time = time

    @property
    def seen(self) -> Queue:
        here = [id_ for id_, phase in self._world.prompts.items() if phase is Phase.PENDING and self._has(id_)]
        return Queue((), tuple(Entry(float(number), id_) for number, id_ in enumerate(here)))

    @property
    def trouble(self) -> EaselError | None:
        return ServerUnreachable(server=self.name, reason="away") if self._world.is_away(self.name) else None

    async def queue(self) -> Queue:
        self._reach()
        return self.seen

    async def findings(self, workflows: Collection[Workflow]) -> Mapping[str, tuple[Finding, ...]]:
        return {workflow.name: () for workflow in workflows}

    async def models(self) -> Mapping[str, tuple[str, ...]]:
        return {}

    async def submit(self, task: Task, images: Mapping[str, bytes], order: Order = append) -> None:
        assert list(images.values()) == [PICTURE]
        self._reach()
        self._world.wire[task.prompt_id] = self.name
        await self._doom.step("to post")
        del self._world.wire[task.prompt_id]
        order(self.seen)
        self._world.take(task.prompt_id, self.name)
        await self._doom.step("posted")

    async def watch(self, task: Task) -> AsyncGenerator[Update, None]:
        while True:
            await self._doom.step("to look")
            while self._world.is_away(self.name):
                await self._time.sleep(0.5)
            state = self._state(task.prompt_id)
            yield Update(state)
            if not isinstance(state, Queued | Running):
                return
            while state == self._state(task.prompt_id):
                await self._time.sleep(0.5)

    async def cancel(self, prompt_id: str) -> bool:
        await self._doom.step("to cancel")
        self._reach()
        stopped = self._has(prompt_id) and self._world.prompts.get(prompt_id) in (Phase.PENDING, Phase.RUNNING)
        if stopped:
            self._world.prompts[prompt_id] = Phase.CANCELLED
        await self._doom.step("cancelled")
        return stopped

    async def fetch(self, output: Output) -> bytes:
        await self._doom.step("to fetch")
        self._reach()
        assert isinstance(output, OutputFile)
        return PICTURE

    def _reach(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def _has(self, prompt_id: str) -> bool:
        return self._world.posted.get(prompt_id) == self.name

    def _state(self, prompt_id: str) -> PromptState:
        match self._world.prompts.get(prompt_id) if self._has(prompt_id) else None:
            case Phase.PENDING:
                return Queued(1, 1)
            case Phase.RUNNING:
                return Running("KSampler", 1, 2, 1, 20, 0.5)
            case Phase.DONE:
                return Succeeded((OutputFile("9", "a.png"),))
            case Phase.FAILED:
                return Failed("KSampler", "out of memory")
            case Phase.CANCELLED:
                return Cancelled()
            case None:
                return Lost()


@dataclass
class Chat:
    """The front end of one process. Its platform can tell what it has posted of a job already."""

    world: World
    doom: Doom
    service: JobService
    cancel_at: State | None

    async def follow(self, job: Job) -> None:
        async for update in self.service.follow(job):
            known = update.job
            if known.state is self.cancel_at and not known.cancelling:
                with suppress(AlreadyOver):
                    await self.service.cancel(known.id, ADA, HERE)
                    self.world.cancelled = True
            if known.state is State.DELIVERING:
                await self._post(known)
            elif not known.told:
                await self._show(known)

    async def _show(self, job: Job) -> None:
        await self.doom.step(f"to show {job.state}")
        self.world.cards[job.id] = job.state
        await self.doom.step(f"shown {job.state}")
        if job.state.final:
            await self.service.told(job.id)
        elif job.status_message is None:
            await self.service.shown(job.id, "card")

    async def _post(self, job: Job) -> None:
        await self.doom.step("to post the result")
        if job.id not in self.world.results:
            self.world.results[job.id] = [f"result {picture.sha256}" for picture in job.pictures]
            self.world.cards[job.id] = State.DONE
        await self.doom.step("posted the result")
        await self.service.delivered(job.id, self.world.results[job.id])


class Life:
    """One process, from its start until the job is over or doom strikes."""

    def __init__(self, world: World, time: Any, workflows: Any, *, doom: Doom, cancel_at: State | None) -> None:
        self.world = world
        self.doom = doom
        self._time = time
        self._workflows = workflows
        self._cancel_at = cancel_at
        self._ticks = count(1000)

    async def run(self, *, ask: bool) -> None:
        mine = asyncio.current_task()
        life = asyncio.create_task(self._live(ask=ask))
        for _ in range(200):
            await self._time.passes(1.0)
            if self.doom.struck or life.done():
                break
            self.world.moves()
        over = life.done()
        for task in asyncio.all_tasks() - {mine}:
            task.cancel()
        await asyncio.gather(*(asyncio.all_tasks() - {mine}), return_exceptions=True)
        if over:
            life.result()
        assert over or self.doom.struck, f"nothing comes of it: {self.doom.steps} {self.world}"

    async def _live(self, *, ask: bool) -> None:
        clock = lambda: float(next(self._ticks))  # noqa: E731
        links = [Link(name, self.world, self.doom, self._time) for name in ("first", "second")[: 1 + self.world.breaks]]
        async with self._time.pool(*links) as pool:
            service = JobService(
                ledger=Disk(self.world, self.doom),
                house=House(MemoryRegister(), Rules(anybody=True), clock=clock),
                media=Shelf(self.world, self.doom),
                pool=pool,
                catalog=Catalog(self._workflows, pool, defaults=["repaint"], defaults_with_image=[]),
                estimates=Estimates(),
                platforms=["test"],
                grace=20.0,
                clock=clock,
                monotonic=self._time.monotonic,
                sleep=self._time.sleep,
                random=Random(7),
            )
            async with service:
                chat = Chat(self.world, self.doom, service, self._cancel_at)
                jobs = list(service.resumed("test"))
                if ask:
                    request = Request("repaint", "a red fox")
                    jobs.append(await service.submit(Submission(request, ADA, HERE, [PICTURE], message="asked")))
                await asyncio.gather(*map(chat.follow, jobs))


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, "PNG")
    return file.getvalue()


PICTURE = _picture()


class AtOnce(ThreadPoolExecutor):
    """Threads that take no time, so that a process's steps always come in the same order."""

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(function(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is the caller's
            done.set_exception(error)
        return done


@pytest.fixture
def live(tmp_path: Path, make_time: Any, shelf: Any) -> Any:
    """Runs one process after the other over a new world, each doomed at a step of its own, the last one at none."""
    worlds = count()

    async def live_through(*dooms: int, cancel_at: State | None = None, **how: Any) -> tuple[World, list[Doom]]:
        asyncio.get_running_loop().set_default_executor(AtOnce())
        world, time, lives = World(tmp_path / str(next(worlds)), **how), make_time(), []
        for number, at in enumerate([*dooms, None]):
            doom = Doom(at)
            await Life(world, time, shelf, doom=doom, cancel_at=None if number else cancel_at).run(ask=not number)
            lives.append(doom)
            if not doom.struck:
                break
            world.between_processes()
        return world, lives

    return live_through


def check(world: World, lives: list[Doom], *, cancel_at: State | None = None) -> None:
    """One execution, one delivery, one end."""
    story = [doom.steps[-3:] for doom in lives]
    if not world.jobs:  # it died before it had accepted the job: nobody was promised anything
        assert not world.posted, story
        return
    (job,) = world.jobs.values()
    assert not job.open, story
    usual = State.FAILED if world.fails else State.DONE
    expected = {State.CANCELLED} if world.cancelled else {usual} if cancel_at is None else {usual, State.CANCELLED}
    assert job.state in expected, story
    assert world.results == ({job.id: list(job.result_messages)} if job.state is State.DONE else {}), story
    assert world.cards[job.id] is job.state, story
    unfinished = [id_ for id_, phase in world.prompts.items() if phase in (Phase.PENDING, Phase.RUNNING)]
    assert all(world.is_away(world.posted[id_]) for id_ in unfinished), story
    if world.cancelled and world.meanwhile is not Meanwhile.GOES_ON and not world.breaks:
        assert Phase.DONE not in world.prompts.values(), story
    if world.meanwhile is not Meanwhile.FORGETS:
        assert len(set(world.posted.values())) == len(world.posted) <= 1 + world.breaks, story
    assert len(world.ran) == len(set(world.ran)), story


STEPS = 60
"""More than any process takes from a request to its result."""


async def test_nothing_dies_in_a_life_without_doom(live) -> None:
    world, (doom,) = await live()
    check(world, [doom])
    assert len(doom.steps) < STEPS
    assert [step for step in doom.steps if "post" in step] == [
        "to post",
        "posted",
        "to post the result",
        "posted the result",
    ]


@pytest.mark.parametrize("meanwhile", Meanwhile)
@pytest.mark.parametrize(
    ("fails", "cancel_at"),
    [
        (False, None),
        (True, None),
        (False, State.ACCEPTED),
        (False, State.QUEUED),
        (False, State.RUNNING),
    ],
)
async def test_whenever_a_process_dies_the_next_one_ends_its_job_once(live, meanwhile, fails, cancel_at) -> None:
    for at in range(STEPS):
        world, lives = await live(at, meanwhile=meanwhile, fails=fails, cancel_at=cancel_at)
        check(world, lives, cancel_at=cancel_at)
        if len(lives) == 1:
            break
    assert at > 10
    assert len(lives) == 1, "a process takes more steps than are tried"


@pytest.mark.parametrize("cancel_at", [None, State.QUEUED, State.RUNNING])
async def test_whenever_a_process_dies_while_a_server_is_away_its_job_ends_once(live, cancel_at) -> None:
    for at in range(2 * STEPS):
        world, lives = await live(at, breaks=True, cancel_at=cancel_at)
        check(world, lives, cancel_at=cancel_at)
        if len(lives) == 1:
            break
    assert len(lives) == 1, "a process takes more steps than are tried"
    assert set(world.posted.values()) == ({"first"} if cancel_at is State.QUEUED else {"first", "second"})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dooms=st.lists(st.integers(0, 30), min_size=2, max_size=6),
    meanwhile=st.sampled_from(Meanwhile),
    fails=st.booleans(),
    breaks=st.booleans(),
    cancel_at=st.sampled_from([None, State.ACCEPTED, State.QUEUED, State.RUNNING]),
)
async def test_however_often_processes_die_a_job_ends_once(live, dooms, cancel_at, **how: Any) -> None:
    world, lives = await live(*dooms, cancel_at=cancel_at, **how)
    check(world, lives, cancel_at=cancel_at)
