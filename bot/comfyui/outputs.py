"""What comes out of a prompt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file on the server, as ``/view`` wants it. `media` is the key it stood under (``images``, ``gifs``...)."""

    node: str
    filename: str
    subfolder: str = ""
    type: str = "output"
    media: str = "images"


@dataclass(frozen=True, slots=True)
class OutputFrame:
    """A picture that came over the WebSocket (SaveImageWebsocket); the server keeps no copy."""

    node: str
    format: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutputText:
    """A text that a node gave as its output (a caption, say)."""

    node: str
    text: str
    format: str = "txt"


Kept: TypeAlias = OutputFile | OutputText
"""What the server keeps and can be asked for again."""
Output: TypeAlias = Kept | OutputFrame


def outputs_of(node: str, output: Mapping[str, Any]) -> tuple[Kept, ...]:
    """What one node gave, from its entry in a history or its ``executed`` event: ``{key: [item, ...]}``.

    Files stand under ``images``, ``gifs``, ``audio``, ``3d``, ``video`` and whatever custom nodes think of, texts
    under ``text``. A file that stands under two keys is one file.
    """
    found: dict[tuple[str, ...], Kept] = {}
    for media, items in output.items():
        for item in items if isinstance(items, list) else [items]:
            match item:
                case {"filename": str(filename)} if filename:
                    file = OutputFile(node, filename, _str(item, "subfolder"), _str(item, "type") or "output", media)
                    found.setdefault((file.filename, file.subfolder, file.type), file)
                case str() if media == "text" and item.strip():
                    found.setdefault((item,), OutputText(node, item))
    return tuple(found.values())


def all_outputs(outputs: Mapping[str, Any]) -> tuple[Kept, ...]:
    """What all nodes gave, from the ``outputs`` of a history entry."""
    return tuple(kept for node, output in _mappings(outputs) for kept in outputs_of(node, output))


def _mappings(outputs: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((node, output) for node, output in outputs.items() if isinstance(output, Mapping))


def _str(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""
