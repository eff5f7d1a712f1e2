"""Who waits is told the place: those near the front at once, the others in turns.

Each change of the queue moves everybody behind it. Telling ten thousand of them each time would cost more than all
the rest, and nobody at place 4 711 needs to know within a second that it is 4 710 now.
"""

from __future__ import annotations

import asyncio
from typing import NoReturn

from bot.comfyui.mirror import Mirror
from bot.comfyui.registry import Registry

NEAR = 20
_SLICE, _PAUSE, _ROUND = 250, 0.05, 1.0
"""The others: so many, then so many seconds for everything else, and the whole of them not more often than that."""


class Places:
    """From the mirror to the registry. `heard`: whatever the server sends of those that wait will reach us."""

    def __init__(self, mirror: Mirror, registry: Registry) -> None:
        self._mirror = mirror
        self._registry = registry
        self._heard = False
        self._moved = asyncio.Event()
        self._told = mirror.edition

    def tell(self, *, heard: bool) -> bool:
        """The queue is what the mirror says. Whether the graph of one of the next to run is not known."""
        if self._told == self._mirror.edition and self._heard == heard:
            return False
        self._told, self._heard = self._mirror.edition, heard
        if self._mirror.waiting > NEAR:
            self._moved.set()
        return self._tell(0, NEAR)

    def tell_one(self, prompt_id: str) -> None:
        """The place of one that came just now."""
        before = self._mirror.place(prompt_id)
        if before is not None:
            self._tell(before, before + 1)

    async def run(self) -> NoReturn:
        """Tell those that are not near, until cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            await self._moved.wait()
            self._moved.clear()
            began = clock()
            for first in range(NEAR, self._mirror.waiting, _SLICE):
                self._tell(first, first + _SLICE)
                await asyncio.sleep(_PAUSE)
            await asyncio.sleep(began + _ROUND - clock())

    def _tell(self, first: int, last: int) -> bool:
        entries = self._mirror.part(first, last)
        return self._registry.place(entries, first, self._mirror.waiting, heard=self._heard)
