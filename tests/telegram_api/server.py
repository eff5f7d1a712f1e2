"""The Bot API server: HTTP on loopback, in front of a world."""

from __future__ import annotations

import asyncio
import inspect
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.telegram_api import asking, editing, inline, menu, parameters, sending, webhook
from tests.telegram_api.chats import Chat
from tests.telegram_api.faults import Fault, Faults
from tests.telegram_api.files import LOCAL_BYTES, UPLOAD_BYTES, Files
from tests.telegram_api.limits import Flood, FloodControl, Limits
from tests.telegram_api.model import User
from tests.telegram_api.parameters import Parameters
from tests.telegram_api.pulse import Pulse, Seen
from tests.telegram_api.refusals import OTHER_POLLER, Refusal, bad, conflict, too_many
from tests.telegram_api.updates import Updates
from tests.telegram_api.world import Privacy, World

TOKEN = "700001:AAFoxesLighthousesAndOtherThings-0001"
_WELL_FORMED = re.compile(r"[1-9]\d{0,15}:[A-Za-z0-9_-]{10,80}")
_ADDRESS = re.compile(r"(?P<file>/file)?/bot(?P<token>[^/]*)/(?P<rest>.*?)/?")
_REST = 1 << 20  # of a request beside its file

Method = Callable[["BotApi", Parameters], Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One request: which method (in small letters), when on the api's clock, with what, and how it was answered.

    `status` is 0 where the connection was cut; `uploads` are the sizes of its files.
    """

    method: str
    at: float
    values: Mapping[str, Any]
    uploads: Mapping[str, int]
    status: int


class BotApi:
    """Telegram for one bot, as an async context manager: it listens inside the block and at `url`.

    `clock` (seconds) is what flood control and the age of queries go by; dates in messages start at `start` (seconds
    since the epoch; None: now) and go on with it. `local` makes it a self-hosted server with ``--local``: files are
    put into that folder and named by their path. Nothing is forgotten when it stops and starts again. `witness` is
    asked about each call "before" and "after" its effect; where it says yes the connection is cut at that moment.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        name: str = "Easel",
        username: str = "easel_bot",
        clock: Callable[[], float] = time.monotonic,
        start: float | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        limits: Limits | None = None,
        local: Path | None = None,
    ) -> None:
        self.token = token
        self.clock = clock
        self.limits = limits or Limits()
        self.pulse = Pulse()
        self.files = Files(self.limits, local=local)
        self.flood = FloodControl(self.limits, clock)
        self.updates = Updates(self.limits, clock, self.pulse.beat)
        self.faults = Faults(self.updates.refuse_poll)
        self.menu = menu.Menu()
        self.calls: list[Call] = []
        self.counts: Counter[str] = Counter()
        self.witness: Callable[[str, Parameters], bool] | None = None
        self.broken: list[BaseException] = []
        self._began = clock()
        self._start = time.time() if start is None else start
        bot = User(int(token.partition(":")[0]), name, username, is_bot=True)
        self.world = World(
            bot=bot, files=self.files, pulse=self.pulse, clock=clock, now=self._now, told=self.updates.push
        )
        self.webhook = webhook.Webhook(self.updates, sleep, self._now)
        self.bot = bot
        self.person, self.group, self.supergroup = self.world.person, self.world.group, self.world.supergroup
        self.forum, self.channel = self.world.forum, self.world.channel
        self._methods: dict[str, Method] = {"getupdates": BotApi._get_updates}
        for room in (sending, editing, asking, inline, menu, webhook):
            self._methods |= room.METHODS
        self._local = local
        self._port = 0
        self._runner: web.AppRunner | None = None
        self._handlers: set[asyncio.Task[Any]] = set()

    # Life

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, the same after a restart."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def privacy(self) -> Privacy:
        """What the bot hears in groups."""
        return self.world.privacy

    @property
    def floods(self) -> list[Flood]:
        """The calls that were refused because the bot was too fast."""
        return self.flood.floods

    async def until(self, seen: Callable[[], Seen]) -> Seen:
        """What that returns, as soon as it is true; asked now and whenever something happened."""
        return await self.pulse.until(seen)

    def send_raw(self, fields: dict[str, Any]) -> None:
        """Tell the bot something that Telegram would not, beside a proper update_id."""
        self.updates.send_raw(fields)

    async def start(self) -> None:
        """Listen, on the port of the last time. Raises OSError if it is taken."""
        most = (LOCAL_BYTES if self._local else 2 * UPLOAD_BYTES) + _REST
        app = web.Application(client_max_size=most)
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self._port = runner.addresses[0][1]
        self.webhook.wake()

    async def stop(self) -> None:
        """Cut every connection and listen no more. Chats go on: people can talk, and the bot is told later."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        await self.webhook.rest()
        for connection in runner.server.connections if runner.server else ():
            if connection.transport is not None:
                connection.transport.abort()
        for handler in self._handlers:
            handler.cancel()
        await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, where: TracebackType | None
    ) -> None:
        await self.stop()
        if self.broken and raised is None:
            raise self.broken[0]

    # What methods need

    def chat(self, given: Parameters) -> Chat:
        """The chat that `chat_id` names. Raises Refusal."""
        chat_id = given.text("chat_id")
        if not chat_id:
            raise bad("chat_id is empty")
        chat = self.world.chat_of(chat_id)
        if chat is None:
            raise bad("chat not found")
        return chat

    def _now(self) -> int:
        return int(self._start + self.clock() - self._began)

    async def _get_updates(self, given: Parameters) -> list[dict[str, Any]]:
        if self.faults.rival:
            raise conflict(OTHER_POLLER)
        return await self.updates.poll(given)

    # HTTP

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        try:
            return await self._serve(request)
        finally:
            self._handlers.discard(task)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        at = self.clock()
        method, given, status = "", Parameters({}), 0
        try:
            method, path = self._called(request.path)
            given = await parameters.read(request, method)
            response = await self._answer(given, path)
            status = response.status
        except Refusal as refusal:
            status = refusal.code
            headers = {"Retry-After": str(refusal.parameters["retry_after"])} if status == 429 else {}
            response = web.json_response(refusal.body(), status=status, headers=headers)
        except (_CutOff, ConnectionError):  # by a fault, or by the bot that went away in the middle
            if request.transport is not None:
                request.transport.abort()
            response = web.Response()
        except web.HTTPRequestEntityTooLarge:
            status = 413
            response = web.json_response(Refusal(413, "Request Entity Too Large").body(), status=413)
        except Exception as error:
            self.broken.append(error)  # a fault of this server: the test must not go on as if Telegram had said that
            raise
        uploads = {name: len(upload.data) for name, upload in given.files.items()}
        self.calls.append(Call(method, at, given.values, uploads, status))
        self.counts[method] += 1
        self.pulse.beat()
        return response

    def _called(self, address: str) -> tuple[str, str]:
        """The method in small letters (``file`` for a download) and what comes after it. Raises Refusal."""
        match = _ADDRESS.fullmatch(address)
        if match is None or not _WELL_FORMED.fullmatch(match["token"]):
            raise Refusal(404, "Not Found")
        if match["token"] != self.token or self.faults.token_revoked:
            raise Refusal(401, "Unauthorized")
        return ("file", match["rest"]) if match["file"] else (match["rest"].lower(), "")

    async def _answer(self, given: Parameters, path: str) -> web.StreamResponse:
        method, chat = given.method, given.text("chat_id")
        if self.witness is not None and self.witness("before", given):
            raise _CutOff
        if (response := await self._suffer(self.faults.next(method, chat, after=False))) is not None:
            return response
        if method == "file":
            data = self.files.at(path)
            if data is None:
                raise Refusal(404, "Not Found")
            answer: web.StreamResponse = web.Response(body=data, content_type="application/octet-stream")
        else:
            result = self._method(method)(self, given)
            if inspect.isawaitable(result):
                result = await result
            self.pulse.beat()
            answer = web.json_response({"ok": True, "result": result})
        if self.witness is not None and self.witness("after", given):
            raise _CutOff
        return await self._suffer(self.faults.next(method, chat, after=True)) or answer

    async def _suffer(self, fault: Fault | None) -> web.StreamResponse | None:
        if fault is None:
            return None
        if fault.gate is not None:
            await fault.gate.pass_through(self.pulse.beat)
            return None
        if fault.cut:
            raise _CutOff
        if fault.refusal is not None:
            raise fault.refusal
        if fault.retry_after:
            raise too_many(fault.retry_after)
        if fault.html:
            body = "<html><head><title>Bad Gateway</title></head><body>nginx</body></html>"
            return web.Response(status=fault.status, text=body, content_type="text/html")
        names = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
        raise Refusal(fault.status, names.get(fault.status, "Internal Server Error"))

    def _method(self, name: str) -> Method:
        method = self._methods.get(name)
        if method is None:
            raise Refusal(404, "Not Found: method not found")
        return method


class _CutOff(Exception):
    """The connection ends here."""
