"""``--pick N``: which of several pictures to start from. No option of a workflow, so it is read before those. Pure."""

from __future__ import annotations

from bot.grammar.errors import RepeatedFlag
from bot.grammar.menu import Menu, Vocabulary
from bot.grammar.tokens import split
from bot.grammar.values import take
from bot.workflows.options import Kind, Option

_PICK = Option("pick", Kind.INTEGER, ("pick",), minimum=1)


def take_pick(text: str, menu: Menu) -> tuple[int | None, str]:
    """The number that is picked, counted from 1, and the text without it; None: none is.

    Where a workflow has a ``--pick`` of its own, every one is the workflow's.

    Raises:
        GrammarError: What follows it is no number from 1 on, or it is there twice with different ones.
    """
    head, flags = split(text)
    if all(flag.name != _PICK.name for flag in flags) or _is_taken(menu):
        return None, text
    pieces, picked = [head], None
    for flag in flags:
        if flag.name != _PICK.name:
            pieces.append(f"--{flag.name}{'=' if flag.attached else ''}{flag.rest}")
            continue
        number, rest = take(_PICK, flag)
        if picked not in (None, number):
            raise RepeatedFlag(flag.name, str(picked), str(number))
        picked = int(number)
        pieces.append(rest.lstrip())
    return picked, "".join(pieces)


def _is_taken(menu: Menu) -> bool:
    return any(Vocabulary(options).meaning(_PICK.name) for options in menu.workflows.values())
