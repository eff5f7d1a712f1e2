"""Which command a message is. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_COMMAND = re.compile(r"\s*[/／](?P<word>[^\s@/／]+)(?:@\S+)?(?:\s+(?P<rest>.*))?\s*\Z", re.DOTALL)


class Command(StrEnum):
    """What people may say to Easel, besides the commands that workflows bring."""

    IMAGINE = "imagine"
    QUEUE = "queue"
    CANCEL = "cancel"
    AGAIN = "again"
    INFO = "info"
    WORKFLOWS = "workflows"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A command word (lower case, without slash and bot name) and what follows it."""

    word: str
    rest: str


def split(text: str) -> Spoken:
    """The command of a message. Text without a slash is an `imagine`."""
    match = _COMMAND.match(text)
    if match is None:
        return Spoken(Command.IMAGINE, text.strip())
    return Spoken(match["word"].lower(), (match["rest"] or "").strip())
