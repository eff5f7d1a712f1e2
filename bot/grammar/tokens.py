"""Text to its flags, and what quotes and backslashes mean. Knows nothing of workflows.

A flag is a run of dashes directly followed by a letter, at an *edge*: the start, or behind white space. Two hyphens
or one longer dash make a run, because phones turn ``--`` into an em-dash; so ``a fox — running`` and ``1990—2000``
are prose. Chinese is written without spaces, hence two hyphens and a Latin letter are a flag behind a Chinese
character too (``雪，--w 1920``); a long dash there is punctuation (``——鲁迅``).

At an edge, a backslash makes the flag or the quote behind it ordinary text and is itself taken away (one of them,
where there are several); elsewhere a backslash is what it looks like. Text between double quotes that open at an edge
holds no flags. Quotes of the prompt stay in it: models read them as lettering.

Everything here takes time linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_PAIRS = ('""', "''", "“”", "‘’", "「」", "『』")
_OPENERS = "".join(pair[0] for pair in _PAIRS)
_SHELTERS = tuple(pair for pair in _PAIRS if pair[0] not in "'‘")  # an apostrophe shelters nothing: rock 'n' roll

_INVISIBLE = "\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"  # zero width, bidi; not the emoji's joiners
_CHINESE = (
    "\u3001-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # punctuation, kana, ideographs
    "\uff01-\uff0c\uff0e\uff0f\uff1a-\uff20"  # full-width punctuation without the hyphen
)
_HYPHEN = "\\-\u2010\u2011\u2212\uff0d"
_LONG = "–—―⸺⸻"
_LATIN = "A-Za-zＡ-Ｚａ-ｚ"
_SEPARATORS = ",;，；、。"


def _between(pair: str) -> str:
    return f"{pair[0]}[^{pair}]*+{pair[1]}"


_EDGE = rf"""
    (?: (?<! [^\s{_INVISIBLE}] )
      | (?<= [{_CHINESE}] ) (?= \\*+ (?: [{_HYPHEN}]{{2,}}+ [{_LATIN}] | [{_OPENERS}] ) )
    )"""
_MARK = re.compile(
    rf"""{_EDGE} (?P<backslashes> \\++ )?+
    (?: (?: [{_LONG}] | [{_HYPHEN}][{_HYPHEN}{_LONG}] ) [{_HYPHEN}{_LONG}]*+
        (?P<name> [^\W\d_] [\w{_HYPHEN}{_INVISIBLE}]*+ ) (?P<attached> [=＝:：] )?
      | (?(backslashes)
          [{_OPENERS}]
        | (?: (?P<shelter> {"|".join(map(_between, _SHELTERS))} ) | [{"".join(pair[0] for pair in _SHELTERS)}] )
        )
    )""",
    re.VERBOSE,
)
_QUOTED = re.compile(rf"\s*+(?P<quoted>{'|'.join(map(_between, _PAIRS))})(?!\S)")
_WORD = re.compile(r"\s*+(\S++)")
_SHORT_WORD = re.compile(r"\s*+((?:[^\s，；、。]|，(?=\d))++)[，；、。]*+")
_UNSEEN = re.compile(f"[{_INVISIBLE}]")


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag as typed.

    `name` is in its normal form. `rest` is everything up to the next flag, as typed. `attached`: an equals sign or a
    colon came directly behind the name.
    """

    name: str
    attached: bool
    rest: str


def split(text: str) -> tuple[str, tuple[Flag, ...]]:
    """The text before the first flag, and the flags in their order."""
    marks: list[re.Match[str]] = []
    position = 0
    while mark := _MARK.search(text, position):
        position = mark.end()
        if mark["name"] and not mark["backslashes"]:
            marks.append(mark)
            if value := _QUOTED.match(text, position):
                position = value.end()
    ends = [*(mark.start() for mark in marks), len(text)]
    return text[: ends[0]], tuple(
        Flag(normal(mark["name"]), mark["attached"] is not None, text[mark.end() : end])
        for mark, end in zip(marks, ends[1:], strict=True)
    )


def unescape(text: str) -> str:
    """Text without the backslashes that made something ordinary."""
    return _MARK.sub(lambda mark: mark[0][1:] if mark["backslashes"] else mark[0], text)


def escape(text: str) -> str:
    """Text that `split` finds no flag in, also with more text behind it, and that `unescape` gives back."""
    return _MARK.sub(lambda mark: mark[0] if mark["shelter"] else "\\" + mark[0], text)


def take_quoted(text: str) -> tuple[str, str] | None:
    """What is between the quotes that the text begins with, and the text behind them; None without quotes."""
    match = _QUOTED.match(text)
    return (match["quoted"][1:-1], text[match.end() :]) if match else None


def take_word(text: str) -> tuple[str, str]:
    """The first word, or what is between quotes, and the text behind it. The word is empty where there is none."""
    if quoted := take_quoted(text):
        return quoted
    match = _WORD.match(text)
    return (unescape(match[1]), text[match.end() :]) if match else ("", "")


def take_short_word(text: str) -> tuple[str, str]:
    """As `take_word`, without a comma that ends the word; a Chinese one does even where no space follows."""
    if quoted := take_quoted(text):
        return quoted
    match = _SHORT_WORD.match(text)
    return (trim(match[1]), text[match.end() :]) if match else ("", text)


def quote(value: str) -> str:
    """The value so that `take_word` gives it back: bare if it can be, else in quotes it does not contain.

    A value that holds every kind of quote is escaped instead. That is good for a value that goes up to the next flag,
    and for white space in a choice.
    """
    if value and value[0] not in _OPENERS and escape(value) == value and not re.search(r"\s", value):
        return value
    for pair in _PAIRS:
        if not set(pair) & set(value):
            return f"{pair[0]}{value}{pair[1]}"
    return escape("\\" + value)[1:] if value[0] in _OPENERS else escape(value)


def trim(word: str) -> str:
    """A word without the commas and the like that end it."""
    return word.rstrip(_SEPARATORS)


def half_width(text: str) -> str:
    """Full-width letters, digits and signs as half-width ones (NFKC), without characters that nobody sees."""
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).strip()


def normal(text: str) -> str:
    """The form in which names are compared: case, width, white space and ``_`` or ``-`` do not matter."""
    return re.sub(rf"[_{_HYPHEN}]", "-", " ".join(half_width(text).casefold().split()))


def shown(text: str, limit: int = 40) -> str:
    """A piece of somebody's text short enough to be named in a sentence."""
    line = " ".join(text[: 4 * limit].split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
