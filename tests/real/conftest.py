"""A real ComfyUI for each module that asks for one, and the whole application over it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot.app import Easel, compose
from bot.config import Settings
from bot.grammar.request import Request
from bot.jobs.model import Job, Person, Place
from bot.jobs.runner import JobUpdate
from bot.jobs.service import Submission

HERE = Path(__file__).parent
WORKFLOWS = sorted((HERE / "workflows").glob("*.json"))


@dataclass
class RealComfyUI:
    """A ComfyUI process of our own. `kill` is a power cut."""

    url: str
    process: subprocess.Popen[str]
    pid: int
    data: Path

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def start(data: Path, port: int = 0) -> RealComfyUI:
    folder = os.environ.get("EASEL_COMFYUI_DIR")
    if not folder:
        pytest.skip("no real ComfyUI: run make test-comfyui, which installs one")
    command = [
        sys.executable,
        str(HERE / "kit" / "serve.py"),
        "--port",
        str(port),
        "--dir",
        folder,
        "--data",
        str(data),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.readline()
    if not said:
        pytest.fail(f"the real ComfyUI did not start: exit status {process.wait()}")
    about = json.loads(said)
    return RealComfyUI(about["url"], process, about["pid"], data)


@pytest.fixture(scope="session")
def comfyui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealComfyUI]:
    server = start(tmp_path_factory.mktemp("comfyui"))
    yield server
    server.stop()


@pytest.fixture
def own_comfyui(tmp_path: Path) -> Iterator[RealComfyUI]:
    """One that the test may kill."""
    server = start(tmp_path / "comfyui")
    yield server
    server.stop()


@pytest.fixture
def restarted(tmp_path: Path) -> Iterator[object]:
    """`restarted(server)` starts a killed server again at its old address, its memory gone."""
    servers = []

    def again(server: RealComfyUI) -> None:
        servers.append(start(server.data, urlsplit(server.url).port or 0))

    yield again
    for server in servers:
        server.stop()


@dataclass
class Wire:
    """A TCP wire to a server that a test can cut. `url` goes through it."""

    url: str
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    pulled: bool = False

    def cut(self) -> None:
        """Every connection drops at once; new ones work unless the wire is `pulled`."""
        for writer in list(self.writers):
            writer.transport.abort()


@asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[Wire]:
    target = urlsplit(url)
    wire = Wire("")
    pipes: set[asyncio.Task[None]] = set()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.transport.abort()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if wire.pulled:
            writer.transport.abort()
            return
        there_reader, there_writer = await asyncio.open_connection(target.hostname, target.port)
        wire.writers |= {writer, there_writer}
        for task in (asyncio.create_task(pipe(reader, there_writer)), asyncio.create_task(pipe(there_reader, writer))):
            pipes.add(task)
            task.add_done_callback(pipes.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        server.close()
        wire.cut()
        await asyncio.gather(*pipes)


@pytest.fixture
def ran() -> object:
    """`await ran(url, prompt_id)` waits on the server's own records."""
    return has_run


@pytest.fixture
async def wired() -> AsyncIterator[object]:
    """`await wired(url)` gives a Wire to that server."""
    async with AsyncExitStack() as stack:

        async def connect(url: str) -> Wire:
            return await stack.enter_async_context(wire_to(url))

        yield connect


async def has_run(url: str, prompt_id: str) -> None:
    """Until the server itself has this prompt in its history."""
    async with asyncio.timeout(60), aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{url}/history/{prompt_id}") as answer:
                if await answer.json():
                    return
            await asyncio.sleep(0.05)


@dataclass
class Studio:
    """The application over one server, with the words tests speak."""

    easel: Easel
    person: Person = Person("test:ada", "Ada")
    place: Place = Place("test", "room")

    async def ask(self, workflow: str, prompt: str = "", images: tuple[bytes, ...] = (), **values: object) -> Job:
        request = Request(workflow, prompt, tuple(values.items()))
        return await self.easel.service.submit(Submission(request, self.person, self.place, images))

    async def end_of(self, job: Job) -> tuple[Job, list[JobUpdate]]:
        """Everything a follower saw, up to the pictures or the failure."""
        seen = []
        async with asyncio.timeout(120):
            async for update in self.easel.service.follow(job):
                seen.append(update)
                if update.job.state == "delivering":
                    break
        return seen[-1].job, seen

    async def until(self, job: Job, state: str, *, step: int = 0) -> None:
        async with asyncio.timeout(60):
            async for update in self.easel.service.follow(job):
                if update.job.state == state and getattr(update.progress, "step", 0) >= step:
                    return
        pytest.fail(f"the job never was {state}")


@pytest.fixture
async def studio_on(tmp_path: Path) -> AsyncIterator[object]:
    """`await studio_on(url)` gives a Studio over that server."""
    async with AsyncExitStack() as stack:

        async def open_(url: str) -> Studio:
            settings = Settings.model_validate(
                {
                    "servers": [{"name": "real", "url": url}],
                    "data": {"folder": tmp_path},
                    "access": {"operators": ["test:ada"]},
                }
            )
            return Studio(await stack.enter_async_context(compose(settings, extra_workflows=WORKFLOWS)))

        yield open_


@pytest.fixture
async def studio(comfyui: RealComfyUI, studio_on) -> Studio:
    return await studio_on(comfyui.url)
