"""How often each chat may be spoken to, and what goes first. A pure schedule, and a thin task that drives it."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import IntEnum
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import structlog

from bot.errors import EaselError

T = TypeVar("T")
log = structlog.get_logger()


class Urgency(IntEnum):
    """What goes first. Only a STATUS may be replaced by a newer one or overtaken for ever."""

    RESULT = 0
    FINAL = 1
    REPLY = 2
    STATUS = 3


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` messages in any `seconds`."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Budgets:
    """What a platform allows: in one chat, and over all chats."""

    per_chat: tuple[Rate, ...] = ()
    overall: tuple[Rate, ...] = ()


class SlowDown(Exception):
    """The platform asks for silence in one chat for `seconds` (a 429's retry_after)."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(eq=False)
class Superseded(EaselError):
    """A newer item of the same key was sent in its place."""

    key: str


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """Something to send. Of several with one `key` only the newest is sent, and nothing after a FINAL."""

    chat: str
    key: str
    urgency: Urgency
    payload: T


class Schedule(Generic[T]):
    """The pure core: what may be sent at a given moment. `now` is any clock that does not go back, in seconds."""

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets
        self._waiting: dict[tuple[str, str], tuple[int, Item[T]]] = {}
        self._sent: dict[str, deque[float]] = {}
        self._sent_overall: deque[float] = deque()
        self._silent_until: dict[str, float] = {}
        self._in_flight: set[tuple[str, str]] = set()
        self._order = itertools.count()

    def __len__(self) -> int:
        """How many items wait."""
        return len(self._waiting)

    def offer(self, item: Item[T]) -> Item[T] | None:
        """Let an item wait for its turn.

        Returns:
            The item that will now never be sent: an older one of that key, or this one where a more urgent waits.
        """
        slot = (item.chat, item.key)
        order, older = self._waiting.get(slot, (next(self._order), None))
        if older is not None and older.urgency < item.urgency:
            return item
        self._waiting[slot] = (order, item)
        return older

    def take(self, now: float) -> Item[T] | None:
        """The most urgent item that may be sent now, taken out and counted; None: nothing may.

        Until `finished` is called with it, no other item of its key is given out: an older edit cannot land last.
        """
        ready = [
            (item.urgency, order, slot)
            for slot, (order, item) in self._waiting.items()
            if slot not in self._in_flight and self._open_at(item.chat, now) <= now
        ]
        if not ready:
            return None
        _, _, slot = min(ready)
        item = self._waiting.pop(slot)[1]
        self._in_flight.add(slot)
        self._sent.setdefault(item.chat, deque()).append(now)
        self._sent_overall.append(now)
        return item

    def finished(self, item: Item[T]) -> None:
        """The item that `take` gave out has been sent, or has failed."""
        self._in_flight.discard((item.chat, item.key))

    def put_back(self, item: Item[T]) -> Item[T] | None:
        """The item that `take` gave out was refused for now: it waits again, unless a newer one does.

        Returns:
            The item itself where a newer one of its key waits; it will never be sent.
        """
        self.finished(item)
        slot = (item.chat, item.key)
        if slot in self._waiting:
            return item
        self._waiting[slot] = (next(self._order), item)
        return None

    def next_time(self, now: float) -> float | None:
        """When `take` will have something; None: nothing waits that is not held up by an item in flight."""
        return min(
            (self._open_at(item.chat, now) for slot, (_, item) in self._waiting.items() if slot not in self._in_flight),
            default=None,
        )

    def silence(self, chat: str, until: float) -> None:
        """Nothing to this chat before that moment; other chats are not touched."""
        self._silent_until[chat] = max(until, self._silent_until.get(chat, until))

    def _open_at(self, chat: str, now: float) -> float:
        sent = self._sent.get(chat, deque())
        _forget(sent, self._budgets.per_chat, now)
        if not sent:
            self._sent.pop(chat, None)
        _forget(self._sent_overall, self._budgets.overall, now)
        return max(
            now,
            self._silent_until.get(chat, now),
            _open_at(sent, self._budgets.per_chat, now),
            _open_at(self._sent_overall, self._budgets.overall, now),
        )


def _open_at(sent: deque[float], rates: tuple[Rate, ...], now: float) -> float:
    return max((sent[-rate.count] + rate.seconds for rate in rates if len(sent) >= rate.count), default=now)


def _forget(sent: deque[float], rates: tuple[Rate, ...], now: float) -> None:
    longest = max((rate.seconds for rate in rates), default=0.0)
    while sent and sent[0] + longest <= now:
        sent.popleft()


@dataclass(slots=True)
class _Send:
    """A payload of the driver: what to call, and who waits for its outcome."""

    call: Callable[[], Awaitable[Any]]
    outcome: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Pacer:
    """Drives a schedule: an async context manager that owns the one task that speaks to a platform.

    Sends run side by side, so that a large upload holds nobody up; their starts keep to the budgets.
    """

    def __init__(self, budgets: Budgets, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._schedule: Schedule[_Send] = Schedule(budgets)
        self._clock = clock
        self._wake = asyncio.Event()
        self._sends: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start the task."""
        self._task = asyncio.create_task(self._drive(), name="pacer")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let sends in flight finish; what still waits is dropped, and whoever waits for it is cancelled."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.gather(*self._sends, return_exceptions=True)

    async def send(self, chat: str, key: str, urgency: Urgency, call: Callable[[], Awaitable[T]]) -> T:
        """Call it when its turn has come, and wait for what it returns.

        Raises:
            Superseded: A newer item of the same key took its place.
        """
        send = _Send(call)
        self._offer(Item(chat, key, urgency, send))
        outcome: T = await send.outcome
        return outcome

    def offer(self, chat: str, key: str, urgency: Urgency, call: Callable[[], Awaitable[Any]]) -> None:
        """As `send`, without waiting; a failure is logged."""
        send = _Send(call)
        send.outcome.add_done_callback(_log_failure)
        self._offer(Item(chat, key, urgency, send))

    def _offer(self, item: Item[_Send]) -> None:
        _supersede(self._schedule.offer(item))
        self._wake.set()

    async def _drive(self) -> None:
        while True:
            self._wake.clear()
            now = self._clock()
            while (item := self._schedule.take(now)) is not None:
                task = asyncio.create_task(self._call(item))
                self._sends.add(task)
                task.add_done_callback(self._sends.discard)
            due = self._schedule.next_time(now)
            try:
                async with asyncio.timeout(None if due is None else max(0.0, due - now)):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _call(self, item: Item[_Send]) -> None:
        outcome = item.payload.outcome
        try:
            result = await item.payload.call()
        except SlowDown as slow:
            self._schedule.silence(item.chat, self._clock() + slow.seconds)
            _supersede(self._schedule.put_back(item))
        except Exception as error:  # noqa: BLE001 - handed on, whole, to whoever asked for this send
            self._schedule.finished(item)
            if not outcome.done():
                outcome.set_exception(error)
        else:
            self._schedule.finished(item)
            if not outcome.done():
                outcome.set_result(result)
        self._wake.set()


def _supersede(dropped: Item[_Send] | None) -> None:
    if dropped is not None and not dropped.payload.outcome.done():
        dropped.payload.outcome.set_exception(Superseded(key=dropped.key))


def _log_failure(outcome: asyncio.Future[Any]) -> None:
    if outcome.cancelled():
        return
    error = outcome.exception()
    if error is not None and not isinstance(error, Superseded):
        log.warning("a status edit failed", error=str(error))
