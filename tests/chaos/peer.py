"""A chat platform for the chaos tests: it outlives the bot, as Telegram and Discord do.

Messages people write wait as updates until the bot confirms them (Telegram's ``offset``); what the bot posts stays.
A key that was used before posts nothing new (Discord's enforced ``nonce``), unless the peer is `forgetful`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Any, Self

from aiohttp import web


@dataclass(slots=True)
class Message:
    """One message of the bot's. `kind`: status, result or text. `final`: a status that says how the job ended."""

    id: str
    chat: str
    kind: str
    job: str
    text: str
    reply_to: str | None
    final: bool = False
    edits: int = 0
    removed: bool = False


class ChatPeer:
    """The platform, listening on loopback. `moment` is told what is about to happen and what has just happened.

    It says whether the bot died of it; then what was about to happen has been lost on the wire.
    """

    def __init__(self, moment: Callable[[str], bool], *, forgetful: bool = False) -> None:
        self.messages: dict[str, Message] = {}
        self.written: dict[str, str] = {}
        """What people wrote, by message id."""
        self.seen: set[str] = set()
        """Every text that ever stood there."""
        self._moment = moment
        self._forgetful = forgetful
        self._keys: dict[str, str] = {}
        self._updates: dict[int, dict[str, Any]] = {}
        self._numbers = count(1)
        self._ids = count(1)
        self._changed = asyncio.Event()
        app = web.Application()
        app.router.add_get("/updates", self._get_updates)
        app.router.add_post("/messages", self._post)
        app.router.add_patch("/messages/{id}", self._edit)
        app.router.add_delete("/messages/{id}", self._delete)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        self.url = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def write(self, person: str, chat: str, text: str) -> str:
        """Somebody writes a message; its id."""
        message = f"u{next(self._ids)}"
        self.written[message] = text
        number = next(self._numbers)
        self._updates[number] = {"update": number, "person": person, "chat": chat, "text": text, "message": message}
        self._beat()
        return message

    def answers(self, message: str) -> list[Message]:
        """What answers that message and still stands there."""
        return [answer for answer in self.messages.values() if answer.reply_to == message and not answer.removed]

    @property
    def unconfirmed(self) -> int:
        """How many updates the bot has not confirmed."""
        return len(self._updates)

    async def until(self, seen: Callable[[], bool]) -> None:
        """Wait until that is true; looked at whenever something happens here."""
        while not seen():
            await self._changed.wait()

    def _beat(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _get_updates(self, request: web.Request) -> web.Response:
        offset = int(request.query["offset"])
        for number in [number for number in self._updates if number < offset]:
            del self._updates[number]
        self._beat()
        while not self._updates:
            await self._changed.wait()
        return web.json_response(list(self._updates.values())[:20])

    async def _post(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if self._moment(f"before {asked['kind']}"):
            raise web.HTTPServiceUnavailable
        known = self._keys.get(asked["key"]) if asked["key"] and not self._forgetful else None
        if known is None:
            known = f"b{next(self._ids)}"
            self._keys[asked["key"]] = known
            self.messages[known] = Message(
                known, asked["chat"], asked["kind"], asked["job"], asked["text"], asked["reply_to"], asked["final"]
            )
        self.seen.add(asked["text"])
        self._close(asked.get("closes"))
        self._beat()
        self._moment(f"after {asked['kind']}")
        return web.json_response({"id": known})

    async def _edit(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if self._moment("before edit"):
            raise web.HTTPServiceUnavailable
        message = self.messages[request.match_info["id"]]
        message.text, message.final = asked["text"], asked["final"]
        message.edits += 1
        self.seen.add(asked["text"])
        self._beat()
        self._moment("after edit")
        return web.json_response({})

    async def _delete(self, request: web.Request) -> web.Response:
        self._close(request.match_info["id"])
        self._beat()
        return web.json_response({})

    def _close(self, message: str | None) -> None:
        if message is not None and message in self.messages:
            self.messages[message].removed = True
