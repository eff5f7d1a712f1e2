"""A PostgreSQL server of our own, where this machine has the programs of one."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import tempfile
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

_START = 20.0
"""Seconds that it may take to come up."""


def programs() -> Path | None:
    """Where they are, the newest of them."""
    named = shutil.which("initdb")
    folders = [Path(named).parent] if named else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@asynccontextmanager
async def postgres(programs: Path) -> AsyncIterator[str]:
    """Its address, while the block lasts. It writes to disk as it would anywhere."""
    owner = _owner()
    with tempfile.TemporaryDirectory(prefix="easel-bench-postgres-") as folder:
        if owner:
            shutil.chown(folder, owner["user"])
        data = f"{folder}/data"
        made = await asyncio.create_subprocess_exec(
            programs / "initdb",
            "-D",
            data,
            "-U",
            "easel",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            stdout=DEVNULL,
            **owner,
        )
        assert await made.wait() == 0
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = await asyncio.create_subprocess_exec(
            programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", "", stderr=DEVNULL, **owner
        )
        try:
            url = f"postgresql://easel@127.0.0.1:{port}/postgres"
            await _up(url)
            yield url
        finally:
            server.terminate()
            await server.wait()


async def _up(url: str) -> None:
    async with asyncio.timeout(_START):
        while True:
            try:
                connection = await asyncpg.connect(url)
            except (OSError, asyncpg.CannotConnectNowError):
                await asyncio.sleep(0.05)
            else:
                await connection.close()
                return


def _owner() -> Mapping[str, Any]:
    """PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name for entry in pwd.getpwall()}
    return {"user": "postgres" if "postgres" in known else "nobody"}
