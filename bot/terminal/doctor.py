"""`easel doctor`: everything that could be wrong, checked, each with its remedy."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import chain

from bot.app import library_of
from bot.chat.texts import Texts
from bot.config import Settings
from bot.terminal.checks import (
    Check,
    Verdict,
    check_data,
    check_machine,
    check_rules,
    check_server,
    check_telegram,
    check_workflows,
)
from bot.terminal.imagine import OK
from bot.terminal.screen import open_screen

_STYLES = {Verdict.WELL: "green", Verdict.NOTE: "yellow", Verdict.ILL: "red"}


async def doctor(settings: Settings, texts: Texts) -> int:
    """Print every check as it is made, from the machine over the platforms to the servers.

    Returns:
        0 if nothing is wrong, else 1.
    """
    screen = open_screen()
    ill = 0

    def report(found: Check) -> None:
        nonlocal ill
        ill += found.verdict is Verdict.ILL
        screen.print(f"{found.verdict} {found.said}", style=_STYLES[found.verdict], soft_wrap=True)
        for remedy in found.remedies:
            screen.print(f"    {remedy}", soft_wrap=True)

    async def report_all(checks: AsyncGenerator[Check, None]) -> None:
        async with aclosing(checks):
            async for found in checks:
                report(found)

    library = library_of(settings)
    for here in chain(
        check_machine(settings, texts), check_workflows(settings, library, texts), check_rules(settings, texts)
    ):
        report(here)
    await report_all(check_data(settings, texts))
    await report_all(check_telegram(settings, texts))
    for entry in settings.servers:
        await report_all(check_server(entry, settings, library, texts))
    screen.print(texts.say("doctor-ill", count=ill) if ill else texts.say("doctor-well"))
    return 1 if ill else OK
