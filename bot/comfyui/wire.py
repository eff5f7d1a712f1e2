"""JSON from the wire: strict and fast first, then as forgiving as Python's own writer on the other side."""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec

T = TypeVar("T")


class UndecodableError(ValueError):
    """These bytes are no JSON, or not of the shape that was expected."""


def read(raw: bytes | str | msgspec.Raw, decoder: msgspec.json.Decoder[T]) -> T:
    """What `raw` holds.

    ComfyUI writes with Python's json module, which lets NaN, Infinity and lone surrogates through (a node's inputs
    in an ``execution_error`` hold them). Those are read too: as null, and as "?".

    Raises:
        UndecodableError: Nothing else, whatever the bytes.
    """
    try:
        try:
            return decoder.decode(raw)
        except msgspec.ValidationError:
            raise
        except (msgspec.DecodeError, UnicodeError):
            return decoder.decode(_strict(raw))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise UndecodableError(str(error)) from error


def _strict(raw: bytes | str | msgspec.Raw) -> bytes:
    loose = json.loads(bytes(raw) if isinstance(raw, msgspec.Raw) else raw, parse_constant=lambda _: None)
    return json.dumps(loose, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def one_line(text: str, limit: int = 300) -> str:
    """The first line of `text` that says something, cut to `limit` characters."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= limit else line[: limit - 1] + "…"
