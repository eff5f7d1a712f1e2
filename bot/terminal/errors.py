"""What can be wrong with a command line."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import EaselError


@dataclass(eq=False)
class NoSuchFile(EaselError):
    """A file that was named cannot be read. `reason` is the system's word for it."""

    file: str
    reason: str
