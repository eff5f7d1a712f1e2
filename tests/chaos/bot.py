"""The process that is killed again and again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Bot:
    """The bot's lives, one at a time, which begin as `tests.chaos.life` is told by these arguments.

    `environ` is theirs beside this process's own; what they say goes to the end of the file `log`.
    """

    def __init__(self, log: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> None:
        self._arguments = (sys.executable, "-m", "tests.chaos.life", *arguments)
        self._environ = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **(environ or {})}
        self._log = log
        self._zygote: asyncio.subprocess.Process
        self.pid: int | None = None
        self.kills = 0
        self._process: int | None = None
        """The descriptor of the newest life's process, readable once that has ended."""

    @asynccontextmanager
    async def ready(self) -> AsyncIterator[Bot]:
        """Loaded, so that each life begins at once."""
        with self._log.open("ab") as log:
            self._zygote = await asyncio.create_subprocess_exec(
                *self._arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env=self._environ,
            )
            try:
                yield self
            finally:
                self.kill(counted=False)
                await self.buried()
                self._zygote.kill()
                await self._zygote.wait()

    async def start(self, clock_error: float = 0.0) -> None:
        """Begin a life whose wall clock is wrong by so many seconds."""
        stdin, stdout = self._zygote.stdin, self._zygote.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("no pipes")
        await self.buried()
        stdin.write(f"{clock_error}\n".encode())
        line = await stdout.readline()
        if not line:
            raise RuntimeError(f"the bot does not start, see {self._log}")
        self.pid = int(line)
        self._process = os.pidfd_open(self.pid)

    def kill(self, *, counted: bool = True) -> None:
        """SIGKILL, if it lives."""
        pid, self.pid = self.pid, None
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.kills += counted

    async def buried(self) -> None:
        """Wait until the last life has let go of everything."""
        process, self._process = self._process, None
        if process is not None:
            gone, loop = asyncio.Event(), asyncio.get_running_loop()
            loop.add_reader(process, gone.set)
            await gone.wait()
            loop.remove_reader(process)
            os.close(process)

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        if self.pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(self.pid, 0)
            return True
        return False
