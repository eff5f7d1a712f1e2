from __future__ import annotations

import asyncio

import pytest

from bot.chat.errors import Fault
from bot.chat.presence import Board, Presence


def test_a_board_lists_each_platform_once_as_it_was_last_said() -> None:
    board = Board()

    board.set(Presence("telegram"))
    board.set(Presence("discord", "Easel"))
    board.set(Presence("telegram", "@easel_bot"))

    assert board.all() == (Presence("discord", "Easel"), Presence("telegram", "@easel_bot"))


@pytest.mark.parametrize(
    ("presence", "up"),
    [
        (Presence("telegram"), False),
        (Presence("telegram", "@easel_bot"), True),
        (Presence("telegram", "@easel_bot", Fault()), False),
        (Presence("telegram", None, Fault()), False),
    ],
)
def test_a_platform_is_up_once_it_has_a_name_and_no_trouble(presence: Presence, *, up: bool) -> None:
    assert presence.up is up


async def test_whoever_waits_for_a_change_is_told_of_it_and_then_waits_for_the_next() -> None:
    board = Board()
    waiting = asyncio.create_task(board.changed())
    await asyncio.sleep(0)

    board.set(Presence("telegram"))
    await waiting

    again = asyncio.create_task(board.changed())
    await asyncio.sleep(0)
    assert not again.done()
    board.set(Presence("telegram", "@easel_bot"))
    await again
