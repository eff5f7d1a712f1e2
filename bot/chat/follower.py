"""Shows one job in its chat, from its first card to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from bot.chat.card import Result, StatusCard
from bot.chat.pacing import Call, Pacer, SlowDown, Urgency
from bot.chat.ports import FrontEnd
from bot.chat.results import Results
from bot.chat.status import card
from bot.chat.texts import Texts
from bot.errors import EaselError
from bot.jobs.errors import InternalFault
from bot.jobs.ledger.errors import LedgerUnavailable
from bot.jobs.model import Job, State
from bot.jobs.runner import JobUpdate
from bot.jobs.service import JobService

log = structlog.get_logger()


@dataclass(slots=True)
class Follower:
    """Follows one job. All it says of it goes by one key of the pacer, so that nothing is overtaken.

    `job` is the newest that is known of it. `message` is its status message, as soon as there is one; an earlier
    process may have posted it. `newest` is the card that should be in the chat, `result` what is to be posted and has
    neither arrived nor failed to. `delivering`: it is made ready, or was. `turn` is whoever speaks: where the chat gets
    another id meanwhile, what is said under the new one waits.
    """

    front: FrontEnd
    service: JobService
    pacer: Pacer
    results: Results
    texts: Texts
    previews: bool
    job: Job
    message: str | None = field(init=False)
    newest: StatusCard | None = None
    delivering: bool = False
    result: Result | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        """Go on in the message that there is."""
        self.message = self.job.status_message

    async def follow(self) -> None:
        """Until the job has ended. A chat that cannot be spoken to does not hold it up."""
        async for update in self.service.follow(self.job):
            has_moved = not update.job.place.same_chat(self.job.place)
            self.job = update.job
            if has_moved:
                self.message = self.newest = None
            match self.job.state:
                case State.DELIVERING if not self.delivering:
                    await self._deliver()
                case State.DELIVERING if has_moved:
                    self._offer_result()
                case State.DELIVERING | State.DONE:
                    pass  # something else about it has changed, or the result has closed the status message
                case _ if self.job.cancelling and await self._is_replaced():
                    self._offer(Urgency.FINAL, self._withdraw)
                case _:
                    self._show(update)

    def _show(self, update: JobUpdate) -> None:
        shown = card(
            update if self.previews else replace(update, preview=None),
            self.texts,
            actions=self.results.actions(self.job),
        )
        if shown == self.newest:
            return
        self.newest = shown
        urgency = Urgency.FINAL if shown.final else Urgency.STATUS if self.message else Urgency.CARD
        self._offer(urgency, partial(self._speak, shown))

    async def _speak(self, shown: StatusCard) -> None:
        try:
            await self._put(shown)
        except SlowDown:
            raise
        except Exception as error:
            if not shown.final:
                raise  # the next card may get through
            fault = not isinstance(error, EaselError)
            log.warning("end cannot be shown", job=self.job.id, error=str(error), exc_info=fault)
        if shown.final:
            await self.service.told(self.job.id)

    async def _put(self, shown: StatusCard) -> None:
        place = self.job.place
        if self.message is None:
            self.message = await self.front.show(place, shown, reply_to=self.job.request_message)
            await self.service.shown(self.job.id, self.message)
        else:
            await self.front.update(place, self.message, shown)

    async def _is_replaced(self) -> bool:
        """Whether the message that asked for it, once edited, has asked for another job since."""
        if self.job.request_message is None:
            return False
        try:
            newest = await self.service.job_of_request(self.job.place, self.job.request_message)
        except LedgerUnavailable:  # then its card says that it is cancelled, which is true as well
            return False
        return newest is not None and newest.id != self.job.id

    async def _withdraw(self) -> None:
        """Take its card away: that of the job in its place says all there is to say."""
        if self.message is not None:
            try:
                await self.front.remove(self.job.place, self.message)
            except EaselError as error:
                log.warning("card cannot be removed", job=self.job.id, error=str(error))
            self.message = None
        if self.job.state.final:
            await self.service.told(self.job.id)

    async def _deliver(self) -> None:
        self.delivering = True
        async with self._failing():
            self.result = await self.results.of(self.job, self.texts)
            self._offer_result()

    def _offer_result(self) -> None:
        if self.result is not None:
            self._offer(Urgency.RESULT, self._post, weight=len(self.result.pictures))

    async def _post(self) -> None:
        """The send is over when the ledger has it, so that stopping in its midst does not double the result."""
        if self.result is None:
            return
        messages: tuple[str, ...] = ()
        async with self._failing():
            place, reply_to = self.job.place, self.job.request_message
            messages = await self.front.post(place, self.result, reply_to=reply_to, status=self.message)
        self.result = None
        if messages:
            await self.service.delivered(self.job.id, messages)

    @asynccontextmanager
    async def _failing(self) -> AsyncIterator[None]:
        """Whatever is wrong within the block, the job has failed of it: the person must see that no picture comes."""
        job = self.job.id
        try:
            yield
        except SlowDown:
            raise
        except EaselError as error:
            log.warning("result cannot be posted", job=job, error=str(error))
            await self.service.undeliverable(job, error)
        except Exception:
            log.exception("result cannot be posted by a fault of ours", job=job)
            await self.service.undeliverable(job, InternalFault(job=job))

    def _offer(self, urgency: Urgency, call: Call, *, weight: int = 1) -> None:
        chat = self.job.place.chat

        async def say() -> None:
            async with self.turn:
                if self.job.place.chat == chat:  # else it is offered again, in the new one
                    await call()

        self.pacer.offer(chat, ("job", self.job.id), urgency, say, weight=weight)
