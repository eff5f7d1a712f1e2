"""What somebody may ask for, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


UNLIMITED = Limits(waiting=0, pixels=0, steps=0, batch=0)
