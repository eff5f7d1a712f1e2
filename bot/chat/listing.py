"""Longer answers: help, the queue, the workflows. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat.texts import Texts
from bot.grammar.parser import Menu
from bot.jobs.model import Person, QueueLine, State
from bot.pool.pool import ServerStatus
from bot.workflows.workflow import Workflow

_LINES = 20
"""Of a long queue, besides the reader's own; a chat's message has an end."""


def help_text(workflows: Sequence[Workflow], texts: Texts) -> str:
    """What one can say, with an example to start from."""
    commands = [
        texts.say("help-workflow", command=workflow.command, title=workflow.in_language(texts.language).title)
        for workflow in workflows
        if workflow.command
    ]
    return "\n".join([texts.say("help"), *commands])


def workflows_text(workflows: Sequence[Workflow], menu: Menu, texts: Texts) -> str:
    """Every workflow with its flags; those that are used when none is named are marked."""
    if not workflows:
        return texts.say("workflows-none")
    return "\n".join([texts.say("workflows-title"), *(_workflow(workflow, menu, texts) for workflow in workflows)])


def queue_text(lines: Sequence[QueueLine], servers: Sequence[ServerStatus], person: Person, texts: Texts) -> str:
    """What runs and what waits, the reader's own marked, and how each server does."""
    shown = [line for n, line in enumerate(lines) if n < _LINES or line.job.owner.id == person.id]
    said = [_line(line, person, texts) for line in shown] or [texts.say("queue-empty")]
    if len(shown) < len(lines):
        said.append(texts.say("queue-more", count=len(lines) - len(shown)))
    return "\n".join([texts.say("queue-title"), *said, "", *(_server(server, texts) for server in servers)])


def _workflow(workflow: Workflow, menu: Menu, texts: Texts) -> str:
    mark = {menu.default_with_image: " ☆", menu.default: " ★"}.get(workflow.name, "")
    title = workflow.in_language(texts.language).title
    flags = " ".join(f"--{option.flags[0]}" for option in workflow.options if option.flags)
    return f"{workflow.name}{mark}: {title}\n  {flags}".rstrip()


def _line(line: QueueLine, person: Person, texts: Texts) -> str:
    mine = "→ " if line.job.owner.id == person.id else "  "
    return f"{mine}{line.job.id} · {line.job.owner.name} · {_whereabouts(line, texts)}"


def _whereabouts(line: QueueLine, texts: Texts) -> str:
    match line.job.state:
        case State.DELIVERING:
            return texts.say("card-delivering")
        case State.RUNNING if line.progress is not None:
            return texts.say("queue-running", percent=int(line.progress * 100))
        case State.QUEUED if line.position is not None:
            return texts.say("queue-waiting-at", position=line.position)
        case _:
            return texts.say("queue-waiting")


def _server(server: ServerStatus, texts: Texts) -> str:
    if server.load is None:
        return texts.say("server-silent", server=server.name)
    return texts.say("server-load", server=server.name, running=server.load.running, pending=server.load.pending)
