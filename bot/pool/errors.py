"""What can go wrong before a server has the task."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import EaselError


@dataclass(eq=False)
class NoServer(EaselError):
    """Not one server answers. `reasons` holds one line a server."""

    servers: tuple[str, ...]
    reasons: tuple[str, ...]
