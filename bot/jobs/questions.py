"""What can be asked about jobs, servers and models. Nothing changes by it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.comfyui.progress import Queued, Running
from bot.grammar.formatting import format as format_request
from bot.grammar.request import Request
from bot.jobs.catalog import Catalog
from bot.jobs.errors import NoSuchJob
from bot.jobs.house import House
from bot.jobs.ledger.port import Ledger
from bot.jobs.model import Action, Job, Person, Place, QueueLine, State
from bot.jobs.policy.allowance import DAY
from bot.jobs.policy.limits import Limits
from bot.jobs.recipes import as_request
from bot.jobs.runner import CAN_BE_CANCELLED, JobUpdate, Runner
from bot.pool.pool import Pool, ServerStatus
from bot.workflows.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Usage:
    """What somebody has had in the last 24 hours, how many of their jobs have not ended, and what they may have."""

    jobs: int
    gpu_seconds: float
    waiting: int
    limits: Limits


class Questions:
    """The half of `bot.jobs.service.JobService` that only answers."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        house: House,
        pool: Pool,
        catalog: Catalog,
        runner: Runner,
        clock: Callable[[], float],
    ) -> None:
        self.catalog = catalog
        self.house = house
        self._ledger = ledger
        self._pool = pool
        self._runner = runner
        self._clock = clock

    async def job(self, job: str, by: Person, place: Place) -> Job:
        """The job of that id, for somebody who asks in that chat.

        Raises:
            NoSuchJob: Nobody knows it, or they may not see it.
        """
        known = await self._ledger.get(job)
        if not self.house.may_see(by, known, place):
            raise NoSuchJob(job=job)
        return known

    async def newest_job(self, person: Person, place: Place) -> Job | None:
        """That person's newest job in that chat."""
        return await self._ledger.newest(person.id, place)

    async def job_of_request(self, place: Place, message: str) -> Job | None:
        """The job that was asked for with a message."""
        return await self._ledger.of_request(place, message)

    async def job_of_message(self, place: Place, message: str) -> Job | None:
        """The job that a message is about."""
        return await self._ledger.of_message(place, message)

    async def pick_of_message(self, job: Job, place: Place, message: str) -> int:
        """Which of its pictures (`Job.stills`, from 1) a message shows; the first, where it shows several or none."""
        here = [each for each in await self._ledger.showings(job.id) if each.place.same_chat(place)]
        numbers = {each.message: each.number for each in here}
        number, each_alone = numbers.get(message, 0), max(numbers.values(), default=0) >= len(job.pictures)
        if not each_alone or not 0 < number <= len(job.pictures) or not job.pictures[number - 1].width:
            return 1
        return sum(picture.width > 0 for picture in job.pictures[:number])

    async def jobs_of_place(self, place: Place, limit: int) -> Sequence[Job]:
        """The newest jobs of that chat and all of it that have not ended, oldest first."""
        newest = [*reversed(await self._ledger.of_place(place, limit))]
        unended = [job for job in await self._ledger.unfinished() if job.place.same_chat(place)]
        return sorted({job.id: job for job in (*unended, *newest)}.values(), key=lambda job: job.times.accepted)

    async def mine(self, person: Person, limit: int) -> Sequence[Job]:
        """That person's jobs, the newest first, wherever they asked for them."""
        return await self._ledger.of_owner(person.id, limit)

    async def usage(self, person: Person, place: Place) -> Usage:
        """What that person has had, and may have here.

        Raises:
            NotAllowedHere, Banned, ChatBanned: They are not let in.
        """
        guest = await self.house.admit(person, place)
        spent = await self._ledger.spent(person.id, self._clock() - DAY)
        return Usage(
            jobs=len(spent),
            gpu_seconds=sum(each.gpu_seconds for each in spent),
            waiting=await self._ledger.waiting(person.id),
            limits=guest.limits,
        )

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
        if job.state in CAN_BE_CANCELLED:
            return () if job.cancelling else (Action.CANCEL,)
        if job.state is State.DELIVERING:
            return ()
        here = self.catalog.has(job.recipe.workflow)
        again = (Action.AGAIN,) if here else ()
        can_edit = (Action.EDIT,) if here and job.recipe.prompt else ()
        if not job.has_result:
            return (*again, *can_edit)
        can_vary = (Action.VARY,) if job.picture and job.recipe.prompt and self.catalog.may_vary() else ()
        can_upscale = (Action.UPSCALE,) if job.picture and self.catalog.command(Action.UPSCALE) else ()
        info = (Action.INFO,) if here else ()
        file = (Action.FILE,) if job.picture else ()
        return (*again, *can_vary, *can_upscale, *can_edit, *info, *file, Action.DELETE)

    async def queue(self) -> tuple[QueueLine, ...]:
        """Every job that has not ended, the farthest first, those that wait in the order in which they will run."""
        elsewhere = [QueueLine(job) for job in await self._ledger.unfinished_elsewhere()]
        return tuple(sorted([*map(_queue_line, self._runner.unfinished()), *elsewhere], key=_queue_order))

    async def servers(self, workflows: Collection[Workflow] = ()) -> tuple[ServerStatus, ...]:
        """Every server as it is known to be. Which of these `workflows` it can run, it is asked."""
        return await self._pool.statuses(workflows)

    async def models(self) -> Mapping[str, tuple[str, ...]]:
        """By folder, the model files of all servers that answer."""
        return await self._pool.models()


def _queue_line(update: JobUpdate) -> QueueLine:
    position = update.progress.position if isinstance(update.progress, Queued) else None
    overall = update.progress.overall if isinstance(update.progress, Running) else None
    return QueueLine(update.job, position=position, progress=overall, wait=update.wait, silent=update.silent)


_QUEUE_ORDER = (State.DELIVERING, State.RUNNING, State.QUEUED, State.ACCEPTED)


def _queue_order(line: QueueLine) -> tuple[int, float, float]:
    position = float("inf") if line.position is None else line.position
    return (_QUEUE_ORDER.index(line.job.state), position, line.job.times.accepted)
