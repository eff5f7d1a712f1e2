"""Ledgers and registers of every kind, and a PostgreSQL server of the tests' own."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import asyncpg
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


class Postgres:
    """A server in a folder of its own that speaks through a socket there. It is nobody's, for root may not run it."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._user = "nobody" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "-U", "easel", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        self.start()

    def start(self) -> None:
        options = f"-k {self._folder} -c listen_addresses= -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "start", "--wait", "--silent", "--log", str(self._folder / "log"), "--options", options)

    def stop(self, how: str) -> None:
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode", how)

    async def new(self) -> str:
        """The address of an empty database: there is one, and each test has it to itself."""
        url = self.url("postgres")
        await self.hang_up(url)
        connection = await asyncpg.connect(url)
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        await connection.close()
        return url

    async def hang_up(self, url: str) -> None:
        """End every connection to that database."""
        connection = await asyncpg.connect(url)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await connection.close()

    def url(self, name: str) -> str:
        return f"postgresql://easel@/{name}?host={self._folder}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self._folder / "data"), *arguments]
        subprocess.run(command, user=self._user, cwd=self._folder, stdout=subprocess.DEVNULL, timeout=60, check=True)


def postgres_programs() -> Path | None:
    """The folder of initdb and its like, as PATH, pg_config or Debian have it."""
    if config := shutil.which("pg_config"):
        told = subprocess.run([config, "--bindir"], stdout=subprocess.PIPE, text=True, check=False)
        folders = [Path(told.stdout.strip())]
    else:
        folders = []
    if found := shutil.which("initdb"):
        folders.append(Path(found).resolve().parent)
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((each for each in folders if (each / "initdb").exists() and (each / "pg_ctl").exists()), None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    programs = postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server here; Debian and Ubuntu: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="easel-postgres-"))
    try:
        server = Postgres(programs, folder)
        yield server
        server.stop("immediate")
    finally:
        shutil.rmtree(folder)


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
