"""A peer on loopback that behaves as ComfyUI does where a test says nothing else, and misbehaves where it does."""

from __future__ import annotations

import asyncio
import itertools
import json
import ssl
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import WSCloseCode, WSMsgType, web

from bot.comfyui.client import Client
from bot.comfyui.progress import Update
from bot.comfyui.server import Server, Timeouts
from bot.standin import StandIn

QUICK = Timeouts(connect=5, request=5, silence=30, poll=0.05)
GRAPH: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
}
STREAMING = GRAPH | {"9": {"class_type": "SaveImageWebsocket", "inputs": {"images": ["1", 0]}}}
SAVED = {"9": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}}
SUCCESS = {"status_str": "success", "completed": True, "messages": [["execution_success", {}]]}
STOPPED = {"status_str": "error", "completed": False, "messages": [["execution_interrupted", {}]]}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Peer:
    """Its queue, history and sockets are plain attributes; `instead` answers a route in its place."""

    prefix: str = "/"
    credentials: str | None = None
    header: tuple[str, str] | None = None
    jobs_api: bool = False
    sockets_refused: bool = False
    tls: ssl.SSLContext | None = None
    running: list[list[Any]] = field(default_factory=list)
    pending: list[list[Any]] = field(default_factory=list)
    history: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    instead: dict[tuple[str, str], Handler] = field(default_factory=dict)
    greetings: list[dict[str, Any]] = field(default_factory=list)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    life: list[str] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    numbers: Any = field(default_factory=itertools.count)
    port: int = 0
    runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://localhost:{self.port}{self.prefix}"

    async def start(self) -> None:
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self.handle)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "localhost", self.port, ssl_context=self.tls)
        await site.start()
        self.port = self.runner.addresses[0][1]

    async def stop(self) -> None:
        for socket in list(self.sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)
        if self.runner is not None:
            await self.runner.cleanup()

    async def until(self, happened: Callable[[], Any]) -> None:
        """Wait for something to have happened here."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(happened)

    async def note(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    def asked(self, request: str) -> int:
        return self.requests.count(request)

    async def say(self, kind: str, **data: Any) -> None:
        await self.send(json.dumps({"type": kind, "data": data}))

    async def send(self, frame: str | bytes) -> None:
        for socket in self.sockets:
            await (socket.send_str(frame) if isinstance(frame, str) else socket.send_bytes(frame))

    async def count(self) -> None:
        """The event that tells that the queue changed."""
        await self.say("status", status=self.remaining)

    @property
    def remaining(self) -> dict[str, Any]:
        return {"exec_info": {"queue_remaining": len(self.running) + len(self.pending)}}

    async def begin(self, prompt_id: str, *nodes: str) -> None:
        """The prompt leaves the queue; the events up to these nodes."""
        for row in [row for row in self.pending if row[1] == prompt_id]:
            self.pending.remove(row)
            self.running.append(row)
        await self.count()
        await self.say("execution_start", prompt_id=prompt_id)
        await self.say("execution_cached", prompt_id=prompt_id, nodes=[])
        for node in nodes:
            await self.say("executing", node=node, display_node=node, prompt_id=prompt_id)

    def end(self, prompt_id: str, outputs: Any = SAVED, status: Any = SUCCESS) -> None:
        """The prompt goes to history, without an event."""
        rows = [row for row in (*self.running, *self.pending) if row[1] == prompt_id]
        self.running = [row for row in self.running if row[1] != prompt_id]
        self.pending = [row for row in self.pending if row[1] != prompt_id]
        self.history[prompt_id] = {"prompt": rows[0], "outputs": outputs, "status": status}

    async def finish(self, prompt_id: str, outputs: Any = SAVED) -> None:
        """As `end`, with the events."""
        await self.say("execution_success", prompt_id=prompt_id)
        self.end(prompt_id, outputs)
        await self.count()
        await self.say("executing", node=None, prompt_id=prompt_id)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self.credentials is not None and request.headers.get("Authorization") != self.credentials:
            return web.Response(status=401)
        if self.header is not None and request.headers.get(self.header[0]) != self.header[1]:
            return web.Response(status=403)
        if not request.path.startswith(self.prefix):
            return web.Response(status=404)
        path = "/" + request.path.removeprefix(self.prefix)
        self.requests.append(f"{request.method} {path}")
        try:
            if (handler := self.instead.get((request.method, path))) is not None:
                return await handler(request)
            return await self.answer(request, path)
        finally:
            await self.note()

    async def answer(self, request: web.Request, path: str) -> web.StreamResponse:
        match request.method, path.split("/")[1:]:
            case "GET", ["ws"] if not self.sockets_refused:
                return await self.socket(request)
            case "GET", ["prompt"]:
                return web.json_response(self.remaining)
            case "GET", [*where]:
                return self.jobs("GET", where[2:]) if where[:2] == ["api", "jobs"] else self.look_up(request, where)
            case "POST", [*where]:
                return await self.take(request, where)
        return web.Response(status=405)

    def look_up(self, request: web.Request, where: list[str]) -> web.Response:
        match where:
            case ["queue"]:
                return web.json_response({"queue_running": self.running, "queue_pending": self.pending})
            case ["history", prompt_id]:
                known = {prompt_id: self.history[prompt_id]} if prompt_id in self.history else {}
                return web.json_response(known)
            case ["view"] if (data := self.files.get(request.query["filename"])) is not None:
                return web.Response(body=data)
            case ["object_info" | "system_stats", *_]:
                return web.json_response({})
            case ["models", _]:
                return web.json_response(["a.safetensors"])
        return web.Response(status=404)

    async def take(self, request: web.Request, where: list[str]) -> web.Response:
        match where:
            case ["prompt"]:
                return web.json_response(self.accept(await request.json()))
            case ["queue"]:
                gone = (await request.json())["delete"]
                self.pending = [row for row in self.pending if row[1] not in gone]
            case ["interrupt"]:
                self.heard.append("interrupt " + (await request.json())["prompt_id"])
            case ["upload", "image"]:
                upload = (await request.post())["image"]
                self.heard.append(f"upload {upload.filename}")
                return web.json_response({"name": upload.filename, "subfolder": "", "type": "input"})
            case _:
                return self.jobs("POST", where[2:]) if self.jobs_api else web.Response(status=405)
        return web.Response()

    def accept(self, body: dict[str, Any]) -> dict[str, Any]:
        number = body.get("number", next(self.numbers))
        self.pending.append([number, body["prompt_id"], body["prompt"], {}, ["9"]])
        return {"prompt_id": body["prompt_id"], "number": number, "node_errors": {}}

    def jobs(self, method: str, rest: list[str]) -> web.Response:
        if not self.jobs_api:
            return web.Response(status=404)
        queued = [("in_progress", row) for row in self.running] + [("pending", row) for row in self.pending]
        jobs = [{"id": row[1], "status": status, "priority": row[0]} for status, row in queued]
        match method, rest:
            case "GET", []:
                return web.json_response({"jobs": jobs})
            case "POST", [prompt_id, "cancel"]:
                known = any(job["id"] == prompt_id for job in jobs)
                self.pending = [row for row in self.pending if row[1] != prompt_id]
                return web.json_response({"cancelled": known})
            case "GET", [prompt_id]:
                for status, row in queued:
                    if row[1] == prompt_id:
                        job = {"id": prompt_id, "status": status, "priority": row[0], "workflow": {"prompt": row[2]}}
                        return web.json_response(job)
                if entry := self.history.get(prompt_id):
                    job = {"id": prompt_id, "status": "completed", "priority": 0, "outputs": entry["outputs"]}
                    job |= {"execution_status": entry["status"], "workflow": {"prompt": entry["prompt"][2]}}
                    return web.json_response(job)
        return web.json_response({"error": "Job not found"}, status=404)

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.life.append("open")
        self.sockets.append(socket)
        await socket.send_json({"type": "status", "data": {"status": self.remaining, "sid": request.query["clientId"]}})
        for greeting in self.greetings:
            await socket.send_json(greeting)
        await self.note()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.heard.append(message.data)
        self.sockets.remove(socket)
        self.life.append("closed")
        await self.note()
        return socket


class Follower(Client):
    """A client with patience, but not for ever."""

    async def to_the_end(self, prompt_id: str) -> list[Update]:
        """Everything that a watcher is told."""
        async with asyncio.timeout(10):
            return [update async for update in self.watch(prompt_id)]

    async def reached(self, prompt_id: str, true: Callable[[Update], Any]) -> Update:
        """The first update that a watcher is told of which something is true."""
        async with asyncio.timeout(10):
            async for update in self.watch(prompt_id):
                if true(update):
                    return update
        raise AssertionError("it never was")


@pytest.fixture
def graph() -> dict[str, Any]:
    """Draws, and saves to a file."""
    return GRAPH


@pytest.fixture
def streaming() -> dict[str, Any]:
    """Draws, and sends the picture over the socket."""
    return STREAMING


@pytest.fixture
def prompt_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """What is entered here is left at the end of the test."""
    async with AsyncExitStack() as entered:
        yield entered


@pytest.fixture
async def start_peer(stack) -> Callable[..., Awaitable[Peer]]:
    async def start(**settings: Any) -> Peer:
        peer = Peer(**settings)
        await peer.start()
        stack.push_async_callback(peer.stop)
        return peer

    return start


@pytest.fixture
async def peer(start_peer) -> Peer:
    """One as it is."""
    return await start_peer()


@pytest.fixture
async def connect(stack) -> Callable[..., Awaitable[Follower]]:
    """A client of a peer, or of a stand-in."""

    async def connect(peer: Peer | StandIn, client_id: str | None = None, **settings: Any) -> Follower:
        settings = {"url": peer.url, "timeouts": QUICK} | settings
        return await stack.enter_async_context(Follower(Server("peer", **settings), client_id=client_id))

    return connect


@pytest.fixture
async def client(connect, peer) -> Follower:
    """A client of `peer`, connected."""
    connected = await connect(peer)
    assert await connected.connect()
    return connected


@pytest.fixture(params=[False, True], ids=["without jobs", "with jobs"])
async def any_peer(request, start_peer) -> Peer:
    """One of an older version, and one of a newer."""
    return await start_peer(jobs_api=request.param)
