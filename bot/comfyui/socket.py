"""The one WebSocket of a server: opened, kept open, and opened again, for as long as the client lives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import NoReturn

import aiohttp
import structlog
from yarl import URL

from bot.comfyui.errors import ComfyError
from bot.comfyui.events import HELLO
from bot.comfyui.http import Http, typed
from bot.comfyui.server import Server

_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 15.0
_CLOSING = 2.0
_STABLE = 10.0
"""A connection that lived this long (seconds) was a good one: the next pause is the shortest again."""

log = structlog.get_logger()


def pause(failures: int, random: Random) -> float:
    """Seconds to wait after that many failures in a row: doubling, capped, and between half and all of it."""
    return min(_FIRST_PAUSE * 2.0 ** min(failures, 16), _LONGEST_PAUSE) * random.uniform(0.5, 1.0)


class Socket:
    """Connects, greets, hands every frame on, and connects again when the connection is gone.

    Never two at once: a server that sees the older of two connections of one client close forgets the newer one
    (ComfyUI 0.3.64 to 0.28.0, recorded), so the old one is closed before the next is opened.
    """

    def __init__(
        self,
        server: Server,
        http: Http,
        client_id: str,
        *,
        random: Random,
        on_open: Callable[[], None],
        on_frame: Callable[[str | bytes], None],
        on_close: Callable[[], None],
    ) -> None:
        self._server = server
        self._http = http
        self._url: URL = http.url("ws").with_query(clientId=client_id)
        self._random = random
        self._on_open = on_open
        self._on_frame = on_frame
        self._on_close = on_close
        self._connection: aiohttp.ClientWebSocketResponse | None = None
        self._connecting = True
        self._tried = asyncio.Event()
        self._hurry = asyncio.Event()
        self.trouble: ComfyError | None = None
        """Why there is no connection."""

    @property
    def connected(self) -> bool:
        """Whether events arrive."""
        return self._connection is not None

    async def run(self) -> NoReturn:
        """Until cancelled."""
        clock = asyncio.get_running_loop().time
        failures = 0
        try:
            while True:
                began = clock()
                await self._connect_and_listen()
                failures = 0 if clock() - began > _STABLE else failures + 1
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause(failures, self._random)):
                        await self._hurry.wait()
                self._hurry.clear()
        finally:
            self._tried.set()

    async def attempt(self) -> bool:
        """Connected? If not, try at once and say how that went."""
        if not self.connected:
            self._tried.clear()
            if not self._connecting:
                self._hurry.set()
            await self._tried.wait()
        return self.connected

    async def renew(self) -> None:
        """Close the connection, which looks deaf; `run` opens the next at once."""
        if self._connection is not None:
            self._hurry.set()
            await self._connection.close()

    async def _connect_and_listen(self) -> None:
        try:
            connection = await self._connect()
            try:
                await self._listen(connection)
            finally:
                await connection.close()
        except (aiohttp.ClientError, OSError) as error:
            trouble = typed(self._server, error, within=self._server.timeouts.connect)
            if type(trouble) is not type(self.trouble):
                log.warning("no socket", server=self._server.name, trouble=str(trouble))
            self.trouble = trouble
            self._tried.set()

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        timeouts = self._server.timeouts
        self._connecting = True
        try:
            async with asyncio.timeout(timeouts.connect):
                return await self._http.session.ws_connect(
                    self._url,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSING),
                    heartbeat=2 * timeouts.silence,
                    max_msg_size=self._server.max_output_bytes,
                )
        finally:
            self._connecting = False

    async def _listen(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        await connection.send_str(HELLO)
        log.info("socket open", server=self._server.name)
        self._connection, self.trouble = connection, None
        self._on_open()
        self._tried.set()
        try:
            async for message in connection:
                if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    self._on_frame(message.data)
            log.info("socket closed", server=self._server.name, code=connection.close_code)
        finally:
            self._connection = None
            self._on_close()
