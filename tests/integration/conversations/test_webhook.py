"""Other ways between us and Telegram: a webhook, a proxy, a Bot API server of one's own."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import re
import socket
import struct
from collections.abc import AsyncIterator
from typing import Self

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from PIL import Image
from yarl import URL

from tests.talks import BUTTONS, Easel, picture, ready, seen, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL = "--w 64 --h 64 --steps 2 --seed 7"
SECRET = "foxes-and-lighthouses"
OUTSIDE = "https://easel.example.org"


# -- a webhook


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def easel(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Easel]:
    """One that Telegram calls, by way of the operator's proxy."""
    port = free_port()
    environ = {
        "EASEL_TELEGRAM__WEBHOOK_URL": f"{OUTSIDE}/telegram",
        "EASEL_TELEGRAM__WEBHOOK_PORT": str(port),
        "EASEL_TELEGRAM__WEBHOOK_SECRET": SECRET,
    }
    async with ready(tmp_path_factory.mktemp("easel"), environ=environ) as easel:
        easel.telegram.webhook.proxies[OUTSIDE] = f"http://127.0.0.1:{port}"
        await easel.start()
        yield easel
    assert SECRET not in "\n".join(easel.log)


async def test_a_chat_reads_the_same_by_a_webhook(easel, ann, foxes):
    shown = await easel.result(ann.says(f"/imagine a fox {SMALL}", foxes))
    await ann.presses(shown, "Again")

    await easel.reads(
        foxes,
        f"""
        Ann: /imagine a fox --w 64 --h 64 --steps 2 --seed 7
        Easel, to Ann "/imagine a fox --w 64 -…": [photo 64×64] a fox
            64 × 64 · seed 7 · job-1 {BUTTONS}
        Easel, to Easel "[photo 64×64] a fox    …": [photo 64×64] a fox
            64 × 64 · seed ? · job-2 {BUTTONS}
        """,
    )
    assert easel.telegram.updates.polls == 0


async def test_an_album_is_one_wish_by_a_webhook_too(easel, ann):
    album = ann.sends_album([picture(), picture(48, 64)], "in winter --steps 2")

    shown = await easel.result(album[0])

    assert ann.private.answers == [shown]


async def test_nobody_else_is_listened_to(easel, ann):
    port = easel.environ["EASEL_TELEGRAM__WEBHOOK_PORT"]
    told = {
        "update_id": 1,
        "message": {
            "message_id": 1,
            "date": 1,
            "chat": {"id": ann.id, "type": "private", "first_name": "Ann"},
            "from": {"id": ann.id, "is_bot": False, "first_name": "Ann"},
            "text": "/imagine a tower",
        },
    }
    async with aiohttp.ClientSession() as stranger:

        async def calls(secret: str | None, body: object) -> int:
            headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
            async with stranger.post(f"http://127.0.0.1:{port}/telegram", json=body, headers=headers) as answer:
                return answer.status

        statuses = [await calls(secret, told) for secret in (None, "", "another", SECRET[:-1], f"{SECRET}s")]
        garbage = [await calls(SECRET, body) for body in ([], {"update_id": "x"}, "boo")]
    shown = await easel.result(ann.says(f"/imagine a fox {SMALL}"))

    assert set(statuses) == {403}
    assert set(garbage) == {400}
    assert ann.private.answers == [shown]


async def test_to_polling_and_back_nothing_is_lost(easel, ann, bob):
    webhook, called = easel.telegram.webhook, easel.environ
    addresses = [webhook.url]
    with easel.holding():
        drawn = ann.says(f"/imagine a fox {SMALL}")
        await seen(ann.private, lambda: ann.private.answers)
        await easel.stop()
    said = bob.says(f"/imagine a tower {SMALL}")

    easel.environ = {"EASEL_TELEGRAM__TOKEN": easel.telegram.token}
    await easel.start()
    addresses.append(webhook.url)
    shown = [await easel.result(one) for one in (drawn, said)]
    await easel.stop()
    later = bob.says(f"/imagine a lake {SMALL}")

    easel.environ = called
    await easel.start()
    addresses.append(webhook.url)
    shown.append(await easel.result(later))

    assert addresses == [f"{OUTSIDE}/telegram", "", f"{OUTSIDE}/telegram"]
    assert [one.text.splitlines()[0] for one in shown] == ["a fox", "a tower", "a lake"]
    assert [ann.private.answers, bob.private.answers] == [shown[:1], shown[1:]]


# -- a proxy


class Proxy:
    """An HTTP and SOCKS5 proxy, and the only one that knows where ``telegram.invalid`` is.

    It wants a name and a password. `refused` counts who came without.
    """

    def __init__(self) -> None:
        self.there = ""
        self.let_through: list[str] = []
        self.refused = 0
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await reader.readexactly(1)
            head = await (self._socks(reader, writer) if first == b"\x05" else self._http(first, reader, writer))
            if head is not None:
                await self._pass(head, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # whoever spoke to us has hung up
        finally:
            writer.close()

    async def _http(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        head = first + await reader.readuntil(b"\r\n\r\n")
        proof = base64.b64encode(b"easel:pass-word")
        if b"Proxy-Authorization: Basic " + proof not in head:
            self.refused += 1
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return None
        found = re.match(rb"\w+ http://([^/:]+)", head)
        assert found is not None
        self.let_through.append(found[1].decode())
        return head

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        methods = await reader.readexactly((await reader.readexactly(1))[0])
        if 2 not in methods:
            self.refused += 1
            writer.write(b"\x05\xff")
            return None
        writer.write(b"\x05\x02")
        await reader.readexactly(1)
        said = [await reader.readexactly((await reader.readexactly(1))[0]) for _ in range(2)]
        good = said == [b"easel", b"pass-word"]
        writer.write(b"\x01\x00" if good else b"\x01\x01")
        if not good:
            self.refused += 1
            return None
        await reader.readexactly(4)
        host = await reader.readexactly((await reader.readexactly(1))[0])
        await reader.readexactly(2)
        self.let_through.append(host.decode())
        writer.write(b"\x05\x00\x00\x01" + socket.inet_aton("127.0.0.1") + struct.pack(">H", 0))
        return b""

    async def _pass(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = URL(self.there)
        far_reader, far_writer = await asyncio.open_connection(there.host, there.port)
        far_writer.write(head)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(1 << 16):
                sink.write(data)
                await sink.drain()
            sink.close()

        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer), return_exceptions=True)


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_all_goes_through_a_proxy(tmp_path, scheme):
    async with Proxy() as proxy:
        environ = {
            "EASEL_TELEGRAM__API_BASE": "http://telegram.invalid",
            "EASEL_TELEGRAM__PROXY": f"{scheme}://easel:pass-word@127.0.0.1:{proxy.port}",
        }
        async with ready(tmp_path, environ=environ) as easel:
            proxy.there = easel.telegram.url
            await easel.start()
            ann = easel.telegram.person("Ann")
            shown = await easel.result(ann.sends_photo(picture(), "in winter --steps 2"))

    assert shown.text.startswith("in winter")
    assert set(proxy.let_through) == {"telegram.invalid"}
    assert proxy.refused == 0
    assert "pass-word" not in "\n".join(easel.log)


# -- a Bot API server of one's own


async def test_a_server_with_local_files_is_read_from_its_folder(tmp_path):
    files = tmp_path / "files"
    environ = {"EASEL_TELEGRAM__LOCAL_FILES": "true", "EASEL_PICTURES__MAX_INPUT_BYTES": "100000000"}
    async with serving(tmp_path, environ=environ, local=files) as easel:
        ann = easel.telegram.person("Ann")

        large = ann.sends_document(noise(2700), "large.png", "in winter --steps 2")
        shown = await easel.result(large)

        assert len(large.document.data) > 20 * (1 << 20)
        assert shown.text.startswith("in winter")
        assert easel.telegram.counts["file"] == 0


async def test_files_may_come_from_another_address(tmp_path):
    got: list[str] = []

    async def give(request: web.Request) -> web.Response:
        got.append(request.path)
        data = easel.telegram.files.at(request.match_info["path"])
        return web.Response(status=404) if data is None else web.Response(body=data)

    app = web.Application()
    app.router.add_get("/elsewhere/bot{token}/{path:.+}", give)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        base = f"http://127.0.0.1:{runner.addresses[0][1]}/elsewhere"
        async with serving(tmp_path, environ={"EASEL_TELEGRAM__FILE_BASE": base}) as easel:
            ann = easel.telegram.person("Ann")
            shown = await easel.result(ann.sends_photo(picture(), "in winter --steps 2"))
    finally:
        await runner.cleanup()

    assert shown.text.startswith("in winter")
    assert len(got) == 1
    assert easel.telegram.counts["file"] == 0


def noise(side: int) -> bytes:
    """A PNG that cannot be made smaller."""
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(3 * side * side)).save(file, "PNG", compress_level=0)
    return file.getvalue()
