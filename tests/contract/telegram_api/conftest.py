"""A Bot API server for each test, and ways to talk to it: plain HTTP, aiogram, python-telegram-bot."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiogram
import pytest
import telegram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from tests.telegram_api import BotApi, Limits
from tests.telegram_api.clients import Clock, Wire, by_hand


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def api(clock: Clock) -> AsyncIterator[BotApi]:
    """Without flood control, which has tests of its own."""
    async with BotApi(clock=clock, start=1_800_000_000, limits=Limits(flood=False)) as api:
        yield api


@pytest.fixture
async def wire(api: BotApi) -> AsyncIterator[Wire]:
    async with by_hand(api) as wire:
        yield wire


@pytest.fixture
async def aio(api: BotApi) -> AsyncIterator[aiogram.Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(api.url))
    yield aiogram.Bot(api.token, session=session)
    await (await session.create_session()).close()  # its own close() sleeps


@pytest.fixture
async def ptb(api: BotApi) -> AsyncIterator[telegram.Bot]:
    async with telegram.Bot(api.token, base_url=f"{api.url}/bot", base_file_url=f"{api.url}/file/bot") as bot:
        yield bot
