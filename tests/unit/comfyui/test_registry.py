"""Many prompts, one socket: who is told what."""

from __future__ import annotations

import msgspec
import pytest

from bot.comfyui.events import (
    Executed,
    Executing,
    ExecutionError,
    ExecutionStart,
    ExecutionSuccess,
    NodePicture,
    Picture,
    Progress,
)
from bot.comfyui.outputs import OutputFile, OutputFrame
from bot.comfyui.plan import Plan
from bot.comfyui.progress import (
    Cancelled,
    Failed,
    Lost,
    Queued,
    Running,
    Succeeded,
    SucceededWithNothing,
    Track,
)
from bot.comfyui.pulse import Need
from bot.comfyui.records import Entry, Outcome, Queue, Record
from bot.comfyui.registry import Prompt, Registry

STREAM = Plan(titles={"1": "Draw", "2": "SaveImageWebsocket"}, streams=frozenset({"2"}))
PLAIN = Plan(titles={"1": "Draw", "9": "Save"})


@pytest.fixture
def over() -> list[Prompt]:
    """The prompts that were called over."""
    return []


@pytest.fixture
def registry(over) -> Registry:
    return Registry(silence=15, patience=2, confirm=over.append)


def follow(registry: Registry, prompt_id: str, plan: Plan = PLAIN, *, ours: bool = True) -> Prompt:
    return registry.add(Prompt(prompt_id, Track(plan=plan), ours=ours))


def hear(registry: Registry, *said, now: float = 0) -> None:
    for event in said:
        registry.hear(event, now)


def queue(running: str = "", pending: str = "") -> Queue:
    return Queue(tuple(Entry(0, id_) for id_ in running), tuple(Entry(n, id_) for n, id_ in enumerate(pending)))


def fold(registry: Registry, listed: Queue, now: float = 0, *, heard: bool = True) -> list[str]:
    gone = registry.fold(listed, {}, now, heard=heard)
    registry.place(listed.pending, 0, len(listed.pending), heard=heard)
    return [prompt.id for prompt in gone]


def test_an_event_is_for_its_prompt_only(registry):
    a, b = follow(registry, "a"), follow(registry, "b")
    hear(registry, ExecutionStart("a"), Progress(2, 4, "1", "a"), ExecutionStart("of somebody else"))
    assert isinstance(a.update.state, Running)
    assert b.update.state == Queued()


def test_a_picture_without_a_word_is_for_the_node_that_runs_now(registry):
    a, b = follow(registry, "a", STREAM), follow(registry, "b", STREAM)
    hear(registry, Executing("2", "2", "a"), Picture("png", b"A"), ExecutionSuccess("a"), Executing(None, None, "a"))
    hear(registry, Executing("2", "2", "b"), Picture("png", b"B"), ExecutionSuccess("b"))
    assert a.track.state == Succeeded((OutputFrame("2", "png", b"A"),))
    assert b.track.state == Succeeded((OutputFrame("2", "png", b"B"),))


def test_a_picture_while_another_node_runs_is_a_preview(registry):
    a = follow(registry, "a", STREAM)
    hear(registry, Executing("1", "1", "a"), Picture("jpeg", b"preview"))
    assert (a.update.preview, a.track.frames) == (b"preview", ())


def test_a_picture_while_nothing_of_ours_runs_is_somebody_elses(registry):
    a = follow(registry, "a", STREAM)
    hear(registry, Executing("2", "2", "a"), Executing(None, None, "a"), Picture("png", b"theirs"))
    registry.disconnected()
    hear(registry, Picture("png", b"theirs"))
    assert (a.track.frames, a.preview) == ((), None)


def test_a_result_is_no_preview(registry):
    a = follow(registry, "a", STREAM)
    hear(registry, Executing("2", "2", "a"), NodePicture("a", "2", "png", b"result"))
    assert a.update.preview is None


def test_the_end_is_kept_back_until_it_is_confirmed(registry, over):
    a = follow(registry, "a")
    file = {"images": [{"filename": "a.png"}]}
    hear(registry, Executing("9", "9", "a"), Executed("a", "9", file), ExecutionSuccess("a"))
    assert isinstance(a.update.state, Running)
    assert over == []
    hear(registry, Executing(None, None, "a"))
    assert over == [a]
    registry.absent(a, now=0)
    assert a.update.state == Succeeded((OutputFile("9", "a.png"),))


def test_a_failure_needs_no_confirmation(registry, over):
    a = follow(registry, "a")
    hear(registry, ExecutionError("a", "1", "Draw", "no"), Executing(None, None, "a"))
    assert a.update.state == Failed("Draw", "no")
    assert over == []


def test_a_greeting_is_for_the_only_prompt_that_runs(registry):
    a, _b = follow(registry, "a"), follow(registry, "b")
    registry.disconnected()
    hear(registry, Executing("9"))
    assert a.update.state == Queued()
    assert fold(registry, queue("a", "b")) == []
    assert isinstance(a.update.state, Running)
    assert a.update.state.node == "Save"


def test_a_greeting_does_not_outlive_what_runs_next(registry):
    a, b = follow(registry, "a"), follow(registry, "b")
    hear(registry, Executing("9"), Executing("1", "1", "b"))
    fold(registry, queue("a"))
    assert (a.track.node, b.track.node) == ("", "1")


def test_everybody_who_waits_learns_the_place(registry):
    a, b = follow(registry, "a"), follow(registry, "b")
    fold(registry, queue("r", "xab"))
    assert (a.update.state, b.update.state) == (Queued(2, 3), Queued(3, 3))


def test_frames_missed_while_it_may_have_run_are_lost_but_not_those_of_a_prompt_that_still_waits(registry):
    a, b = follow(registry, "a", STREAM), follow(registry, "b", STREAM)
    registry.disconnected()
    fold(registry, queue("a", "b"))
    assert (a.track.missed, b.track.missed) == (True, False)


def test_a_prompt_of_another_client_stays_under_suspicion(registry):
    theirs = follow(registry, "t", STREAM, ours=False)
    registry.disconnected()
    fold(registry, queue("", "t"))
    assert theirs.track.missed


def test_what_is_not_in_the_queue_is_to_be_looked_up(registry):
    registry.post(follow(registry, "p"))
    follow(registry, "a")
    follow(registry, "b")
    assert fold(registry, queue("b")) == ["a"]


def test_a_prompt_is_lost_when_it_is_absent_twice_and_not_before(registry):
    a = follow(registry, "a")
    registry.absent(a, now=10)
    registry.absent(a, now=11)
    assert a.update.state == Queued()
    registry.absent(a, now=12)
    assert a.update.state == Lost()


def test_a_prompt_seen_again_is_not_lost(registry):
    a = follow(registry, "a")
    registry.absent(a, now=10)
    fold(registry, queue("", "a"), now=11)
    registry.absent(a, now=13)
    assert a.update.state == Queued(1, 1)


def test_a_cancelled_prompt_that_is_absent_is_cancelled(registry):
    a = follow(registry, "a")
    a.cancelled = True
    registry.absent(a, now=10)
    assert a.update.state == Cancelled()


SUCCEEDED = Record(Outcome.SUCCEEDED, 0, msgspec.Raw(b"null"))


def test_records_that_are_quicker_than_a_large_picture_wait_for_it(registry):
    a = follow(registry, "a", STREAM)
    hear(registry, Executing("2", "2", "a"))
    registry.conclude(a, SUCCEEDED, now=5, heard=True)
    assert isinstance(a.update.state, Running)
    assert fold(registry, queue(), now=6) == []
    assert not registry.need(now=6).overdue
    hear(registry, Picture("png", b"late"), ExecutionSuccess("a"), now=7)
    registry.conclude(a, SUCCEEDED, now=7)
    assert a.update.state == Succeeded((OutputFrame("2", "png", b"late"),))


def test_but_not_for_ever(registry):
    a = follow(registry, "a", STREAM)
    registry.conclude(a, SUCCEEDED, now=5, heard=True)
    assert registry.need(now=20).overdue
    assert fold(registry, queue(), now=20) == ["a"]
    registry.conclude(a, SUCCEEDED, now=20, heard=True)
    assert a.update.state == SucceededWithNothing(frames_lost=True)


def test_nor_for_a_socket_that_is_gone(registry):
    a = follow(registry, "a", STREAM)
    registry.conclude(a, SUCCEEDED, now=5, heard=True)
    registry.disconnected()
    assert fold(registry, queue(), now=6) == ["a"]
    registry.conclude(a, SUCCEEDED, now=6, heard=True)
    assert a.update.state == SucceededWithNothing(frames_lost=True)


def test_a_prompt_that_sends_nothing_over_the_socket_ends_with_its_record(registry):
    a = follow(registry, "a")
    registry.conclude(a, SUCCEEDED, now=5, heard=True)
    assert a.update.state == SucceededWithNothing()


def test_needs(registry):
    assert registry.need(now=0) == Need()
    a = follow(registry, "a")
    registry.post(a)
    assert registry.need(now=0) == Need(active=True)
    registry.posted(a)
    assert registry.need(now=0) == Need(active=True, waiting=True)
    hear(registry, ExecutionStart("a"), now=100)
    assert registry.need(now=114) == Need(active=True)
    assert registry.need(now=115) == Need(active=True, overdue=True)
    hear(registry, ExecutionSuccess("a"), now=200)
    assert registry.need(now=200.5) == Need(active=True)
    assert registry.need(now=201) == Need(active=True, overdue=True)
    a.confirming = True
    assert registry.need(now=201) == Need(active=True)
    registry.absent(a, now=201)
    assert registry.need(now=999) == Need()


def test_a_prompt_of_ours_that_the_queue_shows_running_is_not_overdue_but_one_of_others_stays_so(registry):
    follow(registry, "a")
    fold(registry, queue("a"), now=50)
    assert not registry.need(now=51).overdue
    follow(registry, "t", ours=False)
    fold(registry, queue("at"), now=51)
    assert registry.need(now=52).overdue


def test_after_a_lost_socket_all_that_run_are_overdue(registry):
    follow(registry, "a")
    hear(registry, ExecutionStart("a"), now=100)
    registry.disconnected()
    assert registry.need(now=100.1).overdue


def test_old_endings_that_nobody_asked_for_are_dropped(registry):
    for number in range(100):
        registry.absent(follow(registry, str(number)), now=0)
        registry.absent(registry.get(str(number)), now=9)
    assert registry.get("0") is None
    assert registry.get("99") is not None


def test_a_prompt_that_is_followed_anew_does_not_go_with_the_old_endings(registry):
    for number in range(100):
        prompt = follow(registry, str(number))
        prompt.cancelled = True
        registry.absent(prompt, now=0)
        registry.forget(prompt)
        if number == 0:
            again = follow(registry, "0")
    assert registry.get("0") is again
