"""How a chat is set, as people type and read it: keys and values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import Span
from bot.jobs.model import ChatSettings
from bot.jobs.policy.errors import BadChatSetting, BadSpan, NoSuchChatSetting
from bot.jobs.policy.limits import CHAT_LIMITS, SECONDS, Rank
from bot.jobs.policy.spans import read_span, write_span
from bot.workflows.nearest import nearest

DEFAULT = "default"
"""The value that takes a setting back, so that the chat is as the house is."""

LIMIT_KEYS = {name.replace("_", "-"): name for name in CHAT_LIMITS}
"""The keys of limits, with the names of the limits."""
KEYS = ("language", "workflow", "size", "spoiler", "previews", "adult", *LIMIT_KEYS)
"""Everything a chat can set, in the order in which it is told."""

_SWITCH = {
    **dict.fromkeys(("on", "yes", "true", "1", "开", "是"), True),
    **dict.fromkeys(("off", "no", "false", "0", "关", "否"), False),
}
_SIZE = re.compile(r"([1-9]\d{0,4})\s*[x×*]\s*([1-9]\d{0,4})")
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as somebody wants it, by its key. `value` None: as everywhere."""

    key: str
    value: str | float | tuple[int, int] | None

    def __str__(self) -> str:
        """As one would type it."""
        return f"{self.key} {written(self.key, self.value)}"

    def made(self, settings: ChatSettings, rank: Rank) -> ChatSettings:
        """The settings with this one made by an operator, or by an admin.

        An operator's limit stands in place of the house's, and takes back what an admin had made of it.
        """
        name = LIMIT_KEYS.get(self.key)
        if name is None:
            changed: dict[str, Any] = {self.key: bool(self.value) if self.key == "adult" else self.value}
            return replace(settings, **changed)
        if rank is not Rank.OPERATOR:
            return replace(settings, limits=self._among(settings.limits, name))
        taken_back = tuple(pair for pair in settings.limits if pair[0] != name)
        return replace(settings, limits=taken_back, granted=self._among(settings.granted, name))

    def _among(self, limits: Iterable[tuple[str, float]], name: str) -> tuple[tuple[str, float], ...]:
        mine = ((name, self.value),) if isinstance(self.value, int | float) else ()
        return (*(pair for pair in limits if pair[0] != name), *mine)


def read_setting(key: str, value: str, *, languages: Collection[str]) -> Setting:
    """The setting that somebody means; `DEFAULT` takes it back.

    `languages` are BCP 47 tags of those there are; a typed one means the nearest (``zh``: ``zh-CN``). Whether there is
    a workflow of that name is the caller's to know.

    Raises:
        NoSuchChatSetting: There is no such key.
        BadChatSetting: The value does not fit it.
    """
    key = read_key(key)
    return Setting(key, None if _plain(value) == DEFAULT else _meant(key, value, languages))


def read_key(text: str) -> str:
    """The key that somebody means.

    Raises:
        NoSuchChatSetting: There is no such key.
    """
    key = _plain(text).strip("-").replace("_", "-")
    if key not in KEYS:
        raise NoSuchChatSetting(key[:_SHOWN], nearest(key, KEYS), KEYS)
    return key


def written(key: str, value: object) -> str:
    """The value of a setting, as one would type it."""
    match value:
        case None:
            return DEFAULT
        case bool():
            return "on" if value else "off"
        case (width, height):
            return f"{width}x{height}"
        case int() | float():
            return write_span(Span(value)) if value and LIMIT_KEYS[key] in SECONDS else f"{value:.0f}"
        case _:
            return str(value)


def _meant(key: str, value: str, languages: Collection[str]) -> str | float | tuple[int, int]:
    typed = _plain(value)
    match key:
        case "workflow" if typed:
            return value.strip()
        case "workflow":
            raise BadChatSetting(key, "", "workflow")
        case "language":
            for language in languages:
                if language.casefold().split("-")[0] == typed.split("-")[0]:
                    return language
            raise BadChatSetting(key, value[:_SHOWN], "language", tuple(languages))
        case "size":
            return _size(key, value)
        case "spoiler" | "previews" | "adult":
            if typed in _SWITCH:
                return _SWITCH[typed]
            raise BadChatSetting(key, value[:_SHOWN], "switch")
        case _:
            return _limit(key, value)


def _limit(key: str, value: str) -> float:
    typed, expected = (
        _plain(value),
        "seconds" if LIMIT_KEYS[key] in SECONDS else "pixels" if key == "pixels" else "whole",
    )
    if re.fullmatch(r"\d{1,9}", typed):
        return int(typed)
    try:
        if expected == "seconds":
            return round(read_span(typed).seconds)
        if expected == "pixels":
            width, height = _size(key, value)
            return width * height
    except (BadSpan, BadChatSetting):
        pass
    raise BadChatSetting(key, value[:_SHOWN], expected)


def _size(key: str, value: str) -> tuple[int, int]:
    if found := _SIZE.fullmatch(_plain(value)):
        return int(found[1]), int(found[2])
    raise BadChatSetting(key, value[:_SHOWN], "size")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
