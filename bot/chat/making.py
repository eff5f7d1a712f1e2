"""The commands that start and stop jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.chat.card import Words
from bot.chat.commands import Command
from bot.chat.errors import NothingToPick
from bot.chat.ports import Fetch
from bot.chat.replies import read_reply
from bot.chat.turn import Handler, Turn, meant_job, replied_job
from bot.grammar.errors import MissingPrompt, NeedsPicture
from bot.grammar.parser import Menu, parse, parse_changes
from bot.grammar.request import Request
from bot.images.convert import normalise
from bot.images.probe import InputLimits
from bot.jobs.model import Job
from bot.jobs.service import JobService, Submission
from bot.workflows.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Source:
    """What there is to start from: the `pictures` that came or, where none did, those of the `job` replied to.

    `spare`: of those that came, a workflow may leave some over.
    """

    pictures: tuple[Fetch, ...]
    job: Job | None
    spare: bool

    @property
    def images(self) -> int:
        """How many a workflow may start from; of a job's pictures it is one."""
        return len(self.pictures) or (1 if self.job is not None and self.job.picture else 0)

    def check(self, pick: int) -> None:
        """Hold a number against what there is.

        Raises:
            NothingToPick: There is no picture of that number.
        """
        there = len(self.pictures) or (len(self.job.stills) if self.job is not None else 0)
        if pick > there:
            raise NothingToPick(pick, there)


class Making:
    """What ends as a picture, or is kept from it. `inputs` bounds the pictures that people send."""

    def __init__(self, service: JobService, inputs: InputLimits) -> None:
        self._service = service
        self._inputs = inputs
        self.handlers: Mapping[Command, Handler] = {
            Command.IMAGINE: self.imagine,
            Command.AGAIN: self.again,
            Command.CANCEL: self.cancel,
        }

    async def imagine(self, turn: Turn) -> Job | Words:
        """A picture from words, or from the picture that comes with them or is replied to.

        Somebody who says nothing is told what to say.
        """
        menu = await self._service.menu(turn.place)
        replied = await replied_job(turn, self._service)
        source = _source(turn, replied)
        try:
            if replied is not None:
                return await self._reply(turn, menu, replied, source)
            return await self._begin(turn, _parsed(turn, menu, source), source)
        except MissingPrompt:
            if turn.rest and not source.images:
                raise
            return _how_to(turn, source)

    async def with_workflow(self, turn: Turn, workflow: Workflow) -> Job:
        """The command of a workflow's own."""
        replied = await replied_job(turn, self._service) if workflow.images else None
        menu = Menu({workflow.name: workflow.options}, default=workflow.name)
        source = _source(turn, replied)
        try:
            request = _parsed(turn, menu, source)
        except NeedsPicture as error:
            raise replace(error, workflow=f"/{turn.word}") from None  # as they call it
        return await self._begin(turn, request, source)

    async def again(self, turn: Turn) -> Job:
        """A job once more, with a new seed or with changes."""
        old, said = await meant_job(turn, self._service)
        changes = None
        if said:
            changes = parse_changes(said, await self._service.menu(turn.place), self._service.request_of(old))
            if changes.pick is not None:
                raise NothingToPick(changes.pick, 0)  # it starts from what it started from
        return await self._repeat(turn, old, changes)

    async def cancel(self, turn: Turn) -> str | None:
        """Stop a job; the card says so, where it is."""
        job, _ = await meant_job(turn, self._service)
        await self._service.cancel(job.id, turn.person, turn.place)
        return None if job.place.same_chat(turn.place) else turn.texts.say("cancelled-elsewhere", job=job.id)

    async def _reply(self, turn: Turn, menu: Menu, replied: Job, source: Source) -> Job:
        base = self._service.request_of(replied)
        reply = read_reply(turn.rest, menu, base, images=source.images, spare=source.spare)
        if reply.from_picture:
            return await self._begin(turn, reply.request, source)
        return await self._repeat(turn, replied, reply.request)

    async def _repeat(self, turn: Turn, old: Job, changes: Request | None) -> Job:
        return await self._service.again(old.id, turn.person, turn.place, changes, turn.incoming.message)

    async def _begin(self, turn: Turn, request: Request, source: Source) -> Job:
        if request.pick is not None:
            source.check(request.pick)
        message, old = turn.incoming.message, source.job
        if old is not None and old.picture is not None and not source.pictures:
            pick = request.pick or await self._service.pick_of_message(old, turn.place, turn.incoming.reply_to or "")
            return await self._service.work_on(old.id, turn.person, turn.place, request, message, pick=pick)
        pictures = self._wanted(request, source)
        return await self._service.submit(
            Submission(
                request=request,
                owner=turn.person,
                place=turn.place,
                images=[await asyncio.to_thread(normalise, await fetch(), self._inputs) for fetch in pictures],
                parent=old.id if old else None,
                message=message,
            )
        )

    def _wanted(self, request: Request, source: Source) -> tuple[Fetch, ...]:
        """Of the pictures that came, those to start from."""
        if request.pick is not None:
            return source.pictures[request.pick - 1 : request.pick]
        if source.spare:
            return source.pictures[: len(self._service.catalog.get(request.workflow).images)]
        return source.pictures


def _source(turn: Turn, replied: Job | None) -> Source:
    return Source(turn.incoming.pictures, replied, spare=turn.incoming.album)


def _parsed(turn: Turn, menu: Menu, source: Source) -> Request:
    return parse(turn.rest, menu, images=source.images, spare=source.spare)


def _how_to(turn: Turn, source: Source) -> Words:
    """What somebody could have said who said nothing."""
    about = "imagine-how-from-picture" if source.images else "imagine-how"
    return Words(turn.texts.say(about), turn.texts.say(f"{about}-example"))
