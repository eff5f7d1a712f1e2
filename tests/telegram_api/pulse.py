"""So that a test can wait for what it wants to see, without polling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")


class Pulse:
    """Beats whenever something happened."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def beat(self) -> None:
        """Something happened."""
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, seen: Callable[[], Seen]) -> Seen:
        """What that returns, as soon as it is true; asked now and after every beat."""
        while not (answer := seen()):
            await self._next.wait()
        return answer
