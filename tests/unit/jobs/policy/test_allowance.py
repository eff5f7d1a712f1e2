from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Span
from bot.jobs.model import Spent
from bot.jobs.policy.allowance import DAY, afford
from bot.jobs.policy.errors import CoolingDown, DailyGpuUsed, DailyJobsUsed, TooManyWaiting
from bot.jobs.policy.limits import UNLIMITED, Limits

NOW = 1_700_000_000.0
HOUR = 3600.0


def ago(*hours: float, gpu: float = 0.0) -> list[Spent]:
    return [Spent(NOW - hour * HOUR, gpu) for hour in hours]


def limits(**some: float) -> Limits:
    return Limits(**{"waiting": 0, **some})


@pytest.mark.parametrize(
    ("of", "waiting", "spent", "refusal"),
    [
        (Limits(), 4, [], None),
        (Limits(), 5, [], TooManyWaiting(5)),
        (Limits(), 6, [], TooManyWaiting(5)),
        (UNLIMITED, 1000, ago(*range(100), gpu=1e6), None),
        (limits(jobs_per_day=3), 0, ago(20, 10), None),
        (limits(jobs_per_day=3), 0, ago(20, 10, 1), DailyJobsUsed(3, Span(4 * HOUR))),
        (limits(jobs_per_day=3), 0, ago(1, 10, 20), DailyJobsUsed(3, Span(4 * HOUR))),
        (limits(jobs_per_day=3), 0, ago(23, 22, 21, 20), DailyJobsUsed(3, Span(2 * HOUR))),
        (limits(jobs_per_day=3), 0, ago(24, 10, 1), None),
        (limits(jobs_per_day=1), 0, ago(30), None),
        (limits(gpu_seconds_per_day=100), 0, ago(20, 10, gpu=49), None),
        (limits(gpu_seconds_per_day=100), 0, ago(20, 10, gpu=50), DailyGpuUsed(Span(100), Span(4 * HOUR))),
        (limits(gpu_seconds_per_day=100), 0, ago(20, 10, 5, gpu=50), DailyGpuUsed(Span(100), Span(14 * HOUR))),
        (limits(gpu_seconds_per_day=100), 0, ago(20, 10, gpu=500), DailyGpuUsed(Span(100), Span(14 * HOUR))),
        (limits(gpu_seconds_per_day=100), 0, ago(24, gpu=500), None),
        (limits(cooldown=60), 0, [], None),
        (limits(cooldown=60), 0, [Spent(NOW - 60)], None),
        (limits(cooldown=60), 0, [Spent(NOW - 59.5)], CoolingDown(Span(60), Span(1))),
        (limits(cooldown=60), 0, [Spent(NOW - 20), Spent(NOW - 50)], CoolingDown(Span(60), Span(40))),
        # of several it is the one that lasts longest
        (limits(cooldown=60, jobs_per_day=1), 0, [Spent(NOW - 20)], DailyJobsUsed(1, Span(DAY - 20))),
        (limits(cooldown=2 * DAY, jobs_per_day=1), 0, ago(1), CoolingDown(Span(2 * DAY), Span(47 * HOUR))),
        (
            limits(jobs_per_day=2, gpu_seconds_per_day=100),
            0,
            [*ago(20), *ago(10, gpu=100)],
            DailyGpuUsed(Span(100), Span(14 * HOUR)),
        ),
        # the clock was set back: what lies ahead of it was just now
        (limits(cooldown=60), 0, [Spent(NOW + 9e9)], CoolingDown(Span(60), Span(60))),
        (limits(jobs_per_day=1), 0, [Spent(NOW + 9e9)], DailyJobsUsed(1, Span(DAY))),
        (limits(gpu_seconds_per_day=1), 0, [Spent(NOW + 9e9, 5)], DailyGpuUsed(Span(1), Span(DAY))),
        # the clock was set forward: all is long ago
        (limits(jobs_per_day=1, cooldown=60, gpu_seconds_per_day=1), 0, [Spent(-9e9, 9)], None),
    ],
)
def test_one_more_job_is_affordable_or_told_when(of: Limits, waiting: int, spent: list[Spent], refusal) -> None:
    if refusal is None:
        afford(of, waiting=waiting, spent=spent, now=NOW)
    else:
        with pytest.raises(type(refusal)) as refused:
            afford(of, waiting=waiting, spent=spent, now=NOW)
        assert refused.value.details == refusal.details


# moments in sixty-fourths of a second, which floats add exactly
moments = st.integers(int(-2 * DAY) * 64, int(DAY) * 64).map(lambda ticks: NOW + ticks / 64)
pasts = st.lists(st.builds(Spent, moments, st.floats(0, 500)), max_size=12)
rules = st.builds(
    Limits,
    waiting=st.just(0),
    jobs_per_day=st.integers(0, 6),
    gpu_seconds_per_day=st.sampled_from([0.0, 1.0, 300.0, 2000.0]),
    cooldown=st.sampled_from([0.0, 0.5, 60.0, 2 * DAY]),
)


def refusal_of(of: Limits, spent: list[Spent], now: float) -> CoolingDown | DailyJobsUsed | DailyGpuUsed | None:
    try:
        afford(of, waiting=0, spent=spent, now=now)
    except (CoolingDown, DailyJobsUsed, DailyGpuUsed) as refusal:
        return refusal
    return None


@given(rules, pasts)
def test_the_told_wait_is_enough_and_not_a_second_too_long(of: Limits, past: list[Spent]) -> None:
    past = [one for one in past if one.at <= NOW]
    if refusal := refusal_of(of, past, NOW):
        wait = refusal.frees.seconds
        assert wait == math.ceil(wait) >= 1
        assert refusal_of(of, past, NOW + wait) is None
        assert refusal_of(of, past, NOW + wait - 1) is not None


@given(st.integers(1, 6), st.sets(st.integers(1, int(DAY)), max_size=12))
def test_after_the_told_wait_exactly_one_more_job_is_affordable(jobs: int, ages: set[int]) -> None:
    past, of = [Spent(NOW - age) for age in ages], limits(jobs_per_day=jobs)
    if refusal := refusal_of(of, past, NOW):
        then = NOW + refusal.frees.seconds
        assert refusal_of(of, past, then) is None
        assert refusal_of(of, [*past, Spent(then)], then) is not None


@given(rules, pasts)
def test_no_wait_is_longer_than_its_rule_whatever_the_clock_did(of: Limits, past: list[Spent]) -> None:
    match refusal_of(of, past, NOW):
        case CoolingDown(frees=frees):
            assert 1 <= frees.seconds <= max(of.cooldown, 1)
        case DailyJobsUsed(frees=frees) | DailyGpuUsed(frees=frees):
            assert 1 <= frees.seconds <= DAY


@given(rules, pasts, st.integers(0, 20), st.integers(0, 20))
def test_whoever_is_within_the_limits_is_let_through(of: Limits, past: list[Spent], waiting: int, more: int) -> None:
    today = [one for one in past if one.at > NOW - DAY]
    roomy = Limits(
        waiting=waiting + 1 + more,
        jobs_per_day=len(today) + 1 + more,
        gpu_seconds_per_day=math.fsum(one.gpu_seconds for one in today) + 1 + more,
        cooldown=0,
    )
    afford(roomy, waiting=waiting, spent=past, now=NOW)
