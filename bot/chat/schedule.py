"""How often each chat may be spoken to, and what goes first. Pure.

Theory of operation. A message arrives at its platform at some moment between the start and the end of its send, and we
do not know which. So in a chat, a message is in every window of time that begins before its end, and while it is on
its way it is in all of them: the next may start when the window that ends then, and what is on its way, leave room for
it. However late the loop and however slow the network, the platform never counts more than a rate allows; what hangs
holds back its own chat, and only as much of a rate as it weighs. Over all chats starts are counted, for there a few
large uploads would hold back everybody.

What waits is kept per chat in two lanes, one of status edits and one of everything else, for only a status edit may
have to wait longer than its chat. So each chat has one *head*, what it would send next, and one moment from which it
may, unless something must land first. Nothing of a chat overtakes its head, so the heaviest album gets its room. Chats
lie in a heap by that moment until it comes, then in a heap by their heads' urgency. An entry of a heap whose chat has
changed since is left where it is and skipped when it comes up. Every call takes time logarithmic in what waits, on
average.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from heapq import heappop, heappush
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_LONG_AGO, _NEVER = float("-inf"), float("inf")


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

    @property
    def spread(self) -> tuple[Rate, Rate]:
        """This rate, its messages apart from each other: of two bursts the first may be late and meet the second."""
        return (self, Rate(1, self.seconds / self.count))


def _no_group(chat: str) -> bool:  # noqa: ARG001 - the signature of `Budgets.is_group`
    return False


@dataclass(frozen=True, slots=True)
class Budgets:
    """What a platform allows: in one chat, in one group on top of that, and over all chats.

    `is_group` tells by the platform's id of a chat whether it is a group. `reserve` is the share (0..1) of every
    rate above one message that status edits leave to results and answers. `edit_interval` is the least number of
    seconds between two status edits under one key.
    """

    per_chat: tuple[Rate, ...] = ()
    overall: tuple[Rate, ...] = ()
    per_group: tuple[Rate, ...] = ()
    reserve: float = 0.0
    edit_interval: float = 0.0
    is_group: Callable[[str], bool] = field(default=_no_group, compare=False)

    def of(self, chat: str) -> tuple[Rate, ...]:
        """Every rate that holds in that chat."""
        return (*self.per_chat, *self.per_group) if self.is_group(chat) else self.per_chat

    def for_statuses(self, rates: tuple[Rate, ...]) -> tuple[Rate, ...]:
        """As much of these rates as status edits may use."""
        return tuple(Rate(max(1, int(rate.count * (1 - self.reserve))), rate.seconds) for rate in rates)


TELEGRAM = Budgets(
    per_chat=(Rate(1, 1.0),),
    per_group=(Rate(20, 60.0),),
    overall=Rate(30, 1.0).spread,
    reserve=0.25,
    edit_interval=2.0,
)
"""Telegram Bot API 10.0, "Broadcasting to Users" of its FAQ; edits count as messages."""

DISCORD = Budgets(per_chat=(Rate(5, 5.0),), overall=Rate(50, 1.0).spread, reserve=0.25, edit_interval=2.5)
"""Discord API v10: 50 requests a second for a bot; the rate of a channel is told by headers only, five in five seconds
is what is seen there."""


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """Something to send. Of several that wait under one `key` only the newest is sent.

    `weight` is how many messages the platform counts for it. Where a rate allows fewer at all, it has that rate for
    itself.
    """

    chat: str
    key: Hashable
    urgency: Urgency
    payload: T
    weight: int = 1


class Schedule(Generic[T]):
    """What may be sent at a given moment. `now` is any clock that does not go back, in seconds.

    Of one chat and key only one item waits, and only one is in flight: an older edit can neither be sent after a
    newer one nor land after it.
    """

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets
        self._overall = _Gate(budgets, budgets.overall)
        self._chats: dict[str, _Chat[T]] = {}
        self._orders = itertools.count()
        self._places = itertools.count()
        self._shut: list[tuple[float, int, str]] = []
        self._open: list[tuple[Urgency, int, int, str]] = []
        self._still: list[tuple[float, str]] = []

    def __len__(self) -> int:
        """How many items wait."""
        return sum(len(chat.waiting) for chat in self._chats.values())

    def offer(self, item: Item[T]) -> bool:
        """Let an item wait for its turn, in the place of an older one of its key if one waits.

        It is dropped where a last word waits or is in flight that it is not.

        Returns:
            Whether `take` may have something sooner for it.
        """
        chat = self._chats.get(item.chat)
        if chat is None:
            chat = self._chats[item.chat] = _Chat(self._budgets, item.chat)
        older = chat.waiting.get(item.key)
        rivals = (older, chat.in_flight.get(item.key))
        if not item.urgency.last_word and any(rival and rival.item.urgency.last_word for rival in rivals):
            return False
        if older is None:
            chat.wait(_Entry(next(self._orders), item))
        else:
            chat.wait(_Entry(older.order, replace(item, urgency=min(item.urgency, older.item.urgency))))
        return self._place(item.chat, chat)

    def take(self, now: float) -> Item[T] | None:
        """The most urgent item that may be sent now, of equals the one that waits longest; None: nothing may.

        Of a chat's status edits the one goes whose key was edited longest ago. The item is in flight until `finished`
        or `put_back` is called with it.
        """
        if self._overall.open_at(Urgency.RESULT, 1) > now:
            return None
        self._forget(now)
        while (head := self._first(self._shut)) is not None and head.at <= now:
            heappush(self._open, (head.urgency, head.order, *heappop(self._shut)[1:]))
        head = self._first(self._open)
        if head is None or self._overall.open_at(head.urgency, head.weight) > now:
            return None
        *_, name = heappop(self._open)
        chat = self._chats[name]
        item = chat.send(head.key, now)
        self._overall.begin(item)
        self._overall.end(item, now)
        self._place(name, chat)
        return item

    def finished(self, item: Item[T], now: float) -> None:
        """The item that `take` gave out has been sent, or has failed."""
        chat = self._chats[item.chat]
        chat.landed(item.key, now)
        self._place(item.chat, chat)

    def put_back(self, item: Item[T], now: float, until: float) -> None:
        """The item that `take` gave out was refused: nothing goes to its chat before `until`.

        It waits again in its old place, unless a newer one does. It counts as sent, for the platform may have counted
        it, or have it and its answer was lost.
        """
        chat = self._chats[item.chat]
        chat.refused(item.key, now, until)
        self._place(item.chat, chat)

    def next_time(self) -> float | None:
        """When `take` may have something, not later than it has; None: not before `offer` or `finished` is called."""
        opening = []
        if (head := self._first(self._open)) is not None:
            opening.append(self._overall.open_at(head.urgency, head.weight))
        if (head := self._first(self._shut)) is not None:
            opening.append(max(head.at, self._overall.open_at(Urgency.RESULT, 1)))
        return min(opening, default=None)

    def _place(self, name: str, chat: _Chat[T]) -> bool:
        """Put the chat where its head belongs; whether that is another place than before."""
        if not (chat.waiting or chat.in_flight):
            heappush(self._still, (chat.idle_at, name))
        head = chat.head()
        if head == chat.placed:
            return False
        chat.placed = head
        if head is None:
            return False
        chat.place = next(self._places)
        heappush(self._shut, (head.at, chat.place, name))
        return True

    def _first(self, heap: list[Any]) -> _Head | None:
        """The head of the first chat in the heap that is still where it was when it was put there."""
        while heap:
            *_, place, name = heap[0]
            chat = self._chats.get(name)
            if chat is not None and chat.placed is not None and chat.place == place:
                return chat.placed
            heappop(heap)
        return None

    def _forget(self, now: float) -> None:
        while self._still and self._still[0][0] <= now:
            _, name = heappop(self._still)
            chat = self._chats.get(name)
            if chat is not None and not chat.waiting and not chat.in_flight and chat.idle_at <= now:
                del self._chats[name]


class _Meter:
    """What counts towards some rates: what is on its way, and when all else ended, as far back as the rates reach."""

    def __init__(self, rates: tuple[Rate, ...]) -> None:
        self._rates = rates
        self._on_its_way = 0
        self._ends: deque[float] = deque(maxlen=max((rate.count for rate in rates), default=0))

    def begin(self, weight: int) -> None:
        """So many start together."""
        self._on_its_way += weight

    def end(self, weight: int, now: float) -> None:
        """So many that began have ended."""
        self._on_its_way -= weight
        self._ends.extend(itertools.repeat(now, weight))

    def open_at(self, weight: int) -> float:
        """When so many may start together, unless more do before; `_NEVER`: not before something has ended."""
        return max((self._opens(rate, weight) for rate in self._rates), default=_LONG_AGO)

    @property
    def forgotten_at(self) -> float:
        """When none of those that ended will matter any more."""
        longest = max((rate.seconds for rate in self._rates), default=0.0)
        return self._ends[-1] + longest if self._ends else _LONG_AGO

    def _opens(self, rate: Rate, weight: int) -> float:
        beside = max(rate.count - weight, 0) - self._on_its_way
        if beside < 0:
            return _NEVER
        return self._ends[-beside - 1] + rate.seconds if beside < len(self._ends) else _LONG_AGO


class _Gate:
    """What counts everything, and what counts status edits, which must leave room for the rest."""

    def __init__(self, budgets: Budgets, rates: tuple[Rate, ...]) -> None:
        self._all = _Meter(rates)
        self._statuses = _Meter(budgets.for_statuses(rates))

    def begin(self, item: Item[Any]) -> None:
        for meter in self._meters(item.urgency):
            meter.begin(item.weight)

    def end(self, item: Item[Any], now: float) -> None:
        for meter in self._meters(item.urgency):
            meter.end(item.weight, now)

    def open_at(self, urgency: Urgency, weight: int) -> float:
        return max(meter.open_at(weight) for meter in self._meters(urgency))

    @property
    def forgotten_at(self) -> float:
        return self._all.forgotten_at

    def _meters(self, urgency: Urgency) -> tuple[_Meter, ...]:
        return (self._all, self._statuses) if urgency is Urgency.STATUS else (self._all,)


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    order: int
    item: Item[T]


@dataclass(frozen=True, slots=True)
class _Head:
    """What a chat would send next, and from when on it may."""

    at: float
    urgency: Urgency
    order: int
    key: Hashable
    weight: int


class _Chat(Generic[T]):
    """One chat to which something waits, is on its way, or went lately.

    `placed` is its head as the schedule's heaps have it, under the number `place`.
    """

    def __init__(self, budgets: Budgets, name: str) -> None:
        self.waiting: dict[Hashable, _Entry[T]] = {}
        self.in_flight: dict[Hashable, _Entry[T]] = {}
        self._silent_until = _LONG_AGO
        self.placed: _Head | None = None
        self.place = -1
        self._gate = _Gate(budgets, budgets.of(name))
        self._rest = budgets.edit_interval
        self._edited: dict[Hashable, float] = {}
        self._last_edit = _LONG_AGO
        self._urgent: list[tuple[Urgency, int, Hashable]] = []
        self._statuses: list[tuple[float, int, Hashable]] = []

    def wait(self, entry: _Entry[T]) -> None:
        """Let it wait, in the place of what waits under its key."""
        key = entry.item.key
        older = self.waiting.get(key)
        self.waiting[key] = entry
        if older is None or older.item.urgency is not entry.item.urgency:
            self._line_up(key)

    def send(self, key: Hashable, now: float) -> Item[T]:
        """What waits under that key goes on its way."""
        entry = self.in_flight[key] = self.waiting.pop(key)
        self._gate.begin(entry.item)
        if entry.item.urgency is Urgency.STATUS:
            self._edited[key] = self._last_edit = now
        elif entry.item.urgency.last_word:
            self._edited.pop(key, None)
        return entry.item

    def landed(self, key: Hashable, now: float) -> None:
        """It is no longer on its way, so what waits under its key may go."""
        self._end(key, now)
        self._line_up(key)

    def refused(self, key: Hashable, now: float, until: float) -> None:
        """It waits again, and its message has not been edited."""
        self._silent_until = max(self._silent_until, until)
        self._edited.pop(key, None)
        self.waiting.setdefault(key, self._end(key, now))
        self._line_up(key)

    def head(self) -> _Head | None:
        """What goes next, a status edit only where nothing else waits; None: nothing before something has landed."""
        while self._urgent:
            urgency, order, key = self._urgent[0]
            if self._waits(key, order, urgency):
                return self._head(self.waiting[key], _LONG_AGO)
            heappop(self._urgent)
        while self._statuses:
            rested_at, order, key = self._statuses[0]
            if self._waits(key, order, Urgency.STATUS):
                return self._head(self.waiting[key], rested_at)
            heappop(self._statuses)
        return None

    def _end(self, key: Hashable, now: float) -> _Entry[T]:
        entry = self.in_flight.pop(key)
        self._gate.end(entry.item, now)
        return entry

    def _head(self, entry: _Entry[T], rested_at: float) -> _Head | None:
        item = entry.item
        at = max(self._silent_until, self._gate.open_at(item.urgency, item.weight), rested_at)
        return _Head(at, item.urgency, entry.order, item.key, item.weight) if at < _NEVER else None

    @property
    def idle_at(self) -> float:
        """When nothing that was sent matters any more."""
        return max(self._silent_until, self._gate.forgotten_at, self._last_edit + self._rest)

    def _line_up(self, key: Hashable) -> None:
        entry = self.waiting.get(key)
        if entry is None or key in self.in_flight:
            return
        if entry.item.urgency is Urgency.STATUS:
            heappush(self._statuses, (self._edited.get(key, _LONG_AGO) + self._rest, entry.order, key))
        else:
            heappush(self._urgent, (entry.item.urgency, entry.order, key))

    def _waits(self, key: Hashable, order: int, urgency: Urgency) -> bool:
        entry = self.waiting.get(key)
        return entry is not None and (entry.order, entry.item.urgency) == (order, urgency) and key not in self.in_flight
