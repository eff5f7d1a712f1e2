"""What Easel says as Telegram's text with entities. Pure.

No parse mode is ever used: what people typed is text, whatever signs are in it. Lengths and offsets are UTF-16 code
units, as Telegram counts them (Bot API 10.0, MessageEntity).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from telegram import MessageEntity, User
from telegram.constants import MessageEntityType, MessageLimit

from bot.chat.card import Result, StatusCard, Words

TEXT_LIMIT = MessageLimit.MAX_TEXT_LENGTH.value
CAPTION_LIMIT = MessageLimit.CAPTION_LENGTH.value

_BAR = 12
"""Cells; with the percentage behind it that is one line of the narrowest phone."""
_DONE, _TO_DO = "▰", "▱"
_NO_BREAK = "\N{NO-BREAK SPACE}"
_MORE = "…"

_MENTION = re.compile(r"@(?=[A-Za-z0-9_])")
_NO_MENTION = "@\N{WORD JOINER}"
"""Clients make a mention of @name and ring its owner's bell; with this behind the sign they do not."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text and the marks on it."""

    text: str
    entities: tuple[MessageEntity, ...] = ()

    def __add__(self, other: Text) -> Text:
        """This one and the other after it."""
        moved = MessageEntity.shift_entities(units(self.text), other.entities)
        return Text(self.text + other.text, (*self.entities, *moved))

    def cut(self, start: int, end: int) -> Text:
        """The part from one character to another, with the marks that are on it."""
        part = self.text[start:end]
        skipped, length = units(self.text[:start]), units(part)
        return Text(part, tuple(_within(self.entities, skipped, skipped + length)))


def units(text: str) -> int:
    """How long Telegram says that is."""
    return len(text) + sum(char > "\uffff" for char in text)


def plain(text: str) -> Text:
    """What is only read. It rings nobody's bell, and what is no character at all is shown as such."""
    return Text(_MENTION.sub(_NO_MENTION, _sound(text)))


def bold(text: str) -> Text:
    """What the eye shall find first."""
    return _marked(plain(text), MessageEntityType.BOLD)


def code(text: str) -> Text:
    """Something to copy by a tap, within a line."""
    return _marked(Text(_sound(text)), MessageEntityType.CODE)


def pre(text: str) -> Text:
    """Something to copy by a tap, in lines of its own."""
    return _marked(Text(_sound(text)), MessageEntityType.PRE)


def mention(person: int, name: str) -> Text:
    """Somebody's name, which rings their bell. `person` is Telegram's id of them."""
    user = User(id=person, first_name=_sound(name), is_bot=False)
    return _marked(plain(name), MessageEntityType.TEXT_MENTION, user)


def lines(*parts: Text) -> Text:
    """One below the other; what is empty takes no line."""
    filled = [part for part in parts if part.text]
    whole = Text("")
    for n, part in enumerate(filled):
        whole = whole + Text("\n") + part if n else part
    return whole


def filled(pattern: str, parts: Mapping[str, Text]) -> Text:
    """A text with other, marked texts in the place of single characters that stand for them."""
    whole, start = Text(""), 0
    for place, char in enumerate(pattern):
        if char in parts:
            whole, start = whole + plain(pattern[start:place]) + parts[char], place + 1
    return whole + plain(pattern[start:])


def words(said: Words) -> Text:
    """Something said, its command apart from it."""
    return plain(said.text) if said.command is None else lines(plain(said.text), pre(said.command))


def card(shown: StatusCard) -> Text:
    """A status card. Its bar is there only where something is known to move."""
    moves = Text("") if shown.progress is None else Text(bar(shown.progress))
    return lines(bold(shown.title), moves, *map(plain, shown.lines))


def bar(progress: float) -> str:
    """A bar and its percentage. Neither tells that all is done before it is."""
    share = min(max(progress, 0.0), 1.0)
    done = math.floor(share * _BAR)
    return f"{_DONE * done}{_TO_DO * (_BAR - done)} {math.floor(share * 100)}{_NO_BREAK}%"


def caption(result: Result) -> Text:
    """What stands under a picture: the title, and what else there is to tell. Of a long title the end is left out."""
    told = lines(*map(plain, result.lines))
    return shortened(lines(_title(result, CAPTION_LIMIT - units(told.text) - 1), told), CAPTION_LIMIT)


def title(result: Result) -> Text:
    """The title alone, under an album: the rest stands with its buttons."""
    return _title(result, CAPTION_LIMIT)


def controls(result: Result) -> Text:
    """What stands over the buttons of an album."""
    return shortened(lines(*map(plain, result.lines)) if result.lines else code(result.job), TEXT_LIMIT)


def final_line(result: Result) -> Text:
    """What is left of the status message of a job that is done."""
    return shortened(plain(f"✓ {result.lines[0] if result.lines else result.job}"), TEXT_LIMIT)


def shortened(text: Text, limit: int) -> Text:
    """At most so many units of it, and a sign that there is more."""
    if units(text.text) <= limit:
        return text
    kept = text.text[: _fitting(text.text, 0, limit - units(_MORE))].rstrip()
    return text.cut(0, len(kept)) + Text(_MORE)


def split(text: Text, limit: int = TEXT_LIMIT) -> list[Text]:
    """In parts of at most so many units (two or more), which make up the whole.

    They end with a line, or else with a word, or else with whatever still fits.
    """
    parts, start = [], 0
    while start < len(text.text):
        end = _fitting(text.text, start, limit)
        if end < len(text.text):
            ends = (text.text.rfind(space, start, end) + 1 for space in "\n ")
            end = next((each for each in ends if each), end)
        parts.append(text.cut(start, end))
        start = end
    return parts


def _title(result: Result, limit: int) -> Text:
    return shortened(bold(result.title), limit) if limit > 0 else Text("")


def _sound(text: str) -> str:
    """Without halves of surrogate pairs, of which no request can be made."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _marked(text: Text, kind: MessageEntityType, user: User | None = None) -> Text:
    length = units(text.text)
    return Text(text.text, (MessageEntity(kind, 0, length, user=user),) if length else ())


def _fitting(text: str, start: int, limit: int) -> int:
    """Where the longest part from `start` on ends that is no longer than that."""
    used = 0
    for place in range(start, len(text)):
        used += units(text[place])
        if used > limit:
            return place
    return len(text)


def _within(entities: Iterable[MessageEntity], start: int, end: int) -> Iterable[MessageEntity]:
    for entity in entities:
        first, last = max(entity.offset, start), min(entity.offset + entity.length, end)
        if first < last:
            yield MessageEntity(entity.type, first - start, last - first, user=entity.user)
