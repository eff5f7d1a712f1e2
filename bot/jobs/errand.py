"""A job while it is run or delivered, and what its followers are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from bot.comfyui.progress import Queued, Running
from bot.errors import EaselError
from bot.jobs.fairness import Share
from bot.jobs.feed import Feed
from bot.jobs.model import Job, Wait
from bot.pool.placement import Wish
from bot.pool.renderer import models_of
from bot.workflows.workflow import Workflow

Progress: TypeAlias = Queued | Running


@dataclass(frozen=True, slots=True)
class JobUpdate:
    """One thing a follower is told: the job, how far its prompt has come, and the newest live preview.

    `wait` is how many seconds are expected to pass until its pictures are made. `silent` are the servers that do not
    answer and that the job waits for.
    """

    job: Job
    progress: Progress | None = None
    preview: bytes | None = field(default=None, repr=False)
    wait: Wait | None = None
    silent: tuple[str, ...] = ()


@dataclass(slots=True)
class Stopwatch:
    """How long one prompt has run, as far as it was watched. Moments are of a clock that never jumps.

    `whole`: nothing of it was missed.
    """

    seconds: float = 0.0
    whole: bool = True
    _last: float | None = None

    def lap(self, now: float) -> None:
        """It runs at this moment, and has since the last lap."""
        if self._last is not None:
            self.seconds += now - self._last
        self._last = now

    def blink(self) -> None:
        """Nobody knows how it has been since the last lap, nor until the next."""
        self.whole = False
        self._last = None

    def stop(self, now: float) -> None:
        """It has ended, if it ever ran."""
        if self._last is not None:
            self.lap(now)
            self._last = None

    def running_for(self, now: float) -> float:
        """The seconds at this moment, if it still runs."""
        return self.seconds if self._last is None else self.seconds + now - self._last


@dataclass(slots=True, eq=False)
class Errand:
    """A job while it is run or delivered, and what this process alone knows of it.

    It needs a server with these `tags`; `share` is its owner's of a queue. `unable` is why no new prompt can be made
    of it. `watch` times the newest prompt.

    Of its attempts: so many `losses` count against it; the next one must save `fresh` files; the newest was certainly
    `unsent`, and so many `tries` in a row were answered without being taken; `pause` is how many seconds pass before
    the next one; `avoid` these servers, of which some have `refused` it. Nothing that it waits for has answered since
    `silent_since`. `leave`: its server is away, and others can take it. `give_up`: that has lasted too long.
    """

    workflow: Workflow
    share: Share
    feed: Feed[JobUpdate]
    tags: frozenset[str] = frozenset()
    unable: EaselError | None = None
    watch: Stopwatch = field(default_factory=Stopwatch)
    losses: int = 0
    fresh: bool = False
    unsent: bool = False
    tries: int = 0
    pause: float = 0.0
    avoid: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    silent_since: float | None = None
    leave: bool = False
    give_up: bool = False
    _scope: asyncio.Timeout | None = None

    @property
    def job(self) -> Job:
        """The job as the ledger has it."""
        return self.feed.newest.job

    @property
    def silent(self) -> tuple[str, ...]:
        """The servers that it waits for and that do not answer."""
        return self.feed.newest.silent

    def wish(self) -> Wish:
        """What the next attempt needs. Raises what `bot.workflows.binding.bind` raises."""
        models = models_of(self.workflow, dict(self.job.recipe.values))
        return Wish(self.workflow, models=models, tags=self.tags, avoid=self.avoid)

    def wish_elsewhere(self, server: str) -> Wish:
        """The same away from that server, to ask whether another could take it."""
        return Wish(self.workflow, tags=self.tags, avoid=self.avoid | {server})

    def spend(self) -> float:
        """The seconds that the newest prompt has run, told once."""
        seconds, self.watch = self.watch.seconds, Stopwatch()
        return seconds

    def tell(self, **changes: Any) -> None:
        """Tell followers what they know already with these changes."""
        self.feed.publish(replace(self.feed.newest, **changes))

    def hush(self, servers: tuple[str, ...], now: float) -> None:
        """These servers do not answer, and it waits for them; none: it waits for nobody silent."""
        if servers:
            self.silent_since = now if self.silent_since is None else self.silent_since
        else:
            self.heard()
        self.miss(servers)

    def miss(self, servers: tuple[str, ...]) -> None:
        """These servers do not answer just now; how long it has run meanwhile nobody knows."""
        if servers:
            self.watch.blink()
        if servers != self.silent:
            self.tell(silent=servers)

    def heard(self) -> None:
        """What it waits for answers: the time for which it was silent counts no more."""
        self.silent_since, self.give_up = None, False

    @asynccontextmanager
    async def interruptible(self) -> AsyncIterator[None]:
        """What is awaited within ends when `interrupt` is called. The caller then looks up why it was."""
        scope = asyncio.timeout(None)
        try:
            async with scope:
                self._scope = scope
                try:
                    yield
                finally:
                    self._scope = None
        except TimeoutError:
            if not scope.expired():
                raise

    def interrupt(self) -> None:
        """Wake the job where it waits for something that may be broken off."""
        if self._scope is not None and not self._scope.expired():
            self._scope.reschedule(asyncio.get_running_loop().time())
