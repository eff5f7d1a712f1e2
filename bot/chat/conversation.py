"""One platform's conversation: messages and button presses in, status cards and results out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from types import TracebackType
from typing import Self

import structlog

from bot.chat.card import Words
from bot.chat.commands import Command, find, split
from bot.chat.editing import Edit, Wordings, meaning
from bot.chat.errors import Fault
from bot.chat.follower import Follower
from bot.chat.looking import Looking
from bot.chat.making import Making
from bot.chat.manners import Manners
from bot.chat.operating import Operating, Reload
from bot.chat.pacing import Call, Pacer, Urgency
from bot.chat.ports import FrontEnd, Incoming
from bot.chat.presence import Board
from bot.chat.results import Parcel, Results
from bot.chat.texts import Texts, texts_for
from bot.chat.turn import Answer, Handler, Turn
from bot.errors import EaselError
from bot.jobs.ledger.errors import LedgerUnavailable
from bot.jobs.model import Action, ChatSettings, Job, Person, Place
from bot.jobs.policy.errors import NotAllowedHere
from bot.jobs.policy.limits import Rank
from bot.jobs.service import JobService

__all__ = ["Conversation", "Manners", "Reload"]

log = structlog.get_logger()


class Conversation:
    """Handlers for one front end. An async context manager: it owns the task that follows each job.

    Entered, it follows again what an earlier process left unfinished or untold in this platform's chats. `reload` is
    what operators may ask for where there are settings to read again, `board` is where platforms say how they are, and
    `clock` gives seconds since the epoch. `pacer` decides when each chat is spoken to; None: one by the front end's
    budgets.
    """

    def __init__(
        self,
        front: FrontEnd,
        service: JobService,
        manners: Manners | None = None,
        reload: Reload | None = None,
        *,
        board: Board | None = None,
        clock: Callable[[], float] = time.time,
        pacer: Pacer | None = None,
    ) -> None:
        self._front = front
        self._service = service
        self._manners = manners or Manners()
        self._clock = clock
        self._wordings = Wordings()
        self._pacer = pacer or Pacer(front.budgets)
        self._results = Results(service, front.picture_limits, self._manners.embed_recipe)
        self._making = Making(service, self._manners.inputs)
        leave_out = frozenset({Command.RELOAD} if reload is None else ())
        self._looking = Looking(service, self._results, is_private=front.is_private, leave_out=leave_out)
        operating = Operating(service, self._manners, is_private=front.is_private, reload=reload, board=board)
        self._handlers: Mapping[Command, Handler] = {
            **self._making.handlers,
            **self._looking.handlers,
            **operating.handlers,
        }
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Start speaking."""
        await self._pacer.__aenter__()
        for job in self._service.resumed(self._front.platform):
            self._follow(job)
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

        An edited message is answered as `bot.chat.editing.meaning` has it. Where what it says now is refused or starts
        nothing, the person reads that, and what it started before goes on.

        Returns:
            The job it started, if it started one.
        """
        place = incoming.place
        texts = self._texts(incoming.person, ChatSettings())
        try:
            texts = self._texts(incoming.person, await self._service.house.settings(place))
            return await self._answer(incoming, texts)
        except EaselError as error:
            log.info("refused", person=incoming.person.id, place=place.subject, error=str(error))
            wrong = self._in_one_way(error, incoming) if isinstance(error, NotAllowedHere) else error
        except Exception:  # the boundary where a fault of ours must not leave a person without an answer
            log.exception("message failed by a fault of ours", person=incoming.person.id)
            wrong = Fault()
        self._say(place, Words(texts.explain(wrong)), incoming.message)
        return None

    def _in_one_way(self, refusal: NotAllowedHere, incoming: Incoming) -> NotAllowedHere:
        """Where the chat and the person are one, the one of both that an operator would let in."""
        person, place = incoming.person.id, incoming.place
        if None not in (refusal.chat, refusal.person):
            if self._front.is_private(place):
                return NotAllowedHere(chat=None, person=person)
            if person == f"{place.platform}:{place.chat}":  # a channel, or a group's admin who stays unnamed
                return NotAllowedHere(chat=place.subject, person=None)
        return refusal

    async def press(
        self, person: Person, place: Place, job: str, action: Action, message: str | None = None
    ) -> str | None:
        """Do what a button says.

        `message` is the platform's id of the press: what comes of it replies to that, and a press that is told twice
        starts one job.

        Returns:
            For `Action.EDIT`, the command for the person to change; else None.

        Raises:
            EaselError: It cannot be done; the front end tells the person who pressed.
        """
        guest = await self._service.house.admit(person, place)
        if message is not None and await self._service.job_of_request(place, message) is not None:
            return None
        texts = self._texts(person, guest.settings)
        match action:
            case Action.CANCEL:
                await self._service.cancel(job, person, place)
            case Action.AGAIN:
                self._follow(await self._service.again(job, person, place, message=message))
            case Action.VARY:
                self._follow(await self._service.vary(job, person, place, message=message))
            case Action.UPSCALE:
                self._follow(await self._service.upscale(job, person, place, message=message))
            case Action.EDIT:
                return self._service.repeat_of(await self._service.job(job, person, place))
            case Action.INFO:
                known = await self._service.job(job, person, place)
                self._give(place, message or _result_in(known, place), texts, self._looking.info_of(known, texts))
            case Action.FILE:
                known = await self._service.job(job, person, place)
                files = await self._results.originals(self._looking.fit_for(guest, place, known), texts)
                self._give(place, message or _result_in(known, place), texts, files)
            case Action.DELETE:
                await self._delete(await self._service.job(job, person, place), person, place)
        return None

    async def moved(self, old: Place, chat: str) -> None:
        """A chat has another id from now on. What is followed in it goes on there, under new status messages.

        It returns once the ledger knows; told again, nothing changes.
        """
        await self._service.move_chat(old, chat)

    async def left(self, place: Place) -> None:
        """We are no longer in that chat: what waits there is cancelled. It returns once the ledger knows."""
        await self._service.leave(place)

    async def texts_of(self, person: Person, place: Place) -> Texts:
        """What that person reads in that chat."""
        return self._texts(person, await self._settings(place))

    def offer(self, place: Place, call: Call, *, weight: int = 1) -> None:
        """Call it once it is that chat's turn to be spoken to, as an answer; `weight` as in `Pacer.offer`."""
        self._pacer.offer(place.chat, object(), Urgency.REPLY, call, weight=weight)

    async def _answer(self, incoming: Incoming, texts: Texts) -> Job | None:
        place, message = incoming.place, incoming.message
        repeats = self._wordings.repeats(incoming)
        before = await self._service.job_of_request(place, message)
        edit = _meaning(incoming, before, self._clock(), repeats=repeats)
        if edit is Edit.IGNORE:
            return None
        guest = await self._service.house.admit(incoming.person, place)
        spoken = split(incoming.text)
        turn = Turn(incoming, guest, texts, spoken.word, spoken.rest)
        job = self._give(place, message, texts, await self._obey(turn))
        if edit is Edit.REPLACE and before is not None and job is not None:
            await self._end(before, incoming.person)
        return job

    async def _obey(self, turn: Turn) -> Answer:
        entry = find(turn.word)
        if entry is not None:
            if entry.rank is Rank.OPERATOR:
                self._service.house.need_operator(turn.person)
            return await self._handlers[entry.command](turn)
        workflow = self._service.catalog.command(turn.word)
        if workflow is None:
            raise self._looking.unknown(turn, turn.word)
        return await self._making.with_workflow(turn, workflow)

    def _give(self, place: Place, reply_to: str | None, texts: Texts, answer: Answer) -> Job | None:
        match answer:
            case Job():
                return self._follow(answer)
            case Words():
                self._say(place, answer, reply_to)
            case str():
                self._say(place, Words(answer), reply_to)
            case Parcel():
                post = partial(self._post, place, reply_to, texts, answer)
                self.offer(place, post, weight=len(answer.job.pictures))
        return None

    async def _post(self, place: Place, reply_to: str | None, texts: Texts, parcel: Parcel) -> None:
        job = parcel.job.id
        try:
            messages = await parcel.send(partial(self._front.post, place, reply_to=reply_to, status=None))
        except EaselError as error:
            log.warning("result cannot be shown", job=job, error=str(error))
            self._say(place, Words(texts.explain(error)), reply_to)
            return
        await self._service.shown_again(job, place, messages)

    async def _delete(self, job: Job, person: Person, place: Place) -> None:
        showings = [(each.place, each.message) for each in await self._service.delete(job.id, person, place)]
        if job.status_message and not job.result_messages:
            showings.append((job.place, job.status_message))
        for where, message in showings:
            if where.platform == self._front.platform:
                remove = partial(self._front.remove, where, message)
                self._pacer.offer(where.chat, ("message", message), Urgency.FINAL, remove)

    def _say(self, place: Place, words: Words, reply_to: str | None) -> None:
        self.offer(place, lambda: self._front.say(place, words, reply_to=reply_to))

    def _follow(self, job: Job) -> Job:
        task = asyncio.create_task(self._followed(job), name=f"follow {job.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    async def _followed(self, job: Job) -> None:
        try:
            settings = await self._settings(job.place)
            usual = self._manners.previews_in(private=self._front.is_private(job.place))
            await Follower(
                front=self._front,
                service=self._service,
                pacer=self._pacer,
                results=self._results,
                texts=self._texts(job.owner, settings),
                previews=usual if settings.previews is None else settings.previews,
                job=job,
            ).follow()
        except Exception:  # the boundary where a fault of ours must not be lost with its task
            log.exception("job not followed by a fault of ours", job=job.id)

    async def _end(self, replaced: Job, by: Person) -> None:
        """Cancel a job that another has taken the place of; where that is too late, both go on."""
        try:
            await self._service.cancel(replaced.id, by, replaced.place)
        except EaselError as error:
            log.info("replaced job goes on", job=replaced.id, error=str(error))

    async def _settings(self, place: Place) -> ChatSettings:
        """How a chat is set; as elsewhere, where that cannot be read just now: its people must be spoken to."""
        try:
            return await self._service.house.settings(place)
        except LedgerUnavailable:
            return ChatSettings()

    def _texts(self, person: Person, settings: ChatSettings) -> Texts:
        return texts_for(person.language or settings.language or self._manners.language)


def _meaning(incoming: Incoming, before: Job | None, now: float, *, repeats: bool) -> Edit:
    """What a message wants that has asked for that job before; only an edit may want something else."""
    if not incoming.edited:  # we died after accepting it, and before we could say so: the platform tells it again
        return Edit.ANSWER if before is None else Edit.IGNORE
    return Edit.IGNORE if repeats else meaning(before, now)


def _result_in(job: Job, place: Place) -> str | None:
    """What to reply to about a job in that chat."""
    return next(iter(job.result_messages), None) if job.place.same_chat(place) else None
