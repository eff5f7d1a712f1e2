"""The life of the connection: it is made, it fails, it is made again. It never ends by itself."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Never, Protocol, Self, TypeAlias

import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.chat.errors import Fault
from bot.chat.presence import Board, Presence
from bot.errors import EaselError
from bot.telegram.errors import AnotherPoller, TelegramUnreachable, TokenRefused
from bot.telegram.people import PLATFORM
from bot.telegram.refusals import silence

log = structlog.get_logger()

_FIRST = 1.0
_LONGEST = 60.0
_REFUSED = 300.0
_CONFLICT = 30.0
CALM = 60.0
"""Seconds without a conflict until we believe that nobody else asks: two pollers end each other's questions in turn."""

_PAGE = ". Parsing the server response "
"""What the library puts before the web page of a machine that stands in front of the Bot API."""

_LIBRARY = re.compile(r"httpx\.(?P<kind>\w+): (?P<said>.*)", re.DOTALL)


class Way(Protocol):
    """How updates come. An async context manager that stays entered while the connection fails and is made again."""

    async def __aenter__(self) -> Self:
        """Ready; nothing is asked of Telegram yet."""

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let what is being handled finish."""

    async def begin(self) -> None:
        """Agree with Telegram on this way. Raises `TelegramError` or `EaselError`."""

    async def receive(self) -> None:
        """Take updates for a while, but return at once where the last time failed. Raises what `begin` does."""


Greeted: TypeAlias = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Setback:
    """What is wrong, and for how many seconds to wait; None: longer with each time."""

    trouble: EaselError
    wait: float | None = None


def setback(error: Exception, token: str) -> Setback:
    """What an error means for the connection. The token is in no sentence."""
    match error:
        case EaselError():
            return Setback(error, _LONGEST)
        case InvalidToken():
            return Setback(TokenRefused(), _REFUSED)
        case Conflict():
            return Setback(AnotherPoller(), _CONFLICT)
        case RetryAfter():
            return Setback(TelegramUnreachable(reason=error.message), silence(error))
        case TelegramError():
            said = _LIBRARY.fullmatch(error.message)
            reason = error.message if said is None else said["said"] or said["kind"]
            reason = reason.partition(_PAGE)[0].replace(token, "TOKEN").rstrip(".")
            return Setback(TelegramUnreachable(reason=reason))
        case _:
            return Setback(Fault())


class Line:
    """Keeps the connection, and says on the board how it is.

    `greeted` is called each time that Telegram has told us who we are, and before any update is taken.
    """

    def __init__(
        self,
        bot: Bot,
        way: Way,
        board: Board,
        greeted: Greeted,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bot = bot
        self._way = way
        self._board = board
        self._greeted = greeted
        self._sleep = sleep
        self._clock = clock
        self._presence = Presence(PLATFORM)
        self._conflict = 0.0
        self._wait = _FIRST
        self._logged: str | None = None
        board.set(self._presence)

    async def run(self) -> Never:
        """Take updates until cancelled, whatever happens."""
        async with self._way:
            known = False
            while True:
                try:
                    if not known:
                        await self._greet()
                        known = True
                    await self._way.receive()
                except Exception as error:  # noqa: BLE001 - whatever it is, people wait to be heard again
                    known = known and isinstance(error, Conflict)
                    await self._sleep(self._failed(error))
                else:
                    self._went_well()

    async def _greet(self) -> None:
        me = await self._bot.get_me()
        await self._way.begin()
        await self._greeted()
        self._presence = replace(self._presence, name=f"@{me.username}")

    def _went_well(self) -> None:
        self._wait = _FIRST
        if not isinstance(self._presence.trouble, AnotherPoller) or self._clock() - self._conflict >= CALM:
            self._tell(None)

    def _failed(self, error: Exception) -> float:
        """Say so; how many seconds to wait."""
        what = setback(error, self._bot.token)
        if isinstance(what.trouble, AnotherPoller):
            self._conflict = self._clock()
        self._tell(what.trouble, error if isinstance(what.trouble, Fault) else None)
        if what.wait is not None:
            return what.wait
        wait, self._wait = self._wait, min(2 * self._wait, _LONGEST)
        return wait

    def _tell(self, trouble: EaselError | None, fault: Exception | None = None) -> None:
        """Put it on the board; into the log only what is new, and not each attempt that failed."""
        self._presence = replace(self._presence, trouble=trouble)
        self._board.set(self._presence)
        known, self._logged = self._logged, "" if trouble is None else trouble.code
        if known == self._logged:
            return
        if trouble is None:
            log.info("telegram connected", name=self._presence.name)
        else:
            log.warning("telegram trouble", trouble=str(trouble), exc_info=fault)
