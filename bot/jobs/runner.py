"""Runs jobs, each in a task of its own, and tells those who follow them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import structlog

from bot.errors import EaselError
from bot.jobs.attempts import Attempts
from bot.jobs.errand import Errand, JobUpdate, Progress
from bot.jobs.errors import InternalFault, RunsElsewhere
from bot.jobs.estimates import Estimates
from bot.jobs.fairness import Share
from bot.jobs.feed import Feed
from bot.jobs.ledger.port import Ledger
from bot.jobs.media import MediaStore
from bot.jobs.model import Failure, Job, Place, State
from bot.jobs.prompts import Prompts
from bot.jobs.timing import Timing
from bot.jobs.writing import Pen
from bot.pool.pool import Pool
from bot.workflows.workflow import Workflow

__all__ = ["JobUpdate", "Progress", "Runner", "Timing"]

WAITING = (State.ACCEPTED, State.QUEUED)
CAN_BE_CANCELLED = (*WAITING, State.RUNNING)
_LOOK = 30.0
"""Seconds between two looks for jobs that have waited too long for servers that do not answer."""

log = structlog.get_logger()


class Runner:
    """Runs jobs.

    Every change of a job is in the ledger before followers are told of it, and before anything leaves the process.
    While the ledger takes nothing, jobs hold still: `pen` insists.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        media: MediaStore,
        pool: Pool,
        prompts: Prompts,
        estimates: Estimates,
        timing: Timing,
    ) -> None:
        self._ledger = ledger
        self._pool = pool
        self._timing = timing
        self.pen = Pen(self._timing.sleep)
        self._attempts = Attempts(
            book=self,
            pen=self.pen,
            media=media,
            pool=pool,
            prompts=prompts,
            estimates=estimates,
            timing=self._timing,
            spawn=self.spawn,
        )
        self._errands: dict[str, Errand] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def begin(self) -> None:
        """Keep an eye on how long jobs wait, until `stop`."""
        self.spawn(self._give_up(), "patience")

    def start(
        self,
        job: Job,
        workflow: Workflow,
        *,
        weight: float = 1.0,
        tags: frozenset[str] = frozenset(),
        unable: EaselError | None = None,
    ) -> None:
        """Run a job that the ledger has, from wherever it stands. It can be followed now.

        Args:
            job: One that is delivered already is only kept for its followers.
            workflow: The one that its recipe was made for.
            weight: Its owner's share of a queue.
            tags: It may go to servers that have these.
            unable: Why no new prompt can be made of it; what a server has of it is delivered all the same.
        """
        errand = Errand(workflow, Share(job.owner.id, weight), Feed(JobUpdate(job)), tags=tags, unable=unable)
        self._errands[job.id] = errand
        if job.state is not State.DELIVERING:
            self.spawn(self._run(errand), f"job {job.id}")

    async def stop(self) -> None:
        """Let go of every job, and of those who follow them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for errand in list(self._errands.values()):
            self._let_go(errand)

    async def follow(self, job: str) -> AsyncIterator[JobUpdate]:
        """See `JobService.follow`."""
        errand = self._errands.get(job)
        if errand is None:
            yield JobUpdate(await self._ledger.get(job))
            return
        async for update in errand.feed.follow():
            yield update

    def unfinished(self) -> list[JobUpdate]:
        """What followers were told last of every job that is run or delivered here and has not ended."""
        return [errand.feed.newest for errand in self._errands.values() if not errand.job.state.final]

    def uses(self, sha256: str) -> bool:
        """Whether a job that is run or delivered here has that picture."""
        return any(sha256 in errand.job.media for errand in self._errands.values())

    async def cancel(self, job: Job) -> bool:
        """Stop it; whatever its server does, no picture comes of it any more. False: too late.

        Its server is asked as soon as it answers. If we die before that, the next start goes on with it.

        Raises:
            LedgerUnavailable: It cannot be written down, so it goes on.
            RunsElsewhere: Another process runs it.
        """
        errand = self._errands.get(job.id)
        if errand is None:
            if job.state in CAN_BE_CANCELLED:
                raise RunsElsewhere(job=job.id)
            return False
        return await self._cancelled(errand, CAN_BE_CANCELLED)

    async def leave(self, place: Place) -> tuple[str, ...]:
        """Cancel what waits in that chat; which jobs these were."""
        waiting = [errand for errand in self._errands.values() if errand.job.place.same_chat(place)]
        cancelled = [await self.pen.insist(partial(self._cancelled, errand, WAITING)) for errand in waiting]
        return tuple(errand.job.id for errand, was in zip(waiting, cancelled, strict=True) if was)

    async def move_chat(self, old: Place, chat: str) -> None:
        """See `JobService.move_chat`."""
        await self.pen.insist(lambda: self._ledger.move_chat(old, chat))
        for errand in list(self._errands.values()):
            if errand.job.place.same_chat(old):
                async with self._turn(errand.job.id):
                    if errand.job.place.same_chat(old):  # still, and nothing older is told after this
                        errand.tell(job=errand.job.in_chat(chat))

    async def change(self, job: str, change: Callable[[Job], Job]) -> None:
        """Write down the job as `change` makes it of the present one. Its followers are told, and end with it.

        Raises:
            NoSuchJob: Nobody knows it.
            ImpossibleTransition: As `change` does.
        """
        async with self._turn(job):
            errand = self._errands.get(job)
            before = errand.job if errand else await self.pen.insist(lambda: self._ledger.get(job))
            after = change(before)
            await self.pen.insist(lambda: self._ledger.put(after))
            if errand is None:
                return
            if after.state is before.state:
                errand.tell(job=after)
            else:
                errand.feed.publish(JobUpdate(after))
            if after.state.final:
                self._let_go(errand)

    async def move(self, job: str, state: State, **changes: Any) -> None:
        """Write down the job's next state, with other changes. Raises what `change` does."""
        await self.change(job, lambda current: current.moved(state, self._timing.clock(), **changes))

    async def back(self, errand: Errand, **changes: Any) -> None:
        """See `Book.back`."""

        def back(job: Job) -> Job:
            waiting = job if job.state is State.ACCEPTED else job.moved(State.ACCEPTED, self._timing.clock())
            return replace(waiting, gpu_seconds=job.gpu_seconds + errand.spend(), **changes)

        await self.change(errand.job.id, back)

    async def end(self, errand: Errand, state: State, **changes: Any) -> None:
        """See `Book.end`."""

        def ended(job: Job) -> Job:
            job = replace(job, gpu_seconds=job.gpu_seconds + errand.spend())
            now = self._timing.clock()
            return job.moved(State.CANCELLED, now) if job.cancelling else job.moved(state, now, **changes)

        await self.change(errand.job.id, ended)

    async def disown(self, job: Job) -> None:
        """End a job that nobody waits for any more, and take it from its server as soon as that answers."""

        def disowned(known: Job) -> Job:
            return known if known.state.final else known.moved(State.CANCELLED, self._timing.clock())

        await self.change(job.id, lambda known: replace(disowned(known), told=True))
        if job.server is not None and job.prompt_id is not None and job.server in self._pool:
            self._pool.abandon(self._pool[job.server], job.prompt_id)

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Do this until it is done, or until `stop`."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _cancelled(self, errand: Errand, states: Collection[State]) -> bool:
        """Have it stopped, if it is in one of these states."""
        turn = self._turn(errand.job.id)
        if turn.locked() and self.pen.trouble is not None:
            raise self.pen.trouble
        async with turn:  # an end that is being written down stands
            if errand.job.state not in states:
                return False
            wanted = replace(errand.job, cancelling=True)
            await self._ledger.put(wanted)
            errand.tell(job=wanted)
        errand.interrupt()
        return True

    def _turn(self, job: str) -> asyncio.Lock:
        """Lets one change of that job be written at a time; one that cannot be written holds up no other job."""
        return self._turns.setdefault(job, asyncio.Lock())

    def _let_go(self, errand: Errand) -> None:
        errand.feed.close()
        self._errands.pop(errand.job.id, None)

    async def _run(self, errand: Errand) -> None:
        """Take it to `State.DELIVERING`, or to its end."""
        job = errand.job.id
        try:
            await self._attempts.run(errand)
        except EaselError as error:
            await self.end(errand, State.FAILED, failure=Failure.of(error))
        except Exception:  # the one boundary where a fault of ours must fail one job and not all of them
            log.exception("job failed by a fault of ours", job=job)
            await self.end(errand, State.FAILED, failure=Failure.of(InternalFault(job=job)))
        finally:
            if errand.job.state is not State.DELIVERING:
                self._let_go(errand)

    async def _give_up(self) -> None:
        while True:
            await self._timing.sleep(_LOOK)
            longest = self._timing.monotonic() - self._timing.patience
            for errand in list(self._errands.values()):
                if errand.silent_since is not None and errand.silent_since <= longest:
                    errand.give_up = True
                    errand.interrupt()
