"""What can be wrong with a message, before there is a job."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import EaselError


@dataclass(eq=False)
class UnknownCommand(EaselError):
    """There is no such command; `nearest` is the one that was probably meant, or None."""

    command: str
    nearest: str | None


@dataclass(eq=False)
class Fault(EaselError):
    """A fault of ours while a message was handled. The log has the rest."""
