"""Who gets in, and what a request may do."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from bot.app import OpenConsole
from bot.console.app import make_app
from bot.console.security import Guard
from bot.console.server import ConsoleServer

Serve = Callable[..., Awaitable[OpenConsole]]


def address(console: OpenConsole, path: str = "/") -> URL:
    return URL(console.server.url).join(URL(path))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en-GB,en;q=0.9", "Please open the address that Easel printed"),
        ("zh-CN,zh;q=0.9", "请打开 Easel 启动时显示的地址"),
    ],
)
async def test_without_the_token_the_page_says_to_use_the_printed_address(
    console: OpenConsole, stranger: aiohttp.ClientSession, language: str, sentence: str
) -> None:
    async with stranger.get(address(console), headers={"Accept-Language": language}) as page:
        assert page.status == 401
        assert page.content_type == "text/html"
        assert sentence in await page.text()


@pytest.mark.parametrize("token", ["", "wrong", "%F0%9F%94%91", "%ff%fe"])
async def test_a_wrong_token_does_not_get_in(console: OpenConsole, stranger: aiohttp.ClientSession, token: str) -> None:
    async with stranger.get(URL(f"{address(console)}?token={token}", encoded=True)) as page:
        assert page.status == 401
        assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize("path", ["/api/room", "/api/events", "/api/texts", "/api/pictures/x", "/api/originals/x"])
async def test_without_the_token_nothing_of_the_room_is_told(
    console: OpenConsole, stranger: aiohttp.ClientSession, path: str
) -> None:
    async with stranger.get(address(console, path)) as answer:
        assert answer.status == 401
        assert (await answer.json())["error"].startswith("Please open the address")


async def test_the_token_only_counts_in_the_printed_address(
    console: OpenConsole, stranger: aiohttp.ClientSession
) -> None:
    token = URL(console.server.url).query["token"]
    async with stranger.get(address(console, "/api/room").with_query(token=token)) as answer:
        assert answer.status == 401


async def test_the_printed_address_signs_the_browser_in(console: OpenConsole, stranger: aiohttp.ClientSession) -> None:
    async with stranger.get(console.server.url) as page:
        assert page.status == 200
        cookie = page.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    async with stranger.get(address(console)) as page:
        assert page.status == 200
        assert "Set-Cookie" not in page.headers


async def test_two_consoles_of_one_machine_do_not_sign_each_other_out(
    serve: Serve, stranger: aiohttp.ClientSession
) -> None:
    first, second = await serve(), await serve()
    for console in (first, second):
        async with stranger.get(console.server.url) as page:
            assert page.status == 200
    for console in (first, second):
        async with stranger.get(address(console, "/api/room")) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("path", ["/", "/api/room", "/static/console.js"])
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "10.0.0.7", "[::1", ""])
async def test_under_a_name_that_is_not_its_own_it_does_not_answer(
    console: OpenConsole, stranger: aiohttp.ClientSession, path: str, host: str
) -> None:
    async with stranger.get(console.server.url):
        pass  # signed in, and yet
    async with stranger.get(address(console, path), headers={"Host": host}) as answer:
        assert answer.status == 403
        assert "does not answer to the name" in await answer.text()


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1", "[::1]:8080"])
async def test_it_answers_to_every_name_of_this_machine(
    console: OpenConsole, stranger: aiohttp.ClientSession, host: str
) -> None:
    async with stranger.get(console.server.url, headers={"Host": host}) as page:
        assert page.status == 200


async def test_it_answers_to_the_names_of_the_settings(serve: Serve, stranger: aiohttp.ClientSession) -> None:
    console = await serve(names='["Easel.example"]')
    async with stranger.get(console.server.url, headers={"Host": "easel.example"}) as page:
        assert page.status == 200


@pytest.mark.parametrize(("host", "status"), [("192.168.1.20:8080", 200), ("[fe80::1]", 200), ("evil.example", 403)])
async def test_listening_everywhere_it_answers_to_addresses_and_not_to_names(
    serve: Serve, stranger: aiohttp.ClientSession, host: str, status: int
) -> None:
    console = await serve(host="0.0.0.0")
    assert URL(console.server.url).host == "localhost"
    async with stranger.get(console.server.url, headers={"Host": host}) as page:
        assert page.status == status


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", None])
@pytest.mark.parametrize("path", ["/api/messages", "/api/actions"])
async def test_another_page_cannot_speak_here(visitor: Any, origin: str | None, path: str) -> None:
    headers = {"Origin": origin} if origin else {}
    async with visitor.http.post(visitor.address.join(URL(path)), headers=headers, data={"text": "hello"}) as answer:
        assert answer.status == 403
        assert "another page" in (await answer.json())["error"]
    assert await visitor.messages() == []


@pytest.mark.parametrize(
    ("path", "visit"),
    [
        ("/", "signed in"),
        ("/", "stranger"),
        ("/nothing", "signed in"),
        ("/static/console.js", "stranger"),
        ("/api/room", "signed in"),
        ("/api/room", "stranger"),
        ("/api/events", "signed in"),
        ("/api/pictures/x", "signed in"),
    ],
)
async def test_every_answer_tells_the_browser_to_be_careful(
    console: OpenConsole, stranger: aiohttp.ClientSession, path: str, visit: str
) -> None:
    if visit == "signed in":
        async with stranger.get(console.server.url):
            pass
    async with stranger.get(address(console, path)) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("route", ["/api/pictures/", "/api/originals/", "/static/"])
@pytest.mark.parametrize(
    "trick",
    [
        "../app.py",
        "%2e%2e/app.py",
        "..%2fapp.py",
        "..%5capp.py",
        "%252e%252e%252fapp.py",
        "/etc/passwd",
        "%00",
        "",
        "x" * 300,
        "console.js/../../app.py",
        "0" * 64,
    ],
)
async def test_no_path_leads_out_of_what_is_shown(visitor: Any, route: str, trick: str) -> None:
    async with visitor.http.get(URL(f"{visitor.address.origin()}{route}{trick}", encoded=True)) as answer:
        assert answer.status in (403, 404, 410)
        text = await answer.text()
    assert "import" not in text
    assert "root:" not in text


async def test_a_message_that_is_too_large_is_refused_with_a_sentence(visitor: Any) -> None:
    form = aiohttp.FormData({"text": "hello"})
    form.add_field("pictures", BytesIO(bytes(64_000_001)), filename="huge.png")
    status, answer = await visitor.post("/api/messages", data=form)
    assert status == 413
    assert "more than 64 MB" in answer["error"]
    assert await visitor.messages() == []


async def test_a_message_that_hides_how_large_it_is_is_refused_as_well(
    console: OpenConsole, serve: Serve, stranger: aiohttp.ClientSession
) -> None:
    async def flood() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="pictures"; filename="a"\r\n\r\n'
        for _ in range(65):
            yield bytes(1_000_000)
        yield b"\r\n--x--\r\n"

    async with stranger.get(console.server.url):
        pass
    headers = {"Origin": str(address(console).origin()), "Content-Type": "multipart/form-data; boundary=x"}
    async with stranger.post(address(console, "/api/messages"), data=flood(), headers=headers) as answer:
        assert answer.status == 413


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"job": "k7m2qd"}},
        {"json": {"job": "k7m2qd", "action": "format-disk"}},
        {"json": {"job": 7, "action": "cancel"}},
        {"json": []},
        {"data": b"{"},
        {"data": b"\xff\xfe"},
    ],
)
async def test_an_action_that_the_page_would_not_send_is_not_understood(visitor: Any, body: dict[str, Any]) -> None:
    status, answer = await visitor.post("/api/actions", **body)
    assert status == 400
    assert answer["error"]


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"text": "hello"}},
        {"data": {"text": "hello"}},
        {"data": b"nonsense", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"data": b"nonsense", "headers": {"Content-Type": "multipart/form-data"}},
    ],
)
async def test_a_message_that_the_page_would_not_send_is_not_understood(visitor: Any, body: dict[str, Any]) -> None:
    headers = {"Origin": str(visitor.address.origin()), **body.pop("headers", {})}
    async with visitor.http.post(visitor.address.join(URL("/api/messages")), headers=headers, **body) as answer:
        assert answer.status == 400
    assert await visitor.messages() == []


@pytest.mark.parametrize("of", ["-1", "x", "²", "1.5", "9" * 5000])
async def test_a_picture_number_that_is_none_is_not_understood(visitor: Any, of: str) -> None:
    form = aiohttp.FormData({"text": "hello", "of": of}, default_to_multipart=True)
    status, _ = await visitor.post("/api/messages", data=form)
    assert status == 400


async def test_a_taken_port_is_no_obstacle(serve: Serve, console: OpenConsole, stranger: aiohttp.ClientSession) -> None:
    second = await serve(port=str(console.server.port))
    assert second.server.wanted == console.server.port
    assert second.server.port != console.server.port
    async with stranger.get(second.server.url) as page:
        assert page.status == 200


def test_a_fixed_token_stays_and_a_missing_one_is_made_anew() -> None:
    assert Guard.of(host="127.0.0.1", token="a fixed long token").token == "a fixed long token"
    first, second = Guard.of(host="127.0.0.1").token, Guard.of(host="127.0.0.1").token
    assert first != second
    assert len(first) >= 32


def test_the_page_loads_nothing_from_elsewhere() -> None:
    static = Path(str(make_app.__code__.co_filename)).parent / "static"
    for file in static.iterdir():
        text = file.read_text("utf-8")
        found = set(re.findall(r"https?://[^\s\"')]+", text)) - {"http://www.w3.org/2000/svg"}
        assert not found, file.name
        assert "innerHTML" not in text
        assert "eval(" not in text


async def test_an_address_that_cannot_be_listened_on_is_an_error() -> None:
    server = ConsoleServer(web.Application(), Guard("token"), host="203.0.113.1", port=0)
    with pytest.raises(OSError):
        async with server:
            pass
