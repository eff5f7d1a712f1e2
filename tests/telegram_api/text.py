"""Texts as Telegram counts and reads them: UTF-16 lengths, entities given and entities found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.telegram_api.refusals import bad

Entity = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter that holds a text: its name, that of its entities, its longest, and the complaint about more."""

    name: str
    entities: str
    longest: int
    too_long: str


TEXT = Field("text", "entities", 4096, "message is too long")
CAPTION = Field("caption", "caption_entities", 1024, "message caption is too long")

_FOUND = frozenset({"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"})
_GIVEN = frozenset({
    "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre",
    "text_link", "text_mention", "custom_emoji", "date_time",
})  # fmt: skip
_PATTERNS = (
    ("bot_command", re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/@])")),
    ("mention", re.compile(r"(?<![\w/@])@[A-Za-z0-9_]{3,32}(?![\w@])")),
    ("url", re.compile(r"\bhttps?://[^\s<>\"]+")),
)


def units(text: str) -> int:
    """How long Telegram says that is: UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, offset: int, length: int) -> str:
    """The part that an entity covers."""
    return text.encode("utf-16-le", "surrogatepass")[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def found(text: str, given: Sequence[Entity] = ()) -> list[Entity]:
    """The entities that Telegram sees by itself: commands, mentions, addresses. None inside code."""
    taken = [(one["offset"], one["offset"] + one["length"]) for one in given if one["type"] in {"code", "pre"}]
    seen: list[Entity] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, length = units(text[: match.start()]), units(match.group())
            if not any(start < end and begin < start + length for begin, end in taken):
                taken.append((start, start + length))
                seen.append({"type": kind, "offset": start, "length": length})
    return sorted(seen, key=lambda one: one["offset"])


def formatted(text: str, given: Any, field: Field, *, limited: bool = True) -> tuple[str, list[Entity]]:
    """What a bot sent as a text, ended as Telegram ends it, with the entities given and found.

    Raises Refusal for entities outside of the text or over half a character, for unknown types and for too long a text.
    """
    entities = [_entity(one) for one in given or () if not (isinstance(one, dict) and one.get("type") in _FOUND)]
    _within(text, entities)
    text, entities = _ended(text, entities)
    if limited and units(text) > field.longest:
        raise bad(field.too_long)
    entities += found(text, entities)
    return text, sorted(entities, key=lambda one: (one["offset"], -one["length"]))


def _entity(given: Any) -> Entity:
    if not isinstance(given, dict):
        raise bad("can't parse MessageEntity: expected an Object")
    for field in ("offset", "length"):
        if not isinstance(given.get(field), int):
            raise bad(f"can't parse MessageEntity: Can't find field \"{field}\"")
    if given.get("type") not in _GIVEN:
        raise bad("can't parse MessageEntity: Unsupported type specified")
    if given["type"] == "text_link" and not given.get("url"):
        raise bad("can't parse MessageEntity: Can't find field \"url\"")
    return dict(given)


def _within(text: str, entities: Sequence[Entity]) -> None:
    edges, position = {0}, 0
    for character in text:
        position += 1 + (character > "\uffff")
        edges.add(position)
    for one in entities:
        start, end = one["offset"], one["offset"] + one["length"]
        if start < 0:
            raise bad(f"receive an entity with incorrect offset {start}")
        if end < start:
            raise bad(f"receive an entity with incorrect length {one['length']}")
        if start > position:
            raise bad(f"entity begins after the end of the text at UTF-16 offset {start}")
        if end > position:
            raise bad(
                f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {end}"
            )
        if not {start, end} <= edges:
            raise bad(f"entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol")


def _ended(text: str, entities: Sequence[Entity]) -> tuple[str, list[Entity]]:
    """Without space around it, the entities moved along; empty ones are gone."""
    head = units(text) - units(text.lstrip())
    text = text.strip()
    kept = []
    for one in entities:
        start = max(0, one["offset"] - head)
        end = min(units(text), one["offset"] + one["length"] - head)
        if end > start:
            kept.append(one | {"offset": start, "length": end - start})
    return text, kept
