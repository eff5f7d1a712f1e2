"""Keeps what is known of the prompts true: events as they come, the server's records when events are not enough."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from random import Random
from typing import NoReturn

import structlog

from bot.comfyui.api import Api
from bot.comfyui.errors import BadAnswer, ComfyError
from bot.comfyui.events import Executing, FeatureFlags, Malformed, Status, Unknown, decode
from bot.comfyui.http import Http
from bot.comfyui.plan import Plan
from bot.comfyui.progress import Track, replan
from bot.comfyui.pulse import Pulse
from bot.comfyui.registry import Prompt, Registry
from bot.comfyui.server import Server
from bot.comfyui.socket import Socket

log = structlog.get_logger()


class Keeper:
    """Two tasks: the socket, whose frames go to `Registry.hear`, and one that asks when `Pulse` says so."""

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
        self.registry = Registry(
            silence=server.timeouts.silence, patience=server.timeouts.poll, confirm=self._confirm_soon
        )
        self.socket = Socket(
            server,
            http,
            client_id,
            random=random,
            on_open=self._on_open,
            on_frame=self._on_frame,
            on_close=self._on_close,
        )

    async def run(self) -> None:
        """Until cancelled. However it ends, all watchers are woken."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._tasks.create_task(self.socket.run())
                self._tasks.create_task(self._keep())
        finally:
            for prompt in list(self.registry.active()):
                prompt.wake()

    def follow(self, prompt_id: str, plan: Plan | None) -> Prompt:
        """The prompt, followed from now on if it was not yet."""
        prompt = self.registry.get(prompt_id)
        if prompt is None:
            if next(self.registry.active(), None) is None:
                self._pulse.heard = _now()  # only from now on does silence mean anything
            prompt = self.registry.add(Prompt(prompt_id, Track(missed=True)))
            self.look_again()
        if plan is not None:
            self.registry.learn(prompt, replan(prompt.track, plan))
        return prompt

    def look_again(self) -> None:
        """There may be something to ask the records for."""
        self._pulse.stale = True
        self._wake.set()

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
        began = _now()
        self._pulse.stale = False
        connection = self._connections if self.socket.connected else None
        unplanned = {prompt.id for prompt in self.registry.active() if not prompt.track.plan.titles}
        try:
            queue, plans = await self._api.queue(unplanned)
        except ComfyError as error:
            troubles: list[ComfyError | None] = [error]
        else:
            heard = self.socket.connected and connection == self._connections
            to_look_up = set(self.registry.fold(queue, plans, _now(), heard=heard))
            to_look_up |= {prompt for prompt in self.registry.active() if prompt.id in unplanned - plans.keys()}
            troubles = await asyncio.gather(*map(self._look_up, to_look_up))
        self._tell(next(filter(None, troubles), None))
        self._pulse.asked = _now()
        self._pulse.cost = self._pulse.asked - began

    async def _look_up(self, prompt: Prompt) -> ComfyError | None:
        """Lay the server's record over it; why not, if there was trouble."""
        try:
            record = await self._api.record(prompt.id)
        except BadAnswer:
            record = None
        except ComfyError as error:
            return error
        if record is None:
            self.registry.absent(prompt, _now())
        else:
            self.registry.conclude(prompt, record, _now(), heard=self.socket.connected)
        return None

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
            else:
                self._pulse.stale = self._pulse.stale and need.waiting
                look_at = self._pulse.look_at(now, need)
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(look_at if math.isfinite(look_at) else None):
                        await self._wake.wait()
                self._wake.clear()

    def _on_open(self) -> None:
        self._connections += 1
        self.registry.stats.reconnects = self._connections - 1
        self._api.forget_version()
        self._pulse.connected, self._pulse.opened, self._pulse.asked = True, _now(), -math.inf
        self.look_again()

    def _on_close(self) -> None:
        self._pulse.connected = False
        self.registry.disconnected()
        self.look_again()

    def _on_frame(self, frame: str | bytes) -> None:
        event = decode(frame)
        stats = self.registry.stats
        stats.events += 1
        now = _now()
        match event:
            case Status(sid=str()) | FeatureFlags():
                return  # greetings: even a connection that will be deaf gets them
            case Status():
                if not self._pulse.stale:
                    self.look_again()
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
        self._pulse.heard = now

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
