"""A PostgreSQL server of the tests' own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest


class Postgres:
    """A server in a folder of its own that speaks through a socket there. It is nobody's, for root may not run it."""

    def __init__(self, programs: Path, folder: Path, *, durable: bool = False) -> None:
        self._fsync = "on" if durable else "off"
        self._programs = programs
        self._folder = folder
        self._user = "nobody" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "-U", "easel", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        self.start()

    def start(self) -> None:
        options = f"-k {self._folder} -c listen_addresses= -c fsync={self._fsync} -c max_connections=200"
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


@contextmanager
def running(*, durable: bool = False) -> Iterator[Postgres]:
    """A server while the block lasts; `durable`: it waits for the disk, as it would anywhere.

    Where there is none to start, the test is skipped.
    """
    programs = postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server here; Debian and Ubuntu: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="easel-postgres-"))
    try:
        server = Postgres(programs, folder, durable=durable)
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder)
