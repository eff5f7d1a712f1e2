"""So that a test can wait for what it wants to see, without polling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Pulse:
    """Beats whenever something happened."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def beat(self) -> None:
        """Something happened."""
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, seen: Callable[[], bool]) -> None:
        """Return as soon as that is true; looked at now and after every beat."""
        while not seen():
            await self._next.wait()
