"""What a prompt's events add up to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.comfyui import events, progress
from bot.comfyui.events import (
    Executed,
    Executing,
    ExecutionCached,
    ExecutionError,
    ExecutionInterrupted,
    ExecutionStart,
    ExecutionSuccess,
    Malformed,
    NodePicture,
    NodeProgress,
    Picture,
    Progress,
    ProgressState,
    Status,
    Unknown,
)
from bot.comfyui.outputs import OutputFile, OutputFrame
from bot.comfyui.plan import Plan
from bot.comfyui.progress import (
    Cancelled,
    Failed,
    Queued,
    Running,
    Succeeded,
    SucceededWithNothing,
    Track,
    reduce,
)

P = "p"
SD = Plan(
    titles={"4": "Load Checkpoint", "5": "Empty Latent", "6": "Prompt", "3": "KSampler", "8": "Decode", "9": "Save"},
    heavy=frozenset({"3"}),
)
STREAM = Plan(titles={"1": "Draw", "2": "SaveImageWebsocket"}, streams=frozenset({"2"}))


def node(id_: str | None) -> Executing:
    return Executing(id_, id_, P)


def step(id_: str, value: float, most: float) -> Progress:
    return Progress(value, most, id_, P)


def saved(id_: str, name: str) -> Executed:
    return Executed(P, id_, {"images": [{"filename": name, "subfolder": "", "type": "output"}]})


def after(plan: Plan, *said: events.Event, track: Track | None = None) -> Track:
    track = Track(plan=plan) if track is None else track
    for event in said:
        track = reduce(track, event)
    return track


def running(track: Track) -> Running:
    assert isinstance(track.state, Running)
    return track.state


def test_a_prompt_nobody_spoke_of_is_queued_at_an_unknown_place():
    assert Track().state == Queued(None, None)


def test_the_node_that_runs_is_named_counted_and_stepped():
    state = running(after(SD, ExecutionStart(P), ExecutionCached(P), node("4"), node("5"), node("3"), step("3", 7, 20)))
    assert (state.node, state.index, state.nodes, state.step, state.steps) == ("KSampler", 3, 6, 7, 20)


def test_cached_nodes_do_not_count():
    state = running(after(SD, ExecutionStart(P), ExecutionCached(P, ("4", "5", "6")), node("3")))
    assert (state.index, state.nodes) == (1, 3)


def test_most_of_the_way_is_the_sampler():
    before = running(after(SD, ExecutionStart(P), node("4"), node("5"), node("6"), node("3"))).overall
    done = running(after(SD, ExecutionStart(P), node("4"), node("5"), node("6"), node("3"), step("3", 20, 20))).overall
    assert before < 0.2
    assert done > 0.85


def test_a_second_sampler_starts_its_steps_anew_while_the_whole_goes_on():
    plan = Plan(titles={"a": "first", "b": "second", "c": "Save"}, heavy=frozenset({"a", "b"}))
    first = after(plan, ExecutionStart(P), node("a"), step("a", 20, 20))
    second = after(plan, node("b"), step("b", 1, 20), track=first)
    assert (running(second).step, running(second).index) == (1, 2)
    assert running(second).overall > running(first).overall


def test_a_node_that_turns_out_slow_does_not_take_progress_back():
    plan = Plan(titles={"1": "Draw", "2": "Upscale", "3": "Save"})
    at_draw = after(plan, ExecutionStart(P), node("1"), node("2"))
    slow = after(plan, step("2", 1, 40), track=at_draw)
    assert running(slow).overall >= running(at_draw).overall
    assert running(after(plan, step("2", 39, 40), track=slow)).overall > 0.8


def test_a_missing_executing_event_is_made_up_for_by_the_nodes_own_progress():
    state = running(after(SD, ExecutionStart(P), node("4"), step("3", 2, 20)))
    assert (state.node, state.index, state.step) == ("KSampler", 2, 2)


def test_the_state_of_all_nodes_makes_up_for_everything_missed():
    nodes = {id_: NodeProgress(1, 1, "finished") for id_ in ("4", "5", "6")} | {"3": NodeProgress(5, 20, "running")}
    state = running(after(SD, ProgressState(P, nodes)))
    assert (state.node, state.index, state.nodes, state.step, state.steps) == ("KSampler", 4, 6, 5, 20)


def test_what_a_node_expanded_into_counts_as_that_node():
    plan = Plan(titles={"1": "Loop", "2": "Save"})
    nodes = {"1.0.0.3": NodeProgress(1, 1, "running", display_node_id="1")}
    for said in (Executing("1.0.0.3", "1", P), ProgressState(P, nodes)):
        state = running(after(plan, ExecutionStart(P), said))
        assert (state.node, state.index, state.nodes) == ("Loop", 1, 2)


def test_a_greeting_names_a_node_but_no_prompt_and_is_laid_over_with_resume():
    assert running(progress.resume(progress.start(Track(plan=SD)), "3")).node == "KSampler"


@pytest.mark.parametrize(
    "nonsense", [step("3", float("nan"), 20), step("3", 3, float("inf")), step("3", 1, 0), step("3", 1, 1e300)]
)
def test_nonsense_steps_are_ignored(nonsense):
    at = after(SD, ExecutionStart(P), node("3"), step("3", 4, 20))
    assert running(after(SD, nonsense, track=at)).step == 4


def test_a_success_has_what_the_nodes_gave_each_file_once():
    track = after(SD, ExecutionStart(P), saved("9", "a.png"), saved("9", "a.png"), ExecutionSuccess(P))
    assert track.state == Succeeded((OutputFile("9", "a.png"),))


def test_a_success_by_events_is_not_settled_until_the_records_say_so():
    assert not after(SD, ExecutionSuccess(P)).settled


def test_a_failure_names_the_node_and_gives_one_line_of_the_reason():
    error = ExecutionError(P, "3", "KSampler", "\n  Allocation on device 0 would exceed memory\nmore\n", "OOM")
    track = after(SD, ExecutionStart(P), error)
    assert track.state == Failed("KSampler", "Allocation on device 0 would exceed memory")
    assert track.settled


def test_a_failure_without_a_message_gives_its_type_and_without_a_known_node_its_class():
    assert after(SD, ExecutionError(P, "77", "Odd", "", "KeyError")).state == Failed("Odd", "KeyError")


def test_an_interrupted_prompt_is_cancelled():
    assert after(SD, ExecutionStart(P), ExecutionInterrupted(P)).state == Cancelled()


def test_pictures_of_a_streaming_node_are_results_in_order_whichever_frame_brings_them():
    said = [
        node("1"),
        node("2"),
        Picture("png", b"one"),
        NodePicture(P, "2", "png", b"two"),
        ExecutionSuccess(P),
    ]
    assert after(STREAM, *said).state == Succeeded((OutputFrame("2", "png", b"one"), OutputFrame("2", "png", b"two")))


def test_pictures_of_other_nodes_are_previews_and_no_results():
    said = [node("1"), Picture("jpeg", b"preview"), NodePicture(P, "1", "jpeg", b"preview"), ExecutionSuccess(P)]
    assert after(STREAM, *said).state == SucceededWithNothing()


def test_frames_are_lost_if_the_socket_was_down_before_the_node_began():
    at = progress.disconnect(after(STREAM, node("1")))
    assert after(STREAM, ExecutionSuccess(P), track=at).state == SucceededWithNothing(frames_lost=True)


def test_frames_are_lost_in_part_if_the_socket_was_down_in_the_middle_of_the_node():
    at = progress.disconnect(after(STREAM, node("1"), node("2"), Picture("png", b"one")))
    at = progress.resume(at, "2")
    ended = after(STREAM, Picture("png", b"three"), ExecutionSuccess(P), track=at).state
    assert ended == Succeeded((OutputFrame("2", "png", b"one"), OutputFrame("2", "png", b"three")), frames_lost=True)


def test_no_frame_is_lost_if_the_node_ran_from_beginning_to_end_on_one_connection():
    at = progress.disconnect(after(STREAM, node("1")))
    ended = after(STREAM, node("2"), Picture("png", b"one"), ExecutionSuccess(P), track=at).state
    assert ended == Succeeded((OutputFrame("2", "png", b"one"),))


def test_no_frame_is_lost_if_the_socket_was_down_only_while_the_prompt_waited():
    at = progress.wait(progress.disconnect(Track(plan=STREAM)), Queued(1, 1), heard=True)
    assert after(STREAM, ExecutionStart(P), ExecutionSuccess(P), track=at).state == SucceededWithNothing()


def test_a_prompt_that_runs_does_not_go_back_to_the_queue():
    at = after(SD, ExecutionStart(P), node("4"))
    assert progress.wait(at, Queued(2, 5), heard=True) is at


def test_nothing_new_gives_the_same_track_again():
    at = after(SD, ExecutionStart(P), node("3"), step("3", 4, 20))
    for said in (ExecutionStart(P), node("3"), step("3", 4, 20), Status(), Unknown("x"), Malformed("y"), node(None)):
        assert reduce(at, said) is at


IDS = st.sampled_from(["1", "2", "3", "4", "9", "1.0.3", ""])
NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.integers(-3, 40).map(float)
EVENTS = st.one_of(
    st.just(ExecutionStart(P)),
    st.lists(IDS, max_size=4).map(lambda nodes: ExecutionCached(P, tuple(nodes))),
    st.builds(Executing, st.none() | IDS, st.none() | IDS, st.sampled_from([None, P])),
    st.builds(Progress, NUMBERS, NUMBERS, st.none() | IDS, st.just(P)),
    st.dictionaries(
        IDS,
        st.builds(
            NodeProgress, NUMBERS, NUMBERS, st.sampled_from(["running", "finished", "pending", "?"]), st.none() | IDS
        ),
        max_size=5,
    ).map(lambda nodes: ProgressState(P, nodes)),
    st.builds(saved, IDS, st.sampled_from(["a.png", "b.png"])),
    st.dictionaries(st.sampled_from(["images", "text", "gifs"]), st.none() | st.text(max_size=3)).map(
        lambda output: Executed(P, "9", output)
    ),
    st.builds(Picture, st.just("png"), st.binary(max_size=2)),
    st.builds(NodePicture, st.just(P), IDS, st.just("png"), st.binary(max_size=2)),
    st.just(Unknown("x")),
)
ENDS = st.sampled_from([ExecutionSuccess(P), ExecutionInterrupted(P), ExecutionError(P, "1", "X", "no", "E")])
PLANS = st.builds(
    Plan,
    titles=st.dictionaries(IDS, st.text(max_size=4), max_size=6),
    heavy=st.frozensets(IDS, max_size=3),
    streams=st.frozensets(IDS, max_size=2),
)


@settings(max_examples=200)
@given(PLANS, st.lists(EVENTS | ENDS, max_size=25))
def test_any_events_in_any_order_never_raise_and_never_take_progress_back(plan, said):
    track, reached = Track(plan=plan), 0.0
    for event in said:
        before = track
        track = reduce(track, event)
        assert before.ended is None or track is before, "an end is final"
        if isinstance(track.state, Running):
            assert reached <= track.state.overall <= 1
            assert 0 <= track.state.index <= track.state.nodes
            assert 0 <= track.state.step <= track.state.steps
            reached = track.state.overall


ONE_RUN: list[events.Event] = [
    ExecutionStart(P),
    ExecutionCached(P, ("4",)),
    node("5"),
    ProgressState(P, {"5": NodeProgress(1, 1, "finished")}),
    node("6"),
    node("3"),
    *(step("3", value, 4) for value in range(1, 5)),
    node("8"),
    node("9"),
    saved("9", "a.png"),
]


@given(st.permutations(ONE_RUN), st.integers(0, len(ONE_RUN)))
def test_a_real_run_shuffled_doubled_and_cut_still_only_goes_forward_and_ends_right(shuffled, cut):
    track, reached = Track(plan=SD), 0.0
    for event in [*shuffled[:cut], *shuffled]:
        track = reduce(track, event)
        if isinstance(track.state, Running):
            assert track.state.overall >= reached
            reached = track.state.overall
    assert reduce(track, ExecutionSuccess(P)).state == Succeeded((OutputFile("9", "a.png"),))
