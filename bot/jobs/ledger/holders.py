"""Which processes use a database now: each keeps a lock for as long as it lives."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import structlog
from filelock import FileLock, Timeout
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs.ledger.database import Database, ended, explained
from bot.jobs.ledger.errors import LedgerInUse, LedgerUnavailable, Trouble

log = structlog.get_logger()

_ASK_SECONDS = 15.0
_AGAIN_SECONDS = 1.0
# for a server may learn a moment late that an earlier process of the name is gone
_PATIENCE = text("SET lock_timeout = '1s'")
_LOCK = text("SELECT pg_advisory_lock(:key)")
_ALONE = text("SELECT pg_advisory_xact_lock(:key)")
_ASK = text("SELECT 1")
_LOCKS = text(
    "SELECT (classid::bigint << 32) | objid::bigint AS key FROM pg_locks"
    " WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Holders(Protocol):
    """The processes that use a database."""

    def hold(self, connection: AsyncConnection, name: str) -> AbstractAsyncContextManager[None]:
        """Be one of them under that name until the end. Entered in a transaction, in which nobody else enters.

        Raises:
            LedgerInUse: A living one has that name.
        """

    async def living(self, connection: AsyncConnection, names: Collection[str]) -> frozenset[str]:
        """Which of these live. Asked in a transaction, in which nobody else asks or enters."""


def holders_of(database: Database) -> Holders:
    """Those that use that database."""
    if database.file:
        return FileHolders(database.file.with_name(f"{database.file.name}.holders"))
    return PostgresHolders(database)


class FileHolders:
    """A locked file for each, in a folder beside the SQLite file. The system unlocks it when its process dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def hold(self, _connection: AsyncConnection, name: str) -> AsyncIterator[None]:
        """See `Holders.hold`."""
        self._folder.mkdir(exist_ok=True)
        path = self._path(name)
        lock = FileLock(path)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise LedgerInUse(holder=name) from None
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            lock.release()

    async def living(self, _connection: AsyncConnection, names: Collection[str]) -> frozenset[str]:
        """See `Holders.living`. The files of the dead are removed."""
        return frozenset(name for name in names if self._lives(name))

    def _lives(self, name: str) -> bool:
        path = self._path(name)
        if not path.exists():
            return False
        lock = FileLock(path)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return True
        path.unlink(missing_ok=True)
        lock.release()
        return False

    def _path(self, name: str) -> Path:
        return self._folder / f"{quote(name, safe='')}.lock"


class PostgresHolders:
    """A session's advisory lock for each, on a connection of its own. The server unlocks it when that is gone.

    A connection that is lost is made anew, and the lock taken again, for as long as the process lives.
    """

    def __init__(self, database: Database) -> None:
        self._engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def hold(self, connection: AsyncConnection, name: str) -> AsyncIterator[None]:
        """See `Holders.hold`."""
        await connection.execute(_ALONE, {"key": _key("")})
        held: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        keeper = asyncio.create_task(self._keep(name, held), name="ledger holder")
        try:
            await held
            yield
        finally:
            keeper.cancel()
            await ended(keeper)

    async def living(self, connection: AsyncConnection, names: Collection[str]) -> frozenset[str]:
        """See `Holders.living`."""
        await connection.execute(_ALONE, {"key": _key("")})
        keys = frozenset((await connection.execute(_LOCKS)).scalars())
        return frozenset(name for name in names if _key(name) in keys)

    async def _keep(self, name: str, held: asyncio.Future[None]) -> None:
        while True:
            try:
                with explained():
                    async with self._locked(name) as (connection, lost):
                        if held.done():
                            log.info("ledger_held_again", holder=name)
                        else:
                            held.set_result(None)
                        await _until(lost, connection)
            except (LedgerUnavailable, LedgerInUse) as error:
                if not held.done():
                    held.set_exception(error)
                    return
                log.warning("ledger_not_held", holder=name, error=str(error))
            await asyncio.sleep(_AGAIN_SECONDS)

    @asynccontextmanager
    async def _locked(self, name: str) -> AsyncIterator[tuple[AsyncConnection, asyncio.Event]]:
        async with self._engine.connect() as connection:
            lost = asyncio.Event()
            driver: Any = (await connection.get_raw_connection()).driver_connection
            driver.add_termination_listener(lambda _: lost.set())
            try:
                with explained():
                    await connection.execute(_PATIENCE)
                    await connection.execute(_LOCK, {"key": _key(name)})
            except LedgerUnavailable as error:
                if error.reason == Trouble.LOCKED:
                    raise LedgerInUse(holder=name) from None
                raise
            try:
                yield connection, lost
            finally:
                await connection.invalidate()  # back in the pool it would keep the lock


async def _until(lost: asyncio.Event, connection: AsyncConnection) -> None:
    """Returns when the connection is lost; asks now and then, for a lost one may say nothing."""
    while not lost.is_set():
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                await lost.wait()
        except TimeoutError:
            await connection.execute(_ASK)


def _key(name: str) -> int:
    """The number under which PostgreSQL locks that name; that of no name is for whoever must be alone."""
    return int.from_bytes(hashlib.blake2b(f"easel/{name}".encode(), digest_size=8).digest(), signed=True)
