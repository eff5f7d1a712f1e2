"""Servers come and go; jobs go on."""

from __future__ import annotations

import pytest

from bot.comfyui.errors import RefusedGraph, ServerError, ServerUnreachable, UploadTooLarge
from bot.comfyui.outputs import Output
from bot.jobs.attempts import MAX_TRIES
from bot.jobs.model import MAX_PROMPTS, State
from bot.pool.testing import FakeRenderer

GRACE, PATIENCE = 120.0, 3600.0
AWAY = 400.0
"""More than it takes to see that a server is away, and the grace."""


@pytest.fixture
def left() -> FakeRenderer:
    return FakeRenderer("left")


@pytest.fixture
def right() -> FakeRenderer:
    return FakeRenderer("right")


@pytest.fixture
async def two(build, left, right):
    """A house over two servers; jobs go to the left one first."""
    return await build(left, right, grace=GRACE, patience=PATIENCE)


@pytest.fixture
async def one(build, left):
    return await build(left, grace=GRACE, patience=PATIENCE)


# -- a server goes away -----------------------------------------------------------------------------------------------


async def test_a_job_moves_when_its_server_has_been_away_for_the_grace_and_another_can_take_it(
    two, left, right
) -> None:
    job = await two.ask()
    first = await left.prompt()
    first.tell(two.drawing(3, 0.2))
    await two.reach(job, State.RUNNING)
    left.go_away()
    await two.time.passes(AWAY)
    second = await right.prompt()
    moved = await two.told(job, lambda update: update.job.server == "right")
    assert (moved.job.left, moved.job.attempt, moved.job.prompt_id) == ("left", 2, second.task.prompt_id)
    second.tell(right.picture(two.png()))
    await two.reach(job, State.DELIVERING)


async def test_what_it_left_behind_is_cancelled_when_its_server_is_back(two, left, right) -> None:
    await two.ask()
    first = await left.prompt()
    left.go_away()
    await two.time.passes(AWAY)
    await right.prompt()
    assert left.cancelled == []
    left.come_back()
    await two.time.passes(60)
    assert left.cancelled == [first.task.prompt_id]


async def test_a_server_that_is_back_within_the_grace_keeps_its_jobs(two, left, right) -> None:
    job = await two.ask()
    first = await left.prompt()
    left.go_away()
    await two.time.passes(GRACE / 2)
    left.come_back()
    await two.time.passes(AWAY)
    first.tell(left.picture(two.png()))
    made = (await two.reach(job, State.DELIVERING)).job
    assert (made.attempt, made.left, right.prompts) == (1, None, [])


async def test_a_job_says_at_once_that_its_server_does_not_answer_and_goes_on_where_it_was(two, left) -> None:
    job = await two.ask()
    prompt = await left.prompt()
    prompt.tell(two.drawing(3, 0.2))
    await two.reach(job, State.RUNNING)
    left.go_away()
    await two.time.passes(GRACE / 2)
    update = await two.now(job)
    assert (update.silent, update.job.state, update.job.left) == (("left",), State.RUNNING, None)
    left.come_back()
    await two.time.passes(60)
    assert (await two.now(job)).silent == ()


async def test_where_no_other_can_take_it_a_job_waits_and_says_for_whom(one, left) -> None:
    job = await one.ask()
    prompt = await left.prompt()
    prompt.tell(one.waiting)
    await one.reach(job, one.waiting)
    left.go_away()
    await one.time.passes(AWAY)
    silent = await one.told(job, lambda update: bool(update.silent))
    assert (silent.silent, silent.job.state) == (("left",), State.QUEUED)
    left.come_back()
    await one.time.passes(60)
    assert (await one.now(job)).silent == ()
    prompt.tell(left.picture(one.png()))
    assert (await one.reach(job, State.DELIVERING)).job.attempt == 1


async def test_a_job_moves_later_when_another_server_comes_back_first(two, left, right) -> None:
    right.go_away()
    await two.time.passes(60)
    job = await two.ask()
    await left.prompt()
    left.go_away()
    await two.time.passes(AWAY)
    assert (await two.now(job)).silent == ("left",)
    right.come_back()
    await two.time.passes(60)
    (await right.prompt()).tell(right.picture(two.png()))
    assert (await two.reach(job, State.DELIVERING)).job.left == "left"


async def test_nobody_waits_for_ever_for_a_server_that_has_the_job(one, left) -> None:
    job = await one.ask()
    await left.prompt()
    await one.reach(job, State.QUEUED)
    left.go_away()
    await one.time.passes(AWAY + PATIENCE + 60)
    failed = (await one.reach(job, State.FAILED)).job
    assert failed.failure.code == "error-server-gone"
    assert dict(failed.failure.details) == {"servers": ("left",), "minutes": 60}


async def test_nobody_waits_for_ever_for_a_server_that_never_had_it(one, left) -> None:
    left.go_away()
    await one.time.passes(60)
    job = await one.ask()
    await one.time.passes(60)
    update = await one.now(job)
    assert (update.silent, update.job.state) == (("left",), State.ACCEPTED)
    await one.time.passes(PATIENCE)
    assert (await one.reach(job, State.FAILED)).job.failure.code == "error-server-gone"


async def test_a_job_that_a_server_took_at_last_is_not_given_up_at_the_next_hiccup(one, left) -> None:
    await one.done()
    left.go_away()
    await one.time.passes(60)
    job = await one.ask()
    await one.time.passes(PATIENCE - 60)
    left.gate.clear()
    left.come_back()
    await one.time.passes(120)
    left.gate.set()
    prompt = await left.prompt(2)
    await one.reach(job, State.QUEUED)
    left.troubles["watch"] = ServerUnreachable(server="left", reason="reset")
    prompt.tell(one.waiting)
    await one.time.passes(1)
    left.troubles.clear()
    prompt.tell(left.picture(one.png()))
    assert (await one.reach(job, State.DELIVERING)).job.attempt == 1


async def test_a_job_that_waits_for_a_server_goes_there_when_it_is_back(one, left) -> None:
    left.go_away()
    await one.time.passes(60)
    job = await one.ask()
    await one.time.passes(600)
    left.come_back()
    await one.time.passes(60)
    (await left.prompt()).tell(left.picture(one.png()))
    made = await one.reach(job, State.DELIVERING)
    assert (made.job.attempt, made.silent) == (1, ())


@pytest.mark.parametrize("sent", [False, True])
async def test_a_job_is_cancelled_although_its_server_is_away(one, left, sent) -> None:
    if not sent:
        left.go_away()
        await one.time.passes(60)
    job = await one.ask()
    if sent:
        await left.prompt()
        await one.reach(job, State.QUEUED)
        left.go_away()
    await one.service.cancel(job.id, one.ada, one.here)
    await one.time.passes(AWAY)
    await one.reach(job, State.CANCELLED)
    left.come_back()
    await one.time.passes(60)
    assert left.cancelled[-1:] == [prompt.task.prompt_id for prompt in left.prompts]


async def test_moves_do_not_count_against_a_job_until_there_are_very_many(two, left, right) -> None:
    job = await two.ask()
    here, there = left, right
    for number in range(1, MAX_PROMPTS + 1):
        await here.prompt((number + 1) // 2)
        await two.reach(job, State.QUEUED)
        here.go_away()
        await two.time.passes(AWAY)
        here.come_back()
        await two.time.passes(60)
        here, there = there, here
    failed = (await two.reach(job, State.FAILED)).job
    assert (failed.failure.code, failed.attempt) == ("error-job-lost", MAX_PROMPTS)
    assert len(left.prompts) + len(right.prompts) == MAX_PROMPTS


# -- a server that takes no prompt ------------------------------------------------------------------------------------


REFUSED = RefusedGraph(server="left", problems=())


@pytest.mark.parametrize("refusal", [REFUSED, UploadTooLarge(server="left", size=9)])
async def test_what_one_server_refuses_another_is_asked_for(two, left, right, refusal) -> None:
    left.refusal = refusal
    job = await two.ask()
    (await right.prompt()).tell(right.picture(two.png()))
    made = (await two.reach(job, State.DELIVERING)).job
    assert (made.server, made.attempt) == ("right", 1)


async def test_what_two_servers_refuse_has_failed(two, left, right) -> None:
    left.refusal = right.refusal = REFUSED
    job = await two.ask()
    assert (await two.reach(job, State.FAILED)).job.failure.code == "error-refused-graph"


async def test_a_server_that_is_down_just_then_is_passed_over(two, left, right) -> None:
    left.refusal = ServerUnreachable(server="left", reason="refused")
    job = await two.ask()
    await two.time.passes(5)
    (await right.prompt()).tell(right.picture(two.png()))
    assert (await two.reach(job, State.DELIVERING)).job.attempt == 1


@pytest.mark.parametrize(
    ("troubles", "end"),
    [
        ([ServerUnreachable(server="left", reason="gone")] * 3, State.DELIVERING),
        ([ServerError(server="left", status=502, reason="bad gateway")] * 2 * MAX_TRIES, State.DELIVERING),
        ([ServerError(server="left", status=403, reason="forbidden")] * (MAX_TRIES - 1), State.DELIVERING),
        ([ServerError(server="left", status=403, reason="forbidden")] * MAX_TRIES, State.FAILED),
    ],
)
async def test_a_picture_that_cannot_be_fetched_is_asked_for_again(one, left, monkeypatch, troubles, end) -> None:
    fetch, troubles = left.fetch, list(troubles)

    async def fetch_at_last(output: Output) -> bytes:
        if troubles:
            raise troubles.pop()
        return await fetch(output)

    monkeypatch.setattr(left, "fetch", fetch_at_last)
    job = await one.ask()
    (await left.prompt()).tell(left.picture(one.png()))
    await one.time.passes(600)
    assert (await one.reach(job, end)).job.attempt == 1
