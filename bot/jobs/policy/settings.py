"""How a chat is set, as people type and read it: keys and values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from bot.errors import Span
from bot.jobs.model import ChatSettings
from bot.jobs.policy.errors import BadChatSetting, BadSpan, NoSuchChatSetting
from bot.jobs.policy.limits import CHAT_LIMITS, SECONDS
from bot.jobs.policy.spans import read_span, write_span
from bot.workflows.nearest import nearest

DEFAULT = "default"
"""The value that takes a setting back, so that the chat is as the house is."""

_LIMITS = {name.replace("_", "-"): name for name in CHAT_LIMITS}
KEYS = ("language", "workflow", "size", "spoiler", "previews", "adult", *_LIMITS)
"""Everything a chat can set, in the order in which it is told."""

_SWITCH = {
    **dict.fromkeys(("on", "yes", "true", "1", "开", "是"), True),
    **dict.fromkeys(("off", "no", "false", "0", "关", "否"), False),
}
_SIZE = re.compile(r"([1-9]\d{0,4})\s*[x×*]\s*([1-9]\d{0,4})")
_SHOWN = 40


def change(settings: ChatSettings, key: str, value: str, *, languages: Collection[str]) -> ChatSettings:
    """The settings with one of them changed, or taken back (`DEFAULT`).

    `languages` are BCP 47 tags of those there are; a typed one means the nearest (``zh``: ``zh-CN``). Whether there is
    a workflow of that name is the caller's to know.

    Raises:
        NoSuchChatSetting: There is no such key.
        BadChatSetting: The value does not fit it.
    """
    key = _plain(key).strip("-").replace("_", "-")
    if key not in KEYS:
        raise NoSuchChatSetting(key[:_SHOWN], nearest(key, KEYS), KEYS)
    meant: Any = None if _plain(value) == DEFAULT else _meant(key, value, languages)
    if key in _LIMITS:
        others = (pair for pair in settings.limits if pair[0] != _LIMITS[key])
        return replace(settings, limits=(*others, *(() if meant is None else ((_LIMITS[key], meant),))))
    changed: dict[str, Any] = {key: bool(meant) if key == "adult" else meant}
    return replace(settings, **changed)


def values(settings: ChatSettings) -> dict[str, str]:
    """Every setting by key, as one would type it."""
    limits = dict(settings.limits)
    return {key: _written(key, limits.get(_LIMITS[key]) if key in _LIMITS else getattr(settings, key)) for key in KEYS}


def _written(key: str, value: Any) -> str:
    match value:
        case None:
            return DEFAULT
        case bool():
            return "on" if value else "off"
        case (width, height):
            return f"{width}x{height}"
        case int() | float():
            return write_span(Span(value)) if _LIMITS[key] in SECONDS else f"{value:.0f}"
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
    typed, expected = _plain(value), "seconds" if _LIMITS[key] in SECONDS else "pixels" if key == "pixels" else "whole"
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
