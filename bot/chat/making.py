"""The commands that start and stop jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bot.chat.card import Words
from bot.chat.commands import Command
from bot.chat.errors import NothingToPick
from bot.chat.ports import Fetch
from bot.chat.replies import read_reply
from bot.chat.turn import Handler, Turn, meant_job, replied_job
from bot.grammar.errors import MissingPrompt
from bot.grammar.parser import Menu, parse, parse_changes
from bot.grammar.picking import take_pick
from bot.grammar.request import Request
from bot.images.convert import normalise
from bot.images.probe import InputLimits
from bot.jobs.model import Job
from bot.jobs.service import JobService, Submission
from bot.workflows.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Source:
    """What there is to start from: the `pictures` that came or, where none did, the `pick`-th one of a job.

    `job` is the one replied to. `spare`: of the pictures, those that a workflow does not take are left over.
    """

    pictures: tuple[Fetch, ...]
    job: Job | None
    pick: int
    spare: bool

    @property
    def images(self) -> int:
        """How many pictures that is."""
        return len(self.pictures) or (1 if self.job is not None and self.job.picture else 0)


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
        pick, text = take_pick(turn.rest, menu)
        source = await self._source(turn, replied, pick)
        if replied is not None and pick is None:
            return await self._reply(turn, text, menu, replied, source)
        try:
            request = parse(text, menu, images=source.images, spare=source.spare)
        except MissingPrompt:
            if text:
                raise
            return _how_to(turn, source)
        return await self._begin(turn, request, source)

    async def with_workflow(self, turn: Turn, workflow: Workflow) -> Job:
        """The command of a workflow's own."""
        replied = await replied_job(turn, self._service) if workflow.images else None
        menu = Menu({workflow.name: workflow.options}, default=workflow.name)
        pick, text = take_pick(turn.rest, menu)
        source = await self._source(turn, replied, pick)
        return await self._begin(turn, parse(text, menu, images=source.images, spare=source.spare), source)

    async def again(self, turn: Turn) -> Job:
        """A job once more, with a new seed or with changes."""
        old, said = await meant_job(turn, self._service)
        changes = None
        if said:
            menu = await self._service.menu(turn.place)
            pick, _ = take_pick(said, menu)
            if pick is not None:
                raise NothingToPick(pick, 0)  # it starts from the same pictures, whatever they were
            changes = parse_changes(said, menu, self._service.request_of(old))
        return await self._repeat(turn, old, changes)

    async def cancel(self, turn: Turn) -> str | None:
        """Stop a job; the card says so, where it is."""
        job, _ = await meant_job(turn, self._service)
        await self._service.cancel(job.id, turn.person, turn.place)
        return None if job.place.same_chat(turn.place) else turn.texts.say("cancelled-elsewhere", job=job.id)

    async def _source(self, turn: Turn, replied: Job | None, pick: int | None) -> Source:
        """What a message starts from, that picks a picture by its number (from 1) or does not say which."""
        given, reply_to = turn.incoming.pictures, turn.incoming.reply_to
        there = len(given) or (len(replied.stills) if replied is not None else 0)
        if pick is not None and pick > there:
            raise NothingToPick(pick, there)
        if pick is not None and given:
            given = given[pick - 1 : pick]
        if pick is None and replied is not None and reply_to is not None:
            pick = await self._service.pick_of_message(replied, turn.place, reply_to)
        return Source(given, replied, pick or 1, spare=turn.incoming.album)

    async def _reply(self, turn: Turn, text: str, menu: Menu, replied: Job, source: Source) -> Job:
        base = self._service.request_of(replied)
        reply = read_reply(text, menu, base, images=source.images, spare=source.spare)
        if reply.from_picture:
            return await self._begin(turn, reply.request, source)
        return await self._repeat(turn, replied, reply.request)

    async def _repeat(self, turn: Turn, old: Job, changes: Request | None) -> Job:
        return await self._service.again(old.id, turn.person, turn.place, changes, turn.incoming.message)

    async def _begin(self, turn: Turn, request: Request, source: Source) -> Job:
        message, old = turn.incoming.message, source.job
        if old is not None and old.picture is not None and not source.pictures:
            return await self._service.work_on(old.id, turn.person, turn.place, request, message, pick=source.pick)
        pictures = source.pictures
        if source.spare:
            pictures = pictures[: len(self._service.catalog.get(request.workflow).images)]
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


def _how_to(turn: Turn, source: Source) -> Words:
    """What somebody could have said who said nothing."""
    about = "imagine-how-from-picture" if source.images else "imagine-how"
    return Words(turn.texts.say(about), turn.texts.say(f"{about}-example"))
