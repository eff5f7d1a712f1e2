"""The one error root. An error carries fields; its sentence is a Fluent text chosen by the front end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

_WORD_ENDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def kebab(name: str) -> str:
    """A class name as part of a Fluent id: ``NotAPicture`` is ``not-a-picture``."""
    return _WORD_ENDS.sub("-", name).lower()


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time in an error's fields or a text's arguments, told as ``3 h 12 min``."""

    seconds: float


@runtime_checkable
class Explainable(Protocol):
    """Whatever a Fluent text tells: errors, findings, a job's failure, one node's refusal."""

    @property
    def code(self) -> str:
        """The text's id."""

    @property
    def details(self) -> Mapping[str, object]:
        """The text's arguments. One that is explainable itself, or a tuple of such, is told in its place."""


class EaselError(Exception):
    """Something a person can be told about.

    Every subclass is a dataclass (``@dataclass(eq=False)``): its fields are what the text needs. The text's
    Fluent id is `code`; `tests/unit` holds that every subclass has one in every language.
    """

    @property
    def code(self) -> str:
        """Fluent message id: ``error-`` and the class name in kebab case (``UnknownFlag``: ``error-unknown-flag``)."""
        return f"error-{kebab(type(self).__name__)}"

    @property
    def details(self) -> dict[str, object]:
        """The fields by name, as arguments for the text."""
        return {name: getattr(self, name) for name in getattr(self, "__dataclass_fields__", ())}

    def __str__(self) -> str:
        """For log lines, never for people."""
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.details.items())})"
