"""What the world is made of: people, messages and what they show. Plain data; the chats do the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.telegram_api.files import Document, Photo, Sticker
from tests.telegram_api.text import Entity

if TYPE_CHECKING:
    from tests.telegram_api.chats import Chat, Topic

Media = Photo | Document | Sticker


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, or a bot."""

    id: int
    first_name: str
    username: str = ""
    language_code: str = ""
    is_bot: bool = False


ANONYMOUS = User(1087968824, "Group", "GroupAnonymousBot", is_bot=True)
CHANNEL = User(136817688, "Channel", "Channel_Bot", is_bot=True)
SERVICE = User(777000, "Telegram")


@dataclass(frozen=True, slots=True)
class Button:
    """A button of an inline keyboard: `data` is what a press tells the bot, None for links and the like."""

    text: str
    data: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Content:
    """What one version of a message shows. `text` is the caption where there is media.

    `service` holds the fields of a service message instead.
    """

    text: str = ""
    entities: tuple[Entity, ...] = ()
    media: Media | None = None
    spoiler: bool = False
    keyboard: Keyboard = ()
    force_reply: Mapping[str, Any] | None = None
    link_preview: Mapping[str, Any] | None = None
    service: Mapping[str, Any] | None = None


@dataclass(eq=False)
class Message:
    """A message of a chat with all that it ever showed: `versions`, the oldest first."""

    id: int
    chat: Chat
    date: int
    sender: User | None
    versions: list[Content]
    sender_chat: Chat | None = None
    reply_to: Message | None = None
    topic: Topic | None = None
    silent: bool = False
    deleted: bool = False
    by_bot: bool = False
    via_bot: bool = False
    album: str | None = None
    origin: Mapping[str, Any] | None = None
    automatic: bool = False
    edited: int | None = None
    inline_id: str | None = None

    def __repr__(self) -> str:
        return f"<Message {self.id} in {self.chat.title}: {self.text!r}>"

    @property
    def content(self) -> Content:
        """What it shows now."""
        return self.versions[-1]

    @property
    def text(self) -> str:
        """Its text or its caption."""
        return self.content.text

    @property
    def photo(self) -> Photo | None:
        """The photo it shows."""
        return self.content.media if isinstance(self.content.media, Photo) else None

    @property
    def document(self) -> Document | None:
        """The file it carries."""
        return self.content.media if isinstance(self.content.media, Document) else None

    @property
    def buttons(self) -> list[str]:
        """What is written on its buttons."""
        return [button.text for row in self.content.keyboard for button in row]

    @property
    def keyboard(self) -> Keyboard:
        """Its buttons, by row."""
        return self.content.keyboard

    @property
    def service(self) -> Mapping[str, Any] | None:
        """The fields of a service message, as ``{"new_chat_members": …}``."""
        return self.content.service

    @property
    def edits(self) -> int:
        """How often it was changed."""
        return len(self.versions) - 1

    @property
    def author(self) -> str:
        """Who a chat says wrote it."""
        if self.sender_chat is not None:
            return self.sender_chat.title
        return self.sender.first_name if self.sender is not None else self.chat.title
