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
