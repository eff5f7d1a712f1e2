"""What somebody may ask for, and how much of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Rank(StrEnum):
    """What somebody is to Easel at this moment, in this chat."""

    OPERATOR = "operator"
    ADMIN = "admin"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one person in one chat. 0: no limit; an empty set: all.

    `waiting` counts jobs that have not ended; `jobs_per_day` and `gpu_seconds_per_day` what the last 24 hours have
    seen; `cooldown` is seconds between two jobs; `pixels` width times height of a picture, an input's as well;
    `steps` and `batch` one request's. `workflows` and `server_tags` are what may be used: a server with one of these
    tags. `weight` is this person's share of a queue: with 2, two jobs to everybody's one.
    """

    waiting: int = 5
    jobs_per_day: int = 0
    gpu_seconds_per_day: float = 0.0
    cooldown: float = 0.0
    pixels: int = 4_194_304
    steps: int = 100
    batch: int = 8
    workflows: frozenset[str] = frozenset()
    server_tags: frozenset[str] = frozenset()
    weight: float = 1.0

    def replaced(self, by: Iterable[tuple[str, float]]) -> Limits:
        """With what an operator gave a chat (`ChatSettings.granted`), be it more or less."""
        given: dict[str, Any] = {name: _exact(name, value) for name, value in by if name in CHAT_LIMITS}
        return replace(self, **given)

    def tightened(self, by: Iterable[tuple[str, float]]) -> Limits:
        """With a chat's own limits (`ChatSettings.limits`): of each pair, the one that allows less."""
        return self.replaced((name, value) for name, value in by if name in CHAT_LIMITS and self.covers(name, value))

    def covers(self, name: str, value: float) -> bool:
        """Whether the limit of that name, were it `value`, would allow nothing that it does not allow now."""
        return _looseness(name, value) <= _looseness(name, getattr(self, name))


UNLIMITED = Limits(waiting=0, pixels=0, steps=0, batch=0)

CHAT_LIMITS = ("waiting", "jobs_per_day", "gpu_seconds_per_day", "cooldown", "pixels", "steps", "batch")
"""The limits that operators may set for a chat, and its admins make tighter."""

SECONDS = ("gpu_seconds_per_day", "cooldown")
"""Those of them that are lengths of time."""


def _exact(name: str, value: float) -> float:
    return float(value) if name in SECONDS else math.ceil(value)


def _looseness(name: str, value: float) -> float:
    return -value if name == "cooldown" else value or math.inf
