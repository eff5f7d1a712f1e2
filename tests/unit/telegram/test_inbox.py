from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.telegram.inbox import MOST, Inbox

MAX_QUEUE_EVENTS = 100_000


def test_nothing_is_confirmed_before_anything_is_known() -> None:
    assert Inbox().offset is None


def test_a_handled_update_is_confirmed_by_asking_for_the_one_after_it() -> None:
    inbox = Inbox()

    assert inbox.arrived([7, 8]) == [7, 8]
    assert inbox.offset == 7
    inbox.handled(7)
    assert inbox.offset == 8
    inbox.handled(8)
    assert inbox.offset == 9


def test_what_is_handled_out_of_order_is_confirmed_in_order() -> None:
    inbox = Inbox()
    inbox.arrived([7, 8, 9])

    inbox.handled(9)
    inbox.handled(8)

    assert inbox.offset == 7
    inbox.handled(7)
    assert inbox.offset == 10


def test_an_update_that_is_told_again_is_not_handled_again() -> None:
    inbox = Inbox()
    inbox.arrived([7, 8])
    inbox.handled(8)

    assert inbox.arrived([7, 8, 9]) == [9]


def test_one_answer_with_the_oldest_alone_forgets_nothing_of_the_others() -> None:
    inbox = Inbox()
    inbox.arrived([7, 8, 9])
    inbox.handled(7)

    assert inbox.arrived([7]) == []
    assert inbox.offset == 8
    assert inbox.arrived([8, 9, 10]) == [10]


def test_a_new_sequence_below_the_old_one_is_followed() -> None:
    inbox = Inbox()
    inbox.arrived([5_000_000])
    inbox.handled(5_000_000)

    assert inbox.arrived([12, 13]) == [12, 13]
    inbox.handled(12)
    inbox.handled(13)
    assert inbox.offset == 14


def test_what_is_open_of_an_old_sequence_does_not_confirm_the_new_one() -> None:
    inbox = Inbox()
    inbox.arrived([5_000_000])

    inbox.arrived([12])
    inbox.handled(12)

    assert inbox.offset == 13


class Queue:
    """What TDLib's TQueue and the Bot API server over it do with offsets (tddb/td/db/TQueue.cpp, Client.cpp)."""

    def __init__(self, first: int) -> None:
        self.events: list[int] = []
        self.tail = first
        self.forgotten: set[int] = set()

    def push(self, gap: int) -> int:
        event = self.tail + gap
        self.tail = event + 1
        self.events.append(event)
        return event

    def get(self, offset: int | None, limit: int) -> list[int]:
        head = self.events[0] if self.events else self.tail
        if offset is None or not head - MAX_QUEUE_EVENTS <= offset <= self.tail + 10:
            offset = head
        self.forgotten.update(event for event in self.events if event < offset)
        self.events = [event for event in self.events if event >= offset]
        return self.events[:limit]


class Polling(RuleBasedStateMachine):
    """A server, an inbox, and handlers that take their time."""

    @initialize(first=st.integers(1, 2**30))
    def start(self, first: int) -> None:
        self.queue = Queue(first)
        self.inbox = Inbox()
        self.pushed: list[int] = []
        self.open: list[int] = []
        self.given: list[int] = []
        self.asked = 0

    @rule(gaps=st.lists(st.sampled_from([0, 0, 0, 1, 5, 90_000]), min_size=1, max_size=2 * MOST))
    def people_speak(self, gaps: list[int]) -> None:
        self.pushed += [self.queue.push(gap) for gap in gaps]

    @rule(limit=st.sampled_from([1, MOST]))
    def poll(self, limit: int) -> None:
        offset = self.inbox.offset or 0
        assert offset >= self.asked, "an offset went back"
        told = self.queue.get(self.inbox.offset, limit)
        self.asked = 0 if told and told[-1] < offset else offset  # ids began anew
        new = self.inbox.arrived(told)
        self.open += new
        self.given += new

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def handle_one(self, data: st.DataObject) -> None:
        update = data.draw(st.sampled_from(self.open))
        self.open.remove(update)
        self.inbox.handled(update)

    @precondition(lambda self: self.open)
    @rule()
    def handle_all(self) -> None:
        for update in reversed(self.open):
            self.inbox.handled(update)
        self.open.clear()

    @precondition(lambda self: not self.open and not self.queue.events)
    @rule(first=st.integers(1, 2**30))
    def be_silent_for_a_week(self, first: int) -> None:
        if all(abs(first - event) > 10**6 for event in (*self.pushed, self.queue.tail)):  # TDLib draws from 10**9
            self.queue = Queue(first)

    @precondition(lambda self: self.queue.forgotten)
    @rule(most=st.integers(1, MOST))
    def the_server_loses_its_place(self, most: int) -> None:
        back = sorted(self.queue.forgotten)[-most:]
        self.queue.events[:0] = back
        self.queue.forgotten.difference_update(back)

    @invariant()
    def nothing_is_handled_twice(self) -> None:
        assert len(self.given) == len(set(self.given))

    @invariant()
    def nothing_is_forgotten_before_it_was_handled(self) -> None:
        assert self.queue.forgotten <= set(self.given) - set(self.open)

    @invariant()
    def offsets_never_pass_what_is_open(self) -> None:
        assert all(self.inbox.offset is not None and self.inbox.offset <= update for update in self.open)

    @invariant()
    def no_more_is_open_than_one_answer_holds(self) -> None:
        assert len(self.open) <= MOST

    def teardown(self) -> None:
        if not hasattr(self, "inbox"):
            return
        while self.queue.events:
            self.poll(MOST)
            for update in self.open:
                self.inbox.handled(update)
            self.open.clear()
            self.poll(MOST)
        assert sorted(self.given) == sorted(self.pushed)


TestPolling = Polling.TestCase
TestPolling.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
