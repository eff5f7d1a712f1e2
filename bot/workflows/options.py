"""Roles, and the options a person may set through them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import TypeAlias

from bot.workflows.errors import ValueNotAChoice, ValueOutOfBounds, WrongValueKind
from bot.workflows.nearest import nearest

Value: TypeAlias = str | int | float | bool


class Role(StrEnum):
    """A named place in a workflow where a value goes in or comes out."""

    PROMPT = "prompt"
    NEGATIVE = "negative"
    WIDTH = "width"
    HEIGHT = "height"
    SEED = "seed"
    STEPS = "steps"
    GUIDANCE = "guidance"
    DENOISE = "denoise"
    BATCH = "batch"
    IMAGE = "image"
    MASK = "mask"
    MODEL = "model"
    LORA = "lora"
    OUTPUT = "output"


class Kind(StrEnum):
    """The type of an option's value. IMAGE and MASK are attached, never typed."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    CHOICE = "choice"
    SWITCH = "switch"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Option:
    """What a person may set.

    `name` is the role's, or the manifest's own for an extra option. `flags` are its chat spellings without
    dashes, the preferred one first (``("w", "width")``). `help` is the manifest's; empty for most, whose text is
    the Fluent message ``option-NAME``. `default` None: taken from the person (prompt), made anew (seed), attached
    (image), or left to the graph, which computes it. `multiple_of`: typed numbers are rounded to it (pixels for
    sizes). A CHOICE without choices is free text: only a server knows what it has.
    """

    name: str
    kind: Kind
    flags: tuple[str, ...]
    help: str = ""
    default: Value | None = None
    minimum: float | None = None
    maximum: float | None = None
    multiple_of: int | None = None
    choices: tuple[str, ...] = ()
    required: bool = False

    def exact(self, value: object) -> Value:
        """The value as it goes into the graph: the very same, but for a whole number where a fraction may stand.

        Raises `WrongValueKind`, `ValueOutOfBounds` or `ValueNotAChoice`.
        """
        match self.kind, value:
            case Kind.SWITCH, bool(switch):
                return switch
            case Kind.INTEGER, int(whole) if not isinstance(whole, bool):
                return self._within(whole)
            case Kind.INTEGER, float(number) if number.is_integer():
                return self._within(int(number))
            case Kind.NUMBER, int(number) | float(number) if not isinstance(number, bool):
                return self._within(float(number))
            case ((Kind.TEXT | Kind.IMAGE), str(text)):
                return text
            case Kind.CHOICE, str(choice):
                if self.choices and choice not in self.choices:
                    raise ValueNotAChoice(self.name, choice, self.choices, nearest(choice, self.choices))
                return choice
        raise WrongValueKind(self.name, str(value), self.kind.value)

    def _within(self, number: float) -> int | float:
        low, high = self.minimum, self.maximum
        if isnan(number) or (low is not None and number < low) or (high is not None and number > high):
            raise ValueOutOfBounds(self.name, number, low, high)
        return number
