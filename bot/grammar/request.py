"""What somebody asked, parsed; not yet checked against limits."""

from __future__ import annotations

from dataclasses import dataclass

from bot.workflows.options import Value


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A value that was changed so that the model can use it; people are told. E.g. width 1925 became 1928."""

    option: str
    asked: Value
    used: Value


@dataclass(frozen=True, slots=True)
class Request:
    """One picture wish.

    `values` holds what the person set, by option name, in the workflow's option order, without the prompt and
    without defaults. `adjustments` say what was rounded. `pick`: of several pictures there are to start from, it is
    the one of that number, from 1.
    """

    workflow: str
    prompt: str
    values: tuple[tuple[str, Value], ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    pick: int | None = None

    def value(self, name: str) -> Value | None:
        """What the person set for that option, or None."""
        return dict(self.values).get(name)
