"""A disk that is full and a database that is locked refuse new jobs and lose none."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.comfyui.progress import Failed
from bot.comfyui.records import Entry
from bot.jobs.errors import CannotKeep
from bot.jobs.ledger.errors import LedgerUnavailable
from bot.jobs.ledger.memory import MemoryLedger
from bot.jobs.model import Job, State
from bot.pool.testing import FakeRenderer

FULL = LedgerUnavailable(reason="full", detail="no space left on device")


class Disk(MemoryLedger):
    """A ledger on a disk that is full when the test says so. `tries` are the states that it would not write."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False
        self.tries: list[State] = []

    async def add(self, job: Job) -> bool:
        self._check(job)
        return await super().add(job)

    async def put(self, job: Job) -> None:
        self._check(job)
        await super().put(job)

    def _check(self, job: Job) -> None:
        if self.full:
            self.tries.append(job.state)
            raise FULL


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
async def house(build, disk):
    return await build(FakeRenderer(), ledger=disk)


async def test_a_full_disk_refuses_a_new_job(house, disk) -> None:
    disk.full = True
    with pytest.raises(LedgerUnavailable):
        await house.ask()
    disk.full = False
    assert house.renderer.prompts == []
    await house.done()


async def test_a_job_whose_end_cannot_be_written_down_holds_still_until_it_can(house, disk) -> None:
    job = await house.ask()
    prompt = await house.renderer.prompt()
    prompt.tell(house.drawing(1, 0.1))
    await house.reach(job, State.RUNNING)
    disk.full = True
    prompt.tell(house.renderer.picture(house.png()))
    await house.time.passes(3600)
    assert (await house.now(job)).job.state is State.RUNNING
    assert set(disk.tries) == {State.DELIVERING}
    disk.full = False
    await house.time.passes(20)
    assert (await house.reach(job, State.DELIVERING)).job.pictures


async def test_nothing_leaves_before_it_is_written_down(house, disk) -> None:
    job = await house.ask()
    disk.full = True
    await house.time.passes(60)
    assert house.renderer.prompts == []
    disk.full = False
    await house.time.passes(20)
    prompt = await house.renderer.prompt()
    assert (await disk.get(job.id)).prompt_id == prompt.task.prompt_id


async def test_a_failure_is_told_when_it_is_written_down(house, disk) -> None:
    job = await house.ask()
    prompt = await house.renderer.prompt()
    await house.reach(job, State.QUEUED)
    disk.full = True
    prompt.tell(Failed("KSampler", "no memory"))
    await house.time.passes(60)
    assert (await house.now(job)).job.state is State.QUEUED
    disk.full = False
    await house.time.passes(20)
    await house.reach(job, State.FAILED)


async def test_what_a_chat_has_seen_is_written_down_when_it_can_be(house, disk) -> None:
    job = await house.made()
    disk.full = True
    delivered = asyncio.create_task(house.service.delivered(job.id, ["1"]))
    await house.time.passes(60)
    assert not delivered.done()
    disk.full = False
    await house.time.passes(20)
    await delivered
    assert (await disk.get(job.id)).state is State.DONE


async def test_who_wants_to_cancel_is_told_that_it_cannot_be_written_down(house, disk) -> None:
    calm, stuck = await house.ask(), await house.ask()
    prompts = [await house.renderer.prompt(number) for number in (1, 2)]
    await house.reach(calm, State.QUEUED)
    await house.reach(stuck, State.QUEUED)
    disk.full = True
    prompts[1].tell(Failed("KSampler", "no memory"))
    await house.time.passes(5)
    for job in (calm, stuck):
        with pytest.raises(LedgerUnavailable):
            await house.service.cancel(job.id, house.ada, house.here)
    assert house.renderer.cancelled == []
    disk.full = False
    await house.time.passes(20)
    await house.service.cancel(calm.id, house.ada, house.here)
    await house.reach(calm, State.CANCELLED)


async def test_a_picture_that_the_disk_has_no_room_for_is_fetched_again(house, monkeypatch) -> None:
    put, full = house.media.put, [CannotKeep(reason="no space left")] * 3

    async def put_at_last(data: bytes) -> str:
        if full:
            raise full.pop()
        return await put(data)

    job = await house.ask()
    monkeypatch.setattr(house.media, "put", put_at_last)
    (await house.renderer.prompt()).tell(house.renderer.picture(house.png()))
    await house.time.passes(60)
    assert (await house.reach(job, State.DELIVERING)).job.attempt == 1


async def test_many_jobs_that_are_stuck_say_so_once(house, disk) -> None:
    jobs = [await house.ask() for _ in range(10)]
    for job in jobs:
        await house.reach(job, State.QUEUED)
    disk.full = True
    with capture_logs() as said:
        for prompt in house.renderer.prompts:
            prompt.tell(house.renderer.picture(house.png()))
        await house.time.passes(600)
        disk.full = False
        await house.time.passes(20)
        for job in jobs:
            await house.reach(job, State.DELIVERING)
    events = [line["event"] for line in said]
    assert events.count("cannot be written down; tried again until it can") == 1
    assert events.count("written down after all") == 1


async def test_whose_prompts_are_is_not_worth_waiting_for(house, monkeypatch) -> None:
    async def broken(_: object) -> None:
        raise FULL

    monkeypatch.setattr(house.ledger, "owners", broken)
    house.renderer.others = [Entry(0.0, "web")]
    job = await house.ask()
    (await house.renderer.prompt()).tell(house.renderer.picture(house.png()))
    await house.reach(job, State.DELIVERING)


# -- one job and the others -------------------------------------------------------------------------------------------


async def failed(house) -> Job:
    number = len(house.renderer.prompts) + 1
    job = await house.ask()
    (await house.renderer.prompt(number)).tell(Failed("KSampler", "no memory"))
    await house.reach(job, State.FAILED)
    return job


async def test_a_job_that_cannot_be_read_holds_up_no_other(house, disk, monkeypatch) -> None:
    broken, whole = await failed(house), await failed(house)
    get = disk.get

    async def damaged(job: str) -> Job:
        if job == broken.id:
            raise LedgerUnavailable(reason="broken", detail="recipe")
        return await get(job)

    monkeypatch.setattr(disk, "get", damaged)
    stuck = asyncio.create_task(house.service.told(broken.id))
    await house.time.passes(1)
    await house.service.told(whole.id)
    assert (await get(whole.id)).told
    assert not stuck.done()
    monkeypatch.undo()
    await house.time.passes(20)
    await stuck
    assert (await get(broken.id)).told


async def test_what_is_said_of_a_job_as_it_ends_is_not_written_over_one_another(house, disk, monkeypatch) -> None:
    job, put, gate = await house.ask(), disk.put, asyncio.Event()
    prompt = await house.renderer.prompt()
    await house.reach(job, State.QUEUED)

    async def slow(changed: Job) -> None:
        await gate.wait()
        await asyncio.sleep(0)
        await put(changed)
        await asyncio.sleep(0)

    monkeypatch.setattr(disk, "put", slow)
    prompt.tell(Failed("KSampler", "no memory"))
    await house.time.passes(1)
    shown = asyncio.create_task(house.service.shown(job.id, "status"))
    await house.time.passes(1)
    gate.set()
    await house.reach(job, State.FAILED)
    await asyncio.gather(house.service.told(job.id), shown)
    kept = await disk.get(job.id)
    assert (kept.state, kept.told, kept.status_message) == (State.FAILED, True, "status")
