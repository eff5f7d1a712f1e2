"""What of Telegram's messages is sent, changed and deleted: each shape of a message, once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypedDict

import structlog
from telegram import (
    Bot,
    ForceReply,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    MessageEntity,
)

from bot.errors import EaselError
from bot.jobs.model import Place
from bot.telegram.errors import MayNotSend, NotTaken
from bot.telegram.reaching import Reach, Target, Unfit, message_of
from bot.telegram.refusals import Meaning
from bot.telegram.writing import Text

log = structlog.get_logger()

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class _Captioned(TypedDict):
    caption: str
    caption_entities: tuple[MessageEntity, ...]


_FILE_ANSWER = 180.0
"""In seconds. Telegram answers only once it has looked at all of the files; heard too late, they are sent twice."""


class Form(StrEnum):
    """How a file is shown."""

    PHOTO = "photo"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class File:
    """Something to post: bytes to upload, or the file_id of what this bot has uploaded. `covered`: not seen at once."""

    form: Form
    content: bytes | str = field(repr=False)
    name: str
    covered: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was sent, and the file_id of what is in it, if it can be sent again like that."""

    message: str
    file_id: str | None


class Sender:
    """Speaks through a bot.

    Every method raises what `bot.telegram.reaching.Reach` raises: `SlowDown` where the same may go well later. Called
    again, it does the same again: of a message whose answer never came nobody knows whether it is there, and Telegram
    has nothing to tell that by, so that such a message may be there twice. What is asked to be changed or deleted and
    is gone, or is like that already, is a success.
    """

    def __init__(self, bot: Bot, moved: Callable[[Place, str], Awaitable[object]]) -> None:
        self._bot = bot
        self._reach = Reach(moved)

    @property
    def account(self) -> str:
        """Whose file_ids these are: another bot cannot use them. A token begins with the bot's id."""
        return f"telegram:{self._bot.token.partition(':')[0]}"

    async def text(
        self,
        place: Place,
        text: Text,
        *,
        reply_to: str | None,
        markup: InlineKeyboardMarkup | ForceReply | None = None,
        silent: bool = False,
    ) -> str:
        """Send a text; the message's id."""

        async def send(target: Target) -> Message:
            return await self._bot.send_message(
                target.chat,
                text.text,
                entities=text.entities,
                **target.where,
                reply_markup=markup,
                disable_notification=silent,
                link_preview_options=_NO_PREVIEW,
            )

        return str((await self._reach.send(place, reply_to, send)).message_id)

    async def file(
        self, place: Place, file: File, caption: Text, *, reply_to: str | None, markup: InlineKeyboardMarkup | None
    ) -> Sent:
        """Send a picture, or a file.

        Raises:
            Unfit: It is not taken like this.
        """

        async def photo(target: Target) -> Message:
            return await self._bot.send_photo(
                target.chat,
                file.content,
                filename=file.name,
                has_spoiler=file.covered,
                **_captioned(caption),
                **target.where,
                reply_markup=markup,
                read_timeout=_FILE_ANSWER,
            )

        async def document(target: Target) -> Message:
            return await self._bot.send_document(
                target.chat,
                file.content,
                filename=file.name,
                disable_content_type_detection=file.covered,
                **_captioned(caption),
                **target.where,
                reply_markup=markup,
                read_timeout=_FILE_ANSWER,
            )

        return _sent(await self._reach.send(place, reply_to, photo if file.form is Form.PHOTO else document))

    async def album(self, place: Place, files: Sequence[File], caption: Text, *, reply_to: str | None) -> list[Sent]:
        """Send two to ten files of one form together, the caption with the first.

        Raises:
            Unfit: One of them is not taken like this; then none is sent.
        """

        async def send(target: Target) -> Sequence[Message]:
            media = [_media(file, Text("") if n else caption) for n, file in enumerate(files)]
            return await self._bot.send_media_group(
                target.chat,
                media,
                **target.where,
                read_timeout=_FILE_ANSWER,
            )

        return [_sent(message) for message in await self._reach.send(place, reply_to, send)]

    async def edit_text(
        self, place: Place, message: str, text: Text, markup: InlineKeyboardMarkup | None = None
    ) -> bool:
        """Change a text message. False: it is a picture, and has no text."""

        async def edit(chat: int) -> object:
            return await self._bot.edit_message_text(
                text.text,
                chat,
                message_of(message),
                entities=text.entities,
                reply_markup=markup,
                link_preview_options=_NO_PREVIEW,
            )

        return await self._reach.change(place, edit) is not Meaning.NO_TEXT

    async def edit_caption(
        self, place: Place, message: str, caption: Text, markup: InlineKeyboardMarkup | None = None
    ) -> None:
        """Change what is written under a picture."""

        async def edit(chat: int) -> object:
            return await self._bot.edit_message_caption(
                chat,
                message_of(message),
                **_captioned(caption),
                reply_markup=markup,
            )

        await self._reach.change(place, edit)

    async def edit_picture(
        self, place: Place, message: str, picture: bytes, caption: Text, markup: InlineKeyboardMarkup | None = None
    ) -> bool:
        """Make a message show that picture, be it a text or a picture so far. False: no pictures are taken there."""

        async def edit(chat: int) -> object:
            return await self._bot.edit_message_media(
                InputMediaPhoto(picture, **_captioned(caption)),
                chat,
                message_of(message),
                reply_markup=markup,
                read_timeout=_FILE_ANSWER,
            )

        try:
            await self._reach.change(place, edit)
        except (Unfit, MayNotSend, NotTaken) as error:
            log.info("no preview", chat=place.subject, error=str(error))
            return False
        return True

    async def take_buttons(self, place: Place, message: str) -> None:
        """Have a message show no buttons any more."""

        async def edit(chat: int) -> object:
            return await self._bot.edit_message_reply_markup(chat, message_of(message))

        await self._reach.change(place, edit)

    async def delete(self, place: Place, message: str) -> bool:
        """Delete a message of ours. False: it is too old for that. In a chat we had to leave, it stays as well."""

        async def delete(chat: int) -> object:
            return await self._bot.delete_message(chat, message_of(message))

        try:
            return await self._reach.change(place, delete) is not Meaning.STAYS
        except EaselError as error:
            log.info("not deleted", chat=place.subject, message=message, error=str(error))
            return True


def _media(file: File, caption: Text) -> InputMediaPhoto | InputMediaDocument:
    if file.form is Form.PHOTO:
        return InputMediaPhoto(
            file.content,
            filename=file.name,
            has_spoiler=file.covered,
            **_captioned(caption),
        )
    return InputMediaDocument(
        file.content,
        filename=file.name,
        disable_content_type_detection=True,  # Bot API 10.0, sendMediaGroup: it always is
        **_captioned(caption),
    )


def _captioned(caption: Text) -> _Captioned:
    return _Captioned(caption=caption.text, caption_entities=caption.entities)


def _sent(message: Message) -> Sent:
    file = message.photo[-1] if message.photo else message.document
    return Sent(str(message.message_id), None if file is None else file.file_id)
