"""The console's routes: the page, its texts, the room and its events, messages, buttons and pictures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import aclosing, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler
from aiohttp_sse import EventSourceResponse, sse_response

from bot.chat.commands import Command, for_rank
from bot.chat.describing import sayings
from bot.chat.presence import Board
from bot.chat.texts import Texts, texts_for
from bot.console.desk import Desk
from bot.console.errors import MessageGone, MessageTooLarge, NotUnderstood
from bot.console.messages import Shown
from bot.console.refusals import answering, language_of
from bot.console.room import Room
from bot.console.security import PUBLIC, TOKEN, Guard, add_headers, guarding
from bot.console.side import keep_side
from bot.console.wire import encode, event_json, mark, read_mark, read_number, room_json
from bot.images.fit import CONSOLE
from bot.images.formats import MEDIA_TYPES
from bot.jobs.model import Action
from bot.jobs.policy.limits import Rank
from bot.jobs.service import JobService

MAX_UPLOAD_BYTES = 64_000_000
"""One message with its pictures."""

_STATIC = Path(str(files("bot.console") / "static"))
_PING_SECONDS = 5.0
_RETRY_MILLISECONDS = 1000
_SLOTS = {name: f"{{{name}}}" for name in ("count", "megabytes", "title")}
"""Arguments that only the page knows: it puts them where ``{name}`` stands."""

_DISPLAYED = frozenset(MEDIA_TYPES[name] for name in CONSOLE.formats)


class _Press(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``POST /api/actions``."""

    job: str
    action: Action


def make_app(
    room: Room,
    desk: Desk,
    service: JobService,
    guard: Guard,
    *,
    board: Board | None = None,
    leave_out: Collection[Command] = (),
    max_upload_bytes: int = MAX_UPLOAD_BYTES,
) -> web.Application:
    """The console as an application, for `bot.console.server.ConsoleServer`.

    While it runs it also keeps the room's side up to date. Shutting it down closes the room. On `board` other
    platforms say how they are. Commands to `leave_out` are not suggested.
    """
    app = web.Application(
        middlewares=[answering, guarding(guard)],
        client_max_size=max_upload_bytes,
    )
    handlers = _Handlers(room, desk, service, guard, board or Board(), leave_out, max_upload_bytes)
    app.router.add_routes(
        [
            web.get("/", handlers.page),
            web.get("/api/texts", handlers.texts),
            web.get("/api/room", handlers.room_now),
            web.get("/api/events", handlers.events),
            web.post("/api/messages", handlers.message),
            web.post("/api/actions", handlers.action),
            web.get("/api/pictures/{id}", handlers.picture),
            web.get("/api/originals/{id}", handlers.original),
            *(web.get(f"{PUBLIC}{file.name}", _sending(file)) for file in sorted(_STATIC.iterdir())),
        ]
    )
    app.on_response_prepare.append(add_headers)
    app.on_shutdown.append(handlers.close)
    app.cleanup_ctx.append(handlers.keep_side)
    return app


@dataclass(frozen=True, slots=True)
class _Handlers:
    room: Room
    desk: Desk
    service: JobService
    guard: Guard
    board: Board
    leave_out: Collection[Command]
    max_upload_bytes: int

    async def page(self, request: web.Request) -> web.StreamResponse:
        """The page. Its first visit, under the printed address, is where the browser gets its cookie."""
        response = web.FileResponse(_STATIC / "index.html")
        if TOKEN in request.query:
            self.guard.remember(request, response)
        return response

    async def texts(self, request: web.Request) -> web.Response:
        """Every text of the page in one language, which language it came to be, and the commands to suggest."""
        texts = texts_for(language_of(request))
        entries = [entry for entry in for_rank(Rank.OPERATOR) if entry.command not in self.leave_out]
        commands = sayings(entries, self.service.catalog.all(), texts)
        return _json({"language": texts.language, "texts": _page_texts(texts), "commands": commands})

    async def room_now(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's signature
        """Everything there is to show, and the mark for `events`."""
        return _json({**room_json(self.room), "max_upload_bytes": self.max_upload_bytes})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events after the mark in Last-Event-ID (a reconnecting browser) or ``?after=``."""
        seen = read_mark(self.room, request.headers.get("Last-Event-ID") or request.query.get("after", ""))
        async with (
            sse_response(request, ping_interval=_PING_SECONDS) as stream,
            asyncio.TaskGroup() as group,
        ):
            await stream.write(f"retry: {_RETRY_MILLISECONDS}\r\n\r\n".encode())
            speaker = group.create_task(self._speak(stream, seen))
            await stream.wait()
            speaker.cancel()
        return stream

    async def _speak(self, stream: EventSourceResponse, seen: int | None) -> None:
        with suppress(ConnectionResetError, TimeoutError):  # the page has gone
            while not self.room.closed:
                if seen is None or self.room.since(seen) is None:
                    seen = self.room.number
                    await stream.send("{}", event="reset", id=mark(self.room, seen))
                async with aclosing(self.room.watch(seen)) as events:
                    async for event in events:
                        name, data = event_json(event)
                        await stream.send(encode(data), event=name, id=mark(self.room, event.number))
                        seen = event.number
        stream.stop_streaming()

    async def message(self, request: web.Request) -> web.Response:
        """What the person said; the answer comes as events."""
        if request.content_type != "multipart/form-data":
            raise NotUnderstood
        if (request.content_length or 0) > self.max_upload_bytes:
            raise MessageTooLarge(allowed=self.max_upload_bytes / 1e6)
        try:
            form = await request.post()
        except web.HTTPRequestEntityTooLarge:
            raise MessageTooLarge(allowed=self.max_upload_bytes / 1e6) from None
        except ValueError:
            raise NotUnderstood from None
        text, of = form.get("text", ""), read_number(str(form.get("of", "0")))
        if not isinstance(text, str) or of is None:
            raise NotUnderstood
        attached = [part for part in form.getall("pictures", []) if isinstance(part, web.FileField)]
        reply_to = form.get("reply_to")
        job = await self.desk.say(
            text,
            pictures=[await asyncio.to_thread(part.file.read) for part in attached],
            reply_to=str(reply_to) if reply_to else None,
            of=of,
            language=language_of(request),
        )
        return _json({"job": job.id if job else None})

    async def action(self, request: web.Request) -> web.Response:
        """A button; `command` is what Edit puts into the composer."""
        try:
            press = msgspec.json.decode(await request.read(), type=_Press)
        except msgspec.MsgspecError:
            raise NotUnderstood from None
        command = await self.desk.press(press.job, press.action, language=language_of(request))
        return _json({"command": command})

    async def picture(self, request: web.Request) -> web.Response:
        """A picture as the chat shows it."""
        shown = self._shown(request)
        if shown.media_type in _DISPLAYED:
            return web.Response(
                body=shown.data,
                content_type=shown.media_type,
                headers={"Cache-Control": "private, max-age=3600, immutable"},
            )
        return _download(shown, shown.data)

    async def original(self, request: web.Request) -> web.Response:
        """The file as the server made it, or the person sent it, to keep."""
        shown = self._shown(request)
        data = await self.service.media.get(shown.original) if shown.original else shown.data
        return _download(shown, data)

    async def close(self, app: web.Application) -> None:  # noqa: ARG002 - aiohttp's signature
        """Send the pages away, so that stopping need not wait for them."""
        self.room.close()

    async def keep_side(self, app: web.Application) -> AsyncIterator[None]:  # noqa: ARG002 - aiohttp's signature
        """Own the task that keeps the side."""
        task = asyncio.create_task(keep_side(self.room, self.service, self.board), name="console side")
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    def _shown(self, request: web.Request) -> Shown:
        shown = self.room.picture(request.match_info["id"])
        if shown is None:
            raise MessageGone
        return shown


def _sending(file: Path) -> Handler:
    """Each file of the page by its own route: no part of an address ever becomes a path."""

    async def send(request: web.Request) -> web.StreamResponse:  # noqa: ARG001 - aiohttp's signature
        return web.FileResponse(file)

    return send


def _page_texts(texts: Texts) -> dict[str, str]:
    """By their ids; the page writes its own numbers into the slots."""
    return {
        name: texts.say(name, **_SLOTS) for name in sorted(texts.ids()) if name.startswith(("console-page-", "button-"))
    }


def _json(value: Any) -> web.Response:
    return web.Response(text=encode(value), content_type="application/json", headers={"Cache-Control": "no-store"})


def _download(shown: Shown, data: bytes) -> web.Response:
    return web.Response(
        body=data,
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{shown.name}"', "Cache-Control": "private, no-cache"},
    )
