"""Keeps a platform's schedule: sends what may be sent, when it may."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import replace
from types import TracebackType
from typing import Protocol, Self, TypeAlias

import structlog

from bot.chat.parting import part
from bot.chat.schedule import DISCORD, TELEGRAM, Budgets, Item, Rate, Schedule, Urgency
from bot.errors import EaselError

__all__ = ["DISCORD", "MOST_ANSWERS", "TELEGRAM", "Alarm", "Budgets", "Call", "Pacer", "Rate", "SlowDown", "Urgency"]

log = structlog.get_logger()

MOST_ANSWERS = 100
"""Waiting in one chat: there is room for more only after minutes, when nobody wants them any more. Somebody who asks
faster than a chat may be answered must not fill the memory."""

_PATIENCE = 3.0
"""An upload may take minutes, and whoever stops a service grants it ten seconds for all that it still does."""


class SlowDown(Exception):
    """The platform asks for silence in one chat for `seconds` (a 429's retry_after); then the call is made again.

    Zero seconds: the call has sent a part, and the next is to have its turn. `weight` is how many messages the platform
    will count for what the next call sends; None: as many as for this one.
    """

    def __init__(self, seconds: float, *, weight: int | None = None) -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.weight = weight


Call: TypeAlias = Callable[[], Awaitable[object]]


class Alarm(Protocol):
    """What `asyncio.loop.call_later` returns."""

    def cancel(self) -> object:
        """Do not ring."""


class Pacer:
    """Keeps a schedule for one platform. An async context manager: it owns the task of each send.

    Sends run side by side, so that a large upload holds up no other chat. `call_later` is by default the running
    loop's. Left, it waits `patience` seconds for what is on its way, then breaks off the rest.
    """

    def __init__(
        self,
        budgets: Budgets,
        *,
        clock: Callable[[], float] = time.monotonic,
        call_later: Callable[[float, Callable[[], None]], Alarm] | None = None,
        patience: float = _PATIENCE,
    ) -> None:
        self._schedule: Schedule[Call] = Schedule(budgets)
        self._clock = clock
        self._call_later = call_later
        self._patience = patience
        self._alarm: Alarm | None = None
        self._sends: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        """Ready to speak."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let sends in flight finish. What still waits is not sent, and neither is what is offered from now on."""
        self._closed = True
        self._speak()
        if late := await part(self._sends, self._patience):
            log.warning("sends broken off at the end", sends=late)

    def offer(self, chat: str, key: Hashable, urgency: Urgency, call: Call, *, weight: int = 1) -> None:
        """Call it once its turn has come, unless something newer of that key comes first.

        `weight` is how many messages the platform counts for it, as each picture of an album.
        A `SlowDown` that it raises delays its chat, and it is called again. Any other error is logged: what must
        happen then is the call's own business. An answer is left out where `MOST_ANSWERS` wait already.
        """
        if urgency is Urgency.REPLY and self._schedule.waiting(chat, urgency) >= MOST_ANSWERS:
            log.warning("answer left out, so many wait", chat=chat)
            return
        if self._schedule.offer(Item(chat, key, urgency, call, weight)):
            self._speak()

    def _speak(self) -> None:
        """Start every send whose turn has come, and set the alarm for the next."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._closed:
            return
        now = self._clock()
        while (item := self._schedule.take(now)) is not None:
            task = asyncio.create_task(self._send(item))
            self._sends.add(task)
            task.add_done_callback(self._sends.discard)
        due = self._schedule.next_time()
        if due is not None:
            call_later = self._call_later or asyncio.get_running_loop().call_later
            self._alarm = call_later(max(0.0, due - now), self._speak)

    async def _send(self, item: Item[Call]) -> None:
        try:
            await item.payload()
        except SlowDown as slow:
            now = self._clock()
            again = item if slow.weight is None else replace(item, weight=slow.weight)
            self._schedule.put_back(again, now, now + slow.seconds)
        except Exception as error:  # whatever it is, it must not hold up the next message
            log.warning("not sent", chat=item.chat, error=str(error), exc_info=not isinstance(error, EaselError))
            self._schedule.finished(item, self._clock())
        else:
            self._schedule.finished(item, self._clock())
        self._speak()
