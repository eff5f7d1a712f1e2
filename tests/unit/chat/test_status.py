"""What a card says of a job: no more than is known."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.card import StatusCard, Tone, Words
from bot.chat.status import card, expected, info, result_lines, result_title
from bot.chat.texts import texts_for
from bot.comfyui.progress import Queued, Running
from bot.grammar.request import Adjustment
from bot.jobs.model import Action, Failure, Job, Person, Picture, Place, Recipe, State, Times, Wait
from bot.jobs.runner import JobUpdate

TEXTS = texts_for("en")
JOB = Job(
    id="k7m2qd",
    owner=Person("test:ada", "Ada"),
    place=Place("test", "room"),
    text="/imagine a red fox",
    recipe=Recipe("paint", (("prompt", "a red fox"), ("width", 1024), ("seed", 0))),
    times=Times(accepted=1.0),
)
FAILURE = Failure("error-node-failed", (("node", "KSampler"), ("reason", "out of memory")))
STOPPED = (
    "The server stopped at “KSampler”: “out of memory”. Try it again, or with a smaller size. "
    "If that does not help, tell the operator."
)


def drawing(step: int, steps: int, node: str = "KSampler") -> Running:
    return Running(node=node, index=2, nodes=5, step=step, steps=steps, overall=0.25)


def at(state: State, **changes) -> Job:
    return replace(JOB, state=state, **changes)


@pytest.mark.parametrize(
    ("update", "shown"),
    [
        (JobUpdate(at(State.ACCEPTED)), (Tone.WAITING, "Waiting for a server", ())),
        (JobUpdate(at(State.ACCEPTED, attempt=1, prompt_id="p")), (Tone.WAITING, "Sending to the server", ())),
        (
            JobUpdate(at(State.ACCEPTED, attempt=2, prompt_id="p")),
            (Tone.WAITING, "Sending to the server", ("The server lost it. Attempt 2.",)),
        ),
        (
            JobUpdate(at(State.ACCEPTED), silent=("gpu-1",)),
            (Tone.WAITING, "Waiting for the server gpu-1 to answer", ()),
        ),
        (
            JobUpdate(at(State.ACCEPTED), silent=("gpu-1", "gpu-2")),
            (Tone.WAITING, "Waiting for one of these servers to answer: gpu-1, gpu-2", ()),
        ),
        (
            JobUpdate(at(State.ACCEPTED, attempt=2, left="gpu-1")),
            (Tone.WAITING, "Waiting for a server", ("The server gpu-1 went away, so another one takes it.",)),
        ),
        (JobUpdate(at(State.QUEUED)), (Tone.WAITING, "Waiting in the queue", ())),
        (JobUpdate(at(State.QUEUED), Queued()), (Tone.WAITING, "Waiting in the queue", ())),
        (
            JobUpdate(at(State.QUEUED), Queued(), wait=Wait(50, 50)),
            (Tone.WAITING, "Waiting in the queue, about 50 s", ()),
        ),
        (JobUpdate(at(State.QUEUED), Queued(3, 12)), (Tone.WAITING, "Waiting: 3 of 12", ())),
        (
            JobUpdate(at(State.QUEUED), Queued(3, 12), wait=Wait(41.2, 57)),
            (Tone.WAITING, "Waiting: 3 of 12, about 40–60 s", ()),
        ),
        (
            JobUpdate(at(State.QUEUED, left="gpu-1"), Queued(1, 1)),
            (Tone.WAITING, "Waiting: 1 of 1", ("The server gpu-1 went away, so another one takes it.",)),
        ),
        (
            JobUpdate(at(State.RUNNING), drawing(3, 20), silent=("gpu-1",)),
            (Tone.WAITING, "Waiting for the server gpu-1 to answer", ()),
        ),
        (JobUpdate(at(State.QUEUED, cancelling=True), Queued(1, 1)), (Tone.WAITING, "Cancelling", ())),
        (JobUpdate(at(State.RUNNING)), (Tone.RUNNING, "Drawing", ())),
        (JobUpdate(at(State.RUNNING), drawing(0, 0, "Load")), (Tone.RUNNING, "Drawing", ("Load",), 0.25)),
        (JobUpdate(at(State.RUNNING), drawing(1, 1, "")), (Tone.RUNNING, "Drawing", (), 0.25)),
        (JobUpdate(at(State.RUNNING), drawing(3, 20)), (Tone.RUNNING, "Drawing: step 3 of 20", (), 0.25)),
        (JobUpdate(at(State.DELIVERING)), (Tone.RUNNING, "Sending the picture", (), 1.0)),
        (JobUpdate(at(State.DONE)), (Tone.DONE, "Done", ())),
        (JobUpdate(at(State.CANCELLED)), (Tone.CANCELLED, "Cancelled", ())),
        (
            JobUpdate(at(State.FAILED, failure=FAILURE)),
            (Tone.FAILED, "No picture", (STOPPED,)),
        ),
    ],
)
def test_a_card_says_what_is_known(update, shown) -> None:
    assert card(update, TEXTS, actions=()) == StatusCard("k7m2qd", *shown, final=update.job.state.final)


@pytest.mark.parametrize(
    ("wait", "english", "chinese"),
    [
        (None, None, None),
        (Wait(0, 0), None, None),
        (Wait(0.2, 0.2), "about 1 s", "约 1 秒"),
        (Wait(7.6, 7.6), "about 8 s", "约 8 秒"),
        (Wait(52, 52), "about 50 s", "约 50 秒"),
        (Wait(128, 128), "about 2 min 10 s", "约 2 分钟 10 秒"),
        (Wait(0, 8.2), "about 0–9 s", "约 0–9 秒"),
        (Wait(43, 86), "about 40–90 s", "约 40–90 秒"),
        (Wait(55, 91), "about 55 s to 1 min 40 s", "约 55 秒到 1 分钟 40 秒"),
        (Wait(1000, 4000), "about 16 min to 1 h 10 min", "约 16 分钟到 1 小时 10 分钟"),
        (Wait(90_000, 100_000), "about 1 d 1 h to 1 d 4 h", "约 1 天 1 小时到 1 天 4 小时"),
    ],
)
def test_a_wait_is_about_so_long_and_a_range_until_enough_was_measured(wait, english, chinese) -> None:
    assert (expected(wait, TEXTS), expected(wait, texts_for("zh-CN"))) == (english, chinese)


@given(st.floats(0, 89), st.floats(0.1, 89))
def test_a_told_range_holds_the_expected_one(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    found = re.search(r"about (\d+)–(\d+) s", expected(Wait(low, high), TEXTS))
    assert low == high or int(found[1]) <= low < high <= int(found[2])


def test_buttons_are_labelled_in_the_readers_language() -> None:
    shown = card(JobUpdate(JOB), texts_for("zh-CN"), actions=(Action.CANCEL,))
    assert [(button.action, button.label) for button in shown.buttons] == [(Action.CANCEL, "取消")]


@pytest.mark.parametrize("state", State)
def test_what_was_rounded_is_said_until_the_end(state: State) -> None:
    job = at(state, adjustments=(Adjustment("width", 1925, 1928),))
    lines = card(JobUpdate(job), TEXTS, actions=()).lines
    assert ("width: 1925 became 1928, which the model needs." in lines) is not state.final


@pytest.mark.parametrize("state", State)
def test_a_preview_is_shown_only_while_it_is_drawn(state: State) -> None:
    shown = card(JobUpdate(at(state), None, b"preview"), TEXTS, actions=())
    assert (shown.preview is not None) is (state is State.RUNNING)


def test_what_will_be_covered_has_no_preview() -> None:
    covered = replace(at(State.RUNNING), spoiler=True)
    assert card(JobUpdate(covered, None, b"preview"), TEXTS, actions=()).preview is None


PICTURE = Picture("sha", "fox.png", "image/png", 1024, 768, 9)
FILM = Picture("sha", "fox.mp4", "application/octet-stream", 0, 0, 9)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "seed 0 · k7m2qd"),
        ({"pictures": (PICTURE,)}, "1024 × 768 · seed 0 · k7m2qd"),
        ({"pictures": (FILM,)}, "seed 0 · k7m2qd"),
        ({"recipe": Recipe("upscale", ())}, "k7m2qd"),
        ({"gpu_seconds": 12.25}, "seed 0 · 12.2 s · k7m2qd"),
        ({"gpu_seconds": 0.01}, "seed 0 · k7m2qd"),
    ],
)
def test_a_caption_holds_the_facts_there_are(changes, line: str) -> None:
    assert result_lines(at(State.DONE, **changes), TEXTS) == (line,)


@pytest.mark.parametrize(
    ("prompt", "title"),
    [("a red\n  fox", "a red fox"), ("", "paint"), ("x" * 120, "x" * 120), ("x" * 121, "x" * 119 + "…")],
)
def test_a_title_is_the_prompt_on_one_short_line(prompt: str, title: str) -> None:
    assert result_title(replace(JOB, recipe=Recipe("paint", (("prompt", prompt),)))) == title


def test_info_of_a_job_that_never_reached_a_server_names_none() -> None:
    assert info(JOB, "/imagine a red fox", TEXTS) == Words(
        "Job k7m2qd, workflow paint\nwidth: 1024\nseed: 0\n\nTo make it again, send:", "/imagine a red fox"
    )
