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
from bot.chat.results import Parcel, Results
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
    process may have posted it. `newest` is the card that should be in the chat, `parcel` the pictures that are to be
    posted and have neither arrived nor failed to. `delivering`: there is one, or was. `turn` is whoever speaks: where
    the chat gets another id meanwhile, what is said under the new one waits.
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
    parcel: Parcel | None = None
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
                    self.delivering = True
                    self.parcel = self.results.parcel(self.job, self.texts)
                    self._offer_result()
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

    def _offer_result(self) -> None:
        if self.parcel is not None:
            self._offer(Urgency.RESULT, self._post, weight=len(self.job.pictures))

    async def _post(self) -> None:
        """The send is over when the ledger has it, so that stopping in its midst does not double the result."""
        if self.parcel is None:
            return
        messages: tuple[str, ...] = ()
        async with self._failing():
            messages = await self.parcel.send(self._send)
        self.parcel = None
        if messages:
            await self.service.delivered(self.job.id, messages)

    async def _send(self, result: Result) -> tuple[str, ...]:
        """To where the job is by now: it took a while to make it ready."""
        job = self.job
        return await self.front.post(job.place, result, reply_to=job.request_message, status=self.message)

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
