"""What is known of one prompt, from its events: a pure reducer.

Theory of operation. A `Track` is what is known of one prompt that runs a `Plan`; `reduce` lays one event over it.
Events are hints: any may be missing, late or doubled. So a handler only ever adds knowledge, `overall` never falls,
and once the prompt has ended no event changes anything. An end in success is not `settled` until the server's
records say so too (`bot.comfyui.records`), for they know every output.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec
from msgspec.structs import replace

from bot.comfyui import events
from bot.comfyui.events import Event
from bot.comfyui.outputs import Kept, Output, OutputFile, OutputFrame, OutputText, outputs_of
from bot.comfyui.plan import Plan
from bot.comfyui.wire import one_line

__all__ = [
    "Cancelled",
    "Ended",
    "Failed",
    "Lost",
    "Output",
    "OutputFile",
    "OutputFrame",
    "OutputText",
    "Plan",
    "Queued",
    "Running",
    "State",
    "Succeeded",
    "SucceededWithNothing",
    "Track",
    "Update",
    "disconnect",
    "failure",
    "reduce",
    "replan",
    "resume",
    "settle",
    "start",
    "success",
    "wait",
]


@dataclass(frozen=True, slots=True)
class Queued:
    """Waiting. `position` 1 is next to run; `of` counts everybody's waiting prompts. None: not known yet."""

    position: int | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """Being executed: node `index` of `nodes`, `step` of `steps` in it (0 of 0: it reports none).

    `node` is the node's title. `overall` is 0..1 over the whole graph and never falls. Nodes that the server has
    cached do not count.
    """

    node: str
    index: int
    nodes: int
    step: int
    steps: int
    overall: float


@dataclass(frozen=True, slots=True)
class Succeeded:
    """Done, with at least one output. `frames_lost`: there were more, but the socket was down when they came."""

    outputs: tuple[Output, ...]
    frames_lost: bool = False


@dataclass(frozen=True, slots=True)
class SucceededWithNothing:
    """Done, and nothing came out. `frames_lost`: the graph sends pictures over the socket, and it was down."""

    frames_lost: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """A node raised. `node` is its title, `reason` the server's own words (one line)."""

    node: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Deleted from the queue, or interrupted."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The server no longer knows the prompt: it was restarted, its history was cleared, or somebody deleted it."""


Ended: TypeAlias = Succeeded | SucceededWithNothing | Failed | Cancelled | Lost
State: TypeAlias = Queued | Running | Ended


@dataclass(frozen=True, slots=True)
class Update:
    """One thing a watcher is told: the newest state, and the newest preview picture (JPEG or PNG) if there is one."""

    state: State
    preview: bytes | None = field(default=None, repr=False)


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one prompt. A Struct because it is made anew for every event: its `replace` costs a tenth.

    `node` is the node that runs, `key` the one of the plan that it stands for (they differ for what a node expanded
    into). `cached` and `done` are keys; `reporting` are keys that turned out heavy by reporting steps. `spent` of
    `total` is the weight of what is done.

    Whether pictures over the socket were lost is told by `missed` (the socket was down when the prompt may have run),
    `fresh` (the node that runs was seen to begin on this connection) and `streamed` (nodes seen from beginning to
    end on one); `frames` are those that came.
    """

    plan: Plan = Plan()
    queued: Queued = Queued()
    started: bool = False
    ended: Ended | None = None
    settled: bool = False
    node: str = ""
    key: str = ""
    step: int = 0
    steps: int = 0
    cached: frozenset[str] = frozenset()
    done: frozenset[str] = frozenset()
    reporting: frozenset[str] = frozenset()
    spent: float = 0.0
    total: float = 0.0
    overall: float = 0.0
    kept: tuple[Kept, ...] = ()
    missed: bool = False
    fresh: bool = False
    streamed: frozenset[str] = frozenset()
    frames: tuple[OutputFrame, ...] = ()

    @property
    def state(self) -> State:
        """The newest that can be said."""
        return self.advance if self.ended is None else self.ended

    @property
    def advance(self) -> Queued | Running:
        """How far it has come, its end left out."""
        if not self.started:
            return self.queued
        index = len(self.done) + (self.key != "")
        nodes = max(index, len(self.plan.titles.keys() - self.cached))
        title = self.plan.titles.get(self.key, self.key)
        return Running(title, index, nodes, self.step, self.steps, self.overall)

    @property
    def streaming(self) -> bool:
        """Whether pictures over the socket are expected that were not seen to come whole."""
        return self.ended is None and bool(self.plan.streams - self.streamed - self.cached)


def reduce(track: Track, event: Event) -> Track:
    """`track` with one event of its prompt laid over it. Total: any event in any order gives a track.

    The same object comes back where the event says nothing new.
    """
    handler = _HANDLERS.get(type(event))
    return track if handler is None or track.ended is not None else handler(track, event)


def wait(track: Track, queued: Queued, *, heard: bool) -> Track:
    """The server's queue has it waiting. `heard`: whatever the server sends of it from now on will reach us."""
    missed = track.missed and not heard
    if track.started or track.ended is not None or (queued, missed) == (track.queued, track.missed):
        return track
    return replace(track, queued=queued, missed=missed)


def start(track: Track) -> Track:
    """The server's queue has it running."""
    return track if track.started or track.ended is not None else replace(track, started=True)


def resume(track: Track, node: str) -> Track:
    """A new connection's greeting says that this node of it is running, begun some time ago."""
    return track if track.ended is not None else _enter(track, node, node)


def disconnect(track: Track) -> Track:
    """The socket is gone; whatever the server sends now is lost."""
    return track if track.ended is not None else replace(track, missed=True, fresh=False)


def replan(track: Track, plan: Plan) -> Track:
    """Another plan for the same prompt: outputs were dropped, or none was known before."""
    return _weighed(replace(track, plan=plan))


def settle(track: Track, ended: Ended) -> Track:
    """The end as the server's records have it: final."""
    return track if track.settled else replace(track, ended=ended, settled=True)


def success(track: Track, kept: tuple[Kept, ...]) -> Succeeded | SucceededWithNothing:
    """The end in success, with what the server kept and the frames that came."""
    outputs = (*kept, *track.frames)
    lost = track.missed and bool(track.plan.streams - track.streamed - track.cached)
    return Succeeded(outputs, frames_lost=lost) if outputs else SucceededWithNothing(frames_lost=lost)


def failure(plan: Plan, node: str | None, node_type: str | None, message: str, kind: str) -> Failed:
    """The end in which a node raised an exception of that `kind`."""
    return Failed(node=plan.titles.get(node or "") or node_type or "", reason=one_line(message) or kind)


def _on_start(track: Track, _event: events.ExecutionStart) -> Track:
    return start(track)


def _on_cached(track: Track, event: events.ExecutionCached) -> Track:
    cached = track.cached.union(event.nodes)
    return _weighed(replace(track, started=True, cached=cached, done=track.done - cached))


def _on_executing(track: Track, event: events.Executing) -> Track:
    if event.node is None:
        return track
    return _enter(track, event.node, event.display_node or event.node, fresh=event.prompt_id is not None)


def _on_progress(track: Track, event: events.Progress) -> Track:
    if event.node and event.node != track.node:
        if event.node in track.done:
            return track
        track = _enter(track, event.node, event.node)
    return _stepped(track, event.value, event.max)


def _on_progress_state(track: Track, event: events.ProgressState) -> Track:
    running = {id_: node for id_, node in event.nodes.items() if node.state == "running"}
    finished = {_key(track, id_, node) for id_, node in event.nodes.items() if node.state == "finished"}
    finished -= {_key(track, id_, node) for id_, node in running.items()} | track.cached | track.done | {track.key}
    if finished:
        track = _weighed(replace(track, started=True, done=track.done | finished))
    if not running:
        return track
    if track.node in running:
        node = running[track.node]
    else:
        id_, node = running.popitem()
        track = _enter(track, id_, _key(track, id_, node))
    return _stepped(track, node.value, node.max) if node.max > 1 else track


def _on_executed(track: Track, event: events.Executed) -> Track:
    new = tuple(kept for kept in outputs_of(event.node, event.output or {}) if kept not in track.kept)
    return replace(track, started=True, kept=track.kept + new) if new else track


def _on_picture(track: Track, event: events.Picture) -> Track:
    return _framed(track, track.node, event.format, event.data)


def _on_node_picture(track: Track, event: events.NodePicture) -> Track:
    return _framed(track, event.node, event.format, event.data)


def _on_success(track: Track, _event: events.ExecutionSuccess) -> Track:
    streamed = _left(track).streamed
    return replace(track, streamed=streamed, ended=success(replace(track, streamed=streamed), track.kept))


def _on_error(track: Track, event: events.ExecutionError) -> Track:
    kind, message = event.exception_type, event.exception_message
    return settle(track, failure(track.plan, event.node_id, event.node_type, message, kind))


def _on_interrupted(track: Track, _event: events.ExecutionInterrupted) -> Track:
    return settle(track, Cancelled())


_HANDLERS: dict[type, Callable[[Track, Any], Track]] = {
    events.ExecutionStart: _on_start,
    events.ExecutionCached: _on_cached,
    events.Executing: _on_executing,
    events.Progress: _on_progress,
    events.ProgressState: _on_progress_state,
    events.Executed: _on_executed,
    events.Picture: _on_picture,
    events.NodePicture: _on_node_picture,
    events.ExecutionSuccess: _on_success,
    events.ExecutionError: _on_error,
    events.ExecutionInterrupted: _on_interrupted,
}


def _key(track: Track, node: str, said: events.NodeProgress) -> str:
    return node if node in track.plan.titles else said.display_node_id or node


def _enter(track: Track, node: str, display_node: str, *, fresh: bool = False) -> Track:
    """`node` runs; what ran before is done."""
    if node == track.node:
        return track if track.fresh or not fresh else replace(track, fresh=True)
    key = node if node in track.plan.titles else display_node
    track = _left(track)
    done, cached = track.done - {key}, track.cached - {key}
    entered = replace(track, started=True, node=node, key=key, step=0, steps=0, fresh=fresh, done=done, cached=cached)
    return _weighed(entered)


def _left(track: Track) -> Track:
    """The node that ran is done."""
    if not track.node:
        return track
    streamed = track.streamed | {track.node} if track.fresh and track.node in track.plan.streams else track.streamed
    return replace(track, node="", key="", fresh=False, done=track.done | {track.key}, streamed=streamed)


def _framed(track: Track, node: str, picture_format: str, data: bytes) -> Track:
    """A picture of `node`: a result if it streams them, else a preview, which is nothing to a track."""
    if node not in track.plan.streams:
        return track
    return replace(track, started=True, frames=(*track.frames, OutputFrame(node, picture_format, data)))


_HEAVY, _LIGHT = 20.0, 1.0
_MOST_STEPS = 1_000_000


def _weight(track: Track, key: str) -> float:
    return _HEAVY if key in track.plan.heavy or key in track.reporting else _LIGHT


def _weighed(track: Track) -> Track:
    """`spent`, `total` and `overall` after a change of what runs, is done, or weighs what."""
    spent = sum(_weight(track, key) for key in track.done)
    todo = track.plan.titles.keys() - track.cached - track.done | ({track.key} if track.key else set())
    total = spent + sum(_weight(track, key) for key in todo)
    overall = max(track.overall, spent / total if total else 0.0)
    return replace(track, spent=spent, total=total, overall=overall)


def _stepped(track: Track, value: float, most: float) -> Track:
    """Step `value` of `most` in the node that runs."""
    if not (math.isfinite(value) and 1 <= most <= _MOST_STEPS):
        return track
    value = min(max(value, 0.0), most)
    step, steps = int(value), int(most)
    if step == track.step and steps == track.steps:
        return track
    key = track.key
    if steps > 1 and not (key in track.plan.heavy or key in track.reporting or track.node in track.plan.streams):
        track = _weighed(replace(track, reporting=track.reporting | {key}))
    reached = (track.spent + _weight(track, key) * value / most) / track.total if track.total else 0.0
    return replace(track, started=True, step=step, steps=steps, overall=max(track.overall, min(reached, 1.0)))
