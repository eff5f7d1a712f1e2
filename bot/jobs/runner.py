"""Takes each job from accepted to delivering: its attempts on servers, and what followers see meanwhile."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import structlog

from bot.comfyui import progress as prompts
from bot.comfyui.errors import OutcomeUnknown, OutputGone
from bot.comfyui.progress import OutputFile, Queued, Running
from bot.errors import EaselError
from bot.images.errors import ImageError
from bot.images.probe import inspect
from bot.jobs.errors import InternalFault, JobLost, NodeFailed, NothingCameOut
from bot.jobs.feed import Feed
from bot.jobs.ledger.port import Ledger
from bot.jobs.media import MediaStore
from bot.jobs.model import Failure, Job, Picture, State
from bot.pool.pool import Pool
from bot.pool.renderer import Renderer, Task
from bot.workflows.workflow import Workflow

MAX_ATTEMPTS = 3
"""How many prompts may be made of one job: a server may lose one, or the socket with a picture in it."""

Progress: TypeAlias = Queued | Running

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class JobUpdate:
    """One thing a follower is told: the job, how far its prompt has come, and the newest live preview."""

    job: Job
    progress: Progress | None = None
    preview: bytes | None = field(default=None, repr=False)


@dataclass(slots=True)
class _Run:
    """A job while it is being run or delivered. `changing` lets one change of it be written at a time."""

    workflow: Workflow
    feed: Feed[JobUpdate]
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    cancel_wanted: bool = False

    @property
    def job(self) -> Job:
        return self.feed.newest.job


class Runner:
    """Runs jobs, each in a task of its own.

    Every change of a job is in the ledger before followers are told of it, and before anything leaves the process.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        media: MediaStore,
        pool: Pool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ledger = ledger
        self._media = media
        self._pool = pool
        self._clock = clock
        self._runs: dict[str, _Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, job: Job, workflow: Workflow) -> None:
        """Run a job that the ledger has, with the workflow that its recipe was made for. It can be followed now."""
        run = self._runs[job.id] = _Run(workflow, Feed(JobUpdate(job)))
        task = asyncio.create_task(self._run(run), name=f"job {job.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Let go of every job, and of those who follow them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for run in list(self._runs.values()):
            self._let_go(run)

    async def follow(self, job: str) -> AsyncIterator[JobUpdate]:
        """See `JobService.follow`."""
        run = self._runs.get(job)
        if run is None:
            yield JobUpdate(await self._ledger.get(job))
            return
        async for update in run.feed.follow():
            yield update

    def progress(self, job: str) -> Progress | None:
        """How far it is, if it is being run."""
        run = self._runs.get(job)
        return run.feed.newest.progress if run else None

    async def cancel(self, job: str) -> bool:
        """Stop it; whatever its server does, no picture comes of it any more. False: too late.

        Raises:
            ComfyError: The server does not answer. The job ends as cancelled all the same, as soon as it does.
        """
        run = self._runs.get(job)
        if run is None:
            return False
        async with run.changing:  # an end that is being written down stands
            if run.job.state not in (State.ACCEPTED, State.QUEUED, State.RUNNING):
                return False
            run.cancel_wanted = True
        if run.job.state is not State.ACCEPTED:  # else its prompt may be on its way: `_watch` cancels it
            await self._cancel_prompt(run.job)
        return True

    async def change(self, job: str, change: Callable[[Job], Job]) -> None:
        """Write down the job as `change` makes it of the present one. Its followers are told, and end with it.

        Raises:
            NoSuchJob: Nobody knows it.
            ImpossibleTransition: As `change` does.
        """
        run = self._runs.get(job)
        if run is None:
            await self._ledger.put(change(await self._ledger.get(job)))
            return
        async with run.changing:
            before, after = run.job, change(run.job)
            await self._ledger.put(after)
            moved = after.state is not before.state
            run.feed.publish(JobUpdate(after) if moved else replace(run.feed.newest, job=after))
        if after.state.final:
            self._let_go(run)

    async def move(self, job: str, state: State, **changes: Any) -> None:
        """Write down the job's next state, with other changes.

        Raises:
            As `change`.
        """
        await self.change(job, lambda current: current.moved(state, self._clock(), **changes))

    def _let_go(self, run: _Run) -> None:
        run.feed.close()
        self._runs.pop(run.job.id, None)

    async def _run(self, run: _Run) -> None:
        """Take it to `State.DELIVERING`, or to its end."""
        job = run.job.id
        try:
            await self._attempts(run)
        except EaselError as error:
            await self._fail(run, error)
        except Exception:  # the one boundary where a fault of ours must fail one job and not all of them
            log.exception("job failed by a fault of ours", job=job)
            await self._fail(run, InternalFault(job=job))
        finally:
            if run.job.state is not State.DELIVERING:
                self._let_go(run)

    async def _fail(self, run: _Run, error: EaselError) -> None:
        await self._end(run, State.FAILED, failure=Failure.of(error))

    async def _end(self, run: _Run, state: State, **changes: Any) -> None:
        """That state, or cancelled if somebody wanted that first."""

        def ended(job: Job) -> Job:
            now = self._clock()
            return job.moved(State.CANCELLED, now) if run.cancel_wanted else job.moved(state, now, **changes)

        await self.change(run.job.id, ended)

    async def _attempts(self, run: _Run) -> None:
        job = run.job.id
        fresh = False
        while run.job.attempt < MAX_ATTEMPTS:
            renderer, ended = await self._attempt(run, fresh=fresh)
            match prompts.Cancelled() if run.cancel_wanted else ended:
                case prompts.Succeeded(outputs, frames_lost) if not frames_lost or run.job.attempt == MAX_ATTEMPTS:
                    try:
                        pictures = await self._collect(renderer, run.workflow, outputs)
                    except OutputGone:  # a cached run names files that somebody deleted
                        fresh = True
                    else:
                        await self._end(run, State.DELIVERING, pictures=pictures)
                        return
                case prompts.SucceededWithNothing(frames_lost=False):
                    raise NothingCameOut(workflow=run.workflow.name)
                case prompts.Failed(node, reason):
                    raise NodeFailed(node=node, reason=reason)
                case prompts.Cancelled():
                    await self.move(job, State.CANCELLED)
                    return
            log.info("lost", job=job, attempt=run.job.attempt, server=renderer.name, fresh=fresh)
            await self.move(job, State.ACCEPTED)
        raise JobLost(server=run.job.server or "", attempts=run.job.attempt)

    async def _attempt(self, run: _Run, *, fresh: bool) -> tuple[Renderer, prompts.State]:
        """One prompt, from its place to its end."""
        job = run.job.id
        task = Task(str(uuid.uuid4()), run.workflow, dict(run.job.recipe.values), fresh=fresh)
        async with self._pool.place() as renderer:
            await self.change(
                job,
                lambda known: replace(known, server=renderer.name, prompt_id=task.prompt_id, attempt=known.attempt + 1),
            )
            images = {name: await self._media.get(sha256) for name, sha256 in run.job.recipe.images}
            if run.cancel_wanted:
                return renderer, prompts.Cancelled()
            try:
                await renderer.submit(task, images)
            except OutcomeUnknown:  # it is there or it is not: watching tells
                log.info("outcome unknown", job=job, prompt=task.prompt_id)
            del images  # the prompt may wait for hours
        await self.move(job, State.QUEUED)
        return renderer, await self._watch(run, renderer, task)

    async def _watch(self, run: _Run, renderer: Renderer, task: Task) -> prompts.State:
        if run.cancel_wanted:  # while it was on its way
            await self._cancel_prompt(run.job)
        newest: prompts.State = prompts.Lost()
        async for update in renderer.watch(task):
            newest = update.state
            if isinstance(newest, Running) and run.job.state is State.QUEUED:
                await self.move(run.job.id, State.RUNNING)
            if isinstance(newest, Queued | Running):
                run.feed.publish(JobUpdate(run.job, newest, update.preview))
        return newest

    async def _collect(
        self, renderer: Renderer, workflow: Workflow, outputs: tuple[prompts.Output, ...]
    ) -> tuple[Picture, ...]:
        """The pictures of the nodes that the workflow calls its outputs, in their order; else what was saved."""
        rank = {node: place for place, node in enumerate(workflow.outputs)}
        wanted = sorted((o for o in outputs if o.node in rank), key=lambda output: rank[output.node])
        pictures = []
        for output in wanted or outputs:
            data = await renderer.fetch(output)
            pictures.append(await asyncio.to_thread(_described, data, output, await self._media.put(data)))
        return tuple(pictures)

    async def _cancel_prompt(self, job: Job) -> None:
        if job.server is not None and job.prompt_id is not None:
            await self._pool[job.server].cancel(job.prompt_id)


def _described(data: bytes, output: prompts.Output, sha256: str) -> Picture:
    name = output.filename if isinstance(output, OutputFile) else f"{output.node}.{output.format}"
    try:
        info = inspect(data)
    except ImageError:  # a film, a sound or a text: kept and handed on as a file
        return Picture(sha256, name, "application/octet-stream", 0, 0, len(data))
    return Picture(sha256, name, info.media_type, info.width, info.height, len(data))
