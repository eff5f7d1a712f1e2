from __future__ import annotations

import pytest

from bot.jobs.errors import NoSuchJob
from bot.jobs.ledger.memory import MemoryLedger
from bot.jobs.model import Job, Person, Picture, Place, Recipe, State, Times

ADA, BOB = Person("test:ada", "Ada"), Person("test:bob", "Bob")
ROOM = Place("test", "room")


def job(id_: str, **changes) -> Job:
    kept = {"owner": ADA, "place": ROOM, "recipe": Recipe("paint", ()), **changes}
    return Job(id=id_, text="", times=Times(1.0), **kept)


async def filled(*jobs: Job, keep: int = 10) -> MemoryLedger:
    ledger = MemoryLedger(keep)
    for each in jobs:
        assert await ledger.add(each)
    return ledger


async def test_a_job_is_there_as_it_was_last_put() -> None:
    ledger = await filled(job("a"))
    await ledger.put(job("a", state=State.QUEUED))
    assert (await ledger.get("a")).state is State.QUEUED


async def test_a_taken_id_is_refused_and_the_first_job_stays() -> None:
    ledger = await filled(job("a"))
    assert not await ledger.add(job("a", owner=BOB))
    assert (await ledger.get("a")).owner == ADA


async def test_nobody_knows_a_job_that_was_never_added_or_is_forgotten() -> None:
    ledger = await filled(job("a"))
    await ledger.forget("a")
    await ledger.forget("b")
    for attempt in (ledger.get("a"), ledger.put(job("b"))):
        with pytest.raises(NoSuchJob):
            await attempt


async def test_unfinished_jobs_come_oldest_first() -> None:
    ledger = await filled(job("a"), job("b", state=State.DONE), job("c", state=State.RUNNING))
    assert [each.id for each in await ledger.unfinished()] == ["a", "c"]


async def test_the_oldest_that_ended_is_forgotten_for_a_new_one_and_never_an_unfinished_one() -> None:
    ledger = await filled(job("a"), job("b", state=State.DONE), job("c", state=State.DONE), keep=3)
    await ledger.add(job("d"))
    await ledger.add(job("e"))
    await ledger.add(job("f"))
    assert [each.id for each in await ledger.unfinished()] == ["a", "d", "e", "f"]
    with pytest.raises(NoSuchJob):
        await ledger.get("b")


async def test_a_message_leads_to_its_job_whatever_the_thread() -> None:
    ledger = await filled(
        job("a", status_message="1"),
        job("b", result_messages=("2",)),
        job("c", place=Place("test", "attic"), status_message="1"),
    )
    thread = Place("test", "room", "thread")
    assert [await ledger.of_message(thread, message) for message in ("1", "2", "3")] == [
        await ledger.get("a"),
        await ledger.get("b"),
        None,
    ]


async def test_the_newest_job_is_of_that_person_in_that_chat() -> None:
    ledger = await filled(job("a"), job("b"), job("c", owner=BOB), job("d", place=Place("test", "attic")))
    newest = await ledger.newest(ADA.id, ROOM)
    assert newest
    assert newest.id == "b"
    assert await ledger.newest("test:eve", ROOM) is None


async def test_a_picture_is_in_use_as_an_input_and_as_a_result() -> None:
    ledger = await filled(
        job("a", recipe=Recipe("repaint", (), (("image", "in"),))),
        job("b", pictures=(Picture("out", "o.png", "image/png", 1, 1, 1),)),
    )
    assert [await ledger.uses(sha256) for sha256 in ("in", "out", "other")] == [True, True, False]
