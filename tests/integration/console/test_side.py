"""When the servers are asked for what stands beside the chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import cast

import pytest

from bot.chat.presence import Board, Presence
from bot.comfyui.errors import ServerUnreachable
from bot.console.messages import Told
from bot.console.room import Room
from bot.console.side import keep_side, read_side
from bot.jobs.ledger.errors import LedgerUnavailable, Trouble
from bot.jobs.model import Job, Person, Place, QueueLine, Recipe, State, Times, Wait
from bot.jobs.service import JobService
from bot.pool.pool import ServerStatus
from bot.pool.renderer import Load

NEVER = 3600.0


class Service:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.changed = asyncio.Event()
        self.lines: tuple[QueueLine, ...] = ()
        self.trouble: Exception | None = None
        self.status: ServerStatus | None = None

    async def queue(self) -> tuple[QueueLine, ...]:
        return self.lines

    async def servers(self) -> tuple[ServerStatus, ...]:
        self.asked += 1
        self.changed.set()
        if self.trouble is not None:
            raise self.trouble
        if self.status is not None:
            return (self.status,)
        return (ServerStatus("studio", Load(self.asked, 0)), ServerStatus("attic", None))

    async def asked_again(self) -> None:
        self.changed.clear()
        async with asyncio.timeout(5):
            await self.changed.wait()


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    room = Room()
    yield room
    room.close()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class Keeper:
    """Runs `keep_side` for a block."""

    def __init__(self, room: Room, service: Service, **pauses: float) -> None:
        self._work = keep_side(room, cast("JobService", service), Board(), **pauses)

    async def __aenter__(self) -> asyncio.Task[None]:
        self._task = asyncio.create_task(self._work)
        return self._task

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


async def test_while_nobody_looks_the_servers_are_left_alone(room: Room, service: Service) -> None:
    async with Keeper(room, service, busy=0, quiet=0):
        for text in "abc":
            room.add(Told(text))
            await settle()
    assert service.asked == 0


async def test_whoever_comes_sees_the_servers_at_once(room: Room, service: Service) -> None:
    async with Keeper(room, service, busy=NEVER, quiet=NEVER), aclosing(room.watch(room.number)) as events:
        async with asyncio.timeout(5):
            await anext(events)
    assert [(server.name, server.away) for server in room.side.servers] == [("studio", False), ("attic", True)]


async def test_what_happens_in_the_chat_is_a_reason_to_look_again_but_not_sooner_than_allowed(
    room: Room, service: Service
) -> None:
    async with Keeper(room, service, busy=NEVER, quiet=2 * NEVER), aclosing(room.watch(0)) as events:
        await anext(events)
        for text in "abc":
            room.add(Told(text))
            await settle()
        assert service.asked == 1


async def test_a_change_is_looked_into_although_it_is_long_until_the_next_look(room: Room, service: Service) -> None:
    async with Keeper(room, service, busy=0, quiet=NEVER), aclosing(room.watch(0)) as events:
        await anext(events)
        await settle()
        asked = service.asked
        room.add(Told("hello"))
        await service.asked_again()
    assert service.asked > asked


async def test_while_the_chat_is_quiet_they_are_asked_now_and_then(room: Room, service: Service) -> None:
    async with Keeper(room, service, busy=0, quiet=0.001), aclosing(room.watch(0)) as events:
        await anext(events)
        await service.asked_again()
        await service.asked_again()


async def test_a_ledger_that_cannot_be_read_is_asked_again(room: Room, service: Service) -> None:
    service.trouble = LedgerUnavailable(Trouble.LOCKED, "busy")
    async with Keeper(room, service, busy=0, quiet=0.001), aclosing(room.watch(room.number)) as events:
        told = asyncio.create_task(anext(events))
        await service.asked_again()
        service.trouble = None
        async with asyncio.timeout(5):
            await told
    assert room.side.servers


async def test_it_ends_with_the_room(room: Room, service: Service) -> None:
    async with Keeper(room, service, busy=0, quiet=NEVER) as task:
        await settle()
        room.close()
        async with asyncio.timeout(5):
            await task


JOB = Job(
    "k7m2qd",
    Person("telegram:1", "Mia"),
    Place("telegram", "-1"),
    "/imagine a fox",
    Recipe("flux", (("prompt", "a fox"),)),
    Times(0.0),
)


def line(state: State, *, job: Job = JOB, **known: object) -> QueueLine:
    return replace(QueueLine(replace(job, state=state)), **known)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (line(State.ACCEPTED), ("Waiting for a server",)),
        (line(State.ACCEPTED, silent=("attic",)), ("Waiting for the server attic to answer",)),
        (line(State.QUEUED), ("Waiting in the queue",)),
        (line(State.QUEUED, position=2), ("Waiting, place 2",)),
        (line(State.QUEUED, position=2, wait=Wait(40, 60)), ("Waiting, place 2, about 40–60 s",)),
        (line(State.QUEUED, position=2, silent=("attic",)), ("Waiting for the server attic to answer",)),
        (line(State.RUNNING), ("Drawing",)),
        (line(State.RUNNING, progress=0.456), ("Drawing, 46 %",)),
        (line(State.RUNNING, progress=0.456, job=replace(JOB, cancelling=True)), ("Cancelling",)),
        (
            line(State.QUEUED, position=1, job=replace(JOB, left="attic")),
            ("Waiting, place 1", "The server attic went away, so another one takes it."),
        ),
        (line(State.DELIVERING), ("Sending the picture",)),
    ],
)
async def test_a_line_of_the_queue_says_how_the_job_stands(
    service: Service, asked: QueueLine, said: tuple[str, ...]
) -> None:
    service.lines = (asked,)
    [shown] = (await read_side(cast("JobService", service), Board())).jobs
    assert (shown.owner, shown.own, shown.title) == ("Mia", False, "a fox")
    assert shown.lines["en"] == said
    assert len(shown.lines["zh-CN"]) == len(said)
    assert shown.lines["zh-CN"] != said


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (ServerStatus("studio", Load(0, 0)), ("Free",)),
        (ServerStatus("studio", Load(1, 3)), ("1 running, 3 waiting",)),
        (ServerStatus("studio", None), ("Does not answer",)),
        (ServerStatus("studio", None, drained=True), ("Does not answer", "Gets no new jobs")),
        (ServerStatus("studio", Load(0, 0), drained=True), ("Gets no new jobs",)),
        (ServerStatus("studio", Load(1, 0), drained=True), ("1 running, 0 waiting", "Gets no new jobs")),
    ],
)
async def test_a_server_is_described_in_words(service: Service, status: ServerStatus, said: tuple[str, ...]) -> None:
    service.status = status
    [shown] = (await read_side(cast("JobService", service), Board())).servers
    assert shown.lines["en"] == said
    assert (shown.away, shown.drained) == (status.load is None, status.drained)


async def test_of_a_long_queue_the_first_are_told_and_how_many_more_there_are(service: Service) -> None:
    service.lines = (line(State.QUEUED),) * 1234
    side = await read_side(cast("JobService", service), Board())
    assert len(side.jobs) + side.more == 1234
    assert len(side.jobs) <= 100


async def test_other_platforms_are_told_by_name_or_by_what_keeps_people_from_reaching_them(service: Service) -> None:
    board = Board()
    assert (await read_side(cast("JobService", service), board)).platforms == ()
    board.set(Presence("telegram", "@easel_bot"))
    board.set(Presence("discord", "Easel", ServerUnreachable("gateway", "refused")))
    board.set(Presence("matrix"))
    shown = (await read_side(cast("JobService", service), board)).platforms
    assert [(platform.name, platform.away) for platform in shown] == [
        ("Discord", True),
        ("Matrix", False),
        ("Telegram", False),
    ]
    assert "gateway" in shown[0].lines["en"][0]
    assert [platform.lines["zh-CN"] for platform in shown[1:]] == [("正在连接",), ("@easel_bot",)]
