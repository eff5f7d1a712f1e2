"""The one error root. An error carries fields; its sentence is a Fluent text chosen by the front end."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass


class EaselError(Exception):
    """Something a person can be told about.

    Every subclass is a dataclass (``@dataclass(eq=False)``): its fields are what the text needs. The text's
    Fluent id is `code`; `tests/unit` holds that every subclass has one in every language.
    """

    @property
    def code(self) -> str:
        """Fluent message id: ``error-`` and the class name in kebab case (``UnknownFlag``: ``error-unknown-flag``)."""
        return "error-" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(self).__name__).lower()

    @property
    def details(self) -> dict[str, object]:
        """The fields by name, as arguments for the text."""
        return {f.name: getattr(self, f.name) for f in fields(self)} if is_dataclass(self) else {}

    def __str__(self) -> str:
        """For log lines, never for people."""
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.details.items())})"
