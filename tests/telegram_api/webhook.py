"""Updates by HTTP POST: in order within a chat, side by side between chats, again until they are taken."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.telegram_api.parameters import Parameters
from tests.telegram_api.refusals import bad, conflict
from tests.telegram_api.updates import Update, Updates

if TYPE_CHECKING:
    from tests.telegram_api.server import BotApi

_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
_SECRET_LENGTH = 256
_LONGEST_WAIT = 60.0


class Webhook:
    """Where updates go instead of to polls.

    Telegram takes https addresses only, with a proxy of the operator's before the bot: `proxies` says where such an
    address leads, as ``{"https://easel.example.org": "http://127.0.0.1:8081"}``. `tries` counts deliveries.
    """

    def __init__(self, updates: Updates, sleep: Callable[[float], Awaitable[None]], now: Callable[[], int]) -> None:
        self.url = ""
        self.secret = ""
        self.connections = 40
        self.proxies: dict[str, str] = {}
        self.tries = 0
        self.error: tuple[int, str] | None = None
        self._updates = updates
        self._sleep = sleep
        self._now = now
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._session: aiohttp.ClientSession | None = None
        self._room = asyncio.Semaphore(self.connections)
        updates.on_push = self.pump

    def point(self, url: str, *, secret: str = "", connections: int = 40) -> None:
        """Deliver there from now on; nowhere if empty."""
        self.url, self.secret, self.connections = url, secret, connections
        self.error = None
        self._room = asyncio.Semaphore(connections)
        self._updates.webhook_is_set = bool(url)
        self.pump()

    def wake(self) -> None:
        """The server has started."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_LONGEST_WAIT))
        self.pump()

    async def rest(self) -> None:
        """The server stops: what was not taken is delivered after the next start."""
        lanes = list(self._lanes.values())
        for task in lanes:
            task.cancel()
        ends = await asyncio.gather(*lanes, return_exceptions=True)
        self._lanes.clear()
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        for end in ends:
            if isinstance(end, Exception):
                raise end

    def pump(self) -> None:
        """See that every chat with something to tell is being told."""
        if not self.url or self._session is None:
            return
        for update in self._updates.waiting:
            lane = self._lanes.get(update.lane)
            if lane is None or lane.done():
                self._lanes[update.lane] = asyncio.get_running_loop().create_task(self._tell(update.lane))

    async def _tell(self, lane: int) -> None:
        while self.url and (update := next((one for one in self._updates.waiting if one.lane == lane), None)):
            delay = 0.0
            while self.url and not await self._taken(update):
                await self._sleep(delay)  # the first retry comes at once, as Telegram's own server does it
                delay = min(_LONGEST_WAIT, 2 * delay or 1.0)
            if self.url and update in self._updates.waiting:
                self._updates.done(update)

    async def _taken(self, update: Update) -> bool:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        target = next(
            (there + self.url.removeprefix(here) for here, there in self.proxies.items() if self.url.startswith(here)),
            "",
        )
        if not target or self._session is None:
            self.error = (self._now(), "Failed to resolve host: Name or service not known")
            return False
        async with self._room:
            self.tries += 1
            try:
                async with self._session.post(target, json=update.wire(), headers=headers) as answer:
                    if answer.ok:
                        return True
                    self.error = (self._now(), f"Wrong response from the webhook: {answer.status} {answer.reason}")
            except (aiohttp.ClientError, TimeoutError) as error:
                self.error = (self._now(), f"Connection failed: {error}")
        return False


def set_webhook(api: BotApi, parameters: Parameters) -> bool:
    """``setWebhook``; an empty address deletes it."""
    url, secret = parameters.text("url"), parameters.text("secret_token")
    if not url:
        return delete_webhook(api, parameters)
    if not url.startswith("https://"):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if len(secret) > _SECRET_LENGTH:
        raise bad("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    _drop(api, parameters)
    api.updates.allow(parameters)
    api.updates.refuse_poll(conflict("terminated by setWebhook request"))
    api.webhook.point(url, secret=secret, connections=min(max(parameters.number("max_connections", 40), 1), 100))
    return True


def delete_webhook(api: BotApi, parameters: Parameters) -> bool:
    """``deleteWebhook``."""
    _drop(api, parameters)
    api.webhook.point("")
    return True


def get_webhook_info(api: BotApi, _: Parameters) -> dict[str, Any]:
    """``getWebhookInfo``."""
    hook = api.webhook
    answer: dict[str, Any] = {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(api.updates.waiting),
    }
    if hook.error is not None:
        answer |= {"last_error_date": hook.error[0], "last_error_message": hook.error[1]}
    if hook.url:
        answer |= {"max_connections": hook.connections, "ip_address": "127.0.0.1"}
    if api.updates.allowed:
        answer["allowed_updates"] = api.updates.allowed
    return answer


def _drop(api: BotApi, parameters: Parameters) -> None:
    if parameters.flag("drop_pending_updates"):
        api.updates.waiting.clear()


METHODS: dict[str, Callable[[BotApi, Parameters], Any]] = {
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
}
