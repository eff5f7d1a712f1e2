"""Shows one job in its chat, from its first card to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import structlog

from bot.chat.card import Result, StatusCard
from bot.chat.pacing import Call, Pacer, SlowDown, Urgency
from bot.chat.ports import FrontEnd
from bot.chat.results import Results
from bot.chat.status import card
from bot.chat.texts import Texts
from bot.errors import EaselError
from bot.jobs.errors import InternalFault
from bot.jobs.model import Job, State
from bot.jobs.runner import JobUpdate
from bot.jobs.service import JobService

log = structlog.get_logger()


@dataclass(slots=True)
class Follower:
    """Follows one job. All it says of it goes by one key of the pacer, so that nothing is overtaken.

    `message` is the status message, as soon as there is one; an earlier process may have posted it. `newest` is the
    card that should be in the chat; `delivering`: the result is on its way, or has failed to go.
    """

    front: FrontEnd
    service: JobService
    pacer: Pacer
    results: Results
    texts: Texts
    previews: bool
    message: str | None
    newest: StatusCard | None = None
    delivering: bool = False

    async def follow(self, job: Job) -> None:
        """Until the job has ended. A chat that cannot be spoken to does not hold it up."""
        async for update in self.service.follow(job):
            match update.job.state:
                case State.DELIVERING if self.delivering:
                    pass  # something else about it has changed
                case State.DELIVERING:
                    self.delivering = True
                    await self._deliver(update.job)
                case State.DONE:
                    pass  # the result has closed the status message
                case _:
                    self._show(update)

    def _show(self, update: JobUpdate) -> None:
        job = update.job
        shown = card(
            update if self.previews else replace(update, preview=None),
            self.texts,
            actions=self.service.actions(job),
        )
        if shown == self.newest:
            return
        self.newest = shown
        urgency = Urgency.FINAL if shown.final else Urgency.STATUS if self.message else Urgency.REPLY
        self._offer(job, urgency, lambda: self._speak(job, shown))

    async def _speak(self, job: Job, shown: StatusCard) -> None:
        try:
            await self._put(job, shown)
        except SlowDown:
            raise
        except Exception as error:
            if not shown.final:
                raise  # the next card may get through
            log.warning("end cannot be shown", job=job.id, error=str(error), exc_info=not isinstance(error, EaselError))
        if shown.final:
            await self.service.told(job.id)

    async def _put(self, job: Job, shown: StatusCard) -> None:
        if self.message is None:
            self.message = await self.front.show(job.place, shown, reply_to=job.request_message)
            await self.service.shown(job.id, self.message)
        else:
            await self.front.update(job.place, self.message, shown)

    async def _deliver(self, job: Job) -> None:
        async with self._failing(job):
            result = await self.results.of(job, self.texts)
            self._offer(job, Urgency.RESULT, lambda: self._post(job, result), weight=len(result.pictures))

    async def _post(self, job: Job, result: Result) -> None:
        """The send is over when the ledger has it, so that stopping in its midst does not double the result."""
        messages: tuple[str, ...] = ()
        async with self._failing(job):
            messages = await self.front.post(job.place, result, reply_to=job.request_message, status=self.message)
        if messages:
            await self.service.delivered(job.id, messages)

    @asynccontextmanager
    async def _failing(self, job: Job) -> AsyncIterator[None]:
        """Whatever is wrong within the block, the job has failed of it: the person must see that no picture comes."""
        try:
            yield
        except SlowDown:
            raise
        except EaselError as error:
            log.warning("result cannot be posted", job=job.id, error=str(error))
            await self.service.undeliverable(job.id, error)
        except Exception:
            log.exception("result cannot be posted by a fault of ours", job=job.id)
            await self.service.undeliverable(job.id, InternalFault(job=job.id))

    def _offer(self, job: Job, urgency: Urgency, call: Call, *, weight: int = 1) -> None:
        self.pacer.offer(job.place.chat, ("job", job.id), urgency, call, weight=weight)
