"""What can be wrong with a request to the console."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import EaselError


class ConsoleError(EaselError):
    """Root of this room's errors."""


@dataclass(eq=False)
class NotSignedIn(ConsoleError):
    """The request carries no token, or a wrong one."""


@dataclass(eq=False)
class WrongHost(ConsoleError):
    """The page was asked for under a name that it does not answer to."""

    host: str


@dataclass(eq=False)
class ForeignOrigin(ConsoleError):
    """Another page's script tries to speak here. `origin` is that page's, empty where it does not say."""

    origin: str


@dataclass(eq=False)
class MessageTooLarge(ConsoleError):
    """More than allowed in one message. In megabytes of 1 000 000 bytes."""

    allowed: float


@dataclass(eq=False)
class NotUnderstood(ConsoleError):
    """No request that the page would make."""


@dataclass(eq=False)
class NothingHere(ConsoleError):
    """There is no such address."""


@dataclass(eq=False)
class MessageGone(ConsoleError):
    """The message or picture is no longer in the chat."""
