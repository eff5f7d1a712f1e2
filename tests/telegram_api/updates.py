"""The queue of updates and the polls that empty it, with the habits of Telegram's own server."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.telegram_api.limits import Limits
from tests.telegram_api.parameters import Parameters
from tests.telegram_api.refusals import OTHER_POLLER, WEBHOOK_IS_SET, Refusal, conflict

_FIRST = 500_000_001
_LIMIT = 100
_LONGEST = 50
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, slots=True)
class Update:
    """One thing a bot is told; of no `kind` if `body` is all of it. `lane` is what it must stay in order with."""

    id: int
    kind: str
    body: dict[str, Any]
    lane: int

    def wire(self) -> dict[str, Any]:
        """As it goes over the wire."""
        return {"update_id": self.id} | ({self.kind: self.body} if self.kind else self.body)


@dataclass(eq=False)
class _Poll:
    ended: asyncio.Future[Refusal | None]


class Updates:
    """What the bot has not confirmed yet. `told` keeps all that there ever was."""

    def __init__(self, limits: Limits, clock: Callable[[], float], beat: Callable[[], None]) -> None:
        self.waiting: deque[Update] = deque()
        self.told: list[Update] = []
        self.allowed: list[str] = []
        self.webhook_is_set = False
        self.polls = 0
        self.on_push: Callable[[], None] = lambda: None
        self._limits = limits
        self._clock = clock
        self._beat = beat
        self._next = _FIRST
        self._poll: _Poll | None = None
        self._last_offset = 0
        self._last_poll = float("-inf")

    def push(self, kind: str, body: dict[str, Any]) -> None:
        """Tell the bot, unless it does not want that kind."""
        if not (kind in self.allowed if self.allowed else kind not in _NOT_BY_DEFAULT):
            return
        chat = body.get("chat") or body.get("message", {}).get("chat") or body.get("from", {})
        update = Update(self._next, kind, body, chat.get("id", 0))
        self._next += 1
        self._put(update)

    def send_raw(self, fields: dict[str, Any]) -> None:
        """Tell the bot something that Telegram would not, beside a proper update_id."""
        update = Update(self._next, "", fields, 0)
        self._next += 1
        self._put(update)

    def _put(self, update: Update) -> None:
        self.waiting.append(update)
        self.told.append(update)
        self._end(None)
        self.on_push()
        self._beat()

    def allow(self, parameters: Parameters) -> None:
        """Take `allowed_updates` over if it is given; what waits already stays."""
        wanted = parameters.object("allowed_updates", "allowed updates")
        if isinstance(wanted, list):
            self.allowed = [str(kind) for kind in wanted]

    def confirm(self, update_id: int) -> None:
        """The bot has all before that."""
        while self.waiting and self.waiting[0].id < update_id:
            self.waiting.popleft()

    def done(self, update: Update) -> None:
        """The webhook took that one."""
        self.waiting.remove(update)
        self._beat()

    async def poll(self, parameters: Parameters) -> list[dict[str, Any]]:
        """GetUpdates. Raises Refusal 409 when another poll or a webhook comes, or one is set."""
        if self.webhook_is_set:
            raise conflict(WEBHOOK_IS_SET)
        self.polls += 1
        self._beat()
        self.allow(parameters)
        offset = parameters.number("offset")
        limit = min(max(parameters.number("limit", _LIMIT), 1), _LIMIT)
        timeout = min(max(parameters.number("timeout"), 0), _LONGEST)
        now = self._clock()
        if self._limits.hasty_polls and offset == self._last_offset:
            timeout = max(timeout, 3) if now < self._last_poll + 3 else timeout
            limit = 1 if now < self._last_poll + 0.5 else limit
        self._last_offset, self._last_poll = offset, now
        if offset < 0:
            while len(self.waiting) > -offset:
                self.waiting.popleft()
        self.confirm(offset)
        if not self.waiting and timeout:
            await self._blocked(timeout)
        return [update.wire() for update in list(self.waiting)[:limit]]

    def refuse_poll(self, why: Refusal) -> None:
        """End the poll that waits with that."""
        self._end(why)

    async def _blocked(self, seconds: int) -> None:
        self._end(conflict(OTHER_POLLER))
        poll = self._poll = _Poll(asyncio.get_running_loop().create_future())
        try:
            async with asyncio.timeout(seconds):
                why = await poll.ended
        except TimeoutError:
            return
        finally:
            if self._poll is poll:
                self._poll = None
        if why is not None:
            raise why

    def _end(self, why: Refusal | None) -> None:
        poll, self._poll = self._poll, None
        if poll is not None and not poll.ended.done():
            poll.ended.set_result(why)
