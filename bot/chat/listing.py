"""Answers that are lists: the queue, the servers, somebody's jobs, what they have used, what operators did. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from bot.chat.presence import Presence
from bot.chat.status import expected, result_title
from bot.chat.texts import Texts
from bot.errors import Span
from bot.grammar.tokens import shown
from bot.jobs.model import Act, Job, Person, QueueLine, State
from bot.jobs.service import Usage
from bot.pool.pool import ServerStatus

_LINES = 20
"""Of a long queue, besides the reader's own; a chat's message has an end."""


def queue_text(
    lines: Sequence[QueueLine],
    servers: Sequence[ServerStatus],
    person: Person,
    texts: Texts,
    *,
    visible: Callable[[Job], bool],
) -> str:
    """What runs and what waits, the reader's own marked, and how each server does.

    Of a job that is not `visible` to the reader only its place is told: it is a private matter of another chat.
    """
    listed = [line for n, line in enumerate(lines) if n < _LINES or line.job.owner.id == person.id]
    name_servers = len(servers) > 1
    said = [
        " · ".join(
            (
                _whose(line.job, person, texts, visible=visible(line.job)),
                *_whereabouts(line, texts, name_server=name_servers),
            )
        )
        for line in listed
    ] or [texts.say("queue-empty")]
    if len(listed) < len(lines):
        said.append(texts.say("queue-more", count=len(lines) - len(listed)))
    return "\n".join([texts.say("queue-title"), *said, "", *(_load(server, texts) for server in servers)])


def servers_text(servers: Sequence[ServerStatus], platforms: Sequence[Presence], texts: Texts) -> str:
    """Every server for whoever runs it: how it is, on what terms it takes jobs, what it can run; then each platform."""
    told = ["\n  ".join(_server(server, texts)) for server in servers] or [texts.say("servers-none")]
    chats = [presence_text(presence, texts) for presence in platforms]
    return "\n\n".join([*told, "\n".join(chats)] if chats else told)


def presence_text(presence: Presence, texts: Texts) -> str:
    """How a platform's connection is, in a line."""
    return texts.say("presence", platform=platform_name(presence), state=platform_state(presence, texts))


def platform_name(presence: Presence) -> str:
    """What a platform calls itself, in every language."""
    return presence.platform.capitalize()


def platform_state(presence: Presence, texts: Texts) -> str:
    """What people call us there, or why nobody reaches us."""
    if presence.trouble is not None:
        return texts.explain(presence.trouble)
    return presence.name or texts.say("presence-connecting")


def mine_text(jobs: Sequence[Job], texts: Texts, *, readable: Callable[[Job], bool]) -> str:
    """Somebody's newest jobs. Of those that are not `readable` it is not said what they asked for."""
    if not jobs:
        return texts.say("mine-none")
    return "\n".join([texts.say("mine-title"), *(_mine(job, texts, readable=readable(job)) for job in jobs)])


def usage_text(usage: Usage, texts: Texts) -> str:
    """What somebody has used in the last 24 hours, and of how much."""
    limits = usage.limits
    return "\n".join(
        [
            texts.say("spent-title"),
            texts.say("spent-jobs", jobs=usage.jobs, limit=limits.jobs_per_day or None),
            texts.say(
                "spent-gpu",
                time=Span(usage.gpu_seconds),
                limit=Span(limits.gpu_seconds_per_day) if limits.gpu_seconds_per_day else None,
            ),
            texts.say("spent-waiting", jobs=usage.waiting, limit=limits.waiting or None),
        ]
    )


def audit_text(acts: Iterable[Act], texts: Texts, *, here: bool = False) -> str:
    """What operators and admins did, the newest first, in the words of the log: in UTC, and in no language.

    `here`: these acts are only those that concern the chat in which it is said.
    """
    said = [_act(act) for act in acts]
    text = "\n".join([texts.say("audit-title"), *said]) if said else texts.say("audit-none")
    return f"{text}\n\n{texts.say('audit-here')}" if here else text


def _whose(job: Job, person: Person, texts: Texts, *, visible: bool) -> str:
    mark = "→" if job.owner.id == person.id else " "
    return f"{mark} {job.id} · {shown(job.owner.name)}" if visible else f"{mark} {texts.say('queue-elsewhere')}"


def _whereabouts(line: QueueLine, texts: Texts, *, name_server: bool) -> Iterable[str]:
    match line.job.state:
        case _ if line.job.cancelling:
            yield texts.say("queue-cancelling")
        case _ if line.silent:
            yield texts.say("queue-silent")
        case State.RUNNING if line.progress is not None:
            yield texts.say("queue-running", percent=int(line.progress * 100))
        case State.QUEUED if line.position is not None:
            yield texts.say("queue-waiting-at", position=line.position)
            if wait := expected(line.wait, texts):
                yield wait
        case state:
            yield texts.say("state", state=state.value)
    if name_server and line.job.server is not None:
        yield line.job.server


def _load(server: ServerStatus, texts: Texts) -> str:
    if server.load is None:
        away = None if server.away_for is None else Span(server.away_for)
        return texts.say("server-silent", server=server.name, time=away)
    return texts.say("server-load", server=server.name, running=server.load.running, pending=server.load.pending)


def _server(server: ServerStatus, texts: Texts) -> Iterable[str]:
    yield _load(server, texts)
    if server.problem is not None:
        yield texts.explain(server.problem)
    if server.drained:
        yield texts.say("server-drained")
    if server.terms.max_pending:
        yield texts.say("server-limit", limit=server.terms.max_pending)
    if server.terms.tags:
        yield texts.say("server-tags", tags=tuple(sorted(server.terms.tags)))
    if server.runs and server.load is not None:
        yield texts.say("server-runs", workflows=tuple(sorted(server.runs)))


def _mine(job: Job, texts: Texts, *, readable: bool) -> str:
    what = result_title(job) if readable else texts.say("mine-elsewhere")
    state = "kept" if job.has_result and job.state is State.FAILED else job.state.value
    return f"{job.id} · {texts.say('state', state=state)} · {what}"


def _act(act: Act) -> str:
    when = datetime.fromtimestamp(act.at, UTC)
    said = f"{when:%Y-%m-%d %H:%M} {act.actor} {act.act} {act.subject}"
    return f"{said} ({act.detail})" if act.detail else said
