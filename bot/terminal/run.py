"""`easel run`: serve until told to stop."""

from __future__ import annotations

import asyncio

from rich.console import Console

from bot.app import compose, console
from bot.chat.texts import Texts
from bot.config import Settings
from bot.terminal.screen import open_screen


async def run(settings: Settings, texts: Texts) -> int:
    """Serve the console until cancelled. Raises `CannotListen`."""
    screen = open_screen()
    async with compose(settings) as easel, console(easel) as open_console:
        say_where(screen, texts, open_console.server.url, open_console.server.wanted, open_console.server.port)
        await asyncio.Event().wait()
    return 0


def say_where(screen: Console, texts: Texts, url: str, wanted: int, port: int) -> None:
    """Print the console's address, and why its port is another than the one asked for."""
    if port != wanted and wanted:
        screen.print(texts.say("terminal-port-taken", wanted=wanted, port=port))
    screen.print(texts.say("terminal-console"), url, soft_wrap=True)
