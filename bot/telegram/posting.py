"""Posts results: each of a result's pictures once, however often that is interrupted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol

import structlog

from bot.chat.card import Result, ResultPicture
from bot.chat.pacing import SlowDown
from bot.errors import EaselError
from bot.jobs.model import Place
from bot.telegram.keyboards import evenly, keyboard
from bot.telegram.reaching import Unfit
from bot.telegram.recent import Recent
from bot.telegram.refusals import Meaning
from bot.telegram.sending import File, Form, Sender, Sent
from bot.telegram.writing import Text, caption, controls, title

log = structlog.get_logger()

_ALBUM = 10
"""Bot API 10.0, sendMediaGroup."""
_POSTINGS = 1000
"""So many are remembered, those that are done among them."""

_SAFE_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


class Uploads(Protocol):
    """What a bot calls the files that it has sent, and where they are. A ledger keeps that with the job."""

    async def uploads(self, account: str, job: str, /) -> Mapping[str, str]:
        """File ids: of photos by ``n/photo``, n counting from 1; of documents by the original's hash.

        And messages, by ``chat/what it answers/n``, 0 being that of the buttons.
        """

    async def keep_uploads(self, account: str, job: str, uploads: Mapping[str, str], /) -> None:
        """Keep them beside those that are there, or in their place."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Pictures of a result that go in one request: which, counted from 0."""

    form: Form
    indices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Posted:
    """A result is in its chat: each picture's message, and that of the buttons. `just_now`: this call has sent it."""

    messages: tuple[str, ...]
    just_now: bool


@dataclass(slots=True)
class _Progress:
    """What waits to be sent, and the messages of what was, by index. No picture is kept here."""

    waiting: list[Batch]
    messages: dict[int, str] = field(default_factory=dict)
    controls: str | None = None

    @classmethod
    def of(cls, batches: Sequence[Batch], there: Mapping[int, str]) -> _Progress:
        """What is left of these, where there are these messages: of pictures by 1 and so on, of the buttons by 0."""
        left = [Batch(each.form, tuple([n for n in each.indices if n + 1 not in there])) for each in batches]
        messages = {number - 1: message for number, message in there.items() if number}
        return cls([each for each in left if each.indices], messages, there.get(0))

    def sent(self, messages: list[str]) -> None:
        """The first of what waits is there."""
        self.messages.update(zip(self.waiting.pop(0).indices, messages, strict=True))

    @property
    def all(self) -> tuple[str, ...]:
        """The pictures' in their order, then that of the buttons."""
        pictures = tuple(message for _, message in sorted(self.messages.items()))
        return pictures if self.controls is None else (*pictures, self.controls)


def plan(result: Result) -> list[Batch]:
    """Photos first, as few albums as can be, none of them of one where there are more; then documents."""
    batches = []
    for form in Form:
        indices = [index for index, picture in enumerate(result.pictures) if _form(picture) is form]
        batches += [Batch(form, tuple(part)) for part in evenly(indices, _ALBUM)]
    return batches


class Poster:
    """Posts through a sender.

    Every call sends one message or album. Where another follows it raises `SlowDown`, of no time at all: each is to
    have its turn. Called again for the same job in reply to the same message, it goes on where it was, be it in another
    process: what has been sent is written down before anything else is.
    """

    def __init__(self, sender: Sender, uploads: Uploads) -> None:
        self._sender = sender
        self._uploads = uploads
        self._postings: Recent[tuple[str, str, str | None], _Progress] = Recent(_POSTINGS)

    async def post(self, place: Place, result: Result, reply_to: str | None) -> Posted:
        """Post the pictures with their caption, and the buttons under one picture or after several."""
        key = (place.chat, result.job, reply_to)
        progress = self._postings.get(key)
        if progress is None:
            kept = await self._kept(result.job)
            names = {number: _at(place, reply_to, number) for number in range(len(result.pictures) + 1)}
            there = {number: kept[name] for number, name in names.items() if name in kept}
            progress = _Progress.of(plan(result), there)
            self._postings.set(key, progress)
        if progress.waiting:
            await self._send(place, result, progress, reply_to)
        elif _has_controls(result) and progress.controls is None:
            progress.controls = await self._sender.text(
                place,
                controls(result),
                reply_to=progress.all[0],
                markup=keyboard(result.job, result.buttons),
                silent=True,
            )
            await self._keep(result.job, {_at(place, reply_to, 0): progress.controls})
        else:
            return Posted(progress.all, just_now=False)
        if progress.waiting:
            raise SlowDown(0, weight=len(progress.waiting[0].indices))
        if _has_controls(result) and progress.controls is None:
            raise SlowDown(0, weight=1)
        return Posted(progress.all, just_now=True)

    async def _send(self, place: Place, result: Result, progress: _Progress, reply_to: str | None) -> None:
        kept = await self._kept(result.job)
        while True:
            batch = progress.waiting[0]
            files = [_file(result, each, batch.form, kept) for each in batch.indices]
            under = _caption(result) if not progress.messages else Text("")
            try:
                sent = await self._sent(place, result, files, under, reply_to)
            except Unfit as unfit:
                log.info("not taken", job=result.job, form=batch.form, why=unfit.meaning.name, reason=unfit.reason)
                if unfit.meaning is Meaning.FILE_GONE and any(isinstance(file.content, str) for file in files):
                    kept = {}
                elif (others := _otherwise(batch, unfit.meaning)) is not None:
                    progress.waiting[:1] = others
                else:
                    raise unfit.final() from unfit
            else:
                progress.sent([each.message for each in sent])
                numbered = zip(batch.indices, sent, strict=True)
                there = {_at(place, reply_to, index + 1): each.message for index, each in numbered}
                await self._keep(result.job, _file_ids(result, batch, sent) | there)
                return

    async def _sent(
        self, place: Place, result: Result, files: list[File], under: Text, reply_to: str | None
    ) -> list[Sent]:
        if len(files) > 1:
            return await self._sender.album(place, files, under, reply_to=reply_to)
        markup = None if _has_controls(result) else keyboard(result.job, result.buttons)
        return [await self._sender.file(place, files[0], under, reply_to=reply_to, markup=markup)]

    async def _kept(self, job: str) -> Mapping[str, str]:
        try:
            return await self._uploads.uploads(self._sender.account, job)
        except EaselError as error:
            log.warning("uploads not read", job=job, error=str(error))
            return {}

    async def _keep(self, job: str, uploads: Mapping[str, str]) -> None:
        try:
            await self._uploads.keep_uploads(self._sender.account, job, uploads)
        except EaselError as error:
            log.warning("uploads not kept", job=job, error=str(error))


def _form(picture: ResultPicture) -> Form:
    return Form.DOCUMENT if picture.as_document else Form.PHOTO


def _has_controls(result: Result) -> bool:
    """An album takes no buttons (Bot API 10.0, sendMediaGroup)."""
    return len(result.pictures) > 1 and bool(result.buttons)


def _caption(result: Result) -> Text:
    return title(result) if _has_controls(result) else caption(result)


def _otherwise(batch: Batch, meaning: Meaning) -> list[Batch] | None:
    """How else it may be taken; None: not at all."""
    match meaning:
        case Meaning.TOO_LARGE if len(batch.indices) > 1:
            middle = (len(batch.indices) + 1) // 2
            return [Batch(batch.form, batch.indices[:middle]), Batch(batch.form, batch.indices[middle:])]
        case Meaning.TOO_LARGE | Meaning.NO_PHOTO if batch.form is Form.PHOTO:
            return [Batch(Form.DOCUMENT, batch.indices)]
        case _:
            return None


def _file(result: Result, index: int, form: Form, kept: Mapping[str, str]) -> File:
    picture = result.pictures[index]
    known = kept.get(_name(result, index, form)) if _form(picture) is form else None
    suffix = PurePosixPath(picture.name).suffix
    name = f"easel-{result.job}-{index + 1}{suffix if _SAFE_SUFFIX.fullmatch(suffix) else ''}"
    return File(form, known or picture.data, name, covered=result.spoiler)


def _file_ids(result: Result, batch: Batch, sent: Sequence[Sent]) -> dict[str, str]:
    """For the next time. What would not be a photo is no original, so it is not kept as one."""
    return {
        _name(result, index, batch.form): each.file_id
        for index, each in zip(batch.indices, sent, strict=True)
        if each.file_id is not None and _form(result.pictures[index]) is batch.form
    }


def _at(place: Place, reply_to: str | None, number: int) -> str:
    """What a message is kept by."""
    return f"{place.chat}/{reply_to or ''}/{number}"


def _name(result: Result, index: int, form: Form) -> str:
    """What a file_id is kept by. That of a document which was not covered has a small picture that all can see."""
    if form is Form.PHOTO:
        return f"{index + 1}/{form}"
    return f"{result.pictures[index].sha256}/{'covered' if result.spoiler else form}"
