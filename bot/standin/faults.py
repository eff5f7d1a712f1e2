"""Everything that can be made to go wrong, from a test, while the server runs. Nothing here looks at a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Protocol

from aiohttp import web


class Power(Protocol):
    """What faults do to the machine itself."""

    async def stop(self) -> None:
        """Die: every connection is cut, nothing listens, everything in memory is gone."""

    async def start(self) -> None:
        """Come up again on the same address."""

    def cut_sockets(self) -> None:
        """Cut the WebSockets; HTTP goes on."""

    async def send_raw(self, frame: str | bytes) -> None:
        """Send one frame as it is to every socket."""


@dataclass(slots=True)
class _Scripted:
    """What happens to the next requests of one route, `times` times (None: until cleared)."""

    method: str
    path: str
    times: int | None
    before: bool
    response: Callable[[], web.Response] | None

    def takes(self, request: web.Request) -> bool:
        if self.times == 0 or request.method != self.method or not fnmatchcase(route(request), self.path):
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class _Failing:
    """A node that fails, `times` times (None: always)."""

    message: str
    times: int | None


@dataclass(slots=True)
class _Gate:
    """A door that holds whoever passes while it is shut."""

    _open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._open.set()

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    async def passed(self) -> None:
        await self._open.wait()


def route(request: web.Request) -> str:
    """The path without the `/api` that every route also has."""
    return request.path.removeprefix("/api")


class Faults:
    """The script of one stand-in. All methods may be called at any time; `clear` takes back what is not over."""

    def __init__(self, power: Power, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._power = power
        self._sleep = sleep
        self._worker, self._history = _Gate(), _Gate()
        self.clear()

    def clear(self) -> None:
        """No faults from here on. Whoever was held goes on."""
        self._scripted: list[_Scripted] = []
        self._drop_after = 0
        self._refused_sockets: int | None = 0
        self._failing: dict[str, _Failing] = {}
        self._delay = 0.0
        self._silent = False
        self._stall_at: tuple[str, int] | None = None
        self.resume()

    # The machine

    async def kill(self) -> None:
        """The process dies, and with it a stall. Until `start` connections are refused; all but the files is lost."""
        await self._power.stop()
        self.resume()

    async def start(self) -> None:
        """Up again after `kill`, on the same port, with an empty queue and history; the files are still there."""
        await self._power.start()

    async def restart(self) -> None:
        """`kill` and `start`."""
        await self.kill()
        await self.start()

    # The WebSocket

    def drop_socket(self, *, after: int = 0) -> None:
        """Cut every WebSocket once: now, or when `after` more frames have been written."""
        if after:
            self._drop_after = after
        else:
            self._power.cut_sockets()

    def silent(self) -> None:
        """Sockets stay open and no event is written to them, until `resume`: all are lost."""
        self._silent = True

    def refuse_socket(self, times: int | None = 1) -> None:
        """Answer the next `times` WebSocket handshakes with 503 (None: all of them, until `clear`)."""
        self._refused_sockets = times

    async def send_raw(self, frame: str | bytes) -> None:
        """Send any frame, however malformed, to every socket."""
        await self._power.send_raw(frame)

    # HTTP

    def answer(
        self,
        status: int,
        *,
        method: str = "POST",
        path: str = "/prompt",
        times: int | None = 1,
        body: Mapping[str, Any] | str = "500 Internal Server Error",
    ) -> None:
        """Answer the next requests of a route with this, without doing anything.

        `path` may hold ``*``: ``/history/*``.
        """

        def response() -> web.Response:
            if isinstance(body, str):
                return web.Response(status=status, text=body)
            return web.json_response(dict(body), status=status)

        self._scripted.append(_Scripted(method, path, times, before=True, response=response))

    def refuse(self, kind: str = "prompt_outputs_failed_validation", message: str = "Refused", times: int = 1) -> None:
        """Refuse the next prompts as ComfyUI would: 400 with an error of that type."""
        error = {"type": kind, "message": message, "details": "", "extra_info": {}}
        self.answer(400, times=times, body={"error": error, "node_errors": {}})

    def lose_request(self, *, method: str = "POST", path: str = "/prompt", times: int | None = 1) -> None:
        """Cut the connection of the next request before anything is done."""
        self._scripted.append(_Scripted(method, path, times, before=True, response=None))

    def lose_answer(self, *, method: str = "POST", path: str = "/prompt", times: int | None = 1) -> None:
        """Do what the next request asks, then cut the connection instead of answering."""
        self._scripted.append(_Scripted(method, path, times, before=False, response=None))

    def delay(self, seconds: float) -> None:
        """Take that long before every HTTP answer; 0 takes it back."""
        self._delay = seconds

    # The work

    def fail_node(self, node: str, *, times: int | None = 1, message: str = "lab failure on purpose") -> None:
        """Let the node with that id, or every node of that class, raise when it runs, `times` times."""
        self._failing[node] = _Failing(message, times)

    def stall(self, node: str | None = None, *, at: int = 0) -> None:
        """Stop working, as a hung GPU would, until `resume`. HTTP and sockets go on.

        With a node (id or class): once it has reported step `at` (0: before it begins).
        """
        if node is None:
            self._worker.shut()
        else:
            self._stall_at = (node, at)

    def hold_history(self) -> None:
        """Between `execution_success` and the prompt's entry in the history: wait there until `resume`."""
        self._history.shut()

    def resume(self) -> None:
        """Speak again, work again, file what has ended."""
        self._silent = False
        self._stall_at = None
        self._worker.open()
        self._history.open()

    # Asked by the server

    def swallows_event(self) -> bool:
        """Whether the next frame is lost."""
        return self._silent

    def drops_after_event(self) -> bool:
        """Whether the sockets end after the frame that was just written."""
        if self._drop_after == 0:
            return False
        self._drop_after -= 1
        return self._drop_after == 0

    def refuses_socket(self) -> bool:
        """Whether this handshake is refused."""
        if self._refused_sockets:
            self._refused_sockets -= 1
            return True
        return self._refused_sockets is None

    def failure(self, node_id: str, class_type: str) -> str | None:
        """What this node is to say when it fails; None lets it work."""
        for name in (node_id, class_type):
            failing = self._failing.get(name)
            if failing and failing.times != 0:
                failing.times = None if failing.times is None else failing.times - 1
                return failing.message
        return None

    async def at_step(self, node_id: str, class_type: str, step: int) -> None:
        """Wait here while the work is stalled."""
        if self._stall_at in {(node_id, step), (class_type, step)}:
            self._stall_at = None
            self._worker.shut()
        await self._worker.passed()

    async def before_history(self) -> None:
        """Wait here while the history is held."""
        await self._history.passed()

    @web.middleware
    async def middleware(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Do to a request what the script says."""
        scripted = next((entry for entry in self._scripted if entry.takes(request)), None)
        self._scripted = [entry for entry in self._scripted if entry.times != 0]
        if self._delay:
            await self._sleep(self._delay)
        if scripted is None:
            return await handler(request)
        if scripted.response is not None:
            return scripted.response()
        response = web.Response() if scripted.before else await handler(request)
        if request.transport is not None:
            request.transport.abort()
        return response
