"""`easel demo`: the whole product with no token and no GPU."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app import compose, console, set_up_log
from bot.chat.texts import Texts
from bot.config import Settings
from bot.jobs.model import State
from bot.standin import server as standin
from bot.standin.settings import Settings as StandInSettings
from bot.terminal.files import check_writable, results, save_pictures, write_results
from bot.terminal.imagine import OK, REFUSED, complain, follow_to_end
from bot.terminal.run import say_where
from bot.terminal.screen import open_screen

STEP_SECONDS = 0.12
"""Slow enough to watch, quick enough not to wait for."""


async def demo(*, out: Path, port: int, stay: bool, texts: Texts) -> int:
    """Start the stand-in and the console, send one message, show it becoming a picture.

    `stay`: until cancelled. Else it ends with the picture.

    Returns:
        The exit code: 0 if the picture came.

    Raises:
        UnwritableFolder: The picture cannot be put into `out`.
        CannotListen: The console's port may not be used.
    """
    check_writable(out)
    screen = open_screen()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(standin.StandIn(StandInSettings(speed=STEP_SECONDS)))
        data = stack.enter_context(TemporaryDirectory(prefix="easel-demo-"))
        settings = Settings.model_validate(
            {
                "servers": [{"name": "stand-in", "url": server.url}],
                "console": {"port": port},
                "data": {"folder": data},
            }
        )
        set_up_log(settings, quiet=True)
        screen.print(texts.say("demo-started", url=server.url))
        async with compose(settings) as easel, console(easel) as open_console:
            say_where(screen, texts, open_console.server.url, open_console.server.wanted, open_console.server.port)
            command = texts.say("demo-command")
            screen.print(f"> {command}", style="bold")
            job = await open_console.desk.say(command, language=texts.language)
            if job is None:
                return REFUSED
            ended = await follow_to_end(easel, job, screen, texts)
            if ended.failure is not None:
                complain(ended.failure, texts)
                return REFUSED
            saved = await save_pictures(ended, easel.service.media, out)
            write_results(out / "results.json", results(ended, saved))
            for path in (*(file.path for file in saved), out / "results.json"):
                screen.print(texts.say("demo-file", path=str(path)), soft_wrap=True)
            if stay:
                screen.print(texts.say("demo-staying"))
                await asyncio.Event().wait()
            async for update in easel.service.follow(ended):  # the console has it too before the lights go out
                if update.job.state is State.DONE:
                    break
    return OK
