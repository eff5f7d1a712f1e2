"""One line of the table."""

from __future__ import annotations

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
