"""Lengths of time as people type them."""

from __future__ import annotations

import re
import unicodedata

from bot.errors import Span
from bot.jobs.policy.errors import BadSpan

_UNITS = {
    1: ("s", "sec", "secs", "second", "seconds", "秒", "秒钟"),
    60: ("m", "min", "mins", "minute", "minutes", "分", "分钟"),
    3600: ("h", "hour", "hours", "时", "小时"),
    86_400: ("d", "day", "days", "天", "日"),
    604_800: ("w", "week", "weeks", "周", "星期"),
}
_SECONDS = {word: seconds for seconds, words in _UNITS.items() for word in words}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([^\W\d_]+)\s*")
_LONGEST = 10 * 365 * 86_400
_SHOWN = 40


def read_span(text: str) -> Span:
    """A length of time such as ``30 min``, ``2d 4h`` or ``3 小时``: at least a second, at most ten years.

    Raises:
        BadSpan: It is none.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    seconds, at = 0.0, 0
    while part := _PART.match(plain, at):
        seconds, at = seconds + float(part[1]) * _SECONDS.get(part[2], float("nan")), part.end()
    if at != len(plain) or not 1 <= seconds <= _LONGEST:
        raise BadSpan(text=text[:_SHOWN])
    return Span(seconds)


def write_span(span: Span) -> str:
    """The same length of time as it would be typed, in whole seconds, for a log that everybody reads."""
    parts, left = [], round(span.seconds)
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts) or "0 s"
