"""`easel run`: serve until told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from rich.console import Console

from bot.app import Easel, compose, console, telegram
from bot.chat.listing import platform_name, platform_state
from bot.chat.presence import Board
from bot.chat.texts import Texts
from bot.config import Settings
from bot.errors import EaselError
from bot.terminal.imagine import complain
from bot.terminal.screen import open_screen

log = structlog.get_logger()


async def run(settings: Settings, texts: Texts, reread: Callable[[], Settings]) -> int:
    """Serve the console and the bots until cancelled. SIGHUP reads the settings again.

    Raises:
        CannotListen: The console's port may not be used.
        LedgerInUse: Another Easel serves from the same data.
        EaselError: The data cannot be used.
    """
    screen = open_screen()
    hung_up = _hangups()
    async with compose(settings, reread=reread) as easel, console(easel, easel.reload) as open_console:
        say_where(screen, texts, open_console.server.url, open_console.server.wanted, open_console.server.port)
        async with _announcing(easel.board, screen, texts), telegram(easel, easel.reload):
            try:
                await _reload_at_each(hung_up, easel, screen, texts)
            finally:
                log.info("stopping")
    return 0


def say_where(screen: Console, texts: Texts, url: str, wanted: int, port: int) -> None:
    """Print the console's address, and why its port is another than the one asked for."""
    if port != wanted and wanted:
        screen.print(texts.say("terminal-port-taken", wanted=wanted, port=port))
    screen.print(texts.say("terminal-console"), url, soft_wrap=True)


@asynccontextmanager
async def _announcing(board: Board, screen: Console, texts: Texts) -> AsyncIterator[None]:
    """Print how each platform is, and each change of it, until the block ends."""
    task = asyncio.create_task(_announce(board, screen, texts), name="announce")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _announce(board: Board, screen: Console, texts: Texts) -> None:
    said: dict[str, str] = {}
    while True:
        for presence in board.all():
            now = presence.trouble.code if presence.trouble else presence.name
            if now is None or said.get(presence.platform) == now:  # it connects; or it is as before, but for a reason
                continue
            said[presence.platform] = now
            state = platform_state(presence, texts)
            try:
                screen.print(texts.say("presence", platform=platform_name(presence), state=state), soft_wrap=True)
            except OSError:  # nobody reads any more what is printed; the log goes on
                return
        await board.changed()


def _hangups() -> asyncio.Event:
    """Set at each SIGHUP, where there is such a signal."""
    hung_up = asyncio.Event()
    if hasattr(signal, "SIGHUP"):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hung_up.set)
    return hung_up


async def _reload_at_each(hung_up: asyncio.Event, easel: Easel, screen: Console, texts: Texts) -> None:
    """For ever, or until the signal came because the terminal itself is gone."""
    while await hung_up.wait():
        hung_up.clear()
        try:
            await _reload(easel, screen, texts)
        except OSError:  # nobody reads any more what is printed
            return


async def _reload(easel: Easel, screen: Console, texts: Texts) -> None:
    try:
        screen.print(texts.explain(await easel.reload()), soft_wrap=True)
    except EaselError as error:
        complain(error, texts)
