"""One server of the pool, from its opening to its closing: how it is, what it can run, who uses it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from itertools import repeat
from random import Random
from typing import Protocol

import structlog

from bot.comfyui.records import Entry, Queue
from bot.errors import EaselError
from bot.pool.health import CALM, Circuit
from bot.pool.placement import Standing, Terms
from bot.pool.renderer import Renderer
from bot.workflows.findings import Finding
from bot.workflows.workflow import Workflow

KNOWLEDGE_LASTS = 300.0
"""Seconds after which a server is asked anew what it has: operators add models while it is up."""

PATIENCE = 5.0
"""Seconds for which a task waits to hear whether one more server can run it, where others can."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Member:
    """One server as the settings want it. `open` is entered once, and left when the server has left the pool.

    Two with equal `name` and `key` are the same server, whatever their `terms`: `key` is what `open` depends on.
    """

    name: str
    terms: Terms
    open: Callable[[], AbstractAsyncContextManager[Renderer]]
    key: object = None


class Timer(Protocol):
    """What `asyncio.loop.call_later` returns."""

    def cancel(self) -> None:
        """Do not call."""


@dataclass(frozen=True, slots=True)
class Means:
    """What all stations of a pool have in common.

    `clock` tells seconds and never jumps; `later` calls after so many of them. `heed` is called when something has
    changed that may make a place; `awaited` tells whether somebody waits for the server of that name to have room.
    `wanted` are the workflows that anybody has asked about, by name. `learning` bounds how many servers are asked at
    once what they have. `wait_of`: see `bot.pool.pool.Pool`.
    """

    clock: Callable[[], float]
    later: Callable[[float, Callable[[], None]], Timer]
    random: Random
    heed: Callable[[], None]
    awaited: Callable[[str], bool]
    wanted: Mapping[str, Workflow]
    learning: asyncio.Semaphore
    wait_of: Callable[[str, Queue], float]


@dataclass(frozen=True, slots=True)
class _Verdict:
    workflow: Workflow
    findings: tuple[Finding, ...]


class Station:
    """A task of its own opens the server, looks at it from time to time, and closes it.

    `users` hold it open, and `coming` of them have a task for it that it has not yet. `retired`: it has left the
    settings, and is closed when nobody uses it any more.
    """

    def __init__(self, member: Member, means: Means) -> None:
        self.name = member.name
        self.key = member.key
        self.terms = member.terms
        self.renderer: Renderer
        self.circuit = Circuit()
        self.looked = self.retired = self.closed = False
        self.users = self.coming = 0
        self._open = member.open
        self._task: asyncio.Task[None] | None = None
        self._means = means
        self._verdicts: dict[str, _Verdict] = {}
        self._learned = -math.inf
        self._answers = 0
        self._asked: float | None = None
        self._abandoned: dict[str, None] = {}
        self._models: tuple[float, Mapping[str, tuple[str, ...]]] = (-math.inf, {})
        self._listing = asyncio.Lock()
        self._poked = asyncio.Event()
        self._look_over = asyncio.Event()
        self._glance: object = None
        self._reckoned: tuple[Queue, float, float] = (Queue(), -math.inf, 0.0)

    async def open(self, tending: asyncio.TaskGroup) -> None:
        """Start its task in that group; returns when `renderer` is there. Raises what the member's `open` raises."""
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = tending.create_task(self._live(opened), name=f"server {self.name}")
        await opened

    def close(self) -> None:
        """Close it now, whoever uses it."""
        if self._task is not None and not self.closed:  # else it is closing itself
            self.closed = True
            self._task.cancel()

    def ask(self) -> None:
        """Somebody wants to know what it has not told yet."""
        if not self.circuit.away and self._asked is None:
            self._asked = self._means.clock()
            self._means.later(PATIENCE, self._means.heed)
            self._poked.set()

    @property
    def telling(self) -> bool:
        """Whether it was asked just now, so that its answer is worth waiting for."""
        return self._asked is not None and self._means.clock() < self._asked + PATIENCE

    def poke(self) -> None:
        """Look at it now. One that is away has its own pace."""
        if not self.circuit.away:
            self._poked.set()

    def retire(self) -> None:
        """Close it as soon as nobody uses it."""
        self.retired = True
        self._poked.set()

    def revive(self, terms: Terms) -> None:
        """It is in the settings, on these terms."""
        self.retired = False
        self.terms = terms

    @contextmanager
    def used(self) -> Iterator[None]:
        """It stays open for as long as the block lasts."""
        self.users += 1
        try:
            yield
        finally:
            self.users -= 1
            if self.retired and not self.users:
                self._poked.set()
            if self._means.awaited(self.name):  # a task has gone: there may be room
                self.poke()

    def abandon(self, prompt_id: str) -> None:
        """Cancel it as soon as the server answers."""
        self._abandoned[prompt_id] = None
        self.poke()

    async def gone(self, grace: float) -> None:
        """Return when it has not answered for so many seconds, or is closed."""
        while not (self.closed or self.circuit.gone(grace)):
            over = self._look_over
            due = self.circuit.gone_at(grace)
            timer = None if due is None else self._means.later(due - self._means.clock(), self._poked.set)
            try:
                await over.wait()
            finally:
                if timer is not None:
                    timer.cancel()

    def lacks(self, workflow: Workflow) -> tuple[Finding, ...] | None:
        """Why it cannot run that, as it said when it was asked last; None: not known."""
        verdict = self._verdicts.get(workflow.name)
        if verdict is None or not (verdict.workflow is workflow or verdict.workflow == workflow):
            return None
        return verdict.findings

    @property
    def runs(self) -> frozenset[str]:
        """The names of the workflows that it can run and may, of those that are known."""
        only = self.terms.workflows
        return frozenset(n for n, v in self._verdicts.items() if not v.findings and (not only or n in only))

    def standing(self, workflow: Workflow, *, drained: bool, reckoned: bool = True) -> Standing:
        """What is to be known of it to place a task of that workflow. Not `reckoned`: `seconds` do not matter."""
        lacks = self.lacks(workflow)
        return Standing(
            self.name,
            self.terms,
            away=self.circuit.away,
            drained=drained,
            lacks=lacks,
            telling=lacks is None and self.telling,
            pending=len(self.renderer.seen.pending) + self.coming,
            seconds=self._seconds() if reckoned else 0.0,
            holds=self.renderer.holds,
        )

    async def models(self) -> Mapping[str, tuple[str, ...]]:
        """As `Renderer.models`, not older than some minutes. Raises the errors of `bot.comfyui.errors`."""
        async with self._listing:
            listed, models = self._models
            if listed + KNOWLEDGE_LASTS <= self._means.clock():
                models = await self.renderer.models()
                self._models = (self._means.clock(), models)
            return models

    async def _live(self, opened: asyncio.Future[None]) -> None:
        try:
            async with self._open() as self.renderer:
                opened.set_result(None)
                self.ask()
                while self.users or not self.retired:
                    self._poked.clear()
                    try:
                        await self._look()
                    except Exception:  # one server must not take all others with it
                        log.exception("a server was not looked at, by a fault of ours", server=self.name)
                    await self._nap()
                self.closed = True
        except Exception as error:
            if opened.done():
                raise
            opened.set_exception(error)
        finally:
            self.closed = True
            self._look_over.set()

    async def _look(self) -> None:
        """Ask how it is, and what is not known yet."""
        try:
            await self.renderer.queue()
            if self._curious:
                await self._learn()
        except EaselError as problem:
            deaf = self.renderer.trouble is not None
            self._judge(self.circuit.failed(self._means.clock(), problem, deaf=deaf))
        else:
            self._judge(self.circuit.answered())
        self.looked = True
        self._asked = None
        over, self._look_over = self._look_over, asyncio.Event()
        over.set()
        pending = len(self.renderer.seen.pending) if self.terms.max_pending else 0
        before, self._glance = self._glance, (self.circuit.away, self._answers, pending)
        if self._glance != before:
            self._means.heed()
        if not self.circuit.failures:
            await self._forsake()

    @property
    def _curious(self) -> bool:
        """Whether it is to be asked what it has: it came back, perhaps another, or that is long ago, or not enough."""
        stale = self._learned + KNOWLEDGE_LASTS <= self._means.clock()
        wanted = self._means.wanted.values()
        return bool(wanted) and (self.circuit.away or stale or any(self.lacks(workflow) is None for workflow in wanted))

    async def _learn(self) -> None:
        workflows = tuple(self._means.wanted.values())
        async with self._means.learning:
            findings = await self.renderer.findings(workflows)
        self._verdicts = {each.name: _Verdict(each, findings[each.name]) for each in workflows}
        self._learned = self._means.clock()
        self._answers += 1

    async def _forsake(self) -> None:
        for prompt_id in list(self._abandoned):
            try:
                await self.renderer.cancel(prompt_id)
            except EaselError as error:  # then after the next look, and behind those that may be easier
                log.info("not cancelled yet", server=self.name, prompt=prompt_id, error=str(error))
                self._abandoned[prompt_id] = self._abandoned.pop(prompt_id)
                return
            del self._abandoned[prompt_id]

    def _judge(self, circuit: Circuit) -> None:
        before, self.circuit = self.circuit, circuit
        if before.away is not circuit.away:
            if circuit.problem is None:
                log.info("server is back", server=self.name)
            else:
                log.warning("server is away", server=self.name, error=str(circuit.problem))

    async def _nap(self) -> None:
        """Until the next look."""
        watchful = self._means.awaited(self.name) or self.renderer.trouble is not None
        timer = self._means.later(self.circuit.pause(self._means.random, watchful=watchful), self._poked.set)
        try:
            await self._poked.wait()
        finally:
            timer.cancel()

    def _seconds(self) -> float:
        """Those until a new task starts. Reckoned anew when the queue is another, or that was a while ago."""
        seen, now = self.renderer.seen, self._means.clock()
        queue = Queue(seen.running, (*seen.pending, *repeat(_COMING, self.coming + 1)))
        known, at, seconds = self._reckoned
        if queue != known or at + CALM <= now:
            seconds = self._means.wait_of(self.name, queue)
            self._reckoned = (queue, now, seconds)
        return seconds


_COMING = Entry(math.inf, "")
"""A task that is on its way, or might be."""
