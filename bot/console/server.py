"""The socket that the console listens on."""

from __future__ import annotations

import errno
from types import TracebackType
from typing import Self

import structlog
from aiohttp import web
from yarl import URL

from bot.console.security import EVERYWHERE, TOKEN, Guard

log = structlog.get_logger()

_PATIENCE = 5.0
"""Seconds that stopping waits for requests in flight."""


class ConsoleServer:
    """Serves an application. An async context manager; a port that is taken is no obstacle.

    `wanted` is the port asked for (0: any), `port` the one it listens on.
    """

    def __init__(self, app: web.Application, guard: Guard, *, host: str, port: int) -> None:
        self.wanted = port
        self.port = port
        self._host = host
        self._token = guard.token
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_PATIENCE)

    @property
    def url(self) -> str:
        """The address to print: whoever has it is signed in."""
        host = "localhost" if self._host in EVERYWHERE else self._host
        return str(URL.build(scheme="http", host=host, port=self.port, path="/", query={TOKEN: self._token}))

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            OSError: This address cannot be listened on.
        """
        await self._runner.setup()
        try:
            await self._listen()
        except OSError:
            await self._runner.cleanup()
            raise
        self.port = self._runner.addresses[0][1]
        log.info("console listens", host=self._host, port=self.port, wanted=self.wanted)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Send the pages away, let requests in flight finish, stop listening."""
        await self._runner.cleanup()

    async def _listen(self) -> None:
        try:
            await web.TCPSite(self._runner, self._host, self.wanted).start()
        except OSError as taken:
            if taken.errno != errno.EADDRINUSE:
                raise
            await web.TCPSite(self._runner, self._host, 0).start()
