"""Recorded traffic of three versions, replayed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.comfyui import records
from bot.comfyui.events import Malformed, Unknown, decode
from bot.comfyui.plan import Plan
from bot.comfyui.progress import Running, Track, reduce
from bot.comfyui.refusals import read_acceptance, read_refusal

DATA = Path(__file__).parents[2] / "data" / "transcripts"
EXPECTED = json.loads((DATA / "expected.json").read_text("utf-8"))


def test_the_table_covers_every_transcript():
    assert set(EXPECTED) == {path.relative_to(DATA).with_suffix("").as_posix() for path in DATA.glob("*/*.jsonl")}
    assert len(EXPECTED) == 56


@pytest.mark.parametrize("name", EXPECTED)
def test_events_alone_bring_every_prompt_as_far_as_they_can(transcript, name):
    heard = {prompt: told if isinstance(told, str) else told[0] for prompt, told in EXPECTED[name].items()}
    assert transcript(name).ends(with_records=False) == heard


@pytest.mark.parametrize("name", EXPECTED)
def test_the_records_have_the_last_word(transcript, name):
    known = {prompt: told if isinstance(told, str) else told[1] for prompt, told in EXPECTED[name].items()}
    assert transcript(name).ends(with_records=True) == known


@pytest.mark.parametrize("name", EXPECTED)
def test_every_recorded_frame_is_understood(transcript, name):
    strange = [event for frame in transcript(name).frames() if isinstance(event := decode(frame), Unknown | Malformed)]
    assert strange == []


@pytest.mark.parametrize("name", EXPECTED)
def test_progress_never_goes_backwards(transcript, name):
    for prompt_id, (graph, _client) in transcript(name).graphs().items():
        track, reached = Track(plan=Plan.of(graph)), 0.0
        for event in map(decode, transcript(name).frames()):
            if getattr(event, "prompt_id", prompt_id) == prompt_id:
                track = reduce(track, event)
                if isinstance(track.state, Running):
                    assert reached <= track.state.overall <= 1
                    assert track.state.index <= track.state.nodes
                    reached = track.state.overall


@pytest.mark.parametrize("name", EXPECTED)
def test_every_recorded_answer_to_a_prompt_is_understood(transcript, name):
    for record in transcript(name).records:
        if record["kind"] == "http_resp" and record["path"] == "/prompt" and "json" in record:
            body = json.dumps(record["json"]).encode()
            if record["status"] == 400:
                assert all(problem.kind and problem.message for problem in read_refusal(body, {}))
            elif "number" in record["json"]:
                assert read_acceptance(body, {}).number == record["json"]["number"]


@pytest.mark.parametrize("version", ["0.28.0", "0.3.75"])
def test_the_queue_is_put_into_the_order_in_which_it_ran(transcript, version):
    """Eleven jobs wait, listed in heap order; the one posted last has a number between the first two."""
    told = transcript(f"{version}/fair_number").records
    listing = next(r["json"] for r in told if r["kind"] == "http_resp" and r["path"] == "/queue" and "json" in r)
    queue, _plans = records.read_queue(json.dumps(listing).encode())
    pending = {entry.prompt_id for entry in queue.pending}
    ran = [
        r["json"]["data"]["prompt_id"]
        for r in told
        if r["kind"] == "ws_text"
        and r["json"]["type"] == "execution_start"
        and r["json"]["data"]["prompt_id"] in pending
    ]
    assert [entry.prompt_id for entry in queue.pending] == ran


def test_both_listings_of_a_newer_server_say_the_same(transcript):
    told = transcript("0.28.0/fair_number").records
    answers = [r for r in told if r["kind"] == "http_resp" and r["path"].partition("?")[0] in ("/queue", "/api/jobs")]
    by_queue, _plans = records.read_queue(json.dumps(answers[0]["json"]).encode())
    by_jobs = records.read_jobs(json.dumps(answers[1]["json"]).encode())
    assert by_jobs.pending == by_queue.pending
