from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO

import aiohttp
import pytest
from PIL import Image
from telegram import Bot, Update

from bot.telegram.client import open_bot
from bot.telegram.errors import AnotherPoller, WebhookNotOpen, WebhookNotReached, WebhookRefused
from bot.telegram.handling import KINDS, Take
from bot.telegram.polling import Polling
from bot.telegram.settings import LineSettings, Webhook
from bot.telegram.webhook import LARGEST, SECRET, Called
from tests.telegram_api import BotApi

ADDRESS = "https://easel.example.org"
URL = f"{ADDRESS}/telegram"


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with open_bot(LineSettings(api.token, api.url, f"{api.url}/file")) as bot:
        yield bot


class Desk:
    def __init__(self) -> None:
        self.taken: list[int] = []
        self.texts: list[str | None] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._changed = asyncio.Event()

    async def take(self, update: Update) -> None:
        self.taken.append(update.update_id)
        self.texts.append(update.message.text or update.message.caption if update.message else None)
        self._changed.set()
        self._changed = asyncio.Event()
        await self.gate.wait()

    async def until(self, wanted: Callable[[], bool]) -> None:
        while not wanted():
            await self._changed.wait()


async def no_time(seconds: float) -> None:
    """Sleeps through any time at once."""


@asynccontextmanager
async def called(
    api: BotApi, bot: Bot, take: Take, secret: str | None = None, patience: float = 10.0
) -> AsyncIterator[Called]:
    """A webhook that Telegram calls through a proxy."""
    settings = Webhook(URL, "127.0.0.1", 0, secret)
    async with asyncio.timeout(20), Called(bot, take, settings, sleep=no_time, patience=patience) as called:
        await called.begin()
        api.webhook.proxies[ADDRESS] = f"http://127.0.0.1:{called.port}"
        yield called


async def for_ever(hook: Called) -> None:
    while True:
        await hook.receive()


async def test_telegram_calls_what_people_say(api: BotApi, bot: Bot) -> None:
    desk = Desk()

    async with called(api, bot, desk.take):
        api.person("Ann").says("a fox")
        await api.until(lambda: not api.updates.waiting)

    assert desk.texts == ["a fox"]
    assert api.updates.allowed == list(KINDS)
    assert api.webhook.connections == 100


async def test_a_call_is_answered_once_its_update_is_handled(api: BotApi, bot: Bot) -> None:
    desk = Desk()
    desk.gate.clear()

    async with called(api, bot, desk.take):
        api.person("Ann").says("a fox")
        await desk.until(lambda: desk.texts == ["a fox"])
        assert len(api.updates.waiting) == 1
        desk.gate.set()
        await api.until(lambda: not api.updates.waiting)


async def test_the_parts_of_an_album_are_not_held_back_by_the_first(api: BotApi, bot: Bot) -> None:
    desk = Desk()
    desk.gate.clear()
    file = BytesIO()
    Image.new("RGB", (64, 64)).save(file, "PNG")

    async with called(api, bot, desk.take):
        api.person("Ann").sends_album([file.getvalue()] * 3, "/imagine a fox")
        await desk.until(lambda: len(desk.taken) == 3)
        desk.gate.set()


@pytest.mark.parametrize("secret", [None, "a-secret_of_ones_own"])
async def test_whoever_does_not_know_the_secret_is_sent_away_without_a_word(
    api: BotApi, bot: Bot, secret: str | None
) -> None:
    desk = Desk()

    async with called(api, bot, desk.take, secret) as hook, aiohttp.ClientSession() as http:
        for said in ("", "wrong", "schlüssel", f"{api.webhook.secret}x", api.webhook.secret[:-1]):
            url = f"http://127.0.0.1:{hook.port}/telegram"
            async with http.post(url, json={"update_id": 1}, headers={SECRET: said}) as answer:
                assert (answer.status, await answer.read()) == (403, b"")
        async with http.post(url, json={"update_id": 1}) as answer:
            assert answer.status == 403

    assert desk.taken == []
    assert len(api.webhook.secret) >= 20
    assert secret in (None, api.webhook.secret)


async def test_each_start_has_a_secret_of_its_own(api: BotApi, bot: Bot) -> None:
    secrets = set()
    for _ in range(2):
        async with called(api, bot, Desk().take):
            secrets.add(api.webhook.secret)

    assert len(secrets) == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"[]", 400),
        (b'{"update_id": "one"}', 400),
        (b'{"update_id": true}', 400),
        (b" " * (LARGEST + 1), 413),
    ],
)
async def test_what_is_no_update_is_refused(api: BotApi, bot: Bot, body: bytes, status: int) -> None:
    desk = Desk()

    async with called(api, bot, desk.take) as hook, aiohttp.ClientSession() as http:
        url, headers = f"http://127.0.0.1:{hook.port}/telegram", {SECRET: api.webhook.secret}
        async with http.post(url, data=body, headers=headers) as answer:
            assert answer.status == status
        async with http.get(url, headers=headers) as answer:
            assert answer.status == 405

    assert desk.taken == []


async def test_an_update_that_nobody_can_read_is_not_told_again(api: BotApi, bot: Bot) -> None:
    desk = Desk()

    async with called(api, bot, desk.take):
        api.updates.send_raw({"message": {"message_id": "one"}})
        await api.until(lambda: not api.updates.waiting)

    assert desk.texts == [None]
    assert api.webhook.tries == 1


async def test_an_update_that_is_told_again_is_handled_once(api: BotApi, bot: Bot) -> None:
    desk = Desk()
    desk.gate.clear()

    async with called(api, bot, desk.take) as hook, aiohttp.ClientSession() as http:
        url, headers = f"http://127.0.0.1:{hook.port}/", {SECRET: api.webhook.secret}
        with pytest.raises(TimeoutError):
            await http.post(url, json={"update_id": 7}, headers=headers, timeout=aiohttp.ClientTimeout(total=0.05))
        desk.gate.set()
        for _ in range(2):
            async with http.post(url, json={"update_id": 7}, headers=headers) as answer:
                assert answer.status == 200

    assert desk.taken == [7]


async def test_stopped_it_lets_what_is_being_handled_finish(api: BotApi, bot: Bot) -> None:
    desk = Desk()
    desk.gate.clear()

    async with called(api, bot, desk.take):
        api.person("Ann").says("a fox")
        await desk.until(lambda: desk.texts == ["a fox"])
        asyncio.get_running_loop().call_later(0.01, desk.gate.set)

    assert not api.updates.waiting


async def test_what_does_not_finish_in_time_is_told_again(api: BotApi, bot: Bot) -> None:
    desk = Desk()
    desk.gate.clear()

    async with called(api, bot, desk.take, patience=0.01):
        api.person("Ann").says("a fox")
        await desk.until(lambda: desk.texts == ["a fox"])

    assert len(api.updates.waiting) == 1


async def test_a_port_that_is_taken_is_named(api: BotApi, bot: Bot) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with Called(bot, Desk().take, Webhook(URL, "127.0.0.1", port)) as hook:
            with pytest.raises(WebhookNotOpen) as told:
                await hook.begin()

    assert told.value.details == {"host": "127.0.0.1", "port": port, "reason": "Address already in use"}


async def test_an_address_that_telegram_does_not_take_is_named(api: BotApi, bot: Bot) -> None:
    async with Called(bot, Desk().take, Webhook("http://easel.example.org", "127.0.0.1", 0)) as hook:
        with pytest.raises(WebhookRefused) as told:
            await hook.begin()

    assert "https url" in told.value.reason


async def test_calls_that_do_not_arrive_are_told(api: BotApi, bot: Bot) -> None:
    async with called(api, bot, Desk().take) as hook:
        await hook.receive()
        api.webhook.proxies.clear()
        api.person("Ann").says("a fox")
        with pytest.raises(WebhookNotReached) as told:
            await for_ever(hook)

    assert told.value.details == {"url": URL, "reason": "Failed to resolve host: Name or service not known"}


async def test_a_webhook_that_somebody_took_away_is_told_and_set_again(api: BotApi, bot: Bot) -> None:
    async with called(api, bot, Desk().take) as hook:
        await bot.delete_webhook()
        with pytest.raises(AnotherPoller):
            await hook.receive()
        await hook.receive()

    assert api.webhook.url == URL


async def test_back_to_polling_nothing_is_lost(api: BotApi, bot: Bot) -> None:
    async with called(api, bot, Desk().take):
        pass
    api.webhook.proxies.clear()
    api.person("Ann").says("a fox")
    desk = Desk()

    async with Polling(bot, desk.take) as polling:
        await polling.begin()
        await polling.receive()

    assert api.webhook.url == ""
    assert desk.texts == ["a fox"]
