"""What a front end gives to the chat layer, and what it hands over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bot.chat.card import Result, StatusCard, Words
from bot.chat.pacing import Budgets
from bot.images.fit import PlatformLimits
from bot.jobs.model import Person, Place

Fetch: TypeAlias = Callable[[], Awaitable[bytes]]
"""Gives a picture's bytes, once it is known that somebody wants them. It may raise an EaselError."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message to Easel.

    `message` is the platform's id of it. `pictures` are attached to it or, where none are, to the message replied to;
    of one of Easel's results they may be left out. `album`: they are what an album has, of which nobody could choose
    how many, so those that are not needed are left over. `reply_to` is the platform's id of the message replied to.
    `edited`: the message was said before, in other words.
    """

    person: Person
    place: Place
    message: str
    text: str
    pictures: tuple[Fetch, ...] = ()
    reply_to: str | None = None
    album: bool = False
    edited: bool = False


class FrontEnd(Protocol):
    """A platform. Message ids are the platform's own, as text.

    Every method may raise `bot.chat.pacing.SlowDown`; it is then called again later. Anything else that it raises is
    final: a front end tries again itself where that helps, and waits for nothing for ever.
    """

    @property
    def platform(self) -> str:
        """The `Place.platform` of its chats."""

    @property
    def picture_limits(self) -> PlatformLimits:
        """What pictures this platform takes."""

    @property
    def budgets(self) -> Budgets:
        """How often it may be spoken to."""

    def is_private(self, place: Place) -> bool:
        """Whether only one person is there, besides us."""

    async def say(self, place: Place, words: Words, *, reply_to: str | None) -> str:
        """Post them, in several messages where it is too long for one; the id of the first."""

    async def show(self, place: Place, card: StatusCard, *, reply_to: str | None) -> str:
        """Post a status card, silently; its message id.

        After a crash the same is asked again: a platform that can tell answers with the message that is there for
        the card's job, and posts no second one.
        """

    async def update(self, place: Place, message: str, card: StatusCard) -> None:
        """Make a status message show this card. "Not modified" is success, and so is "deleted"."""

    async def post(self, place: Place, result: Result, *, reply_to: str | None, status: str | None) -> tuple[str, ...]:
        """Post a result, and take away or close its status message; the result's message ids, one or more.

        Where each picture is a message of its own, theirs come first and in their order.

        As `show`: asked again for the same job in reply to the same message. In reply to another it is wanted anew.
        """

    async def remove(self, place: Place, message: str) -> None:
        """Delete a message. One that is gone already is success."""
