"""What stands beside the chat: asked for only while somebody looks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

import structlog

from bot.chat.listing import platform_name, platform_state
from bot.chat.presence import Board, Presence
from bot.chat.status import card, expected, result_title
from bot.chat.texts import LANGUAGES, Texts, texts_for
from bot.console.desk import OPERATOR
from bot.console.messages import Lines, Side, SideJob, SidePlatform, SideServer
from bot.console.room import Room
from bot.jobs.ledger.errors import LedgerUnavailable
from bot.jobs.model import QueueLine, State
from bot.jobs.runner import JobUpdate
from bot.jobs.service import JobService
from bot.pool.pool import ServerStatus

log = structlog.get_logger()

_LINES = 50
"""Of a long queue; nobody reads on, and every page is told of every change."""


async def read_side(service: JobService, board: Board) -> Side:
    """The queue, the servers and the platforms at this moment."""
    lines, servers = await asyncio.gather(service.queue(), service.servers())
    return Side(
        jobs=tuple(_job(line) for line in lines[:_LINES]),
        more=max(len(lines) - _LINES, 0),
        servers=tuple(_server(server) for server in servers),
        platforms=tuple(_platform(presence) for presence in board.all()),
    )


async def keep_side(room: Room, service: JobService, board: Board, *, busy: float = 1.0, quiet: float = 5.0) -> None:
    """Show the side in the room for as long as the room is open.

    `busy` is the least number of seconds between two looks at the servers. `quiet` is the most, where nothing
    happens here: other people's prompts come and go as well. While the ledger cannot be read, it stays as it was.
    """
    while not room.closed:
        if not room.watched:
            await room.changed()
            continue
        try:
            room.show_side(await read_side(service, board))
        except LedgerUnavailable as error:
            log.warning("side not read", error=str(error))
        seen = room.number
        await asyncio.sleep(busy)
        if room.number == seen:
            with suppress(TimeoutError):
                async with asyncio.timeout(quiet - busy):
                    await room.changed()


def _job(line: QueueLine) -> SideJob:
    job = line.job
    return SideJob(
        job=job.id,
        owner=job.owner.name,
        own=job.owner.id == OPERATOR,
        title=result_title(job),
        lines=_in_each_language(lambda texts: _job_lines(line, texts)),
        progress=None if line.silent else line.progress,
    )


def _server(status: ServerStatus) -> SideServer:
    return SideServer(
        name=status.name,
        lines=_in_each_language(lambda texts: _server_lines(status, texts)),
        away=status.load is None,
        drained=status.drained,
    )


def _platform(presence: Presence) -> SidePlatform:
    return SidePlatform(
        name=platform_name(presence),
        lines=_in_each_language(lambda texts: (platform_state(presence, texts),)),
        away=presence.trouble is not None,
    )


def _in_each_language(say: Callable[[Texts], Iterable[str]]) -> Lines:
    return {language: tuple(say(texts_for(language))) for language in LANGUAGES}


def _job_lines(line: QueueLine, texts: Texts) -> Iterable[str]:
    """How a job stands, in the words of its card wherever these are short enough."""
    job = line.job
    match job.state:
        case _ if job.cancelling or line.silent:
            yield _as_on_card(line, texts)
        case State.QUEUED if line.position is not None:
            yield texts.say("console-side-place", position=line.position, wait=expected(line.wait, texts))
        case State.RUNNING if line.progress is not None:
            yield texts.say("console-side-running", percent=round(line.progress * 100))
        case _:
            yield _as_on_card(line, texts)
    if job.left is not None:
        yield texts.say("card-moved", server=job.left)


def _as_on_card(line: QueueLine, texts: Texts) -> str:
    return card(JobUpdate(line.job, wait=line.wait, silent=line.silent), texts, actions=()).title


def _server_lines(status: ServerStatus, texts: Texts) -> Iterable[str]:
    load = status.load
    if load is None:
        yield texts.say("console-side-away")
    elif load.running or load.pending:
        yield texts.say("console-side-load", running=load.running, pending=load.pending)
    elif not status.drained:
        yield texts.say("console-side-idle")
    if status.drained:
        yield texts.say("console-side-drained")
