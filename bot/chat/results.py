"""From a finished job to what is posted: its pictures without the server's graph, in the platform's limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath

from bot.chat.card import Result, ResultPicture
from bot.chat.pacing import SlowDown
from bot.chat.status import adjusted, buttons, result_lines, result_title
from bot.chat.texts import Texts
from bot.images.fit import PlatformLimits, fit
from bot.images.metadata import embed, strip
from bot.images.probe import inspect
from bot.jobs.errors import CannotDo, PictureGone
from bot.jobs.model import Action, Job, Picture, State
from bot.jobs.service import JobService
from bot.workflows.errors import NoSuchWorkflow


@dataclass(slots=True)
class Parcel:
    """A job's pictures on their way to a chat.

    They are made ready (`pack`) when it is their turn, and let go of where the chat must not be spoken to for a while:
    however much waits, and however long, it takes no memory.
    """

    job: Job
    pack: Callable[[], Awaitable[Result]]
    packed: Result | None = None

    async def send(self, post: Callable[[Result], Awaitable[tuple[str, ...]]]) -> tuple[str, ...]:
        """What `post` gives. Raises what it and `pack` raise; after a `SlowDown` it may be sent again."""
        if self.packed is None:
            self.packed = await self.pack()
        try:
            return await post(self.packed)
        except SlowDown as slow:
            if slow.seconds:
                self.packed = None
            raise


@dataclass(frozen=True, slots=True)
class Results:
    """Makes results for one platform. `embed_recipe`: the pictures carry the command that made them."""

    service: JobService
    limits: PlatformLimits
    embed_recipe: bool

    def parcel(self, job: Job, texts: Texts) -> Parcel:
        """What the chat gets of a job that has its pictures. Packing it raises what `of` raises."""
        return Parcel(job, partial(self.of, job, texts))

    async def again(self, job: Job, texts: Texts) -> Parcel:
        """The same once more, if it is still here.

        Raises:
            PictureGone: One is no longer kept.
        """
        await self._check(job)
        return self.parcel(job, texts)

    async def originals(self, job: Job, texts: Texts) -> Parcel:
        """What came of a job as files, every pixel as the server made it.

        Raises:
            CannotDo: This platform does not take them.
            PictureGone: One is no longer kept.
        """
        if Action.FILE not in self.actions(job):
            raise CannotDo(action=Action.FILE.value)
        await self._check(job)
        return Parcel(job, partial(self._originals, job, texts))

    async def of(self, job: Job, texts: Texts) -> Result:
        """What the chat gets of a job that has its pictures.

        Raises:
            PictureGone: One is no longer kept.
            ImageError: One cannot be brought within the platform's limits.
        """
        recipe = self._recipe(job)
        pictures = [
            await asyncio.to_thread(
                _prepared, picture, await self.service.media.get(picture.sha256), recipe, self.limits
            )
            for picture in job.pictures
        ]
        return Result(
            job=job.id,
            title=result_title(job),
            lines=(*result_lines(job, texts), *adjusted(job.adjustments, texts)),
            pictures=tuple(pictures),
            buttons=buttons(self.actions(job if job.state.final else job.moved(State.DONE, 0.0)), texts),
            spoiler=job.spoiler,
        )

    def actions(self, job: Job) -> tuple[Action, ...]:
        """What can be done with a job on this platform."""
        taken = all(picture.size <= self.limits.max_document_bytes for picture in job.pictures)
        return tuple(action for action in self.service.actions(job) if taken or action is not Action.FILE)

    async def _originals(self, job: Job, texts: Texts) -> Result:
        recipe = self._recipe(job)
        files = [
            await asyncio.to_thread(
                _original, picture, await self.service.media.get(picture.sha256), recipe, f"easel-{job.id}-{n}"
            )
            for n, picture in enumerate(job.pictures, 1)
        ]
        return Result(
            job=job.id,
            title=result_title(job),
            lines=result_lines(job, texts),
            pictures=tuple(files),
            buttons=(),
            spoiler=job.spoiler,
        )

    async def _check(self, job: Job) -> None:
        for picture in job.pictures:
            if not await self.service.media.has(picture.sha256):
                raise PictureGone(sha256=picture.sha256)

    def _recipe(self, job: Job) -> str | None:
        if not self.embed_recipe:
            return None
        try:
            return self.service.command_of(job)
        except NoSuchWorkflow:  # it was here when the job began; the picture is made all the same
            return job.text


def _prepared(picture: Picture, data: bytes, recipe: str | None, limits: PlatformLimits) -> ResultPicture:
    """What leaves for the chat: without the server's graph, with the recipe if wanted, in the platform's limits."""
    if not picture.width:
        return _film(picture, data)
    fitted = fit(_leaving(data, recipe), limits)
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


def _film(picture: Picture, data: bytes) -> ResultPicture:
    """No picture that we can read: handed on as the file it is."""
    return ResultPicture(data, picture.name, picture.media_type, 0, 0, picture.sha256, as_document=True)


def _original(picture: Picture, data: bytes, recipe: str | None, name: str) -> ResultPicture:
    if not picture.width:
        return _film(picture, data)
    data = _leaving(data, recipe)
    info = inspect(data)
    return ResultPicture(
        data=data,
        name=f"{name}.{info.format.lower()}",
        media_type=info.media_type,
        width=info.width,
        height=info.height,
        sha256=picture.sha256,
        as_document=True,
    )


def _leaving(data: bytes, recipe: str | None) -> bytes:
    """As it leaves the house: the server's graph stays here."""
    return strip(data) if recipe is None else embed(data, recipe)
