"""Telegram as a front end: what Easel says becomes messages of its chats."""

from __future__ import annotations

from dataclasses import dataclass, replace

from telegram import ForceReply

from bot.chat.card import Result, StatusCard, Words
from bot.chat.pacing import Budgets, SlowDown
from bot.chat.texts import Texts
from bot.images.fit import TELEGRAM_PHOTO, PlatformLimits
from bot.jobs.model import Person, Place
from bot.telegram import writing
from bot.telegram.errors import NotTaken
from bot.telegram.keyboards import keyboard
from bot.telegram.people import PLATFORM
from bot.telegram.posting import Poster, Uploads
from bot.telegram.recent import Recent
from bot.telegram.sending import Sender
from bot.telegram.writing import CAPTION_LIMIT, TEXT_LIMIT, shortened

_SHOWN = 1000
"""So many status messages are remembered, and how they look."""
_SAID = 100
"""Of so many long answers it is remembered how far they have been said."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What is known of a status message: whether it is a picture, of what bytes, and whether it can become one."""

    picture: bool = False
    preview: int | None = None
    never: bool = False


class TelegramFrontEnd:
    """The `bot.chat.ports.FrontEnd` of a bot. A message's id is Telegram's; ``123/TOKEN``, a press on it, means it too.

    `keep_status`: a finished job's status message stays and becomes one line. `limits` are its Bot API server's. Where
    something takes several messages, each call sends one of them and raises `SlowDown` for the next, so that each has
    its turn.
    """

    def __init__(
        self,
        sender: Sender,
        uploads: Uploads,
        *,
        keep_status: bool,
        budgets: Budgets,
        limits: PlatformLimits = TELEGRAM_PHOTO,
    ) -> None:
        self._sender = sender
        self._poster = Poster(sender, uploads)
        self._keep_status = keep_status
        self._budgets = budgets
        self._limits = limits
        self._shown: Recent[tuple[str, str], str] = Recent(_SHOWN)
        self._looks: Recent[tuple[str, str], _Look] = Recent(_SHOWN)
        self._said: Recent[tuple[Place, Words, str | None], tuple[str, ...]] = Recent(_SAID)

    @property
    def platform(self) -> str:
        """See `FrontEnd.platform`."""
        return PLATFORM

    @property
    def picture_limits(self) -> PlatformLimits:
        """See `FrontEnd.picture_limits`."""
        return self._limits

    @property
    def budgets(self) -> Budgets:
        """See `FrontEnd.budgets`."""
        return self._budgets

    def is_private(self, place: Place) -> bool:
        """See `FrontEnd.is_private`. Groups and channels have ids below zero."""
        return int(place.chat) > 0

    async def say(self, place: Place, words: Words, *, reply_to: str | None) -> str:
        """See `FrontEnd.say`."""
        key = (place, words, reply_to)
        parts = [part for part in writing.split(writing.words(words)) if part.text.strip()]
        said = self._said.get(key) or ()
        answered = None if said else reply_to
        said = (*said, await self._sender.text(place, parts[len(said)], reply_to=answered, silent=bool(said)))
        if len(said) < len(parts):
            self._said.set(key, said)
            raise SlowDown(0, weight=1)
        self._said.forget(key)
        return said[0]

    async def show(self, place: Place, card: StatusCard, *, reply_to: str | None) -> str:
        """See `FrontEnd.show`. Telegram cannot tell what is there; what this process has posted is known."""
        shown = self._shown.get((place.chat, card.job))
        if shown is not None:
            await self.update(place, shown, card)
            return shown
        text = shortened(writing.card(card), TEXT_LIMIT)
        markup = keyboard(card.job, card.buttons)
        message = await self._sender.text(place, text, reply_to=reply_to, markup=markup, silent=True)
        self._shown.set((place.chat, card.job), message)
        return message

    async def update(self, place: Place, message: str, card: StatusCard) -> None:
        """See `FrontEnd.update`. With its first preview it becomes a picture, and remains one."""
        look = self._looks.get((place.chat, message)) or _Look()
        text, markup = writing.card(card), keyboard(card.job, card.buttons)
        caption = shortened(text, CAPTION_LIMIT)
        preview = None if card.preview is None or look.never else hash(card.preview)
        if card.preview is not None and preview not in (None, look.preview):
            if await self._sender.edit_picture(place, message, card.preview, caption, markup):
                self._looks.set((place.chat, message), _Look(picture=True, preview=preview))
                return
            look = replace(look, never=True)
            self._looks.set((place.chat, message), look)
        if look.picture or not await self._sender.edit_text(place, message, shortened(text, TEXT_LIMIT), markup):
            await self._sender.edit_caption(place, message, caption, markup)
            self._looks.set((place.chat, message), replace(look, picture=True))

    async def post(self, place: Place, result: Result, *, reply_to: str | None, status: str | None) -> tuple[str, ...]:
        """See `FrontEnd.post`."""
        posted = await self._poster.post(place, result, reply_to)
        if status is not None:
            if self._keep_status and posted.just_now:
                raise SlowDown(0, weight=1)
            await self._close(place, result, status)
        return posted.messages

    async def remove(self, place: Place, message: str) -> None:
        """See `FrontEnd.remove`. What is too old to be deleted stays, without its buttons."""
        if not await self._sender.delete(place, message):
            await self._sender.take_buttons(place, message)
        self._looks.forget((place.chat, message))

    async def ask_edit(
        self, place: Place, person: Person, job: str, command: str, texts: Texts, *, reply_to: str
    ) -> str:
        """Ask somebody what to change of a job, whose command that is; the message's id.

        Their client opens a reply at once, and theirs alone: for that they have to be mentioned (Bot API 10.0,
        ForceReply.selective). The job's id is marked as code and the command as pre, by which a reply to it is known,
        also by a later process.
        """
        asking = writing.filled(
            texts.say("telegram-edit", name="\0", job="\1"),
            {"\0": writing.mention(int(person.id.rpartition(":")[2]), person.name), "\1": writing.code(job)},
        )
        wanted = ForceReply(selective=True, input_field_placeholder=texts.say("telegram-edit-example"))
        text = shortened(writing.lines(asking, writing.pre(command)), TEXT_LIMIT)
        try:
            return await self._sender.text(place, text, reply_to=reply_to, markup=wanted)
        except NotTaken:  # in a channel nobody can be made to reply; admins can all the same
            return await self._sender.text(place, text, reply_to=reply_to)

    async def _close(self, place: Place, result: Result, status: str) -> None:
        """The status message of a job that is done: a line, or gone. A picture that was not finished goes anyway.

        What is too old to be deleted becomes a line.
        """
        line = writing.final_line(result)
        closed = (
            (self._keep_status and await self._sender.edit_text(place, status, line))
            or await self._sender.delete(place, status)
            or await self._sender.edit_text(place, status, line)
        )
        if not closed:
            await self._sender.edit_caption(place, status, line)
        self._shown.forget((place.chat, result.job))
        self._looks.forget((place.chat, status))
