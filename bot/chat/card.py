"""What a chat shows of a job, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.jobs.model import Action


class Tone(StrEnum):
    """How a card looks at a glance."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press under a message."""

    action: Action
    label: str


@dataclass(frozen=True, slots=True)
class StatusCard:
    """The status of one job. `progress` is 0..1, None while nothing is known to move.

    `preview` is a small JPEG or PNG of the picture as it stands. `final`: no other card follows.
    """

    job: str
    tone: Tone
    title: str
    lines: tuple[str, ...] = ()
    progress: float | None = None
    preview: bytes | None = field(default=None, repr=False)
    buttons: tuple[Button, ...] = ()
    final: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """Something to say. `command` stands below the text, apart from it: something to send as it is."""

    text: str
    command: str | None = None


@dataclass(frozen=True, slots=True)
class ResultPicture:
    """One picture, fitted to the platform. `sha256` is the untouched original's in the media store."""

    data: bytes = field(repr=False)
    name: str
    media_type: str
    width: int
    height: int
    sha256: str
    as_document: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """A finished job's pictures with their caption and buttons. `spoiler`: they are posted covered."""

    job: str
    title: str
    lines: tuple[str, ...]
    pictures: tuple[ResultPicture, ...]
    buttons: tuple[Button, ...]
    spoiler: bool = False
