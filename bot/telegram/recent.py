"""What is worth remembering for a while, and no more of it than fits."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The `size` entries that were asked for or set last; older ones are forgotten."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """What was set last, None where nothing is known of it any more."""
        if key in self._entries:
            self._entries.move_to_end(key)
        return self._entries.get(key)

    def set(self, key: K, value: V) -> None:
        """Remember it."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def forget(self, key: K) -> None:
        """Remember it no longer."""
        self._entries.pop(key, None)
