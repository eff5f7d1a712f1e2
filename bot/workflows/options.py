"""Roles, and the options a person may set through them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

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
    dashes, the preferred one first (``("w", "width")``). `default` None: taken from the person (prompt), made
    anew (seed), or attached (image). `multiple_of`: typed numbers are rounded to it (pixels for sizes).
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
