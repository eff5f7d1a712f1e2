"""Everything that is written, by one writer: all that waits at a moment goes into one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.jobs.ledger.database import Database, closed, ended
from bot.jobs.ledger.errors import LedgerUnavailable, Trouble

_AT_ONCE = 1000  # a statement takes no more than some ten thousand values

_Item = TypeVar("_Item")
_Outcome = TypeVar("_Outcome")


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a write works in. `committed` are called, in order, as soon as all of it is kept."""

    connection: AsyncConnection
    committed: list[Callable[[], None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Waiting:
    work: Callable[[Transaction, Sequence[Any]], Awaitable[Sequence[Any]]]
    item: Any
    outcome: asyncio.Future[Any]


class Writer:
    """Writes for everybody, one transaction after the other.

    As a disk needs as long to make sure of a hundred rows as of one, whoever comes while a transaction is under way
    waits for the next, together with all others. An async context manager; at its end what waits is still written.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Waiting] = []
        self._writing: list[_Waiting] = []
        self._come = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._serve(), name="ledger writer")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._closing = True
        self._come.set()
        if self._task:
            await ended(self._task)

    async def write(
        self, work: Callable[[Transaction, Sequence[_Item]], Awaitable[Sequence[_Outcome]]], item: _Item
    ) -> _Outcome:
        """Have this item written by `work`, which takes several at once and has an outcome for each.

        Who is cancelled while waiting finds it written wholly or not at all.

        Raises:
            LedgerUnavailable: It could not be written.
        """
        if self._closing:
            raise closed()
        outcome: asyncio.Future[_Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(work, item, outcome))
        self._come.set()
        return await outcome

    async def _serve(self) -> None:
        try:
            while self._waiting or not self._closing:
                if not self._waiting:
                    self._come.clear()
                    await self._come.wait()
                self._writing = [each for each in self._waiting[:_AT_ONCE] if not each.outcome.done()]
                del self._waiting[:_AT_ONCE]
                await self._settle(self._writing)
        finally:  # cancelled from outside, as a last resort: nobody waits for ever
            self._closing = True
            for each in (*self._writing, *self._waiting):
                if not each.outcome.done():
                    each.outcome.set_exception(closed())

    async def _settle(self, batch: Sequence[_Waiting]) -> None:
        if not batch:
            return
        try:
            outcomes = await self._written(batch)
        except Exception as error:  # noqa: BLE001 - it is raised to whoever waits for it
            if len(batch) > 1 and _may_be_one_of_them(error):
                for each in batch:
                    await self._settle([each])
                return
            for each in batch:
                if not each.outcome.done():
                    each.outcome.set_exception(error)
            return
        for each, outcome in zip(batch, outcomes, strict=True):
            if not each.outcome.done():
                each.outcome.set_result(outcome)

    async def _written(self, batch: Sequence[_Waiting]) -> Sequence[Any]:
        alike: dict[Any, list[int]] = {}
        for index, each in enumerate(batch):
            alike.setdefault(each.work, []).append(index)
        outcomes: list[Any] = [None] * len(batch)
        async with self._database.writing() as connection:
            transaction = Transaction(connection)
            for work, indices in alike.items():
                found = await work(transaction, [batch[index].item for index in indices])
                for index, outcome in zip(indices, found, strict=True):
                    outcomes[index] = outcome
        for committed in transaction.committed:
            committed()
        return outcomes


def _may_be_one_of_them(error: Exception) -> bool:
    """Whether the fault may lie in what one of them writes, and not in the database."""
    return not isinstance(error, LedgerUnavailable) or error.reason == Trouble.OTHER
