"""The methods that change and remove messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.telegram_api import markup, sending, wire
from tests.telegram_api.files import Photo
from tests.telegram_api.model import Content, Message
from tests.telegram_api.parameters import Parameters
from tests.telegram_api.refusals import NOT_MODIFIED, bad
from tests.telegram_api.text import CAPTION, TEXT

if TYPE_CHECKING:
    from tests.telegram_api.server import BotApi

DELETABLE_SECONDS = 48 * 3600
_AT_ONCE = 100


def edit_text(api: BotApi, parameters: Parameters) -> wire.Wire | bool:
    """``editMessageText``. Left out buttons are taken away, here and in every edit."""
    text, entities = sending.read_text(api, parameters, TEXT)
    message = _mine(api, parameters)
    if message.content.media is not None:
        raise bad("there is no text in the message to edit")
    preview = parameters.object("link_preview_options", "link preview options")
    return _change(
        api, parameters, message, Content(text, entities, keyboard=markup.inline_only(parameters), link_preview=preview)
    )


def edit_caption(api: BotApi, parameters: Parameters) -> wire.Wire | bool:
    """``editMessageCaption``."""
    caption, entities = sending.read_text(api, parameters, CAPTION)
    message = _mine(api, parameters)
    if message.content.media is None:
        raise bad("there is no caption in the message to edit")
    keyboard = markup.inline_only(parameters)
    return _change(
        api, parameters, message, replace(message.content, text=caption, entities=entities, keyboard=keyboard)
    )


def edit_media(api: BotApi, parameters: Parameters) -> wire.Wire | bool:
    """``editMessageMedia``: another picture or file, also in place of a text."""
    given = parameters.object("media", "input media")
    message = _mine(api, parameters)
    content = sending.input_media(api, parameters, given)
    chat = message.chat
    right, what = (
        ("can_send_photos", "photos") if isinstance(content.media, Photo) else ("can_send_documents", "documents")
    )
    if not chat.allows_bot(right):
        raise bad(f"not enough rights to send {what} to the chat")
    if message.album is not None and type(content.media) is not type(message.content.media):
        raise bad("message content type can't be used in an album")
    return _change(api, parameters, message, replace(content, keyboard=markup.inline_only(parameters)))


def edit_markup(api: BotApi, parameters: Parameters) -> wire.Wire | bool:
    """``editMessageReplyMarkup``."""
    message = _mine(api, parameters)
    return _change(api, parameters, message, replace(message.content, keyboard=markup.inline_only(parameters)))


def delete_message(api: BotApi, parameters: Parameters) -> bool:
    """``deleteMessage``: the bot's own within 48 hours, everybody's in a private chat or where it is an admin."""
    chat = api.chat(parameters)
    chat.open_to_bot()
    message = chat.find(parameters.number("message_id"))
    if message is None:
        raise bad("message to delete not found")
    if not message.by_bot and chat.kind != "private" and not chat.bot.rules:
        raise bad("message can't be deleted")
    if not chat.bot.rules and api.world.now() - message.date > DELETABLE_SECONDS:
        raise bad("message can't be deleted for everyone")
    chat.remove(message)
    return True


def delete_messages(api: BotApi, parameters: Parameters) -> bool:
    """``deleteMessages``: what cannot be deleted is passed over."""
    chat = api.chat(parameters)
    chat.open_to_bot()
    ids = parameters.object("message_ids", "message identifiers")
    if not isinstance(ids, list) or not ids:
        raise bad("message identifiers are not specified")
    if len(ids) > _AT_ONCE:
        raise bad("too many message identifiers specified")
    for message in filter(None, map(chat.find, ids)):
        if message.by_bot or chat.kind == "private" or chat.bot.rules:
            chat.remove(message)
    return True


def _mine(api: BotApi, parameters: Parameters) -> Message:
    """The message to edit, if it is there and the bot's."""
    inline = parameters.text("inline_message_id")
    if inline:
        sent = (one for chat in api.world.chats.values() for one in chat.messages if one.inline_id == inline)
        if (via := next(sent, None)) is None:
            raise bad("MESSAGE_ID_INVALID")
        return via
    chat = api.chat(parameters)
    chat.open_to_bot()
    message = chat.find(parameters.number("message_id"))
    if message is None:
        raise bad("message to edit not found")
    if not message.by_bot or message.service is not None:
        raise bad("message can't be edited")
    return message


def _change(api: BotApi, parameters: Parameters, message: Message, content: Content) -> wire.Wire | bool:
    if content.keyboard and message.album is not None:
        raise bad("message can't be edited")
    if content == message.content:
        raise bad(NOT_MODIFIED)
    chat = message.chat
    api.flood.count(chat.id, parameters.method, group=chat.kind != "private", edit=True)
    chat.change(message, content, by_bot=True)
    return True if message.via_bot else wire.message(message, api.world.bot)


METHODS: dict[str, Callable[[BotApi, Parameters], Any]] = {
    "editmessagetext": edit_text,
    "editmessagecaption": edit_caption,
    "editmessagemedia": edit_media,
    "editmessagereplymarkup": edit_markup,
    "deletemessage": delete_message,
    "deletemessages": delete_messages,
}
