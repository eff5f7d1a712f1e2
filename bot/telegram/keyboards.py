"""Buttons under a message, and what Telegram says when one is pressed. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.chat.card import Button
from bot.jobs.model import Action

T = TypeVar("T")

PER_ROW = 3
"""More on a phone, and their words are cut off."""

_DATA = re.compile(r"([a-z]{1,16}):([0-9a-z]{1,32})")
_ACTIONS = {action.value: action for action in Action}


def keyboard(job: str, buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """The buttons in rows as even as can be, for none of them to be so wide that it is pressed by accident."""
    if not buttons:
        return None
    keys = [InlineKeyboardButton(each.label, callback_data=data(each.action, job)) for each in buttons]
    return InlineKeyboardMarkup(evenly(keys, PER_ROW))


def evenly(items: Sequence[T], most: int) -> list[Sequence[T]]:
    """Cut into as few parts as can be, of at most so many items. They differ by one at most; the longer come first."""
    count = -(-len(items) // most)
    short, longer = divmod(len(items), max(count, 1))
    ends = [part * short + min(part, longer) for part in range(count + 1)]
    return [items[start:end] for start, end in pairwise(ends)]


def data(action: Action, job: str) -> str:
    """What a press tells us: ``again:k7m2qd``, far below the 64 bytes of Bot API 10.0, InlineKeyboardButton."""
    return f"{action.value}:{job}"


def parse(data: str) -> tuple[Action, str] | None:
    """What somebody pressed, and of which job; None: no button of ours says that."""
    found = _DATA.fullmatch(data)
    action = _ACTIONS.get(found[1]) if found else None
    return None if found is None or action is None else (action, found[2])
