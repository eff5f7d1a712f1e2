"""People, and what they do in chats. Everything a person does is done at once; answers can be waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.telegram_api import wire
from tests.telegram_api.chats import Chat, Topic
from tests.telegram_api.model import ANONYMOUS, CHANNEL, Button, Content, Media, Message, User
from tests.telegram_api.text import found

if TYPE_CHECKING:
    from tests.telegram_api.world import World

Where = Chat | Topic | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot showed to who pressed a button: nothing, a text for a moment, or an alert."""

    text: str = ""
    alert: bool = False


@dataclass(eq=False)
class Press:
    """A pressed button. Awaiting it gives the bot's Answer."""

    id: str
    message: Message
    pressed_at: float
    answer: asyncio.Future[Answer] = field(default_factory=asyncio.Future)

    def __await__(self) -> Generator[Any, None, Answer]:
        return self.answer.__await__()


@dataclass(frozen=True, slots=True)
class Offer:
    """One result of an inline query. `raw` is the InlineQueryResult as the bot gave it."""

    id: str
    type: str
    title: str
    content: Content
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offers:
    """What the bot answered to an inline query."""

    results: tuple[Offer, ...]
    next_offset: str = ""
    cache_time: int = 300
    personal: bool = False
    button: Mapping[str, Any] | None = None

    @property
    def titles(self) -> list[str]:
        """What stands on them."""
        return [one.title for one in self.results]


@dataclass(eq=False)
class Query:
    """Words typed after the bot's name. Awaiting it gives its Offers."""

    id: str
    chat: Chat
    asked_at: float
    answer: asyncio.Future[Offers] = field(default_factory=asyncio.Future)

    def __await__(self) -> Generator[Any, None, Offers]:
        return self.answer.__await__()


class Person:
    """Somebody. Where nothing else is said they talk in their `private` chat with the bot."""

    def __init__(self, world: World, user: User) -> None:
        self.world = world
        self.user = user
        self.private = Chat(world, user.id, "private", user.first_name)
        self.private.person = user
        self.private.bot.status = "member"

    def __repr__(self) -> str:
        return f"<{self.user.first_name} {self.id}>"

    @property
    def id(self) -> int:
        """The user's id."""
        return self.user.id

    # Saying

    def says(
        self, text: str, to: Where = None, *, reply_to: Message | None = None, anonymously: bool = False,
        as_channel: Chat | None = None,
    ) -> Message:  # fmt: skip
        """A text. A reply goes where the message is that it replies to.

        `anonymously` is how an anonymous admin speaks, `as_channel` in the name of a channel.
        """
        content = Content(text, tuple(found(text)))
        return self._sends(content, to, reply_to, anonymously=anonymously, as_channel=as_channel)

    def sends_photo(
        self, data: bytes, caption: str = "", to: Where = None, *, reply_to: Message | None = None,
        spoiler: bool = False, **how: Any,
    ) -> Message:  # fmt: skip
        """A photo, given as any image file."""
        return self._sends(self._shown(self.world.files.photo(data), caption, spoiler=spoiler), to, reply_to, **how)

    def sends_document(
        self, data: bytes, name: str, caption: str = "", to: Where = None, *, reply_to: Message | None = None,
        mime: str = "", **how: Any,
    ) -> Message:  # fmt: skip
        """A file."""
        return self._sends(self._shown(self.world.files.document(data, name, mime), caption), to, reply_to, **how)

    def sends_sticker(self, data: bytes, to: Where = None, *, reply_to: Message | None = None) -> Message:
        """A still sticker, given as a WebP."""
        return self._sends(self._shown(self.world.files.sticker(data)), to, reply_to)

    def sends_album(
        self, pictures: Sequence[bytes], caption: str = "", to: Where = None, *, reply_to: Message | None = None,
        documents: bool = False, **how: Any,
    ) -> list[Message]:  # fmt: skip
        """Some photos at once, or files; the caption is the first one's."""
        album = self.world.next_token()
        sent = []
        for index, data in enumerate(pictures):
            files = self.world.files
            media: Media = files.document(data, f"{index}.png") if documents else files.photo(data)
            content = self._shown(media, "" if index else caption)
            sent.append(self._sends(content, to, reply_to, album=album, **how))
        return sent

    def forwards(self, message: Message, to: Where = None) -> Message:
        """Another's message, with where it comes from."""
        content = replace(message.content, keyboard=(), force_reply=None)
        return self._sends(content, to, None, origin=message.origin or wire.user_origin(message))

    def edits(self, message: Message, text: str) -> None:
        """Their own message, or its caption."""
        message.chat.change(message, replace(message.content, text=text, entities=tuple(found(text))))

    def deletes(self, message: Message) -> None:
        """A message, for all."""
        message.chat.remove(message)

    def clears(self) -> None:
        """The whole private chat, for both sides."""
        for message in self.private.history:
            message.deleted = True
        self.world.pulse.beat()

    def blocks(self) -> None:
        """The bot: it hears nothing more, and cannot write."""
        self._private_becomes("kicked", blocked=True)

    def unblocks(self) -> None:
        """The bot may write again."""
        self._private_becomes("member", blocked=False)

    # Pressing and choosing

    def presses(self, message: Message, label: str = "", *, data: str | None = None) -> Press:
        """A button by what is written on it; `data` presses one that the message never had."""
        if data is None:
            data = _button(message, label).data
        press = Press(self.world.next_token(), message, self.world.clock())
        self.world.presses[press.id] = press
        self.world.told("callback_query", self.world.pressed(press, self.user, {"data": data}))
        self.world.pulse.beat()
        return press

    def types(self, words: str, to: Where = None, *, offset: str = "") -> Query:
        """The bot's name and these words, without sending them."""
        chat, _ = self._place(to, None)
        kind = "sender" if chat is self.private else chat.kind
        query = Query(self.world.next_token(), chat, self.world.clock())
        self.world.queries[query.id] = query
        asked = {"id": query.id, "from": wire.user(self.user), "query": words, "offset": offset, "chat_type": kind}
        self.world.told("inline_query", asked)
        self.world.pulse.beat()
        return query

    def chooses(self, offer: Offer, to: Where = None) -> Message:
        """One of the results: it is sent in this person's name, via the bot."""
        inline_id = f"AgAAA{self.world.next_token()}" if offer.content.keyboard else None
        message = self._sends(offer.content, to, None, via_bot=True, inline_id=inline_id)
        if self.world.inline_feedback:
            chosen = {"result_id": offer.id, "from": wire.user(self.user), "query": ""}
            self.world.told("chosen_inline_result", chosen | ({"inline_message_id": inline_id} if inline_id else {}))
        return message

    # Within

    def _place(self, to: Where, reply_to: Message | None) -> tuple[Chat, Topic | None]:
        if to is None and reply_to is not None:
            return reply_to.chat, reply_to.topic
        if to is None:
            return self.private, None
        return (to.chat, to) if isinstance(to, Topic) else (to, None)

    def _shown(self, media: Media, caption: str = "", *, spoiler: bool = False) -> Content:
        return Content(caption, tuple(found(caption)), media, spoiler)

    def _sends(
        self, content: Content, to: Where, reply_to: Message | None, *, anonymously: bool = False,
        as_channel: Chat | None = None, **fields: Any,
    ) -> Message:  # fmt: skip
        chat, topic = self._place(to, reply_to)
        if chat.migrated_to is not None:
            raise ValueError(f"{chat.title} has become {chat.migrated_to!r}")
        message = Message(
            chat.next_id(), chat, self.world.now(), self.user, [content], reply_to=reply_to, topic=topic, **fields
        )
        if chat.kind == "private":
            chat.opened = True
        elif chat.kind == "channel":
            message.sender, message.sender_chat = None, chat
        elif anonymously:
            message.sender, message.sender_chat = ANONYMOUS, chat
        elif as_channel is not None:
            message.sender, message.sender_chat = CHANNEL, as_channel
        elif (known := chat.member(self.id)) is None or not known.inside:
            chat.join(self, quietly=True)
        return chat.post(message)

    def _private_becomes(self, status: str, *, blocked: bool) -> None:
        chat = self.private
        old, chat.bot = chat.bot, replace(chat.bot, status=status)
        chat.blocked = blocked
        self.world.told("my_chat_member", wire.moved(chat, self.user, self.world.now(), old, chat.bot))
        self.world.pulse.beat()


def _button(message: Message, label: str) -> Button:
    buttons = [button for row in message.keyboard for button in row if button.data is not None]
    for button in buttons:
        if button.text == label:
            return button
    for button in buttons:
        if label in button.text:
            return button
    raise LookupError(f"{label!r} is not among the buttons {message.buttons} of {message!r}")
