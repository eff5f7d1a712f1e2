"""What can be wrong with Telegram."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import EaselError


class TelegramTrouble(EaselError):
    """Root of this room's errors."""


# The connection


@dataclass(eq=False)
class TokenRefused(TelegramTrouble):
    """Telegram does not know the bot's token, or no longer."""


@dataclass(eq=False)
class AnotherPoller(TelegramTrouble):
    """Another program takes this bot's updates: a second one asks for them, or a webhook of its own stands."""


@dataclass(eq=False)
class TelegramUnreachable(TelegramTrouble):
    """The Bot API server gives no proper answer. `reason` is the network's or its own word for it."""

    reason: str


@dataclass(eq=False)
class WebhookNotOpen(TelegramTrouble):
    """We cannot listen for what the webhook's proxy passes on. `reason` is the system's word for it."""

    host: str
    port: int
    reason: str


@dataclass(eq=False)
class WebhookRefused(TelegramTrouble):
    """Telegram will not call such an address."""

    url: str
    reason: str


@dataclass(eq=False)
class WebhookNotReached(TelegramTrouble):
    """Telegram calls the webhook's address and gets no proper answer."""

    url: str
    reason: str


# What is posted


@dataclass(eq=False)
class ChatUnreachable(TelegramTrouble):
    """The bot is not in the chat any more, or is blocked there. `chat` is as operators call it."""

    chat: str


@dataclass(eq=False)
class MayNotSend(TelegramTrouble):
    """The chat does not let the bot send that: ``photos``, ``documents``, or anything at all (``messages``)."""

    what: str


@dataclass(eq=False)
class TopicClosed(TelegramTrouble):
    """The topic is closed, and the bot may not write there."""


@dataclass(eq=False)
class FileTooLarge(TelegramTrouble):
    """Larger than Telegram takes from this bot."""


@dataclass(eq=False)
class NotTaken(TelegramTrouble):
    """Telegram refuses it for a reason that nobody expected; `reason` is Telegram's word for it."""

    reason: str


# What people send and press


@dataclass(eq=False)
class SentFileTooLarge(TelegramTrouble):
    """Telegram gives bots no file as large as what somebody sent. In megabytes of 1 000 000 bytes."""

    allowed: float


@dataclass(eq=False)
class SentFileGone(TelegramTrouble):
    """Telegram no longer has what somebody sent, or not for us."""


@dataclass(eq=False)
class SentFileNotFetched(TelegramTrouble):
    """What somebody sent could not be fetched, however often it was tried."""


@dataclass(eq=False)
class NoStillPicture(TelegramTrouble):
    """Somebody sent a video, a moving sticker or another file that no picture can be taken from."""


@dataclass(eq=False)
class DeadButton(TelegramTrouble):
    """Somebody pressed a button that means nothing, or no longer."""
