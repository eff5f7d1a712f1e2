"""Writing together: everybody has an outcome of their own, whatever becomes of the others."""

from __future__ import annotations

import asyncio
import errno
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import event

from bot.jobs.errors import NoSuchJob
from bot.jobs.ledger.errors import LedgerUnavailable, Trouble
from bot.jobs.ledger.sql import open_store
from bot.jobs.model import Picture, State

UNKEEPABLE = 2**70  # more than a column of numbers holds


@pytest.fixture
async def ledger(stores):
    return (await stores("run")).ledger


def transactions(ledger) -> list[str]:
    """One for each commit from now on."""
    commits: list[str] = []
    event.listen(ledger._database.engine.sync_engine, "commit", lambda _: commits.append("commit"))
    return commits


async def test_those_who_wait_at_the_same_moment_share_a_transaction(ledger, make) -> None:
    commits = transactions(ledger)
    await asyncio.gather(*(ledger.add(make.job()) for _ in range(100)))
    assert len(commits) <= 2


async def test_one_that_cannot_be_written_fails_alone(ledger, make) -> None:
    jobs = [make.job(attempt=UNKEEPABLE if number == 3 else 0) for number in range(6)]
    outcomes = await asyncio.gather(*(ledger.add(job) for job in jobs), return_exceptions=True)
    assert [outcome is True for outcome in outcomes] == [True, True, True, False, True, True]
    assert outcomes[3].reason == Trouble.OTHER
    assert await ledger.unfinished() == [*jobs[:3], *jobs[4:]]
    with pytest.raises(LedgerUnavailable):
        await ledger.put(replace(jobs[0], attempt=UNKEEPABLE))
    assert await ledger.get(jobs[0].id) == jobs[0]


async def test_whoever_is_cancelled_is_written_wholly_or_not_at_all_and_holds_up_nobody(ledger, make) -> None:
    chance = Random(7)
    picture = Picture("", "o.png", "image/png", 1, 1, 1)
    for round_ in range(8):
        jobs = [make.job(f"{round_}-{number}") for number in range(30)]
        jobs = [replace(job, result_messages=(job.id,), pictures=(replace(picture, sha256=job.id),)) for job in jobs]
        adding = [asyncio.create_task(ledger.add(job)) for job in jobs]
        cancelled = chance.sample(adding, 15)
        for task in cancelled:
            for _ in range(chance.randrange(30)):
                await asyncio.sleep(0)
            task.cancel()
        outcomes = await asyncio.gather(*adding, return_exceptions=True)
        for job, task, outcome in zip(jobs, adding, outcomes, strict=True):
            assert outcome is True or (task in cancelled and isinstance(outcome, asyncio.CancelledError))
            try:
                there = await ledger.get(job.id) == job
            except NoSuchJob:
                there = False
            assert there or outcome is not True
            assert (await ledger.of_message(make.room, job.id) == job) is there
            assert await ledger.uses(job.id) is there


async def test_who_is_cancelled_while_others_are_written_is_not_written(ledger) -> None:
    written, begun, go_on = [], asyncio.Event(), asyncio.Event()

    async def work(_transaction, items):
        begun.set()
        await go_on.wait()
        written.extend(items)
        return items

    first = asyncio.create_task(ledger._writer.write(work, "first"))
    await begun.wait()
    second, third = (asyncio.create_task(ledger._writer.write(work, item)) for item in ("second", "third"))
    await asyncio.sleep(0)
    second.cancel()
    go_on.set()
    assert await asyncio.gather(first, third) == ["first", "third"]
    assert written == ["first", "third"]


async def test_readers_who_are_cancelled_leave_the_ledger_and_its_connections_in_order(ledger, make) -> None:
    await ledger.add(job := make.job())
    engine, connections = ledger._database.engine.sync_engine, []
    event.listen(engine, "connect", lambda *_: connections.append("new"))
    chance = Random(7)
    for _ in range(10):
        readers = [asyncio.create_task(ledger.get(job.id)) for _ in range(20)]
        for reader in readers:
            for _ in range(chance.randrange(10)):
                await asyncio.sleep(0)
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
    assert await asyncio.gather(*(ledger.get(job.id) for _ in range(20))) == [job] * 20
    assert len(connections) < engine.pool.size()


async def test_what_waits_when_the_ledger_is_closed_is_still_written(url, make) -> None:
    jobs = [make.job() for _ in range(20)]
    async with open_store(url, holder="run") as store:
        adding = [asyncio.create_task(store.ledger.add(job)) for job in jobs]
        await asyncio.sleep(0)
    assert await asyncio.gather(*adding) == [True] * 20
    for attempt in (store.ledger.add(make.job()), store.ledger.get(jobs[0].id), store.register.decisions()):
        with pytest.raises(LedgerUnavailable) as caught:
            await attempt
        assert caught.value.reason == Trouble.CLOSED
    async with open_store(url, holder="run") as store:
        assert await store.ledger.unfinished() == jobs


async def test_a_cancelled_owner_closes_the_ledger_properly(url, make) -> None:
    job, open_ = make.job(), asyncio.Event()

    async def own() -> None:
        async with open_store(url, holder="run") as store:
            adding = asyncio.create_task(store.ledger.add(job))
            open_.set()
            await asyncio.Event().wait()
            await adding

    owner = asyncio.create_task(own())
    await open_.wait()
    await asyncio.sleep(0)
    owner.cancel()
    await asyncio.sleep(0)
    owner.cancel()  # somebody is impatient
    with pytest.raises(asyncio.CancelledError):
        await owner
    async with open_store(url, holder="run") as store:
        assert await store.ledger.unfinished() == [job]


async def test_nobody_waits_for_a_writer_that_was_torn_away(ledger, make) -> None:
    adding = [asyncio.create_task(ledger.add(make.job())) for _ in range(5)]
    await asyncio.sleep(0)
    ledger._writer._task.cancel()
    outcomes = await asyncio.gather(*adding, ledger.add(make.job()), return_exceptions=True)
    assert {getattr(outcome, "reason", None) for outcome in outcomes} == {Trouble.CLOSED}


async def test_a_refused_job_is_not_kept_even_where_nobody_knows_whether_it_was(ledger, make) -> None:
    """The answer to a commit may be lost on its way although the rows are kept."""
    await ledger.add(known := make.job("known"))
    engine = ledger._database.engine.sync_engine

    def lose_the_answer(connection) -> None:
        connection.connection.dbapi_connection.commit()
        raise OSError(errno.EIO, "the answer is lost")

    event.listen(engine, "commit", lose_the_answer)
    outcomes = await asyncio.gather(
        *(ledger.add(job) for job in (make.job("known"), make.job("lost"), make.job("again"))), return_exceptions=True
    )
    assert [outcome.reason for outcome in outcomes] == [Trouble.DISK] * 3
    event.remove(engine, "commit", lose_the_answer)
    again, new = make.job("again", owner=make.bob), make.job()
    assert await ledger.add(again)
    assert await ledger.unfinished() == [known, again]
    await ledger.put(moved := again.moved(State.QUEUED, 1.0))
    assert await ledger.add(new)
    assert await ledger.unfinished() == [known, moved, new]
