"""How each platform's connection is at this moment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.errors import Explainable


@dataclass(frozen=True, slots=True)
class Presence:
    """One platform's connection.

    `name` is what people call us there, such as ``@easel_bot``; None: not known yet. `trouble`: why nobody there
    reaches us just now. With neither, we are about to connect.
    """

    platform: str
    name: str | None = None
    trouble: Explainable | None = None

    @property
    def up(self) -> bool:
        """Whether we hear what is said there."""
        return self.name is not None and self.trouble is None


class Board:
    """Where each platform's connection says how it is, for whoever wants to know."""

    def __init__(self) -> None:
        self._presences: dict[str, Presence] = {}
        self._changed = asyncio.Event()

    def set(self, presence: Presence) -> None:
        """This is how that platform's connection is now."""
        self._presences[presence.platform] = presence
        self._changed.set()
        self._changed = asyncio.Event()

    def all(self) -> tuple[Presence, ...]:
        """Every platform that has said something, by name."""
        return tuple(self._presences[platform] for platform in sorted(self._presences))

    async def changed(self) -> None:
        """Return the next time that something is said."""
        await self._changed.wait()
