"""Takes one job from accepted to delivering: its prompts on servers, one after the other, and what becomes of each."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import structlog

from bot.comfyui import progress as prompts
from bot.comfyui.errors import (
    ComfyError,
    ConnectionLost,
    OutcomeUnknown,
    OutputGone,
    OutputTooLarge,
    RefusedGraph,
    ServerError,
    ServerTimeout,
    ServerUnreachable,
    UploadTooLarge,
)
from bot.comfyui.progress import Queued, Running
from bot.comfyui.records import Queue
from bot.jobs import fairness
from bot.jobs.collecting import collect
from bot.jobs.errand import Errand, JobUpdate, Stopwatch
from bot.jobs.errors import JobLost, NodeFailed, NothingCameOut, ServerGone
from bot.jobs.estimates import Estimates
from bot.jobs.line import Line, Spawn
from bot.jobs.media import MediaStore
from bot.jobs.model import MAX_PROMPTS, Job, Picture, Run, State
from bot.jobs.prompts import Prompts
from bot.jobs.timing import Timing
from bot.jobs.writing import Pen
from bot.pool.pool import Pool
from bot.pool.renderer import Renderer, Task

MAX_LOSSES = 3
"""So many prompts of one job may get lost while this process looks on: a server forgets one, or the socket with a
picture in it."""
MAX_TRIES = 5
"""So often in a row a server that answers may neither take a prompt nor refuse it, or not hand out a picture."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before a server is tried again; each pause is twice the one before."""
ON_THE_WIRE = 3.0
"""Seconds after which a prompt that an earlier process was about to post is looked for once more: what it had sent may
still have been on its way."""
LONGEST_UNWATCHED = 900.0
"""So many seconds at most count for what ran before this process saw it: only the wall clock knows, and it may jump."""

_BEHIND_A_PROXY = range(502, 505)

log = structlog.get_logger()


class Book(Protocol):
    """Where every change of a job is written down before anybody hears of it, or anything leaves the process."""

    async def change(self, job: str, change: Callable[[Job], Job]) -> None:
        """Write down the job as `change` makes it of the present one."""

    async def move(self, job: str, state: State, **changes: Any) -> None:
        """Write down its next state, with other changes."""

    async def back(self, errand: Errand, **changes: Any) -> None:
        """Write down that another attempt follows, and what the last one has cost."""

    async def end(self, errand: Errand, state: State, **changes: Any) -> None:
        """Write down that no other follows, and what the last one has cost. Who was cancelled ends so."""


class Attempts:
    """Runs errands: `run` is one job's way, the rest is common to all."""

    def __init__(
        self,
        *,
        book: Book,
        pen: Pen,
        media: MediaStore,
        pool: Pool,
        prompts: Prompts,
        estimates: Estimates,
        timing: Timing,
        spawn: Spawn,
    ) -> None:
        self._book = book
        self._pen = pen
        self._media = media
        self._pool = pool
        self._prompts = prompts
        self._estimates = estimates
        self._timing = timing
        self._spawn = spawn
        self._lines: dict[Renderer, Line] = {}

    async def run(self, errand: Errand) -> None:
        """Until its pictures are here, or it is cancelled.

        Raises:
            EaselError: Why it has failed.
        """
        over = errand.job.prompt_id is not None and await self._rejoined(errand)
        while not over:
            over = await self._attempted(errand)

    async def _attempted(self, errand: Errand) -> bool:
        """One prompt, from its place to its end. False: another one is needed."""
        if errand.pause:
            async with errand.interruptible():
                await self._timing.sleep(errand.pause)
        if errand.job.cancelling:
            await self._book.end(errand, State.CANCELLED)
            return True
        if errand.give_up:
            raise self._server_gone(errand)
        if errand.unable is not None:
            raise errand.unable
        if errand.job.attempt >= MAX_PROMPTS:
            raise JobLost(server=errand.job.server or "", attempts=errand.job.attempt)
        with ExitStack() as standing:
            async with AsyncExitStack() as placing:
                renderer = await self._placed(errand, placing)
                if renderer is None:
                    return False
                task = self._task(errand, str(uuid.uuid4()))
                line = self._line(renderer)
                standing.enter_context(line.standing(errand, task.prompt_id))
                async with line.door:
                    if not await self._submitted(errand, renderer, task):
                        return False
            await self._book.move(errand.job.id, State.QUEUED)
            return await self._settled(errand, line, task, await self._watched(errand, line, task))

    async def _rejoined(self, errand: Errand) -> bool:
        """The prompt that an earlier process left behind, to its end. False: it needs a new one."""
        job = errand.job
        if job.server is None or job.prompt_id is None:
            return False
        if job.server not in self._pool:  # it has left the settings since
            await self._book.back(errand, left=job.server)
            return False
        renderer = self._pool[job.server]
        if job.left == job.server:
            self._pool.abandon(renderer, job.prompt_id)
            return False
        task, line = self._task(errand, job.prompt_id), self._line(renderer)
        errand.watch = Stopwatch(whole=False)
        if job.state is State.RUNNING and job.times.started is not None:
            errand.watch.seconds = min(max(self._timing.clock() - job.times.started, 0.0), LONGEST_UNWATCHED)
        with line.standing(errand, task.prompt_id):
            state = await self._watched(errand, line, task)
            if isinstance(state, prompts.Lost) and errand.job.state is State.ACCEPTED:
                await self._timing.sleep(ON_THE_WIRE)
                state = await self._watched(errand, line, task)
                if isinstance(state, prompts.Lost) and errand.job.state is State.ACCEPTED:
                    return False  # it never was there
            return await self._settled(errand, line, task, state)

    async def _placed(self, errand: Errand, placing: AsyncExitStack) -> Renderer | None:
        """The server for the next prompt; None: nobody wants one any more."""
        renderer = None
        place = self._pool.place(errand.wish(), waiting=lambda silent: errand.hush(silent, self._timing.monotonic()))
        async with errand.interruptible():
            renderer = await placing.enter_async_context(place)
        return None if errand.job.cancelling or errand.give_up else renderer

    async def _submitted(self, errand: Errand, renderer: Renderer, task: Task) -> bool:
        """Write the prompt down and hand it over. False: no server has it."""
        job, name = errand.job, renderer.name
        attempt = job.attempt + (not errand.unsent)
        left = None if job.left == name else job.left
        errand.unsent = False
        await self._book.change(
            job.id,
            lambda known: replace(known, server=name, prompt_id=task.prompt_id, attempt=attempt, left=left),
        )
        images = {option: await self._media.get(sha256) for option, sha256 in job.recipe.images}
        if errand.job.cancelling:
            errand.unsent = True
            return False
        await self._prompts.look_up(name, renderer.seen)
        try:
            await renderer.submit(task, images, partial(self._order, errand, name))
        except OutcomeUnknown:  # it is there or it is not: watching tells
            log.info("outcome unknown", job=job.id, prompt=task.prompt_id)
        except ComfyError as error:
            self._turned_away(errand, renderer, error)
            return False
        errand.tries, errand.pause, errand.avoid = 0, 0.0, errand.refused
        errand.hush((), self._timing.monotonic())
        errand.watch = Stopwatch()
        return True

    def _order(self, errand: Errand, server: str, queue: Queue) -> float | None:
        return fairness.number(queue, errand.share, partial(self._prompts.share, server))

    def _turned_away(self, errand: Errand, renderer: Renderer, error: ComfyError) -> None:
        """Look for another server, or try this one again after a while. What it refuses, one other is asked for.

        Raises:
            ComfyError: Nobody will take it.
        """
        name = renderer.name
        log.info("not taken", job=errand.job.id, server=name, error=str(error))
        errand.unsent = True
        if isinstance(error, RefusedGraph | UploadTooLarge):
            if errand.refused or not self._pool.others(errand.wish_elsewhere(name)):
                raise error
            errand.refused |= {name}
        else:
            errand.tries += not _is_away(error)
            if errand.tries >= MAX_TRIES:
                raise error
            errand.pause = min(max(2 * errand.pause, FIRST_PAUSE), LONGEST_PAUSE)
            errand.hush((name,), self._timing.monotonic())
        errand.avoid |= {name}

    async def _watched(self, errand: Errand, line: Line, task: Task) -> prompts.State | None:
        """How the prompt ended; None: nobody waits for its server any more."""
        called_off = False
        updates = line.renderer.watch(task)
        while True:
            if errand.job.cancelling and not called_off:
                called_off = await self._called_off(line.renderer, task)
            news: list[prompts.Update] = []
            async with errand.interruptible():
                try:
                    news.append(await anext(updates))
                except ComfyError as error:
                    log.info("not watched", job=errand.job.id, server=line.renderer.name, error=str(error))
                    await self._timing.sleep(FIRST_PAUSE)
            match news:
                case [prompts.Update(Queued() | Running() as progress, preview)]:
                    await self._note(errand, line, task, JobUpdate(errand.job, progress, preview))
                case [prompts.Update(ended)]:
                    errand.watch.stop(self._timing.monotonic())
                    return ended
                case _ if errand.leave or errand.give_up:
                    return None
                case _:  # the watching was interrupted
                    updates = line.renderer.watch(task)

    async def _called_off(self, renderer: Renderer, task: Task) -> bool:
        """Ask the server to stop it. False: it knows nothing of it yet."""
        try:
            return await renderer.cancel(task.prompt_id)
        except ComfyError as error:
            log.info("not cancelled yet", server=renderer.name, prompt=task.prompt_id, error=str(error))
            self._pool.abandon(renderer, task.prompt_id)
            return True

    async def _note(self, errand: Errand, line: Line, task: Task, news: JobUpdate) -> None:
        """Write down how far it is and tell its followers."""
        job, before = errand.job, errand.feed.newest.progress
        match news.progress:
            case Running():
                errand.watch.lap(self._timing.monotonic())
                if job.state is State.ACCEPTED:
                    await self._book.move(job.id, State.QUEUED)
                if job.state is not State.RUNNING:
                    await self._book.move(job.id, State.RUNNING)
            case Queued(position=None):  # it is being looked for
                return
            case Queued() if job.state is State.ACCEPTED:
                await self._book.move(job.id, State.QUEUED)
        if isinstance(news.progress, Queued) or not isinstance(before, Running):
            line.stir()
        errand.heard()
        errand.feed.publish(replace(news, job=errand.job, wait=line.wait(task.prompt_id)))

    async def _settled(self, errand: Errand, line: Line, task: Task, state: prompts.State | None) -> bool:
        """What follows from how a prompt ended. False: another one is needed."""
        if state is None:
            return await self._left(errand, line.renderer, task)
        if errand.job.cancelling:
            state = prompts.Cancelled()
        match state:
            case prompts.Succeeded(outputs, frames_lost) if not frames_lost or errand.losses + 1 >= MAX_LOSSES:
                try:
                    return await self._made(errand, line.renderer, task, outputs)
                except OutputGone:  # a cached run names files that somebody deleted
                    errand.fresh = True
            case prompts.SucceededWithNothing(frames_lost=False):
                raise NothingCameOut(workflow=errand.workflow.name)
            case prompts.Failed(node, reason):
                raise NodeFailed(node=node, reason=reason)
            case prompts.Cancelled():
                await self._book.end(errand, State.CANCELLED)
                return True
        errand.losses += 1
        log.info("lost", job=errand.job.id, losses=errand.losses, server=line.renderer.name, fresh=errand.fresh)
        if errand.losses >= MAX_LOSSES:
            raise JobLost(server=line.renderer.name, attempts=errand.losses)
        await self._book.back(errand, prompt_id=None)
        return False

    async def _made(self, errand: Errand, renderer: Renderer, task: Task, outputs: tuple[prompts.Output, ...]) -> bool:
        """Fetch its pictures. Raises `OutputGone` where the server has them no more."""
        pictures = await self._collected(errand, renderer, outputs)
        if pictures is None:
            return await self._left(errand, renderer, task)
        if errand.job.state is State.ACCEPTED:  # an earlier process posted it, and died before it knew
            await self._book.move(errand.job.id, State.QUEUED)
        if errand.watch.whole:
            self._estimates.learn(Run(renderer.name, errand.job.recipe, errand.watch.seconds))
        await self._book.end(errand, State.DELIVERING, pictures=pictures)
        return True

    async def _left(self, errand: Errand, renderer: Renderer, task: Task) -> bool:
        """Its server is away. The prompt may be there still: it is given up, and cancelled when the server is back."""
        if errand.give_up:
            self._pool.abandon(renderer, task.prompt_id)
            raise self._server_gone(errand)
        cancelled = errand.job.cancelling
        if cancelled:
            await self._book.end(errand, State.CANCELLED)
        else:
            log.info("moved", job=errand.job.id, server=renderer.name)
            await self._book.back(errand, left=renderer.name)
        self._pool.abandon(renderer, task.prompt_id)
        return cancelled

    async def _collected(
        self, errand: Errand, renderer: Renderer, outputs: tuple[prompts.Output, ...]
    ) -> tuple[Picture, ...] | None:
        """Its pictures, however long the disk or the connection takes; None: nobody waits for them any more."""
        tries, pause = 0, FIRST_PAUSE
        while True:
            try:
                return await self._pen.insist(partial(collect, renderer, errand.workflow, outputs, self._media))
            except (OutputGone, OutputTooLarge):
                raise
            except ComfyError as error:
                log.info("not fetched yet", job=errand.job.id, server=renderer.name, error=str(error))
                tries += not _is_away(error)
                if tries >= MAX_TRIES:
                    raise
            async with errand.interruptible():
                await self._timing.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            if errand.leave or errand.give_up or errand.job.cancelling:
                return None

    def _task(self, errand: Errand, prompt_id: str) -> Task:
        return Task(prompt_id, errand.workflow, dict(errand.job.recipe.values), fresh=errand.fresh)

    def _line(self, renderer: Renderer) -> Line:
        if renderer not in self._lines:
            self._lines = {known: line for known, line in self._lines.items() if line.used}
            self._lines[renderer] = Line(
                renderer,
                pool=self._pool,
                prompts=self._prompts,
                estimates=self._estimates,
                timing=self._timing,
                spawn=self._spawn,
            )
        return self._lines[renderer]

    def _server_gone(self, errand: Errand) -> ServerGone:
        waited_for = errand.silent or (errand.job.server or "",)
        return ServerGone(servers=waited_for, minutes=round(self._timing.patience / 60))


def _is_away(error: ComfyError) -> bool:
    """Whether nobody answered, as far as one can tell: a proxy answers for a server that is down."""
    if isinstance(error, ServerError):
        return error.status in _BEHIND_A_PROXY
    return isinstance(error, ServerUnreachable | ConnectionLost | ServerTimeout)
