"""Writes down what must be written down, however long the disk or the database takes no more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from bot.errors import EaselError
from bot.jobs.errors import CannotKeep
from bot.jobs.ledger.errors import LedgerUnavailable

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 15.0
"""Seconds between two tries; each pause is twice the one before."""

T = TypeVar("T")

log = structlog.get_logger()


class Pen:
    """Tries until it works. `trouble` is why something cannot be written down just now."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._sleep = sleep
        self._stuck = 0
        self.trouble: EaselError | None = None

    async def insist(self, write: Callable[[], Awaitable[T]]) -> T:
        """The answer of `write`, which is called until it raises neither `LedgerUnavailable` nor `CannotKeep`."""
        try:
            return await write()
        except (LedgerUnavailable, CannotKeep) as error:
            self._stumble(error)
        self._stuck += 1
        try:
            return await self._again(write)
        finally:
            self._stuck -= 1
            if not self._stuck:
                self.trouble = None

    async def _again(self, write: Callable[[], Awaitable[T]]) -> T:
        pause = FIRST_PAUSE
        while True:
            await self._sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            try:
                answer = await write()
            except (LedgerUnavailable, CannotKeep) as error:
                self._stumble(error)
            else:
                if self.trouble is not None:
                    log.info("written down after all")
                    self.trouble = None
                return answer

    def _stumble(self, error: EaselError) -> None:
        if self.trouble is None:  # once, however many jobs it holds up
            log.error("cannot be written down; tried again until it can", error=str(error))
        self.trouble = error
