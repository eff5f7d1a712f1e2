"""One database: its connections, and its troubles in our words."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import URL, Row, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql import Executable

from bot.errors import EaselError
from bot.jobs.ledger.errors import LedgerUnavailable, NoLedgerThere, Trouble

_BUSY_SECONDS = 5.0
_POSTGRES: dict[str, Any] = {
    "timeout": 10.0,
    "command_timeout": 30.0,
    # the server must learn in a minute that a machine is gone, for its locks are what says that a process lives
    "server_settings": {
        "application_name": "easel",
        "tcp_keepalives_idle": "30",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
    },
}
_PRAGMAS = (
    "PRAGMA synchronous = FULL",  # what was accepted outlives a power cut
    "PRAGMA foreign_keys = ON",
)
_SQLITE_NEEDED = (3, 35)
_SQLITE = {
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_PROTOCOL: Trouble.LOCKED,
    sqlite3.SQLITE_PERM: Trouble.DENIED,
    sqlite3.SQLITE_AUTH: Trouble.DENIED,
    sqlite3.SQLITE_READONLY: Trouble.DENIED,
    sqlite3.SQLITE_CANTOPEN: Trouble.DENIED,
    sqlite3.SQLITE_CORRUPT: Trouble.BROKEN,
    sqlite3.SQLITE_NOTADB: Trouble.BROKEN,
    sqlite3.SQLITE_IOERR: Trouble.DISK,
}
_SYSTEM = {
    errno.ENOSPC: Trouble.FULL,
    errno.EDQUOT: Trouble.FULL,
    errno.EACCES: Trouble.DENIED,
    errno.EPERM: Trouble.DENIED,
    errno.EROFS: Trouble.DENIED,
    errno.ENOTDIR: Trouble.DENIED,
    errno.EEXIST: Trouble.DENIED,
    errno.EIO: Trouble.DISK,
}
_SQLSTATES = {  # a whole state, or its class: https://www.postgresql.org/docs/17/errcodes-appendix.html
    "53100": Trouble.FULL,
    "55P03": Trouble.LOCKED,
    "40": Trouble.LOCKED,
    "08": Trouble.LOST,
    "53": Trouble.LOST,
    "57": Trouble.LOST,
    "28": Trouble.DENIED,
    "3D000": Trouble.DENIED,
    "42501": Trouble.DENIED,
    "25006": Trouble.DENIED,
    "58030": Trouble.DISK,
    "XX001": Trouble.BROKEN,
    "XX002": Trouble.BROKEN,
}

_KINDS = (
    ((PoolTimeoutError, Timeout), Trouble.LOCKED),
    ((SQLAlchemyError, UnicodeError, OverflowError), Trouble.OTHER),  # the latter two: what no column takes
)

_Answer = TypeVar("_Answer")


class Database:
    """Connections to one SQLite file or PostgreSQL database.

    Every method raises `LedgerUnavailable` where the database cannot be reached, read or written.
    """

    def __init__(self, url: str) -> None:
        """For ``sqlite:///path`` or ``postgresql://user@host/name``, whose query goes to the driver.

        Raises:
            NoLedgerThere: It is neither.
        """
        self.url = _understood(url)
        self.file = Path(self.url.database or "") if self.url.drivername.startswith("sqlite") else None
        self.engine = _sqlite(self.url) if self.file else _postgres(self.url)
        self._reading = self.engine if self.file else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._busy: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def make(self) -> None:
        """Make the SQLite file, and the folder it is to lie in, where they are missing."""
        if self.file:
            with explained():
                await asyncio.to_thread(_make, self.file)

    def insert(self, table: Any) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that knows ON CONFLICT."""
        return sqlite.insert(table) if self.file else postgresql.insert(table)

    async def rows(self, statement: Executable, **arguments: Any) -> Sequence[Row[Any]]:
        """What a question finds."""

        async def ask() -> Sequence[Row[Any]]:
            async with self._reading.connect() as connection:
                return (await connection.execute(statement, arguments)).all()

        return await self._to_its_end(ask)

    async def row(self, statement: Executable, **arguments: Any) -> Row[Any] | None:
        """The first that a question finds."""
        rows = await self.rows(statement, **arguments)
        return rows[0] if rows else None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction, committed at the end unless something is raised. Never cancel one: use `Writer`."""
        with explained():
            self.refuse_when_closed()
            async with self.engine.connect() as connection:
                if self.file:
                    await connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
                await connection.commit()

    def refuse_when_closed(self) -> None:
        """Raises `LedgerUnavailable` after `close`."""
        if self._closed:
            raise closed()

    async def close(self) -> None:
        """Let what is asked come to its end, and hang up."""
        self._closed = True
        await ended(*self._busy)
        await ended(asyncio.create_task(self.engine.dispose()))

    async def _to_its_end(self, work: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """A driver that is cancelled in the middle loses its connection, so only the waiting for it is cancelled."""
        self.refuse_when_closed()

        async def explain() -> _Answer:
            with explained():
                return await work()

        task = asyncio.create_task(explain())
        self._busy.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._busy.discard(task)
        if not task.cancelled():
            task.exception()  # whoever asked may have gone


def closed() -> LedgerUnavailable:
    """What is raised to those who come too late."""
    return LedgerUnavailable(Trouble.CLOSED, "the ledger is closed")


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Wait for their ends, whatever they are, also when cancelled: half a transaction is worse than a late end."""
    cancelled: asyncio.CancelledError | None = None
    while any(not task.done() for task in tasks):
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        raise cancelled


@contextmanager
def explained() -> Iterator[None]:
    """Raises `LedgerUnavailable` for whatever a database or its driver raises within."""
    try:
        yield
    except EaselError:
        raise
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        raise LedgerUnavailable(trouble, _words(error)) from error


def trouble_of(error: Exception) -> Trouble | None:
    """What an exception of a database or its driver means; None: it is none of theirs."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Trouble.LOST
    cause = _cause(error)
    if isinstance(cause, sqlite3.Error):
        return _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF, Trouble.OTHER)
    if sqlstate := getattr(cause, "sqlstate", None):
        return _SQLSTATES.get(sqlstate, _SQLSTATES.get(sqlstate[:2], Trouble.OTHER))
    if known := next((trouble for kinds, trouble in _KINDS if isinstance(cause, kinds)), None):
        return known
    if isinstance(cause, OSError):  # asyncpg lets those of its sockets through; a time-out is one too
        return _SYSTEM.get(cause.errno or 0, Trouble.LOST)
    # not imported where nobody uses it
    return Trouble.LOST if type(cause).__module__.startswith("asyncpg.") else None


def _cause(error: Exception) -> BaseException:
    """The driver's own exception."""
    if not isinstance(error, DBAPIError) or error.orig is None:
        return error
    adapted = error.orig.__cause__  # SQLAlchemy puts an exception of its own between asyncpg's and its own
    return error.orig if adapted is None or isinstance(error.orig, sqlite3.Error) else adapted


def _words(error: Exception) -> str:
    said = str(_cause(error)).strip() or type(error).__name__
    return said.splitlines()[0]


def _understood(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise NoLedgerThere(address=address.rpartition("@")[2]) from None
    match url.get_backend_name():
        case "sqlite" if url.database and url.database != ":memory:" and not url.host:
            return url.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            query = {("ssl" if name == "sslmode" else name): value for name, value in url.query.items()}
            return url.set(drivername="postgresql+asyncpg", query=query)
        case _:
            raise NoLedgerThere(address=address if url.password is None else url.render_as_string())


def _make(file: Path) -> None:
    """Found out in plain steps, for where aiosqlite 0.22 cannot open a file, a thread of its stays and complains."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # it is people's words
    # of two who do this at once, SQLite refuses one, however long it may wait for locks
    with FileLock(file.with_name(f"{file.name}.making"), timeout=_BUSY_SECONDS):
        connection = sqlite3.connect(file, timeout=_BUSY_SECONDS)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()


def _sqlite(url: URL) -> AsyncEngine:
    if sqlite3.sqlite_version_info < _SQLITE_NEEDED:
        needed = ".".join(map(str, _SQLITE_NEEDED))
        raise LedgerUnavailable(Trouble.OLD, f"SQLite {needed} at least, this Python has {sqlite3.sqlite_version}")
    # no transaction but those of `writing`
    arguments: dict[str, Any] = {"isolation_level": None}
    if "timeout" not in url.query:
        arguments["timeout"] = _BUSY_SECONDS
    engine = create_async_engine(url, connect_args=arguments, pool_size=4, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        try:
            cursor = connection.cursor()
            for pragma in _PRAGMAS:
                cursor.execute(pragma)
            cursor.close()
        except sqlite3.Error:
            connection.close()  # it is nobody's yet, so nobody else ends its thread
            raise

    return engine


def _postgres(url: URL) -> AsyncEngine:
    return create_async_engine(url, connect_args=_POSTGRES, pool_pre_ping=True, pool_size=4, max_overflow=0)
