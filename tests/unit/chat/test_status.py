"""What a card says of a job: no more than is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.chat.card import StatusCard, Tone
from bot.chat.status import card, info, result_lines, result_title
from bot.chat.texts import texts_for
from bot.comfyui.progress import Queued, Running
from bot.grammar.request import Adjustment
from bot.jobs.model import Action, Failure, Job, Person, Picture, Place, Recipe, State, Times
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


def drawing(step: int, steps: int, node: str = "KSampler") -> Running:
    return Running(node=node, index=2, nodes=5, step=step, steps=steps, overall=0.25)


def at(state: State, **changes) -> Job:
    return replace(JOB, state=state, **changes)


@pytest.mark.parametrize(
    ("job", "progress", "shown"),
    [
        (at(State.ACCEPTED), None, (Tone.WAITING, "Sending to the server", ())),
        (at(State.ACCEPTED, attempt=1), None, (Tone.WAITING, "Sending to the server", ())),
        (
            at(State.ACCEPTED, attempt=2),
            None,
            (Tone.WAITING, "Sending to the server", ("The server lost it. Attempt 2.",)),
        ),
        (at(State.QUEUED), None, (Tone.WAITING, "Waiting in the queue", ())),
        (at(State.QUEUED), Queued(), (Tone.WAITING, "Waiting in the queue", ())),
        (at(State.QUEUED), Queued(1, 4), (Tone.WAITING, "Next in the queue", ())),
        (at(State.QUEUED), Queued(3, 4), (Tone.WAITING, "In the queue: 3 of 4", ())),
        (at(State.RUNNING), None, (Tone.RUNNING, "Drawing", ())),
        (at(State.RUNNING), drawing(0, 0, "Load"), (Tone.RUNNING, "Drawing", ("Load",), 0.25)),
        (at(State.RUNNING), drawing(1, 1, ""), (Tone.RUNNING, "Drawing", (), 0.25)),
        (at(State.RUNNING), drawing(3, 20), (Tone.RUNNING, "Drawing: step 3 of 20", ("KSampler",), 0.25)),
        (at(State.DELIVERING), None, (Tone.RUNNING, "Sending the picture", (), 1.0)),
        (at(State.DONE), None, (Tone.DONE, "Done", ())),
        (at(State.CANCELLED), None, (Tone.CANCELLED, "Cancelled", ())),
        (
            at(State.FAILED, failure=FAILURE),
            None,
            (Tone.FAILED, "No picture", ("The server stopped at “KSampler”: out of memory",)),
        ),
    ],
)
def test_a_card_says_what_is_known(job, progress, shown) -> None:
    assert card(JobUpdate(job, progress), TEXTS, actions=()) == StatusCard("k7m2qd", *shown, final=job.state.final)


def test_buttons_are_labelled_in_the_readers_language() -> None:
    shown = card(JobUpdate(JOB), texts_for("zh-CN"), actions=(Action.CANCEL,))
    assert [(button.action, button.label) for button in shown.buttons] == [(Action.CANCEL, "取消")]


@pytest.mark.parametrize("state", State)
def test_what_was_rounded_is_said_until_the_end(state: State) -> None:
    adjusted = (Adjustment("width", 1925, 1928),)
    lines = card(JobUpdate(at(state)), TEXTS, actions=(), adjustments=adjusted).lines
    assert ("width: 1925 became 1928, which the model needs." in lines) is not state.final


@pytest.mark.parametrize("state", State)
def test_a_preview_is_shown_only_while_it_is_drawn(state: State) -> None:
    shown = card(JobUpdate(at(state), None, b"preview"), TEXTS, actions=())
    assert (shown.preview is not None) is (state is State.RUNNING)


PICTURE = Picture("sha", "fox.png", "image/png", 1024, 768, 9)
FILM = Picture("sha", "fox.mp4", "application/octet-stream", 0, 0, 9)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "seed 0 · k7m2qd"),
        ({"pictures": (PICTURE,)}, "1024 × 768 · seed 0 · k7m2qd"),
        ({"pictures": (FILM,)}, "seed 0 · k7m2qd"),
        ({"recipe": Recipe("upscale", ())}, "k7m2qd"),
        ({"times": Times(1.0, 2.0, 3.0, 15.25)}, "seed 0 · 12.2 s · k7m2qd"),
        ({"times": Times(1.0, 2.0, None, 15.25)}, "seed 0 · k7m2qd"),
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
    assert info(JOB, "/imagine a red fox", TEXTS) == (
        "Job k7m2qd, workflow paint\nwidth: 1024\nseed: 0\n\nTo make it again, send:\n/imagine a red fox"
    )
