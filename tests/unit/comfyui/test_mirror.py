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
        """As the keeper does, once everything was delivered that will be: what is still owed is lost."""
        if not self.mirror.settled:
            self.mirror.lost()
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
def test_what_is_believed_and_agrees_with_the_count_is_true_whatever_happened_in_whatever_order(happenings):
    model = Model()
    model.open()
    for happens in happenings:
        happens(model)
    model.deliver()
    if model.mirror.agrees(model.count):
        assert model.mirror.queue == model.truth


@settings(max_examples=300, deadline=None)
@given(EVERYTHING)
def test_one_list_makes_it_true_and_sure_whatever_happened_before(happenings):
    model = Model()
    model.open()
    for happens in happenings:
        happens(model)
    model.deliver()
    model.read()
    model.deliver()
    assert model.mirror.settled
    assert model.mirror.queue == model.truth


@settings(max_examples=3000, deadline=None)
@given(EVERYTHING, EVERYTHING)
def test_after_lost_events_the_next_list_makes_it_true_and_what_follows_keeps_it_so(lost, heard):
    model = Model()
    model.open()
    model.deliver()
    model.lossy = True
    for happens in lost:
        happens(model)
    model.lossy = False
    model.deliver()
    model.read()
    model.deliver()
    model.check()
    assert model.mirror.queue == model.truth
    for happens in heard:
        happens(model)
    model.deliver()
    model.check()
    assert model.mirror.queue == model.truth


OUR_PUTS = st.builds(lambda number: lambda m: m.put(ours=True, number=number), NUMBERS)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 6), st.lists(st.one_of(OUR_PUTS, WORK, WORK), max_size=40))
def test_our_own_submits_and_the_work_on_all_that_waits_need_no_list(others, happenings):
    """As long as one of ours waits behind those of others."""
    model = Model()
    model.put(ours=True, number=1000.0)
    for _ in range(others):
        model.put(ours=False, number=None)
    model.begin()
    model.open()
    model.deliver()
    model.read()
    model.deliver()
    for happens in happenings:
        happens(model)
        model.deliver()
        if model.running is not None or not model.pending:  # not between an end and the next beginning
            assert model.mirror.settled
            assert model.mirror.queue == model.truth


def served(*, others: int = 0) -> Model:
    """A queue that is known: one of others' runs, and so many wait."""
    model = Model()
    for _ in range(others + 1):
        model.put(ours=False, number=None)
    model.begin()
    model.open()
    model.deliver()
    model.read()
    model.deliver()
    assert model.mirror.settled
    return model


def test_an_empty_server_is_known_from_its_greeting():
    mirror = Mirror()
    assert not mirror.sure
    mirror.opened(0)
    assert (mirror.settled, mirror.queue) == (True, Queue())


def test_a_server_with_prompts_is_not():
    mirror = Mirror()
    mirror.opened(1)
    assert not mirror.sure


def test_a_put_of_somebody_else_is_a_doubt():
    model = served()
    model.put(ours=False, number=None)
    model.deliver()
    assert not model.mirror.sure


def test_somebody_elses_end_with_the_next_beginning_is_none():
    model = served(others=2)
    model.end()
    model.deliver()
    assert not model.mirror.sure
    model.begin()
    model.deliver()
    assert (model.mirror.settled, model.mirror.queue) == (True, model.truth)


def test_one_put_and_one_end_that_went_unheard_leave_the_number_as_it_was_and_the_next_list_tells():
    model = served(others=1)
    model.lossy = True
    model.end()
    model.put(ours=False, number=-1.0)
    assert model.mirror.agrees(model.count)
    model.lossy = False
    model.read()
    model.deliver()
    assert model.mirror.queue == model.truth


def test_a_deletion_and_a_put_of_somebody_else_do_not_cancel_out():
    model = served(others=2)
    model.delete(0, by_us=False)
    model.put(ours=False, number=None)
    model.deliver()
    assert not model.mirror.agrees(model.count)


def test_the_deletion_of_the_only_one_that_waits_is_not_taken_for_an_end_and_a_beginning():
    model = served(others=1)
    model.delete(0, by_us=False)
    model.deliver()
    assert not model.mirror.sure


def test_our_cancels_are_no_doubt_whether_the_answer_or_the_event_comes_first():
    for first in ("answer", "hear"):
        model = served(others=1)
        for _ in range(2):
            model.put(ours=True, number=None)
        model.deliver()
        model.delete(1, by_us=True)
        getattr(model, first)(1)
        model.deliver()
        assert (model.mirror.settled, model.mirror.queue) == (True, model.truth)


def test_an_event_that_names_another_one_than_was_thought_is_a_doubt():
    model = served(others=2)
    model.mirror.started(model.pending[1][1])
    assert not model.mirror.sure


def test_a_list_that_is_older_than_what_was_heard_since_is_not_believed():
    model = served()
    model.read()
    model.put(ours=False, number=None)
    model.deliver()
    assert not model.mirror.sure


def test_our_own_news_is_laid_over_a_list_that_did_not_know_it():
    model = served(others=1)
    model.put(ours=True, number=None)
    model.read()
    listed = model.answers.pop()
    model.put(ours=True, number=0.5)
    model.deliver()
    listed()
    assert (model.mirror.settled, model.mirror.queue) == (True, model.truth)


def test_a_submit_whose_event_never_comes_leaves_it_unsettled():
    model = served()
    model.lossy = True
    model.put(ours=True, number=None)
    model.deliver()
    assert model.mirror.sure
    assert not model.mirror.settled


def test_a_refused_submit_leaves_no_trace_and_one_that_only_seemed_to_be_put_leaves_a_doubt():
    model = served()
    model.put(ours=True, number=None, refused=True)
    model.deliver()
    assert (model.mirror.settled, model.mirror.queue) == (True, model.truth)
    model.put(ours=True, number=None, refused=True)
    model.put(ours=False, number=None)
    model.deliver()
    assert not model.mirror.sure


def test_without_a_socket_nothing_is_sure():
    model = served()
    model.mirror.closed()
    assert not model.mirror.sure
    model.read()
    model.deliver()
    assert not model.mirror.sure
    assert model.mirror.queue == model.truth


def test_places_and_parts_are_counted_from_the_next_to_run():
    model = served(others=3)
    second = model.mirror.queue.pending[1]
    assert model.mirror.waiting == 3
    assert model.mirror.part(1, 2) == [second]
    assert model.mirror.place(second.prompt_id) == 1
    assert model.mirror.place("unknown") is None


def test_a_list_that_names_one_prompt_twice_harms_nothing():
    mirror = Mirror()
    mirror.opened(3)
    double = Entry(1, "a")
    mirror.learn(Queue((Entry(0, "r"),), (double, Entry(2, "a"), Entry(3, "r"))), mirror.asking())
    mirror.started("a")
    mirror.ended("a")
    assert mirror.waiting == 0
    assert not mirror.sure
