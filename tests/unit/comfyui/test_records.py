"""The server's records, read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.comfyui.outputs import OutputFile, OutputFrame
from bot.comfyui.plan import Plan
from bot.comfyui.progress import Cancelled, Failed, Queued, Succeeded, SucceededWithNothing, Track
from bot.comfyui.records import (
    Entry,
    Outcome,
    conclude,
    read_history,
    read_job,
    read_jobs,
    read_queue,
)
from bot.comfyui.wire import UndecodableError

GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {}},
    "2": {"class_type": "LabFail", "inputs": {"image": ["1", 0]}, "_meta": {"title": "Fail on purpose"}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
}
SAVED = {"3": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}}
ERROR = [
    "execution_error",
    {"node_id": "2", "node_type": "LabFail", "exception_message": "no\n", "exception_type": "E"},
]
STOPPED = ["execution_interrupted", {"node_id": "2"}]


def history(status: Any, outputs: Any = None) -> bytes:
    prompt = [7, "p", GRAPH, {"client_id": "me"}, ["3"]]
    return json.dumps({"p": {"prompt": prompt, "outputs": outputs or {}, "status": status}}).encode()


def status(word: str, *messages: list[Any]) -> dict[str, Any]:
    return {"status_str": word, "completed": word == "success", "messages": [["execution_start", {}], *messages]}


@pytest.mark.parametrize(
    ("said", "outputs", "state"),
    [
        (status("success", ["execution_success", {}]), SAVED, Succeeded((OutputFile("3", "a.png"),))),
        (status("success"), {}, SucceededWithNothing()),
        (None, SAVED, Succeeded((OutputFile("3", "a.png"),))),
        (status("error", ERROR), {}, Failed("Fail on purpose", "no")),
        (status("error"), {}, Failed("", "")),
        (status("error", STOPPED), SAVED, Cancelled()),
    ],
)
def test_a_history_entry_says_how_a_prompt_ended(said, outputs, state):
    record = read_history(history(said, outputs), "p")
    assert record is not None
    assert conclude(Track(), record).state == state
    assert conclude(Track(plan=Plan.of(GRAPH)), record).settled


def test_what_came_over_the_socket_is_added_to_what_the_server_kept():
    record = read_history(history(status("success"), SAVED), "p")
    assert record is not None
    frame = OutputFrame("4", "png", b"x")
    assert conclude(Track(frames=(frame,)), record).state == Succeeded((OutputFile("3", "a.png"), frame))


def test_a_prompt_that_streams_and_was_never_heard_of_has_lost_its_frames():
    graph = {"1": {"class_type": "SaveImageWebsocket", "inputs": {}}}
    body = {"p": {"prompt": [0, "p", graph, {}, ["1"]], "outputs": {}, "status": status("success")}}
    record = read_history(json.dumps(body).encode(), "p")
    assert record is not None
    assert conclude(Track(missed=True), record).state == SucceededWithNothing(frames_lost=True)


def test_a_settled_end_stays():
    ended = conclude(Track(), read_history(history(status("error", STOPPED)), "p"))
    assert conclude(ended, read_history(history(status("success"), SAVED), "p")) is ended


@pytest.mark.parametrize("body", [b"{}", history(status("success")).replace(b'"p"', b'"q"', 1)])
def test_no_entry_is_no_record(body):
    assert read_history(body, "p") is None


def test_a_history_with_what_pythons_json_lets_through_is_read():
    body = history(status("error", ERROR)).replace(b'"LabFail", "exc', b'"LabFail", "current_inputs": [NaN], "exc')
    assert b"NaN" in body
    record = read_history(body, "p")
    assert record is not None
    assert record.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("job", "outcome"),
    [
        ({"status": "pending"}, Outcome.UNFINISHED),
        ({"status": "in_progress"}, Outcome.UNFINISHED),
        ({"status": "completed", "outputs": SAVED, "execution_status": status("success")}, Outcome.SUCCEEDED),
        ({"status": "failed", "execution_status": status("error", ERROR)}, Outcome.FAILED),
        ({"status": "cancelled", "execution_status": status("error", STOPPED)}, Outcome.CANCELLED),
        ({"status": "cancelled"}, Outcome.CANCELLED),
    ],
)
def test_a_job_says_what_became_of_a_prompt(job, outcome):
    record = read_job(json.dumps({"id": "p", "priority": 3.5, "workflow": {"prompt": GRAPH}} | job).encode())
    assert (record.outcome, record.number) == (outcome, 3.5)


def row(number: float, prompt_id: str, *more: Any) -> list[Any]:
    return [number, prompt_id, GRAPH, {}, ["3"], *more]


def test_a_queue_is_in_run_order_by_number_then_id_however_it_is_listed():
    body = {
        "queue_running": [row(0, "r", {})],
        "queue_pending": [row(5, "c"), row(1.5, "x"), row(5, "a"), row(-3, "z")],
    }
    queue, plans = read_queue(json.dumps(body).encode(), {"r", "c"})
    assert queue.running == (Entry(0, "r"),)
    assert [entry.prompt_id for entry in queue.pending] == ["z", "x", "a", "c"]
    assert queue.places()["z"] == Queued(1, 4)
    assert queue.places()["c"] == Queued(4, 4)
    assert plans == {"r": Plan.of(GRAPH), "c": Plan.of(GRAPH)}


def test_a_list_of_jobs_is_a_queue_too():
    jobs = [{"id": "b", "status": "pending", "priority": 2}, {"id": "a", "status": "pending", "priority": 1}]
    queue = read_jobs(json.dumps({"jobs": [*jobs, {"id": "r", "status": "in_progress", "priority": 0}]}).encode())
    assert ([e.prompt_id for e in queue.pending], [e.prompt_id for e in queue.running]) == (["a", "b"], ["r"])


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"queue_running": [[1]], "queue_pending": []}', b'{"jobs":']
)
@pytest.mark.parametrize("read", [read_queue, read_jobs, read_job])
def test_another_answer_is_undecodable(read, body):
    with pytest.raises(UndecodableError):
        read(body)
