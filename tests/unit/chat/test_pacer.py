"""The shell around the schedule: what is called, when, and what becomes of calls that fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from bot.chat.pacing import MOST_ANSWERS, Budgets, Pacer, Rate, SlowDown, Urgency
from bot.images.errors import NotAPicture

REPLY, STATUS = Urgency.REPLY, Urgency.STATUS


@dataclass(eq=False)
class FakeAlarm:
    at: float
    ring: Callable[[], None]
    alarms: list[FakeAlarm]

    def cancel(self) -> None:
        if self in self.alarms:
            self.alarms.remove(self)


@dataclass
class FakeTime:
    """Time that passes when the test says so."""

    now: float = 0.0
    alarms: list[FakeAlarm] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def call_later(self, delay: float, ring: Callable[[], None]) -> FakeAlarm:
        alarm = FakeAlarm(self.now + delay, ring, self.alarms)
        self.alarms.append(alarm)
        return alarm

    async def pass_until(self, now: float) -> None:
        await settled()
        while due := [alarm for alarm in self.alarms if alarm.at <= now]:
            first = min(due, key=lambda alarm: alarm.at)
            self.alarms.remove(first)
            self.now = first.at
            first.ring()
            await settled()
        self.now = now


async def settled() -> None:
    """Let every task run until it waits for something."""
    for _ in range(10):
        await asyncio.sleep(0)


@dataclass
class Chat:
    """What a platform saw, with the time of it."""

    time: FakeTime
    seen: list[tuple[float, str]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def call(self, text: str):
        async def send() -> None:
            if self.errors:
                raise self.errors.pop()
            self.seen.append((self.time.now, text))

        return send


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def chat(time: FakeTime) -> Chat:
    return Chat(time)


@pytest.fixture
async def pacer(time: FakeTime) -> AsyncIterator[Pacer]:
    budgets = Budgets(per_chat=(Rate(1, 2.0),))
    async with Pacer(budgets, clock=time.clock, call_later=time.call_later) as pacer:
        yield pacer


async def test_a_first_message_goes_at_once_and_the_next_when_the_budget_allows(pacer, chat, time) -> None:
    for text in ("one", "two", "three"):
        pacer.offer("room", text, REPLY, chat.call(text))
    await time.pass_until(10.0)
    assert chat.seen == [(0.0, "one"), (2.0, "two"), (4.0, "three")]


async def test_while_a_chat_must_wait_newer_states_take_the_place_of_older_ones(pacer, chat, time) -> None:
    for step in range(5):
        pacer.offer("room", "job", STATUS, chat.call(f"step {step}"))
        await settled()
    await time.pass_until(10.0)
    assert chat.seen == [(0.0, "step 0"), (2.0, "step 4")]


async def test_a_refused_message_is_sent_when_the_chat_may_be_spoken_to_again(pacer, chat, time) -> None:
    chat.errors.append(SlowDown(30.0))
    pacer.offer("room", "job", REPLY, chat.call("hello"))
    await settled()
    pacer.offer("attic", "job", REPLY, chat.call("elsewhere"))
    await time.pass_until(60.0)
    assert chat.seen == [(0.0, "elsewhere"), (30.0, "hello")]


@pytest.mark.parametrize("error", [NotAPicture(), ZeroDivisionError()])
async def test_a_message_that_fails_holds_up_no_other(pacer, chat, time, error: Exception) -> None:
    chat.errors.append(error)
    pacer.offer("room", "one", REPLY, chat.call("one"))
    pacer.offer("room", "two", REPLY, chat.call("two"))
    await time.pass_until(10.0)
    assert chat.seen == [(2.0, "two")]


async def test_a_long_upload_to_one_chat_holds_up_no_other(pacer, chat, time) -> None:
    uploaded = asyncio.Event()
    pacer.offer("room", "picture", Urgency.RESULT, uploaded.wait)
    pacer.offer("attic", "hello", REPLY, chat.call("hello"))
    await settled()
    assert chat.seen == [(0.0, "hello")]
    uploaded.set()


async def test_an_edit_waits_for_the_one_before_it_to_land(pacer, chat, time) -> None:
    landed = asyncio.Event()
    pacer.offer("room", "job", STATUS, landed.wait)
    await settled()
    pacer.offer("room", "job", STATUS, chat.call("newer"))
    await time.pass_until(10.0)
    assert chat.seen == []
    landed.set()
    await time.pass_until(20.0)
    assert chat.seen == [(12.0, "newer")]


async def test_a_chat_is_spoken_to_again_when_its_rate_has_passed_since_the_last_message_arrived(
    pacer, chat, time
) -> None:
    uploaded = asyncio.Event()
    pacer.offer("room", "picture", Urgency.RESULT, uploaded.wait)
    pacer.offer("room", "hello", REPLY, chat.call("hello"))
    await time.pass_until(30.0)
    assert (chat.seen, time.alarms) == ([], [])
    uploaded.set()
    await time.pass_until(60.0)
    assert chat.seen == [(32.0, "hello")]


async def test_what_is_sent_in_parts_has_a_turn_for_each_by_its_own_weight(chat, time) -> None:
    parts = [3, 1, 1]

    async def send() -> None:
        chat.seen.append((time.now, f"part of {parts.pop(0)}"))
        if parts:
            raise SlowDown(0, weight=parts[0])

    async with Pacer(Budgets(per_chat=(Rate(4, 60.0),)), clock=time.clock, call_later=time.call_later) as pacer:
        pacer.offer("room", "result", Urgency.RESULT, send, weight=parts[0])
        await time.pass_until(100.0)
    assert chat.seen == [(0.0, "part of 3"), (0.0, "part of 1"), (60.0, "part of 1")]


async def test_what_the_platform_counts_as_several_messages_takes_the_place_of_several(chat, time) -> None:
    budgets = Budgets(per_chat=(Rate(4, 60.0),))
    async with Pacer(budgets, clock=time.clock, call_later=time.call_later) as pacer:
        pacer.offer("room", "album", Urgency.RESULT, chat.call("album"), weight=3)
        for text in ("one", "two"):
            pacer.offer("room", text, REPLY, chat.call(text))
        await time.pass_until(100.0)
    assert chat.seen == [(0.0, "album"), (0.0, "one"), (60.0, "two")]


async def test_of_more_answers_than_a_chat_will_ever_want_the_last_are_left_out(chat, time) -> None:
    async with Pacer(Budgets(per_chat=(Rate(1, 1.0),)), clock=time.clock, call_later=time.call_later) as pacer:
        for n in range(MOST_ANSWERS + 5):
            pacer.offer("room", n, REPLY, chat.call(f"answer {n}"))
        pacer.offer("room", "picture", Urgency.RESULT, chat.call("picture"))
        pacer.offer("attic", "hello", REPLY, chat.call("hello"))
        await time.pass_until(1000.0)
    answers = [text for _, text in chat.seen if text.startswith("answer")]
    assert answers == [f"answer {n}" for n in range(MOST_ANSWERS + 1)]  # the first was on its way already
    assert len(chat.seen) == len(answers) + 2


async def test_leaving_lets_sends_in_flight_finish_and_sends_nothing_more(chat, time) -> None:
    uploaded = asyncio.Event()

    async def upload() -> None:
        await uploaded.wait()
        chat.seen.append((time.now, "uploaded"))

    async with Pacer(Budgets(overall=(Rate(1, 5.0),)), clock=time.clock, call_later=time.call_later) as pacer:
        pacer.offer("room", "picture", Urgency.RESULT, upload)
        pacer.offer("room", "status", STATUS, chat.call("status"))
        await settled()
        asyncio.get_running_loop().call_soon(uploaded.set)
    assert chat.seen == [(0.0, "uploaded")]
    assert time.alarms == []
    pacer.offer("room", "late", REPLY, chat.call("late"))
    await time.pass_until(60.0)
    assert chat.seen == [(0.0, "uploaded")]


async def test_leaving_waits_for_no_send_for_ever(chat, time) -> None:
    broken_off = asyncio.Event()

    async def upload() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            broken_off.set()

    async with asyncio.timeout(5), Pacer(Budgets(), clock=time.clock, call_later=time.call_later, patience=0) as pacer:
        pacer.offer("room", "picture", Urgency.RESULT, upload)
        await settled()
    assert broken_off.is_set()


async def test_the_running_loops_own_clock_serves_as_well(chat) -> None:
    said = asyncio.Event()

    async def end() -> None:
        said.set()

    async with asyncio.timeout(5), Pacer(Budgets(per_chat=(Rate(1, 0.001),))) as pacer:
        pacer.offer("room", "one", REPLY, chat.call("one"))
        pacer.offer("room", "end", STATUS, end)
        await said.wait()
    assert [text for _, text in chat.seen] == ["one"]
