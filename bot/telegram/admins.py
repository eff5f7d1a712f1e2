"""Who administers a chat."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from telegram import ChatMember
from telegram.error import TelegramError

from bot.telegram.lanes import Lanes
from bot.telegram.recent import Recent

log = structlog.get_logger()

_MOST = 1000
KEEP = 300.0
"""Seconds until Telegram is asked again. As long may somebody stay an admin who no longer is one."""
KEEP_FAILURE = 30.0


class Registry(Protocol):
    """What is asked of the `telegram.Bot`."""

    async def get_chat_administrators(self, chat_id: str) -> Sequence[ChatMember]:
        """See `telegram.Bot.get_chat_administrators`: all of them but other bots. Raises `TelegramError`."""


@dataclass(frozen=True, slots=True)
class _Known:
    people: frozenset[int]
    until: float


class Admins:
    """Asks Telegram, once in a while for each of the chats where somebody speaks. `clock` gives seconds."""

    def __init__(self, registry: Registry, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._registry = registry
        self._clock = clock
        self._known: Recent[str, _Known] = Recent(_MOST)
        self._asking = Lanes()

    async def has(self, chat: str, person: str) -> bool:
        """Whether the person (``telegram:1234``) is the chat's owner or one of its admins. Not knowing is no."""
        async with self._asking.turn(chat):
            known = self._known.get(chat)
            if known is None or self._clock() >= known.until:
                known = await self._ask(chat)
                self._known.set(chat, known)
        return int(person.rpartition(":")[2]) in known.people

    async def _ask(self, chat: str) -> _Known:
        try:
            members = await self._registry.get_chat_administrators(chat)
        except TelegramError as error:
            log.warning("admins unknown", chat=chat, error=str(error))
            return _Known(frozenset(), self._clock() + KEEP_FAILURE)
        return _Known(frozenset(member.user.id for member in members), self._clock() + KEEP)
