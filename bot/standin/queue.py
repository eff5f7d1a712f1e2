"""The prompts that wait, run and have ended, as ComfyUI keeps them: in memory."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

Graph: TypeAlias = dict[str, Any]


class Entry(NamedTuple):
    """One prompt, in the order in which `/queue` lists its parts.

    It is a tuple because ComfyUI's is: two entries with the same number *and* id make the heap compare their
    graphs, which raises TypeError (transcript duplicate_id).
    """

    number: float
    prompt_id: str
    graph: Graph
    extra_data: dict[str, Any]
    outputs: list[str]


class PromptQueue:
    """A heap by (number, prompt_id), the running prompt, and the history of up to `limit` prompts.

    `changed` is called after every change of the number of prompts that wait or run.
    """

    def __init__(self, limit: int, changed: Callable[[], None]) -> None:
        self._limit = limit
        self._changed = changed
        self._pending: list[Entry] = []
        self._arrived = asyncio.Event()
        self.running: Entry | None = None
        self.history: dict[str, dict[str, Any]] = {}
        self._counter = 0

    def next_number(self, *, front: bool = False) -> int:
        """The number of a prompt posted without one. The counter advances even if the prompt is then refused."""
        number = -self._counter if front else self._counter
        self._counter += 1
        return number

    @property
    def pending(self) -> list[Entry]:
        """In heap order, which is not the order of running."""
        return list(self._pending)

    @property
    def remaining(self) -> int:
        """Everybody's prompts that wait or run."""
        return len(self._pending) + (self.running is not None)

    def put(self, entry: Entry) -> None:
        """Raises TypeError, with the entry queued all the same, if number and id are already there."""
        heapq.heappush(self._pending, entry)
        self._changed()
        self._arrived.set()

    async def get(self) -> Entry:
        """Wait for the next prompt and make it the running one. Raises TypeError as `put` does."""
        while not self._pending:
            self._arrived.clear()
            await self._arrived.wait()
        self.running = heapq.heappop(self._pending)
        self._changed()
        return self.running

    def done(self, entry: Entry, record: Mapping[str, Any]) -> None:
        """Move the running prompt to the history, under its id: of two with one id the later stays."""
        self.running = None
        if len(self.history) > self._limit:
            del self.history[next(iter(self.history))]
        self.history[entry.prompt_id] = {"prompt": list(entry), **record}
        self._changed()

    def delete(self, prompt_id: str) -> bool:
        """Forget one waiting prompt of that id: it leaves no trace but a changed count. The running one stays.

        If it was the only one that waits, that is told twice: ComfyUI clears the queue then, and tells that too.
        """
        for index, entry in enumerate(self._pending):
            if entry.prompt_id == prompt_id:
                del self._pending[index]
                heapq.heapify(self._pending)
                if not self._pending:
                    self._changed()
                self._changed()
                return True
        return False

    def clear(self) -> None:
        """Forget all waiting prompts."""
        self._pending.clear()
        self._changed()

    def recent(self, max_items: int | None = None, offset: int = -1) -> dict[str, dict[str, Any]]:
        """The history, oldest first; with `max_items` and a negative offset the newest ones of it."""
        ids = list(self.history)
        if max_items is not None:
            start = max(0, len(ids) - max_items) if offset < 0 else offset
            ids = ids[start : start + max_items]
        return {prompt_id: self.history[prompt_id] for prompt_id in ids}
