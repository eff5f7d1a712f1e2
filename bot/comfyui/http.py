"""HTTP to one server: every route below its prefix, its credentials on every request, its failures as typed errors."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
import msgspec
import structlog
from yarl import URL

from bot.comfyui.errors import (
    BadAnswer,
    ComfyError,
    ConnectionLost,
    ServerError,
    ServerTimeout,
    ServerUnreachable,
    TlsFailed,
    Unauthorised,
)
from bot.comfyui.server import Server
from bot.comfyui.wire import UndecodableError, one_line, read

T = TypeVar("T")

_CONNECTIONS = 32
_OK = 200
_PATIENCE = 5
"""How many times the time of an answer's next word the whole of it may take: large uploads, long node lists."""
_REFUSED = (401, 403)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    body: bytes

    @property
    def line(self) -> str:
        """Its first line, for errors."""
        return one_line(self.body.decode("utf-8", "replace"))


class Http:
    """The one aiohttp session of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        url = URL(server.url)
        self._base = url.with_user(None).with_query(None).with_fragment(None)
        user, password = server.basic_auth or (url.user, url.password)
        authorization = {"Authorization": aiohttp.encode_basic_auth(user, password or "")} if user else {}
        timeouts = server.timeouts
        if not server.verify_tls:
            log.warning("the certificate of this server is not checked", server=server.name)
        self.session = aiohttp.ClientSession(
            headers={**server.headers, **authorization},
            connector=aiohttp.TCPConnector(ssl=server.verify_tls, limit=_CONNECTIONS),
            timeout=aiohttp.ClientTimeout(sock_connect=timeouts.connect, sock_read=timeouts.request),
        )

    def url(self, route: str) -> URL:
        """A route below the server's prefix."""
        return self._base / route

    async def request(self, method: str, route: str, **options: Any) -> Answer:
        """Any answer that could be had, whatever its status but for 401 and 403.

        `options` are aiohttp's. Redirects are not followed: they would take the credentials elsewhere.

        Raises:
            ServerUnreachable: No connection; nothing was sent.
            TlsFailed: As above.
            ConnectionLost: It broke after the request was sent.
            ServerTimeout: As above, but it kept silent, or was not done in five times as long.
            Unauthorised: HTTP 401 or 403.
        """
        whole = _PATIENCE * self._server.timeouts.request
        try:
            async with asyncio.timeout(whole), self.open(method, route, **options) as reply:
                return Answer(reply.status, await reply.read())
        except TimeoutError as late:
            raise ServerTimeout(self._server.name, whole) from late

    async def get(self, route: str, **params: str) -> bytes:
        """The body of a GET.

        Raises:
            ServerError: The status is not 200.
            And what `request` raises.
        """
        answer = await self.request("GET", route, params=params)
        if answer.status != _OK:
            raise ServerError(self._server.name, answer.status, answer.line)
        return answer.body

    async def read(self, route: str, decoder: msgspec.json.Decoder[T], **params: str) -> T:
        """The JSON of a GET.

        Raises:
            BadAnswer: It is not what ComfyUI answers.
            And what `get` raises.
        """
        with self.understanding(route):
            return read(await self.get(route, **params), decoder)

    @contextmanager
    def understanding(self, route: str) -> Iterator[None]:
        """What is undecodable within is a `BadAnswer` of that route."""
        try:
            yield
        except UndecodableError as error:
            raise BadAnswer(self._server.name, route) from error

    @asynccontextmanager
    async def open(self, method: str, route: str, **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """As `request`, with the body still to be read."""
        try:
            async with self.session.request(method, self.url(route), allow_redirects=False, **options) as reply:
                if reply.status in _REFUSED:
                    raise Unauthorised(self._server.name, reply.status)
                yield reply
        except (aiohttp.ClientError, OSError) as error:
            raise typed(self._server, error) from error


def typed(server: Server, error: aiohttp.ClientError | OSError, *, within: float | None = None) -> ComfyError:
    """A failure of aiohttp as one of ours. No address gets into it, for it may be shown to anybody.

    `within` is how many seconds were given, if other than the settings' for a request.
    """
    match error:
        case aiohttp.ClientSSLError():
            return TlsFailed(server.name, _reason(error))
        case aiohttp.ConnectionTimeoutError():
            return ServerUnreachable(server.name, f"no connection within {server.timeouts.connect:g} s")
        case aiohttp.ClientConnectorError() | aiohttp.InvalidURL():
            return ServerUnreachable(server.name, _reason(error))
        case TimeoutError():
            return ServerTimeout(server.name, server.timeouts.request if within is None else within)
        case aiohttp.WSServerHandshakeError(status=status, message=message):
            refused = status in _REFUSED
            return Unauthorised(server.name, status) if refused else ServerError(server.name, status, one_line(message))
        case _:
            return ConnectionLost(server.name, _reason(error))


def _reason(error: aiohttp.ClientError | OSError) -> str:
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if isinstance(cause, ssl.SSLError):
        return getattr(cause, "verify_message", "") or cause.reason or type(cause).__name__
    if isinstance(cause, OSError) and cause.errno:
        return os.strerror(cause.errno) if cause.errno > 0 else str(cause.strerror)
    return type(cause).__name__
