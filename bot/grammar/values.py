"""The text behind a flag, to the value of an option."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import islice

from bot.grammar.errors import (
    FlagWithoutValue,
    NoSuchChoice,
    NotNumeric,
    NotWhole,
    NotYesOrNo,
    OutOfBounds,
    PictureIsAttached,
    ValueTooLong,
)
from bot.grammar.tokens import (
    Flag,
    half_width,
    normal,
    shown,
    take_quoted,
    take_short_word,
    take_word,
    trim,
    unescape,
)
from bot.workflows.nearest import nearest
from bot.workflows.options import Kind, Option, Value

# More than any chat lets people send in one message, and many times what a text encoder reads (77 to 512 tokens).
TEXT_LIMIT = 8_000
# Every float can be written in fewer digits than this, and Python reads no whole number of more than 4300.
_NUMBER_LIMIT = 400
_NAMES_SHOWN = 12

_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<whole>\d*)(?:(?P<point>[.,])(?P<fraction>\d*))?")
_MINUS = re.compile(r"^[\u2010-\u2015\u2212]")  # whatever a keyboard made of the sign
_CHINESE_STOP = re.compile(r"[，；、。]+")
_YES = frozenset({"yes", "y", "on", "true", "1", "是", "开"})
_NO = frozenset({"no", "n", "off", "false", "0", "否", "关"})


def take(option: Option, flag: Flag) -> tuple[Value, str]:
    """The value that a flag gives an option, as typed, and the text behind it, which goes on being prompt.

    Raises:
        GrammarError: There is none, or it is not one the option can have.
    """
    match option.kind:
        case Kind.IMAGE:
            raise PictureIsAttached(flag.name)
        case Kind.SWITCH:
            return _take_switch(flag)
        case Kind.INTEGER | Kind.NUMBER:
            return _take_number(option, flag)
        case Kind.TEXT | Kind.CHOICE:
            if not flag.rest.strip():
                raise FlagWithoutValue(flag.name, example(option))
            text, rest = _take_text(flag) if option.kind is Kind.TEXT else _take_choice(option, flag)
            if len(text) > TEXT_LIMIT:
                raise ValueTooLong(flag.name, len(text), TEXT_LIMIT)
            return text, rest


def used(option: Option, value: Value) -> Value:
    """What becomes of a value: numbers go to the nearest multiple that the option wants, within its bounds.

    Of two equally near ones it is the larger.
    """
    step = option.multiple_of
    if not step or isinstance(value, bool | str):
        return value
    lowest, highest = limits(option)
    least = math.ceil(lowest / step)
    most = math.inf if math.isinf(highest) else math.floor(highest / step)
    if least > most:  # no multiple fits: the bounds weigh more
        return value
    steps = value // step + (2 * (value % step) >= step)
    return type(value)(min(max(steps, least), most) * step)


def fits(option: Option, value: Value) -> bool:
    """Whether the option can have a value that was set elsewhere."""
    match option.kind:
        case Kind.INTEGER | Kind.NUMBER:
            number = isinstance(value, int) or (isinstance(value, float) and option.kind is Kind.NUMBER)
            return number and not isinstance(value, bool | str) and _within(option, value)
        case Kind.SWITCH:
            return isinstance(value, bool)
        case Kind.CHOICE:
            return isinstance(value, str) and (not option.choices or value in option.choices)
        case Kind.TEXT:
            return isinstance(value, str)
        case Kind.IMAGE:
            return False


def limits(option: Option) -> tuple[float, float]:
    """The bounds of a number, infinite where there are none. What comes in multiples is at least 1."""
    lowest = option.minimum if option.minimum is not None else 1 if option.multiple_of else -math.inf
    return lowest, math.inf if option.maximum is None else option.maximum


def check_bounds(option: Option, number: float, flag: str, typed: str) -> None:
    """Hold a number against the bounds of its option.

    Raises:
        OutOfBounds: It is outside; the error names `flag` and what was `typed`.
    """
    if not _within(option, number):
        raise OutOfBounds(flag, shown(typed), *map(_finite, limits(option)))


def choose(text: str, choices: Sequence[str]) -> tuple[str, str] | None:
    """The choice that a text begins with, the longest if there are several, and the text behind it.

    Case, full width and a comma that ends the word do not matter.
    """
    by_form = {normal(choice): choice for choice in reversed(choices)}

    def known(word: str) -> str | None:
        return word if word in choices else by_form.get(normal(word), by_form.get(normal(trim(word))))

    if quoted := take_quoted(text):
        candidates = [quoted]
    else:
        longest = max((len(choice.split()) for choice in choices), default=1)
        ends = [word.end() for word in islice(re.finditer(r"\S++", text), max(longest, 1))]
        candidates = [(unescape(text[:end]).strip(), text[end:]) for end in reversed(ends)]
        if stop := _CHINESE_STOP.search(text):
            candidates.append((unescape(text[: stop.start()]).strip(), text[stop.end() :]))
    return next(((choice, rest) for word, rest in candidates if (choice := known(word)) is not None), None)


def shortlist(names: Sequence[str]) -> tuple[str, ...]:
    """As many names as fit a sentence."""
    more = ("…",) if len(names) > _NAMES_SHOWN else ()
    return (*map(shown, names[:_NAMES_SHOWN]), *more)


def example(option: Option) -> str:
    """A value the option could have, as one would type it."""
    if option.default not in (None, ""):
        return shown(str(option.default))
    if option.kind in (Kind.INTEGER, Kind.NUMBER):
        return str(_finite(limits(option)[0]) or 1)
    return shown(option.choices[0]) if option.choices else "…"


def _take_text(flag: Flag) -> tuple[str, str]:
    text, rest = take_quoted(flag.rest) or (unescape(flag.rest), "")
    return text.strip(), rest


def _take_switch(flag: Flag) -> tuple[bool, str]:
    if not flag.attached:
        return True, flag.rest
    word, rest = take_short_word(flag.rest)
    answer = normal(word)
    if not answer:
        raise FlagWithoutValue(flag.name, "yes")
    if answer not in _YES | _NO:
        raise NotYesOrNo(flag.name, shown(word))
    return answer in _YES, rest


def _take_choice(option: Option, flag: Flag) -> tuple[str, str]:
    if not option.choices:
        return take_word(flag.rest)
    found = choose(flag.rest, option.choices)
    if found is None:
        word = shown(trim(take_word(flag.rest)[0]))
        raise NoSuchChoice(flag.name, word, nearest(word, option.choices), shortlist(option.choices))
    return found


def _take_number(option: Option, flag: Flag) -> tuple[int | float, str]:
    word, rest = take_short_word(flag.rest)
    if not word:
        raise FlagWithoutValue(flag.name, example(option))
    match = _NUMBER.fullmatch(_MINUS.sub("-", half_width(word)))
    number = _number(match, option.kind) if match and len(word) <= _NUMBER_LIMIT else None
    if number is None:
        raise NotNumeric(flag.name, shown(word), example(option))
    if option.kind is Kind.INTEGER and isinstance(number, float):
        raise NotWhole(flag.name, shown(word))
    check_bounds(option, number, flag.name, word)
    return number, rest


def _number(match: re.Match[str], kind: Kind) -> int | float | None:
    """The number, an int where it has to be one and is. None: no number, or its comma may part thousands."""
    sign, whole, fraction = match["sign"], match["whole"], match["fraction"] or ""
    thousands = match["point"] == "," and len(fraction) == len("000") and whole.strip("0")
    if not whole + fraction or thousands:
        return None
    if kind is Kind.INTEGER and not fraction.strip("0"):
        return int(f"{sign}{whole or 0}")
    number = float(f"{sign}{whole or 0}.{fraction or 0}")
    return number if math.isfinite(number) else None


def _within(option: Option, number: float) -> bool:
    lowest, highest = limits(option)
    return lowest <= number <= highest


def _finite(bound: float) -> int | float | None:
    if math.isinf(bound):
        return None
    return int(bound) if bound == int(bound) else bound
