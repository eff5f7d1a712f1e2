"""The commands that start and stop jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.chat.commands import Command
from bot.chat.replies import read_reply
from bot.chat.turn import Handler, Turn, meant_job, replied_job
from bot.grammar.parser import Menu, parse, parse_changes
from bot.grammar.request import Request
from bot.images.convert import normalise
from bot.images.probe import InputLimits
from bot.jobs.model import Job
from bot.jobs.service import JobService, Submission
from bot.workflows.workflow import Workflow


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

    async def imagine(self, turn: Turn) -> Job:
        """A picture from words, or from the picture that comes with them or is replied to."""
        menu = await self._service.menu(turn.place)
        replied = await replied_job(turn, self._service)
        if replied is None:
            return await self._begin(turn, parse(turn.rest, menu, images=len(turn.incoming.pictures)))
        return await self._reply(turn, menu, replied)

    async def with_workflow(self, turn: Turn, workflow: Workflow) -> Job:
        """The command of a workflow's own."""
        replied = await replied_job(turn, self._service) if workflow.images else None
        menu = Menu({workflow.name: workflow.options}, default=workflow.name)
        return await self._begin(turn, parse(turn.rest, menu, images=_images(turn, replied)), replied)

    async def again(self, turn: Turn) -> Job:
        """A job once more, with a new seed or with changes."""
        old, said = await meant_job(turn, self._service)
        changes = None
        if said:
            changes = parse_changes(said, await self._service.menu(turn.place), self._service.request_of(old))
        return await self._repeat(turn, old, changes)

    async def cancel(self, turn: Turn) -> str | None:
        """Stop a job; the card says so, where it is."""
        job, _ = await meant_job(turn, self._service)
        await self._service.cancel(job.id, turn.person, turn.place)
        return None if job.place.same_chat(turn.place) else turn.texts.say("cancelled-elsewhere", job=job.id)

    async def _reply(self, turn: Turn, menu: Menu, replied: Job) -> Job:
        reply = read_reply(turn.rest, menu, self._service.request_of(replied), images=_images(turn, replied))
        if reply.from_picture:
            return await self._begin(turn, reply.request, replied)
        return await self._repeat(turn, replied, reply.request)

    async def _repeat(self, turn: Turn, old: Job, changes: Request | None) -> Job:
        return await self._service.again(old.id, turn.person, turn.place, changes, turn.incoming.message)

    async def _begin(self, turn: Turn, request: Request, replied: Job | None = None) -> Job:
        """A job from the pictures that came, else from that of the job replied to."""
        message = turn.incoming.message
        if replied is not None and replied.picture is not None and not turn.incoming.pictures:
            return await self._service.work_on(replied.id, turn.person, turn.place, request, message)
        return await self._service.submit(
            Submission(
                request=request,
                owner=turn.person,
                place=turn.place,
                images=[
                    await asyncio.to_thread(normalise, await fetch(), self._inputs) for fetch in turn.incoming.pictures
                ],
                parent=replied.id if replied else None,
                message=message,
            )
        )


def _images(turn: Turn, replied: Job | None) -> int:
    """How many pictures there are to start from."""
    return len(turn.incoming.pictures) or (1 if replied is not None and replied.picture else 0)
