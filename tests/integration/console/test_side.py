"""When the servers are asked for what stands beside the chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, cast

import pytest

from bot.console.messages import Told
from bot.console.room import Room
from bot.console.side import keep_side
from bot.jobs.service import JobService
from bot.pool.pool import ServerStatus
from bot.pool.renderer import Load

NEVER = 3600.0


class Service:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.changed = asyncio.Event()

    async def queue(self) -> tuple[Any, ...]:
        return ()

    async def servers(self) -> tuple[ServerStatus, ...]:
        self.asked += 1
        self.changed.set()
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
        self._work = keep_side(room, cast("JobService", service), **pauses)

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


async def test_it_ends_with_the_room(room: Room, service: Service) -> None:
    async with Keeper(room, service, busy=0, quiet=NEVER) as task:
        await settle()
        room.close()
        async with asyncio.timeout(5):
            await task
