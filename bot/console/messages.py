"""What the page shows, as values: the chat's messages, and the queue and servers beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.chat.card import StatusCard
from bot.images.probe import inspect
from bot.jobs.model import Action


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

    @classmethod
    def attached(cls, id: str, data: bytes) -> Shown:  # noqa: A002 - the field's name
        """A picture that a person sent.

        Raises:
            ImageError: It is none.
        """
        info = inspect(data)
        return cls(id, f"picture.{info.format.lower()}", data, info.media_type, info.width, info.height)


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
    """A job's pictures. `spoiler`: they are covered until somebody wants to see them."""

    job: str
    title: str
    lines: tuple[str, ...]
    pictures: tuple[Shown, ...]
    actions: tuple[Action, ...]
    spoiler: bool = False


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


Lines: TypeAlias = Mapping[str, tuple[str, ...]]
"""The same in every language, by its tag: what stands beside the chat is one for all pages."""


@dataclass(frozen=True, slots=True)
class SideJob:
    """One line of the queue. `own`: the console's own. `lines` say how it stands; `progress` is 0..1 while it runs."""

    job: str
    owner: str
    own: bool
    title: str
    lines: Lines
    progress: float | None = None


@dataclass(frozen=True, slots=True)
class SideServer:
    """One server. `lines` say how it is; `away`: it does not answer; `drained`: it gets no new jobs."""

    name: str
    lines: Lines
    away: bool = False
    drained: bool = False


@dataclass(frozen=True, slots=True)
class SidePlatform:
    """One chat platform besides the console. `lines` say how it is; `away`: nobody there reaches us."""

    name: str
    lines: Lines
    away: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """What stands beside the chat. So many `more` jobs wait behind those that are listed."""

    jobs: tuple[SideJob, ...] = ()
    more: int = 0
    servers: tuple[SideServer, ...] = ()
    platforms: tuple[SidePlatform, ...] = ()
