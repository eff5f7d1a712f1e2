"""Telegram, put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.chat.commands import Command
from bot.chat.conversation import Conversation, Manners, Reload
from bot.chat.pacing import Budgets, Pacer
from bot.chat.presence import Board
from bot.images.fit import TELEGRAM_LOCAL, TELEGRAM_PHOTO
from bot.jobs.model import Place
from bot.jobs.service import JobService
from bot.telegram.admins import Admins
from bot.telegram.client import open_bot
from bot.telegram.desk import Desk
from bot.telegram.files import Files
from bot.telegram.front import TelegramFrontEnd
from bot.telegram.inline import Inline
from bot.telegram.line import Line
from bot.telegram.menu import menus, set_menus
from bot.telegram.polling import Polling
from bot.telegram.posting import Uploads
from bot.telegram.sending import Sender
from bot.telegram.settings import LineSettings
from bot.telegram.webhook import Called


@asynccontextmanager
async def telegram(  # noqa: PLR0917 - a composition root, called once
    settings: LineSettings,
    service: JobService,
    manners: Manners,
    board: Board,
    budgets: Budgets,
    uploads: Uploads,
    reload: Reload | None = None,
    *,
    pacer: Pacer | None = None,
) -> AsyncIterator[None]:
    """The bot, until the block ends. Its platform is one of those that `service` looks after. `pacer`: None, its own.

    Nothing is raised for a Telegram that cannot be reached or refuses us: that is told on the board and tried again,
    and what is to be said waits. At the end, what is being handled and sent may finish.
    """

    async def moved(old: Place, chat: str) -> None:
        await conversation.moved(old, chat)

    async def greeted() -> None:
        leave_out = [Command.RELOAD] if reload is None else []
        await set_menus(bot, menus(service.catalog.all(), service.house.rules, leave_out=leave_out))

    async with open_bot(settings) as bot:
        sender = Sender(bot, moved)
        limits = TELEGRAM_LOCAL if settings.local_files else TELEGRAM_PHOTO
        front = TelegramFrontEnd(sender, uploads, keep_status=settings.keep_status, budgets=budgets, limits=limits)
        async with Conversation(front, service, manners, reload, board=board, pacer=pacer) as conversation:
            desk = Desk(
                conversation,
                account=bot,
                front=front,
                jobs=service,
                admins=Admins(bot),
                pictures=Files(bot, manners.inputs),
                ask_inline=Inline(bot, service, uploads, sender.account, language=manners.language).answer,
            )
            hook = settings.webhook
            way = Polling(bot, desk.take) if hook is None else Called(bot, desk.take, hook)
            line = asyncio.create_task(Line(bot, way, board, greeted).run(), name="telegram line")
            try:
                yield
            finally:
                line.cancel()
                await asyncio.wait({line})
                if not line.cancelled():
                    line.result()
