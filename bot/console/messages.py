"""What the page shows, as values: the chat's messages, and the queue and servers beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from bot.chat.card import StatusCard
from bot.jobs.model import Action, State


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture in the chat, or a file that is none (width and height 0).

    `id` cannot be guessed: whoever knows it may see the picture. `original` is the SHA-256, in the media store, of
    the file as the server made it; None for what a person attached. `name` is safe to save it under.
    """

    id: str
    name: str
    data: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    original: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the person said. `of` is which picture of the message replied to was meant."""

    text: str
    pictures: tuple[Shown, ...] = ()
    of: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What Easel answered in words."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A job's pictures."""

    job: str
    title: str
    lines: tuple[str, ...]
    pictures: tuple[Shown, ...]
    actions: tuple[Action, ...]


Content: TypeAlias = Said | Told | StatusCard | Finished


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of the chat. `number` is its place in it, counted from 1; `reply_to` another message's id."""

    id: str
    number: int
    content: Content
    reply_to: str | None = None

    @property
    def pictures(self) -> tuple[Shown, ...]:
        """The pictures in it."""
        return self.content.pictures if isinstance(self.content, Said | Finished) else ()


@dataclass(frozen=True, slots=True)
class SideJob:
    """One line of the queue. `own`: the console's own. `position` 1 is next; `progress` is 0..1 while it runs."""

    job: str
    owner: str
    own: bool
    title: str
    state: State
    position: int | None
    progress: float | None


@dataclass(frozen=True, slots=True)
class SideServer:
    """One server, everybody's prompts counted. None: it does not answer."""

    name: str
    running: int | None
    pending: int | None


@dataclass(frozen=True, slots=True)
class Side:
    """What stands beside the chat."""

    jobs: tuple[SideJob, ...] = ()
    servers: tuple[SideServer, ...] = ()
