"""`easel` as a person runs it: a process of its own, beside a stand-in ComfyUI."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from bot.standin.server import StandIn
from bot.standin.settings import Settings


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


class Terminal:
    """A shell in an empty folder, which is its home too. Commands see no settings but those the test writes there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def start(self, *words: str, **variables: str) -> asyncio.subprocess.Process:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("EASEL_")}
        environ |= {"LC_ALL": "C.UTF-8", "COLUMNS": "200", "PYTHONWARNINGS": "error"}
        environ |= {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder / "kept")} | variables
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *words,
            cwd=self.folder,
            env=environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def easel(self, *words: str, **variables: str) -> Ran:
        process = await self.start(*words, **variables)
        async with asyncio.timeout(60):
            out, err = await process.communicate()
        assert process.returncode is not None
        return Ran(process.returncode, out.decode(), err.decode())

    def settings(self, *servers: str, more: str = "") -> Path:
        """Write a config.toml with servers at these addresses, named gpu1, gpu2..., and a console at any port."""
        tables = "".join(f'[[servers]]\nname = "gpu{n}"\nurl = "{url}"\n' for n, url in enumerate(servers, 1))
        path = self.folder / "config.toml"
        path.write_text(f"{tables}[console]\nport = 0\n{more}")
        return path

    @staticmethod
    def close_output(process: asyncio.subprocess.Process) -> None:
        """Read no more of what it prints, as `head` does once it has enough."""
        pipe = process._transport.get_pipe_transport(1)  # type: ignore[attr-defined]  # asyncio shows it nowhere else
        pipe.close()

    @staticmethod
    async def ask_console(address: str, text: str) -> str:
        """Say something in the console; the job that it starts."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            async with session.get(address) as page:
                assert page.status == 200
            form = aiohttp.FormData({"text": text}, default_to_multipart=True)
            origin = str(URL(address).origin())
            async with session.post(f"{origin}/api/messages", data=form, headers={"Origin": origin}) as answer:
                assert answer.status == 200, await answer.text()
                return (await answer.json())["job"]


async def until_line(process: asyncio.subprocess.Process, word: str) -> str:
    """Read its output up to a line that has this word."""
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while line := (await process.stdout.readline()).decode():
            if word in line:
                return line
    raise AssertionError(f"it ended before it said {word!r}")


async def stop(process: asyncio.subprocess.Process, number: signal.Signals = signal.SIGTERM) -> int:
    """Send it a signal, and wait for its end."""
    process.send_signal(number)
    async with asyncio.timeout(30):
        await process.communicate()
    assert process.returncode is not None
    return process.returncode


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


@pytest.fixture
async def comfyui() -> AsyncIterator[StandIn]:
    async with StandIn(Settings(speed=0.05)) as server:  # at 0 a step may be over before anybody looks
        yield server


@pytest.fixture
async def slow_comfyui() -> AsyncIterator[StandIn]:
    """One that takes its time."""
    async with StandIn(Settings(speed=0.5)) as server:
        yield server


@pytest.fixture
def stops() -> object:
    return stop


@pytest.fixture
def ctrl_c() -> object:
    return partial(stop, number=signal.SIGINT)


@pytest.fixture
def says() -> object:
    return until_line
