"""What the settings' model says of a key: its field, the tables below it, the key that was probably meant. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, SecretStr

from bot.config.settings import Settings

PREFIX = "EASEL_"
DELIMITER = "__"
"""Of environment variables: ``EASEL_SECTION__KEY``."""

Key = tuple[str | int, ...]
"""The way to a value in the tree of settings; numbers are places in a list."""


def mentions(annotation: Any, wanted: type) -> bool:
    """Whether the type is, or is made of, `wanted`."""
    return annotation is wanted or any(mentions(part, wanted) for part in get_args(annotation))


def table_in(annotation: Any) -> type[BaseModel] | None:
    """The model of the table, or of the tables of the list, that a field of that type holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((table for part in get_args(annotation) if (table := table_in(part))), None)


def is_secret(key: Key) -> bool:
    """Whether the value there must not be shown."""
    annotation: Any = Settings
    for part in key:
        table = table_in(annotation)
        if isinstance(part, int) or table is None:
            continue
        field = table.model_fields.get(part)
        if field is None:
            return True  # nobody knows what it is, and it may be a misspelt password
        annotation = field.annotation
    return mentions(annotation, SecretStr)


def nearest_key(key: Key) -> Key | None:
    """What was probably meant by an unknown key: one like it in its table, else the same one in another table."""
    *way, last = key
    table: type[BaseModel] | None = Settings
    for part in way:
        if isinstance(part, str) and table is not None:
            field = table.model_fields.get(part)
            table = table_in(field.annotation) if field else None
    here = nearest(str(last), list(table.model_fields)) if table else None
    return (*way, here) if here else next((leaf for leaf in _leaves(Settings) if leaf[-1] == last), None)


def nearest(word: str, choices: Sequence[str]) -> str | None:
    """The choice most like the word, if one is like it at all."""
    return next(iter(get_close_matches(word, choices, n=1)), None)


def dotted(key: Key) -> str:
    """As people write it; places in a list count from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in key)


def variable_of(key: Key) -> str:
    """The environment variable that says the same."""
    return (PREFIX + DELIMITER.join(map(str, key))).upper()


def _leaves(table: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, field in table.model_fields.items():
        below = table_in(field.annotation)
        if below is None:
            yield (*above, name)
        else:
            yield from _leaves(below, (*above, name))
