"""A console over a stand-in ComfyUI, and a browser's manners without a browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image
from yarl import URL

from bot import app
from bot.console.desk import operator
from bot.console.front import PLACE
from bot.jobs.model import Job
from bot.standin import StandIn

PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event."""

    id: str
    name: str
    data: Any


@dataclass(slots=True)
class Visitor:
    """Somebody with the printed address open."""

    address: URL
    http: aiohttp.ClientSession
    easel: app.Easel
    language: str = "en"

    async def open(self) -> None:
        async with self.http.get(self.address) as page:
            assert page.status == 200

    async def known(self, job: str) -> Job:
        """The job as the ledger has it."""
        return await self.easel.service.job(job, operator("en"), PLACE)

    async def over(self, job: str) -> None:
        """The ledger has it that the job has ended; the page may show the picture a little earlier."""
        async with asyncio.timeout(PATIENCE):
            async for _ in self.easel.service.follow(await self.known(job)):
                pass

    async def get(self, path: str) -> Any:
        async with self.http.get(self.address.join(URL(path)), headers={"Accept-Language": self.language}) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        headers = {"Origin": str(self.address.origin()), "Accept-Language": self.language}
        async with self.http.post(self.address.join(URL(path)), headers=headers, **body) as answer:
            return answer.status, await answer.json()

    async def say(self, text: str, *pictures: bytes, **fields: str) -> str | None:
        """Say something; the job it started."""
        form = aiohttp.FormData({"text": text, **fields}, default_to_multipart=True)
        for data in pictures:
            form.add_field("pictures", data, filename="picture")
        status, answer = await self.post("/api/messages", data=form)
        assert status == 200, answer
        return answer["job"]

    async def press(self, job: str, action: str) -> tuple[int, Any]:
        return await self.post("/api/actions", json={"job": job, "action": action})

    async def messages(self) -> list[dict[str, Any]]:
        return (await self.get("/api/room"))["messages"]

    @asynccontextmanager
    async def events(self, after: str | None = None, last: str | None = None) -> AsyncIterator[AsyncIterator[Event]]:
        """The events after a mark, as a page asks for them (`after`) or as a browser does by itself (`last`)."""
        address = self.address.join(URL("/api/events"))
        headers = {"Last-Event-ID": last} if last is not None else {}
        async with self.http.get(
            address.with_query({"after": after} if after is not None else {}), headers=headers
        ) as stream:
            assert stream.status == 200
            assert stream.content_type == "text/event-stream"
            yield _events(stream)

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Watch until a message is as wanted; that message."""
        room = await self.get("/api/room")
        for message in room["messages"]:
            if wanted(message):
                return message
        async with asyncio.timeout(PATIENCE), self.events(after=room["mark"]) as events:
            async for event in events:
                if event.name == "put" and wanted(event.data):
                    return event.data
        raise AssertionError("the stream ended")

    async def gone(self, message: str) -> None:
        """Watch until the message is no longer there."""
        room = await self.get("/api/room")
        if message not in [each["id"] for each in room["messages"]]:
            return
        async with asyncio.timeout(PATIENCE), self.events(after=room["mark"]) as events:
            async for event in events:
                if event.name == "drop" and event.data["id"] == message:
                    return

    async def finished(self, job: str | None) -> dict[str, Any]:
        """The job's result."""
        return await self.until(lambda message: message["kind"] == "finished" and message["job"] == job)


async def _events(stream: aiohttp.ClientResponse) -> AsyncIterator[Event]:
    fields: dict[str, str] = {}
    async for raw in stream.content:
        line = raw.decode().rstrip("\r\n")
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            if "data" in fields:
                yield Event(fields["id"], fields["event"], json.loads(fields["data"]))
            fields = {}


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    async with StandIn() as standin:
        yield standin


@pytest.fixture
async def serve(
    standin: StandIn, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Callable[..., Awaitable[app.OpenConsole]]]:
    """Start consoles over the stand-in with these settings of theirs."""
    async with AsyncExitStack() as stack:

        async def serve(**settings: str) -> app.OpenConsole:
            environ = {"EASEL_CONSOLE__PORT": "0", "EASEL_DATA__FOLDER": str(tmp_path_factory.mktemp("data"))}
            environ |= {f"EASEL_CONSOLE__{name.upper()}": value for name, value in settings.items()}
            easel = await stack.enter_async_context(app.compose(app.read_settings([], environ, standin.url)))
            return await stack.enter_async_context(app.console(easel))

        yield serve


@pytest.fixture
async def console(serve: Callable[..., Awaitable[app.OpenConsole]]) -> app.OpenConsole:
    return await serve()


@pytest.fixture
async def stranger() -> AsyncIterator[aiohttp.ClientSession]:
    """A browser that has never been here."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield http


@pytest.fixture
def live(
    standin: StandIn, stranger: aiohttp.ClientSession, tmp_path: Path
) -> Callable[..., AbstractAsyncContextManager[Visitor]]:
    """One life of Easel after another, with the same data; each until its block ends."""

    @asynccontextmanager
    async def live(**settings: str) -> AsyncIterator[Visitor]:
        environ = {"EASEL_CONSOLE__PORT": "0", "EASEL_DATA__FOLDER": str(tmp_path), **settings}
        async with app.compose(app.read_settings([], environ, standin.url)) as easel, app.console(easel) as console:
            visitor = Visitor(URL(console.server.url), stranger, easel)
            await visitor.open()
            yield visitor

    return live


@pytest.fixture
async def visitor(live: Callable[..., AbstractAsyncContextManager[Visitor]]) -> AsyncIterator[Visitor]:
    async with live() as visitor:
        yield visitor


@pytest.fixture
def png() -> Callable[..., bytes]:
    """A small picture of one colour."""

    def png(colour: str = "teal", size: tuple[int, int] = (64, 64), kind: str = "PNG") -> bytes:
        file = BytesIO()
        Image.new("RGB", size, colour).save(file, kind)
        return file.getvalue()

    return png
