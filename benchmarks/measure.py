"""One line of the table, and what figures are made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """`number` in `unit`; `beside` says what it was held against in the same run; `target` is what we aim at."""

    name: str
    number: float
    unit: str = ""
    beside: str = ""
    target: str = ""

    @property
    def value(self) -> str:
        return f"{self.number:,.3g} {self.unit}".strip() if self.number < 1000 else f"{self.number:,.0f} {self.unit}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def percentile(figures: Sequence[float], percent: float) -> float:
    """The smallest of them that so many percent do not exceed."""
    ordered = sorted(figures)
    return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)]


def most_within(seconds: float, moments: Iterable[float]) -> int:
    """The largest number of moments, in their order, within so many seconds."""
    window: list[float] = []
    most = 0
    for moment in moments:
        window = [each for each in window if moment - each < seconds]
        window.append(moment)
        most = max(most, len(window))
    return most
