"""Longer answers: help, the queue, the workflows. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat.texts import Texts
from bot.grammar.parser import Menu
from bot.jobs.model import Person, QueueLine, State
from bot.pool.pool import ServerStatus
from bot.workflows.workflow import Workflow


def help_text(workflows: Sequence[Workflow], texts: Texts) -> str:
    """What one can say, with an example to start from."""
    commands = [
        texts.say("help-workflow", command=workflow.command, title=workflow.title)
        for workflow in workflows
        if workflow.command
    ]
    return "\n".join([texts.say("help"), *commands])


def workflows_text(workflows: Sequence[Workflow], menu: Menu, texts: Texts) -> str:
    """Every workflow with its flags; the default one is marked."""
    if not workflows:
        return texts.say("workflows-none")
    lines = []
    for workflow in workflows:
        mark = " ★" if workflow.name == menu.default else ""
        flags = " ".join(f"--{option.flags[0]}" for option in workflow.options if option.flags)
        lines.append(f"{workflow.name}{mark}: {workflow.title}\n  {flags}")
    return "\n".join([texts.say("workflows-title"), *lines])


def queue_text(lines: Sequence[QueueLine], servers: Sequence[ServerStatus], person: Person, texts: Texts) -> str:
    """What runs and what waits, the reader's own marked, and how each server does."""
    said = [_line(line, person, texts) for line in lines] or [texts.say("queue-empty")]
    return "\n".join([texts.say("queue-title"), *said, "", *(_server(server, texts) for server in servers)])


def _line(line: QueueLine, person: Person, texts: Texts) -> str:
    mine = "→ " if line.job.owner.id == person.id else "  "
    where = (
        texts.say("queue-running", percent=int((line.progress or 0) * 100))
        if line.job.state is State.RUNNING
        else texts.say("queue-waiting", position=line.position or "?")
    )
    return f"{mine}{line.job.id} · {line.job.owner.name} · {where}"


def _server(server: ServerStatus, texts: Texts) -> str:
    if server.load is None:
        return texts.say("server-silent", server=server.name)
    return texts.say("server-load", server=server.name, running=server.load.running, pending=server.load.pending)
