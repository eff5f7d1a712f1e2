"""Where every update is handled: what it means goes to the conversation, and every press gets an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

import structlog
from telegram import Update, User
from telegram.error import BadRequest, NetworkError, TelegramError

from bot.chat.commands import find, split
from bot.chat.errors import Fault
from bot.chat.pacing import Call
from bot.chat.ports import Fetch, Incoming
from bot.chat.texts import Texts, texts_for
from bot.errors import EaselError
from bot.grammar import tokens
from bot.jobs.errors import AlreadyOver, NoSuchJob
from bot.jobs.ledger.errors import LedgerUnavailable
from bot.jobs.model import Action, Job, Person, Place
from bot.telegram.admins import Admins
from bot.telegram.albums import AlbumKey, Albums
from bot.telegram.attachments import RemoteFile
from bot.telegram.errors import DeadButton
from bot.telegram.lanes import Lanes
from bot.telegram.updates import (
    Asked,
    Event,
    Heard,
    Joined,
    Left,
    Me,
    Migrated,
    Muted,
    Pressed,
    PressedNonsense,
    Seen,
    read,
)

log = structlog.get_logger()

QUIET = 1.5
"""An album is whole once nothing of it has come for so many seconds: more than between two questions for updates."""
_LONGEST_ALBUM = 10
_LONGEST_ALERT = 200
"""Characters (Bot API 10.0, answerCallbackQuery)."""
_ANSWER_AGAIN = (1.0, 3.0)
"""Seconds after which an answer to a press is sent again where the network failed it: who pressed is looking on."""
_PICK = "pick"


class Account(Protocol):
    """What is needed of the `telegram.Bot`."""

    @property
    def bot(self) -> User:
        """Who we are, as getMe said."""

    async def answer_callback_query(
        self, callback_query_id: str, *, text: str | None = None, show_alert: bool | None = None
    ) -> bool:
        """See `telegram.Bot.answer_callback_query`. Raises `TelegramError`."""


class Talk(Protocol):
    """What is needed of the `bot.chat.conversation.Conversation`."""

    async def receive(self, incoming: Incoming) -> Job | None:
        """See there."""

    async def press(
        self, person: Person, place: Place, job: str, action: Action, *, message: str | None = None
    ) -> str | None:
        """See there. Raises EaselError."""

    async def moved(self, old: Place, chat: str) -> None:
        """See there."""

    async def left(self, place: Place) -> None:
        """See there."""

    async def texts_of(self, person: Person, place: Place) -> Texts:
        """See there."""

    def offer(self, place: Place, call: Call) -> None:
        """Call it once it is that chat's turn to be spoken to."""


class Front(Protocol):
    """What is needed of the `bot.telegram.front.TelegramFrontEnd`; it is called when it is the chat's turn."""

    async def ask_edit(
        self, place: Place, person: Person, job: str, command: str, texts: Texts, *, reply_to: str
    ) -> str:
        """See there."""

    async def remove(self, place: Place, message: str) -> None:
        """Delete a message."""


class Commands(Protocol):
    """The workflows' own commands."""

    def command(self, name: str) -> object | None:
        """See `bot.jobs.catalog.Catalog.command`."""


class Jobs(Protocol):
    """What is needed of the `bot.jobs.service.JobService`."""

    @property
    def catalog(self) -> Commands:
        """What can be drawn."""

    async def job_of_message(self, place: Place, message: str) -> Job | None:
        """See there. Raises LedgerUnavailable."""


class Pictures(Protocol):
    """See `bot.telegram.files.Files`."""

    def fetch(self, file: RemoteFile) -> Fetch:
        """See there."""


@dataclass(slots=True)
class _Gathering:
    """An album that is coming in, and what was said with it."""

    items: dict[str, Heard]
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Desk:
    """Handles updates side by side. What one person says and presses in one chat is done in its order.

    What is said in a group that has just got another id waits until all that belongs to it is there.
    `ask_inline` answers what people type behind our name in any chat.
    """

    def __init__(
        self,
        conversation: Talk,
        *,
        account: Account,
        front: Front,
        jobs: Jobs,
        admins: Admins,
        pictures: Pictures,
        ask_inline: Callable[[Asked], Awaitable[None]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._account = account
        self._conversation = conversation
        self._front = front
        self._jobs = jobs
        self._admins = admins
        self._pictures = pictures
        self._ask_inline = ask_inline
        self._sleep = sleep
        self._lanes = Lanes()
        self._moving = Lanes()
        self._albums = Albums()
        self._gatherings: dict[AlbumKey, _Gathering] = {}

    async def take(self, update: Update) -> None:
        """Handle an update; nothing is raised for it. When this returns, what came of it is safe."""
        try:
            user = self._account.bot
            event = read(update, Me(user.id, user.username or ""))
            if event is not None:
                await self._handle(event)
        except Exception:  # the boundary where a fault of ours must not keep other updates from being handled
            log.exception("update failed by a fault of ours", update=update.update_id)

    async def _handle(self, event: Event) -> None:
        if isinstance(event, Heard | Pressed):
            async with self._moving.turn(event.place.chat):
                pass
        match event:
            case Heard(attached=True, album=str(album)):
                await self._gather(event, AlbumKey(event.place.chat, album))
            case Heard():
                async with self._lanes.turn(_lane(event)):
                    await self._hear(event)
            case Seen():
                self._albums.add(AlbumKey(event.place.chat, event.album), event.message, event.files)
            case Pressed():
                async with self._lanes.turn(_lane(event)):
                    await self._press(event)
            case PressedNonsense():
                await self._answer(event.query, texts_for(event.person.language).explain(DeadButton()))
            case Asked():
                await self._ask_inline(event)
            case _:
                await self._note(event)

    async def _note(self, event: Migrated | Left | Joined | Muted) -> None:
        match event:
            case Migrated():
                log.info("chat moved", chat=event.old.subject, to=event.chat)
                async with self._moving.turn(event.chat):
                    await self._conversation.moved(event.old, event.chat)
            case Left():
                log.info("no longer in a chat", chat=event.place.subject)
                await self._conversation.left(event.place)
            case Joined():
                log.info("now in a chat", chat=event.place.subject, by=event.person.id)
            case Muted():
                log.warning("may not write in a chat", chat=event.place.subject)

    async def _gather(self, heard: Heard, key: AlbumKey) -> None:
        """An item of an album. The first to come waits for the others and speaks for all.

        It waits from now on and not from its turn on, so that ten albums take no longer than one.
        """
        self._albums.add(key, heard.message, heard.files)
        gathering = self._gatherings.get(key)
        if gathering is not None:
            gathering.items[heard.message] = heard
            await gathering.done.wait()
            return
        if not self._albums.answer(key) and not heard.text:
            return  # it came late, and has nothing to add
        gathering = self._gatherings[key] = _Gathering({heard.message: heard})
        whole = asyncio.create_task(self._whole(key, edited=heard.edited))
        try:
            async with self._lanes.turn(_lane(heard)):
                await whole
                del self._gatherings[key]  # whatever comes from now on speaks for itself
                spoken = next((item for item in gathering.items.values() if item.text), heard)
                await self._hear(replace(spoken, files=self._albums.pictures(key)))
        finally:
            whole.cancel()
            if self._gatherings.get(key) is gathering:
                del self._gatherings[key]
            gathering.done.set()

    async def _whole(self, key: AlbumKey, *, edited: bool) -> None:
        """Return once all of it is here; of one that was said before, it is."""
        if edited:
            return
        await asyncio.sleep(0)  # those that Telegram told together have come as well then
        for _ in range(_LONGEST_ALBUM):
            seen = self._albums.count(key)
            await self._sleep(QUIET)
            if self._albums.count(key) == seen:
                return

    async def _hear(self, heard: Heard) -> None:
        if not heard.addressed and not self._knows(split(heard.text).word):
            return
        files = heard.files if heard.attached else await self._replied(heard)
        incoming = Incoming(
            person=await self._ranked(heard),
            place=heard.place,
            message=heard.message,
            text=heard.text,
            pictures=tuple([self._pictures.fetch(file) for file in files]),
            reply_to=heard.reply_to,
            album=len(files) > 1,
            edited=heard.edited,
        )
        await self._conversation.receive(incoming)

    def _knows(self, word: str) -> bool:
        return find(word) is not None or self._jobs.catalog.command(word) is not None

    async def _replied(self, heard: Heard) -> Sequence[RemoteFile]:
        """The pictures of what is replied to. Of a result the conversation itself knows, unless it was long ago."""
        if heard.ours and heard.files and heard.reply_to is not None and await self._is_known(heard):
            return ()
        if heard.album is None:
            return heard.files
        whole = self._albums.pictures(AlbumKey(heard.place.chat, heard.album))
        meant = {file.file_unique_id for file in heard.files}
        if not any(file.file_unique_id in meant for file in whole):
            return heard.files
        if any(flag.name == _PICK for flag in tokens.split(heard.text)[1]):
            return whole  # counted as they stand in the chat
        return sorted(whole, key=lambda file: file.file_unique_id not in meant)

    async def _is_known(self, heard: Heard) -> bool:
        try:
            return await self._jobs.job_of_message(heard.place, heard.reply_to or "") is not None
        except LedgerUnavailable:  # of which the conversation tells
            return True

    async def _ranked(self, event: Heard | Pressed) -> Person:
        """Who it is, and whether they administer the chat."""
        admin = event.admin
        if admin is None:
            admin = await self._admins.has(event.place.chat, event.person.id)
        return replace(event.person, admin=admin)

    async def _press(self, pressed: Pressed) -> None:
        place, under = pressed.place, pressed.message
        person = await self._ranked(pressed)
        texts = await self._conversation.texts_of(person, place)
        request = f"{under}/{pressed.query}"  # of its own, so that a press told twice is one
        wrong: EaselError | None = None
        try:
            command = await self._conversation.press(person, place, pressed.job, pressed.action, message=request)
        except EaselError as error:
            log.info("press refused", person=person.id, place=place.subject, error=str(error))
            wrong = error
        except Exception:  # the boundary where a fault of ours must not leave a person without an answer
            log.exception("press failed by a fault of ours", person=person.id)
            wrong = Fault()
        else:
            if command is not None:
                ask = partial(self._front.ask_edit, place, person, pressed.job, command, texts, reply_to=under)
                self._conversation.offer(place, ask)
        await self._answer(pressed.query, None if wrong is None else texts.explain(wrong))
        if pressed.action is Action.CANCEL and pressed.offered and isinstance(wrong, None | NoSuchJob | AlreadyOver):
            await self._clear(place, under)

    async def _clear(self, place: Place, message: str) -> None:
        """Take a status message away that is no job's: we died between posting it and writing that down."""
        try:
            owner = await self._jobs.job_of_message(place, message)
        except LedgerUnavailable as error:
            log.info("status message not looked up", place=place.subject, error=str(error))
            return
        if owner is None:
            self._conversation.offer(place, partial(self._front.remove, place, message))

    async def _answer(self, query: str, wrong: str | None) -> None:
        """Let the button come to rest, with what is wrong for the person alone to read."""
        text = None if wrong is None else _cut(wrong, _LONGEST_ALERT)
        for wait in (*_ANSWER_AGAIN, None):
            try:
                await self._account.answer_callback_query(query, text=text, show_alert=wrong is not None)
            except BadRequest as error:  # it waited too long for us, and nobody waits any more
                log.debug("press not answered", error=error.message)
            except TelegramError as error:
                if wait is not None and isinstance(error, NetworkError):
                    await self._sleep(wait)
                    continue
                log.warning("press not answered", error=error.message)
            return


def _lane(event: Heard | Pressed) -> tuple[str, str]:
    return event.place.chat, event.person.id


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
