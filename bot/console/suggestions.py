"""What the composer suggests to whoever types a slash."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.chat.commands import Command, for_rank
from bot.chat.texts import Texts
from bot.jobs.policy.limits import Rank
from bot.workflows.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A command without its slash, how it is written, and what it does, in a line."""

    word: str
    usage: str
    summary: str


def suggestions(
    workflows: Sequence[Workflow], texts: Texts, *, leave_out: Collection[Command] = ()
) -> tuple[Suggestion, ...]:
    """All that an operator may say, in the order of help: the commands that pictures come of first."""
    entries = [entry for entry in for_rank(Rank.OPERATOR) if entry.command not in leave_out]
    said = [Suggestion(entry.command, texts.say(entry.usage), entry.summary(texts)) for entry in entries]
    own = [
        Suggestion(said.command, f"/{said.command}", (said.description or said.title).rstrip(".。"))
        for said in (workflow.in_language(texts.language) for workflow in workflows)
        if said.command
    ]
    return (*said[:1], *own, *said[1:])
