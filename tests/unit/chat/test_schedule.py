"""The pure core of pacing, on a clock that a test moves."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app.translation import budgets_of
from bot.chat.schedule import DISCORD, TELEGRAM, Budgets, Item, Rate, Schedule, Urgency
from bot.config import Settings

RESULT, FINAL, REPLY, STATUS = Urgency.RESULT, Urgency.FINAL, Urgency.REPLY, Urgency.STATUS


def item(payload: str, urgency: Urgency = STATUS, *, chat: str = "a", key: str = "job") -> Item[str]:
    return Item(chat, key, urgency, payload)


def taken(schedule: Schedule[str], now: float) -> list[str]:
    """Everything that may be sent at that moment, sent."""
    payloads = []
    while (one := schedule.take(now)) is not None:
        payloads.append(one.payload)
        schedule.finished(one)
    return payloads


def test_without_budgets_everything_goes_at_once() -> None:
    schedule = Schedule[str](Budgets())
    for n in range(3):
        schedule.offer(item(f"{n}", key=f"{n}"))
    assert taken(schedule, 0) == ["0", "1", "2"]
    assert schedule.next_time() is None


def test_a_chat_is_spoken_to_no_more_often_than_its_budget() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(1, 1.0), Rate(3, 60.0))))
    for n in range(4):
        schedule.offer(item(f"{n}", key=f"{n}"))
    assert [taken(schedule, now) for now in (0, 0.5, 1, 2, 3, 59, 60)] == [["0"], [], ["1"], ["2"], [], [], ["3"]]


def test_a_group_has_a_budget_on_top_of_that_of_a_chat() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(2, 1.0),), per_group=(Rate(1, 60.0),), is_group="group".__eq__))
    for chat in ("group", "private"):
        for n in range(2):
            schedule.offer(item(f"{chat} {n}", chat=chat, key=f"{n}"))
    assert taken(schedule, 0) == ["group 0", "private 0", "private 1"]
    assert schedule.next_time() == 60.0


def test_status_edits_leave_room_in_a_budget_for_a_result() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(4, 60.0),), reserve=0.25))
    for n in range(4):
        schedule.offer(item(f"{n}", key=f"{n}"))
    assert taken(schedule, 0) == ["0", "1", "2"]
    schedule.offer(item("picture", RESULT, key="3"))
    assert taken(schedule, 1) == ["picture"]


def test_status_edits_of_all_chats_leave_room_for_a_result() -> None:
    schedule = Schedule[str](Budgets(overall=(Rate(2, 1.0),), reserve=0.5))
    for chat in "abc":
        schedule.offer(item(chat, chat=chat))
    assert (taken(schedule, 0), schedule.next_time()) == (["a"], 1.0)
    schedule.offer(item("picture", RESULT, chat="b"))
    assert taken(schedule, 0) == ["picture"]


def test_a_reserve_leaves_a_single_message_to_whoever_comes() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(1, 1.0),), reserve=0.9))
    schedule.offer(item("status"))
    assert taken(schedule, 0) == ["status"]


def test_one_message_is_edited_no_more_often_than_its_interval_and_nothing_else_waits_for_that() -> None:
    schedule = Schedule[str](Budgets(edit_interval=2.5))
    schedule.offer(item("1 of 20"))
    assert taken(schedule, 0) == ["1 of 20"]
    schedule.offer(item("2 of 20"))
    schedule.offer(item("other", key="other"))
    assert taken(schedule, 1) == ["other"]
    assert schedule.next_time() == 2.5
    schedule.offer(item("picture", RESULT))
    assert taken(schedule, 1) == ["picture"]


def test_the_message_that_was_edited_longest_ago_is_edited_first() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(1, 1.0),)))
    said = []
    for now in range(6):
        for key in "xyz":
            schedule.offer(item(key, key=key))
        said += taken(schedule, now)
    assert said == ["x", "y", "z", "x", "y", "z"]


def test_all_chats_together_keep_to_theirs() -> None:
    schedule = Schedule[str](Budgets(overall=(Rate(2, 1.0),)))
    for chat in "abc":
        schedule.offer(item(chat, chat=chat))
    assert [taken(schedule, 0), schedule.next_time(), taken(schedule, 1)] == [["a", "b"], 1.0, ["c"]]


def test_results_go_first_then_last_words_then_answers_then_statuses() -> None:
    schedule = Schedule[str](Budgets())
    for urgency in reversed(Urgency):
        schedule.offer(item(urgency.name, urgency, key=urgency.name))
    assert taken(schedule, 0) == ["RESULT", "FINAL", "REPLY", "STATUS"]


def test_of_a_key_the_newest_wins_in_the_oldest_ones_place() -> None:
    schedule = Schedule[str](Budgets())
    assert schedule.offer(item("1 of 20"))
    assert not schedule.offer(item("other", key="other"))
    assert not schedule.offer(item("5 of 20"))
    assert taken(schedule, 0) == ["5 of 20", "other"]


def test_a_first_card_stays_urgent_when_a_newer_one_takes_its_place() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(1, 1.0),)))
    schedule.offer(item("other", key="other"))
    schedule.offer(item("accepted", REPLY))
    schedule.offer(item("running", STATUS))
    assert taken(schedule, 0) == ["running"]


@pytest.mark.parametrize("last", [FINAL, RESULT])
def test_no_status_follows_a_last_word_that_waits_or_is_being_sent(last: Urgency) -> None:
    schedule = Schedule[str](Budgets())
    schedule.offer(item("end", last))
    assert not schedule.offer(item("late", STATUS))
    end = schedule.take(0)
    assert not schedule.offer(item("later", STATUS))
    schedule.finished(end)
    assert taken(schedule, 1) == []


def test_a_failure_may_follow_a_result_that_could_not_be_posted() -> None:
    schedule = Schedule[str](Budgets())
    schedule.offer(item("picture", RESULT))
    picture = schedule.take(0)
    schedule.offer(item("no picture", FINAL))
    assert schedule.take(0) is None
    schedule.finished(picture)
    assert taken(schedule, 0) == ["no picture"]


def test_an_edit_in_flight_is_not_overtaken_by_a_newer_one() -> None:
    schedule = Schedule[str](Budgets())
    schedule.offer(item("old"))
    old = schedule.take(0)
    schedule.offer(item("new"))
    schedule.offer(item("other", key="other"))
    assert taken(schedule, 0) == ["other"]
    assert schedule.next_time() is None
    schedule.finished(old)
    assert taken(schedule, 0) == ["new"]


def test_a_refused_item_waits_as_long_as_its_chat_is_told_to_and_no_other_chat_does() -> None:
    schedule = Schedule[str](Budgets())
    schedule.offer(item("first"))
    schedule.put_back(schedule.take(0), until=7.0)
    schedule.offer(item("second", key="second"))
    schedule.offer(item("elsewhere", chat="b"))
    assert taken(schedule, 1) == ["elsewhere"]
    assert schedule.next_time() == 7.0
    assert taken(schedule, 7) == ["first", "second"]


def test_a_refused_item_gives_way_to_a_newer_one_of_its_key() -> None:
    schedule = Schedule[str](Budgets())
    schedule.offer(item("old"))
    old = schedule.take(0)
    schedule.offer(item("new"))
    schedule.put_back(old, until=1.0)
    assert taken(schedule, 1) == ["new"]


def test_a_shorter_silence_does_not_end_a_longer_one() -> None:
    schedule = Schedule[str](Budgets())
    for key in ("one", "two"):
        schedule.offer(item(key, key=key))
    one, two = schedule.take(0), schedule.take(0)
    schedule.put_back(one, until=30.0)
    schedule.put_back(two, until=2.0)
    assert schedule.next_time() == 30.0


def test_chats_that_are_long_silent_are_forgotten() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(1, 60.0),)))
    for n in range(100):
        schedule.offer(item("hello", chat=f"{n}"))
    taken(schedule, 0)
    schedule.take(61)
    assert schedule._chats == {}


@pytest.mark.parametrize(("platform", "budgets"), [("telegram", TELEGRAM), ("discord", DISCORD)])
def test_the_settings_give_each_platform_what_is_known_of_it(platform: str, budgets: Budgets) -> None:
    assert budgets_of(Settings(), platform) == budgets


# -- whatever happens -------------------------------------------------------------------------------------------------

CHATS, KEYS = "ab", "xyz"

rates = st.builds(Rate, st.integers(1, 3), st.integers(1, 5).map(float))
several = st.lists(rates, max_size=2).map(tuple)
budgets = st.builds(
    Budgets,
    per_chat=several,
    overall=several,
    per_group=several,
    reserve=st.sampled_from((0.0, 0.4, 1.0)),
    edit_interval=st.integers(0, 3).map(float),
    is_group=st.just("b".__eq__),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), st.sampled_from(CHATS), st.sampled_from(KEYS), st.sampled_from(Urgency)),
        st.tuples(st.just("wait"), st.integers(0, 4)),
        st.tuples(st.just("finish"), st.integers(0, 9)),
        st.tuples(st.just("refuse"), st.integers(0, 9), st.integers(1, 4)),
    ),
    max_size=60,
)


@dataclass
class Play:
    """A platform under a schedule: all that may be sent is sent at once, and ends when the steps say so."""

    schedule: Schedule[int]
    budgets: Budgets
    now: float = 0.0
    offered: dict[tuple[str, str], list[Item[int]]] = field(default_factory=dict)
    begun: list[tuple[float, Item[int]]] = field(default_factory=list)
    in_flight: list[Item[int]] = field(default_factory=list)
    edits: dict[tuple[str, str], float] = field(default_factory=dict)
    silent: dict[str, float] = field(default_factory=dict)
    choices: list[tuple[list[Urgency], Urgency | None]] = field(default_factory=list)

    def send(self) -> None:
        gone: Item[int] | None = None
        while not self.choices or gone is not None:
            ready = [one.urgency for one in self.waiting() if self.may_be_sent(one)]
            gone = self.schedule.take(self.now)
            self.choices.append((ready, gone.urgency if gone else None))
            if gone is not None:
                self.begun.append((self.now, gone))
                self.in_flight.append(gone)
                if gone.urgency is STATUS:
                    assert self.edited(gone) + self.budgets.edit_interval <= self.now
                    self.edits[gone.chat, gone.key] = self.now
                elif gone.urgency.last_word:
                    self.edits.pop((gone.chat, gone.key), None)
        due = self.schedule.next_time()
        assert due is None or due > self.now

    def waiting(self) -> list[Item[int]]:
        return [entry.item for chat in self.schedule._chats.values() for entry in chat.waiting.values()]

    def may_be_sent(self, one: Item[int]) -> bool:
        """By the letter of every rule."""
        begun = [*self.begun, (self.now, one)]
        return (
            self.silent.get(one.chat, 0) <= self.now
            and in_budget(self.budgets, begun, one.chat)
            and in_budget(self.budgets, begun)
            and (one.urgency is not STATUS or self.edited(one) + self.budgets.edit_interval <= self.now)
            and not any((one.chat, one.key) == (other.chat, other.key) for other in self.in_flight)
        )

    def edited(self, one: Item[int]) -> float:
        """When a status of that key was sent last, and not refused."""
        return self.edits.get((one.chat, one.key), float("-inf"))

    def step(self, step) -> None:
        self.choices.clear()
        match step:
            case "offer", chat, key, urgency:
                one = Item(chat, key, urgency, len(self.offered.setdefault((chat, key), [])))
                self.offered[chat, key].append(one)
                self.schedule.offer(one)
            case "wait", seconds:
                self.now += seconds
            case "finish", index if self.in_flight:
                self.schedule.finished(self.in_flight.pop(index % len(self.in_flight)))
            case "refuse", index, seconds if self.in_flight:
                one = self.in_flight.pop(index % len(self.in_flight))
                self.edits.pop((one.chat, one.key), None)
                self.silent[one.chat] = max(self.silent.get(one.chat, 0), self.now + seconds)
                self.schedule.put_back(one, self.now + seconds)
        self.send()

    def settle(self) -> None:
        """Let everything finish, and time pass until nothing waits."""
        while self.in_flight or len(self.schedule):
            while self.in_flight:
                self.schedule.finished(self.in_flight.pop())
            self.now = max(self.now, self.schedule.next_time() or self.now)
            self.choices.clear()
            self.send()


def played(budgets: Budgets, steps) -> Play:
    play = Play(Schedule(budgets), budgets)
    for step in steps:
        play.step(step)
    play.settle()
    return play


def in_budget(budgets: Budgets, begun: list[tuple[float, Item[int]]], chat: str | None = None) -> bool:
    """Whether what was sent to that chat, or to all of them, kept to every rate."""
    here = [(time, one) for time, one in begun if chat in (None, one.chat)]
    rates = budgets.overall if chat is None else budgets.per_chat + (budgets.per_group if chat == "b" else ())
    statuses = [time for time, one in here if one.urgency is STATUS]
    return all(within(rate, [time for time, _ in here]) for rate in rates) and all(
        within(Rate(max(1, int(rate.count * (1 - budgets.reserve))), rate.seconds), statuses) for rate in rates
    )


def within(rate: Rate, times: list[float]) -> bool:
    return all(late - early >= rate.seconds for early, late in zip(times, times[rate.count :], strict=False))


@given(budgets, steps)
def test_no_budget_is_ever_exceeded_in_any_window(budgets: Budgets, steps) -> None:
    begun = played(budgets, steps).begun
    assert in_budget(budgets, begun)
    assert all(in_budget(budgets, begun, chat) for chat in CHATS)


@given(budgets, steps)
def test_what_is_sent_of_a_key_only_ever_gets_newer(budgets: Budgets, steps) -> None:
    play = played(budgets, steps)
    for slot in play.offered:
        sent = [one.payload for _, one in play.begun if (one.chat, one.key) == slot]
        assert sent == sorted(sent)


@given(budgets, steps)
def test_the_last_thing_sent_of_a_key_is_its_last_word_or_else_its_newest(budgets: Budgets, steps) -> None:
    play = played(budgets, steps)
    for slot, offered in play.offered.items():
        last = [one.payload for _, one in play.begun if (one.chat, one.key) == slot][-1]
        words = [one.payload for one in offered if one.urgency.last_word]
        assert last >= max(words, default=0)
        assert words or last == offered[-1].payload


@given(budgets, steps)
def test_what_goes_is_the_most_urgent_of_what_may_and_nothing_is_held_back_for_no_reason(budgets, steps) -> None:
    play = Play(Schedule(budgets), budgets)
    for step in steps:
        play.step(step)
        for ready, gone in play.choices:
            assert gone == min(ready, default=None)
