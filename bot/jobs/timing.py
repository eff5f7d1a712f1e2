"""What running jobs know of time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a job waits, and by which clocks.

    A server may be silent for `grace` seconds before its jobs go elsewhere; where no other can take them they fail
    after `patience`. `clock` tells seconds since the epoch and may jump, `monotonic` never does.
    """

    grace: float
    patience: float
    clock: Callable[[], float]
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
