"""From a finished job to what is posted: its pictures without the server's graph, in the platform's limits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import PurePath

from bot.chat.card import Result, ResultPicture
from bot.chat.status import adjusted, buttons, result_lines, result_title
from bot.chat.texts import Texts
from bot.images.fit import PlatformLimits, fit
from bot.images.metadata import embed, strip
from bot.jobs.model import Job, Picture, State
from bot.jobs.service import JobService
from bot.workflows.errors import NoSuchWorkflow


@dataclass(frozen=True, slots=True)
class Results:
    """Makes results for one platform. `embed_recipe`: the pictures carry the command that made them."""

    service: JobService
    limits: PlatformLimits
    embed_recipe: bool

    async def of(self, job: Job, texts: Texts) -> Result:
        """What the chat gets of a job that has its pictures.

        Raises:
            PictureGone: One is no longer kept.
            ImageError: One cannot be brought within the platform's limits.
        """
        recipe = self._recipe(job) if self.embed_recipe else None
        pictures = [
            await asyncio.to_thread(
                _prepared, picture, await self.service.media.get(picture.sha256), recipe, self.limits
            )
            for picture in job.pictures
        ]
        done = job if job.state is State.DONE else job.moved(State.DONE, 0.0)
        return Result(
            job=job.id,
            title=result_title(job),
            lines=(*result_lines(job, texts), *adjusted(job.adjustments, texts)),
            pictures=tuple(pictures),
            buttons=buttons(self.service.actions(done), texts),
            spoiler=job.spoiler,
        )

    def _recipe(self, job: Job) -> str:
        try:
            return self.service.command_of(job)
        except NoSuchWorkflow:  # it was here when the job began; the picture is made all the same
            return job.text


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
