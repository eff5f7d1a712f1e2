from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import pytest
from filelock import Timeout
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.errors import Span
from bot.jobs.errors import NoSuchJob
from bot.jobs.ledger.codec import identity_of, job_of, state_of
from bot.jobs.ledger.database import trouble_of
from bot.jobs.ledger.errors import Trouble
from bot.jobs.ledger.memory import MemoryLedger
from bot.jobs.model import Failure, Job, Person, Place, Recipe, State, Times

ADA = Person("test:ada", "Ada")
ROOM = Place("test", "room")


def job(id_: str, **changes) -> Job:
    kept = {"owner": ADA, "place": ROOM, "recipe": Recipe("paint", ()), **changes}
    return Job(id=id_, text="", times=Times(1.0), **kept)


async def test_beyond_its_size_a_ledger_in_memory_drops_what_nobody_waits_for_and_nothing_else() -> None:
    ledger = MemoryLedger(keep=3)
    for each in (job("a"), job("b", state=State.DONE), job("c", state=State.DONE, told=True), job("d"), job("e")):
        assert await ledger.add(each)
    assert [each.id for each in await ledger.of_owner(ADA.id, 9)] == ["e", "d", "b", "a"]
    with pytest.raises(NoSuchJob):
        await ledger.get("c")


def kept(known: Job) -> Job:
    """The job as it comes back from its columns."""
    return job_of(SimpleNamespace(**identity_of(known), **state_of(known)))


@pytest.mark.parametrize(
    ("field", "back"),
    [
        (float("nan"), float("nan")),
        (float("-inf"), float("-inf")),
        (10**40, 10**40),
        (-(2**63) - 1, -(2**63) - 1),
        (2**64 - 1, 2**64 - 1),
        (1.0, 1.0),
        (True, True),
        (["a", ("b", 2)], ("a", ("b", 2))),
        (Span(float("inf")), Span(float("inf"))),
        (
            (Failure("error-a", (("inner", Failure("error-b")),)),),
            (Failure("error-a", (("inner", Failure("error-b")),)),),
        ),
        (Path("fox.png"), "fox.png"),
    ],
)
def test_whatever_an_errors_field_holds_is_kept_with_the_job(field: object, back: object) -> None:
    failure = kept(job("a", failure=Failure("error-x", (("field", field),)))).failure
    assert repr(failure) == repr(Failure("error-x", (("field", back),)))


def test_half_a_character_in_a_prompt_does_not_keep_a_job_from_being_kept() -> None:
    recipe = Recipe("paint", (("prompt", "a smile \ud83d\ude00, half a \ud83d, and a nul \0"), ("cfg", float("inf"))))
    assert kept(job("a", recipe=recipe)).recipe.values == (
        ("prompt", "a smile \U0001f600, half a \ufffd, and a nul \0"),
        ("cfg", float("inf")),
    )


def of_sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("no")
    error.sqlite_errorcode = code
    return error


def of_postgres(state: str) -> Exception:
    return type("PostgresError", (Exception,), {"sqlstate": state})("no")


def wrapped(error: Exception, *, lost: bool = False) -> DBAPIError:
    return DBAPIError("SELECT", {}, error, connection_invalidated=lost)


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (wrapped(of_sqlite(sqlite3.SQLITE_FULL)), Trouble.FULL),
        (wrapped(of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT)), Trouble.LOCKED),
        (wrapped(of_sqlite(sqlite3.SQLITE_IOERR_FSYNC)), Trouble.DISK),
        (wrapped(of_sqlite(sqlite3.SQLITE_CORRUPT_INDEX)), Trouble.BROKEN),
        (wrapped(of_sqlite(sqlite3.SQLITE_READONLY_DBMOVED)), Trouble.DENIED),
        (wrapped(of_sqlite(sqlite3.SQLITE_CONSTRAINT)), Trouble.OTHER),
        (sqlite3.ProgrammingError("Cannot operate on a closed database."), Trouble.OTHER),
        (wrapped(of_postgres("53100")), Trouble.FULL),
        (wrapped(of_postgres("53300")), Trouble.LOST),
        (wrapped(of_postgres("57P03")), Trouble.LOST),
        (wrapped(of_postgres("08006")), Trouble.LOST),
        (wrapped(of_postgres("40P01")), Trouble.LOCKED),
        (wrapped(of_postgres("28P01")), Trouble.DENIED),
        (wrapped(of_postgres("XX001")), Trouble.BROKEN),
        (wrapped(of_postgres("22021")), Trouble.OTHER),
        (wrapped(of_postgres("22021"), lost=True), Trouble.LOST),
        (OSError(errno.ENOSPC, "No space left on device"), Trouble.FULL),
        (PermissionError(errno.EACCES, "Permission denied"), Trouble.DENIED),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), Trouble.LOST),
        (TimeoutError(), Trouble.LOST),
        (PoolTimeoutError("QueuePool limit"), Trouble.LOCKED),
        (Timeout("easel.sqlite.making"), Trouble.LOCKED),
        (ArgumentError("no"), Trouble.OTHER),
        (OverflowError("no"), Trouble.OTHER),
        (asyncpg.InterfaceError("connection is closed"), Trouble.LOST),
        (KeyError("a fault of ours"), None),
    ],
)
def test_what_a_database_raises_has_a_meaning_and_what_it_does_not_raise_has_none(error, trouble) -> None:
    assert trouble_of(error) is trouble
