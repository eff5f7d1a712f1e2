"""Questions to a platform that change nothing there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from telegram.error import TelegramError

from bot.telegram.client import open_bot
from bot.telegram.errors import TelegramUnreachable
from bot.telegram.line import setback
from bot.telegram.settings import LineSettings

_PATIENCE = 20.0
"""Seconds for all of the questions."""


@dataclass(frozen=True, slots=True)
class TelegramAccount:
    """What Telegram says of a bot (Bot API 10.0, getMe and getWebhookInfo).

    `name` is its ``@username``. `reads_all`: privacy mode is off. `webhook` is the address that Telegram calls, empty
    if it waits to be asked; `failing` is why calls do not arrive although some should.
    """

    name: str
    joins_groups: bool
    reads_all: bool
    inline: bool
    webhook: str
    failing: str | None


async def ask_telegram(line: LineSettings) -> TelegramAccount:
    """Ask who the token's bot is. No update is taken from whoever else receives them.

    Raises:
        TokenRefused: Telegram does not know the token.
        TelegramUnreachable: There was no proper answer in time.
    """
    try:
        async with asyncio.timeout(_PATIENCE), open_bot(line) as bot:
            me, webhook = await bot.get_me(), await bot.get_webhook_info()
    except TimeoutError:
        raise TelegramUnreachable("Timed out") from None
    except TelegramError as error:
        raise setback(error, line.token).trouble from None
    return TelegramAccount(
        name=f"@{me.username}",
        joins_groups=bool(me.can_join_groups),
        reads_all=bool(me.can_read_all_group_messages),
        inline=bool(me.supports_inline_queries),
        webhook=webhook.url,
        failing=webhook.last_error_message if webhook.pending_update_count else None,
    )
