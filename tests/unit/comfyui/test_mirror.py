"""What is believed of a server's queue, against what it holds."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.comfyui.mirror import Mirror
from bot.comfyui.records import Entry, Queue


@dataclass
class Model:
    """A server's queue, and a mirror that hears of it late.

    What the socket says arrives in order, an answer whenever it does. `lossy` sockets drop everything.
    """

    mirror: Mirror = field(default_factory=Mirror)
    pending: list[tuple[float, str]] = field(default_factory=list)
    running: tuple[float, str] | None = None
    counter: int = 0
    ours: set[str] = field(default_factory=set)
    socket: deque[Callable[[], None]] = field(default_factory=deque)
    answers: list[Callable[[], None]] = field(default_factory=list)
    lossy: bool = False

    @property
    def count(self) -> int:
        return len(self.pending) + (self.running is not None)

    @property
    def truth(self) -> Queue:
        running = (Entry(*self.running),) if self.running else ()
        return Queue(running, tuple(Entry(*turn) for turn in sorted(self.pending)))

    def say(self, fact: Callable[..., None], *args: Any) -> None:
        if not self.lossy:
            self.socket.append(partial(fact, *args))

    def status(self) -> None:
        self.say(self.mirror.counted, self.count)

    def open(self) -> None:
        self.socket.clear()
        self.say(self.mirror.opened, self.count)

    # What happens there

    def put(self, *, ours: bool, number: float | None, refused: bool = False) -> None:
        prompt_id = f"p{self.counter:04}"
        default = float(self.counter)
        self.counter += 1
        if ours:
            self.mirror.posting(prompt_id, number)
        if refused:
            self.answers.append(partial(self.mirror.unanswered, prompt_id))
            return
        if ours:
            self.ours.add(prompt_id)
        number = default if number is None else number
        heapq.heappush(self.pending, (number, prompt_id))
        self.status()
        if ours:
            self.answers.append(partial(self.mirror.accepted, prompt_id, number))

    def begin(self) -> None:
        if self.running is None and self.pending:
            self.running = heapq.heappop(self.pending)
            self.status()
            if self.running[1] in self.ours:
                self.say(self.mirror.started, self.running[1])

    def end(self) -> None:
        if self.running is not None:
            (_, prompt_id), self.running = self.running, None
            if prompt_id in self.ours:
                self.say(self.mirror.ending, prompt_id)
            self.status()
            if prompt_id in self.ours:
                self.say(self.mirror.ended, prompt_id)

    def delete(self, index: int, *, by_us: bool) -> None:
        if self.pending:
            turn = self.pending[index % len(self.pending)]
            self.pending.remove(turn)
            heapq.heapify(self.pending)
            self.status()
            if not self.pending:
                self.status()  # the server does that
            if by_us:
                self.answers.append(partial(self.mirror.cancelled, turn[1]))

    def clear(self) -> None:
        self.pending.clear()
        self.status()

    # What we do

    def read(self) -> None:
        listed, asked = self.truth, self.mirror.asking()
        self.answers.append(lambda: self.mirror.learn(listed, asked))

    def check(self) -> None:
        """As the keeper does: the list is read if the count does not agree."""
        if not self.mirror.agrees(self.count):
            self.read()
            self.deliver()

    def hear(self, frames: int) -> None:
        for _ in range(min(frames, len(self.socket))):
            self.socket.popleft()()

    def answer(self, index: int) -> None:
        if self.answers:
            self.answers.pop(index % len(self.answers))()

    def deliver(self) -> None:
        while self.socket or self.answers:
            self.hear(1)
            self.answer(0)


NUMBERS = st.one_of(st.none(), st.floats(-3, 20, allow_nan=False).map(lambda x: round(x, 1)))
INDEXES = st.integers(0, 20)
OURS = st.one_of(
    st.builds(
        lambda number, refused: lambda m: m.put(ours=True, number=number, refused=refused),
        NUMBERS,
        st.sampled_from([False, False, False, True]),
    ),
    st.builds(lambda index: lambda m: m.delete(index, by_us=True), INDEXES),
)
THEIRS = st.one_of(
    st.builds(lambda number: lambda m: m.put(ours=False, number=number), NUMBERS),
    st.builds(lambda index: lambda m: m.delete(index, by_us=False), INDEXES),
    st.just(Model.clear),
)
WORK = st.sampled_from([Model.begin, Model.end])
NETWORK = st.one_of(
    st.builds(lambda frames: lambda m: m.hear(frames), st.integers(1, 4)),
    st.builds(lambda index: lambda m: m.answer(index), INDEXES),
)
READ = st.just(Model.read)
EVERYTHING = st.lists(st.one_of(OURS, THEIRS, WORK, WORK, NETWORK, NETWORK, READ), max_size=60)


@settings(max_examples=1000, deadline=None)
@given(EVERYTHING)
def test_what_is_believed_without_doubt_is_true_whatever_happened_in_whatever_order(happenings):
    model = Model()
    model.open()
    for happens in happenings:
        happens(model)
    model.deliver()
    if model.mirror.sure:
        assert model.mirror.queue == model.truth
        assert model.mirror.agrees(model.count)
