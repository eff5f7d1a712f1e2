"""Ledgers and registers of every kind, and a PostgreSQL server of the tests' own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from bot.jobs.ledger.memory import MemoryLedger, MemoryRegister
from bot.jobs.ledger.port import Ledger, Register
from bot.jobs.ledger.sql import open_store
from bot.jobs.model import Job, Person, Place, Recipe, Times

POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)
NEIGHBOUR = Path(__file__).with_name("neighbour.py")


class Make:
    """Jobs for tests."""

    ada, bob = Person("test:ada", "Ada", "en"), Person("test:bob", "Bob")
    room, attic = Place("test", "room"), Place("test", "attic")

    def __init__(self) -> None:
        self._numbers = count(1)

    def job(self, id_: str | None = None, *, accepted: float | None = None, **changes) -> Job:
        number = next(self._numbers)
        kept = {"owner": self.ada, "place": self.room, "recipe": Recipe("paint", (("prompt", "a fox"),)), **changes}
        moment = Times(float(number) if accepted is None else accepted)
        return Job(id=id_ or f"job{number}", text="/imagine a fox", **{"times": moment, **kept})


@pytest.fixture
def make() -> Make:
    return Make()


@dataclass(frozen=True)
class Kept:
    """A ledger and its register."""

    ledger: Ledger
    register: Register


@pytest.fixture(params=["sqlite", POSTGRES])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that nobody has used yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'easel.sqlite'}"
    return await request.getfixturevalue("postgres").new()


@pytest.fixture
async def stores(url: str) -> AsyncIterator[Callable[[str], Awaitable[Kept]]]:
    """Opens one database again and again, under these names, until the test's end."""
    async with AsyncExitStack() as stack:

        async def open_(holder: str) -> Kept:
            return await stack.enter_async_context(open_store(url, holder=holder))

        yield open_


@pytest.fixture(params=["memory", "sqlite", POSTGRES])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kept]:
    """An empty ledger and register of each kind."""
    if request.param == "memory":
        yield Kept(MemoryLedger(), MemoryRegister())
        return
    file = f"sqlite:///{tmp_path / 'easel.sqlite'}"
    address = file if request.param == "sqlite" else await request.getfixturevalue("postgres").new()
    async with open_store(address, holder="run") as store:
        yield store


@pytest.fixture
def ledger(kept: Kept) -> Ledger:
    return kept.ledger


@pytest.fixture
def register(kept: Kept) -> Register:
    return kept.register


@pytest.fixture
def neighbour() -> Callable[..., object]:
    """Another process at a ledger; what it says is a line each of its output. It is killed at the end."""

    @asynccontextmanager
    async def start(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            NEIGHBOUR,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        )
        try:
            assert process.stdout
            async with asyncio.timeout(30):
                assert await process.stdout.readline() == b"ready\n"
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    return start
