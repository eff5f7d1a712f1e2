"""What front ends call: submit, follow, cancel, and what the buttons under a result do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from random import Random, SystemRandom
from types import TracebackType
from typing import Self

from bot.comfyui.progress import Queued, Running
from bot.errors import EaselError
from bot.grammar.formatting import format as format_request
from bot.grammar.parser import Menu
from bot.grammar.request import Request
from bot.jobs.catalog import Catalog
from bot.jobs.errors import AlreadyOver, CannotDo, NothingToWorkWith, NotYours, Stopping
from bot.jobs.ledger import Ledger
from bot.jobs.media import MediaStore
from bot.jobs.model import Action, Job, Person, Place, QueueLine, State, Times, new_id
from bot.jobs.recipes import Limits, as_request, assign_images, check_limits, make_recipe, with_new_seed
from bot.jobs.runner import JobUpdate, Runner
from bot.pool.pool import Pool, ServerStatus
from bot.workflows.options import Role

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

    Leaving it stops following the jobs; what servers have of them goes on there.
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
    ) -> None:
        self.catalog = catalog
        self.media = media
        self._ledger = ledger
        self._pool = pool
        self._limits = limits or Limits()
        self._random = random or SystemRandom()
        self._clock = clock
        self._runner = Runner(ledger=ledger, media=media, pool=pool, catalog=catalog, clock=clock)
        self._tasks: dict[str, asyncio.Task[None]] = {}
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
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def menu(self) -> Menu:
        """The workflows and their options as the grammar wants them."""
        return await self.catalog.menu()

    async def submit(self, submission: Submission) -> Job:
        """Accept a request: check it, make its recipe, write it down, and start running it.

        Returns:
            The job, in the ledger. Nothing has left this process yet.

        Raises:
            JobError: It breaks a limit, or has the wrong number of pictures.
            NoSuchWorkflow: The request names none that is here.
            Stopping: Easel is shutting down.
        """
        images = tuple([await self.media.put(data) for data in submission.images])
        return await self._accept(submission, images)

    async def again(self, job: str, by: Person, place: Place, changes: Request | None = None) -> Job:
        """Run a job's recipe once more: with these changes and its own seed, or as it was with a new seed.

        Raises:
            NoSuchJob: Nobody knows that id.
        """
        old = await self.job(job)
        request = changes or with_new_seed(self.request_of(old))
        images = tuple(sha256 for _, sha256 in old.recipe.images)
        return await self._accept(Submission(request, by, place, parent=old.id), images)

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
        request = Request(workflow.name, old.recipe.prompt, values)
        return await self._accept(Submission(request, by, place, parent=old.id), (_first_picture(old),))

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
        return await self._accept(
            Submission(Request(workflow.name, ""), by, place, parent=old.id), (_first_picture(old),)
        )

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

    async def delivered(self, job: str, message: str) -> None:
        """The front end has posted the pictures as that message; the job is done."""
        await self._runner.delivered(job, message)

    async def undeliverable(self, job: str, error: EaselError) -> None:
        """The front end could not post the pictures; the job has failed with that error."""
        await self._runner.fail(job, error)

    async def shown(self, job: str, message: str) -> None:
        """The front end shows the job's status in that message."""
        await self._runner.note(job, status_message=message)

    async def delete(self, job: str, by: Person) -> None:
        """Forget an ended job and its pictures.

        Raises:
            NotYours: Somebody else's.
        """
        old = await self.job(job)
        _require_owner(old, by)
        for picture in old.pictures:
            await self.media.remove(picture.sha256)
        await self._ledger.forget(job)

    async def job(self, job: str) -> Job:
        """The job of that id.

        Raises:
            NoSuchJob: Nobody knows it.
        """
        return await self._ledger.get(job)

    async def job_of_message(self, place: Place, message: str) -> Job | None:
        """The job that a message is about."""
        return await self._ledger.of_message(place, message)

    def follow(self, job: Job) -> AsyncIterator[JobUpdate]:
        """What is known of the job now, then every change (newest only for slow followers) until it has ended."""
        return self._runner.follow(job)

    def request_of(self, job: Job) -> Request:
        """What a person would type to repeat the job exactly, its seed included."""
        return as_request(job.recipe, self.catalog.get(job.recipe.workflow))

    def command_of(self, job: Job) -> str:
        """`request_of` as text."""
        return format_request(self.request_of(job))

    def actions(self, job: Job) -> tuple[Action, ...]:
        """What can be done with a job in its present state. What cannot work is not in it."""
        if job.state in (State.ACCEPTED, State.QUEUED, State.RUNNING):
            return (Action.CANCEL,)
        if job.state is State.DELIVERING:
            return ()
        can_edit = (Action.EDIT,) if job.recipe.prompt else ()
        if job.state is not State.DONE:
            return (Action.AGAIN, *can_edit)
        from_picture = tuple(
            action
            for action, workflow in (
                (Action.VARY, self.catalog.may_vary() and bool(job.recipe.prompt)),
                (Action.UPSCALE, self.catalog.command(Action.UPSCALE) is not None),
            )
            if workflow
        )
        return (Action.AGAIN, *from_picture, *can_edit, Action.INFO, Action.DELETE)

    async def queue(self) -> tuple[QueueLine, ...]:
        """Every job that has not ended, running ones first, then in the order in which they will run."""
        lines = []
        for job in await self._ledger.unfinished():
            state = self._runner.progress(job.id)
            match state:
                case Running(overall=overall):
                    lines.append(QueueLine(job, progress=overall))
                case Queued(position=position):
                    lines.append(QueueLine(job, position=position))
                case _:
                    lines.append(QueueLine(job))
        return tuple(sorted(lines, key=_queue_order))

    async def servers(self) -> tuple[ServerStatus, ...]:
        """Every server, asked now."""
        return await self._pool.statuses()

    async def _accept(self, submission: Submission, images: tuple[str, ...]) -> Job:
        if self._stopping:
            raise Stopping
        request = submission.request
        workflow = self.catalog.get(request.workflow)
        recipe = make_recipe(request, workflow, assign_images(workflow, images), self._random)
        check_limits(recipe, self._limits)
        job = Job(
            id=new_id(),
            owner=submission.owner,
            place=submission.place,
            text=format_request(request),
            recipe=recipe,
            times=Times(accepted=self._clock()),
            parent=submission.parent,
        )
        await self._ledger.add(job)
        self._runner.begin(job)
        task = asyncio.create_task(self._runner.run(job), name=f"job {job.id}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))
        return job


def _queue_order(line: QueueLine) -> tuple[bool, float, float]:
    position = line.position if line.position is not None else float("inf")
    return (line.progress is None, position, line.job.times.accepted)


def _first_picture(job: Job) -> str:
    if not job.pictures:
        raise NothingToWorkWith(job=job.id)
    return job.pictures[0].sha256


def _require_owner(job: Job, by: Person) -> None:
    if job.owner.id != by.id:
        raise NotYours(job=job.id)
