"""How often each chat may be spoken to, and what goes first. Pure.

Theory of operation. A message arrives at its platform at some moment between the start and the end of its send, nobody
knows which. So in a chat a message may be in every window of a rate that begins before its end, and while it is on its
way in any: the next starts when there is room for it beside all of those. However late the loop and however slow the
network, the platform never counts more than it allows; what hangs holds back its own chat, by as much as it weighs.
Over all chats starts are counted, for there a few large uploads would hold back everybody.

The less urgent something is, the more room it leaves in a window, so that a result seldom waits for one to open. Status
edits are kept apart from each other as well: many at once would all be late together, and shut the window for long.

What waits is kept per chat in two lanes, one of status edits and one of everything else, for only a status edit may
have to wait longer than its chat. So each chat has one *head*, what it would send next, and one moment from which it
may, unless something must land first. Nothing in a chat overtakes its head, so that an album gets the room it needs.
Chats lie in a heap by that moment until it comes, then in a heap by their heads' urgency. An entry of a heap whose chat
has changed since is left where it is and skipped when it comes up. Every call takes time logarithmic in what waits, on
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
    CARD = 3
    """The first status card of a job: whoever asked sees that it was heard."""
    STATUS = 4
    """Every later one."""

    @property
    def last_word(self) -> bool:
        """Whether it is the end of what its key has to say: nothing but another last word may follow."""
        return self <= Urgency.FINAL

    @property
    def modesty(self) -> float:
        """How much of the reserve (0..1) it leaves to what is more urgent."""
        return 0.0 if self.last_word else 1.0 if self is Urgency.STATUS else 0.5


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
    rate above one message that status edits leave to whatever else comes; answers and first cards leave half of that
    to results. `edit_interval` is the least number of seconds between two status cards under one key.
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

    def allowed(self, rate: Rate, urgency: Urgency) -> int:
        """How many messages there may be in a window of that rate before one of that urgency must wait."""
        return max(rate.count - int(rate.count * self.reserve * urgency.modesty), 1)

    def edits(self, rate: Rate) -> Rate:
        """Status edits apart from each other: all at once they would shut a window for long, and then all be late."""
        return Rate(1, rate.seconds / self.allowed(rate, Urgency.STATUS))


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

    def waiting(self, chat: str, urgency: Urgency) -> int:
        """How many items of that urgency wait in that chat."""
        known = self._chats.get(chat)
        return 0 if known is None else sum(entry.item.urgency is urgency for entry in known.waiting.values())

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
        if older is not None:
            item = replace(item, urgency=min(item.urgency, older.item.urgency))
        if older is not None and older.item.urgency is item.urgency:
            order = older.order
        else:
            order = next(self._orders) * (-1 if item.urgency is Urgency.CARD else 1)
        chat.wait(_Entry(order, item))
        return self._place(item.chat, chat)

    def take(self, now: float) -> Item[T] | None:
        """The most urgent item that may be sent now, of equals the one that waits longest; None: nothing may.

        Of a chat's status edits the one goes whose key was edited longest ago; of first cards the newest, for those
        who wait longest for theirs will soon have a result. The item is in flight until `finished` or `put_back` is
        called with it.
        """
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

        It waits again in its old place, unless a newer one does; it may have another weight now. It counts as sent, for
        the platform may have counted it, or have it and its answer was lost.
        """
        chat = self._chats[item.chat]
        chat.refused(item, now, until)
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
    """What counts towards a rate: what is on its way, and when all else ended, as far back as the rate reaches."""

    def __init__(self, rate: Rate) -> None:
        self._seconds = rate.seconds
        self._on_its_way = 0
        self._ends: deque[float] = deque(maxlen=rate.count)

    def begin(self, weight: int) -> None:
        """So many start together."""
        self._on_its_way += weight

    def end(self, weight: int, now: float) -> None:
        """So many that began have ended."""
        self._on_its_way -= weight
        self._ends.extend(itertools.repeat(now, weight))

    def open_at(self, weight: int, allowed: int) -> float:
        """When so many may start together if no others do before, and `allowed` may be in a window.

        `_NEVER`: not before something has ended.
        """
        beside = max(allowed - weight, 0) - self._on_its_way
        if beside < 0:
            return _NEVER
        return self._ends[-beside - 1] + self._seconds if beside < len(self._ends) else _LONG_AGO

    @property
    def forgotten_at(self) -> float:
        """When none of those that ended will matter any more."""
        return self._ends[-1] + self._seconds if self._ends else _LONG_AGO


class _Gate:
    """Holds some rates: a meter counts everything towards each, and another keeps status edits apart."""

    def __init__(self, budgets: Budgets, rates: tuple[Rate, ...]) -> None:
        all_ = [(rate, _Meter(rate)) for rate in rates]
        self._held = {urgency: [(meter, budgets.allowed(rate, urgency)) for rate, meter in all_] for urgency in Urgency}
        self._held[Urgency.STATUS] += [(_Meter(budgets.edits(rate)), 1) for rate in rates if rate.count > 1]

    def begin(self, item: Item[Any]) -> None:
        for meter, _ in self._held[item.urgency]:
            meter.begin(item.weight)

    def end(self, item: Item[Any], now: float) -> None:
        for meter, _ in self._held[item.urgency]:
            meter.end(item.weight, now)

    def open_at(self, urgency: Urgency, weight: int) -> float:
        return max((meter.open_at(weight, allowed) for meter, allowed in self._held[urgency]), default=_LONG_AGO)

    @property
    def forgotten_at(self) -> float:
        return max((meter.forgotten_at for meter, _ in self._held[Urgency.STATUS]), default=_LONG_AGO)


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
        if entry.item.urgency >= Urgency.CARD:
            self._edited[key] = self._last_edit = now
        elif entry.item.urgency.last_word:
            self._edited.pop(key, None)
        return entry.item

    def landed(self, key: Hashable, now: float) -> None:
        """It is no longer on its way, so what waits under its key may go."""
        self._end(key, now)
        self._line_up(key)

    def refused(self, item: Item[T], now: float, until: float) -> None:
        """It waits again, and its message has not been edited."""
        self._silent_until = max(self._silent_until, until)
        self._edited.pop(item.key, None)
        self.waiting.setdefault(item.key, _Entry(self._end(item.key, now), item))
        self._line_up(item.key)

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

    def _end(self, key: Hashable, now: float) -> int:
        """Its order."""
        entry = self.in_flight.pop(key)
        self._gate.end(entry.item, now)
        return entry.order

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
