"""One platform's conversation: messages and button presses in, status cards and results out."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Coroutine
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import structlog

from bot.chat.card import Result, ResultPicture
from bot.chat.commands import Command, Spoken, split
from bot.chat.errors import UnknownCommand
from bot.chat.listing import help_text, queue_text, workflows_text
from bot.chat.pacing import Pacer, Superseded, Urgency
from bot.chat.ports import FrontEnd, Incoming
from bot.chat.status import buttons, card, info, result_lines, result_title
from bot.chat.texts import Texts, texts_for
from bot.errors import EaselError
from bot.grammar.parser import parse, parse_changes
from bot.grammar.request import Adjustment, Request
from bot.images.convert import normalise
from bot.images.fit import PlatformLimits, fit
from bot.images.metadata import embed, strip
from bot.images.probe import InputLimits
from bot.jobs.model import Action, Job, Person, Picture, Place, State
from bot.jobs.runner import JobUpdate
from bot.jobs.service import JobService, Submission

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Manners:
    """How a conversation behaves, from settings.

    `embed_recipe`: pictures carry the command that made them. `previews`: cards carry the live preview.
    """

    language: str = "en"
    embed_recipe: bool = True
    previews: bool = True
    inputs: InputLimits = field(default_factory=InputLimits)


class Conversation:
    """Handlers for one front end. An async context manager: it owns the task that follows each job."""

    def __init__(self, front: FrontEnd, service: JobService, manners: Manners | None = None) -> None:
        self._front = front
        self._service = service
        self._manners = manners or Manners()
        self._pacer = Pacer(front.budgets)
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Start speaking."""
        await self._pacer.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let go of the jobs that are followed, and let sends in flight finish."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._pacer.__aexit__(kind, error, traceback)

    async def receive(self, incoming: Incoming) -> Job | None:
        """Answer a message. What is wrong with it is said in the chat; nothing is raised for it.

        Returns:
            The job it started, if it started one.
        """
        texts = self._texts(incoming.person)
        try:
            return await self._obey(incoming, split(incoming.text), texts)
        except EaselError as error:
            log.info("refused", error=str(error), person=incoming.person.id)
            await self._say(incoming.place, texts.explain(error), incoming.message)
            return None

    async def press(self, person: Person, place: Place, job: str, action: Action) -> str | None:
        """Do what a button says.

        Returns:
            For `Action.EDIT`, the command for the person to change; else None.

        Raises:
            EaselError: It cannot be done; the front end tells the person who pressed.
        """
        match action:
            case Action.CANCEL:
                await self._service.cancel(job, person)
            case Action.AGAIN:
                self._follow(await self._service.again(job, person, place), person)
            case Action.VARY:
                self._follow(await self._service.vary(job, person, place), person)
            case Action.UPSCALE:
                self._follow(await self._service.upscale(job, person, place), person)
            case Action.EDIT:
                return self._service.command_of(await self._service.job(job))
            case Action.INFO:
                await self._info(job, place, None, self._texts(person))
            case Action.DELETE:
                message = (await self._service.job(job)).result_message
                await self._service.delete(job, person)
                if message is not None:
                    await self._front.remove(place, message)
        return None

    async def _obey(self, incoming: Incoming, spoken: Spoken, texts: Texts) -> Job | None:
        match spoken.word:
            case Command.IMAGINE:
                return await self._imagine(incoming, spoken.rest)
            case Command.AGAIN:
                return await self._again(incoming, spoken.rest)
            case Command.CANCEL:
                await self._service.cancel(await self._meant(incoming, spoken.rest), incoming.person)
            case Command.INFO:
                job = await self._meant(incoming, spoken.rest)
                await self._info(job, incoming.place, incoming.message, texts)
            case Command.QUEUE:
                said = queue_text(await self._service.queue(), await self._service.servers(), incoming.person, texts)
                await self._say(incoming.place, said, incoming.message)
            case Command.WORKFLOWS:
                said = workflows_text(self._service.catalog.all(), await self._service.menu(), texts)
                await self._say(incoming.place, said, incoming.message)
            case Command.HELP | "start":
                await self._say(incoming.place, help_text(self._service.catalog.all(), texts), incoming.message)
            case word:
                workflow = self._service.catalog.command(word)
                if workflow is None:
                    raise self._unknown(word)
                return await self._imagine(incoming, f"{spoken.rest} --workflow {workflow.name}")
        return None

    async def _imagine(self, incoming: Incoming, text: str) -> Job:
        menu = await self._service.menu()
        replied = await self._replied_job(incoming)
        pictures = incoming.pictures
        if replied is not None and not pictures:
            base = self._service.request_of(replied)
            changes = parse_changes(text, menu, base)
            if changes.prompt == base.prompt and changes.workflow == base.workflow:
                job = await self._service.again(replied.id, incoming.person, incoming.place, changes)
                return self._follow(job, incoming.person, incoming.message, changes.adjustments)
            pictures = tuple([await self._service.media.get(p.sha256) for p in replied.pictures[:1]])
        request = parse(text, menu, images=len(pictures))
        return await self._submit(incoming, request, pictures, replied)

    async def _submit(
        self, incoming: Incoming, request: Request, pictures: tuple[bytes, ...], parent: Job | None
    ) -> Job:
        inputs = [await asyncio.to_thread(normalise, data, self._manners.inputs) for data in pictures]
        job = await self._service.submit(
            Submission(request, incoming.person, incoming.place, inputs, parent=parent.id if parent else None)
        )
        return self._follow(job, incoming.person, incoming.message, request.adjustments)

    async def _again(self, incoming: Incoming, text: str) -> Job:
        named, _, flags = text.partition(" ")
        replied = await self._replied_job(incoming)
        old = replied or await self._service.job(named)
        said = text if replied else flags
        changes = None
        if said.strip():
            changes = parse_changes(said, await self._service.menu(), self._service.request_of(old))
        job = await self._service.again(old.id, incoming.person, incoming.place, changes)
        return self._follow(job, incoming.person, incoming.message, changes.adjustments if changes else ())

    async def _meant(self, incoming: Incoming, text: str) -> str:
        """The job id somebody names, or that of the message replied to."""
        replied = await self._replied_job(incoming)
        return replied.id if replied and not text else text.strip().lower()

    async def _replied_job(self, incoming: Incoming) -> Job | None:
        if incoming.reply_to is None:
            return None
        return await self._service.job_of_message(incoming.place, incoming.reply_to)

    async def _info(self, job: str, place: Place, reply_to: str | None, texts: Texts) -> None:
        known = await self._service.job(job)
        said = info(known, self._service.command_of(known), texts)
        await self._say(place, said, reply_to or known.result_message)

    async def _say(self, place: Place, text: str, reply_to: str | None) -> None:
        await self._pacer.send(
            place.chat,
            f"say {id(text)}",
            Urgency.REPLY,
            lambda: self._front.say(place, text, reply_to=reply_to),
        )

    def _follow(
        self, job: Job, person: Person, reply_to: str | None = None, adjustments: tuple[Adjustment, ...] = ()
    ) -> Job:
        follower = _Follower(
            front=self._front,
            service=self._service,
            pacer=self._pacer,
            manners=self._manners,
            texts=self._texts(person),
            reply_to=reply_to,
            adjustments=adjustments,
        )
        self._start(follower.follow(job))
        return job

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _texts(self, person: Person) -> Texts:
        return texts_for(person.language or self._manners.language)

    def _unknown(self, word: str) -> UnknownCommand:
        known = [
            *Command,
            *(workflow.command for workflow in self._service.catalog.all() if workflow.command),
        ]
        nearest = difflib.get_close_matches(word, known, n=1)
        return UnknownCommand(command=word, nearest=nearest[0] if nearest else None)


@dataclass(slots=True)
class _Follower:
    """Shows one job in its chat from the first card to the result."""

    front: FrontEnd
    service: JobService
    pacer: Pacer
    manners: Manners
    texts: Texts
    reply_to: str | None
    adjustments: tuple[Adjustment, ...]
    message: str | None = None

    async def follow(self, job: Job) -> None:
        """Until the job has ended and the chat shows it."""
        async for update in self.service.follow(job):
            if update.job.state is State.DELIVERING:
                await self._deliver(update.job)
            elif update.job.state is not State.DONE:
                await self._show(update)

    async def _show(self, update: JobUpdate) -> None:
        job = update.job
        shown = card(
            update if self.manners.previews else JobUpdate(job, update.progress),
            self.texts,
            actions=self.service.actions(job),
            adjustments=self.adjustments,
        )
        if self.message is None:
            self.message = await self.pacer.send(
                job.place.chat,
                f"status {job.id}",
                Urgency.FINAL if shown.final else Urgency.REPLY,
                lambda: self.front.show(job.place, shown, reply_to=self.reply_to),
            )
            await self.service.shown(job.id, self.message)
            return
        message = self.message
        urgency = Urgency.FINAL if shown.final else Urgency.STATUS

        def edit() -> Coroutine[Any, Any, None]:
            return self.front.update(job.place, message, shown)

        if shown.final:
            await self.pacer.send(job.place.chat, f"status {job.id}", urgency, edit)
        else:
            self.pacer.offer(job.place.chat, f"status {job.id}", urgency, edit)

    async def _deliver(self, job: Job) -> None:
        try:
            result = await self._result(job)
            message = await self.pacer.send(
                job.place.chat,
                f"status {job.id}",  # the status message's key: no late edit may follow the result
                Urgency.RESULT,
                lambda: self.front.post(job.place, result, reply_to=self.reply_to, status=self.message),
            )
        except Superseded:
            return
        except EaselError as error:
            log.warning("a result could not be posted", job=job.id, error=str(error))
            await self.service.undeliverable(job.id, error)
            return
        await self.service.delivered(job.id, message)

    async def _result(self, job: Job) -> Result:
        recipe = self.service.command_of(job) if self.manners.embed_recipe else None
        pictures = [
            await asyncio.to_thread(
                _prepare,
                picture,
                await self.service.media.get(picture.sha256),
                recipe,
                self.front.picture_limits,
            )
            for picture in job.pictures
        ]
        done = self.service.actions(job.moved(State.DONE, 0.0))
        return Result(
            job=job.id,
            title=result_title(job),
            lines=result_lines(job, self.texts),
            pictures=tuple(pictures),
            buttons=buttons(done, self.texts),
        )


def _prepare(picture: Picture, data: bytes, recipe: str | None, limits: PlatformLimits) -> ResultPicture:
    """What leaves for the chat: without the server's graph, with the recipe if wanted, in the platform's limits."""
    if not picture.width:  # no picture that we can read: handed on as the file it is
        return ResultPicture(data, picture.name, picture.media_type, 0, 0, picture.sha256, as_document=True)
    clean = strip(data)
    if recipe is not None:
        clean = embed(clean, recipe)
    fitted = fit(clean, limits)
    return ResultPicture(
        data=fitted.data,
        name=picture.name,
        media_type=fitted.media_type,
        width=fitted.width,
        height=fitted.height,
        sha256=picture.sha256,
        as_document=fitted.as_document,
    )
