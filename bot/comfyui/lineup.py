"""Prompts in line: those that run, and those that wait in the order in which they will run."""

from __future__ import annotations

from bisect import bisect_left, insort

from bot.comfyui.records import Entry, Queue


class Lineup:
    """A `Queue` that can be changed. `edition` grows with every change. Each prompt is in it once."""

    def __init__(self) -> None:
        self.edition = 0
        self.running: dict[str, Entry] = {}
        self.waiting: dict[str, Entry] = {}
        self._order: list[Entry] = []
        self._queue: Queue | None = Queue()

    def __len__(self) -> int:
        return len(self.running) + len(self.waiting)

    def __contains__(self, prompt_id: str) -> bool:
        return prompt_id in self.running or prompt_id in self.waiting

    @property
    def queue(self) -> Queue:
        """As it is now."""
        if self._queue is None:
            self._queue = Queue(tuple(self.running.values()), tuple(self._order))
        return self._queue

    @property
    def next(self) -> Entry:
        """The first of those that wait."""
        return self._order[0]

    def part(self, first: int, last: int) -> list[Entry]:
        """Those that wait, from place `first` to before `last`, counted from 0."""
        return self._order[first:last]

    def place(self, prompt_id: str) -> int:
        """How many are to run before one that waits."""
        return bisect_left(self._order, _turn(self.waiting[prompt_id]), key=_turn)

    def replace(self, queue: Queue) -> None:
        """It is this now."""
        self.running = {entry.prompt_id: entry for entry in queue.running}
        self.waiting = {entry.prompt_id: entry for entry in queue.pending if entry.prompt_id not in self.running}
        self._order = sorted(self.waiting.values(), key=_turn)
        self._change()

    def insert(self, entry: Entry) -> None:
        """One more waits."""
        insort(self._order, entry, key=_turn)
        self.waiting[entry.prompt_id] = entry
        self._change()

    def remove(self, prompt_id: str) -> Entry:
        """One that waits leaves."""
        del self._order[self.place(prompt_id)]
        self._change()
        return self.waiting.pop(prompt_id)

    def run(self, entry: Entry) -> None:
        """It runs, and only it: a server runs one at a time."""
        self.running = {entry.prompt_id: entry}
        self._change()

    def stop(self, prompt_id: str) -> Entry:
        """One that runs leaves."""
        self._change()
        return self.running.pop(prompt_id)

    def renumber(self, entry: Entry) -> None:
        """One that runs turns out to have that number."""
        self.running[entry.prompt_id] = entry
        self._change()

    def _change(self) -> None:
        self.edition += 1
        self._queue = None


def _turn(entry: Entry) -> tuple[float, str]:
    return entry.number, entry.prompt_id
