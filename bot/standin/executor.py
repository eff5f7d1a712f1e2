"""The worker: takes prompts from the queue and runs their graphs, one at a time."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.standin.faults import Faults
from bot.standin.folders import Folders
from bot.standin.nodes import CATALOGUE, Frame, NodeClass, Result
from bot.standin.queue import Entry, PromptQueue
from bot.standin.schedule import Schedule, is_link, signatures
from bot.standin.settings import Settings
from bot.standin.sockets import Sockets

_log = logging.getLogger(__name__)


class Interrupted(Exception):
    """The prompt was interrupted; raised where a node reports progress."""


@dataclass(slots=True)
class _Progress:
    """How far the nodes of one prompt are, as `progress_state` tells it."""

    prompt_id: str
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def note(self, node_id: str, value: float, total: float, state: str) -> None:
        self.nodes[node_id] = {
            "value": value,
            "max": total,
            "state": state,
            "node_id": node_id,
            "prompt_id": self.prompt_id,
            "display_node_id": node_id,
            "parent_node_id": None,
            "real_node_id": node_id,
        }

    def finish(self, node_id: str) -> None:
        total = self.nodes[node_id]["max"] if node_id in self.nodes else 1
        self.note(node_id, total, total, "finished")


class Executor:
    """Runs what the queue holds, and tells the sockets. `wait` and `now` are the machine's sleep and clock."""

    def __init__(
        self,
        queue: PromptQueue,
        sockets: Sockets,
        folders: Folders,
        settings: Settings,
        faults: Faults,
        *,
        wait: Callable[[float], Awaitable[None]],
        now: Callable[[], float],
        temp_prefix: str,
    ) -> None:
        self.queue = queue
        self.sockets = sockets
        self.folders = folders
        self.settings = settings
        self.faults = faults
        self.wait = wait
        self.now = now
        self.temp_prefix = temp_prefix
        self.interrupted = False
        self.position: tuple[str | None, str | None] = (None, None)
        """Whose prompt runs, and which node of it: what a client that comes back is told."""
        self._cache: dict[str, Result] = {}
        self._forget = False

    def interrupt(self) -> None:
        """Stop the running prompt where it next reports progress or begins a node. Idle: does nothing."""
        self.interrupted = True

    def free(self) -> None:
        """Drop all cached results before the next prompt."""
        self._forget = True

    async def work(self) -> None:
        """Until cancelled; or until the heap cannot be ordered, which kills ComfyUI's worker for good as well."""
        while True:
            try:
                entry = await self.queue.get()
            except TypeError:
                _log.warning("two prompts with the same id and number: the worker is dead until a restart")
                return
            await self._execute(entry)

    async def _execute(self, entry: Entry) -> None:
        client_id: str | None = entry.extra_data.get("client_id")
        if self._forget:
            self._cache.clear()
            self._forget = False
        self.interrupted = False
        run = _PromptRun(self, entry, client_id, self._cache)
        success = await run.go()
        self.position = (client_id, None)
        self._cache = run.kept()
        await asyncio.sleep(0)  # the history is written after execution_success was sent, never before
        await self.faults.before_history()
        status = {
            "status_str": "success" if success else "error",
            "completed": success,
            "messages": run.messages,
        }
        self.queue.done(entry, {"outputs": run.shown, "status": status, "meta": run.meta})
        if client_id is not None:
            self.sockets.send("executing", {"node": None, "prompt_id": entry.prompt_id}, client_id)


class _PromptRun:
    """One prompt's run: the Step that its nodes see is this."""

    def __init__(self, executor: Executor, entry: Entry, client_id: str | None, cache: Mapping[str, Result]) -> None:
        self._executor = executor
        self._prompt_id = entry.prompt_id
        self._graph = entry.graph
        self._outputs = entry.outputs
        self._extra = entry.extra_data
        self._client_id = client_id
        self._cache = cache
        self._results: dict[str, Result] = {}
        self._progress = _Progress(entry.prompt_id)
        self._node_id = ""
        self._signatures: dict[str, str] = {}
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.shown: dict[str, Any] = {}
        self.meta: dict[str, dict[str, Any]] = {}

    # What a node sees

    @property
    def settings(self) -> Settings:
        return self._executor.settings

    @property
    def folders(self) -> Folders:
        return self._executor.folders

    @property
    def temp_prefix(self) -> str:
        return self._executor.temp_prefix

    @property
    def texts(self) -> dict[str, str]:
        added = self._extra.get("extra_pnginfo") or {}
        return {"prompt": json.dumps(self._graph)} | {name: json.dumps(value) for name, value in added.items()}

    @property
    def previews(self) -> bool:
        refused = self.settings.modern and self._extra.get("preview_method") == "none"
        return self.settings.preview and not refused and self._executor.sockets.knows(self._client_id)

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            await self._executor.wait(seconds)

    async def tick(self, value: int, total: int, frame: Frame | None = None) -> None:
        self._stop_if_interrupted()
        sockets, client_id, node_id = self._executor.sockets, self._client_id, self._node_id
        self._progress.note(node_id, value, total, "running")
        self._tell_progress()
        metadata = sockets.wants_metadata(client_id)
        if frame and metadata:
            about = {key: self._progress.nodes[node_id][key] for key in _FRAME_KEYS}
            about["image_type"] = f"image/{frame.format.lower()}"
            sockets.send_picture_with(about, frame.data, client_id)
        progress = {"value": value, "max": total, "prompt_id": self._prompt_id, "node": node_id}
        sockets.send("progress", progress, client_id)
        if frame and not metadata:
            sockets.send_picture(frame.format, frame.data, client_id)
        await self._executor.faults.at_step(node_id, self._class(node_id).name, value)

    # The run

    async def go(self) -> bool:
        """Run the graph to its end, its failure or its interruption. Whether it succeeded."""
        self._message("execution_start", {"prompt_id": self._prompt_id})
        self._signatures = signatures(self._graph, self._changes)
        cached = [node_id for node_id in self._graph if self._signatures[node_id] in self._cache]
        self._message("execution_cached", {"nodes": cached, "prompt_id": self._prompt_id})
        for node_id in Schedule(self._graph, self._outputs, CATALOGUE, self._is_cached):
            if (result := self._cache.get(self._signatures[node_id])) is not None:
                self._show_cached(node_id, result)
            elif not await self._run_node(node_id):
                return False
        self._message("execution_success", {"prompt_id": self._prompt_id})
        return True

    def kept(self) -> dict[str, Result]:
        """The results of this graph's nodes; those of earlier prompts are dropped with them."""
        known = {**self._cache, **{self._signatures[node_id]: result for node_id, result in self._results.items()}}
        return {key: known[key] for key in self._signatures.values() if key in known}

    async def _run_node(self, node_id: str) -> bool:
        node = self._class(node_id)
        self._node_id = node_id
        self._progress.note(node_id, 0.0, 1.0, "running")
        self._tell_progress()
        self._executor.position = (self._client_id, node_id)
        self._tell("executing", {"node": node_id, "display_node": node_id, "prompt_id": self._prompt_id})
        inputs = self._inputs(node_id, node)
        try:
            await self._executor.faults.at_step(node_id, node.name, 0)
            await self.sleep(self.settings.node_time)
            self._stop_if_interrupted()
            result = await self._result(node_id, node, inputs)
        except Interrupted:
            about = {"prompt_id": self._prompt_id, "node_id": node_id, "node_type": node.name}
            self._message("execution_interrupted", {**about, "executed": list(self._results)}, everybody=True)
            return False
        except Exception as raised:  # noqa: BLE001 - whatever a node raises is its result, and is told as such
            self._message("execution_error", self._error(node_id, node, inputs, raised))
            return False
        self._results[node_id] = result
        if result.ui is not None:
            self._show(node_id, result.ui)
            self._tell_executed(node_id, result.ui)
        self._progress.finish(node_id)
        self._tell_progress()
        return True

    async def _result(self, node_id: str, node: NodeClass, inputs: Mapping[str, Any]) -> Result:
        if message := self._executor.faults.failure(node_id, node.name):
            raise RuntimeError(message)
        outcome: Any = await asyncio.to_thread(node.run, self, **inputs) if node.heavy else node.run(self, **inputs)
        if inspect.isawaitable(outcome):
            outcome = await outcome
        return outcome if isinstance(outcome, Result) else Result(outcome)

    def _inputs(self, node_id: str, node: NodeClass) -> dict[str, Any]:
        given = self._graph[node_id]["inputs"]
        return {name: self._value(given[name]) for name in node.inputs if name in given}

    def _value(self, value: Any) -> Any:
        if not is_link(value):
            return value
        source, slot = value
        result = self._results.get(source) or self._cache[self._signatures[source]]
        return result.values[slot]

    def _changes(self, node_id: str) -> object:
        changes = self._class(node_id).changes
        return changes(self.folders, self._graph[node_id].get("inputs", {})) if changes else None

    def _is_cached(self, node_id: str) -> bool:
        return self._signatures[node_id] in self._cache

    def _class(self, node_id: str) -> NodeClass:
        return CATALOGUE[self._graph[node_id]["class_type"]]

    def _stop_if_interrupted(self) -> None:
        if self._executor.interrupted:
            raise Interrupted

    # What is told

    def _show(self, node_id: str, ui: Mapping[str, Any]) -> None:
        self.shown[node_id] = ui
        self.meta[node_id] = {"node_id": node_id, "display_node": node_id, "parent_node": None, "real_node_id": node_id}

    def _show_cached(self, node_id: str, result: Result) -> None:
        """A cached result shows its old files; a prompt without client id does not even get them in its history."""
        if self._client_id is not None and result.ui is not None:
            self._show(node_id, result.ui)
            self._tell_executed(node_id, result.ui)
        self._progress.finish(node_id)
        self._tell_progress()

    def _tell(self, kind: str, data: Mapping[str, Any]) -> None:
        if self._client_id is not None:
            self._executor.sockets.send(kind, data, self._client_id)

    def _tell_executed(self, node_id: str, ui: Mapping[str, Any]) -> None:
        data = {"node": node_id, "display_node": node_id, "output": ui, "prompt_id": self._prompt_id}
        self._tell("executed", data)

    def _tell_progress(self) -> None:
        state = {"prompt_id": self._prompt_id, "nodes": self._progress.nodes}
        self._executor.sockets.send("progress_state", state, self._client_id)

    def _message(self, kind: str, data: dict[str, Any], *, everybody: bool = False) -> None:
        """An event that the history keeps too."""
        data["timestamp"] = int(self._executor.now() * 1000)
        self.messages.append((kind, data))
        if everybody and self._client_id is None:
            self._executor.sockets.send(kind, data)
        else:
            self._tell(kind, data)

    def _error(self, node_id: str, node: NodeClass, inputs: Mapping[str, Any], raised: Exception) -> dict[str, Any]:
        kind = type(raised)
        where = traceback.extract_tb(raised.__traceback__)
        return {
            "prompt_id": self._prompt_id,
            "node_id": node_id,
            "node_type": node.name,
            "executed": list(self._results),
            "exception_message": f"{raised}\n",
            "exception_type": kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}",
            "traceback": [f'  File "{Path(at.filename).name}", line {at.lineno}, in {at.name}\n' for at in where],
            "current_inputs": {name: [_plain(value)] for name, value in inputs.items()},
            "current_outputs": list(self._graph),
        }


_FRAME_KEYS = ("node_id", "prompt_id", "display_node_id", "parent_node_id", "real_node_id")


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
