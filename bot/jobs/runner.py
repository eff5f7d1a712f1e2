"""Takes one job from accepted to delivering: its attempts on servers, and what followers see meanwhile."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from bot.comfyui import progress
from bot.comfyui.errors import OutputGone
from bot.comfyui.progress import OutputFile
from bot.errors import EaselError
from bot.images.errors import ImageError
from bot.images.probe import InputLimits, probe
from bot.jobs.catalog import Catalog
from bot.jobs.errors import InternalFault, JobLost, NodeFailed, NothingCameOut
from bot.jobs.feed import Feed
from bot.jobs.ledger import Ledger
from bot.jobs.media import MediaStore
from bot.jobs.model import Failure, Job, Picture, State
from bot.pool.pool import Pool
from bot.pool.renderer import Renderer, Task
from bot.workflows.workflow import Workflow

MAX_ATTEMPTS = 3
"""A prompt that a server lost is sent again this often in all."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class JobUpdate:
    """One thing a follower is told: the job, the newest of its progress, and the newest live preview."""

    job: Job
    progress: progress.State | None = None
    preview: bytes | None = field(default=None, repr=False)


@dataclass(slots=True)
class _Run:
    """A job while it is being run."""

    feed: Feed[JobUpdate]
    cancel_wanted: bool = False

    @property
    def job(self) -> Job:
        return self.feed.newest.job


class Runner:
    """Runs jobs; the ledger is written before followers are told, and before anything leaves the process."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        media: MediaStore,
        pool: Pool,
        catalog: Catalog,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ledger = ledger
        self._media = media
        self._pool = pool
        self._catalog = catalog
        self._clock = clock
        self._runs: dict[str, _Run] = {}

    def begin(self, job: Job) -> None:
        """The job can be followed from now on."""
        self._runs[job.id] = _Run(Feed(JobUpdate(job)))

    async def run(self, job: Job) -> None:
        """Take it to `State.DELIVERING`, or to its failure. Never raises but for cancellation."""
        run = self._runs[job.id]
        try:
            await self._attempts(run)
        except EaselError as error:
            await self._end(run, State.FAILED, failure=Failure.of(error))
        except Exception:  # the one boundary where a fault of ours must fail one job and not all of them
            log.exception("job failed by a fault of ours", job=job.id)
            await self._end(run, State.FAILED, failure=Failure.of(InternalFault(job=job.id)))

    async def follow(self, job: Job) -> AsyncIterator[JobUpdate]:
        """See `JobService.follow`."""
        run = self._runs.get(job.id)
        if run is None:
            yield JobUpdate(await self._ledger.get(job.id))
            return
        async for update in run.feed.follow():
            yield update

    def progress(self, job: str) -> progress.State | None:
        """How far it is, if it is being run."""
        run = self._runs.get(job)
        return run.feed.newest.progress if run else None

    async def cancel(self, job: str) -> bool:
        """Stop it. False: too late."""
        run = self._runs.get(job)
        if run is None or run.job.state is State.DELIVERING:
            return False
        if run.job.state is State.ACCEPTED:
            run.cancel_wanted = True  # its prompt may be on its way: `_attempt` cancels it once it is there
            return True
        return await self._cancel_prompt(run)

    async def delivered(self, job: str, message: str) -> None:
        """See `JobService.delivered`."""
        await self._end(self._runs[job], State.DONE, result_message=message)

    async def fail(self, job: str, error: EaselError) -> None:
        """It failed on its way to the chat."""
        await self._end(self._runs[job], State.FAILED, failure=Failure.of(error))

    async def note(self, job: str, **changes: Any) -> None:
        """Write down something of the job that is no change of state."""
        run = self._runs.get(job)
        current = run.job if run else await self._ledger.get(job)
        await self._put(run, replace(current, **changes))

    async def _attempts(self, run: _Run) -> None:
        workflow = self._catalog.get(run.job.recipe.workflow)
        fresh = False
        while run.job.attempt < MAX_ATTEMPTS and not run.job.state.final:
            if run.job.state is not State.ACCEPTED:
                await self._move(run, State.ACCEPTED)
            renderer, ended = await self._attempt(run, workflow, fresh=fresh)
            match ended:
                case progress.Succeeded(outputs):
                    try:
                        pictures = await self._collect(renderer, workflow, outputs)
                    except OutputGone:  # a cached run names files that somebody deleted
                        fresh = True
                        continue
                    await self._move(run, State.DELIVERING, pictures=pictures)
                    return
                case progress.SucceededWithNothing(frames_lost=True) | progress.Lost():
                    log.info("sent again", job=run.job.id, attempt=run.job.attempt, because=ended)
                case progress.SucceededWithNothing():
                    raise NothingCameOut(workflow=workflow.name)
                case progress.Failed(node, reason):
                    raise NodeFailed(node=node, reason=reason)
                case progress.Cancelled():
                    await self._end(run, State.CANCELLED)
        if not run.job.state.final:
            raise JobLost(server=run.job.server or "", attempts=run.job.attempt)

    async def _attempt(self, run: _Run, workflow: Workflow, *, fresh: bool) -> tuple[Renderer, progress.State]:
        """One prompt, from its place to its end."""
        job = run.job
        renderer = await self._pool.place()
        prompt_id = str(uuid.uuid4())
        await self._put(run, replace(job, server=renderer.name, prompt_id=prompt_id, attempt=job.attempt + 1))
        images = {name: await self._media.get(sha256) for name, sha256 in job.recipe.images}
        if run.cancel_wanted:
            return renderer, progress.Cancelled()
        task = Task(prompt_id, workflow, dict(job.recipe.values), images, fresh=fresh)
        await renderer.submit(task)
        await self._move(run, State.QUEUED)
        if run.cancel_wanted:
            await self._cancel_prompt(run)
        ended: progress.State = progress.Lost()
        async for update in renderer.watch(task):
            if isinstance(update.state, progress.Running) and run.job.state is State.QUEUED:
                await self._move(run, State.RUNNING)
            ended = update.state
            run.feed.publish(JobUpdate(run.job, update.state, update.preview))
        return renderer, ended

    async def _collect(
        self, renderer: Renderer, workflow: Workflow, outputs: tuple[progress.Output, ...]
    ) -> tuple[Picture, ...]:
        """The pictures of the nodes that the workflow calls its outputs, in their order; else what was saved."""
        rank = {node: place for place, node in enumerate(workflow.outputs)}
        wanted = [output for output in outputs if output.node in rank]
        wanted.sort(key=lambda output: rank[output.node])
        pictures = []
        for output in wanted or outputs:
            data = await renderer.fetch(output)
            picture = await asyncio.to_thread(_describe, data, output)
            pictures.append(replace(picture, sha256=await self._media.put(data)))
        return tuple(pictures)

    async def _cancel_prompt(self, run: _Run) -> bool:
        job = run.job
        if job.server is None or job.prompt_id is None:
            return False
        return await self._pool[job.server].cancel(job.prompt_id)

    async def _move(self, run: _Run, state: State, **changes: Any) -> None:
        await self._put(run, run.job.moved(state, self._clock(), **changes))

    async def _end(self, run: _Run, state: State, **changes: Any) -> None:
        await self._move(run, state, **changes)
        run.feed.close()
        self._runs.pop(run.job.id, None)

    async def _put(self, run: _Run | None, job: Job) -> None:
        await self._ledger.put(job)
        if run is not None:
            run.feed.publish(replace(run.feed.newest, job=job))


def _describe(data: bytes, output: progress.Output) -> Picture:
    name = output.filename if isinstance(output, OutputFile) else f"{output.node}.{output.format}"
    try:
        info = probe(data, InputLimits(max_bytes=len(data), max_pixels=2**31))
    except ImageError:  # a film or a sound: kept and handed on as a file
        return Picture("", name, "application/octet-stream", 0, 0, len(data))
    return Picture("", name, info.media_type, info.width, info.height, len(data))
