"""What a ComfyUI server's records say: ``/queue``, ``/history`` and, on newer servers, ``/api/jobs``. Pure.

A prompt goes from pending to running to history in single steps under the server's lock (ComfyUI 0.3.75), so one that
is in no queue and then in no history is gone: ask in that order. The functions that read an answer raise
`UndecodableError` where it is not what the route answers.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import msgspec

from bot.comfyui.outputs import Kept, all_outputs
from bot.comfyui.plan import Plan
from bot.comfyui.progress import Cancelled, Queued, Track, failure, replan, settle, success
from bot.comfyui.wire import UndecodableError, read

JOBS_IN_QUEUE = ("in_progress", "pending")
"""The ``status`` of ``/api/jobs`` that together list what ``/queue`` does."""


PLANNED = 64
"""Of how many waiting prompts, the next first, an answer's graphs are looked into: a plan matters once it runs."""

_NOTHING = msgspec.Raw(b"null")


@dataclass(frozen=True, slots=True)
class Entry:
    """One prompt in the queue. The lower `number` runs first; equal ones run by `prompt_id`."""

    number: float
    prompt_id: str


@dataclass(frozen=True, slots=True)
class Queue:
    """Everybody's prompts on one server: those that run, and those that wait in the order in which they will run."""

    running: tuple[Entry, ...] = ()
    pending: tuple[Entry, ...] = ()

    @property
    def next_up(self) -> list[str]:
        """Those that run and the first `PLANNED` that wait."""
        return [entry.prompt_id for entry in (*self.running, *self.pending[:PLANNED])]

    def places(self) -> dict[str, Queued]:
        """The place of every waiting prompt."""
        of = len(self.pending)
        return {entry.prompt_id: Queued(place, of) for place, entry in enumerate(self.pending, start=1)}


class Outcome(Enum):
    """What became of a prompt so far."""

    UNFINISHED = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    CANCELLED = auto()


@dataclass(frozen=True, slots=True)
class Record:
    """What a server keeps of one prompt. `node`, `message` and `kind` tell of a failure; `graph` is JSON."""

    outcome: Outcome
    number: float
    graph: msgspec.Raw = field(repr=False)
    kept: tuple[Kept, ...] = ()
    node: str = ""
    node_type: str = ""
    message: str = ""
    kind: str = ""


def read_queue(body: bytes, unplanned: Container[str] = ()) -> tuple[Queue, dict[str, Plan]]:
    """The answer of ``GET /queue`` (rows in heap order), and plans of the `unplanned` that run or are next to run."""
    answer = read(body, _QUEUE)
    running = _in_order((row.number, row.prompt_id) for row in answer.queue_running)
    pending = _in_order((row.number, row.prompt_id) for row in answer.queue_pending)
    queue = Queue(running, pending)
    wanted = {prompt_id for prompt_id in queue.next_up if prompt_id in unplanned}
    rows = (*answer.queue_running, *answer.queue_pending)
    return queue, {row.prompt_id: plan_of(row.graph) for row in rows if row.prompt_id in wanted}


def read_jobs(body: bytes) -> Queue:
    """The answer of ``GET /api/jobs?status=pending,in_progress`` (newest first, without graphs)."""
    jobs = read(body, _JOBS).jobs
    running, pending = (
        _in_order((job.priority, job.id) for job in jobs if job.status == status) for status in JOBS_IN_QUEUE
    )
    return Queue(running, pending)


def read_history(body: bytes, prompt_id: str) -> Record | None:
    """The answer of ``GET /history/{prompt_id}``; None if the server has it not (or not yet)."""
    entry = read(body, _HISTORY).get(prompt_id)
    return None if entry is None else entry.record


def read_histories(body: bytes) -> dict[str, Record]:
    """The answer of ``GET /history``, a page of it or all: the records by prompt, the oldest first."""
    return {prompt_id: entry.record for prompt_id, entry in read(body, _HISTORY).items()}


def read_job(body: bytes) -> Record:
    """The answer of ``GET /api/jobs/{prompt_id}``."""
    job = read(body, _JOB)
    graph = job.workflow.prompt
    if job.status in JOBS_IN_QUEUE:
        return Record(Outcome.UNFINISHED, job.priority, graph)
    if job.status == "cancelled":
        return Record(Outcome.CANCELLED, job.priority, graph)
    return _record(job.priority, job.outputs, job.execution_status or _Status(), graph)


def plan_of(graph: msgspec.Raw) -> Plan:
    """The plan of a graph as the records hold it; an empty one if it cannot be read."""
    try:
        nodes = read(graph, _GRAPH)
    except UndecodableError:
        return Plan()
    return Plan.of(nodes)


def conclude(track: Track, record: Record) -> Track:
    """`track` with what the server's records say of its prompt."""
    if track.settled:
        return track
    if not track.plan.titles:
        track = replan(track, plan_of(record.graph))
    match record.outcome:
        case Outcome.SUCCEEDED:
            return settle(track, success(track, record.kept))
        case Outcome.FAILED:
            return settle(track, failure(track.plan, record.node, record.node_type, record.message, record.kind))
        case Outcome.CANCELLED:
            return settle(track, Cancelled())
        case Outcome.UNFINISHED:
            return track


class _Row(msgspec.Struct, array_like=True):
    """``[number, prompt_id, graph, extra_data, outputs, ...]``."""

    number: float
    prompt_id: str
    graph: msgspec.Raw = _NOTHING


class _QueueAnswer(msgspec.Struct):
    queue_running: list[_Row]
    queue_pending: list[_Row]


class _Fault(msgspec.Struct):
    node_id: str | None = None
    node_type: str | None = None
    exception_message: str = ""
    exception_type: str = ""


class _Status(msgspec.Struct):
    status_str: str = "success"
    messages: list[tuple[str, msgspec.Raw]] = []


class _HistoryEntry(msgspec.Struct):
    prompt: _Row
    outputs: dict[str, Any] = {}
    status: _Status | None = None

    @property
    def record(self) -> Record:
        return _record(self.prompt.number, self.outputs, self.status or _Status(), self.prompt.graph)


class _Workflow(msgspec.Struct):
    prompt: msgspec.Raw = _NOTHING


class _Job(msgspec.Struct):
    id: str
    status: str
    priority: float = 0
    outputs: dict[str, Any] = {}
    execution_status: _Status | None = None
    workflow: _Workflow = msgspec.field(default_factory=_Workflow)


class _JobsAnswer(msgspec.Struct):
    jobs: list[_Job]


_QUEUE = msgspec.json.Decoder(_QueueAnswer)
_JOBS = msgspec.json.Decoder(_JobsAnswer)
_JOB = msgspec.json.Decoder(_Job)
_HISTORY = msgspec.json.Decoder(dict[str, _HistoryEntry])
_FAULT = msgspec.json.Decoder(_Fault)
_GRAPH = msgspec.json.Decoder(dict[str, Any])


def _in_order(prompts: Iterable[tuple[float, str]]) -> tuple[Entry, ...]:
    return tuple(Entry(number, prompt_id) for number, prompt_id in sorted(prompts))


def _record(number: float, outputs: Mapping[str, Any], status: _Status, graph: msgspec.Raw) -> Record:
    """An interrupted prompt has the status of a failed one; only the messages tell them apart."""
    messages = dict(status.messages)
    if "execution_interrupted" in messages:
        return Record(Outcome.CANCELLED, number, graph)
    if "execution_error" in messages:
        fault = read(messages["execution_error"], _FAULT)
        return Record(
            Outcome.FAILED,
            number,
            graph,
            node=fault.node_id or "",
            node_type=fault.node_type or "",
            message=fault.exception_message,
            kind=fault.exception_type,
        )
    if status.status_str == "error":
        return Record(Outcome.FAILED, number, graph)
    return Record(Outcome.SUCCEEDED, number, graph, kept=all_outputs(outputs))
