"""The jobs that are on one server: what they wait for, and what becomes of them when it goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

import structlog

from bot.comfyui.errors import ComfyError
from bot.jobs.errand import Errand
from bot.jobs.estimates import Estimates
from bot.jobs.model import Wait
from bot.jobs.prompts import Prompts
from bot.jobs.timing import Timing
from bot.pool.pool import Pool
from bot.pool.renderer import Renderer

AT_THE_DOOR = 16
"""So many jobs at once read their pictures and are handed to one server: thousands would fill the memory."""
LOOK = 5.0
"""Seconds between two looks for another server while one is away."""
RECKON = 2.0
"""Seconds between two reckonings of how long the jobs of one server wait."""
NOTABLE = 0.05
"""The part of a wait by which it must have changed for its job's followers to be told."""

Spawn: TypeAlias = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]
"""Starts a task of that name, and owns it."""

log = structlog.get_logger()


class Line:
    """The errands on one server, by prompt. Two tasks tend them as long as there are any.

    One holds the server against the clock: while it is away they say so, and after the grace those that another server
    can take are told to leave. One reckons, in one pass whenever its queue has changed, how long each has to wait.
    """

    def __init__(
        self,
        renderer: Renderer,
        *,
        pool: Pool,
        prompts: Prompts,
        estimates: Estimates,
        timing: Timing,
        spawn: Spawn,
    ) -> None:
        self.renderer = renderer
        self.door = asyncio.Semaphore(AT_THE_DOOR)
        self._pool = pool
        self._prompts = prompts
        self._estimates = estimates
        self._timing = timing
        self._spawn = spawn
        self._errands: dict[str, Errand] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stirred = asyncio.Event()
        self._waits: dict[str, Wait] = {}
        self._reckoned = 0.0

    @property
    def used(self) -> bool:
        """Whether anybody stands in it."""
        return bool(self._errands)

    @contextmanager
    def standing(self, errand: Errand, prompt_id: str) -> Iterator[None]:
        """The errand stands in this line for as long as the block lasts."""
        errand.leave = False
        self._errands[prompt_id] = errand
        self._prompts.add(prompt_id, errand)
        if not self._tasks:
            name = f"line {self.renderer.name}"
            self._tasks = [self._spawn(self._tend(work), name) for work in (self._guard, self._reckon)]
        try:
            with self._pool.hold(self.renderer):
                yield
        finally:
            del self._errands[prompt_id]
            self._prompts.drop(prompt_id)
            self._waits.pop(prompt_id, None)
            self.stir()
            if not self._errands:
                for task in self._tasks:
                    task.cancel()
                self._tasks = []

    def stir(self) -> None:
        """The server's queue is not what it was."""
        self._stirred.set()

    def wait(self, prompt_id: str) -> Wait | None:
        """How long that one has to wait from now on, as far as that is known."""
        wait = self._waits.get(prompt_id)
        if wait is None:
            return None
        passed = self._timing.monotonic() - self._reckoned
        return Wait(max(wait.low - passed, 0.0), max(wait.high - passed, 0.0))

    async def _tend(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception:  # the jobs themselves go on, without estimates or without moving elsewhere
            log.exception("a line is no longer tended, by a fault of ours", server=self.renderer.name)

    async def _guard(self) -> None:
        while True:
            await self._pool.gone(self.renderer, 0.0)
            log.info("server away", server=self.renderer.name, jobs=len(self._errands))
            gone = asyncio.ensure_future(self._pool.gone(self.renderer, self._timing.grace))
            try:
                while self._pool.away(self.renderer):
                    if gone.done():
                        self._send_away()
                        await self._timing.sleep(LOOK)
                    else:
                        self._wait_for_it()
                        await self._first_of(gone, LOOK)
            finally:
                gone.cancel()
            self._welcome_back()

    async def _first_of(self, event: asyncio.Future[None], seconds: float) -> None:
        pause = asyncio.ensure_future(self._timing.sleep(seconds))
        try:
            await asyncio.wait((event, pause), return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()

    def _wait_for_it(self) -> None:
        for errand in self._errands.values():
            errand.miss((self.renderer.name,))

    def _send_away(self) -> None:
        """Those that another server can take leave, as do those that nobody wants any more; the others wait for it."""
        name = self.renderer.name
        movable: dict[Hashable, bool] = {}  # thousands may wait with equal wishes
        for errand in self._errands.values():
            wish = errand.wish_elsewhere(name)
            key = (id(wish.workflow), wish.tags, wish.avoid)
            if key not in movable:
                movable[key] = self._pool.others(wish)
            if errand.job.cancelling or (errand.unable is None and movable[key]):
                errand.leave = True
                errand.interrupt()
            else:
                errand.hush((name,), self._timing.monotonic())

    def _welcome_back(self) -> None:
        for errand in self._errands.values():
            errand.leave = False
            errand.hush((), self._timing.monotonic())

    async def _reckon(self) -> None:
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            with suppress(ComfyError):  # it is away, and its queue with it
                await self._reckon_once()
            await self._timing.sleep(RECKON)

    async def _reckon_once(self) -> None:
        queue = await self.renderer.queue()
        await self._prompts.look_up(self.renderer.name, queue)
        now = self._timing.monotonic()
        recipes, elapsed = self._prompts.recipes(queue), self._prompts.elapsed(queue, now)
        self._waits = dict(self._estimates.waits(self.renderer.name, queue, recipes, elapsed))
        self._reckoned = now
        for prompt_id, errand in self._errands.items():
            wait = self._waits.get(prompt_id)
            if _differ(wait, errand.feed.newest.wait):
                errand.tell(wait=wait)


def _differ(wait: Wait | None, told: Wait | None) -> bool:
    """Whether it is worth telling."""
    if wait is None or told is None:
        return wait is not told
    margin = NOTABLE * told.high
    return abs(wait.low - told.low) > margin or abs(wait.high - told.high) > margin
