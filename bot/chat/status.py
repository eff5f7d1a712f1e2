"""From what is known of a job to the card that a chat shows. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bot.chat.card import Button, StatusCard, Tone
from bot.chat.texts import Texts
from bot.comfyui.progress import Queued, Running
from bot.grammar.request import Adjustment
from bot.jobs.model import Action, Job, State
from bot.jobs.runner import JobUpdate
from bot.workflows.options import Role

_SHORT = 120


def card(
    update: JobUpdate, texts: Texts, *, actions: Iterable[Action], adjustments: tuple[Adjustment, ...] = ()
) -> StatusCard:
    """The card of this moment. It says no more than is known: queued is queued, without a bar."""
    job = update.job
    tone, title, lines, progress = _state(update, texts)
    return StatusCard(
        job=job.id,
        tone=tone,
        title=title,
        lines=(*lines, *(() if job.state.final else adjusted(adjustments, texts))),
        progress=progress,
        preview=update.preview if job.state is State.RUNNING else None,
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


def _state(update: JobUpdate, texts: Texts) -> tuple[Tone, str, tuple[str, ...], float | None]:
    job = update.job
    match job.state:
        case State.ACCEPTED:
            again = (texts.say("card-attempt", attempt=job.attempt),) if job.attempt > 1 else ()
            return Tone.WAITING, texts.say("card-accepted"), again, None
        case State.QUEUED:
            return Tone.WAITING, _queued(update, texts), (), None
        case State.RUNNING:
            return _running(update, texts)
        case _:
            return _over(job, texts)


def _over(job: Job, texts: Texts) -> tuple[Tone, str, tuple[str, ...], float | None]:
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


def _queued(update: JobUpdate, texts: Texts) -> str:
    match update.progress:
        case Queued(position=int(position), of=int(of)):
            return texts.say("card-queued-at", position=position, of=of)
        case _:
            return texts.say("card-queued")


def _running(update: JobUpdate, texts: Texts) -> tuple[Tone, str, tuple[str, ...], float | None]:
    match update.progress:
        case Running(node=node, step=step, steps=steps, overall=overall):
            title = texts.say("card-running-step", step=step, steps=steps) if steps > 1 else texts.say("card-running")
            return Tone.RUNNING, title, (node,) if node else (), overall
        case _:
            return Tone.RUNNING, texts.say("card-running"), (), None


def result_lines(job: Job, texts: Texts) -> tuple[str, ...]:
    """The caption under a result: what it is, in one line, and how long it took."""
    facts = []
    if job.pictures and job.pictures[0].width:
        facts.append(f"{job.pictures[0].width} × {job.pictures[0].height}")
    if job.recipe.seed is not None:
        facts.append(texts.say("result-seed", seed=str(job.recipe.seed)))
    if job.times.started and job.times.made:
        facts.append(texts.say("result-seconds", seconds=round(job.times.made - job.times.started, 1)))
    return (" · ".join((*facts, job.id)),)


def result_title(job: Job) -> str:
    """The prompt, shortened to a caption's length; the workflow's name where there is no prompt."""
    prompt = " ".join(job.recipe.prompt.split()) or job.recipe.workflow
    return prompt if len(prompt) <= _SHORT else prompt[: _SHORT - 1].rstrip() + "…"


def info(job: Job, command: str, texts: Texts) -> str:
    """How a picture was made: every value of its recipe, and the command that repeats it."""
    lines = [texts.say("info-title", job=job.id, workflow=job.recipe.workflow)]
    lines += [f"{name}: {value}" for name, value in job.recipe.values if name != Role.PROMPT]
    if job.server:
        lines.append(texts.say("info-server", server=job.server))
    return "\n".join([*lines, "", texts.say("info-repeat"), command])
