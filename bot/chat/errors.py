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
class Incomplete(EaselError):
    """The command needs more words; `usage` shows how it is written."""

    command: str
    usage: str


@dataclass(eq=False)
class NothingToPick(EaselError):
    """There are so many pictures to pick from, and none of that number (from 1). `pictures` 0: there are none."""

    pick: int
    pictures: int


@dataclass(eq=False)
class NothingToReload(EaselError):
    """This front end runs without settings that could be read again."""


@dataclass(eq=False)
class Fault(EaselError):
    """A fault of ours while a message was handled. The log has the rest."""
