"""Gets what is to be said through to a chat: the one place where Telegram's refusals are understood."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypedDict, TypeVar

import structlog
from telegram import ReplyParameters
from telegram.error import ChatMigrated, RetryAfter, TelegramError

from bot.chat.pacing import SlowDown
from bot.errors import EaselError
from bot.jobs.model import Place
from bot.telegram.errors import ChatUnreachable, FileTooLarge, MayNotSend, NotTaken, TopicClosed
from bot.telegram.recent import Recent
from bot.telegram.refusals import Meaning, meaning, silence

log = structlog.get_logger()

T = TypeVar("T")

_LONGEST_PAUSE = 60.0
_CHATS = 10_000
"""Of so many chats it is remembered that they are in trouble, or have moved."""

_FORBIDDEN: dict[Meaning, str] = {
    Meaning.MAY_NOT_SEND_PHOTOS: "photos",
    Meaning.MAY_NOT_SEND_DOCUMENTS: "documents",
    Meaning.MAY_NOT_SPEAK: "messages",
}
_NO_SUCH_FILE = frozenset({Meaning.FILE_GONE, Meaning.NO_PHOTO, Meaning.TOO_LARGE})


class Where(TypedDict):
    """Arguments that every request to send something takes."""

    message_thread_id: int | None
    reply_parameters: ReplyParameters | None


class Unfit(Exception):
    """A file cannot be sent like this. `meaning` is FILE_GONE, NO_PHOTO or TOO_LARGE; otherwise it may go well."""

    def __init__(self, meaning: Meaning, reason: str) -> None:
        super().__init__(reason)
        self.meaning = meaning
        self.reason = reason

    def final(self) -> EaselError:
        """What to tell where there is no other way."""
        return FileTooLarge() if self.meaning is Meaning.TOO_LARGE else NotTaken(self.reason)


class _Refusal(Exception):
    def __init__(self, meaning: Meaning, error: TelegramError) -> None:
        super().__init__(error.message)
        self.meaning = meaning
        self.error = error


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes: Telegram's ids of the chat, the topic in it, and the message it answers."""

    chat: int
    thread: int | None
    reply: int | None

    @property
    def where(self) -> Where:
        """As arguments of a request. A reply to what is gone goes to the chat."""
        reply = None if self.reply is None else ReplyParameters(self.reply, allow_sending_without_reply=True)
        return Where(message_thread_id=self.thread, reply_parameters=reply)


class Reach:
    """Makes requests of chats.

    `SlowDown` is raised where Telegram asks for silence, and where the network, the server or the token is in trouble,
    then for longer each time (1 to 60 seconds in each chat). A group that lives on under another id is followed;
    `moved(old, new id)` is told.
    """

    def __init__(self, moved: Callable[[Place, str], Awaitable[object]]) -> None:
        self._tell_moved = moved
        self._moved: Recent[str, int] = Recent(_CHATS)
        self._failures: Recent[str, int] = Recent(_CHATS)

    async def send(self, place: Place, reply_to: str | None, call: Callable[[Target], Awaitable[T]]) -> T:
        """Send something new. Where a topic, or what it answers, is gone, it goes to the chat.

        Raises:
            SlowDown: See the class.
            EaselError: It does not help to try again.
            Unfit: It does not help as long as it is this file.
        """
        target = self._target(place, reply_to)
        while True:
            try:
                return await self._call(place, call(target))
            except _Refusal as refusal:
                target = await self._next(place, target, refusal)

    async def change(self, place: Place, call: Callable[[int], Awaitable[object]]) -> Meaning:
        """Change or delete a message: AS_WANTED, GONE, STAYS, or NO_TEXT, if that was to be changed and it has none.

        It raises what `send` raises.
        """
        if self._moved.get(place.chat) is not None:
            return Meaning.GONE
        try:
            await self._call(place, call(int(place.chat)))
        except _Refusal as refusal:
            match refusal.meaning, refusal.error:
                case _, ChatMigrated(new_chat_id=chat):
                    await self._follow(place, chat)
                    return Meaning.GONE
                case (Meaning.AS_WANTED | Meaning.GONE | Meaning.STAYS | Meaning.NO_TEXT) as told, _:
                    return told
            raise _final(place, refusal) from refusal.error
        return Meaning.AS_WANTED

    def _target(self, place: Place, reply_to: str | None) -> Target:
        moved = self._moved.get(place.chat)
        if moved is not None:  # there it has no topics, and messages have other ids
            return Target(moved, None, None)
        thread = None if place.thread is None else int(place.thread)
        return Target(int(place.chat), thread, None if reply_to is None else message_of(reply_to))

    async def _next(self, place: Place, target: Target, refusal: _Refusal) -> Target:
        """Where to send it instead, if anywhere."""
        match refusal.meaning, refusal.error:
            case _, ChatMigrated(new_chat_id=chat):
                await self._follow(place, chat)
                return self._target(place, None)
            case Meaning.TOPIC_GONE, _ if target.thread is not None:
                return replace(target, thread=None)
            case Meaning.REPLY_GONE, _ if target.reply is not None:
                return replace(target, reply=None)
        raise _final(place, refusal) from refusal.error

    async def _call(self, place: Place, call: Awaitable[T]) -> T:
        try:
            done = await call
        except RetryAfter as error:
            raise SlowDown(silence(error)) from error
        except TelegramError as error:
            told = meaning(error)
            if told is Meaning.TROUBLE:
                raise SlowDown(self._pause(place, error)) from error
            self._failures.forget(place.chat)
            raise _Refusal(told, error) from error
        self._failures.forget(place.chat)
        return done

    def _pause(self, place: Place, error: TelegramError) -> float:
        failures = self._failures.get(place.chat) or 0
        seconds = float(min(2**failures, _LONGEST_PAUSE))
        self._failures.set(place.chat, failures + (seconds < _LONGEST_PAUSE))
        log.warning("telegram in trouble", chat=place.subject, error=str(error), again_in=seconds)
        return seconds

    async def _follow(self, place: Place, chat: int) -> None:
        if self._moved.get(place.chat) == chat:
            return
        self._moved.set(place.chat, chat)
        log.info("chat moved", chat=place.subject, to=chat)
        try:
            await self._tell_moved(place, str(chat))
        except EaselError as error:
            log.warning("move of a chat not kept", chat=place.subject, to=chat, error=str(error))


def message_of(message: str) -> int:
    """Telegram's id of a message. Of a press, ``123/TOKEN``, it is the one that has the button."""
    return int(message.partition("/")[0])


def _final(place: Place, refusal: _Refusal) -> EaselError | Unfit:
    if refusal.meaning in _NO_SUCH_FILE:
        return Unfit(refusal.meaning, refusal.error.message)
    if refusal.meaning in _FORBIDDEN:
        return MayNotSend(_FORBIDDEN[refusal.meaning])
    match refusal.meaning:
        case Meaning.UNREACHABLE:
            return ChatUnreachable(place.subject)
        case Meaning.TOPIC_CLOSED:
            return TopicClosed()
        case _:
            return NotTaken(refusal.error.message)
