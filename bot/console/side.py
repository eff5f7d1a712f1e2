"""What stands beside the chat: asked for only while somebody looks."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bot.chat.status import result_title
from bot.console.desk import OPERATOR
from bot.console.messages import Side, SideJob, SideServer
from bot.console.room import Room
from bot.jobs.model import QueueLine
from bot.jobs.service import JobService
from bot.pool.pool import ServerStatus


async def read_side(service: JobService) -> Side:
    """The queue and the servers at this moment."""
    lines, servers = await asyncio.gather(service.queue(), service.servers())
    return Side(tuple(_job(line) for line in lines), tuple(_server(server) for server in servers))


async def keep_side(room: Room, service: JobService, *, busy: float = 1.0, quiet: float = 5.0) -> None:
    """Show the side in the room for as long as the room is open.

    `busy` is the least number of seconds between two looks at the servers. `quiet` is the most, where nothing
    happens here: other people's prompts come and go as well.
    """
    while not room.closed:
        if not room.watched:
            await room.changed()
            continue
        room.show_side(await read_side(service))
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
        state=job.state,
        position=line.position,
        progress=line.progress,
    )


def _server(status: ServerStatus) -> SideServer:
    if status.load is None:
        return SideServer(status.name, None, None)
    return SideServer(status.name, status.load.running, status.load.pending)
