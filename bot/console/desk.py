"""Where the console's one person sits: what they type, attach and press goes into the conversation from here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.chat.conversation import Conversation
from bot.chat.ports import Fetch, Incoming
from bot.chat.texts import texts_for
from bot.console.errors import MessageGone
from bot.console.front import PLACE
from bot.console.messages import Message, Said, Shown
from bot.console.room import Room
from bot.images.convert import normalise
from bot.images.errors import ImageError
from bot.images.probe import InputLimits
from bot.jobs.media import MediaStore
from bot.jobs.model import Action, Job, Person

OPERATOR = "console:operator"
"""The person's id: whoever holds the token is the operator."""


def operator(language: str | None) -> Person:
    """The console's person, reading that language."""
    return Person(OPERATOR, texts_for(language).say("console-you"), language)


class Desk:
    """Speaks for the operator, in the room and in the conversation alike."""

    def __init__(
        self, room: Room, conversation: Conversation, media: MediaStore, inputs: InputLimits | None = None
    ) -> None:
        self._room = room
        self._conversation = conversation
        self._media = media
        self._inputs = inputs or InputLimits()

    async def say(
        self,
        text: str,
        *,
        pictures: Sequence[bytes] = (),
        reply_to: str | None = None,
        of: int = 0,
        language: str | None = None,
    ) -> Job | None:
        """Post a message and have it answered. What is wrong with it is said in the room.

        `reply_to` is a message of the room and `of` one of its pictures, counted from 0: the input, where no picture
        is attached.

        Returns:
            The job it started, if it started one.

        Raises:
            MessageGone: `reply_to` is no longer there.
            PictureGone: Its picture is no longer kept.
        """
        replied = self._replied(reply_to)
        given = [await self._readable(data) for data in pictures]
        shown = tuple([Shown.attached(self._room.picture_id(), data) for data, readable in given if readable])
        inputs = tuple(data for data, _ in given) or await self._pictures_of(replied, of)
        message = self._room.add(Said(text, shown, of), reply_to)
        return await self._conversation.receive(
            Incoming(operator(language), PLACE, message.id, text, tuple(map(_at_hand, inputs)), reply_to),
        )

    async def press(self, job: str, action: Action, *, language: str | None = None) -> str | None:
        """Press a button.

        Returns:
            For `Action.EDIT`, the command to change; else None.

        Raises:
            EaselError: It cannot be done.
        """
        return await self._conversation.press(operator(language), PLACE, job, action)

    def _replied(self, reply_to: str | None) -> Message | None:
        if reply_to is None:
            return None
        message = self._room.message(reply_to)
        if message is None:
            raise MessageGone
        return message

    async def _readable(self, data: bytes) -> tuple[bytes, bool]:
        """The picture as it can be shown, or the bytes as they are: the conversation says what is wrong with them."""
        try:
            return await asyncio.to_thread(normalise, data, self._inputs), True
        except ImageError:
            return data, False

    async def _pictures_of(self, replied: Message | None, of: int) -> tuple[bytes, ...]:
        """The picture that a reply means. Of a result's first one the conversation itself knows, and what made it."""
        if replied is None or not replied.pictures:
            return ()
        if not 0 <= of < len(replied.pictures):
            raise MessageGone
        picture = replied.pictures[of]
        if picture.original is None:
            return (picture.data,)
        return (await self._media.get(picture.original),) if of else ()


def _at_hand(data: bytes) -> Fetch:
    async def fetch() -> bytes:
        return data

    return fetch
