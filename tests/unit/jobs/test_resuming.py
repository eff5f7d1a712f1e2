"""What a start finds of an earlier one, case by case."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import replace

import pytest

from bot.comfyui.progress import Cancelled, Failed, Lost, OutputFile, Queued, Succeeded, Update
from bot.jobs.errors import AlreadyOver, RunsElsewhere
from bot.jobs.ledger.memory import MemoryLedger
from bot.jobs.model import MAX_PROMPTS, Job, Person, Place, Recipe, Run, State, Times
from bot.pool.renderer import Task
from bot.pool.testing import FakeRenderer

VALUES = (("prompt", "a fox"), ("width", 64), ("height", 64), ("seed", 0), ("steps", 4), ("batch", 1))


class Left(MemoryLedger):
    """A ledger with what an earlier process left in it."""

    async def adopt(self, platforms: Collection[str]) -> Sequence[Job]:
        return [job for job in self._jobs.values() if job.open and job.place.platform in platforms]


class Server(FakeRenderer):
    """A server that remembers prompts of other processes: what each is at, by its id."""

    def __init__(self, name: str = "fake", **known: object) -> None:
        super().__init__(name)
        self.known = known
        self.watched: list[str] = []

    async def watch(self, task: Task) -> AsyncGenerator[Update, None]:
        self.watched.append(task.prompt_id)
        if any(prompt.task is task for prompt in self.prompts):
            async for update in super().watch(task):
                yield update
            return
        states = self.known.get(task.prompt_id, [Lost()])
        while states:
            state = states.pop(0) if len(states) > 1 else states[0]
            yield Update(state)
            if not isinstance(state, Queued):
                return
            await self.gate.wait()


def left(state: State, number: int = 1, **changes: object) -> Job:
    job = Job(
        id=f"k7m2q{number}",
        owner=Person("test:ada", "Ada"),
        place=Place("test", "room"),
        text="/imagine a fox",
        recipe=Recipe("paint", VALUES),
        times=Times(accepted=float(number), started=900.0 if state is State.RUNNING else None),
        state=state,
    )
    return replace(job, **changes)


@pytest.fixture
def resume(build):
    async def start_again(*jobs: Job, servers: Sequence[FakeRenderer] = (), **how: object):
        ledger = Left()
        for job in jobs:
            await ledger.add(job)
        return await build(*(servers or [Server()]), ledger=ledger, **how)

    return start_again


FILE = Succeeded((OutputFile("9", "a.png"),))
SENT = {"server": "fake", "prompt_id": "p1", "attempt": 1}


async def test_a_job_that_never_left_is_run(resume) -> None:
    house = await resume(left(State.ACCEPTED))
    (job,) = house.service.resumed("test")
    (await house.renderer.prompt()).tell(house.renderer.picture(house.png()))
    assert (await house.reach(job, State.DELIVERING)).job.attempt == 1


@pytest.mark.parametrize("state", [State.ACCEPTED, State.QUEUED, State.RUNNING])
async def test_what_its_server_has_is_not_sent_again(resume, state) -> None:
    server = Server(p1=[FILE])
    server.files["a.png"] = b"a picture"
    house = await resume(left(state, **SENT), servers=[server])
    made = (await house.reach(house.service.resumed("test")[0], State.DELIVERING)).job
    assert (made.attempt, made.prompt_id, server.prompts) == (1, "p1", [])


async def test_what_may_never_have_left_is_looked_for_twice_and_does_not_count_as_lost(resume) -> None:
    server = Server()
    house = await resume(left(State.ACCEPTED, **SENT), servers=[server])
    (job,) = house.service.resumed("test")
    await house.time.passes(1)
    assert (server.watched, server.prompts) == (["p1"], [])
    await house.time.passes(10)
    for _ in range(2):
        prompt = await server.prompt(len(server.prompts))
        prompt.tell(Lost())
        await house.time.passes(1)
    (await server.prompt(3)).tell(server.picture(house.png()))
    assert (await house.reach(job, State.DELIVERING)).job.attempt == 4


async def test_a_job_that_takes_every_process_down_is_given_up(resume) -> None:
    house = await resume(left(State.ACCEPTED, **SENT | {"attempt": MAX_PROMPTS}))
    await house.time.passes(10)
    failed = (await house.reach(house.service.resumed("test")[0], State.FAILED)).job
    assert failed.failure.code == "error-job-lost"
    assert house.renderer.prompts == []


async def test_a_server_that_left_the_settings_loses_its_jobs_to_others(resume) -> None:
    house = await resume(left(State.RUNNING, **SENT | {"server": "gone"}))
    prompt = await house.renderer.prompt()
    prompt.tell(house.renderer.picture(house.png()))
    made = (await house.reach(house.service.resumed("test")[0], State.DELIVERING)).job
    assert (made.attempt, made.server, made.left) == (2, "fake", "gone")


async def test_a_prompt_that_was_given_up_is_given_up_again(resume) -> None:
    """It had been left behind on a server that was away, when its process died before another one had the job."""
    left_behind, other = Server("left", p1=[Cancelled()]), Server("right")
    job = left(State.ACCEPTED, **SENT | {"server": "left", "left": "left"})
    house = await resume(job, servers=[left_behind, other])
    await house.time.passes(60)
    assert left_behind.cancelled == ["p1"]
    assert left_behind.watched in ([], [left_behind.prompts[0].task.prompt_id])
    assert (await house.now(job)).job.state is State.QUEUED


@pytest.mark.parametrize(
    ("state", "known", "cancelled"),
    [
        (State.ACCEPTED, {}, set()),
        (State.QUEUED, {"p1": [Queued(1, 1), Cancelled()]}, {"p1"}),
        (State.RUNNING, {"p1": [FILE]}, {"p1"}),
        (State.RUNNING, {"p1": [Lost()]}, {"p1"}),
    ],
)
async def test_what_somebody_wanted_stopped_is_stopped(resume, state, known, cancelled) -> None:
    server = Server(**known)
    sent = SENT if state is not State.ACCEPTED else {}
    house = await resume(left(state, cancelling=True, **sent), servers=[server])
    await house.time.passes(10)
    await house.reach(house.service.resumed("test")[0], State.CANCELLED)
    assert (set(server.cancelled), server.prompts) == (cancelled, [])


async def test_what_ran_before_counts_as_far_as_the_clock_can_be_trusted(resume) -> None:
    for now, counted in ((960.0, 60), (0.0, 0), (1e9, 900)):
        server = Server(p1=[Failed("KSampler", "no memory")])
        house = await resume(left(State.RUNNING, **SENT), servers=[server], clock=lambda now=now: now)
        failed = (await house.reach(house.service.resumed("test")[0], State.FAILED)).job
        assert failed.gpu_seconds == pytest.approx(counted, abs=0.1)


async def test_a_made_job_is_only_handed_to_its_front_end(resume) -> None:
    house = await resume(left(State.DELIVERING, **SENT))
    (job,) = house.service.resumed("test")
    assert (await house.now(job)).job.state is State.DELIVERING
    await house.service.delivered(job.id, ["1"])
    done = await house.ledger.get(job.id)
    assert (done.state, done.told, house.renderer.watched) == (State.DONE, True, [])


async def test_what_was_left_behind_is_handed_over_in_the_chat_that_has_another_id_by_now(resume) -> None:
    known = {"status_message": "5", "request_message": "4"}
    house = await resume(left(State.DELIVERING, 1, **SENT, **known), left(State.FAILED, 2, **known))
    await house.service.move_chat(house.here, "hall")
    for job in house.service.resumed("test"):
        now = (await house.now(job)).job
        assert (now.state, now.place, now.status_message) == (job.state, Place("test", "hall"), None)


async def test_of_what_has_ended_only_the_chat_is_told(resume) -> None:
    house = await resume(left(State.FAILED, 1), left(State.CANCELLED, 2, told=True))
    (job,) = house.service.resumed("test")
    assert (await house.now(job)).job.state is State.FAILED
    await house.service.told(job.id)
    assert not (await house.ledger.get(job.id)).open


async def test_each_platform_is_given_its_jobs_once(resume) -> None:
    other = left(State.ACCEPTED, 2, place=Place("other", "room"))
    house = await resume(left(State.ACCEPTED, 1), other, left(State.ACCEPTED, 3), platforms=["test", "other"])
    assert [job.id for job in house.service.resumed("test")] == ["k7m2q1", "k7m2q3"]
    assert [job.id for job in house.service.resumed("other")] == ["k7m2q2"]
    assert house.service.resumed("test") == ()


async def test_a_job_of_a_workflow_that_is_gone_is_delivered_but_not_made_anew(resume) -> None:
    server = Server(p1=[FILE])
    server.files["a.png"] = b"a picture"
    gone = [
        left(State.QUEUED, 1, recipe=Recipe("gone", VALUES), **SENT),
        left(State.QUEUED, 2, recipe=Recipe("gone", VALUES), **SENT | {"prompt_id": "p2"}),
    ]
    house = await resume(*gone, servers=[server])
    made, lost = house.service.resumed("test")
    assert [picture.name for picture in (await house.reach(made, State.DELIVERING)).job.pictures] == ["a.png"]
    failed = (await house.reach(lost, State.FAILED)).job
    assert failed.failure.code == "error-no-such-workflow"


@pytest.mark.parametrize("state", [State.ACCEPTED, State.QUEUED, State.RUNNING, State.DELIVERING, State.FAILED])
async def test_nobody_waits_for_what_a_terminal_left_behind(resume, state) -> None:
    server = Server(p1=[Queued(1, 1)])
    job = left(state, place=Place("terminal", "here"), **SENT)
    house = await resume(job, servers=[server], platforms=["terminal"])
    await house.time.passes(60)
    ended = await house.ledger.get(job.id)
    assert (ended.state, ended.told) == (state if state.final else State.CANCELLED, True)
    assert (server.cancelled, server.prompts) == (["p1"], [])
    assert house.service.resumed("terminal") == ()


async def test_measured_runs_are_remembered(resume) -> None:
    done = left(State.DONE, 1, told=True, server="fake", gpu_seconds=20.0, times=Times(1.0, made=2.0, ended=3.0))
    house = await resume(done, left(State.ACCEPTED, 2))
    (job,) = house.service.resumed("test")
    assert await house.ledger.runs(5) == [Run("fake", job.recipe, 20.0)]
    (await house.renderer.prompt()).tell(Queued(1, 1))
    wait = (await house.told(job, lambda update: update.wait is not None)).wait
    assert wait.low < 20 < wait.high


async def test_a_job_that_another_process_runs_cannot_be_cancelled_here(house) -> None:
    job = left(State.QUEUED, **SENT)
    await house.ledger.add(job)
    with pytest.raises(RunsElsewhere):
        await house.service.cancel(job.id, house.ada, house.here)
    await house.ledger.put(replace(job, state=State.DONE))
    with pytest.raises(AlreadyOver):
        await house.service.cancel(job.id, house.ada, house.here)


async def test_old_jobs_are_forgotten_with_their_pictures_and_open_ones_are_not(build, monkeypatch) -> None:
    now = 1000.0
    house = await build(FakeRenderer(), clock=lambda: now)
    monkeypatch.setattr(house.media, "_fresh_seconds", 0.0)
    old, made = await house.done(house.png("red")), await house.made(house.png("blue"))
    now = 2000.0
    young = await house.done(house.png("green"))
    await house.service.prune(500.0, None)
    known = {job.id for job in await house.service.mine(house.ada, 9)}
    assert known == {made.id, young.id}
    assert await _kept(house, old, made, young) == [False, True, True]
    await house.service.prune(None, 0)
    assert await _kept(house, made, young) == [True, False]


async def _kept(house, *jobs: Job) -> list[bool]:
    return [(house.media._path(job.pictures[0].sha256)).exists() for job in jobs]
