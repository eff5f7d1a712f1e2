"""``--size 1024x768`` and ``--ar 16:9``, to a width and a height."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from bot.grammar.errors import FlagWithoutValue, MalformedRatio, MalformedSize, RatioOutOfBounds
from bot.grammar.tokens import Flag, shown, take_quoted, take_word
from bot.grammar.values import limits, used
from bot.workflows.options import Option

_DEFAULT_SIDE = 1024  # of a workflow whose manifest gives no default size
_LARGEST = 16_384  # what ComfyUI's own nodes allow (MAX_RESOLUTION)

_END = r"(?=[\s,;，；、。]|$)[,;，；、。]*+"
_SIZE = re.compile(rf"\s*+(\d{{1,6}})\s*+[xX×*ｘＸ✕＊]\s*+(\d{{1,6}})(?:px)?{_END}")
_SIDE = r"(\d{1,5}+(?:[.．]\d{1,4}+)?+)"
_RATIO = re.compile(rf"\s*+{_SIDE}\s*+[:：∶/／xX×]\s*+{_SIDE}{_END}")


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels, as typed."""

    width: int
    height: int

    def __str__(self) -> str:
        """As people write it: ``1024x768``."""
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Width to height, both above 0."""

    width: float
    height: float

    def __str__(self) -> str:
        """As people write it: ``16:9``."""
        return f"{self.width:g}:{self.height:g}"


def take_size(flag: Flag) -> tuple[Size, str]:
    """The size as typed, and the text behind it.

    Raises:
        FlagWithoutValue, MalformedSize: There is nothing, or something else.
    """
    match, rest = _take(_SIZE, flag, example="1024x768")
    if match is None:
        raise MalformedSize(shown(take_word(flag.rest)[0]))
    return Size(int(match[1]), int(match[2])), rest


def take_ratio(flag: Flag) -> tuple[Ratio, str]:
    """The shape as typed, and the text behind it.

    Raises:
        FlagWithoutValue, MalformedRatio: There is nothing, or something else.
    """
    match, rest = _take(_RATIO, flag, example="16:9")
    width, height = (float(side.replace("．", ".")) for side in match.groups()) if match else (0.0, 0.0)
    if not width or not height:
        raise MalformedRatio(shown(take_word(flag.rest)[0]))
    return Ratio(width, height), rest


def shape(ratio: Ratio, sides: tuple[Option, Option], known: tuple[int | None, int | None]) -> tuple[int, int]:
    """A width and a height of that ratio, as the two options can have them.

    A known side is kept. Without one the picture has about as many pixels as the workflow's default, fewer where a
    side would grow out of its bounds.

    Raises:
        RatioOutOfBounds: The other side, or the smaller one, is out of bounds.
    """
    parts = (ratio.width, ratio.height)
    scales = [pixels / part for pixels, part in zip(known, parts, strict=True) if pixels is not None]
    if not scales:
        area = math.prod(_default(side) for side in sides)
        scales = [math.sqrt(area / math.prod(parts)), *(_largest(s) / p for s, p in zip(sides, parts, strict=True))]
    width, height = (
        round(min(scales) * part) if pixels is None else pixels for pixels, part in zip(known, parts, strict=True)
    )
    if not all(_smallest(s) <= n <= _largest(s) for s, n in zip(sides, (width, height), strict=True)):
        smallest, largest = ("×".join(str(bound(side)) for side in sides) for bound in (_smallest, _largest))
        raise RatioOutOfBounds(str(ratio), width, height, smallest, largest)
    return int(used(sides[0], width)), int(used(sides[1], height))


def _take(pattern: re.Pattern[str], flag: Flag, *, example: str) -> tuple[re.Match[str] | None, str]:
    if not flag.rest.strip():
        raise FlagWithoutValue(flag.name, example)
    if quoted := take_quoted(flag.rest):
        return pattern.fullmatch(quoted[0]), quoted[1]
    match = pattern.match(flag.rest)
    return match, flag.rest[match.end() :] if match else flag.rest


def _default(option: Option) -> float:
    return option.default if isinstance(option.default, int | float) and option.default > 0 else _DEFAULT_SIDE


def _smallest(option: Option) -> int:
    return math.ceil(max(limits(option)[0], 1))


def _largest(option: Option) -> int:
    return int(min(limits(option)[1], _LARGEST))
