"""The client of one ComfyUI server: one aiohttp session and one WebSocket, however many prompts."""

from __future__ import annotations

import asyncio
import hashlib
import re
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from random import Random
from types import TracebackType
from typing import Any, Self

import structlog
from msgspec.structs import replace

from bot.comfyui.api import Api
from bot.comfyui.errors import (
    BadAnswer,
    ComfyError,
    ConnectionLost,
    OutcomeUnknown,
    RefusedGraph,
    ServerError,
    ServerTimeout,
    ServerUnreachable,
)
from bot.comfyui.http import Http
from bot.comfyui.keeper import Keeper
from bot.comfyui.lookup import look_up
from bot.comfyui.outputs import Output, OutputFile, OutputFrame, OutputText
from bot.comfyui.plan import Plan
from bot.comfyui.progress import Lost, Queued, State, Track, Update, replan, settle, start
from bot.comfyui.records import Queue, Record, conclude
from bot.comfyui.refusals import Submitted
from bot.comfyui.registry import Stats
from bot.comfyui.server import Server

_REMEMBERED_UPLOADS = 1024
_INTERNAL_ERROR = 500

log = structlog.get_logger()


class Client:
    """One server, for as long as ``async with`` lasts.

    All methods raise `bot.comfyui.errors`. `client_id` is how the server knows whom to send a prompt's events: with
    the one of an earlier process, the events of prompts it left behind arrive here.
    """

    def __init__(self, server: Server, *, client_id: str | None = None, random: Random | None = None) -> None:
        self.server = server
        self.client_id = client_id or uuid.uuid4().hex
        self._random = random or Random()  # noqa: S311 - for jitter
        self._uploads: dict[str, str] = {}
        self._uploading = asyncio.Lock()
        self._http: Http
        self._api: Api
        self._keeper: Keeper
        self._running: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        self._http = Http(self.server)
        self._api = Api(self.server, self._http)
        self._keeper = Keeper(self.server, self._http, self._api, self.client_id, random=self._random)
        self._running = asyncio.create_task(self._keeper.run(), name=f"comfyui {self.server.name}")
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._running.cancel()
        await asyncio.wait([self._running])
        await self._http.session.close()
        if not self._running.cancelled():
            self._running.result()

    @property
    def connected(self) -> bool:
        """Whether events arrive; without, the records are polled."""
        return self._keeper.socket.connected

    async def connect(self) -> bool:
        """As `connected`; where no events arrive, after one more attempt. `trouble` then says why not."""
        self._check_open()
        return await self._keeper.socket.attempt()

    @property
    def trouble(self) -> ComfyError | None:
        """Why no events arrive."""
        return self._keeper.socket.trouble

    @property
    def stats(self) -> Stats:
        """Counters since the start."""
        return self._keeper.registry.stats

    async def submit(
        self, graph: Mapping[str, Any], prompt_id: str, *, number: float | None = None, preview: bool = True
    ) -> Submitted:
        """Hand a graph in API format to the server's queue.

        Args:
            graph: As exported, values set.
            prompt_id: A canonical UUID that was never used before.
            number: Its place in the run order, lower first; None: the server's next.
            preview: Whether live previews are wanted (older servers send what they are set to).

        Raises:
            RefusedGraph: The server will not run it.
            OutcomeUnknown: The answer was lost and the prompt is not to be found. `watch` tells if it turns up;
                it must not be submitted again under this id.
            ComfyError: Any other of them: the server has it not.
        """
        self._check_open()
        known = self._keeper.registry.get(prompt_id)
        if known is not None and known.ours:
            raise ValueError(f"{prompt_id} was submitted before")
        connected = await self._keeper.socket.attempt()
        prompt = self._keeper.posting(prompt_id, Plan.of(graph), number)
        prompt.track = replace(prompt.track, missed=not connected)
        submitted: Submitted | None = None
        try:
            submitted = await self._submit(graph, prompt_id, number, preview=preview)
        except OutcomeUnknown:
            raise
        except ComfyError as error:
            self._doubt_uploads(error)
            self._keeper.registry.learn(prompt, settle(prompt.track, Lost()))
            self._keeper.registry.forget(prompt)
            raise
        finally:
            self._keeper.posted(prompt, submitted.number if submitted is not None else None)
        if submitted.dropped_outputs:
            self._keeper.registry.learn(prompt, replan(prompt.track, Plan.of(graph, without=submitted.dropped_outputs)))
        return submitted

    async def watch(self, prompt_id: str, *, plan: Plan | None = None, ours: bool = False) -> AsyncIterator[Update]:
        """What is known of a prompt: at once, then whenever there is news, until it has ended.

        A slow watcher misses what is no longer new. The prompt need not have been submitted here; then `plan` spares
        asking the server for its graph, and `ours` says that it was submitted with our `client_id`, so that the
        server sends its events here.
        """
        prompt = self._keeper.follow(prompt_id, plan, ours=ours)
        told: Update | None = None
        while True:
            self._check_open()
            update = prompt.update
            if prompt.track.settled:
                self._keeper.registry.forget(prompt)
                yield update
                return
            if told is None or update.preview is not told.preview or update.state != told.state:
                told = update
                yield update
            else:
                await prompt.changed.wait()

    async def cancel(self, prompt_id: str) -> bool:
        """Take a prompt out of the queue, or stop it. False: it had ended before, or is unknown.

        A running one stops at its next step, or ends in success if there is none; `watch` tells.
        """
        prompt = self._keeper.registry.get(prompt_id)
        if prompt is not None and prompt.track.settled:
            return False
        cancelled = await self._api.cancel_job(prompt_id)
        if cancelled is None:
            cancelled = await self._cancel_stepwise(prompt_id)
        if cancelled:
            self._keeper.cancelled(prompt_id)
        if cancelled and prompt is not None:
            prompt.cancelled = True
            await self._keeper.ask()
        return cancelled

    async def upload(self, data: bytes, name: str) -> str:
        """Put a picture into the server's input folder, once for each content; what a LoadImage node calls it."""
        digest = hashlib.sha256(data).hexdigest()
        async with self._uploading:  # who comes with the same picture waits for its name
            if digest not in self._uploads:
                ascii_name = re.sub(r"[^A-Za-z0-9._-]+", "_", name).lstrip(".") or digest
                self._uploads[digest] = await self._api.upload(data, ascii_name)
                if len(self._uploads) > _REMEMBERED_UPLOADS:
                    del self._uploads[next(iter(self._uploads))]
            return self._uploads[digest]

    async def fetch(self, output: Output) -> bytes:
        """The bytes of an output. Raises what `Api.fetch` does, after a connection has failed three times."""
        match output:
            case OutputFile():
                return await self._fetch(output)
            case OutputFrame():
                return output.data
            case OutputText():
                return output.text.encode()

    async def queue(self, *, fresh: bool = False) -> Queue:
        """Everybody's prompts on this server, in the order in which they will run.

        What this client believes, if the server has as many prompts as that; else, and if it is to be `fresh`, the
        server's own list, which costs it ten times as much and more.
        """
        return await (self._keeper.list() if fresh else self._keeper.queue())

    async def position(self, prompt_id: str) -> Queued | None:
        """The place of a waiting prompt; None if it does not wait."""
        return (await self.queue()).places().get(prompt_id)

    async def reconcile(self, prompt_ids: Iterable[str]) -> Mapping[str, State]:
        """What the server's records say of these prompts now, whoever submitted them.

        `Lost` are those that two rounds through queue and records did not find.
        """
        states: dict[str, State] = {}
        missing = list(prompt_ids)
        for _round in range(2):
            missing = await self._look_up_all(missing, states) if missing else []
        return states | {prompt_id: Lost() for prompt_id in missing}

    async def object_info(self, class_type: str | None = None) -> Mapping[str, Any]:
        """What nodes the server has, by class; only the one asked for, or nothing if it lacks it."""
        return await self._api.object_info(class_type)

    async def system_stats(self) -> Mapping[str, Any]:
        """Versions, memory, devices."""
        return await self._api.system_stats()

    async def models(self, folder: str) -> tuple[str, ...]:
        """The model files in one of the server's folders (``checkpoints``, ``loras``...)."""
        return await self._api.models(folder)

    def _check_open(self) -> None:
        if self._running.done():
            raise RuntimeError("the client is closed") from (
                None if self._running.cancelled() else self._running.exception()
            )

    async def _fetch(self, file: OutputFile) -> bytes:
        """A picture that has cost minutes to make is not given up for one broken connection."""
        poll = self.server.timeouts.poll
        for delay in (poll / 4, poll):
            try:
                return await self._api.fetch(file)
            except (ServerUnreachable, ConnectionLost, ServerTimeout) as error:
                log.info("fetched again", server=self.server.name, file=file.filename, error=str(error))
                await asyncio.sleep(delay)
        return await self._api.fetch(file)

    async def _submit(
        self, graph: Mapping[str, Any], prompt_id: str, number: float | None, *, preview: bool
    ) -> Submitted:
        """One POST, never two. If its answer is lost, the prompt is looked for."""
        rest: dict[str, Any] = {} if number is None else {"number": number}
        rest |= {"extra_data": {"preview_method": "auto" if preview else "none"}}
        try:
            return await self._api.submit(graph, prompt_id=prompt_id, client_id=self.client_id, **rest)
        except (ConnectionLost, ServerTimeout, BadAnswer) as error:
            return await self._find(prompt_id, error)
        except ServerError as error:
            if error.status < _INTERNAL_ERROR:
                raise
            return await self._find(prompt_id, error)

    async def _find(self, prompt_id: str, error: ComfyError) -> Submitted:
        """A prompt that the server may have or not, because of that error."""
        self._keeper.mirror.unanswered(prompt_id)
        absent = False
        for delay in (0.0, self.server.timeouts.poll / 4, self.server.timeouts.poll):
            await asyncio.sleep(delay)
            try:
                number = await self._number(prompt_id)
            except ComfyError as trouble:
                log.info("a lost prompt cannot be looked for", server=self.server.name, error=str(trouble))
                absent = False
                continue
            if number is not None:
                return Submitted(number)
            absent = True
        if absent and isinstance(error, ServerError) and error.status == _INTERNAL_ERROR:
            raise error  # it has answered, and has not taken it
        raise OutcomeUnknown(self.server.name, prompt_id) from error

    async def _number(self, prompt_id: str) -> float | None:
        queue = await self.queue(fresh=True)
        for entry in (*queue.running, *queue.pending):
            if entry.prompt_id == prompt_id:
                return entry.number
        record = await self._api.record(prompt_id)
        return record.number if record is not None else None

    async def _cancel_stepwise(self, prompt_id: str) -> bool:
        """For servers that have no single step for it."""
        running, pending = await self._whereabouts(prompt_id)
        if pending:
            await self._api.delete(prompt_id)
            running, pending = await self._whereabouts(prompt_id)
            if not running:
                return not pending and await self._api.record(prompt_id) is None
        if running:
            await self._api.interrupt(prompt_id)
        return running

    async def _whereabouts(self, prompt_id: str) -> tuple[bool, bool]:
        queue = await self.queue(fresh=True)
        return (
            any(entry.prompt_id == prompt_id for entry in queue.running),
            any(entry.prompt_id == prompt_id for entry in queue.pending),
        )

    async def _look_up_all(self, prompt_ids: list[str], states: dict[str, State]) -> list[str]:
        """Fill in the states of those that the server knows; the others come back."""
        queue = await self.queue(fresh=True)
        places, running = queue.places(), {entry.prompt_id for entry in queue.running}
        tracks: dict[str, Track] = {}
        for prompt_id in prompt_ids:
            prompt = self._keeper.registry.get(prompt_id)
            track = prompt.track if prompt is not None else Track(missed=True)
            if track.settled or (prompt is not None and prompt.posting):
                states[prompt_id] = track.state
            elif prompt_id in places:
                states[prompt_id] = places[prompt_id]
            elif prompt_id in running:
                states[prompt_id] = start(track).advance
            else:
                tracks[prompt_id] = track

        def conclude_one(prompt_id: str, record: Record | None) -> None:
            if record is not None:
                states[prompt_id] = conclude(tracks.pop(prompt_id), record).state

        trouble = await look_up(self._api, list(tracks), conclude_one)
        if trouble is not None:
            raise trouble
        return list(tracks)

    def _doubt_uploads(self, error: ComfyError) -> None:
        """A picture that a node cannot find may have been deleted since it was uploaded."""
        if isinstance(error, RefusedGraph) and any(p.kind == "custom_validation_failed" for p in error.problems):
            self._uploads.clear()
