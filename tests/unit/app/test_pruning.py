"""Old jobs and pictures go once a day, however often Easel starts."""

from __future__ import annotations

import asyncio

import pytest

from bot.app.pruning import DAY, pruning
from bot.config.settings import DataSettings
from bot.jobs.ledger.errors import LedgerUnavailable
from bot.jobs.ledger.memory import MemoryRegister


class Days:
    """A clock and a sleep that a test moves, and a service that notes what it is told to prune."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.register = MemoryRegister()
        self.pruned: list[tuple[float | None, int | None]] = []
        self.problem: Exception | None = None
        self._asleep = asyncio.Event()
        self._awake = asyncio.Event()

    async def prune(self, keep_seconds: float | None, max_media_bytes: int | None) -> None:
        if self.problem is not None:
            raise self.problem
        self.pruned.append((keep_seconds, max_media_bytes))

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self._asleep.set()
        await self._awake.wait()
        self._awake.clear()

    def live(self, **data: int):
        return pruning(self, self.register, DataSettings(**data), clock=lambda: self.now, sleep=self.sleep)

    async def settle(self) -> None:
        async with asyncio.timeout(5):
            await self._asleep.wait()

    async def later(self, seconds: float) -> None:
        self.now += seconds
        self._asleep.clear()
        self._awake.set()
        await self.settle()


@pytest.fixture
def days() -> Days:
    return Days()


async def test_it_is_done_at_the_first_start_and_then_once_a_day(days):
    async with days.live(keep_days=2, keep_bytes=3):
        await days.settle()
        await days.later(DAY - 1)
        assert days.pruned == [(2 * DAY, 3)]
        await days.later(1)
    assert days.pruned == [(2 * DAY, 3)] * 2


async def test_starting_again_does_not_make_it_sooner(days):
    for _ in range(3):
        async with days.live():
            await days.settle()
    assert len(days.pruned) == 1


async def test_a_clock_that_was_put_back_does_not_put_it_off(days):
    async with days.live():
        await days.settle()
        await days.later(-30 * DAY)
    assert len(days.pruned) == 2


async def test_no_limit_is_no_limit(days):
    async with days.live(keep_days=0, keep_bytes=0):
        await days.settle()
    assert days.pruned == [(None, None)]


async def test_what_fails_is_tried_again(days):
    days.problem = LedgerUnavailable("locked", "")
    async with days.live():
        await days.settle()
        days.problem = RuntimeError("a fault of ours")
        await days.later(3600)
        days.problem = None
        await days.later(3600)
    assert len(days.pruned) == 1
