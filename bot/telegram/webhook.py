"""Updates by being called."""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import Self

import structlog
from aiohttp import web
from telegram import Bot, Update
from telegram.error import BadRequest

from bot.telegram.errors import AnotherPoller, WebhookNotOpen, WebhookNotReached, WebhookRefused
from bot.telegram.handling import KINDS, PATIENCE, Handling, Take, legible
from bot.telegram.inbox import MOST
from bot.telegram.recent import Recent
from bot.telegram.settings import Webhook

log = structlog.get_logger()

SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of the header
LARGEST = 1_000_000
"""Bytes; the largest update, a text of 4096 characters with its entities in reply to another, is a tenth of it."""

LOOK = 60.0
"""Seconds between two looks at whether Telegram reaches us."""

_REMEMBERED = 10 * MOST


class Called:
    """Listens where Telegram calls. An async context manager.

    A call is answered once its update has been handled; Telegram calls again for what was not answered, and that is
    handled no second time. Only for a part of an album it is answered at once: Telegram tells nothing else of a chat
    until it has the answer (tdlib/telegram-bot-api, WebhookActor.cpp), and what an album says needs all of it.
    """

    def __init__(
        self,
        bot: Bot,
        take: Take,
        settings: Webhook,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        patience: float = PATIENCE,
    ) -> None:
        self._bot = bot
        self._settings = settings
        self._sleep = sleep
        self._secret = settings.secret or secrets.token_urlsafe(32)
        self._handling = Handling(take, patience=patience)
        self._tasks: Recent[int, asyncio.Task[None]] = Recent(_REMEMBERED)
        self._runner: web.AppRunner | None = None
        self._failed: datetime | None = None
        self._proven = False

    @property
    def port(self) -> int | None:
        """Where it listens; None: it does not, yet."""
        return self._runner.addresses[0][1] if self._runner else None

    async def __aenter__(self) -> Self:
        """Ready; nothing listens yet."""
        await self._handling.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Listen no longer, and let what is being handled finish. Telegram keeps what comes until the next start."""
        if self._runner is not None:
            for site in [*self._runner.sites]:
                await site.stop()
        await self._handling.__aexit__(kind, error, traceback)
        if self._runner is not None:
            await self._runner.cleanup()

    async def begin(self) -> None:
        """Listen, and have Telegram call.

        Raises:
            WebhookNotOpen: Nothing can listen there.
            WebhookRefused: Telegram does not take the address.
            TelegramError: Telegram could not be told.
        """
        if self._runner is None:
            await self._listen()
        try:
            await self._bot.set_webhook(
                self._settings.url,
                max_connections=MOST,
                allowed_updates=KINDS,
                drop_pending_updates=False,
                secret_token=self._secret,
            )
        except BadRequest as refused:
            raise WebhookRefused(url=self._settings.url, reason=refused.message) from None
        self._failed = (await self._bot.get_webhook_info()).last_error_date

    async def receive(self) -> None:
        """Be called for a while, then look whether all is well; first of all at once, so that one knows.

        Raises:
            AnotherPoller: Somebody took the webhook away, or made it theirs. It is ours again.
            WebhookNotReached: Telegram's calls do not arrive.
            TelegramError: It could not be asked.
        """
        if self._proven:
            await self._sleep(LOOK)
        self._proven = False
        info = await self._bot.get_webhook_info()
        if info.url != self._settings.url:
            await self.begin()
            raise AnotherPoller
        before, self._failed = self._failed, info.last_error_date
        if info.pending_update_count and info.last_error_message and info.last_error_date != before:
            raise WebhookNotReached(url=info.url, reason=info.last_error_message)
        self._proven = True

    async def _listen(self) -> None:
        app = web.Application(client_max_size=LARGEST)
        app.router.add_post("/{path:.*}", self._called)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=PATIENCE)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._settings.host, self._settings.port).start()
        except OSError as error:
            await runner.cleanup()
            raise WebhookNotOpen(self._settings.host, self._settings.port, _reason(error)) from None
        self._runner = runner
        log.info("webhook listens", host=self._settings.host, port=self.port)

    async def _called(self, request: web.Request) -> web.Response:
        said = request.headers.get(SECRET, "")
        if not hmac.compare_digest(said.encode("utf-8", "surrogateescape"), self._secret.encode()):
            return web.Response(status=403)
        try:
            told = json.loads(await request.read())
        except (ValueError, RecursionError):
            return web.Response(status=400)
        update = legible(told)
        if update is None:
            return web.Response(status=400)
        read = Update.de_json(dict(update), self._bot)
        task = self._task(read)
        if read.effective_message and read.effective_message.media_group_id:
            return web.Response()
        await asyncio.wait({task})  # and not the task itself: somebody who hangs up must not cancel it
        return web.Response(status=503 if task.cancelled() else 200)

    def _task(self, update: Update) -> asyncio.Task[None]:
        task = self._tasks.get(update.update_id)
        if task is None:
            task = self._handling.start(update)
            self._tasks.set(update.update_id, task)
        return task


def _reason(error: OSError) -> str:
    """What the system said; asyncio wraps its words, and a name that is not found has no positive number."""
    number = error.errno or 0
    return os.strerror(number) if number > 0 else error.strerror or str(error)
