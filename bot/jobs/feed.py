"""One value that changes, followed by many; whoever is slow sees the newest and skips the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Feed(Generic[T]):
    """The newest value of something, until it is closed."""

    def __init__(self, first: T) -> None:
        self.newest = first
        self._version = 1
        self._closed = False
        self._changed = asyncio.Event()

    def publish(self, value: T) -> None:
        """Make this the newest value and wake every follower."""
        self.newest = value
        self._version += 1
        self._wake()

    def close(self) -> None:
        """The newest value was the last: followers end after they have seen it."""
        self._closed = True
        self._wake()

    async def follow(self) -> AsyncIterator[T]:
        """The newest value now, and then at each change."""
        seen = 0
        while True:
            if seen != self._version:
                seen = self._version
                yield self.newest
            elif self._closed:
                return
            else:
                await self._changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
