"""Everything people read, in their language (Fluent)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import fluent_number

from bot.errors import Explainable, Span

LANGUAGES = ("en", "zh-CN")
_SPACE = {"en": " ", "zh-CN": ""}
_COMMA = {"en": ", ", "zh-CN": "、"}
_UNITS = (("span-days", 86_400), ("span-hours", 3600), ("span-minutes", 60), ("span-seconds", 1))


class Texts:
    """The texts of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        # isolation marks are for mixed-direction web pages; terminals and chats show them as boxes
        self._bundle = FluentBundle([language, "en"], use_isolating=False)
        for file in sorted((files("bot") / "locales" / language).iterdir(), key=lambda file: file.name):
            if file.name.endswith(".ftl"):
                self._bundle.add_resource(FluentResource(file.read_text("utf-8")))

    def say(self, text: str, /, **arguments: Any) -> str:
        """The text of that id.

        Numbers are written without grouping (a seed is no amount); tuples are joined; None is ``none``, for a text to
        select on.

        Raises:
            KeyError: This language has no such text, or the text asks for an argument that was not given.
        """
        message = self._bundle.get_message(text)
        if message.value is None:
            raise KeyError(text)
        said, errors = self._bundle.format_pattern(message.value, self._fluent(arguments))
        if errors:
            raise KeyError(f"{text} in {self.language}: {errors[0]}")
        return str(said)

    def explain(self, what: Explainable) -> str:
        """What an error or a finding means to a person, and what to do about it."""
        return self.say(what.code, **what.details)

    def span(self, span: Span) -> str:
        """A length of time in its two largest units, rounded up, so that a wait as long as told is enough."""
        seconds = max(math.ceil(span.seconds), 0)
        for (unit, size), (part, step) in pairwise(_UNITS):
            whole, rest = divmod(-(-seconds // step), size // step)
            if whole:
                said = self.say(unit, count=whole)
                return f"{said} {self.say(part, count=rest)}" if rest else said
        return self.say("span-seconds", count=seconds)

    def ids(self) -> frozenset[str]:
        """Every text there is."""
        return frozenset(self._bundle._messages)  # noqa: SLF001 - fluent.runtime 0.4 lists them nowhere else

    def _fluent(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._argument(value) for name, value in arguments.items()}

    def _argument(self, value: Any) -> Any:
        match value:
            case None | bool():
                return "none" if value is None else str(value).lower()
            case int() | float():
                return fluent_number(value, useGrouping=False)
            case Span():
                return self.span(value)
            case Explainable():
                return self.explain(value)
            case tuple() | list():
                between = _SPACE if any(isinstance(item, Explainable) for item in value) else _COMMA
                return between[self.language].join(str(self._argument(item)) for item in value)
            case _:
                return str(value)


def texts_for(language: str | None) -> Texts:
    """The texts nearest to a BCP 47 tag (``zh-TW``, ``zh-hans``: ``zh-CN``); English where nothing is near."""
    return _texts("zh-CN" if (language or "").lower().startswith("zh") else "en")


_texts = cache(Texts)
