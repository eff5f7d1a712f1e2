"""What is expected of jobs: tables of what was measured, and what holds whatever was."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.comfyui.records import Entry, Queue
from bot.jobs.estimates import ENOUGH, NEWEST, SORTS, Estimates
from bot.jobs.model import Recipe, Run, Wait
from bot.pool.pool import TYPICAL


def recipe(workflow: str = "flux", **values: object) -> Recipe:
    exact = {"prompt": "a fox", "width": 1024, "height": 1024, "steps": 20, "batch": 1, "seed": 1} | values
    return Recipe(workflow, tuple(exact.items()))


def learned(*runs: tuple[str, Recipe, float]) -> Estimates:
    estimates = Estimates()
    for server, exact, seconds in runs:
        estimates.learn(Run(server, exact, seconds))
    return estimates


def after(*seconds: float) -> Wait | None:
    """What is expected of a job after runs of the same on the same server."""
    return learned(*(("big", recipe(seed=index), each) for index, each in enumerate(seconds))).run_time("big", recipe())


def about(low: float, high: float) -> object:
    return Wait(pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ((), None),
        # few: a range about them, the narrower the more they are
        ((10,), about(5, 15)),
        ((10, 20), about(7.5, 25)),
        ((10, 12, 14, 10), about(8.75, 15.75)),
        # enough: the median
        ((10, 12, 14, 10, 11), about(11, 11)),
        # the first one loaded the model
        ((60, 10, 10, 10, 11), about(10, 10)),
        # runs that were cached are none
        ((10, 0.1, 10), about(7.5, 12.5)),
        ((10, 0.1, 10, 0.1, 10, 10, 0.1, 10, 10), about(10, 10)),
        ((0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 10, 10, 10, 10), about(8.75, 11.25)),
        # what is always as quick is no cache
        ((0.1, 0.1, 0.2, 0.1, 0.1), about(0.1, 0.1)),
        # a clock that jumped
        ((10, -3600, 0, math.nan, math.inf), about(5, 15)),
        # the server has become faster
        ((*[30] * NEWEST, *[10] * NEWEST), about(10, 10)),
    ],
)
def test_a_job_is_expected_to_take_what_such_jobs_took(seconds, expected):
    assert after(*seconds) == expected


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        # the seed and the words are no matter, nor is a size that differs by little
        (recipe(prompt="a lighthouse", seed=5), about(10, 10)),
        (recipe(width=1000, height=1000), about(10, 10)),
        (recipe(width=512, height=2048), about(10, 10)),
        # another size, more steps, more pictures: scaled, and a range
        (recipe(width=2048), about(10, 30)),
        (recipe(steps=10), about(2.5, 7.5)),
        (recipe(batch=4), about(20, 60)),
        # another workflow, or another model in it, says nothing
        (recipe("sdxl"), None),
        (recipe(model="xl.safetensors"), None),
    ],
)
def test_what_differs_in_amount_is_scaled_and_what_differs_in_kind_is_not(job, expected):
    estimates = learned(*[("big", recipe(), 10.0)] * ENOUGH)

    assert estimates.run_time("big", job) == expected


def test_a_server_that_never_ran_such_a_job_is_guessed_from_the_others():
    estimates = learned(("big", recipe(), 10), ("small", recipe(), 40))

    assert estimates.run_time("new", recipe()) == about(5, 60)


def test_another_size_on_the_same_server_counts_for_more_than_other_servers():
    estimates = learned(("big", recipe(), 10), ("small", recipe(steps=10), 40))

    assert estimates.run_time("small", recipe()) == about(40, 120)


def test_a_workflow_without_sizes_or_steps_is_estimated_as_well():
    upscale = Recipe("upscale", (), (("image", "ab"),))

    assert learned(("big", upscale, 8)).run_time("big", upscale) == about(4, 12)


def queue_of(running: str, pending: str) -> Queue:
    names = running + pending
    entries = tuple(Entry(place, name) for place, name in enumerate(names))
    return Queue(entries[: len(running)], entries[len(running) :])


MEASURED = [*[("big", recipe(), 10.0)] * ENOUGH, *[("big", recipe("sdxl"), 4.0)] * ENOUGH]


@pytest.mark.parametrize(
    ("running", "pending", "expected"),
    [
        ("", "", {}),
        ("a", "", {"a": (10, 10)}),
        ("a", "bx", {"a": (10, 10), "b": (20, 20), "x": (24, 24)}),
        # half of it has run
        ("h", "b", {"h": (5, 5), "b": (15, 15)}),
        # it should have ended long ago
        ("l", "b", {"l": (0, 0), "b": (10, 10)}),
        # somebody's at the web page: 7 seconds, the average here, but who knows
        ("w", "b", {"w": (3.5, 10.5), "b": (13.5, 20.5)}),
        # a workflow of ours that was never measured anywhere
        ("n", "b", {"n": (3.5, 10.5), "b": (13.5, 20.5)}),
    ],
)
def test_a_job_waits_for_all_before_it_and_for_itself(running, pending, expected):
    recipes = {name: recipe() for name in "abhl"} | {"x": recipe("sdxl"), "n": recipe("new")}

    waits = learned(*MEASURED).waits("big", queue_of(running, pending), recipes, {"h": 5.0, "l": 99.0})

    assert waits == {name: about(*seconds) for name, seconds in expected.items()}


def test_of_a_server_that_was_never_measured_nothing_is_said_behind_what_nobody_knows():
    estimates = learned(("small", recipe(), 10))

    waits = estimates.waits("big", queue_of("a", "bwc"), {name: recipe() for name in "abc"}, {})

    assert waits == {"a": about(5, 15), "b": about(10, 30)}


def test_what_was_seen_last_is_remembered_and_not_more_than_fits():
    estimates = Estimates()
    estimates.learn(Run("server", recipe("often"), 10))
    for index in range(SORTS):
        estimates.learn(Run(f"server {index}", recipe(f"workflow {index}"), 10))
        estimates.learn(Run("server", recipe("often"), 10))

    assert estimates.run_time("server", recipe("often")) == about(10, 10)
    assert estimates.run_time("server 0", recipe("workflow 0")) is None


SECONDS = st.floats(0.01, 1e5)
RECIPES = st.builds(
    recipe,
    st.sampled_from(["flux", "sdxl"]),
    width=st.integers(64, 4096),
    height=st.integers(64, 4096),
    steps=st.integers(1, 100),
    batch=st.integers(1, 8),
)
RUNS = st.lists(st.tuples(st.sampled_from(["big", "small"]), RECIPES, SECONDS), max_size=30)


@given(RUNS, RECIPES, st.sampled_from(["big", "small", "new"]))
def test_a_range_is_one_and_lies_about_what_was_measured(runs, job, server):
    expected = learned(*runs).run_time(server, job)

    if expected is None:
        assert job.workflow not in {each.workflow for _, each, _ in runs}
    else:
        assert 0 < expected.low <= expected.high < math.inf


@given(st.lists(SECONDS, min_size=1, max_size=NEWEST))
def test_what_is_expected_is_never_beyond_twice_what_was_measured(seconds):
    expected = after(*seconds)

    assert min(seconds) / 2 <= expected.low <= expected.high <= max(seconds) * 1.5


@given(RUNS, st.lists(st.none() | RECIPES, max_size=20), st.floats(0, 1e4))
def test_who_stands_behind_never_waits_less(runs, prompts, elapsed):
    names = [chr(ord("a") + index) for index in range(len(prompts))]
    recipes = {name: each for name, each in zip(names, prompts, strict=True) if each}
    queue = queue_of("".join(names[:1]), "".join(names[1:]))

    waits = learned(*runs).waits("big", queue, recipes, {"a": elapsed})

    assert list(waits) == names[: len(waits)]
    lows, highs = [wait.low for wait in waits.values()], [wait.high for wait in waits.values()]
    assert lows == sorted(lows)
    assert highs == sorted(highs)
    assert all(0 <= wait.low <= wait.high for wait in waits.values())


@pytest.mark.parametrize(
    ("server", "running", "pending", "seconds"),
    [
        ("new", 0, 1, 0),  # nothing is known of it, but that it is idle
        ("new", 1, 2, 2 * TYPICAL),
        ("big", 0, 1, 0),
        ("big", 1, 3, 30),
    ],
)
def test_a_task_starts_when_those_before_it_are_done(server: str, running: int, pending: int, seconds: float) -> None:
    queue = Queue(
        tuple(Entry(n, f"runs {n}") for n in range(running)), tuple(Entry(n, f"waits {n}") for n in range(pending))
    )
    estimates = learned(("big", recipe(), 8), ("big", recipe("sdxl"), 12))
    assert estimates.wait_of(server, queue, {}, {}) == pytest.approx(seconds)


def test_a_task_starts_sooner_behind_quick_ones_and_behind_one_that_has_run_for_long() -> None:
    estimates = learned(*[("big", recipe(), 8)] * ENOUGH, *[("big", recipe("sdxl"), 12)] * ENOUGH)
    queue = queue_of("a", "bcd")
    recipes = {"a": recipe("sdxl"), "b": recipe(), "c": recipe("sdxl")}
    assert estimates.wait_of("big", queue, recipes, {}) == pytest.approx(12 + 8 + 12)
    assert estimates.wait_of("big", queue, recipes, {"a": 9.0}) == pytest.approx(3 + 8 + 12)
    assert estimates.wait_of("new", queue_of("a", "xy"), recipes, {}) == pytest.approx(12 + TYPICAL)
