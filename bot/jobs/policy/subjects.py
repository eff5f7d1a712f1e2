"""Whom operators mean: a person or a chat."""

from __future__ import annotations

import re

from bot.jobs.model import Place
from bot.jobs.policy.errors import BadSubject

_SUBJECT = re.compile(r"([a-z][a-z0-9]*)([:/][^\s:/]\S{0,199})", re.IGNORECASE)
_HERE = frozenset({"here", "这里", "此处"})
_SHOWN = 40


def read_subject(text: str, here: Place | None = None) -> str:
    """A person's id (``telegram:1234``) or a chat's subject (``telegram/-100123``); ``here`` is the chat `here`.

    Raises:
        BadSubject: It is neither.
    """
    typed = text.strip()
    if here and typed.casefold() in _HERE:
        return here.subject
    if found := _SUBJECT.fullmatch(typed):
        return found[1].lower() + found[2]
    raise BadSubject(subject=typed[:_SHOWN])
