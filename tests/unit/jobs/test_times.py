"""Whose turn it is, how long it takes, and what clocks do to it."""

from __future__ import annotations

from itertools import count

import pytest

from bot.comfyui.progress import Failed, Lost, Queued
from bot.comfyui.records import Entry
from bot.jobs.errand import Stopwatch
from bot.jobs.model import Run, State
from bot.jobs.policy.limits import Limits, Rank
from bot.jobs.policy.rules import Rules
from bot.pool.testing import FakeRenderer

# -- order ------------------------------------------------------------------------------------------------------------


async def order(house) -> list[str]:
    """Whose prompts wait, in the order in which they will run."""
    owners = {prompt.task.prompt_id: prompt for prompt in house.renderer.prompts}
    pending = house.renderer.seen.pending
    names = await house.ledger.owners([entry.prompt_id for entry in pending])
    return [names.get(e.prompt_id, "web")[-3:] if e.prompt_id in owners else "web" for e in pending]


async def ask(house, *people) -> None:
    for person in people:
        number = len(house.renderer.prompts) + 1
        job = await house.ask(by=person)
        await house.renderer.prompt(number)
        await house.reach(job, State.QUEUED)


async def test_who_asks_once_goes_before_the_second_of_who_asks_often(house) -> None:
    await ask(house, house.ada, house.ada, house.ada, house.ada, house.bob)
    assert await order(house) == ["bob", "ada", "ada", "ada"]


async def test_people_at_the_web_page_are_one_more_person(house) -> None:
    house.renderer.others = [Entry(float(n), f"web {n}") for n in range(2)]
    house.renderer._counter = 2
    await ask(house, house.bob, house.ada, house.ada)
    assert (await order(house)).index("ada") < len(await order(house)) - 1


async def test_a_larger_weight_is_a_larger_share(house) -> None:
    house.service.house.replace(
        Rules(
            operators=frozenset({"test:op"}),
            limits={Rank.OPERATOR: Limits(waiting=0, weight=2), Rank.MEMBER: Limits(waiting=0)},
            anybody=True,
        )
    )
    await ask(house, house.ada, house.bob, house.bob, house.bob, house.operator, house.operator)
    assert await order(house) == ["bob", ":op", ":op", "bob", "bob"]


async def test_other_processes_prompts_are_looked_up_once(house, monkeypatch) -> None:
    asked: list[str] = []

    async def owners(prompts) -> dict[str, str]:
        asked.extend(prompts)
        return {"elsewhere": "test:ada"}

    monkeypatch.setattr(house.ledger, "owners", owners)
    house.renderer.others = [Entry(0.0, "elsewhere"), Entry(1.0, "nobody's")]
    house.renderer._counter = 2
    for person in (house.bob, house.ada, house.bob):
        number = len(house.renderer.prompts) + 1
        await house.ask(by=person)
        await house.renderer.prompt(number)
    assert sorted(asked) == ["elsewhere", "nobody's"]


# -- waits ------------------------------------------------------------------------------------------------------------


async def test_followers_are_told_how_long_it_takes_once_such_jobs_were_measured(house) -> None:
    first = await house.ask()
    prompt = await house.renderer.prompt()
    prompt.tell(house.drawing(1, 0.1))
    assert (await house.reach(first, State.RUNNING)).wait is None
    await house.time.passes(20)
    prompt.tell(house.renderer.picture(house.png()))
    await house.reach(first, State.DELIVERING)

    waiting = [await house.ask(), await house.ask()]
    for number, position in ((2, 1), (3, 2)):
        (await house.renderer.prompt(number)).tell(Queued(position, 2))
    await house.time.passes(10)
    waits = [(await house.told(job, lambda update: update.wait is not None)).wait for job in waiting]
    assert 0 < waits[0].low < 20 < waits[0].high
    assert waits[1].high == pytest.approx(2 * waits[0].high, rel=0.3)
    lines = {line.job.id: line.wait for line in await house.service.queue()}
    assert lines[waiting[1].id].high > lines[waiting[0].id].high


async def test_a_wait_is_reckoned_once_for_all_jobs_of_a_server(house, monkeypatch) -> None:
    reckoned = 0
    estimates = house.service._recovery._estimates
    waits = estimates.waits

    def counting(*arguments):
        nonlocal reckoned
        reckoned += 1
        return waits(*arguments)

    monkeypatch.setattr(estimates, "waits", counting)
    for number in range(1, 21):
        await house.ask()
        (await house.renderer.prompt(number)).tell(Queued(number, 20))
    await house.time.passes(60)
    assert 0 < reckoned <= 3


# -- GPU time ---------------------------------------------------------------------------------------------------------


async def run_for(house, prompt, job, seconds: float, *ends) -> None:
    prompt.tell(house.drawing(1, 0.1))
    await house.reach(job, State.RUNNING)
    await house.time.passes(seconds)
    prompt.tell(*ends)


async def test_gpu_time_is_from_the_first_sign_of_work_to_the_end(house) -> None:
    job = await house.ask()
    prompt = await house.renderer.prompt()
    await house.time.passes(100)
    await run_for(house, prompt, job, 20, house.renderer.picture(house.png()))
    made = (await house.reach(job, State.DELIVERING)).job
    assert made.gpu_seconds == pytest.approx(20, abs=0.01)
    assert await house.ledger.runs(5) == [Run("fake", job.recipe, made.gpu_seconds)]


async def test_gpu_time_of_all_attempts_adds_up(house) -> None:
    job = await house.ask()
    await run_for(house, await house.renderer.prompt(1), job, 20, Lost())
    second = await house.renderer.prompt(2)
    await house.reach(job, State.QUEUED)
    await run_for(house, second, job, 7, Failed("KSampler", "no memory"))
    assert (await house.reach(job, State.FAILED)).job.gpu_seconds == pytest.approx(27, abs=0.01)


async def test_gpu_time_of_what_was_cancelled_counts(house) -> None:
    job = await house.ask()
    prompt = await house.renderer.prompt()
    await run_for(house, prompt, job, 20)
    await house.service.cancel(job.id, house.ada, house.here)
    assert (await house.reach(job, State.CANCELLED)).job.gpu_seconds == pytest.approx(20, abs=0.01)


async def test_time_in_which_the_server_did_not_answer_does_not_count(build) -> None:
    renderer = FakeRenderer()
    house = await build(renderer)
    job = await house.ask()
    prompt = await renderer.prompt()
    await run_for(house, prompt, job, 20)
    prompt.tell(house.drawing(2, 0.2))
    await house.told(job, lambda update: update.progress == house.drawing(2, 0.2))
    renderer.go_away()
    await house.time.passes(1000)
    renderer.come_back()
    await house.time.passes(60)
    prompt.tell(renderer.picture(house.png()))
    assert (await house.reach(job, State.DELIVERING)).job.gpu_seconds == pytest.approx(20, abs=0.01)


@pytest.mark.parametrize("jump", [-1e9, 1e9])
async def test_a_clock_that_jumps_changes_nothing(build, jump) -> None:
    ticks, jumped = count(1000), 0.0
    renderer = FakeRenderer()
    house = await build(renderer, clock=lambda: float(next(ticks)) + jumped, cooldown=5)
    job = await house.ask()
    prompt = await renderer.prompt()
    await run_for(house, prompt, job, 20)
    jumped = jump
    prompt.tell(renderer.picture(house.png()))
    made = (await house.reach(job, State.DELIVERING)).job
    assert made.gpu_seconds == pytest.approx(20, abs=0.01)
    await house.service.delivered(job.id, ["1"])


def test_a_stopwatch_counts_only_what_it_saw() -> None:
    watch = Stopwatch()
    watch.stop(5.0)
    assert (watch.seconds, watch.running_for(9.0), watch.whole) == (0.0, 0.0, True)
    watch.lap(10.0)
    watch.lap(12.0)
    assert (watch.running_for(13.0), watch.whole) == (3.0, True)
    watch.blink()
    watch.lap(100.0)
    watch.stop(101.0)
    watch.stop(200.0)
    assert (watch.seconds, watch.whole) == (3.0, False)
