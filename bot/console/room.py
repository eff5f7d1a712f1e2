"""The console's chat: its messages, and numbered events for those who watch. In memory, no I/O.

Theory of operation. A watcher needs the newest state of every message, not each state in between. So the room keeps,
for each thing that can change, only the *newest* event about it; a newer one takes the place of the older and gets the
next number. Everything after a number, in order, is then exactly what a watcher who has seen that number has missed,
however long it was away or slow, and the memory of events never outgrows that of messages.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from bot.chat.card import StatusCard
from bot.console.messages import Content, Finished, Message, Shown, Side

_SIDE = "side"


@dataclass(frozen=True, slots=True)
class Put:
    """A message is new or has changed."""

    number: int
    message: Message


@dataclass(frozen=True, slots=True)
class Dropped:
    """A message is gone."""

    number: int
    id: str


@dataclass(frozen=True, slots=True)
class SideChanged:
    """The queue or the servers look different."""

    number: int
    side: Side


Event: TypeAlias = Put | Dropped | SideChanged


@dataclass(frozen=True, slots=True)
class Capacity:
    """What is kept: the newest messages, and of these as many as their pictures' bytes allow."""

    messages: int = 300
    picture_bytes: int = 256_000_000


class Room:
    """One chat.

    Ids carry the `epoch` of the room that made them: event numbers of an earlier process mean nothing here, and a
    message that one of them posted can come back under the id that the ledger knows.
    """

    def __init__(
        self,
        capacity: Capacity | None = None,
        *,
        epoch: str | None = None,
        new_picture_id: Callable[[], str] = lambda: secrets.token_urlsafe(16),
    ) -> None:
        self.epoch = epoch or secrets.token_hex(4)
        self.capacity = capacity or Capacity()
        self._new_picture_id = new_picture_id
        self._messages: dict[str, Message] = {}
        self._pictures: dict[str, Shown] = {}
        self._events: dict[str, Event] = {}
        self._message_numbers = count(1)
        self._number = 0
        self._forgotten = 0
        self._watchers = 0
        self._closed = False
        self._changed = asyncio.Event()

    @property
    def messages(self) -> tuple[Message, ...]:
        """Every message, oldest first."""
        return tuple(self._messages.values())

    @property
    def side(self) -> Side:
        """What stands beside the chat."""
        event = self._events.get(_SIDE)
        return event.side if isinstance(event, SideChanged) else Side()

    @property
    def number(self) -> int:
        """The newest event's number; 0: nothing has happened."""
        return self._number

    @property
    def watched(self) -> bool:
        """Whether somebody looks."""
        return self._watchers > 0

    @property
    def closed(self) -> bool:
        """Whether nothing more will happen."""
        return self._closed

    def picture_id(self) -> str:
        """An id for a picture to be shown."""
        return self._new_picture_id()

    def message(self, message: str) -> Message | None:
        """The message of that id."""
        return self._messages.get(message)

    def picture(self, picture: str) -> Shown | None:
        """The picture of that id, if a message still shows it."""
        return self._pictures.get(picture)

    def of_job(self, job: str) -> tuple[Message, ...]:
        """The messages that show that job's card or its pictures."""
        return tuple(
            message
            for message in self._messages.values()
            if isinstance(message.content, StatusCard | Finished) and message.content.job == job
        )

    def add(self, content: Content, reply_to: str | None = None, *, known_as: str | None = None) -> Message:
        """A new message at the end, or one of an earlier room under its id. The oldest go, where it is one too many."""
        number = next(self._message_numbers)
        message = Message(known_as or f"{self.epoch}-{number}", number, content, reply_to)
        self._put(message)
        self._shrink()
        return message

    def change(self, message: str, content: Content) -> bool:
        """Show this in the message's place. False: it is gone, and stays so."""
        old = self._messages.get(message)
        if old is None:
            return False
        self._put(Message(old.id, old.number, content, old.reply_to))
        self._shrink()
        return True

    def drop(self, message: str) -> None:
        """Take it away. One that is gone already is no error."""
        old = self._messages.pop(message, None)
        if old is None:
            return
        self._forget_pictures(old)
        self._note(old.id, Dropped(self._next(), old.id))

    def show_side(self, side: Side) -> None:
        """Show this beside the chat."""
        if side != self.side:
            self._note(_SIDE, SideChanged(self._next(), side))

    def since(self, number: int) -> tuple[Event, ...] | None:
        """What has happened after that event, oldest first; None: too long ago to tell, or never was."""
        if not self._forgotten <= number <= self._number:
            return None
        missed: list[Event] = []
        for event in reversed(self._events.values()):
            if event.number <= number:
                break
            missed.append(event)
        return tuple(reversed(missed))

    async def watch(self, number: int) -> AsyncGenerator[Event, None]:
        """What has happened after that event, then what happens, until the room closes.

        It also ends where the watcher was so slow that the past is forgotten: `since` then says so.
        """
        self._watchers += 1
        self._wake()
        try:
            while not self._closed:
                missed = self.since(number)
                if missed is None:
                    return
                for event in missed:
                    number = event.number
                    yield event
                if number == self._number and not self._closed:
                    await self.changed()
        finally:
            self._watchers -= 1

    async def changed(self) -> None:
        """Return at the next change: an event, a new watcher, or the end."""
        await self._changed.wait()

    def close(self) -> None:
        """Send every watcher away."""
        self._closed = True
        self._wake()

    def _put(self, message: Message) -> None:
        old = self._messages.get(message.id)
        if old is not None:
            self._forget_pictures(old)
        self._messages[message.id] = message
        self._pictures.update({shown.id: shown for shown in message.pictures})
        self._note(message.id, Put(self._next(), message))

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _note(self, key: str, event: Event) -> None:
        self._events.pop(key, None)  # so that the order of the dict is the order of the numbers
        self._events[key] = event
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _forget_pictures(self, message: Message) -> None:
        for shown in message.pictures:
            self._pictures.pop(shown.id, None)

    def _shrink(self) -> None:
        while len(self._messages) > 1 and self._is_over():
            self.drop(next(iter(self._messages)))
        drops = [event for event in self._events.values() if isinstance(event, Dropped)]
        for event in drops[: -self.capacity.messages]:
            del self._events[event.id]
            self._forgotten = event.number

    def _is_over(self) -> bool:
        weight = sum(len(shown.data) for shown in self._pictures.values())
        return len(self._messages) > self.capacity.messages or weight > self.capacity.picture_bytes
