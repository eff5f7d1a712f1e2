from __future__ import annotations

import re
from itertools import product

import pytest

from bot.jobs.errors import ImpossibleTransition, NodeFailed
from bot.jobs.model import Failure, Job, Person, Picture, Place, Recipe, State, Times, new_id

POSSIBLE = {
    ("accepted", "queued"),
    ("accepted", "failed"),
    ("accepted", "cancelled"),
    ("queued", "accepted"),
    ("queued", "running"),
    ("queued", "delivering"),
    ("queued", "failed"),
    ("queued", "cancelled"),
    ("running", "accepted"),
    ("running", "delivering"),
    ("running", "failed"),
    ("running", "cancelled"),
    ("delivering", "done"),
    ("delivering", "failed"),
    ("delivering", "cancelled"),
}


def job(state: State = State.ACCEPTED, **changes) -> Job:
    return Job(
        id="k7m2qd",
        owner=Person("test:ada", "Ada"),
        place=Place("test", "room"),
        text="/imagine a fox",
        recipe=Recipe("paint", (("prompt", "a fox"), ("seed", 0)), (("image", "in"),)),
        times=Times(accepted=1.0),
        state=state,
        **changes,
    )


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_a_job_takes_the_steps_of_the_table_and_no_other(before: State, after: State) -> None:
    if (before.value, after.value) in POSSIBLE:
        assert job(before).moved(after, 2.0).state is after
    else:
        with pytest.raises(ImpossibleTransition) as caught:
            job(before).moved(after, 2.0)
        assert caught.value.details == {"job": "k7m2qd", "before": before.value, "after": after.value}


def test_nothing_follows_the_three_ends() -> None:
    assert {state for state in State if state.final} == {State.DONE, State.FAILED, State.CANCELLED}


def test_each_step_notes_its_time() -> None:
    moved = job()
    for now, state in enumerate((State.QUEUED, State.RUNNING, State.DELIVERING, State.DONE), start=2):
        moved = moved.moved(state, float(now))
    assert moved.times == Times(accepted=1.0, queued=2.0, started=3.0, made=4.0, ended=5.0)


def test_a_lost_attempt_leaves_no_times_behind() -> None:
    lost = job().moved(State.QUEUED, 2.0).moved(State.RUNNING, 3.0).moved(State.ACCEPTED, 4.0)
    assert lost.times == Times(accepted=1.0)


def test_a_failure_keeps_what_the_error_said() -> None:
    failure = Failure.of(NodeFailed(node="KSampler", reason="out of memory"))
    assert failure == Failure("error-node-failed", (("node", "KSampler"), ("reason", "out of memory")))


def test_seed_zero_is_a_seed_and_no_seed_is_none() -> None:
    assert Recipe("paint", (("seed", 0),)).seed == 0
    assert Recipe("upscale", ()).seed is None


def test_its_first_picture_is_no_film() -> None:
    film = Picture("f", "a.mp4", "application/octet-stream", 0, 0, 9)
    still = Picture("p", "a.png", "image/png", 8, 8, 9)
    assert job(pictures=(film, still)).picture == still
    assert job(pictures=(film,)).picture is None


def test_its_media_are_inputs_and_results() -> None:
    assert job(pictures=(Picture("out", "a.png", "image/png", 8, 8, 9),)).media == {"in", "out"}


def test_ids_are_six_letters_and_digits_that_look_like_nothing_else() -> None:
    assert all(re.fullmatch(r"[2-9a-hj-kmnp-z]{6}", new_id()) for _ in range(500))


def test_a_thread_is_a_part_of_its_chat() -> None:
    assert Place("test", "room", "a").same_chat(Place("test", "room"))
    assert not Place("test", "room").same_chat(Place("test", "attic"))
    assert not Place("test", "room").same_chat(Place("other", "room"))
