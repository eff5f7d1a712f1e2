"""The WebSockets of one server, and what is sent to whom."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Mapping
from struct import pack
from typing import Any

from aiohttp import WSMsgType, web

from bot.standin.faults import Faults

PREVIEW, PREVIEW_WITH_METADATA = 1, 4
FORMATS = {"JPEG": 1, "PNG": 2}


class Sockets:
    """Everybody who listens. `changed` is called after every frame, and whenever somebody comes or goes.

    As in ComfyUI one loop writes to all sockets in turn, so that a client that does not read stalls the events of
    all (transcript stalled_client), and a client id names the *newest* socket that came with it, until the first
    of them closes (transcript reconnect).
    """

    def __init__(self, faults: Faults, changed: Callable[[], None]) -> None:
        self._faults = faults
        self._changed = changed
        self._by_id: dict[str, web.WebSocketResponse] = {}
        self._flags: dict[str, Mapping[str, Any]] = {}
        self._outbox: asyncio.Queue[tuple[str | bytes, str | None]] = asyncio.Queue()
        self._open: dict[web.WebSocketResponse, asyncio.Transport] = {}

    def __len__(self) -> int:
        """How many connections are open, forgotten ones included."""
        return len(self._open)

    def knows(self, client_id: str | None) -> bool:
        """Whether anybody would get what is sent to that client (None: to everybody)."""
        return bool(self._by_id) if client_id is None else client_id in self._by_id

    def wants_metadata(self, client_id: str | None) -> bool:
        """Whether that client's socket asked for previews with metadata."""
        return bool(client_id and self._flags.get(client_id, {}).get("supports_preview_metadata"))

    def send(self, kind: str, data: Mapping[str, Any], client_id: str | None = None) -> None:
        """One JSON message, to one client or to everybody."""
        self._outbox.put_nowait((json.dumps({"type": kind, "data": data}), client_id))

    def send_picture(self, kind: str, data: bytes, client_id: str | None) -> None:
        """A picture without metadata: event 1. `kind` is JPEG or PNG."""
        self._outbox.put_nowait((pack(">II", PREVIEW, FORMATS[kind]) + data, client_id))

    def send_picture_with(self, metadata: Mapping[str, Any], data: bytes, client_id: str | None) -> None:
        """A picture with metadata: event 4."""
        header = json.dumps(metadata).encode()
        self._outbox.put_nowait((pack(">II", PREVIEW_WITH_METADATA, len(header)) + header + data, client_id))

    async def publish(self) -> None:
        """Write what was sent, in order, for ever."""
        while True:
            frame, client_id = await self._outbox.get()
            targets = list(self._by_id.values()) if client_id is None else [self._by_id.get(client_id)]
            for socket in targets:
                if socket is not None:
                    await self._write(socket, frame)

    async def send_raw(self, frame: str | bytes) -> None:
        """One frame as it is to every open socket."""
        for socket in tuple(self._open):
            await self._write(socket, frame)

    def cut(self) -> None:
        """End every connection as a pulled cable would: no closing handshake."""
        for transport in self._open.values():
            transport.abort()

    async def _write(self, socket: web.WebSocketResponse, frame: str | bytes) -> None:
        if self._faults.swallows_event():
            return
        try:
            await (socket.send_str(frame) if isinstance(frame, str) else socket.send_bytes(frame))
        except ConnectionError:
            return  # its reader sees the end of it
        self._changed()
        if self._faults.drops_after_event():
            self.cut()

    async def serve(
        self,
        request: web.Request,
        flags: Mapping[str, Any],
        status: Callable[[], Mapping[str, Any]],
        running: Callable[[], tuple[str | None, str | None]],
    ) -> web.WebSocketResponse:
        """One client's connection, from handshake to close.

        It is told the `status` and, if `running` (client id, node) is its own, the node: without prompt id, and
        nothing of what it missed (transcripts late_ws and reconnect). The first message may negotiate features:
        anything else in its place forgoes them, except what is no JSON object at all.
        """
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        if request.transport is None:
            return socket  # gone again
        client_id = request.query.get("clientId") or uuid.uuid4().hex
        self._by_id[client_id] = socket
        self._flags[client_id] = {}
        self._open[socket] = request.transport
        self._changed()
        try:
            await socket.send_json({"type": "status", "data": {"status": status(), "sid": client_id}})
            owner, node_id = running()
            if owner == client_id and node_id is not None:
                await socket.send_json({"type": "executing", "data": {"node": node_id}})
            first = True
            async for message in socket:
                if message.type is not WSMsgType.TEXT or not first:
                    continue
                offered = _object(message.data)
                if offered is None:
                    continue
                first = False
                if offered.get("type") == "feature_flags":
                    self._flags[client_id] = offered.get("data") or {}
                    await socket.send_json({"type": "feature_flags", "data": flags})
        except ConnectionError:
            pass  # cut while being greeted: the same as any other close
        finally:
            del self._open[socket]
            self._changed()
            self._by_id.pop(client_id, None)
            self._flags.pop(client_id, None)
        return socket


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
