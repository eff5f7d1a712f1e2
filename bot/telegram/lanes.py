"""Turns: what has one key is done one after the other, in the order in which it was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Lane:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Lanes:
    """As many lanes as keys are in use; others cost nothing."""

    def __init__(self) -> None:
        self._lanes: dict[Hashable, _Lane] = {}

    def __len__(self) -> int:
        """How many are in use."""
        return len(self._lanes)

    @asynccontextmanager
    async def turn(self, key: Hashable) -> AsyncGenerator[None, None]:
        """Wait for those who came before, and keep the later ones waiting."""
        lane = self._lanes.setdefault(key, _Lane())
        lane.users += 1
        try:
            async with lane.lock:
                yield
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[key]
