"""Shows one job in its chat, from its first card to its result."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import PurePath

import structlog

from bot.chat.card import Result, ResultPicture, StatusCard
from bot.chat.manners import Manners
from bot.chat.pacing import Call, Pacer, SlowDown, Urgency
from bot.chat.ports import FrontEnd
from bot.chat.status import adjusted, buttons, card, result_lines, result_title
from bot.chat.texts import Texts
from bot.errors import EaselError
from bot.grammar.request import Adjustment
from bot.images.fit import PlatformLimits, fit
from bot.images.metadata import embed, strip
from bot.jobs.errors import InternalFault
from bot.jobs.model import Job, Picture, State
from bot.jobs.runner import JobUpdate
from bot.jobs.service import JobService

log = structlog.get_logger()


@dataclass(slots=True)
class Follower:
    """Follows one job. All it says of it goes by one key of the pacer, so that nothing is overtaken.

    `newest` is the card that should be in the chat; `message` the one that holds it, as soon as it is there.
    """

    front: FrontEnd
    service: JobService
    pacer: Pacer
    manners: Manners
    texts: Texts
    reply_to: str | None
    adjustments: tuple[Adjustment, ...]
    newest: StatusCard | None = None
    message: str | None = None

    async def follow(self, job: Job) -> None:
        """Until the job has ended. A chat that cannot be spoken to does not hold it up."""
        async for update in self.service.follow(job):
            match update.job.state:
                case State.DELIVERING:
                    await self._deliver(update.job)
                case State.DONE:
                    pass  # the result has closed the status message
                case _:
                    self._show(update)

    def _show(self, update: JobUpdate) -> None:
        job = update.job
        shown = card(
            update if self.manners.previews else JobUpdate(job, update.progress),
            self.texts,
            actions=self.service.actions(job),
            adjustments=self.adjustments,
        )
        if shown == self.newest:
            return
        self.newest = shown
        urgency = Urgency.FINAL if shown.final else Urgency.STATUS if self.message else Urgency.REPLY
        self._offer(job, urgency, lambda: self._speak(job, shown))

    async def _speak(self, job: Job, shown: StatusCard) -> None:
        if self.message is None:
            self.message = await self.front.show(job.place, shown, reply_to=self.reply_to)
            await self.service.shown(job.id, self.message)
        else:
            await self.front.update(job.place, self.message, shown)

    async def _deliver(self, job: Job) -> None:
        async with self._failing(job):
            result = await self._result(job)
            self._offer(job, Urgency.RESULT, lambda: self._post(job, result))

    async def _post(self, job: Job, result: Result) -> None:
        """The send is over when the ledger has it, so that stopping in its midst does not double the result."""
        messages: tuple[str, ...] = ()
        async with self._failing(job):
            messages = await self.front.post(job.place, result, reply_to=self.reply_to, status=self.message)
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

    def _offer(self, job: Job, urgency: Urgency, call: Call) -> None:
        self.pacer.offer(job.place.chat, ("job", job.id), urgency, call)

    async def _result(self, job: Job) -> Result:
        recipe = self.service.command_of(job) if self.manners.embed_recipe else None
        pictures = [
            await asyncio.to_thread(
                _prepared,
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
            lines=(*result_lines(job, self.texts), *adjusted(self.adjustments, self.texts)),
            pictures=tuple(pictures),
            buttons=buttons(done, self.texts),
        )


def _prepared(picture: Picture, data: bytes, recipe: str | None, limits: PlatformLimits) -> ResultPicture:
    """What leaves for the chat: without the server's graph, with the recipe if wanted, in the platform's limits."""
    if not picture.width:  # no picture that we can read: handed on as the file it is
        return ResultPicture(data, picture.name, picture.media_type, 0, 0, picture.sha256, as_document=True)
    fitted = fit(strip(data) if recipe is None else embed(data, recipe), limits)
    suffix = f".{fitted.media_type.removeprefix('image/')}"
    return ResultPicture(
        data=fitted.data,
        name=picture.name if fitted.media_type == picture.media_type else PurePath(picture.name).stem + suffix,
        media_type=fitted.media_type,
        width=fitted.width,
        height=fitted.height,
        sha256=picture.sha256,
        as_document=fitted.as_document,
    )
