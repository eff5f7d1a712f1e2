"""What it means that somebody has edited a message. Pure but for what is remembered."""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum, auto

from bot.chat.ports import Incoming
from bot.jobs.model import Job, State

WINDOW = 60.0
"""So many seconds after a job was accepted, another wording may still take its place."""

_REMEMBERED = 1000
"""So many of the newest messages' texts."""


class Edit(Enum):
    """What follows from an edit."""

    ANSWER = auto()
    """The message counts as if it was said just now."""
    REPLACE = auto()
    """As that, and a new job takes the place of the one that the message made before."""
    IGNORE = auto()


def meaning(job: Job | None, now: float) -> Edit:
    """What follows from an edit at `now` (seconds since the epoch) of the message that asked for `job`, if for one.

    Of a message that came to nothing the new wording is another try. A job that has begun goes on, and so does one
    whose message was edited too late: who edits old messages wants no more pictures.
    """
    if job is None:
        return Edit.ANSWER
    if now - job.times.accepted > WINDOW:
        return Edit.IGNORE
    if job.cancelling or job.state in (State.CANCELLED, State.FAILED):
        return Edit.ANSWER
    return Edit.REPLACE if job.state in (State.ACCEPTED, State.QUEUED) else Edit.IGNORE


class Wordings:
    """The newest messages' texts: platforms also call it an edit when no word has changed."""

    def __init__(self) -> None:
        self._texts: OrderedDict[tuple[str, str, str], str] = OrderedDict()

    def repeats(self, incoming: Incoming) -> bool:
        """Whether the message said the same the last time; what it says now is remembered.

        Of one with pictures nobody can tell: these may be others.
        """
        key = (incoming.place.platform, incoming.place.chat, incoming.message)
        before = self._texts.pop(key, None)
        self._texts[key] = incoming.text
        if len(self._texts) > _REMEMBERED:
            self._texts.popitem(last=False)
        return before == incoming.text and not incoming.pictures
