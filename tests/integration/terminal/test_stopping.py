"""How a command is stopped."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
import typer

from bot.cli import _exit


@pytest.mark.skipif(os.name != "posix", reason="no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_hangs_while_a_stopped_command_cleans_up_is_cut_off(number):
    async def hang() -> int:
        try:
            os.kill(os.getpid(), number)
            await asyncio.sleep(30)
        finally:
            await asyncio.sleep(30)
        return 1

    with pytest.raises(typer.Exit) as ended:
        _exit(hang(), stopped=7, parting=0.0)

    assert ended.value.exit_code == 7
