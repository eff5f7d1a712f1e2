"""How often each chat may be spoken to, and what goes first. A pure schedule, and a thin shell that keeps it."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from types import TracebackType
from typing import Generic, Protocol, Self, TypeAlias, TypeVar

import structlog

from bot.errors import EaselError

T = TypeVar("T")
log = structlog.get_logger()


class Urgency(IntEnum):
    """What goes first."""

    RESULT = 0
    FINAL = 1
    REPLY = 2
    STATUS = 3

    @property
    def last_word(self) -> bool:
        """Whether it is the end of what its key has to say: nothing but another last word may follow."""
        return self <= Urgency.FINAL


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` messages, one or more, in any `seconds`."""

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


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """Something to send. Of several that wait under one `key` only the newest is sent."""

    chat: str
    key: Hashable
    urgency: Urgency
    payload: T


class Schedule(Generic[T]):
    """The pure core: what may be sent at a given moment. `now` is any clock that does not go back, in seconds.

    Of one chat and key only one item waits, and only one is in flight: an older edit can neither be sent after a
    newer one nor land after it.
    """

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets
        self._overall = _Meter(budgets.overall)
        self._chats: dict[str, _Chat[T]] = {}
        self._order = itertools.count()

    def __len__(self) -> int:
        """How many items wait."""
        return sum(len(chat.waiting) for chat in self._chats.values())

    def offer(self, item: Item[T]) -> bool:
        """Let an item wait for its turn, in the place of an older one of its key if one waits.

        It is dropped where a last word waits or is in flight that it is not.

        Returns:
            Whether `take` may have something sooner for it.
        """
        chat = self._chats.setdefault(item.chat, _Chat(_Meter(self._budgets.per_chat)))
        older = chat.waiting.get(item.key)
        rivals = (older, chat.in_flight.get(item.key))
        if not item.urgency.last_word and any(rival and rival.item.urgency.last_word for rival in rivals):
            return False
        if older is None:
            chat.waiting[item.key] = _Entry(next(self._order), item)
            return True
        urgency = min(item.urgency, older.item.urgency)
        chat.waiting[item.key] = _Entry(older.order, replace(item, urgency=urgency))
        return False

    def take(self, now: float) -> Item[T] | None:
        """The most urgent item that may be sent now, of equals the one that waits longest; None: nothing may.

        It is counted as sent, and in flight until `finished` or `put_back` is called with it.
        """
        if self._overall.open_at > now:
            return None
        self._chats = {name: chat for name, chat in self._chats.items() if not chat.idle(now)}
        ready = [entry for chat in self._chats.values() if chat.open_at <= now for entry in chat.sendable()]
        if not ready:
            return None
        entry = min(ready, key=lambda entry: (entry.item.urgency, entry.order))
        chat = self._chats[entry.item.chat]
        chat.in_flight[entry.item.key] = chat.waiting.pop(entry.item.key)
        chat.sent.count(now)
        self._overall.count(now)
        return entry.item

    def finished(self, item: Item[T]) -> None:
        """The item that `take` gave out has been sent, or has failed."""
        del self._chats[item.chat].in_flight[item.key]

    def put_back(self, item: Item[T], until: float) -> None:
        """The item that `take` gave out was refused: nothing goes to its chat before that moment.

        It waits again in its old place, unless a newer one does.
        """
        chat = self._chats[item.chat]
        chat.silent_until = max(chat.silent_until, until)
        chat.waiting.setdefault(item.key, chat.in_flight.pop(item.key))

    def next_time(self) -> float | None:
        """When `take` may have something, not later than it has; None: not before `offer` or `finished` is called."""
        opening = (chat.open_at for chat in self._chats.values() if any(chat.sendable()))
        first = min(opening, default=None)
        return None if first is None else max(first, self._overall.open_at)


class _Meter:
    """When messages were sent, as far back as the rates reach."""

    def __init__(self, rates: tuple[Rate, ...]) -> None:
        self._rates = rates
        self._sent: deque[float] = deque(maxlen=max((rate.count for rate in rates), default=0))

    def count(self, now: float) -> None:
        """One was sent."""
        self._sent.append(now)

    @property
    def open_at(self) -> float:
        """When the next one may be sent."""
        full = (self._sent[-rate.count] + rate.seconds for rate in self._rates if len(self._sent) >= rate.count)
        return max(full, default=float("-inf"))

    @property
    def forgotten_at(self) -> float:
        """When none of those sent will matter any more."""
        longest = max((rate.seconds for rate in self._rates), default=0.0)
        return self._sent[-1] + longest if self._sent else float("-inf")


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    order: int
    item: Item[T]


@dataclass(slots=True)
class _Chat(Generic[T]):
    """One chat to which something waits, is on its way, or went lately."""

    sent: _Meter
    silent_until: float = float("-inf")
    waiting: dict[Hashable, _Entry[T]] = field(default_factory=dict)
    in_flight: dict[Hashable, _Entry[T]] = field(default_factory=dict)

    @property
    def open_at(self) -> float:
        return max(self.silent_until, self.sent.open_at)

    def sendable(self) -> list[_Entry[T]]:
        return [entry for key, entry in self.waiting.items() if key not in self.in_flight]

    def idle(self, now: float) -> bool:
        return not self.waiting and not self.in_flight and max(self.silent_until, self.sent.forgotten_at) <= now


Call: TypeAlias = Callable[[], Awaitable[object]]


class Alarm(Protocol):
    """What `asyncio.loop.call_later` returns."""

    def cancel(self) -> object:
        """Do not ring."""


class Pacer:
    """Keeps a schedule for one platform. An async context manager: it owns the task of each send.

    Sends run side by side, so that a large upload holds nobody up; their starts keep to the budgets. `call_later`
    is by default the running loop's.
    """

    def __init__(
        self,
        budgets: Budgets,
        *,
        clock: Callable[[], float] = time.monotonic,
        call_later: Callable[[float, Callable[[], None]], Alarm] | None = None,
    ) -> None:
        self._schedule: Schedule[Call] = Schedule(budgets)
        self._clock = clock
        self._call_later = call_later
        self._alarm: Alarm | None = None
        self._sends: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        """Ready to speak."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let sends in flight finish. What still waits is not sent, and neither is what is offered from now on."""
        self._closed = True
        self._speak()
        await asyncio.gather(*self._sends)

    def offer(self, chat: str, key: Hashable, urgency: Urgency, call: Call) -> None:
        """Call it once its turn has come, unless something newer of that key comes first.

        A `SlowDown` that it raises delays its chat, and it is called again. Any other error is logged: what must
        happen then is the call's own business.
        """
        if self._schedule.offer(Item(chat, key, urgency, call)):
            self._speak()

    def _speak(self) -> None:
        """Start every send whose turn has come, and set the alarm for the next."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._closed:
            return
        now = self._clock()
        while (item := self._schedule.take(now)) is not None:
            task = asyncio.create_task(self._send(item))
            self._sends.add(task)
            task.add_done_callback(self._sends.discard)
        due = self._schedule.next_time()
        if due is not None:
            call_later = self._call_later or asyncio.get_running_loop().call_later
            self._alarm = call_later(max(0.0, due - now), self._speak)

    async def _send(self, item: Item[Call]) -> None:
        try:
            await item.payload()
        except SlowDown as slow:
            self._schedule.put_back(item, self._clock() + slow.seconds)
        except Exception as error:  # whatever it is, it must not hold up the next message
            log.warning("not sent", chat=item.chat, error=str(error), exc_info=not isinstance(error, EaselError))
            self._schedule.finished(item)
        else:
            self._schedule.finished(item)
        self._speak()
