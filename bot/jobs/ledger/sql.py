"""The ledger in SQL: a SQLite file, or a PostgreSQL database that several machines share."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, union_all, update

from bot.jobs.errors import NoSuchJob
from bot.jobs.ledger.codec import identity_of, job_of, run_of, spent_of, state_of, text
from bot.jobs.ledger.database import Database
from bot.jobs.ledger.holders import Holders, holders_of
from bot.jobs.ledger.migrations import migrate
from bot.jobs.ledger.register import SqlRegister
from bot.jobs.ledger.tables import JOBS, MEDIA, RESULTS, SPENT, UPLOADS
from bot.jobs.ledger.writer import Transaction, Writer
from bot.jobs.model import Job, Place, Run, Showing, Spent, State

_AT_ONCE = 500

_ID = JOBS.c.id == bindparam("job")
_IDS = JOBS.c.id.in_(bindparam("jobs", expanding=True))
_OWNER = JOBS.c.owner == bindparam("owner")
_HERE = (JOBS.c.platform == bindparam("platform")) & (JOBS.c.chat == bindparam("chat"))
_PLATFORMS = JOBS.c.open & JOBS.c.platform.in_(bindparam("platforms", expanding=True))
_UNFINISHED = JOBS.c.open & JOBS.c.state.in_([state.value for state in State if not state.final])
_NEWEST = select(JOBS).order_by(JOBS.c.number.desc()).limit(bindparam("limit"))

_GET = select(JOBS).where(_ID)
_ALL_UNFINISHED = select(JOBS).where(_UNFINISHED)
_UNFINISHED_ELSEWHERE = _ALL_UNFINISHED.where(JOBS.c.process != bindparam("process"))
_WAITING = select(JOBS.c.number).where(_OWNER, _UNFINISHED)
_OF_OWNER = _NEWEST.where(_OWNER)
_OF_PLACE = _NEWEST.where(_HERE)
_OF_OWNER_HERE = _NEWEST.where(_OWNER, _HERE)
_OF_REQUEST = _NEWEST.where(_HERE, JOBS.c.request_message == bindparam("message"))
_OF_MESSAGE = _NEWEST.where(
    JOBS.c.number.in_(
        union_all(
            select(JOBS.c.number).where(_HERE, JOBS.c.status_message == bindparam("message")),
            select(JOBS.c.number)
            .join(RESULTS, RESULTS.c.job == JOBS.c.id)
            .where(
                RESULTS.c.platform == bindparam("platform"),
                RESULTS.c.chat == bindparam("chat"),
                RESULTS.c.message == bindparam("message"),
            ),
        )
    )
)
_OWNERS = select(JOBS.c.prompt_id, JOBS.c.owner).where(JOBS.c.prompt_id.in_(bindparam("prompts", expanding=True)))
_RUNS = (
    select(JOBS.c.server, JOBS.c.recipe, JOBS.c.gpu_seconds)
    .where(JOBS.c.made.is_not(None), JOBS.c.server.is_not(None), JOBS.c.gpu_seconds > 0)
    .order_by(JOBS.c.number.desc())
    .limit(bindparam("limit"))
)
_SPENT = union_all(
    select(JOBS.c.accepted.label("at"), JOBS.c.gpu_seconds).where(_OWNER, JOBS.c.accepted >= bindparam("since")),
    select(SPENT.c.at, SPENT.c.gpu_seconds).where(
        SPENT.c.owner == bindparam("owner"), SPENT.c.at >= bindparam("since")
    ),
).order_by("at")
_USES = select(MEDIA.c.job).where(MEDIA.c.sha256 == bindparam("sha256")).limit(1)

_SHOWINGS = select(RESULTS).where(RESULTS.c.job == bindparam("job"))
_UPLOADS = select(UPLOADS).where(UPLOADS.c.job == bindparam("job"), UPLOADS.c.account == bindparam("account"))

_PUT = update(JOBS).where(_ID)
_KNOWN = select(JOBS.c.id, JOBS.c.chat).where(_IDS)
_MOVE = (
    update(JOBS)
    .where(JOBS.c.platform == bindparam("on"), JOBS.c.chat == bindparam("old"))
    .values(chat=bindparam("new"), request_message=None, status_message=None, result_messages="[]")
)
_SHOW_NONE = delete(RESULTS).where(RESULTS.c.platform == bindparam("on"), RESULTS.c.chat == bindparam("old"))
_DROP = delete(JOBS).where(_IDS)
_REMEMBER = insert(SPENT).from_select(
    ["owner", "at", "gpu_seconds"], select(JOBS.c.owner, JOBS.c.accepted, JOBS.c.gpu_seconds).where(_IDS)
)
_OLD_COSTS = delete(SPENT).where(SPENT.c.at < bindparam("before"))
_OLD_JOBS = delete(JOBS).where(
    JOBS.c.number.in_(
        select(JOBS.c.number).where(JOBS.c.accepted < bindparam("before"), ~JOBS.c.open).limit(bindparam("limit"))
    )
)
_NOT_OURS = select(JOBS.c.holder, JOBS.c.process).where(_PLATFORMS, JOBS.c.process != bindparam("process")).distinct()
_ADOPT = update(JOBS).where(_PLATFORMS, JOBS.c.process.in_(bindparam("dead", expanding=True))).returning(JOBS)


@dataclass(frozen=True, slots=True)
class Store:
    """What one database keeps."""

    ledger: SqlLedger
    register: SqlRegister


@asynccontextmanager
async def open_store(url: str, *, holder: str) -> AsyncIterator[Store]:
    """The ledger and the register of a database, which is made, or brought up to date, where that is needed.

    `url` is ``sqlite:///path/to/easel.sqlite`` or ``postgresql://user:password@host/name``. `holder` is the name of
    this process among those that use it; it holds the jobs it adds and adopts until the end, or until it dies.

    Raises:
        LedgerInUse: A living process has that name.
        LedgerTooNew: A newer Easel made the database.
        LedgerUnavailable: The database cannot be reached, read or written.
        NoLedgerThere: The address names none.
    """
    async with AsyncExitStack() as stack:
        database = Database(url)
        stack.push_async_callback(database.close)
        holders = holders_of(database)
        await database.make()
        async with database.writing() as connection:
            await stack.enter_async_context(holders.hold(connection, holder))
            await connection.run_sync(migrate)
        writer = await stack.enter_async_context(Writer(database))
        yield Store(SqlLedger(database, writer, holders, holder), SqlRegister(database, writer))


class SqlLedger:
    """A ledger in a database."""

    def __init__(self, database: Database, writer: Writer, holders: Holders, holder: str) -> None:
        self._database = database
        self._writer = writer
        self._holders = holders
        self._mine = {"holder": holder, "process": uuid.uuid4().hex}
        self._doubtful: set[str] = set()  # added, and nobody knows whether that was kept

    async def add(self, job: Job) -> bool:
        """See `Ledger.add`."""
        return await self._writer.write(self._add, (job, {**identity_of(job), **state_of(job), **self._mine}))

    async def put(self, job: Job) -> None:
        """See `Ledger.put`."""
        if not await self._writer.write(self._put, (job, {"job": job.id, **state_of(job)})):
            raise NoSuchJob(job=job.id)

    async def get(self, job: str) -> Job:
        """See `Ledger.get`."""
        row = await self._database.row(_GET, job=text(job))
        if row is None:
            raise NoSuchJob(job=job)
        return job_of(row)

    async def adopt(self, platforms: Collection[str]) -> Sequence[Job]:
        """See `Ledger.adopt`."""
        return await self._writer.write(self._adopt, sorted(platforms))

    async def unfinished(self) -> Sequence[Job]:
        """See `Ledger.unfinished`."""
        return _oldest_first(await self._database.rows(_ALL_UNFINISHED))

    async def unfinished_elsewhere(self) -> Sequence[Job]:
        """See `Ledger.unfinished_elsewhere`."""
        return _oldest_first(await self._database.rows(_UNFINISHED_ELSEWHERE, process=self._mine["process"]))

    async def waiting(self, owner: str) -> int:
        """See `Ledger.waiting`."""
        return len(await self._database.rows(_WAITING, owner=owner))

    async def newest(self, owner: str, place: Place) -> Job | None:
        """See `Ledger.newest`."""
        row = await self._database.row(_OF_OWNER_HERE, owner=owner, **_chat(place), limit=1)
        return None if row is None else job_of(row)

    async def of_owner(self, owner: str, limit: int) -> Sequence[Job]:
        """See `Ledger.of_owner`."""
        return [job_of(row) for row in await self._database.rows(_OF_OWNER, owner=owner, limit=limit)]

    async def of_place(self, place: Place, limit: int) -> Sequence[Job]:
        """See `Ledger.of_place`."""
        return [job_of(row) for row in await self._database.rows(_OF_PLACE, **_chat(place), limit=limit)]

    async def of_message(self, place: Place, message: str) -> Job | None:
        """See `Ledger.of_message`."""
        row = await self._database.row(_OF_MESSAGE, **_chat(place), message=message, limit=1)
        return None if row is None else job_of(row)

    async def of_request(self, place: Place, message: str) -> Job | None:
        """See `Ledger.of_request`."""
        row = await self._database.row(_OF_REQUEST, **_chat(place), message=message, limit=1)
        return None if row is None else job_of(row)

    async def show(self, job: str, place: Place, messages: Sequence[str]) -> None:
        """See `Ledger.show`."""
        await self._writer.write(self._show, _showings(job, place, messages))

    async def showings(self, job: str) -> Sequence[Showing]:
        """See `Ledger.showings`."""
        rows = await self._database.rows(_SHOWINGS, job=text(job))
        return [Showing(Place(row.platform, row.chat), row.message, row.number) for row in rows]

    async def uploads(self, account: str, job: str) -> Mapping[str, str]:
        """See `Ledger.uploads`."""
        rows = await self._database.rows(_UPLOADS, account=account, job=text(job))
        return {row.name: row.handle for row in rows}

    async def keep_uploads(self, account: str, job: str, uploads: Mapping[str, str]) -> None:
        """See `Ledger.keep_uploads`."""
        rows = [{"job": job, "account": account, "name": name, "handle": handle} for name, handle in uploads.items()]
        await self._writer.write(self._keep_uploads, rows)

    async def move_chat(self, old: Place, chat: str) -> None:
        """See `Ledger.move_chat`."""
        await self._writer.write(self._move_chat, {"on": old.platform, "old": old.chat, "new": chat})

    async def owners(self, prompts: Collection[str]) -> Mapping[str, str]:
        """See `Ledger.owners`."""
        asked, owners = list(prompts), dict[str, str]()
        for start in range(0, len(asked), _AT_ONCE):
            rows = await self._database.rows(_OWNERS, prompts=asked[start : start + _AT_ONCE])
            owners.update((row.prompt_id, row.owner) for row in rows)
        return owners

    async def runs(self, limit: int) -> Sequence[Run]:
        """See `Ledger.runs`."""
        return [run_of(row) for row in await self._database.rows(_RUNS, limit=limit)]

    async def spent(self, owner: str, since: float) -> Sequence[Spent]:
        """See `Ledger.spent`."""
        return [spent_of(row) for row in await self._database.rows(_SPENT, owner=owner, since=since)]

    async def uses(self, sha256: str) -> bool:
        """See `Ledger.uses`."""
        return await self._database.row(_USES, sha256=sha256) is not None

    async def forget(self, job: str) -> None:
        """See `Ledger.forget`."""
        await self._writer.write(self._forget, text(job))

    async def prune(self, before: float) -> int:
        """See `Ledger.prune`. Little by little, so that others can write meanwhile."""
        dropped = await self._writer.write(self._prune, before)
        pruned = dropped
        while dropped == _AT_ONCE:
            dropped = await self._writer.write(self._prune, before)
            pruned += dropped
        return pruned

    async def _add(self, transaction: Transaction, items: Sequence[tuple[Job, Mapping[str, Any]]]) -> Sequence[bool]:
        connection = transaction.connection
        if self._doubtful:  # whoever asked for them was refused
            drop = _DROP.where(JOBS.c.process == self._mine["process"])
            await connection.execute(drop, {"jobs": list(self._doubtful)})
        first: dict[str, Mapping[str, Any]] = {}
        for job, row in items:
            first.setdefault(job.id, row)
        statement = self._database.insert(JOBS).on_conflict_do_nothing(index_elements=["id"]).returning(JOBS.c.id)
        added = set((await connection.execute(statement, list(first.values()))).scalars())
        self._doubtful |= added
        transaction.committed.append(self._doubtful.clear)
        outcomes = [job.id in added and first[job.id] is row for job, row in items]
        await self._keep(transaction, [job for (job, _), kept in zip(items, outcomes, strict=True) if kept])
        return outcomes

    async def _put(self, transaction: Transaction, items: Sequence[tuple[Job, Mapping[str, Any]]]) -> Sequence[bool]:
        chats = await _chats(transaction, {job.id for job, _ in items})
        known = [_there(job, row, chats[job.id]) for job, row in items if job.id in chats]
        if known:
            await transaction.connection.execute(_PUT, [row for _, row in known])
        await self._keep(transaction, [job for job, _ in known])
        return [job.id in chats for job, _ in items]

    async def _keep(self, transaction: Transaction, jobs: Sequence[Job]) -> None:
        """What jobs are found by, in the tables beside theirs. A job's pictures and messages only become more."""
        results = [row for job in jobs for row in _showings(job.id, job.place, job.result_messages)]
        media = [{"sha256": sha256, "job": job.id} for job in jobs for sha256 in job.media]
        for table, rows in ((RESULTS, results), (MEDIA, media)):
            if rows:
                await transaction.connection.execute(self._database.insert(table).on_conflict_do_nothing(), rows)

    async def _show(self, transaction: Transaction, items: Sequence[Sequence[Mapping[str, Any]]]) -> Sequence[None]:
        rows = await _of_known(transaction, items)
        if rows:
            await transaction.connection.execute(self._database.insert(RESULTS).on_conflict_do_nothing(), rows)
        return [None] * len(items)

    async def _keep_uploads(
        self, transaction: Transaction, items: Sequence[Sequence[Mapping[str, Any]]]
    ) -> Sequence[None]:
        rows = await _of_known(transaction, items)
        if rows:
            statement = self._database.insert(UPLOADS)
            keep = statement.on_conflict_do_update(
                index_elements=list(UPLOADS.primary_key), set_={"handle": statement.excluded.handle}
            )
            await transaction.connection.execute(keep, rows)
        return [None] * len(items)

    async def _move_chat(self, transaction: Transaction, items: Sequence[Mapping[str, str]]) -> Sequence[None]:
        for names in items:
            for statement in (_MOVE, _SHOW_NONE):
                await transaction.connection.execute(statement, names)
        return [None] * len(items)

    async def _adopt(self, transaction: Transaction, items: Sequence[Sequence[str]]) -> Sequence[Sequence[Job]]:
        return [await self._adopt_from(transaction, platforms) for platforms in items]

    async def _adopt_from(self, transaction: Transaction, platforms: Sequence[str]) -> Sequence[Job]:
        connection, asked = transaction.connection, {"platforms": platforms}
        others = (await connection.execute(_NOT_OURS, {**asked, "process": self._mine["process"]})).all()
        # a process of our name that is not ours is an earlier one, for we hold the name
        names = {row.holder for row in others} - {self._mine["holder"]}
        living = await self._holders.living(connection, names)
        dead = [row.process for row in others if row.holder not in living]
        if not dead:
            return []
        adopted = await connection.execute(_ADOPT.values(**self._mine), {**asked, "dead": dead})
        return _oldest_first(adopted)

    async def _forget(self, transaction: Transaction, items: Sequence[str]) -> Sequence[None]:
        for statement in (_REMEMBER, _DROP):
            await transaction.connection.execute(statement, {"jobs": list(items)})
        return [None] * len(items)

    async def _prune(self, transaction: Transaction, items: Sequence[float]) -> Sequence[int]:
        dropped = []
        for before in items:
            await transaction.connection.execute(_OLD_COSTS, {"before": before})
            found = await transaction.connection.execute(_OLD_JOBS, {"before": before, "limit": _AT_ONCE})
            dropped.append(found.rowcount)
        return dropped


async def _chats(transaction: Transaction, jobs: Collection[str]) -> Mapping[str, str]:
    """The chats of those of these jobs that are known."""
    rows = await transaction.connection.execute(_KNOWN, {"jobs": list(jobs)})
    return {row.id: row.chat for row in rows}


async def _of_known(
    transaction: Transaction, items: Iterable[Sequence[Mapping[str, Any]]]
) -> Sequence[Mapping[str, Any]]:
    """The rows of those jobs that are known."""
    rows = [row for item in items for row in item]
    known = await _chats(transaction, {row["job"] for row in rows})
    return [row for row in rows if row["job"] in known]


def _there(job: Job, row: Mapping[str, Any], chat: str) -> tuple[Job, Mapping[str, Any]]:
    """The job and its row in the chat in which it is by now."""
    if job.place.chat == chat:
        return job, row
    moved = job.in_chat(chat)
    return moved, {"job": moved.id, **state_of(moved)}


def _showings(job: str, place: Place, messages: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    return [
        {**_chat(place), "message": message, "job": job, "number": number}
        for number, message in enumerate(messages, start=1)
    ]


def _oldest_first(rows: Iterable[Row[Any]]) -> Sequence[Job]:
    """Ordered here: asked for an order, SQLite walks through all jobs in it rather than through the few open ones."""
    return [job_of(row) for row in sorted(rows, key=lambda row: int(row.number))]


def _chat(place: Place) -> dict[str, str]:
    return {"platform": place.platform, "chat": place.chat}
