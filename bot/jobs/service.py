"""What front ends call: submit, follow, cancel, and what the buttons under a result do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from random import Random, SystemRandom
from types import TracebackType
from typing import Self

from bot.comfyui.progress import Queued, Running
from bot.errors import EaselError
from bot.grammar.formatting import format as format_request
from bot.grammar.parser import Menu
from bot.grammar.request import Request
from bot.jobs.catalog import Catalog
from bot.jobs.errors import AlreadyOver, CannotDo, NothingToWorkWith, NotOverYet, NotYours, Stopping
from bot.jobs.ledger.port import Ledger
from bot.jobs.media import MediaStore, content_id
from bot.jobs.model import Action, Failure, Job, Person, Place, QueueLine, State, Times, new_id
from bot.jobs.recipes import Limits, as_request, assign_images, check_limits, make_recipe, with_new_seed
from bot.jobs.runner import JobUpdate, Runner
from bot.pool.pool import Pool, ServerStatus
from bot.workflows.options import Role
from bot.workflows.workflow import Workflow

VARY_DENOISE = 0.35
"""How far a variation may go from its picture: enough to differ, little enough to be recognised."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One request with who asked, where, and the pictures that came with it.

    `images` are bytes ready for a server (`bot.images.convert.normalise`). `parent` is the job it came from.
    """

    request: Request
    owner: Person
    place: Place
    images: Sequence[bytes] = ()
    parent: str | None = None


class JobService:
    """The application. An async context manager: it owns the task of every running job.

    Leaving it lets go of the jobs and of whoever follows them; what servers have of them goes on there.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        media: MediaStore,
        pool: Pool,
        catalog: Catalog,
        limits: Limits | None = None,
        random: Random | None = None,
        clock: Callable[[], float] = time.time,
        ids: Callable[[], str] = new_id,
    ) -> None:
        self.catalog = catalog
        self.media = media
        self._ledger = ledger
        self._pool = pool
        self._limits = limits or Limits()
        self._random = random or SystemRandom()
        self._clock = clock
        self._ids = ids
        self._runner = Runner(ledger=ledger, media=media, pool=pool, clock=clock)
        self._stopping = False

    async def __aenter__(self) -> Self:
        """Ready to take jobs."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take no more jobs, and let go of those that run."""
        self._stopping = True
        await self._runner.stop()

    async def menu(self) -> Menu:
        """The workflows and their options as the grammar wants them."""
        return await self.catalog.menu()

    async def submit(self, submission: Submission) -> Job:
        """Accept a request: check it, make its recipe, write it down, and start running it.

        Returns:
            The job, in the ledger. Nothing has left this process yet.

        Raises:
            EaselError: It breaks a limit, has the wrong number of pictures, names no workflow that is here, or gives
                a value that this one cannot take.
            CannotKeep: Its pictures could not be written down.
            Stopping: Easel is shutting down.
        """
        hashes = [await asyncio.to_thread(content_id, data) for data in submission.images]
        workflow = self.catalog.get(submission.request.workflow)
        job = self._drafted(submission, workflow, hashes)
        for data in submission.images:
            await self.media.put(data)
        return await self._accept(job, workflow)

    async def again(self, job: str, by: Person, place: Place, changes: Request | None = None) -> Job:
        """Run a job's recipe once more: as these changes make it, or as it was but with a new seed.

        `changes` is the whole request (`bot.grammar.parser.parse_changes`), the job's own seed in it unless another is
        wanted. It starts from the same pictures, as far as its workflow takes any.

        Raises:
            NoSuchJob: Nobody knows that id.
            EaselError: As `submit`.
        """
        old = await self.job(job)
        request = changes or with_new_seed(self.request_of(old))
        workflow = self.catalog.get(request.workflow)
        images = [sha256 for _, sha256 in old.recipe.images[: len(workflow.images)]]
        return await self._accept(self._drafted(Submission(request, by, place, parent=job), workflow, images), workflow)

    async def vary(self, job: str, by: Person, place: Place) -> Job:
        """A variation: the job's first picture as the input of image-to-image, not far from it.

        Raises:
            NothingToWorkWith: The job has no picture.
            CannotDo: There is no image-to-image workflow.
        """
        old = await self.job(job)
        workflow = await self.catalog.for_variation()
        if workflow is None:
            raise CannotDo(action=Action.VARY.value)
        values = ((Role.DENOISE.value, VARY_DENOISE),) if workflow.option(Role.DENOISE) else ()
        return await self._work_on(old, workflow, Request(workflow.name, old.recipe.prompt, values), by, place)

    async def upscale(self, job: str, by: Person, place: Place) -> Job:
        """The job's first picture, larger.

        Raises:
            NothingToWorkWith: The job has no picture.
            CannotDo: There is no workflow for it.
        """
        old = await self.job(job)
        workflow = self.catalog.command(Action.UPSCALE)
        if workflow is None:
            raise CannotDo(action=Action.UPSCALE.value)
        return await self._work_on(old, workflow, Request(workflow.name, ""), by, place)

    async def cancel(self, job: str, by: Person) -> None:
        """Take a job out of the queue, or stop it. Its followers see it end as cancelled.

        Raises:
            NotYours: Somebody else's.
            AlreadyOver: It has ended or its pictures are on their way.
        """
        current = await self.job(job)
        _require_owner(current, by)
        if not await self._runner.cancel(current.id):
            raise AlreadyOver(job=job)

    async def delivered(self, job: str, messages: Sequence[str]) -> None:
        """The front end has posted the pictures as these messages; the job is done.

        Raises:
            ImpossibleTransition: It was not being delivered, or is done already.
        """
        await self._runner.move(job, State.DONE, result_messages=tuple(messages), told=True)

    async def undeliverable(self, job: str, error: EaselError) -> None:
        """The front end could not post the pictures; the job has failed with that error.

        Raises:
            ImpossibleTransition: It has ended already.
        """
        await self._runner.move(job, State.FAILED, failure=Failure.of(error))

    async def shown(self, job: str, message: str) -> None:
        """The front end shows the job's status in that message."""
        await self._runner.change(job, lambda current: replace(current, status_message=message))

    async def delete(self, job: str, by: Person) -> None:
        """Forget an ended job and its pictures, but for those that other jobs have as well.

        Raises:
            NotYours: Somebody else's.
            NotOverYet: It waits, runs, or its pictures are on their way.
        """
        old = await self.job(job)
        _require_owner(old, by)
        if not old.state.final:
            raise NotOverYet(job=job)
        await self._ledger.forget(job)
        for sha256 in old.media:
            if not await self._ledger.uses(sha256):
                await self.media.remove(sha256)

    async def job(self, job: str) -> Job:
        """The job of that id.

        Raises:
            NoSuchJob: Nobody knows it.
        """
        return await self._ledger.get(job)

    async def newest_job(self, person: Person, place: Place) -> Job | None:
        """That person's newest job in that chat."""
        return await self._ledger.newest(person.id, place)

    async def job_of_message(self, place: Place, message: str) -> Job | None:
        """The job that a message is about."""
        return await self._ledger.of_message(place, message)

    def follow(self, job: Job) -> AsyncIterator[JobUpdate]:
        """What is known of the job now, then every change (newest only for slow followers) until it has ended."""
        return self._runner.follow(job.id)

    def request_of(self, job: Job) -> Request:
        """What a person would type to repeat the job exactly, its seed included.

        Raises:
            NoSuchWorkflow: Its workflow is no longer here.
        """
        return as_request(job.recipe, self.catalog.get(job.recipe.workflow))

    def command_of(self, job: Job) -> str:
        """`request_of` as text.

        Raises:
            NoSuchWorkflow: Its workflow is no longer here.
        """
        return format_request(self.request_of(job), self.catalog.get(job.recipe.workflow).options)

    def repeat_of(self, job: Job) -> str:
        """What somebody sends here to repeat the job: `command_of`, or an ``/again`` that keeps its input pictures.

        Raises:
            NoSuchWorkflow: Its workflow is no longer here.
        """
        command = self.command_of(job)
        return f"/again {job.id}{command.removeprefix('/imagine')}" if job.recipe.images else command

    def actions(self, job: Job) -> tuple[Action, ...]:
        """What can be done with a job in its present state. What cannot work is not in it."""
        if job.state in (State.ACCEPTED, State.QUEUED, State.RUNNING):
            return (Action.CANCEL,)
        if job.state is State.DELIVERING:
            return ()
        can_edit = (Action.EDIT,) if job.recipe.prompt else ()
        if job.state is not State.DONE:
            return (Action.AGAIN, *can_edit)
        can_vary = (Action.VARY,) if job.picture and job.recipe.prompt and self.catalog.may_vary() else ()
        can_upscale = (Action.UPSCALE,) if job.picture and self.catalog.command(Action.UPSCALE) else ()
        return (Action.AGAIN, *can_vary, *can_upscale, *can_edit, Action.INFO, Action.DELETE)

    async def queue(self) -> tuple[QueueLine, ...]:
        """Every job that has not ended, the farthest first, those that wait in the order in which they will run."""
        return tuple(sorted(map(self._queue_line, await self._ledger.unfinished()), key=_queue_order))

    async def servers(self) -> tuple[ServerStatus, ...]:
        """Every server, asked now."""
        return await self._pool.statuses()

    def _queue_line(self, job: Job) -> QueueLine:
        match self._runner.progress(job.id):
            case Running(overall=overall):
                return QueueLine(job, progress=overall)
            case Queued(position=position):
                return QueueLine(job, position=position)
            case None:
                return QueueLine(job)

    async def _work_on(self, old: Job, workflow: Workflow, request: Request, by: Person, place: Place) -> Job:
        if old.picture is None:
            raise NothingToWorkWith(job=old.id)
        submission = Submission(request, by, place, parent=old.id)
        return await self._accept(self._drafted(submission, workflow, [old.picture.sha256]), workflow)

    def _drafted(self, submission: Submission, workflow: Workflow, images: Sequence[str]) -> Job:
        """The job that a submission makes, checked. `images` are what the media store calls its pictures."""
        request = submission.request
        recipe = make_recipe(request, workflow, assign_images(workflow, images), self._random)
        check_limits(recipe, self._limits)
        return Job(
            id=self._ids(),
            owner=submission.owner,
            place=submission.place,
            text=format_request(request, workflow.options),
            recipe=recipe,
            times=Times(accepted=self._clock()),
            parent=submission.parent,
        )

    async def _accept(self, job: Job, workflow: Workflow) -> Job:
        if self._stopping:
            raise Stopping
        while not await self._ledger.add(job):
            job = replace(job, id=self._ids())
        if not self._stopping:  # else it stays in the ledger for the next start
            self._runner.start(job, workflow)
        return job


_QUEUE_ORDER = (State.DELIVERING, State.RUNNING, State.QUEUED, State.ACCEPTED)


def _queue_order(line: QueueLine) -> tuple[int, float, float]:
    position = float("inf") if line.position is None else line.position
    return (_QUEUE_ORDER.index(line.job.state), position, line.job.times.accepted)


def _require_owner(job: Job, by: Person) -> None:
    if job.owner.id != by.id:
        raise NotYours(job=job.id)
