"""One platform's conversation: messages and button presses in, status cards and results out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from types import TracebackType
from typing import Self

import structlog

from bot.chat.commands import Command, Spoken, split
from bot.chat.errors import Fault, UnknownCommand
from bot.chat.follower import Follower
from bot.chat.listing import help_text, queue_text, workflows_text
from bot.chat.manners import Manners
from bot.chat.pacing import Call, Pacer, Urgency
from bot.chat.ports import FrontEnd, Incoming
from bot.chat.replies import read_reply
from bot.chat.status import info
from bot.chat.texts import Texts, texts_for
from bot.errors import EaselError
from bot.grammar import tokens
from bot.grammar.parser import Menu, parse, parse_changes
from bot.grammar.request import Adjustment, Request
from bot.images.convert import normalise
from bot.jobs.errors import NoJobYet, NoSuchJob
from bot.jobs.model import Action, Job, Person, Place
from bot.jobs.service import JobService, Submission
from bot.workflows.nearest import nearest

__all__ = ["Conversation", "Manners"]

_LONGEST_WORD = 32
"""Of a command or an id that nobody knows, as much is repeated."""

log = structlog.get_logger()


class Conversation:
    """Handlers for one front end. An async context manager: it owns the task that follows each job."""

    def __init__(self, front: FrontEnd, service: JobService, manners: Manners | None = None) -> None:
        self._front = front
        self._service = service
        self._catalog = service.catalog
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
        """Answer a message; nothing is raised for it. What is wrong with it is said in the chat.

        Returns:
            The job it started, if it started one.
        """
        try:
            return await self._obey(incoming, split(incoming.text))
        except EaselError as error:
            log.info("refused", person=incoming.person.id, error=str(error))
            wrong = error
        except Exception:  # the boundary where a fault of ours must not leave a person without an answer
            log.exception("message failed by a fault of ours", person=incoming.person.id)
            wrong = Fault()
        self._answer(incoming, self._texts(incoming.person).explain(wrong))
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
                return self._service.repeat_of(await self._service.job(job))
            case Action.INFO:
                known = await self._service.job(job)
                self._say(place, self._info(known, person), next(iter(known.result_messages), None))
            case Action.DELETE:
                await self._delete(await self._service.job(job), person)
        return None

    async def _obey(self, incoming: Incoming, spoken: Spoken) -> Job | None:
        texts = self._texts(incoming.person)
        match spoken.word:
            case Command.IMAGINE:
                return await self._imagine(incoming, spoken.rest)
            case Command.AGAIN:
                return await self._again(incoming, spoken.rest)
            case Command.CANCEL:
                job, _ = await self._meant(incoming, spoken.rest)
                await self._service.cancel(job.id, incoming.person)
            case Command.INFO:
                job, _ = await self._meant(incoming, spoken.rest)
                self._answer(incoming, self._info(job, incoming.person))
            case Command.QUEUE:
                lines, servers = await asyncio.gather(self._service.queue(), self._service.servers())
                self._answer(incoming, queue_text(lines, servers, incoming.person, texts))
            case Command.WORKFLOWS:
                self._answer(incoming, workflows_text(self._catalog.all(), await self._service.menu(), texts))
            case Command.HELP | "start":
                self._answer(incoming, help_text(self._catalog.all(), texts))
            case word:
                return await self._workflow_command(incoming, word, spoken.rest)
        return None

    async def _imagine(self, incoming: Incoming, text: str) -> Job:
        menu = await self._service.menu()
        replied = await self._replied_job(incoming)
        if replied is None:
            pictures = await self._pictures(incoming, None)
            return await self._begin(incoming, parse(text, menu, images=len(pictures)), pictures)
        return await self._reply(incoming, text, menu, replied)

    async def _reply(self, incoming: Incoming, text: str, menu: Menu, replied: Job) -> Job:
        images = len(incoming.pictures) or (1 if replied.picture else 0)
        reply = read_reply(text, menu, self._service.request_of(replied), images=images)
        if reply.from_picture:
            return await self._begin(incoming, reply.request, await self._pictures(incoming, replied), replied)
        job = await self._service.again(replied.id, incoming.person, incoming.place, reply.request)
        return self._follow(job, incoming.person, incoming.message, reply.request.adjustments)

    async def _workflow_command(self, incoming: Incoming, word: str, text: str) -> Job:
        workflow = self._catalog.command(word)
        if workflow is None:
            known = (*Command, *(other.command for other in self._catalog.all() if other.command))
            raise UnknownCommand(command=word[:_LONGEST_WORD], nearest=nearest(word[:_LONGEST_WORD], known))
        replied = await self._replied_job(incoming) if workflow.images else None
        pictures = await self._pictures(incoming, replied)
        menu = Menu({workflow.name: workflow.options}, default=workflow.name)
        return await self._begin(incoming, parse(text, menu, images=len(pictures)), pictures, replied)

    async def _again(self, incoming: Incoming, text: str) -> Job:
        old, said = await self._meant(incoming, text)
        changes = None
        if said:
            changes = parse_changes(said, await self._service.menu(), self._service.request_of(old))
        job = await self._service.again(old.id, incoming.person, incoming.place, changes)
        return self._follow(job, incoming.person, incoming.message, changes.adjustments if changes else ())

    async def _begin(
        self, incoming: Incoming, request: Request, pictures: Sequence[bytes], parent: Job | None = None
    ) -> Job:
        job = await self._service.submit(
            Submission(request, incoming.person, incoming.place, pictures, parent=parent.id if parent else None)
        )
        return self._follow(job, incoming.person, incoming.message, request.adjustments)

    async def _pictures(self, incoming: Incoming, replied: Job | None) -> Sequence[bytes]:
        """What to start from, ready for a server: the pictures that came, else that of the job replied to."""
        if incoming.pictures or replied is None or replied.picture is None:
            limits = self._manners.inputs
            return [await asyncio.to_thread(normalise, data, limits) for data in incoming.pictures]
        return [await self._service.media.get(replied.picture.sha256)]

    async def _meant(self, incoming: Incoming, text: str) -> tuple[Job, str]:
        """The job that somebody names, replies to, or else had last in this chat; and what they say besides."""
        replied = await self._replied_job(incoming)
        before_flags, _ = tokens.split(text)
        for named in before_flags.split()[:1]:
            try:
                return await self._service.job(named[:_LONGEST_WORD].lower()), text.removeprefix(named).strip()
            except NoSuchJob:
                if replied is None:
                    raise
        job = replied or await self._service.newest_job(incoming.person, incoming.place)
        if job is None:
            raise NoJobYet
        return job, text

    async def _replied_job(self, incoming: Incoming) -> Job | None:
        if incoming.reply_to is None:
            return None
        return await self._service.job_of_message(incoming.place, incoming.reply_to)

    async def _delete(self, job: Job, person: Person) -> None:
        await self._service.delete(job.id, person)
        status = (job.status_message,) if job.status_message else ()
        for message in job.result_messages or status:
            self._offer(job.place, partial(self._front.remove, job.place, message))

    def _info(self, job: Job, person: Person) -> str:
        return info(job, self._service.repeat_of(job), self._texts(person))

    def _answer(self, incoming: Incoming, text: str) -> None:
        self._say(incoming.place, text, incoming.message)

    def _say(self, place: Place, text: str, reply_to: str | None) -> None:
        self._offer(place, lambda: self._front.say(place, text, reply_to=reply_to))

    def _offer(self, place: Place, call: Call) -> None:
        self._pacer.offer(place.chat, object(), Urgency.REPLY, call)

    def _follow(
        self, job: Job, person: Person, reply_to: str | None = None, adjustments: tuple[Adjustment, ...] = ()
    ) -> Job:
        follower = Follower(
            front=self._front,
            service=self._service,
            pacer=self._pacer,
            manners=self._manners,
            texts=self._texts(person),
            reply_to=reply_to,
            adjustments=adjustments,
        )
        task = asyncio.create_task(follower.follow(job), name=f"follow {job.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def _texts(self, person: Person) -> Texts:
        return texts_for(person.language or self._manners.language)
