"""A stand-in ComfyUI on loopback: real HTTP and WebSocket, faithful to recorded traffic, with faults to script."""

from __future__ import annotations

import asyncio
import random
import string
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.standin.executor import Executor
from bot.standin.faults import Faults
from bot.standin.folders import Folders
from bot.standin.painting import Recipe, paint
from bot.standin.pulse import Pulse
from bot.standin.queue import Entry, PromptQueue
from bot.standin.routes import Routes, status
from bot.standin.settings import Settings
from bot.standin.sockets import Sockets


class StandIn:
    """One stand-in, as an async context manager: it listens inside the block and at `url`.

    Its files live in a temporary folder that goes with it; `folder(kind)` is where input, output or temp is.
    `faults` scripts what goes wrong. `calls` counts the requests of each route (``POST /prompt``), restarts included.
    `sleep` and `clock` (seconds since the epoch) are the machine's own.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings or Settings()
        self.faults = Faults(self, sleep)
        self.calls: Counter[str] = Counter()
        self._pulse = Pulse()
        self._sleep = sleep
        self._clock = clock
        self._port = self.settings.port
        self._boot: _Boot | None = None
        self._home: tempfile.TemporaryDirectory[str] | None = None

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, the same after a restart."""
        return f"http://{self.settings.host}:{self._port}"

    @property
    def open_sockets(self) -> int:
        """How many WebSockets are connected."""
        return len(self._boot.sockets) if self._boot else 0

    @property
    def running(self) -> str | None:
        """The id of the prompt that runs."""
        entry = self._boot.queue.running if self._boot else None
        return entry.prompt_id if entry else None

    @property
    def pending(self) -> list[str]:
        """The ids of the prompts that wait, the next one first."""
        return [entry.prompt_id for entry in sorted(self._boot.queue.pending, key=_turn)] if self._boot else []

    @property
    def finished(self) -> list[str]:
        """The ids of the prompts in the history, the oldest first."""
        return list(self._boot.queue.history) if self._boot else []

    async def until(self, seen: Callable[[], bool]) -> None:
        """Wait until that is true; looked at after every request, frame, connection and change of the queue."""
        await self._pulse.until(seen)

    def folder(self, kind: str) -> Path:
        """The folder of that type: ``input``, ``output`` or ``temp``."""
        if self._home is None:
            raise RuntimeError("the stand-in has not been started")
        return Path(self._home.name) / kind

    async def __aenter__(self) -> Self:
        self._home = tempfile.TemporaryDirectory(prefix="easel-standin-", ignore_cleanup_errors=True)
        try:
            await self.start()
        except OSError:
            self._home.cleanup()
            raise
        example = paint(Recipe("a lighthouse at dusk", seed=0, width=128, height=128))
        example.save(self.folder("input") / "example.png")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, where: TracebackType | None
    ) -> None:
        await self.stop()
        if self._home is not None:
            self._home.cleanup()

    # Power

    async def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        if self._boot is not None or self._home is None:
            return
        folders = Folders(Path(self._home.name), self.settings.models)
        boot = _Boot(self, folders, self._sleep, self._clock, self._pulse)
        self._port = await boot.up(self.settings.host, self._port)
        self._boot = boot

    async def stop(self) -> None:
        """Cut every connection and forget everything but the files."""
        boot, self._boot = self._boot, None
        if boot is not None:
            await boot.down()

    def cut_sockets(self) -> None:
        """Cut the WebSockets."""
        if self._boot is not None:
            self._boot.sockets.cut()

    async def send_raw(self, frame: str | bytes) -> None:
        """Send one frame to every socket."""
        if self._boot is not None:
            await self._boot.sockets.send_raw(frame)


class _Boot:
    """Everything that one start of the server holds in memory."""

    def __init__(
        self,
        machine: StandIn,
        folders: Folders,
        sleep: Callable[[float], Awaitable[None]],
        clock: Callable[[], float],
        pulse: Pulse,
    ) -> None:
        settings, faults = machine.settings, machine.faults
        self._calls = machine.calls
        self._pulse = pulse
        self.sockets = Sockets(faults, pulse.beat)
        self.queue = PromptQueue(settings.history, self._tell_status)
        letters = "".join(random.choices(string.ascii_lowercase, k=5))
        self._executor = Executor(
            self.queue,
            self.sockets,
            folders,
            settings,
            faults,
            wait=sleep,
            now=clock,
            temp_prefix=f"ComfyUI_temp_{letters}",
        )
        routes = Routes(
            settings=settings,
            queue=self.queue,
            executor=self._executor,
            sockets=self.sockets,
            folders=folders,
            faults=faults,
            now=clock,
        )
        app = routes.app([self._counted, faults.middleware])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        self._tasks: list[asyncio.Task[None]] = []

    def _tell_status(self) -> None:
        self.sockets.send("status", {"status": status(self.queue)})
        self._pulse.beat()

    @web.middleware
    async def _counted(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        resource = request.match_info.route.resource
        path = resource.canonical.removeprefix("/api") if resource else request.path
        self._calls[f"{request.method} {path}"] += 1
        self._pulse.beat()
        try:
            return await handler(request)
        finally:
            self._pulse.beat()

    async def up(self, host: str, port: int) -> int:
        """Listen on that port (0: a free one) and return it."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._tasks = [asyncio.create_task(self._executor.work()), asyncio.create_task(self.sockets.publish())]
        bound: int = self._runner.addresses[0][1]
        return bound

    async def down(self) -> None:
        """Cut every connection, stop working, listen no more."""
        for task in self._tasks:
            task.cancel()
        ends = await asyncio.gather(*self._tasks, return_exceptions=True)
        server = self._runner.server
        for connection in server.connections if server else ():
            if connection.transport is not None:
                connection.transport.abort()
        await self._runner.cleanup()
        for end in ends:
            if isinstance(end, Exception):
                raise end  # a fault of the stand-in itself must not go unseen


def _turn(entry: Entry) -> tuple[float, str]:
    return entry.number, entry.prompt_id
