"""Frames and what they say."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.comfyui.events import (
    Executed,
    Executing,
    ExecutionCached,
    ExecutionError,
    FeatureFlags,
    Malformed,
    NodePicture,
    NodeText,
    Picture,
    Progress,
    ProgressState,
    Status,
    Unknown,
    decode,
)

PROMPT = "95ffcf5d-f67d-4af1-8b06-78f839900bf9"


def text(kind: str, **data: object) -> str:
    return json.dumps({"type": kind, "data": data})


def metadata(**said: object) -> bytes:
    head = json.dumps(said).encode()
    return struct.pack(">II", 4, len(head)) + head


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        (text("executing", node="3", display_node="3", prompt_id=PROMPT), Executing("3", "3", PROMPT)),
        (text("executing", node=None, prompt_id=PROMPT), Executing(None, None, PROMPT)),
        (text("executing", node="2"), Executing("2", None, None)),
        (text("execution_cached", nodes=["1"], prompt_id=PROMPT, timestamp=1), ExecutionCached(PROMPT, ("1",))),
        (text("progress", value=4, max=12, prompt_id=PROMPT, node="2"), Progress(4, 12, "2", PROMPT)),
        (text("progress", value=0.5, max=1.5), Progress(0.5, 1.5, None, None)),
        (text("progress_state", prompt_id=PROMPT, nodes={}), ProgressState(PROMPT, {})),
        (text("executed", node="2", output=None, prompt_id=PROMPT), Executed(PROMPT, "2", None)),
        (text("feature_flags", supports_preview_metadata=True), FeatureFlags()),
        (text("crystools.monitor", cpu=3), Unknown("crystools.monitor")),
        ('{"type": "no data at all"}', Unknown("no data at all")),
        (struct.pack(">II", 1, 1) + b"jpeg", Picture("jpeg", b"jpeg")),
        (struct.pack(">II", 1, 2) + b"png", Picture("png", b"png")),
        (
            metadata(node_id="3", prompt_id=PROMPT, image_type="image/jpeg", parent_node_id=None) + b"a picture",
            NodePicture(PROMPT, "3", "jpeg", b"a picture"),
        ),
        (struct.pack(">II", 3, 2) + b"12" + "三 of 4".encode(), NodeText("12", "三 of 4")),
        (struct.pack(">II", 9, 0), Unknown("binary 9")),
    ],
)
def test_a_frame_says(frame, event):
    assert decode(frame) == event


def test_a_status_counts_everybodys_prompts_and_only_a_greeting_has_a_sid():
    greeting = decode(text("status", status={"exec_info": {"queue_remaining": 3}}, sid="me"))
    change = decode(text("status", status={"exec_info": {"queue_remaining": 2}}))
    assert isinstance(greeting, Status)
    assert isinstance(change, Status)
    assert (greeting.remaining, greeting.sid, change.remaining, change.sid) == (3, "me", 2, None)


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "[]",
        "null",
        "{",
        '{"type": 7}',
        '{"data": {}}',
        '{"type": "progress", "data": {"value": "four", "max": 12}}',
        '{"type": "progress", "data": {"value": 1e999, "max": 12}}',
        '{"type": "execution_start", "data": null}',
        "[" * 100_000,
        '{"type":' * 100_000,
        "\ud800",
        b"",
        b"\0\0\0\1",
        struct.pack(">II", 1, 77) + b"picture",
        struct.pack(">II", 4, 500) + b"{}",
        struct.pack(">II", 4, 2) + b"{}",
        struct.pack(">II", 3, 1) + b"\xff",
    ],
)
def test_a_frame_that_cannot_be_what_it_says_is_malformed(frame):
    assert isinstance(decode(frame), Malformed)


def test_what_pythons_json_lets_through_is_read_too():
    frame = '{"type": "execution_error", "data": {"prompt_id": "p", "exception_message": "\\ud83d oops", "x": [NaN]}}'
    assert decode(frame) == ExecutionError("p", exception_message="? oops")


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_frame_gives_an_event(frame):
    assert decode(frame) is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["node", "prompt_id", "nodes", "value", "max", "output", "status", "sid", "node_id", "exception_message", "state"]
)
KINDS = st.sampled_from(
    ["status", "executing", "progress", "progress_state", "executed", "execution_error", "execution_cached", "other"]
)


@given(KINDS, st.dictionaries(KEYS, JSON))
def test_any_data_under_any_type_gives_an_event(kind, data):
    assert decode(json.dumps({"type": kind, "data": data})) is not None


@given(st.integers(0, 6), st.integers(0, 60), st.binary(max_size=60))
def test_any_binary_head_gives_an_event(kind, word, rest):
    assert decode(struct.pack(">II", kind, word) + rest) is not None
