"""Fills a new room with what the ledger has of its chat, so that a restart leaves no blank page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from bot.chat.card import StatusCard
from bot.chat.manners import Manners
from bot.chat.results import Results
from bot.chat.status import card, result_title
from bot.chat.texts import Texts, texts_for
from bot.console.front import PLACE, ConsoleFrontEnd
from bot.console.messages import Said, Shown
from bot.console.room import Room
from bot.errors import EaselError
from bot.jobs.errors import InternalFault
from bot.jobs.model import Action, Job, State
from bot.jobs.runner import JobUpdate
from bot.jobs.service import JobService

NEWEST = 50
"""So many of the chat's jobs are shown again, besides those that have not ended."""

log = structlog.get_logger()


async def fill(room: Room, front: ConsoleFrontEnd, service: JobService, manners: Manners) -> None:
    """Show the newest jobs again: what was said, then the pictures or else the card, under the ids the ledger knows.

    Whoever follows the jobs that are still open finds their cards there. Pictures are read as far as the room holds
    them.

    Raises:
        LedgerUnavailable: It cannot be read.
    """
    settings = await service.house.settings(PLACE)
    results = Results(service, front.picture_limits, manners.embed_recipe)
    filling = _Filling(room, front, service, results, settings.language or manners.language)
    jobs = _fitting(await service.jobs_of_place(PLACE, NEWEST), room.capacity.picture_bytes)
    known = {job.id: job for job in jobs}
    for job in jobs:
        await filling.show(job, known.get(job.parent or ""))


def _fitting(jobs: Sequence[Job], picture_bytes: int) -> Sequence[Job]:
    """Without the oldest, whose pictures would be read only to be dropped again."""
    for n, job in reversed([*enumerate(jobs)]):
        picture_bytes -= sum(picture.size for picture in job.pictures)
        if picture_bytes < 0:
            return jobs[n + 1 :]
    return jobs


@dataclass(frozen=True, slots=True)
class _Filling:
    """`language` is read by whoever's own is not known."""

    room: Room
    front: ConsoleFrontEnd
    service: JobService
    results: Results
    language: str

    async def show(self, job: Job, parent: Job | None) -> None:
        """Both messages of a job. `parent` is the one that it was made from, if that is shown as well."""
        texts = texts_for(job.owner.language or self.language)
        request = await self._say(job, parent)
        shown = card(JobUpdate(job), texts, actions=self.results.actions(job))
        known_as = next(iter(job.result_messages), job.status_message)
        message = self.room.add(shown, request, known_as=known_as)
        if job.state is State.DONE:
            await self._show_pictures(job, texts, message.id)

    async def _say(self, job: Job, parent: Job | None) -> str | None:
        if job.request_message is None:  # a button asked for it
            return None
        inputs = dict(job.recipe.images).values()
        made = [picture.sha256 for picture in parent.pictures] if parent else []
        of = next((n for n, sha256 in enumerate(made) if sha256 in inputs), 0)
        given = [sha256 for sha256 in inputs if parent is None or sha256 not in parent.media]
        said = Said(job.text, tuple([shown for sha256 in given if (shown := await self._given(sha256))]), of)
        reply_to = next(iter(parent.result_messages), None) if parent else None
        return self.room.add(said, reply_to, known_as=job.request_message).id

    async def _given(self, sha256: str) -> Shown | None:
        """What somebody sent, unless it is no longer kept."""
        try:
            return Shown.attached(self.room.picture_id(), await self.service.media.get(sha256))
        except EaselError:
            return None

    async def _show_pictures(self, job: Job, texts: Texts, message: str) -> None:
        """In the place of the card; where they cannot be shown, that one says why."""
        try:
            result = await self.results.of(job, texts)
        except EaselError as error:
            wrong = error
        except Exception:  # the boundary where a fault of ours in one message must not keep Easel from starting
            log.exception("result cannot be shown again by a fault of ours", job=job.id)
            wrong = InternalFault(job=job.id)
        else:
            await self.front.post(PLACE, result, reply_to=job.request_message, status=message)
            return
        self.room.change(message, _without_pictures(job, texts, self.results.actions(job), wrong))


def _without_pictures(job: Job, texts: Texts, actions: Sequence[Action], wrong: EaselError) -> StatusCard:
    left = [action for action in actions if action not in (Action.VARY, Action.UPSCALE)]
    done = card(JobUpdate(job), texts, actions=left)
    return replace(done, title=result_title(job), lines=(texts.explain(wrong),))
