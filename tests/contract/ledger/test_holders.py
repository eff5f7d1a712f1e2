"""Several processes at one ledger: each job is one's, and those of the dead find another."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import event

from bot.jobs.ledger.errors import LedgerInUse
from bot.jobs.ledger.sql import open_store
from bot.jobs.model import Place, State


def ids(jobs) -> list[str]:
    return [job.id for job in jobs]


async def killed(process: asyncio.subprocess.Process) -> None:
    process.kill()
    await process.wait()


async def test_two_with_names_of_their_own_see_the_same_jobs(stores, make) -> None:
    run, terminal = await stores("run"), await stores("terminal")
    await run.ledger.add(job := make.job())
    assert await terminal.ledger.get(job.id) == job
    assert not await terminal.ledger.add(make.job(job.id))
    await terminal.register.set_switch("paused", "")
    assert await run.register.switches() == {"paused": ""}


async def test_a_name_is_one_living_processes(stores, url) -> None:
    await stores("run")
    with pytest.raises(LedgerInUse) as caught:
        await stores("run")
    assert caught.value.holder == "run"
    await stores("terminal")


async def test_a_name_is_free_again_after_a_clean_end_and_nothing_of_it_stays(url, tmp_path) -> None:
    for _ in range(3):
        async with open_store(url, holder="../run"):
            pass
    assert list(tmp_path.rglob("*.lock")) == []


async def test_what_the_living_hold_is_not_adopted(stores, make) -> None:
    run, terminal = await stores("run"), await stores("terminal")
    await run.ledger.add(make.job())
    assert list(await terminal.ledger.adopt({"test"})) == []


async def test_each_is_told_of_the_others_unfinished_jobs_oldest_first(stores, make) -> None:
    run, terminal = await stores("run"), await stores("terminal")
    await run.ledger.add(make.job())
    jobs = [make.job(), make.job(state=State.DONE), make.job(state=State.RUNNING)]
    for job in jobs:
        await terminal.ledger.add(job)
    assert list(await run.ledger.unfinished_elsewhere()) == [jobs[0], jobs[2]]
    assert len(await run.ledger.unfinished()) == 3


async def test_who_ended_leaves_its_open_jobs_to_the_next_oldest_first(url, make) -> None:
    jobs = [make.job(state=state) for state in State] + [make.job(state=State.DONE, told=True)]
    async with open_store(url, holder="run") as store:
        for job in jobs:
            await store.ledger.add(job)
    async with open_store(url, holder="other") as store:
        assert list(await store.ledger.adopt({"test"})) == jobs[:-1]
        assert list(await store.ledger.adopt({"test"})) == []


async def test_an_earlier_process_of_the_same_name_is_succeeded(url, make) -> None:
    async with open_store(url, holder="run") as store:
        await store.ledger.add(old := make.job())
    async with open_store(url, holder="run") as store:
        await store.ledger.add(make.job())
        assert list(await store.ledger.adopt({"test"})) == [old]


async def test_only_jobs_of_the_asked_platforms_are_adopted(url, make) -> None:
    async with open_store(url, holder="terminal") as store:
        for platform in ("telegram", "terminal", "discord"):
            await store.ledger.add(make.job(platform, place=Place(platform, "room")))
    async with open_store(url, holder="run") as store:
        assert ids(await store.ledger.adopt({"telegram", "discord"})) == ["telegram", "discord"]
        assert ids(await store.ledger.adopt(set())) == []
        assert ids(await store.ledger.adopt({"terminal", "telegram"})) == ["terminal"]


async def test_the_killed_ones_jobs_are_adopted_by_exactly_one_of_those_who_want_them(
    url, stores, neighbour, tmp_path
) -> None:
    async with neighbour("hold", url, "dead", *(f"job{number}" for number in range(50))) as dead:
        living = [await stores(f"living{number}") for number in range(4)]
        assert [ids(await store.ledger.adopt({"test"})) for store in living] == [[]] * 4
        await killed(dead)
        adopted = await until_gone(living)
    assert sorted(ids(adopted)) == sorted(f"job{number}" for number in range(50))
    assert list(tmp_path.rglob("dead.lock")) == []


async def until_gone(living) -> list:
    """What all of them adopt together, at the same time: PostgreSQL needs a moment to see that somebody is gone."""
    async with asyncio.timeout(10):
        while True:
            found = await asyncio.gather(*(store.ledger.adopt({"test"}) for store in living))
            if any(found):
                return [job for jobs in found for job in jobs]


async def test_the_killed_ones_name_is_free_at_once(url, neighbour) -> None:
    async with neighbour("hold", url, "run", "job") as dead:
        await killed(dead)
        async with open_store(url, holder="run") as store:
            assert ids(await store.ledger.adopt({"test"})) == ["job"]


async def test_a_living_neighbour_keeps_its_name_and_its_jobs_and_frees_them_at_its_end(url, stores, neighbour) -> None:
    async with neighbour("hold", url, "run", "job") as other:
        with pytest.raises(LedgerInUse):
            await stores("run")
        here = await stores("here")
        assert list(await here.ledger.adopt({"test"})) == []
        await other.communicate(b"")  # its input ends
        assert other.returncode == 0
        assert ids(await here.ledger.adopt({"test"})) == ["job"]
        await stores("run")


async def test_many_open_a_new_ledger_at_once(url, make) -> None:
    async with AsyncExitStack() as stack:
        stores = await asyncio.gather(
            *(stack.enter_async_context(open_store(url, holder=f"holder{number}")) for number in range(6))
        )
        assert all(await asyncio.gather(*(store.ledger.add(make.job()) for store in stores)))
        assert len(await stores[0].ledger.unfinished()) == 6


@pytest.mark.postgres
async def test_a_lost_lock_is_taken_again(postgres, make) -> None:
    url = await postgres.new()
    async with open_store(url, holder="run") as store, open_store(url, holder="other") as other:
        await store.ledger.add(make.job())
        taken = asyncio.Event()

        def executed(_connection, _cursor, statement, *_) -> None:
            if "pg_advisory_lock" in statement:
                taken.set()

        engine = store.ledger._database.engine.sync_engine
        event.listen(engine, "after_cursor_execute", executed)
        await postgres.hang_up(url)
        async with asyncio.timeout(10):
            await taken.wait()
        with pytest.raises(LedgerInUse):
            async with open_store(url, holder="run"):
                pass
        assert list(await other.ledger.adopt({"test"})) == []


@pytest.mark.postgres
async def test_a_ledger_closes_also_at_the_moment_when_its_connections_are_cut(postgres) -> None:
    url = await postgres.new()
    for _ in range(5):
        async with asyncio.timeout(10), open_store(url, holder="run"):
            await postgres.hang_up(url)
