"""Telegram as the application puts it together, over a stand-in ComfyUI."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from bot import app
from bot.chat.presence import Presence
from bot.errors import EaselError
from bot.standin import StandIn
from bot.telegram.errors import TelegramUnreachable, TokenRefused
from tests.telegram_api import BotApi, Chat, Limits, Message

T = TypeVar("T")

PATIENCE = 30.0

SETTINGS = """
[access]
operators = ["telegram:77"]
anybody = true

[pacing.telegram]
per_chat = { messages = 100, seconds = 1.0 }
per_group = { messages = 1000, seconds = 1.0 }
overall = { messages = 1000, seconds = 1.0 }
edit_interval = 0.02
reserve = 0.0
"""


@dataclass(slots=True)
class Running:
    """One life of Easel."""

    easel: app.Easel

    @property
    def presence(self) -> Presence:
        (presence,) = self.easel.board.all()
        return presence

    async def up(self) -> None:
        await self._until(lambda: self.presence.up)

    async def troubled_by(self, kind: type[EaselError]) -> None:
        await self._until(lambda: isinstance(self.presence.trouble, kind))

    async def _until(self, wanted: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not wanted():
                await self.easel.board.changed()


Live = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """Time passes there as it does here."""
    async with BotApi(limits=Limits(flood=False, hasty_polls=False)) as api:
        yield api


@pytest.fixture
def live(api: BotApi, tmp_path: Path) -> Live:
    """One life after another, with the same data; each until its block ends."""

    @asynccontextmanager
    async def live(comfyui: StandIn, **settings: object) -> AsyncIterator[Running]:
        file = tmp_path / "config.toml"
        file.write_text(SETTINGS)
        environ = {"EASEL_DATA__FOLDER": str(tmp_path / "data"), "EASEL_TELEGRAM__TOKEN": api.token}
        said = {"api_base": api.url, **settings}
        environ |= {f"EASEL_TELEGRAM__{name.upper()}": str(value) for name, value in said.items()}
        read = app.read_settings([file], environ, comfyui.url)
        async with app.compose(read, platforms=["telegram"]) as easel, app.telegram(easel):
            yield Running(easel)

    return live


async def seen(chat: Chat, what: Callable[[], T]) -> T:
    try:
        async with asyncio.timeout(PATIENCE):
            return await chat.until(what)
    except TimeoutError:
        raise AssertionError(f"not seen in:\n{chat.log(everything=True)}") from None


def result(message: Message) -> Message | None:
    return next((each for each in message.chat.replies_to(message) if each.photo), None)


async def test_a_wish_in_a_group_becomes_a_picture_that_its_owner_can_share(api: BotApi, live: Live) -> None:
    ann = api.person("Ann")
    foxes, others = api.group("Foxes", ann), api.group("Others", ann)

    async with StandIn() as comfyui, live(comfyui) as easel:
        await easel.up()
        wish = ann.says("/imagine a fox", foxes)
        picture = await seen(foxes, lambda: result(wish))
        async with asyncio.timeout(PATIENCE):
            while not (offered := await ann.types("", others)).results:
                pass  # the picture is there a moment before the ledger says so

    assert easel.presence == Presence("telegram", "@easel_bot")
    assert offered.titles == ["a fox"]
    assert offered.results[0].raw["photo_file_id"] == picture.photo.file_id


async def test_what_is_offered_inline_makes_a_picture_where_it_is_chosen(api: BotApi, live: Live) -> None:
    ann = api.person("Ann")
    foxes = api.group("Foxes", ann)

    async with StandIn() as comfyui, live(comfyui) as easel:
        await easel.up()
        offered = await ann.types("a tower", foxes)
        wish = ann.chooses(offered.results[0], foxes)
        picture = await seen(foxes, lambda: result(wish))

    assert "a tower" in picture.text


async def test_the_menu_is_there_once_it_is_connected(api: BotApi, live: Live) -> None:
    olga = api.world.person("Olga", user_id=77)
    ann = api.person("Ann")
    olga.says("/help")

    async with StandIn() as comfyui, live(comfyui) as easel:
        await easel.up()

    assert {"imagine", "upscale"} <= set(api.menu.seen_by(ann))
    assert "ban" in api.menu.seen_by(olga)
    assert "reload" not in api.menu.seen_by(olga)


async def test_it_starts_without_telegram_and_answers_once_that_is_there(api: BotApi, live: Live) -> None:
    ann = api.person("Ann")
    await api.stop()

    async with StandIn() as comfyui, live(comfyui) as easel:
        await easel.troubled_by(TelegramUnreachable)
        wish = ann.says("a fox")
        await api.start()
        await seen(ann.private, lambda: result(wish))

    assert easel.presence.up


async def test_it_starts_with_a_token_that_is_refused(api: BotApi, live: Live) -> None:
    async with StandIn() as comfyui, live(comfyui, token="700001:AAThisIsNotTheTokenOfThatBotAnyMore0") as easel:
        await easel.troubled_by(TokenRefused)


async def test_what_was_made_while_telegram_was_away_is_posted_by_the_next_life(api: BotApi, live: Live) -> None:
    ann = api.person("Ann")

    async with StandIn() as comfyui:
        async with live(comfyui) as easel:
            await easel.up()
            wish = ann.says("a fox")
            await seen(ann.private, lambda: ann.private.replies_to(wish))
            await api.stop()
        assert result(wish) is None
        await api.start()
        async with live(comfyui):
            await seen(ann.private, lambda: result(wish))

    assert len([each for each in ann.private.replies_to(wish) if each.photo]) == 1


async def test_what_is_said_while_it_is_away_is_answered_by_the_next_life(api: BotApi, live: Live) -> None:
    ann = api.person("Ann")

    async with StandIn() as comfyui:
        async with live(comfyui) as easel:
            await easel.up()
        wish = ann.says("a fox")
        async with live(comfyui):
            await seen(ann.private, lambda: result(wish))


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


async def test_by_a_webhook_it_is_the_same(api: BotApi, live: Live, port: int) -> None:
    ann = api.person("Ann")
    api.webhook.proxies["https://easel.example.org"] = f"http://127.0.0.1:{port}"

    async with (
        StandIn() as comfyui,
        live(comfyui, webhook_url="https://easel.example.org/telegram", webhook_port=port) as easel,
    ):
        await easel.up()
        wish = ann.says("a fox")
        await seen(ann.private, lambda: result(wish))

    assert api.updates.polls == 0
