"""What becomes of jobs when something happens to their chat, and by which messages they are found."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.comfyui.progress import OutputFile, Succeeded
from bot.images.errors import CannotFit
from bot.jobs.errors import NoSuchJob
from bot.jobs.ledger.errors import LedgerUnavailable
from bot.jobs.ledger.memory import MemoryLedger
from bot.jobs.model import Job, Place, Showing, State
from bot.pool.testing import FakeRenderer

HALL = Place("test", "hall", "thread")
FULL = LedgerUnavailable(reason="full", detail="no space left on device")


class Disk(MemoryLedger):
    """A ledger that writes nothing down as long as the test says so."""

    full = False

    async def put(self, job: Job) -> None:
        if self.full:
            raise FULL
        await super().put(job)

    async def move_chat(self, old: Place, chat: str) -> None:
        if self.full:
            raise FULL
        await super().move_chat(old, chat)


@pytest.fixture
async def full_house(build):
    return await build(FakeRenderer(), ledger=Disk())


# -- another id -------------------------------------------------------------------------------------------------------


async def test_jobs_in_every_state_go_with_their_chat_and_end_there(house) -> None:
    done, made = await house.done(), await house.made()
    running = await house.ask()
    prompt = await house.renderer.prompt(3)
    prompt.tell(house.drawing(1, 0.1))
    await house.reach(running, State.RUNNING)
    await house.service.shown(running.id, "status")
    waiting = await house.ask()
    (await house.renderer.prompt(4)).tell(house.waiting)
    await house.reach(waiting, house.waiting)
    for _ in range(2):
        await house.service.move_chat(house.here, "hall")

    moved = [(await house.now(job)).job for job in (done, made, running, waiting)]
    assert [job.place for job in moved] == [HALL] * 4
    assert moved == [await house.ledger.get(job.id) for job in moved]
    assert [job.state for job in moved[:3]] == [State.DONE, State.DELIVERING, State.RUNNING]
    for message in (f"result of {done.id}", "status"):
        for place in (house.here, HALL):
            assert await house.service.job_of_message(place, message) is None
    assert [job.id for job in await house.service.jobs_of_place(HALL, 9)] == [job.id for job in moved]

    await house.service.shown(running.id, "new status")
    prompt.tell(house.renderer.picture(house.png()))
    await house.reach(running, State.DELIVERING)
    for job in (made, running):
        await house.service.delivered(job.id, [f"new result of {job.id}"])
        ended = await house.service.job_of_message(HALL, f"new result of {job.id}")
        assert (ended.id, ended.state, ended.place) == (job.id, State.DONE, HALL)
    assert (await house.service.job_of_message(HALL, "new status")).id == running.id


async def test_who_follows_a_job_is_told_its_new_place_at_once_and_once(house) -> None:
    job = await house.ask()
    (await house.renderer.prompt()).tell(house.drawing(1, 0.1))
    before = await house.reach(job, State.RUNNING)
    async with aclosing(house.service.follow(job)) as updates:
        assert await anext(updates) == before
        await house.service.move_chat(house.here, "hall")
        async with asyncio.timeout(5):
            assert await anext(updates) == replace(before, job=before.job.in_chat("hall"))
        await house.service.shown(job.id, "new status")
        assert (await anext(updates)).job.status_message == "new status"
        await house.service.move_chat(house.here, "hall")
        await house.service.move_chat(HALL, "hall")
        assert (await house.now(job)).job.status_message == "new status"


async def test_other_chats_jobs_stay(house) -> None:
    job = await house.made()
    await house.service.delivered(job.id, ["1"])
    for place in (house.elsewhere, Place("other", "room")):
        await house.service.move_chat(place, "hall")
    known = await house.service.job_of_message(house.here, "1")
    assert (known.id, known.place) == (job.id, house.here)


async def test_whatever_is_written_meanwhile_a_job_is_in_its_new_chat_in_the_end(house) -> None:
    for hurry in range(25):
        job = await house.ask()
        prompt = await house.renderer.prompt(hurry + 1)
        showing = asyncio.create_task(house.service.shown(job.id, "old status"))
        prompt.tell(house.drawing(1, 0.1))
        for _ in range(hurry):
            await asyncio.sleep(0)
        await house.service.move_chat(house.here, "hall")
        await showing
        prompt.tell(house.renderer.picture(house.png()))
        await house.reach(job, State.DELIVERING)
        await house.service.delivered(job.id, ["result"])
        ended = await house.ledger.get(job.id)
        assert (ended.place, ended.result_messages, ended.state) == (HALL, ("result",), State.DONE)
        assert await house.service.job_of_message(house.here, "old status") is None
        await house.service.delete(job.id, house.ada, house.elsewhere)


async def test_a_move_that_cannot_be_written_down_is_tried_until_it_can(full_house) -> None:
    house = full_house
    job = await house.ask()
    await house.renderer.prompt()
    house.ledger.full = True
    moving = asyncio.create_task(house.service.move_chat(house.here, "hall"))
    await house.time.passes(60)
    assert not moving.done()
    assert (await house.now(job)).job.place == house.here
    house.ledger.full = False
    await house.time.passes(20)
    await moving
    assert (await house.now(job)).job.place == HALL


# -- a chat that we have left -----------------------------------------------------------------------------------------


async def test_where_we_are_no_longer_nothing_begins_and_what_runs_is_kept_for_its_owner(house) -> None:
    running = await house.ask()
    prompt = await house.renderer.prompt(1)
    prompt.tell(house.drawing(1, 0.1))
    await house.reach(running, State.RUNNING)
    queued = await house.ask()
    (await house.renderer.prompt(2)).tell(house.waiting)
    await house.reach(queued, State.QUEUED)
    house.renderer.gate.clear()
    accepted = await house.ask()
    with capture_logs() as logs:
        await house.service.leave(house.here)
    house.renderer.gate.set()
    for job in (queued, accepted):
        assert (await house.reach(job, State.CANCELLED)).job.cancelling
    assert [line["cancelled"] for line in logs if line["event"] == "left a chat"] == [(queued.id, accepted.id)]

    prompt.tell(house.renderer.picture(house.png()))
    await house.reach(running, State.DELIVERING)
    await house.service.undeliverable(running.id, CannotFit(allowed=1))
    known = await house.service.job(running.id, house.ada, house.elsewhere)
    assert (known.state, known.has_result) == (State.FAILED, True)
    with pytest.raises(NoSuchJob):
        await house.service.job(running.id, house.bob, house.elsewhere)


async def test_what_waits_in_other_chats_goes_on(house) -> None:
    job = await house.ask()
    (await house.renderer.prompt()).tell(house.waiting)
    await house.reach(job, State.QUEUED)
    await house.service.leave(house.elsewhere)
    assert not (await house.now(job)).job.cancelling


async def test_leaving_waits_for_a_disk_that_is_full(full_house) -> None:
    house = full_house
    job = await house.ask()
    (await house.renderer.prompt()).tell(house.waiting)
    await house.reach(job, State.QUEUED)
    house.ledger.full = True
    leaving = asyncio.create_task(house.service.leave(house.here))
    await house.time.passes(60)
    assert not leaving.done()
    house.ledger.full = False
    await house.time.passes(20)
    await leaving
    assert (await house.reach(job, State.CANCELLED)).job.cancelling


# -- messages that show results ---------------------------------------------------------------------------------------


async def batch(house, *files: str) -> Job:
    """A job that has made these: pictures, and a film by the name ``film``."""
    house.renderer.files |= {name: b"\0\0\0\x1cftypisom" if name == "film" else house.png(name) for name in files}
    job = await house.ask()
    outputs = tuple(OutputFile("9", name) for name in files)
    (await house.renderer.prompt()).tell(Succeeded(outputs))
    return (await house.reach(job, State.DELIVERING)).job


async def test_a_result_that_is_shown_again_is_known_by_those_messages_there(house) -> None:
    job = await house.done()
    await house.service.shown_again(job.id, house.elsewhere, ["7"])
    assert await house.service.job_of_message(house.elsewhere, "7") == job
    assert await house.service.job_of_message(house.here, "7") is None
    assert await house.ledger.get(job.id) == job


async def test_each_message_of_a_batch_means_its_own_picture_wherever_it_is_shown(house) -> None:
    made = await batch(house, "film", "red", "blue")
    await house.service.delivered(made.id, ["1", "2", "3", "buttons"])
    job = await house.ledger.get(made.id)
    await house.service.shown_again(job.id, house.elsewhere, ["5", "6", "7", "8"])
    picks = {message: await house.service.pick_of_message(job, house.here, message) for message in ("2", "3")}
    assert picks == {"2": 1, "3": 2}
    again = [await house.service.pick_of_message(job, house.elsewhere, message) for message in ("6", "7")]
    assert again == [1, 2]
    for message in ("1", "buttons", "unknown", "7"):  # a film, all of them, another's, and another chat's
        assert await house.service.pick_of_message(job, house.here, message) == 1


async def test_a_message_that_shows_several_pictures_means_the_first(house) -> None:
    job = await batch(house, "red", "blue", "green")
    await house.service.delivered(job.id, ["1", "2"])
    assert await house.service.pick_of_message(job, house.here, "2") == 1


async def test_whoever_deletes_a_job_is_told_where_it_is_shown(house) -> None:
    job = await house.done()
    await house.service.shown_again(job.id, house.elsewhere, ["7"])
    shown = await house.service.delete(job.id, house.ada, house.here)
    assert sorted(shown, key=repr) == [
        Showing(house.elsewhere, "7", 1),
        Showing(Place("test", "room"), f"result of {job.id}", 1),
    ]
    assert await house.service.job_of_message(house.elsewhere, "7") is None
