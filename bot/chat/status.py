"""From what is known of a job to the card that a chat shows. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from bot.chat.card import Button, StatusCard, Tone, Words
from bot.chat.texts import Texts
from bot.comfyui.progress import Queued, Running
from bot.errors import Span
from bot.grammar.request import Adjustment
from bot.jobs.model import Action, Job, State, Wait
from bot.jobs.runner import JobUpdate
from bot.workflows.options import Role

_SHORT = 120
_STEPS = ((10, 1), (60, 5), (300, 10), (3600, 60), (86_400, 600))
"""Below so many seconds a wait is told in steps of so many, so that a card does not change with every second."""
_SHORT_WAIT = 90
"""Up to so many seconds a range is told in seconds alone."""


def card(update: JobUpdate, texts: Texts, *, actions: Iterable[Action]) -> StatusCard:
    """The card of this moment. It says no more than is known: queued is queued, without a bar.

    What will be posted covered is not shown before either.
    """
    job = update.job
    tone, title, lines, progress = _state(update, texts)
    return StatusCard(
        job=job.id,
        tone=tone,
        title=title,
        lines=(*lines, *(() if job.state.final else adjusted(job.adjustments, texts))),
        progress=progress,
        preview=update.preview if job.state is State.RUNNING and not job.spoiler else None,
        buttons=buttons(actions, texts),
        final=job.state.final,
    )


def adjusted(adjustments: Iterable[Adjustment], texts: Texts) -> tuple[str, ...]:
    """A line for each value that was changed to what the model needs."""
    return tuple(
        texts.say("card-adjusted", option=change.option, asked=str(change.asked), used=str(change.used))
        for change in adjustments
    )


def buttons(actions: Iterable[Action], texts: Texts) -> tuple[Button, ...]:
    """The buttons for these actions."""
    return tuple(Button(action, texts.say(f"button-{action}")) for action in actions)


def expected(wait: Wait | None, texts: Texts) -> str | None:
    """How long something is expected to take: about so much, or a range until enough was measured.

    None where nothing is expected, or it should have come already.
    """
    if wait is None or wait.high <= 0:
        return None
    if wait.low == wait.high:
        return texts.say("wait-about", time=Span(_coarse(wait.high, round)))
    low, high = _coarse(wait.low, math.floor), _coarse(wait.high, math.ceil)
    if high <= _SHORT_WAIT:
        return texts.say("wait-seconds", low=low, high=high)
    return texts.say("wait-range", low=Span(low), high=Span(high))


def _coarse(seconds: float, rounded: Callable[[float], int]) -> int:
    step = next((step for below, step in _STEPS if seconds < below), 3600)
    return max(rounded(seconds / step) * step, 1 if rounded is round else 0)


def _state(update: JobUpdate, texts: Texts) -> tuple[Tone, str, tuple[str, ...], float | None]:
    job = update.job
    if job.state in (State.ACCEPTED, State.QUEUED, State.RUNNING):
        return _unfinished(update, texts)
    match job.state:
        case State.DELIVERING:
            return Tone.RUNNING, texts.say("card-delivering"), (), 1.0
        case State.DONE:
            return Tone.DONE, texts.say("card-done"), (), None
        case State.CANCELLED:
            return Tone.CANCELLED, texts.say("card-cancelled"), (), None
        case _:
            why = (texts.explain(job.failure),) if job.failure else ()
            return Tone.FAILED, texts.say("card-failed"), why, None


def _unfinished(update: JobUpdate, texts: Texts) -> tuple[Tone, str, tuple[str, ...], float | None]:
    job = update.job
    so_far = _so_far(job, texts)
    if job.cancelling:
        return Tone.WAITING, texts.say("card-cancelling"), so_far, None
    if update.silent:
        silent = texts.say("card-silent", servers=update.silent, count=len(update.silent))
        return Tone.WAITING, silent, so_far, None
    match job.state, update.progress:
        case State.ACCEPTED, _:
            return Tone.WAITING, texts.say("card-sending" if job.prompt_id else "card-accepted"), so_far, None
        case State.QUEUED, _:
            return Tone.WAITING, _queued(update, texts), so_far, None
        case _, Running(node=node, step=step, steps=steps, overall=overall):
            counted = steps > 1
            title = texts.say("card-running-step", step=step, steps=steps) if counted else texts.say("card-running")
            return Tone.RUNNING, title, (*((node,) if node and not counted else ()), *so_far), overall
        case _:
            return Tone.RUNNING, texts.say("card-running"), so_far, None


def _so_far(job: Job, texts: Texts) -> tuple[str, ...]:
    """What has happened to it that somebody who waits should know."""
    if job.left is not None:
        return (texts.say("card-moved", server=job.left),)
    return (texts.say("card-attempt", attempt=job.attempt),) if job.attempt > 1 else ()


def _queued(update: JobUpdate, texts: Texts) -> str:
    match update.progress:
        case Queued(position=int(position), of=int(of)):
            return texts.say("card-queued-at", position=position, of=of, wait=expected(update.wait, texts))
        case _:
            return texts.say("card-queued", wait=expected(update.wait, texts))


def result_lines(job: Job, texts: Texts) -> tuple[str, ...]:
    """The caption under a result: what it is, in one line, and how long it took."""
    facts = []
    if job.pictures and job.pictures[0].width:
        facts.append(f"{job.pictures[0].width} × {job.pictures[0].height}")
    if job.recipe.seed is not None:
        facts.append(texts.say("result-seed", seed=str(job.recipe.seed)))
    if seconds := round(job.gpu_seconds, 1):
        facts.append(texts.say("result-seconds", seconds=seconds))
    return (" · ".join((*facts, job.id)),)


def result_title(job: Job) -> str:
    """The prompt, shortened to a caption's length; the workflow's name where there is no prompt."""
    prompt = " ".join(job.recipe.prompt.split()) or job.recipe.workflow
    return prompt if len(prompt) <= _SHORT else prompt[: _SHORT - 1].rstrip() + "…"


def info(job: Job, command: str, texts: Texts) -> Words:
    """How a picture was made: every value of its recipe, and the command that repeats it."""
    lines = [texts.say("info-title", job=job.id, workflow=job.recipe.workflow)]
    lines += [f"{name}: {value}" for name, value in job.recipe.values if name != Role.PROMPT]
    if job.server:
        lines.append(texts.say("info-server", server=job.server))
    if seconds := round(job.gpu_seconds, 1):
        lines.append(texts.say("info-seconds", seconds=seconds))
    return Words("\n".join([*lines, "", texts.say("info-repeat")]), command)


def status_text(update: JobUpdate, texts: Texts) -> str:
    """How a job stands, for somebody who asks."""
    shown = card(update, texts, actions=())
    return "\n".join([texts.say("show-status", job=shown.job, status=shown.title), *shown.lines])
