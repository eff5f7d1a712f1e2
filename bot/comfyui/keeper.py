"""Keeps what is known of the prompts and of the queue true: events as they come, records when they do not suffice."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from random import Random
from typing import NoReturn

import structlog

from bot.comfyui.api import Api
from bot.comfyui.errors import BadAnswer, ComfyError, ServerError
from bot.comfyui.events import (
    Event,
    Executing,
    ExecutionError,
    ExecutionInterrupted,
    ExecutionStart,
    ExecutionSuccess,
    FeatureFlags,
    Malformed,
    Status,
    Unknown,
    decode,
)
from bot.comfyui.http import Http
from bot.comfyui.lookup import look_up
from bot.comfyui.mirror import Mirror
from bot.comfyui.places import Places
from bot.comfyui.plan import Plan
from bot.comfyui.progress import Track, replan
from bot.comfyui.pulse import Pulse
from bot.comfyui.records import Queue, Record
from bot.comfyui.registry import Prompt, Registry
from bot.comfyui.server import Server
from bot.comfyui.socket import Socket

log = structlog.get_logger()


class Keeper:
    """The socket, whose frames go to `Registry` and `Mirror`, and a task that asks when `Pulse` says so."""

    def __init__(self, server: Server, http: Http, api: Api, client_id: str, *, random: Random) -> None:
        self._server = server
        self._api = api
        self._pulse = Pulse(server.timeouts)
        self._wake = asyncio.Event()
        self._asking = asyncio.Lock()
        self._asked = self._answered = 0
        self._connections = 0
        self._told: type[ComfyError] | None = None
        self._tasks: asyncio.TaskGroup
        self.mirror = Mirror()
        self.registry = Registry(
            silence=server.timeouts.silence, patience=server.timeouts.poll, confirm=self._confirm_soon
        )
        self._places = Places(self.mirror, self.registry)
        self.socket = Socket(
            server,
            http,
            client_id,
            random=random,
            on_open=self._on_open,
            on_frame=self._on_frame,
            on_close=self._on_close,
        )

    async def run(self) -> NoReturn:
        """Until cancelled; then all watchers are woken. After a fault of ours all is asked anew."""
        try:
            while True:
                await self._run_to_a_fault()
                self.mirror.lost()
                self.look_again()
                await asyncio.sleep(self._server.timeouts.poll)
        finally:
            for prompt in self.registry.active():
                prompt.wake()

    async def _run_to_a_fault(self) -> None:
        running = asyncio.create_task(self._run())  # a group of Python 3.11 does not tell a fault from a cancellation
        try:
            await asyncio.wait([running])
        finally:
            running.cancel()
            await asyncio.wait([running])
            if not running.cancelled():
                log.error(
                    "a server was not followed, by a fault of ours",
                    server=self._server.name,
                    exc_info=running.exception(),
                )

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as self._tasks:
            self._tasks.create_task(self.socket.run())
            self._tasks.create_task(self._places.run())
            self._tasks.create_task(self._keep())

    # Prompts

    def follow(self, prompt_id: str, plan: Plan | None, *, ours: bool) -> Prompt:
        """The prompt, followed from now on if it was not yet. `ours`: its events come to our client id."""
        prompt = self.registry.get(prompt_id)
        if prompt is None:
            prompt = self._add(prompt_id)
            self.look_again()
        prompt.ours = prompt.ours or ours
        if plan is not None and not prompt.track.plan.titles:
            self.registry.learn(prompt, replan(prompt.track, plan))
        return prompt

    def posting(self, prompt_id: str, plan: Plan, number: float | None) -> Prompt:
        """The prompt, which we are about to submit."""
        prompt = self.registry.get(prompt_id) or self._add(prompt_id)
        self.registry.post(prompt)
        self.registry.learn(prompt, replan(prompt.track, plan))
        self.mirror.posting(prompt_id, number)
        return prompt

    def posted(self, prompt: Prompt, number: float | None) -> None:
        """The server has taken it under that number; or, without one, does not have it or did not say so."""
        self.registry.posted(prompt)
        if number is None:
            self.mirror.unanswered(prompt.id)
            self._pulse.stale = True
        else:
            self.mirror.accepted(prompt.id, number)
        self._mirrored()
        if self.mirror.sure:
            self._places.tell_one(prompt.id)
        self._wake.set()

    def cancelled(self, prompt_id: str) -> None:
        """The server said that it took it out of the queue, or stops it."""
        self.mirror.cancelled(prompt_id)
        self._mirrored()

    def look_again(self) -> None:
        """There may be something to ask the records for."""
        self._pulse.stale = True
        self._wake.set()

    def _add(self, prompt_id: str) -> Prompt:
        if self.registry.idle:
            self._pulse.heard = _now()  # only from now on does silence mean anything
        return self.registry.add(Prompt(prompt_id, Track(missed=True)))

    # Questions

    async def count(self) -> int:
        """How many prompts the server has, pending and running."""
        self.registry.stats.count_asks += 1
        return await self._api.remaining()

    async def queue(self) -> Queue:
        """Everybody's prompts: as mirrored, if the server has as many, else as listed."""
        if self.mirror.sure:
            with suppress(ServerError, BadAnswer):
                count = await self.count()
                if self.mirror.agrees(count):
                    return self.mirror.queue
        return await self.list()

    async def list(self) -> Queue:
        """Everybody's prompts as the server lists them."""
        queue, _plans = await self._read()
        if self.registry.misses(queue):
            self.look_again()
        return queue

    async def _read(self) -> tuple[Queue, dict[str, Plan]]:
        """The server's list, which the mirror learns; see `Api.queue`."""
        self.registry.stats.queue_reads += 1
        asked, began, connection = self.mirror.asking(), _now(), self._connection
        queue, plans = await self._api.queue(self.registry.unplanned)
        self._pulse.asked = _now()
        self._pulse.cost = self._pulse.asked - began
        self.mirror.learn(queue, asked)
        self._pulse.vain = not self.mirror.sure
        self._mirrored()
        self._tell_places(heard=connection is not None and connection == self._connection)
        return queue, plans

    async def ask(self) -> None:
        """Ask the records for everything that is followed and has not ended.

        Those who come while a question is out share the next one.
        """
        wanted = self._asked + 1
        async with self._asking:
            if self._answered < wanted:
                self._asked += 1
                await self._ask()
                self._answered = self._asked

    async def _ask(self) -> None:
        self._pulse.stale = False
        connection = self._connection
        if self._pulse.given_up(_now()):
            self.mirror.lost()
        try:
            queue, plans = await self._read()
        except ComfyError as error:
            self._pulse.asked = _now()
            self._tell(error)
            return
        heard = connection is not None and connection == self._connection
        gone = [prompt.id for prompt in self.registry.fold(queue, plans, _now(), heard=heard)]
        lacking = [prompt_id for prompt_id in queue.next_up if prompt_id in self.registry.unplanned]
        trouble = await look_up(self._api, gone + lacking, self._on_record)
        self._tell(trouble)
        if trouble is None:
            for prompt_id in lacking:
                self.registry.give_up_plan(prompt_id)
        self._pulse.asked = _now()

    def _on_record(self, prompt_id: str, record: Record | None) -> None:
        prompt = self.registry.get(prompt_id)
        if prompt is None:
            return
        if record is None:
            self.registry.absent(prompt, _now())
        else:
            self.registry.conclude(prompt, record, _now(), heard=self.socket.connected)

    async def _check(self) -> None:
        """Whether the server has as many prompts as we believe; if not, which."""
        self._pulse.counted = _now()
        try:
            agrees = self.mirror.agrees(await self.count())
        except ComfyError as error:
            self._tell(error)
            agrees = False
        if not agrees:
            await self.ask()

    def _tell(self, trouble: ComfyError | None) -> None:
        """Once for each kind of trouble in a row, not for each question."""
        if trouble is not None and type(trouble) is not self._told:
            log.warning("records not read", server=self._server.name, error=str(trouble))
        self._told = None if trouble is None else type(trouble)

    async def _keep(self) -> NoReturn:
        while True:
            now = _now()
            need = self.registry.need(now)
            if self._pulse.renew_at(need) <= now:
                log.warning("the socket is silent", server=self._server.name)
                self._pulse.opened = now  # the next one gets its time, however long closing this one takes
                await self.socket.renew()
            elif self._pulse.ask_at(need) <= now:
                await self.ask()
            elif self._pulse.count_at(need) <= now:
                await self._check()
            else:
                self._pulse.stale = self._pulse.stale and need.waiting
                look_at = self._pulse.look_at(now, need)
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(look_at if math.isfinite(look_at) else None):
                        await self._wake.wait()
                self._wake.clear()

    # The socket

    @property
    def _connection(self) -> int | None:
        """Which one it is, if there is one."""
        return self._connections if self.socket.connected else None

    def _on_open(self) -> None:
        self._connections += 1
        self.registry.stats.reconnects = self._connections - 1
        self._api.forget_version()
        self._pulse.connected, self._pulse.opened = True, _now()
        self.look_again()

    def _on_close(self) -> None:
        self._pulse.connected = False
        self.registry.disconnected()
        self.mirror.closed()
        self._mirrored()
        self._tell_places(heard=False)
        self.look_again()

    def _on_frame(self, frame: str | bytes) -> None:
        event = decode(frame)
        stats = self.registry.stats
        stats.events += 1
        now = _now()
        match event:
            case Status(sid=str()) | FeatureFlags():
                self._reflect(event)
                return  # greetings: even a connection that will be deaf gets them
            case Unknown():
                stats.unknown += 1
            case Malformed(reason=reason):
                stats.malformed += 1
                log.debug("malformed frame", server=self._server.name, reason=reason)
            case Executing(prompt_id=None):
                self.registry.hear(event, now)
                return  # a greeting too
            case _:
                self.registry.hear(event, now)
                self._reflect(event)
        self._pulse.heard = now

    def _reflect(self, event: Event) -> None:
        """What an event says of the queue."""
        match event:
            case Status(sid=str()):
                self.mirror.opened(event.remaining)
                if self.mirror.sure:
                    self._pulse.asked = _now()  # an empty queue is as well known as a listed one
            case Status():
                self.mirror.counted(event.remaining)
            case ExecutionStart(prompt_id=prompt_id) | Executing(prompt_id=str(prompt_id), node=str()):
                self.mirror.started(prompt_id)
            case ExecutionSuccess() | ExecutionError() | ExecutionInterrupted():
                self.mirror.ending(event.prompt_id)
            case Executing(prompt_id=str(prompt_id)):
                self.mirror.ended(prompt_id)
            case _:
                return
        self._mirrored()

    def _mirrored(self) -> None:
        """The mirror was told something."""
        now, pulse = _now(), self._pulse
        pulse.unsettled = math.inf if self.mirror.settled or not self.mirror.sure else min(pulse.unsettled, now)
        if self.mirror.sure:
            pulse.unsure = math.inf
            self._tell_places(heard=True)
        elif math.isinf(pulse.unsure):
            pulse.unsure = now
            self._wake.set()

    def _tell_places(self, *, heard: bool) -> None:
        if self._places.tell(heard=heard):
            self.look_again()

    def _confirm_soon(self, prompt: Prompt) -> None:
        if not prompt.confirming:
            prompt.confirming = True
            self._tasks.create_task(self._confirm(prompt))

    async def _confirm(self, prompt: Prompt) -> None:
        """The server calls it over, so its history is there. If it is not, it was cleared: then its events stand."""
        try:
            record = await self._api.history(prompt.id)
        except BadAnswer:
            record = None
        except ComfyError as error:
            log.info("history not read", server=self._server.name, prompt=prompt.id, error=str(error))
            prompt.heard = -math.inf
            return
        finally:
            prompt.confirming = False
        if record is not None:
            self.registry.conclude(prompt, record, _now())
        elif prompt.track.ended is not None:
            self.registry.absent(prompt, _now())
        else:
            prompt.heard = -math.inf


def _now() -> float:
    return asyncio.get_running_loop().time()
