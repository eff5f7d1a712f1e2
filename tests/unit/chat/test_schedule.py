"""The pure core of pacing, on a clock that a test moves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app.translation import budgets_of
from bot.chat.schedule import DISCORD, TELEGRAM, Budgets, Item, Rate, Schedule, Urgency
from bot.config import Settings

RESULT, FINAL, REPLY, CARD, STATUS = Urgency


def item(payload: str, urgency: Urgency = STATUS, *, chat: str = "a", key: str = "job", weight: int = 1) -> Item[str]:
    return Item(chat, key, urgency, payload, weight)


def taken(schedule: Schedule[str], now: float) -> list[str]:
    """Everything that may be sent at that moment, sent."""
    payloads = []
    while (one := schedule.take(now)) is not None:
        payloads.append(one.payload)
        schedule.finished(one, now)
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
        schedule.offer(item(f"{n}", REPLY, key=f"{n}"))
    assert [taken(schedule, now) for now in (0, 0.5, 1, 2, 3, 59, 60)] == [["0"], [], ["1"], ["2"], [], [], ["3"]]


def test_a_window_begins_when_a_send_ends_for_the_message_may_have_arrived_last_thing() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(1, 60.0),)))
    for n in range(2):
        schedule.offer(item(f"{n}", REPLY, key=f"{n}"))
    schedule.finished(schedule.take(0), 20)
    assert (taken(schedule, 79), schedule.next_time(), taken(schedule, 80)) == ([], 80.0, ["1"])


def test_what_hangs_holds_back_its_own_chat_only() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(1, 1.0),), overall=(Rate(30, 1.0),)))
    for chat in ("a", "b"):
        for n in range(2):
            schedule.offer(item(f"{chat}{n}", REPLY, chat=chat, key=f"{n}"))
    hangs = schedule.take(0)
    assert [taken(schedule, now) for now in (0, 1, 2)] == [["b0"], ["b1"], []]
    assert schedule.next_time() is None
    schedule.finished(hangs, 100)
    assert (schedule.next_time(), taken(schedule, 101)) == (101.0, ["a1"])


def test_what_hangs_takes_no_more_of_its_chats_rate_than_itself() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(3, 60.0),)))
    for n in range(9):
        schedule.offer(item(f"{n}", REPLY, key=f"{n}"))
    schedule.take(0)
    assert [taken(schedule, now) for now in (0, 59, 60, 119, 120)] == [["1", "2"], [], ["3", "4"], [], ["5", "6"]]


def test_over_all_chats_starts_are_counted_so_that_a_few_uploads_do_not_stop_everybody() -> None:
    schedule = Schedule[str](Budgets(overall=(Rate(2, 1.0),)))
    for chat in "abcd":
        schedule.offer(item(chat, RESULT, chat=chat))
    uploads = [schedule.take(0), schedule.take(0), schedule.take(0)]
    assert [upload and upload.payload for upload in uploads] == ["a", "b", None]
    assert taken(schedule, 1) == ["c", "d"]


def test_an_album_counts_as_many_messages_as_it_has() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(20, 60.0),)))
    schedule.offer(item("album", RESULT, weight=11))
    for n in range(10):
        schedule.offer(item(f"{n}", RESULT, key=f"{n}"))
    schedule.offer(item("second album", RESULT, key="second", weight=11))
    assert taken(schedule, 0) == ["album", *"012345678"]
    assert (taken(schedule, 60), schedule.next_time()) == (["9", "second album"], None)


def test_an_album_is_not_overtaken_for_ever_by_what_is_lighter() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(4, 60.0),)))
    sent = []
    for now in range(300):
        schedule.offer(item(f"{now}", REPLY, key=f"{now}"))
        if now == 100:
            schedule.offer(item("album", RESULT, key="album", weight=4))
        sent += [(payload, now) for payload in taken(schedule, now)]
    assert ("album", 123) in sent


def test_an_album_that_no_window_holds_has_one_for_itself() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(3, 60.0),)))
    schedule.offer(item("before", REPLY))
    assert taken(schedule, 0) == ["before"]
    schedule.offer(item("album", RESULT, key="album", weight=11))
    schedule.offer(item("after", STATUS, key="after"))
    assert [taken(schedule, now) for now in (59, 60, 119, 120)] == [[], ["album"], [], ["after"]]


def test_an_album_counts_over_all_chats_too() -> None:
    schedule = Schedule[str](Budgets(overall=(Rate(10, 1.0),)))
    schedule.offer(item("album", RESULT, weight=8))
    schedule.offer(item("another", RESULT, chat="b", weight=8))
    assert (taken(schedule, 0), schedule.next_time(), taken(schedule, 1)) == (["album"], 1.0, ["another"])


def test_what_was_refused_counts_for_the_platform_may_have_counted_it() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(20, 60.0),)))
    schedule.offer(item("album", RESULT, weight=11))
    schedule.put_back(schedule.take(0), 3, until=8.0)
    assert (taken(schedule, 8), schedule.next_time(), taken(schedule, 63)) == ([], 63.0, ["album"])


def test_a_group_has_a_budget_on_top_of_that_of_a_chat() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(2, 1.0),), per_group=(Rate(1, 60.0),), is_group="group".__eq__))
    for chat in ("group", "private"):
        for n in range(2):
            schedule.offer(item(f"{chat} {n}", REPLY, chat=chat, key=f"{n}"))
    assert taken(schedule, 0) == ["group 0", "private 0", "private 1"]
    assert schedule.next_time() == 60.0


def test_status_edits_leave_room_in_a_budget_for_a_result() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(4, 60.0),), reserve=0.25))
    schedule.offer(item("answer", REPLY, key="answer"))
    for n in range(3):
        schedule.offer(item(f"{n}", key=f"{n}"))
    assert [taken(schedule, now) for now in (0, 19, 20, 59)] == [["answer", "0"], [], ["1"], []]
    schedule.offer(item("picture", RESULT, key="picture"))
    assert [taken(schedule, now) for now in (59, 60)] == [["picture"], ["2"]]


def test_answers_and_first_cards_leave_half_of_that_room_to_results() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(20, 60.0),), reserve=0.2))
    for n in range(30):
        schedule.offer(item(f"{n}", (REPLY, CARD)[n % 2], key=f"{n}"))
    assert len(taken(schedule, 0)) == 18
    for n in range(3):
        schedule.offer(item(f"picture {n}", RESULT, key=f"picture {n}"))
    assert (taken(schedule, 0), schedule.next_time()) == (["picture 0", "picture 1"], 60.0)


def test_status_edits_come_apart_from_each_other_so_that_they_are_never_late_together() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(20, 60.0),), reserve=0.25))
    sent = []
    for now in range(60):
        schedule.offer(item("edit"))
        sent += [now for _ in taken(schedule, now)]
    assert sent == [*range(0, 60, 4)]


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
        schedule.offer(item(chat, REPLY, chat=chat))
    assert [taken(schedule, 0), schedule.next_time(), taken(schedule, 1)] == [["a", "b"], 1.0, ["c"]]


def test_a_first_card_counts_as_an_edit_of_its_message() -> None:
    schedule = Schedule[str](Budgets(edit_interval=2.0))
    schedule.offer(item("accepted", CARD))
    assert taken(schedule, 0) == ["accepted"]
    schedule.offer(item("running"))
    assert (taken(schedule, 1), schedule.next_time()) == ([], 2.0)


def test_of_first_cards_the_newest_goes_first_for_the_oldest_will_soon_be_results() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(1, 1.0),)))
    for n in range(4):
        schedule.offer(item(f"card {n}", CARD, key=f"{n}"))
    schedule.offer(item("newer card 1", CARD, key="1"))
    schedule.offer(item("picture 0", RESULT, key="0"))
    sent = [one for now in range(5) for one in taken(schedule, now)]
    assert sent == ["picture 0", "card 3", "card 2", "newer card 1"]


def test_results_come_in_the_order_in_which_they_were_made_whether_or_not_their_cards_waited() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(1, 1.0),)))
    for n in range(3):
        schedule.offer(item(f"card {n}", CARD, key=f"{n}"))
    for n in (3, 1, 0, 2):
        schedule.offer(item(f"{n}", RESULT, key=f"{n}"))
    assert [one for now in range(4) for one in taken(schedule, now)] == ["3", "1", "0", "2"]


def test_results_go_first_then_last_words_then_answers_then_first_cards_then_edits() -> None:
    schedule = Schedule[str](Budgets())
    for urgency in reversed(Urgency):
        schedule.offer(item(urgency.name, urgency, key=urgency.name))
    assert taken(schedule, 0) == ["RESULT", "FINAL", "REPLY", "CARD", "STATUS"]


def test_of_a_key_the_newest_wins_in_the_oldest_ones_place() -> None:
    schedule = Schedule[str](Budgets())
    assert schedule.offer(item("1 of 20"))
    assert not schedule.offer(item("other", key="other"))
    assert not schedule.offer(item("5 of 20"))
    assert taken(schedule, 0) == ["5 of 20", "other"]


def test_a_first_card_stays_urgent_when_a_newer_one_takes_its_place() -> None:
    schedule = Schedule[str](Budgets(per_chat=(Rate(1, 1.0),)))
    schedule.offer(item("other", key="other"))
    schedule.offer(item("accepted", CARD))
    schedule.offer(item("running", STATUS))
    assert taken(schedule, 0) == ["running"]


@pytest.mark.parametrize("last", [FINAL, RESULT])
def test_no_status_follows_a_last_word_that_waits_or_is_being_sent(last: Urgency) -> None:
    schedule = Schedule[str](Budgets())
    schedule.offer(item("end", last))
    assert not schedule.offer(item("late", STATUS))
    end = schedule.take(0)
    assert not schedule.offer(item("later", STATUS))
    schedule.finished(end, 1)
    assert taken(schedule, 1) == []


def test_a_failure_may_follow_a_result_that_could_not_be_posted() -> None:
    schedule = Schedule[str](Budgets())
    schedule.offer(item("picture", RESULT))
    picture = schedule.take(0)
    schedule.offer(item("no picture", FINAL))
    assert schedule.take(0) is None
    schedule.finished(picture, 0)
    assert taken(schedule, 0) == ["no picture"]


def test_an_edit_in_flight_is_not_overtaken_by_a_newer_one() -> None:
    schedule = Schedule[str](Budgets())
    schedule.offer(item("old"))
    old = schedule.take(0)
    schedule.offer(item("new"))
    schedule.offer(item("other", key="other"))
    assert taken(schedule, 0) == ["other"]
    assert schedule.next_time() is None
    schedule.finished(old, 0)
    assert taken(schedule, 0) == ["new"]


def test_a_refused_item_waits_as_long_as_its_chat_is_told_to_and_no_other_chat_does() -> None:
    schedule = Schedule[str](Budgets())
    schedule.offer(item("first"))
    schedule.put_back(schedule.take(0), 0, until=7.0)
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
    schedule.put_back(old, 0, until=1.0)
    assert taken(schedule, 1) == ["new"]


def test_a_shorter_silence_does_not_end_a_longer_one() -> None:
    schedule = Schedule[str](Budgets())
    for key in ("one", "two"):
        schedule.offer(item(key, key=key))
    one, two = schedule.take(0), schedule.take(0)
    schedule.put_back(one, 0, until=30.0)
    schedule.put_back(two, 0, until=2.0)
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
offers = st.tuples(
    st.just("offer"),
    st.sampled_from(CHATS),
    st.sampled_from(KEYS),
    st.sampled_from(Urgency),
    st.sampled_from((1, 1, 1, 2, 5)),
)
arrivals = st.sampled_from((0.0, 0.5, 1.0))
"""Where between the start of a send and its end the message arrives."""
steps = st.lists(
    st.one_of(
        offers,
        st.tuples(st.just("wait"), st.integers(0, 4)),
        st.tuples(st.just("finish"), st.integers(0, 9), arrivals),
        st.tuples(st.just("refuse"), st.integers(0, 9), arrivals, st.integers(1, 4)),
    ),
    max_size=60,
)


@dataclass
class Sent:
    item: Item[int]
    start: float
    end: float = float("inf")
    arrival: float = float("inf")


@dataclass
class Play:
    """A platform under a schedule: all that may be sent is sent at once, and ends when the steps say so."""

    schedule: Schedule[int]
    budgets: Budgets
    now: float = 0.0
    offered: dict[tuple[str, str], list[Item[int]]] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    in_flight: list[Sent] = field(default_factory=list)
    edits: dict[tuple[str, str], float] = field(default_factory=dict)
    silent: dict[str, float] = field(default_factory=dict)
    choices: list[tuple[list[tuple[Urgency, bool]], Urgency | None]] = field(default_factory=list)
    """At each moment what was ready, with whether all chats together had room for it, and what went."""

    def send(self) -> None:
        gone: Item[int] | None = None
        while not self.choices or gone is not None:
            ready = [(one.urgency, self.room_over_all_chats(one)) for one in self.ready()]
            gone = self.schedule.take(self.now)
            self.choices.append((ready, gone and gone.urgency))
            if gone is not None:
                self.sent.append(Sent(gone, self.now))
                self.in_flight.append(self.sent[-1])
                if gone.urgency >= CARD:
                    self.edits[gone.chat, gone.key] = self.now
                elif gone.urgency.last_word:
                    self.edits.pop((gone.chat, gone.key), None)
        due = self.schedule.next_time()
        assert due is None or due > self.now

    def ready(self) -> list[Item[int]]:
        """What the chats may be told, by the letter of every rule; of each only what comes first, for that is fair."""
        firsts = []
        for chat in self.schedule._chats.values():
            free = [(self.rank(entry), entry.item) for entry in chat.waiting.values() if not self.blocked(entry.item)]
            firsts += [min(free)[1]] if free else []
        return [one for one in firsts if self.room_in_chat(one)]

    def rank(self, entry) -> tuple[Urgency, float, int]:
        one = entry.item
        edited = self.edits.get((one.chat, one.key), float("-inf")) if one.urgency is STATUS else 0.0
        return (one.urgency, edited, entry.order)

    def blocked(self, one: Item[int]) -> bool:
        """Whether something of its key is in flight."""
        return any((one.chat, one.key) == (sent.item.chat, sent.item.key) for sent in self.in_flight)

    def room_in_chat(self, one: Item[int]) -> bool:
        here = [sent for sent in self.sent if sent.item.chat == one.chat]
        rested = self.edits.get((one.chat, one.key), float("-inf")) + self.budgets.edit_interval <= self.now
        return (
            self.silent.get(one.chat, 0) <= self.now
            and all(self.room(rate, here, one) for rate in self.budgets.of(one.chat))
            and (rested or one.urgency is not STATUS)
        )

    def room_over_all_chats(self, one: Item[int]) -> bool:
        at_once = [replace(sent, end=sent.start) for sent in self.sent]
        return all(self.room(rate, at_once, one) for rate in self.budgets.overall)

    def room(self, rate: Rate, before: list[Sent], one: Item[int]) -> bool:
        """Whether what may arrive in the window that ends now leaves room for it."""
        weight = sum(sent.item.weight for sent in before if sent.end + rate.seconds > self.now)
        if weight and weight + one.weight > self.budgets.allowed(rate, one.urgency):
            return False
        edits = [sent for sent in before if sent.item.urgency is STATUS]
        apart = self.budgets.edits(rate).seconds
        return one.urgency is not STATUS or rate.count == 1 or all(sent.end + apart <= self.now for sent in edits)

    def step(self, step) -> None:
        self.choices.clear()
        match step:
            case "offer", chat, key, urgency, weight:
                slot = self.offered.setdefault((chat, key), [])
                slot.append(Item(chat, key, urgency, len(slot), weight))
                self.schedule.offer(slot[-1])
            case "wait", seconds:
                self.now += seconds
            case "finish", index, arrival if self.in_flight:
                self.schedule.finished(self.land(index, arrival).item, self.now)
            case "refuse", index, arrival, seconds if self.in_flight:
                one = self.land(index, arrival).item
                self.edits.pop((one.chat, one.key), None)
                self.silent[one.chat] = max(self.silent.get(one.chat, 0), self.now + seconds)
                self.schedule.put_back(one, self.now, self.now + seconds)
        self.send()

    def land(self, index: int, arrival: float) -> Sent:
        sent = self.in_flight.pop(index % len(self.in_flight))
        sent.end = self.now
        sent.arrival = sent.start + arrival * (sent.end - sent.start)
        return sent

    def settle(self) -> None:
        """Let everything finish, and time pass until nothing waits."""
        while self.in_flight or len(self.schedule):
            while self.in_flight:
                self.schedule.finished(self.land(0, 1.0).item, self.now)
            self.now = max(self.now, self.schedule.next_time() or self.now)
            self.choices.clear()
            self.send()


def played(budgets: Budgets, steps) -> Play:
    play = Play(Schedule(budgets), budgets)
    for step in steps:
        play.step(step)
    play.settle()
    return play


def keeps(rate: Rate, counted: list[tuple[float, int]]) -> bool:
    """Whether no window of the rate has more weight than it allows, but for what is heavier all by itself."""
    for first, _ in counted:
        window = [weight for moment, weight in counted if 0 <= moment - first < rate.seconds - 1e-9]
        if len(window) > 1 and sum(window) > rate.count:
            return False
    return True


@given(budgets, steps)
def test_no_chat_sees_more_than_its_rates_allow_in_any_window_whenever_what_is_sent_arrives(budgets, steps) -> None:
    sent = played(budgets, steps).sent
    for chat in CHATS:
        here = [(each.arrival, each.item.weight) for each in sent if each.item.chat == chat]
        assert all(keeps(rate, here) for rate in budgets.of(chat))


@given(budgets, steps)
def test_no_more_starts_over_all_chats_than_their_rates_allow_in_any_window(budgets, steps) -> None:
    sent = played(budgets, steps).sent
    assert all(keeps(rate, [(each.start, each.item.weight) for each in sent]) for rate in budgets.overall)


@given(budgets, steps)
def test_what_is_sent_of_a_key_only_ever_gets_newer(budgets: Budgets, steps) -> None:
    play = played(budgets, steps)
    for slot in play.offered:
        sent = [each.item.payload for each in play.sent if (each.item.chat, each.item.key) == slot]
        assert sent == sorted(sent)


@given(budgets, steps)
def test_the_last_thing_sent_of_a_key_is_its_last_word_or_else_its_newest(budgets: Budgets, steps) -> None:
    play = played(budgets, steps)
    for slot, offered in play.offered.items():
        last = [each.item.payload for each in play.sent if (each.item.chat, each.item.key) == slot][-1]
        words = [one.payload for one in offered if one.urgency.last_word]
        assert last >= max(words, default=0)
        assert words or last == offered[-1].payload


@given(budgets, steps)
def test_what_goes_is_the_most_urgent_of_what_may_and_nothing_is_held_back_for_no_reason(budgets, steps) -> None:
    play = Play(Schedule(budgets), budgets)
    for step in steps:
        play.step(step)
        for ready, gone in play.choices:
            first = min((urgency for urgency, _ in ready), default=None)
            fits = {fit for urgency, fit in ready if urgency is first}
            assert (gone is first and True in fits) or (gone is None and fits != {True})


@given(rates, st.integers(1, 40))
def test_a_chat_whose_sends_take_no_time_has_all_that_its_rate_allows(rate: Rate, count: int) -> None:
    schedule = Schedule[str](Budgets(per_chat=(rate,)))
    for n in range(count):
        schedule.offer(item(f"{n}", REPLY, key=f"{n}"))
    now, sent = 0.0, taken(schedule, 0.0)
    while (due := schedule.next_time()) is not None:
        now = due
        sent += taken(schedule, now)
    assert (len(sent), now) == (count, (count - 1) // rate.count * rate.seconds)
