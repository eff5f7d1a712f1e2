"""A ComfyUI graph in API format, parsed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    """An input that is fed by output `slot` of `node`."""

    node: str
    slot: int


@dataclass(frozen=True, slots=True)
class Node:
    """One node. An input is a `Link` or a literal JSON value. Ids may be a subgraph's: ``12:3``."""

    id: str
    class_type: str
    title: str
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def links(self) -> Iterator[tuple[str, Link]]:
        """The inputs that are fed by other nodes."""
        return ((name, value) for name, value in self.inputs.items() if isinstance(value, Link))
