"""What a chat shows, as a list and as a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.telegram_api.files import Document, Photo, Sticker
from tests.telegram_api.model import Message

if TYPE_CHECKING:
    from tests.telegram_api.chats import Topic

_QUOTE = 24


class Logbook:
    """The messages of one chat."""

    def __init__(self) -> None:
        self.history: list[Message] = []
        self.by_id: dict[int, Message] = {}
        self.topics: list[Topic] = []

    def add(self, message: Message) -> None:
        """One more."""
        self.history.append(message)
        self.by_id[message.id] = message

    @property
    def messages(self) -> list[Message]:
        """What the chat shows now: without what was deleted, and without service messages."""
        return [message for message in self.history if not message.deleted and message.service is None]

    @property
    def last(self) -> Message | None:
        """The latest of them."""
        return self.messages[-1] if self.messages else None

    @property
    def answers(self) -> list[Message]:
        """What of them the bot sent."""
        return [message for message in self.messages if message.by_bot]

    @property
    def photos(self) -> list[Message]:
        """Which of the bot's show a photo."""
        return [message for message in self.answers if message.photo is not None]

    def replies_to(self, message: Message) -> list[Message]:
        """What of it replies to that."""
        return [one for one in self.messages if one.reply_to is message]

    def log(self, *, everything: bool = False) -> str:
        r"""The chat as a text, a message a line; `everything` has service messages and what was deleted, too.

        ``Easel, to Ann "/imagine a fox": [photo 512×512 spoiler] a fox [Again] [Vary] (silent) (edited)``. A message
        in a topic begins with ``#Title``; more lines of a text are indented.
        """
        shown = self.history if everything else self.messages
        return "\n".join(line(message) for message in shown)


def line(message: Message) -> str:
    """One message as `Logbook.log` writes it."""
    topic = f"#{message.topic.title} " if message.topic is not None else ""
    via = " via the bot" if message.via_bot else ""
    return f"{topic}{message.author}{via}{_reply(message)}: {_body(message)}{_marks(message)}"


def _reply(message: Message) -> str:
    if message.reply_to is None:
        return ""
    said = _body(message.reply_to, buttons=False).replace("\n", " ")
    said = said if len(said) <= _QUOTE else said[: _QUOTE - 1] + "…"
    return f', to {message.reply_to.author} "{said}"'


def _body(message: Message, *, buttons: bool = True) -> str:
    content = message.content
    if content.service is not None:
        return f"[{next(iter(content.service))}]"
    parts = []
    match content.media:
        case Photo(width, height):
            parts.append(f"[photo {width}×{height}{' spoiler' if content.spoiler else ''}]")
        case Document(name):
            parts.append(f"[file {name}]")
        case Sticker():
            parts.append("[sticker]")
    if message.origin is not None:
        parts.append("[forwarded]")
    if content.text:
        parts.append(content.text.replace("\n", "\n    "))
    if buttons:
        parts += [f"[{button.text}]" for row in content.keyboard for button in row]
    return " ".join(parts)


def _marks(message: Message) -> str:
    marks = []
    if message.content.force_reply is not None:
        marks.append("asks for a reply")
    if message.silent:
        marks.append("silent")
    if message.edits:
        marks.append("edited")
    if message.deleted:
        marks.append("deleted")
    return "".join(f" ({mark})" for mark in marks)
