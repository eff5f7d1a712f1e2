"""Who administers a chat, and how often Telegram is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from telegram import ChatMember, ChatMemberOwner, User
from telegram.error import Forbidden, NetworkError, TelegramError

from bot.telegram.admins import KEEP, KEEP_FAILURE, Admins

CHAT = "-100500"


class Registry:
    """Telegram, as far as it knows of admins. `open` unset: it takes its time."""

    def __init__(self, *admins: int) -> None:
        self.admins = admins
        self.asked: list[str] = []
        self.trouble: TelegramError | None = None
        self.begun, self.open = asyncio.Event(), asyncio.Event()
        self.open.set()

    async def get_chat_administrators(self, chat_id: str) -> Sequence[ChatMember]:
        self.asked.append(chat_id)
        self.begun.set()
        await self.open.wait()
        if self.trouble is not None:
            raise self.trouble
        return [ChatMemberOwner(User(admin, "A", is_bot=False), is_anonymous=False) for admin in self.admins]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_an_admin_is_known_from_others_and_telegram_is_asked_once_for_all(clock: Clock) -> None:
    registry = Registry(11, 12)
    admins = Admins(registry, clock=clock)
    assert await admins.has(CHAT, "telegram:11")
    assert not await admins.has(CHAT, "telegram:13")
    assert registry.asked == [CHAT]


async def test_who_asks_meanwhile_waits_for_the_same_answer(clock: Clock) -> None:
    registry = Registry(11)
    registry.open.clear()
    admins = Admins(registry, clock=clock)
    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(admins.has(CHAT, f"telegram:{person}")) for person in (11, 12, 11)]
        await registry.begun.wait()
        registry.open.set()
    assert [each.result() for each in asking] == [True, False, True]
    assert registry.asked == [CHAT]


async def test_after_some_minutes_telegram_is_asked_again(clock: Clock) -> None:
    registry = Registry(11)
    admins = Admins(registry, clock=clock)
    assert await admins.has(CHAT, "telegram:11")
    registry.admins = ()
    clock.now = KEEP - 1
    assert await admins.has(CHAT, "telegram:11")
    clock.now = KEEP
    assert not await admins.has(CHAT, "telegram:11")


@pytest.mark.parametrize("trouble", [NetworkError("no route"), Forbidden("bot was kicked")])
async def test_not_knowing_is_no_and_is_not_asked_again_at_once(clock: Clock, trouble: TelegramError) -> None:
    registry = Registry(11)
    registry.trouble = trouble
    admins = Admins(registry, clock=clock)
    assert not await admins.has(CHAT, "telegram:11")
    registry.trouble = None
    assert not await admins.has(CHAT, "telegram:11")
    assert registry.asked == [CHAT]
    clock.now = KEEP_FAILURE
    assert await admins.has(CHAT, "telegram:11")


async def test_one_chats_admins_are_nobody_in_another(clock: Clock) -> None:
    registry = Registry(11)
    admins = Admins(registry, clock=clock)
    assert await admins.has(CHAT, "telegram:11")
    registry.admins = ()
    assert not await admins.has("-100501", "telegram:11")


async def test_of_many_chats_the_oldest_is_asked_again(clock: Clock) -> None:
    registry = Registry(11)
    admins = Admins(registry, clock=clock)
    for number in range(1001):
        await admins.has(str(-number), "telegram:11")
    await admins.has("0", "telegram:11")
    assert registry.asked.count("0") == 2
