"""How much somebody has had, and when they may have more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

from bot.errors import Span
from bot.jobs.model import Spent
from bot.jobs.policy.errors import CoolingDown, DailyGpuUsed, DailyJobsUsed, TooManyWaiting
from bot.jobs.policy.limits import Limits

DAY = 24 * 3600.0
"""What a day's limits look back on, in seconds."""


def afford(limits: Limits, *, waiting: int, spent: Sequence[Spent], now: float) -> None:
    """Hold one more job against what somebody has had: `waiting` jobs that have not ended, `spent` in the last day.

    Of several reasons to refuse the one that lasts longest is told, so that the told wait is enough. What lies ahead
    of the clock, because that was set back, counts as spent just now: no wait is longer than its rule.

    Raises:
        TooManyWaiting, DailyJobsUsed, DailyGpuUsed, CoolingDown: No more yet.
    """
    if limits.waiting and waiting >= limits.waiting:
        raise TooManyWaiting(limit=limits.waiting)
    costs = sorted((Spent(min(cost.at, now), cost.gpu_seconds) for cost in spent), key=lambda cost: -cost.at)
    refusals: list[CoolingDown | DailyJobsUsed | DailyGpuUsed] = []
    if costs and (frees := _left(costs[0].at + limits.cooldown, now)):
        refusals.append(CoolingDown(cooldown=Span(limits.cooldown), frees=frees))
    if 0 < limits.jobs_per_day <= len(costs) and (frees := _left(costs[limits.jobs_per_day - 1].at + DAY, now)):
        refusals.append(DailyJobsUsed(limit=limits.jobs_per_day, frees=frees))
    if limits.gpu_seconds_per_day and (frees := _left(_reached(costs, limits.gpu_seconds_per_day) + DAY, now)):
        refusals.append(DailyGpuUsed(limit=Span(limits.gpu_seconds_per_day), frees=frees))
    if refusals:
        raise max(refusals, key=lambda refusal: refusal.frees.seconds)


def _reached(costs: Sequence[Spent], limit: float) -> float:
    """When the job was accepted that, counted from the newest back, reaches so many GPU-seconds; -inf: none does."""
    totals = accumulate(cost.gpu_seconds for cost in costs)
    return next((cost.at for cost, total in zip(costs, totals, strict=True) if total >= limit), -math.inf)


def _left(until: float, now: float) -> Span | None:
    """How long it is until then, in whole seconds; None: then is past."""
    return Span(math.ceil(until - now)) if until > now else None
