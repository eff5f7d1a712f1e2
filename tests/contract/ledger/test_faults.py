"""What goes wrong under a ledger is said in plain words, loses nothing, and is over when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event, text

from bot.jobs.errors import NoSuchJob
from bot.jobs.ledger.errors import LedgerUnavailable, NoLedgerThere, Trouble
from bot.jobs.ledger.sql import open_store
from bot.jobs.model import Act, Decision, Standing, State


async def trouble(attempt) -> str:
    with pytest.raises(LedgerUnavailable) as caught:
        await attempt
    assert caught.value.detail
    return caught.value.reason


@contextmanager
def full(ledger) -> Iterator[None]:
    """Lets the file of a SQLite ledger not grow."""
    engine = ledger._database.engine.sync_engine

    def limited(pages: int):
        def limit(connection, *_) -> None:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA max_page_count = {pages}")
            cursor.close()

        return limit

    tight, free = limited(1), limited(2**30)  # one page: as many as there are
    event.listen(engine, "checkout", tight)
    try:
        yield
    finally:
        event.remove(engine, "checkout", tight)
        event.listen(engine, "checkout", free)


async def test_a_full_disk_refuses_new_jobs_loses_none_and_is_over_when_there_is_room(tmp_path, make) -> None:
    url = f"sqlite:///{tmp_path}/easel.sqlite"
    async with open_store(url, holder="run") as store:
        ledger, jobs = store.ledger, [make.job() for _ in range(20)]
        for job in jobs:
            await ledger.add(job)
        large = [replace(make.job(), text="x" * 20_000) for _ in range(5)]
        with full(ledger):
            outcomes = await asyncio.gather(*(ledger.add(job) for job in large), return_exceptions=True)
            assert [outcome.reason for outcome in outcomes] == [Trouble.FULL] * 5
            long = Act(1.0, "test:op", "ban", "test:eve", "x" * 20_000)
            assert await trouble(store.register.decide("test:eve", Decision(Standing.BANNED), long)) == Trouble.FULL
            assert await ledger.unfinished() == jobs
            assert await store.register.decisions() == {}
        assert await asyncio.gather(*(ledger.add(job) for job in large)) == [True] * 5
    async with open_store(url, holder="run") as store:
        assert await store.ledger.adopt({"test"}) == [*jobs, *large]


async def test_a_locked_file_says_so_can_be_read_and_is_written_when_it_is_free(tmp_path, neighbour, make) -> None:
    file = f"sqlite:///{tmp_path}/easel.sqlite"
    async with open_store(f"{file}?timeout=0.05", holder="run") as store:
        await store.ledger.add(job := make.job())
        async with neighbour("lock", file) as other:
            changed = job.moved(State.QUEUED, 2.0)
            attempts = [store.ledger.add(make.job()), store.ledger.put(changed), store.ledger.adopt({"test"})]
            assert await asyncio.gather(*map(trouble, attempts)) == [Trouble.LOCKED] * 3
            assert await store.ledger.unfinished() == [job]
            with pytest.raises(LedgerUnavailable):
                async with open_store(f"{file}?timeout=0.05", holder="other"):
                    pass
            await other.communicate(b"")
        await store.ledger.put(changed)
        assert await store.ledger.get(job.id) == changed


@pytest.mark.parametrize("lines", [5, 50, 500])
async def test_what_was_accepted_by_a_process_that_was_killed_in_the_middle_is_there(url, neighbour, lines) -> None:
    async with neighbour("write", url) as writer:
        said = [(await writer.stdout.readline()).decode().strip() for _ in range(lines)]
        writer.kill()
        said += [line.decode().strip() async for line in writer.stdout if line.endswith(b"\n")]
    async with open_store(url, holder="run") as store:
        for name in said:
            job = await store.ledger.get(name)
            assert (job.text, job.attempt) in {(name * 100, 0), (name * 100, 1)}
            assert (job.prompt_id == name) is (job.state is State.QUEUED) is (job.attempt == 1)
        adopted = {job.id for job in await store.ledger.adopt({"test"})}
        assert set(said) <= adopted
        if store.ledger._database.file:
            rows = await store.ledger._database.rows(text("PRAGMA integrity_check"))
            assert [tuple(row) for row in rows] == [("ok",)]


@pytest.mark.postgres
async def test_a_server_that_is_killed_says_so_and_after_its_return_everything_works(postgres, make) -> None:
    url = await postgres.new()
    async with open_store(url, holder="run") as store:
        await store.ledger.add(job := make.job())
        postgres.stop("immediate")
        try:
            attempts = [
                store.ledger.add(make.job()),
                store.ledger.put(job),
                store.ledger.get(job.id),
                store.register.switches(),
            ]
            assert await asyncio.gather(*map(trouble, attempts)) == [Trouble.LOST] * 4
            with pytest.raises(LedgerUnavailable):
                async with open_store(url, holder="other"):
                    pass
        finally:
            postgres.start()
        assert await store.ledger.get(job.id) == job
        await store.ledger.put(moved := job.moved(State.QUEUED, 2.0))
        assert await store.ledger.unfinished() == [moved]


@pytest.mark.postgres
async def test_a_connection_that_is_cut_in_the_middle_of_many_writes_fails_those_and_no_others(postgres, make) -> None:
    url = await postgres.new()
    async with open_store(url, holder="run") as store:
        kept, reasons = [], set()

        async def work(number: int) -> None:
            job = make.job(f"job{number}")
            try:
                await store.ledger.add(job)
            except LedgerUnavailable as error:
                reasons.add(error.reason)
            else:
                kept.append(job.id)

        async with asyncio.TaskGroup() as tasks:
            for number in range(300):
                tasks.create_task(work(number))
                if number % 100 == 99:
                    await postgres.hang_up(url)
        await work(300)
        assert sorted(job.id for job in await store.ledger.unfinished()) == sorted(kept)
        assert "job300" in kept
        assert reasons <= {Trouble.LOST}


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"this is no database, but long enough to look like one" * 40, Trouble.BROKEN),
        (None, Trouble.DENIED),
    ],
)
async def test_a_file_that_is_no_ledger_is_said_to_be_none(tmp_path, file, reason) -> None:
    path = tmp_path / "easel.sqlite"
    path.write_bytes(file) if file else path.mkdir()

    async def opened() -> None:
        async with open_store(f"sqlite:///{path}", holder="run"):
            pass

    assert await trouble(opened()) == reason


async def test_a_folder_that_cannot_be_made_is_said(tmp_path) -> None:
    (tmp_path / "data").write_bytes(b"a file, not a folder")

    async def opened() -> None:
        async with open_store(f"sqlite:///{tmp_path}/data/easel.sqlite", holder="run"):
            pass

    assert await trouble(opened()) == Trouble.DENIED


async def test_a_damaged_row_is_said_and_hurts_no_other(stores, make) -> None:
    store = await stores("run")
    await store.ledger.add(make.job("damaged"))
    await store.ledger.add(sound := make.job("sound"))
    async with store.ledger._database.writing() as connection:
        await connection.exec_driver_sql("UPDATE jobs SET recipe = '{\"version\":' WHERE id = 'damaged'")
    assert await trouble(store.ledger.get("damaged")) == Trouble.BROKEN
    assert await store.ledger.get("sound") == sound


async def test_a_server_that_is_not_there_is_said(tmp_path) -> None:
    async def opened() -> None:
        async with open_store(f"postgresql://easel@/easel?host={tmp_path}", holder="run"):
            pass

    assert await trouble(opened()) == Trouble.LOST


@pytest.mark.postgres
@pytest.mark.parametrize(("user", "database"), [("easel", "unknown"), ("stranger", "postgres")])
async def test_a_server_that_does_not_let_us_in_is_said(postgres, user, database) -> None:
    url = postgres.url(database).replace("easel@", f"{user}@")

    async def opened() -> None:
        async with open_store(url, holder="run"):
            pass

    assert await trouble(opened()) == Trouble.DENIED


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("easel.sqlite", "easel.sqlite"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("mysql://ada:secret@host/easel", "mysql://ada:***@host/easel"),
        ("postgresql://ada:secret@host:port/easel", "host:port/easel"),
        ("", ""),
    ],
)
async def test_an_address_that_names_no_database_is_said_without_its_password(address, shown) -> None:
    with pytest.raises(NoLedgerThere) as caught:
        async with open_store(address, holder="run"):
            pass
    assert caught.value.address == shown


@pytest.mark.parametrize("typed", ["a\0b", "half a smile \ud83d", "x" * 10_000])
async def test_an_id_that_nobody_could_have_is_unknown(ledger, typed) -> None:
    with pytest.raises(NoSuchJob):
        await ledger.get(typed)
    await ledger.forget(typed)


async def test_what_no_database_keeps_as_text_is_replaced(stores, make) -> None:
    ledger = (await stores("run")).ledger
    await ledger.add(make.job("a", owner=replace(make.ada, name="A\0da"), parent=None))
    await ledger.add(replace(make.job("b"), text="half a smile \ud83d"))
    assert (await ledger.get("a")).owner.name == "A\ufffdda"
    assert (await ledger.get("b")).text == "half a smile \ufffd"
