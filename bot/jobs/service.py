"""What front ends call: submit, follow, cancel, and what the buttons under a result do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from random import Random, SystemRandom
from types import TracebackType
from typing import Self

import structlog

from bot.errors import EaselError
from bot.grammar.parser import Menu
from bot.grammar.request import Request
from bot.jobs.catalog import Catalog
from bot.jobs.errors import (
    AlreadyOver,
    CannotDo,
    NoSuchPicture,
    NoSuchServer,
    NothingToWorkWith,
    NotOverYet,
    NotYours,
    Stopping,
)
from bot.jobs.estimates import Estimates
from bot.jobs.house import House
from bot.jobs.intake import Input, Intake, Submission
from bot.jobs.ledger.port import Ledger
from bot.jobs.media import MediaStore
from bot.jobs.model import Action, Failure, Job, Person, Place, Showing, State, new_id
from bot.jobs.prompts import Prompts
from bot.jobs.questions import Questions, Usage
from bot.jobs.recipes import with_new_seed
from bot.jobs.recovery import Recovery
from bot.jobs.runner import CAN_BE_CANCELLED, JobUpdate, Runner
from bot.jobs.timing import Timing
from bot.pool.pool import Pool
from bot.workflows.options import Role

__all__ = ["JobService", "Submission", "Usage"]

log = structlog.get_logger()

VARY_DENOISE = 0.35
"""How far a variation may go from its picture: enough to differ, little enough to be recognised."""


class JobService(Questions):
    """The application. An async context manager: it owns the task of every running job.

    Entering it takes over what earlier processes left behind. Leaving it lets go of the jobs and of whoever follows
    them; what servers have of them goes on there, and the next start goes on with it.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        house: House,
        media: MediaStore,
        pool: Pool,
        catalog: Catalog,
        estimates: Estimates,
        platforms: Collection[str],
        prompts: Prompts | None = None,
        grace: float = 120.0,
        patience: float = 3600.0,
        random: Random | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        ids: Callable[[], str] = new_id,
    ) -> None:
        """Put the application together; nothing happens yet.

        Args:
            ledger: Where jobs are kept.
            house: Who may do what. It is loaded.
            media: Where pictures are kept.
            pool: The servers.
            catalog: The workflows.
            estimates: Learns from every job, and tells how long others will take.
            platforms: Those whose jobs this process looks after.
            prompts: Told whose the prompts in the servers' queues are; None: nobody else wants to know.
            grace: Seconds that a server may be silent until its jobs go elsewhere.
            patience: Seconds until they have failed, where no other server can take them.
            random: Where new seeds come from.
            clock: Seconds since the epoch; it may jump.
            monotonic: Seconds of a clock that never jumps.
            sleep: Waits for so many seconds.
            ids: Makes ids for jobs.
        """
        timing = Timing(grace=grace, patience=patience, clock=clock, monotonic=monotonic, sleep=sleep)
        prompts = prompts or Prompts(ledger)
        runner = Runner(ledger=ledger, media=media, pool=pool, prompts=prompts, estimates=estimates, timing=timing)
        super().__init__(ledger=ledger, house=house, pool=pool, catalog=catalog, runner=runner, clock=clock)
        self.media = media
        self._platforms = tuple(platforms)
        self._intake = Intake(
            ledger=ledger,
            house=house,
            media=media,
            pool=pool,
            catalog=catalog,
            random=random or SystemRandom(),
            clock=clock,
            ids=ids,
        )
        self._recovery = Recovery(
            ledger=ledger, house=house, pool=pool, catalog=catalog, estimates=estimates, runner=runner
        )
        self._stopping = False

    async def __aenter__(self) -> Self:
        """Go on with what earlier processes left behind, and be ready to take jobs.

        Raises:
            LedgerUnavailable: The ledger cannot be read.
        """
        for name in self.house.drained:
            if name in self._pool:
                self._pool.drain(name)
        self._runner.begin()
        try:
            await self._recovery.recover(self._platforms)
        except BaseException:
            await self._runner.stop()
            raise
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

    # -- new jobs

    async def menu(self, place: Place | None = None) -> Menu:
        """The workflows and their options as the grammar wants them; the chat's own default, if it has set one."""
        settings = await self.house.settings(place) if place is not None else None
        return await self.catalog.menu(settings.workflow if settings else None)

    async def submit(self, submission: Submission) -> Job:
        """Accept a request: check it, make its recipe, write it down, and start running it.

        Returns:
            The job, in the ledger. Nothing has left this process yet.

        Raises:
            EaselError: The person or the chat is not let in; it breaks a limit or a rule; no server could run it; it
                has the wrong number of pictures, names no workflow that is here, or gives a value that this one cannot
                take.
            CannotKeep, LedgerUnavailable: It could not be written down.
            Stopping: Easel is shutting down.
        """
        return await self._accept(submission)

    async def again(
        self, job: str, by: Person, place: Place, changes: Request | None = None, message: str | None = None
    ) -> Job:
        """Run a job's recipe once more: as these changes make it, or as it was but with a new seed.

        `changes` is the whole request (`bot.grammar.parser.parse_changes`), the job's own seed in it unless another is
        wanted. It starts from the same pictures, as far as its workflow takes any.

        Raises:
            NoSuchJob: Nobody knows that id, or not here.
            PictureGone: A picture that it starts from is no longer kept.
            EaselError: As `submit`.
        """
        old = await self.job(job, by, place)
        request = changes or with_new_seed(self.request_of(old))
        taken = len(self.catalog.get(request.workflow).images)
        inputs = [await self._kept(old, sha256) for _, sha256 in old.recipe.images[:taken]]
        return await self._accept(Submission(request, by, place, parent=old.id, message=message), inputs)

    async def vary(self, job: str, by: Person, place: Place, message: str | None = None) -> Job:
        """A variation: the job's first picture as the input of image-to-image, not far from it.

        Raises:
            NoSuchJob: Nobody knows that id, or not here.
            NothingToWorkWith: The job has no picture.
            CannotDo: There is no image-to-image workflow.
            EaselError: As `submit`.
        """
        old = await self.job(job, by, place)
        workflow = await self.catalog.for_variation()
        if workflow is None:
            raise CannotDo(action=Action.VARY.value)
        values = ((Role.DENOISE.value, VARY_DENOISE),) if workflow.option(Role.DENOISE) else ()
        return await self.work_on(job, by, place, Request(workflow.name, old.recipe.prompt, values), message)

    async def upscale(self, job: str, by: Person, place: Place, message: str | None = None) -> Job:
        """The job's first picture, larger.

        Raises:
            NoSuchJob: Nobody knows that id, or not here.
            NothingToWorkWith: The job has no picture.
            CannotDo: There is no workflow for it.
            EaselError: As `submit`.
        """
        workflow = self.catalog.command(Action.UPSCALE)
        if workflow is None:
            raise CannotDo(action=Action.UPSCALE.value)
        return await self.work_on(job, by, place, Request(workflow.name, ""), message)

    async def work_on(
        self, job: str, by: Person, place: Place, request: Request, message: str | None = None, *, pick: int = 1
    ) -> Job:
        """A request that starts from one of a job's pictures, as it was made: the `pick`-th of `Job.stills`, from 1.

        Raises:
            NoSuchJob: Nobody knows that id, or not here.
            NothingToWorkWith: The job has no picture.
            NoSuchPicture: It has none of that number.
            PictureGone: It is no longer kept.
            EaselError: As `submit`.
        """
        old = await self.job(job, by, place)
        if not old.stills:
            raise NothingToWorkWith(job=old.id)
        if not 0 < pick <= len(old.stills):
            raise NoSuchPicture(job=old.id, pick=pick, count=len(old.stills))
        inputs = [await self._kept(old, old.stills[pick - 1].sha256)]
        return await self._accept(Submission(request, by, place, parent=old.id, message=message), inputs)

    # -- what becomes of them

    def resumed(self, platform: str) -> Sequence[Job]:
        """The open jobs of that platform that were taken over from an earlier process, oldest first; each once.

        Its front end follows them again: their cards go on, what is `State.DELIVERING` is posted, and of one that has
        ended the last card is shown and `told`.
        """
        return self._recovery.resumed(platform)

    def follow(self, job: Job) -> AsyncIterator[JobUpdate]:
        """What is known of the job now, then every change (newest only for slow followers) until it has ended."""
        return self._runner.follow(job.id)

    async def shown(self, job: str, message: str) -> None:
        """The front end shows the job's status in that message."""
        await self._runner.change(job, lambda current: replace(current, status_message=message))

    async def delivered(self, job: str, messages: Sequence[str]) -> None:
        """The front end has posted the pictures as these messages; the job is done.

        Raises:
            ImpossibleTransition: It was not being delivered, or is done already.
        """
        await self._runner.move(job, State.DONE, result_messages=tuple(messages), told=True)

    async def undeliverable(self, job: str, error: EaselError) -> None:
        """The front end could not post the pictures; the job has failed with that error, and keeps them.

        It can be asked for again, and elsewhere (`Job.has_result`).

        Raises:
            ImpossibleTransition: It has ended already.
        """
        await self._runner.move(job, State.FAILED, failure=Failure.of(error))

    async def shown_again(self, job: str, place: Place, messages: Sequence[str]) -> None:
        """The front end has posted the pictures of an ended job again, there and as these messages.

        Raises:
            LedgerUnavailable: It could not be written down, so these messages lead to no job.
        """
        await self._ledger.show(job, place, messages)

    async def told(self, job: str) -> None:
        """The job's chat has seen how it ended; nobody has to say so again."""
        await self._runner.change(job, lambda current: replace(current, told=True))

    async def cancel(self, job: str, by: Person, place: Place) -> None:
        """Take a job out of the queue, or stop it. Its followers see it end as cancelled once its server has answered.

        Raises:
            NoSuchJob: Nobody knows that id, or not here.
            NotYours: Neither its owner, nor an admin of its chat, nor an operator.
            AlreadyOver: It has ended or its pictures are on their way.
            RunsElsewhere: Another process looks after it.
            LedgerUnavailable: It could not be written down, so the job goes on.
        """
        current = await self._manageable(job, by, place)
        if current.state in CAN_BE_CANCELLED:
            await self._note(by, "cancel", current)
        if not await self._runner.cancel(current):
            raise AlreadyOver(job=current.id)

    async def delete(self, job: str, by: Person, place: Place) -> Sequence[Showing]:
        """Forget an ended job and its pictures, but for those that other jobs have as well.

        A picture that cannot be deleted just now is forgotten all the same, and goes when old ones are pruned.

        Returns the messages that show its pictures, wherever they are.

        Raises:
            NoSuchJob: Nobody knows that id, or not here.
            NotYours: Neither its owner, nor an admin of its chat, nor an operator.
            NotOverYet: It waits, runs, or its pictures are on their way.
        """
        old = await self._manageable(job, by, place)
        if not old.state.final:
            raise NotOverYet(job=old.id)
        await self._note(by, "delete", old)
        showings = await self._ledger.showings(old.id)
        await self._ledger.forget(old.id)
        try:
            for sha256 in old.media:
                if not await self._is_used(sha256):
                    await self.media.remove(sha256)
        except EaselError as error:  # nobody knows the job any more, so its messages must go now
            log.warning("pictures of a deleted job stay for now", job=old.id, error=str(error))
        return showings

    # -- what becomes of chats

    async def move_chat(self, old: Place, chat: str) -> None:
        """The platform has given a chat that id: its jobs, its settings and what is decided of it go with it.

        What the old one called its messages is forgotten, and those who follow its jobs are told the new place. Told
        again, nothing changes.
        """
        if chat == old.chat:
            return
        await self._runner.pen.insist(partial(self.house.migrate, old, chat))
        await self._runner.move_chat(old, chat)

    async def leave(self, place: Place) -> None:
        """We are no longer in that chat: what waits there is cancelled. Of what runs, its owner can ask elsewhere."""
        cancelled = await self._runner.leave(place)
        log.info("left a chat", chat=place.subject, cancelled=cancelled)

    # -- servers, and housekeeping
    async def drain(self, by: Person, server: str) -> None:
        """Give a server no new jobs, now and after a restart; what it has goes on.

        Raises:
            NotOperator: Only operators may.
            NoSuchServer: There is none of that name.
        """
        await self._check_server(by, server)
        await self.house.drain(by, server)
        self._pool.drain(server)

    async def undrain(self, by: Person, server: str) -> None:
        """Give it jobs again. Raises what `drain` does."""
        await self._check_server(by, server)
        await self.house.undrain(by, server)
        self._pool.resume(server)

    async def prune(self, keep_seconds: float | None, max_media_bytes: int | None) -> None:
        """Forget jobs that are older, with their pictures, and then the oldest pictures beyond so many bytes.

        None: no limit. Jobs that are not over, and pictures that such jobs need, are kept.
        """
        if keep_seconds is not None and await self._ledger.prune(self._clock() - keep_seconds):
            await self.media.shrink(0, self._is_used)
        if max_media_bytes is not None:
            needed = {sha256 for job in await self._ledger.unfinished() for sha256 in job.media}

            async def is_needed(sha256: str) -> bool:
                return sha256 in needed or self._intake.held[sha256] > 0 or self._runner.uses(sha256)

            await self.media.shrink(max_media_bytes, is_needed)

    async def _accept(self, submission: Submission, inputs: Sequence[Input] | None = None) -> Job:
        if self._stopping:
            raise Stopping
        taken = await self._intake.accept(submission, inputs)
        if not self._stopping:  # else it stays in the ledger for the next start
            limits = taken.guest.limits
            self._runner.start(taken.job, taken.workflow, weight=limits.weight, tags=limits.server_tags)
        return taken.job

    async def _kept(self, old: Job, sha256: str) -> Input:
        return await asyncio.to_thread(Input.kept, sha256, await self.media.get(sha256), covered=old.spoiler)

    async def _manageable(self, job: str, by: Person, place: Place) -> Job:
        known = await self.job(job, by, place)
        if not self.house.may_manage(by, known, place):
            raise NotYours(job=known.id)
        return known

    async def _note(self, by: Person, act: str, job: Job) -> None:
        if by.id != job.owner.id:
            await self.house.note(by, act, job.id, job.owner.id)

    async def _is_used(self, sha256: str) -> bool:
        return self._intake.held[sha256] > 0 or await self._ledger.uses(sha256)

    async def _check_server(self, by: Person, server: str) -> None:
        self.house.need_operator(by)
        if server not in self._pool:
            raise NoSuchServer(server=server, known=tuple(known.name for known in await self._pool.statuses()))
