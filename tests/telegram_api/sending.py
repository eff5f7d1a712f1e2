"""The methods that send: messages, photos, files, albums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tests.telegram_api import markup, wire
from tests.telegram_api.chats import Chat, Topic
from tests.telegram_api.files import Document, Photo
from tests.telegram_api.model import Content, Message
from tests.telegram_api.parameters import Parameters
from tests.telegram_api.refusals import bad
from tests.telegram_api.text import CAPTION, TEXT, Entity, Field, formatted

if TYPE_CHECKING:
    from tests.telegram_api.server import BotApi

ALBUM = range(2, 11)
Sent = Photo | Document

_RIGHTS = {
    Photo: ("can_send_photos", "photos"),
    Document: ("can_send_documents", "documents"),
    type(None): ("can_send_messages", "text messages"),
}


def send_message(api: BotApi, parameters: Parameters) -> wire.Wire:
    """``sendMessage``."""
    where = Destination(api, parameters)
    keyboard, forced = markup.read(parameters)
    text, entities = read_text(api, parameters, TEXT)
    content = Content(
        text, entities, keyboard=keyboard, force_reply=forced,
        link_preview=parameters.object("link_preview_options", "link preview options"),
    )  # fmt: skip
    return wire.message(where.send([content])[0], api.world.bot)


def send_photo(api: BotApi, parameters: Parameters) -> wire.Wire:
    """``sendPhoto``."""
    return _send_file(api, parameters, "photo", Photo)


def send_document(api: BotApi, parameters: Parameters) -> wire.Wire:
    """``sendDocument``."""
    return _send_file(api, parameters, "document", Document)


def send_media_group(api: BotApi, parameters: Parameters) -> list[wire.Wire]:
    """``sendMediaGroup``. A keyboard is passed over in silence, as Telegram does."""
    where = Destination(api, parameters)
    given = parameters.object("media", "media")
    if not isinstance(given, list):
        raise bad("expected an Array of InputMedia")
    if len(given) > ALBUM[-1]:
        raise bad("too many messages to send as an album")
    if len(given) < ALBUM[0]:
        raise bad("too few messages to send as an album")  # documented (2-10); the words are ours
    contents = [input_media(api, parameters, one) for one in given]
    kinds = {type(content.media) for content in contents}
    if len(kinds) > 1:
        raise bad("document can't be mixed with other media types")
    sent = where.send(contents, album=api.world.next_token())
    return [wire.message(message, api.world.bot) for message in sent]


def input_media(api: BotApi, parameters: Parameters, given: Any) -> Content:
    """What an InputMedia shows; raises Refusal."""
    if not isinstance(given, dict):
        raise bad("can't parse InputMedia: expected an Object")
    kind = {"photo": Photo, "document": Document}.get(given.get("type", ""))
    if kind is None:
        raise bad(f'can\'t parse InputMedia: type "{given.get("type")}" is unsupported')
    media = file(api, parameters, str(given.get("media") or ""), kind)
    if media is None:
        raise bad("can't parse InputMedia: media not found")
    own = Parameters(given)
    caption, entities = read_text(api, own, CAPTION)
    return Content(caption, entities, media, bool(given.get("has_spoiler")) and kind is Photo)


def file(api: BotApi, parameters: Parameters, reference: str, kind: type[Sent], name: str = "") -> Sent | None:
    """A file that is uploaded with the request, as ``attach://`` or in its own field, or one that was sent before."""
    upload = parameters.attached(reference, name)
    if upload is None:
        if not reference or reference.startswith("attach://"):
            return None
        return api.world.files.media(reference, kind)
    if kind is Photo:
        return api.world.files.photo(upload.data)
    return api.world.files.document(upload.data, upload.name, upload.mime)


class Destination:
    """Where a message is to go: the chat, its topic and what it replies to. Raises Refusal when that cannot be."""

    def __init__(self, api: BotApi, parameters: Parameters) -> None:
        self._api = api
        self._method = parameters.method
        self.silent = parameters.flag("disable_notification")
        self.chat = api.chat(parameters)
        self.chat.open_to_bot()
        self.topic = self._topic(parameters.number("message_thread_id"))
        self.reply_to = self._reply_to(parameters)

    def send(self, contents: Sequence[Content], album: str | None = None) -> list[Message]:
        """Put that there, if the bot has the right and is not too fast."""
        chat = self.chat
        for content in contents:
            right, what = _RIGHTS[type(content.media)]
            if not chat.allows_bot(right):
                raise bad(f"not enough rights to send {what} to the chat")
        if self.topic is not None and self.topic.closed and not chat.bot.rules:
            raise bad("TOPIC_CLOSED")
        self._api.flood.count(chat.id, self._method, group=chat.kind != "private", weight=len(contents))
        return [self._put(chat, content, album) for content in contents]

    def _put(self, chat: Chat, content: Content, album: str | None) -> Message:
        world = self._api.world
        message = Message(
            chat.next_id(), chat, world.now(), world.bot, [content], reply_to=self.reply_to, topic=self.topic,
            silent=self.silent, by_bot=True, album=album,
        )  # fmt: skip
        if chat.kind == "channel":
            message.sender, message.sender_chat = None, chat
        return chat.post(message)

    def _topic(self, thread: int) -> Topic | None:
        if not thread or not self.chat.is_forum:
            return None
        topic = next((one for one in self.chat.topics if one.id == thread and not one.deleted), None)
        if topic is None:
            raise bad("message thread not found")
        return topic

    def _reply_to(self, parameters: Parameters) -> Message | None:
        given = parameters.object("reply_parameters", "reply parameters")
        if given is None:
            given = {
                "message_id": parameters.number("reply_to_message_id"),
                "allow_sending_without_reply": parameters.flag("allow_sending_without_reply"),
            }
        if not isinstance(given, dict):
            raise bad("object expected as reply parameters")
        if not (message_id := int(given.get("message_id") or 0)):
            return None
        message = self.chat.find(message_id)
        if message is None and not given.get("allow_sending_without_reply"):
            raise bad("message to be replied not found")
        return message


def _send_file(api: BotApi, parameters: Parameters, name: str, kind: type[Sent]) -> wire.Wire:
    where = Destination(api, parameters)
    keyboard, forced = markup.read(parameters)
    media = file(api, parameters, parameters.text(name), kind, name)
    if media is None:
        raise bad(f"there is no {name} in the request")
    caption, entities = read_text(api, parameters, CAPTION)
    spoiler = parameters.flag("has_spoiler") and kind is Photo
    content = Content(caption, entities, media, spoiler, keyboard, forced)
    return wire.message(where.send([content])[0], api.world.bot)


def read_text(api: BotApi, parameters: Parameters, field: Field) -> tuple[str, tuple[Entity, ...]]:
    """The text or caption that is to be shown. Raises Refusal."""
    if parameters.text("parse_mode"):
        raise bad("unsupported parse_mode")  # this server has no reader of markup: send entities
    given = parameters.text(field.name)
    if not given and field is TEXT:
        raise bad("message text is empty")
    entities = parameters.object(field.entities, "entities")
    text, marked = formatted(given, entities, field, limited=api.limits.sizes)
    if not text and field is TEXT:
        raise bad("text must be non-empty")
    return text, tuple(marked)


METHODS: dict[str, Callable[[BotApi, Parameters], Any]] = {
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "senddocument": send_document,
    "sendmediagroup": send_media_group,
}
