"""Old jobs and pictures go, once a day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from bot.config.settings import DataSettings
from bot.errors import EaselError
from bot.jobs.ledger.port import Register
from bot.jobs.service import JobService

DAY = 86_400.0
_LOOK_EVERY = 3_600.0
_PRUNED = "pruned"
"""The switch that says when it was done last, so that it is done once a day however often Easel starts."""

log = structlog.get_logger()


@asynccontextmanager
async def pruning(
    service: JobService,
    register: Register,
    data: DataSettings,
    *,
    clock: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[None]:
    """Prune whenever a day has passed, until the block ends. `clock` is the time of day in seconds."""
    task = asyncio.create_task(_prune_daily(service, register, data, clock, sleep), name="prune")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _prune_daily(
    service: JobService,
    register: Register,
    data: DataSettings,
    clock: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    while True:
        try:
            last = float((await register.switches()).get(_PRUNED, "-inf"))
            if not 0 <= clock() - last < DAY:  # a clock may have been put back
                await service.prune(data.keep_days * DAY or None, data.keep_bytes or None)
                await register.set_switch(_PRUNED, str(clock()))
        except Exception as error:  # whatever it is, there is another hour
            log.warning("not pruned", error=str(error), exc_info=not isinstance(error, EaselError))
        await sleep(_LOOK_EVERY)
