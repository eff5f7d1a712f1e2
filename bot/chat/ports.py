"""What a front end gives to the chat layer, and what it hands over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from bot.chat.card import Result, StatusCard
from bot.chat.pacing import Budgets
from bot.images.fit import PlatformLimits
from bot.jobs.model import Person, Place


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message to Easel.

    `message` is the platform's id of it. `pictures` are the bytes attached to it or, where there are none, those
    of the message replied to; of one of Easel's results they may be left out where the first picture is meant.
    `reply_to` is the platform's id of the message replied to.
    """

    person: Person
    place: Place
    message: str
    text: str
    pictures: tuple[bytes, ...] = field(default=(), repr=False)
    reply_to: str | None = None


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

    async def say(self, place: Place, text: str, *, reply_to: str | None) -> str:
        """Post a text, in several messages where it is too long for one; the id of the first."""

    async def show(self, place: Place, card: StatusCard, *, reply_to: str | None) -> str:
        """Post a status card, silently; its message id.

        After a crash the same is asked again: a platform that can tell answers with the message that is there for
        the card's job, and posts no second one.
        """

    async def update(self, place: Place, message: str, card: StatusCard) -> None:
        """Make a status message show this card. "Not modified" is success, and so is "deleted"."""

    async def post(self, place: Place, result: Result, *, reply_to: str | None, status: str | None) -> tuple[str, ...]:
        """Post a result, and take away or close its status message; the result's message ids, one or more.

        As `show`: asked again for the same job in reply to the same message. In reply to another it is wanted anew.
        """

    async def remove(self, place: Place, message: str) -> None:
        """Delete a message. One that is gone already is success."""
