"""Updates by asking for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

import structlog
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.telegram.handling import KINDS, PATIENCE, Handling, Take, legible
from bot.telegram.inbox import MOST, Inbox

log = structlog.get_logger()

LONG = 50
"""Seconds that Telegram may hold an answer back until there is an update."""

BREATH = 1.0
"""Seconds between two questions while something is not handled yet. The server answers a question with the same offset
within half a second with one update alone (tdlib/telegram-bot-api, Client.cpp: process_get_updates_query)."""

_SLACK = 10.0
"""Seconds that an answer may take beyond what it may be held back."""

_FAREWELL = 1.0


class Polling:
    """Asks for updates and has each handled once. An async context manager, which may fail and be asked again.

    Left, it waits for what is being handled and confirms that.
    """

    def __init__(
        self,
        bot: Bot,
        take: Take,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        patience: float = PATIENCE,
    ) -> None:
        self._bot = bot
        self._sleep = sleep
        self._inbox = Inbox()
        self._handling = Handling(take, patience=patience)
        self._asked: int | None = None
        self._proven = False

    async def __aenter__(self) -> Self:
        """Ready; nothing is asked yet."""
        await self._handling.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """See the class."""
        await self._handling.__aexit__(kind, error, traceback)
        if self._inbox.offset == self._asked:
            return
        try:
            async with asyncio.timeout(_FAREWELL):
                await self._bot.get_updates(self._inbox.offset, limit=1, timeout=0, allowed_updates=KINDS)
        except (TelegramError, TimeoutError) as failed:  # they are told again, and known by what came of them
            log.info("last updates not confirmed", error=type(failed).__name__)

    async def begin(self) -> None:
        """Have Telegram wait to be asked.

        Raises:
            TelegramError: That could not be done.
        """
        await self._bot.delete_webhook(drop_pending_updates=False)

    async def receive(self) -> None:
        """Ask once, as soon as it is time to, and have handled what comes.

        The first time, and the first time after a failure, it asks for an answer at once, so that one knows.

        Raises:
            TelegramError: There was no answer. What came before goes on being handled.
        """
        if self._inbox.busy:
            await self._breathe()
        before, self._asked = self._asked, self._inbox.offset  # cancelled, the question is on its way all the same
        try:
            updates = await self._bot.get_updates(
                self._asked,
                limit=MOST,
                timeout=0 if self._inbox.busy or not self._proven else LONG,
                allowed_updates=KINDS,
                read_timeout=_SLACK,
            )
        except TelegramError:
            self._asked, self._proven = before, False
            raise
        self._proven = True
        new = set(self._inbox.arrived(update.update_id for update in updates))
        for update in sorted(updates, key=lambda each: each.update_id):
            if update.update_id in new:
                new.remove(update.update_id)
                self._handling.start(update, self._inbox.handled)

    async def _breathe(self) -> None:
        """Until everything is handled, and no longer than a breath."""
        breath = asyncio.ensure_future(self._sleep(BREATH))
        idle = asyncio.ensure_future(self._handling.idle())
        try:
            await asyncio.wait({breath, idle}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            breath.cancel()
            idle.cancel()


class UpdatesRequest(HTTPXRequest):
    """What asks for updates: one that the library cannot read does not take those beside it along."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """See `telegram.request.BaseRequest.parse_json_payload`."""
        answer = HTTPXRequest.parse_json_payload(payload)
        match answer:
            case {"result": list(updates)}:
                answer["result"] = [dict(update) for told in updates if (update := legible(told)) is not None]
        return answer
