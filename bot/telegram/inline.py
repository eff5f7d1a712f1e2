"""Inline mode: what is offered to somebody who types our name in any chat."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from telegram import (
    Bot,
    Chat,
    InlineQueryResult,
    InlineQueryResultArticle,
    InlineQueryResultCachedPhoto,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.error import BadRequest, TelegramError

from bot.chat.commands import Command
from bot.chat.status import result_title
from bot.chat.texts import Texts, texts_for
from bot.jobs.ledger.errors import LedgerUnavailable
from bot.jobs.model import Job, Person, State
from bot.jobs.policy.content import texts_of
from bot.jobs.service import JobService
from bot.telegram.refusals import Meaning, meaning
from bot.telegram.updates import Asked

log = structlog.get_logger()

_JOBS = 20
"""So many of somebody's newest jobs are looked at."""
_PHOTOS = 20
"""So many of their pictures are offered."""
_HERE = (Chat.SENDER, Chat.GROUP, Chat.SUPERGROUP, Chat.CHANNEL)
"""Where we may be ourselves. In the chats of two people we never are."""


class Uploads(Protocol):
    """What a bot calls the files that it has sent."""

    async def uploads(self, account: str, job: str, /) -> Mapping[str, str]:
        """File ids: of photos by ``n/photo``, n counting the job's pictures from 1."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A picture of somebody's that Telegram has."""

    job: Job
    number: int
    file_id: str


class Inline:
    """Answers what people ask behind our name.

    The words can be sent as a command, which reaches us even where we do not read everything, for it is sent through
    us; whether they may is found out then. Their own newest pictures can be shared anywhere, but for those that are
    covered or only for adults, and not by somebody who is kept out.
    """

    def __init__(self, bot: Bot, service: JobService, uploads: Uploads, account: str, *, language: str) -> None:
        self._bot = bot
        self._service = service
        self._uploads = uploads
        self._account = account
        self._language = language

    async def answer(self, asked: Asked) -> None:
        """Offer what there is. Nothing is raised: whoever types on asks anew."""
        shared = await self._shared(asked.person)
        try:
            try:
                await self._offer(asked, shared)
            except BadRequest as error:
                if meaning(error) is not Meaning.FILE_GONE:
                    raise
                await self._offer(asked, ())  # one that it does not know any more spoils the whole answer
        except TelegramError as error:
            log.info("inline query not answered", error=error.message)

    async def _offer(self, asked: Asked, shared: Sequence[Shared]) -> None:
        texts = texts_for(asked.person.language or self._language)
        results, button = offers(asked, shared, self._bot.username, texts)
        # no cache, or a picture that is deleted would be offered on
        await self._bot.answer_inline_query(asked.query, results, cache_time=0, is_personal=True, button=button)

    async def _shared(self, person: Person) -> list[Shared]:
        try:
            if await self._service.house.keeps_out(person):
                return []
            jobs = [job for job in await self._service.mine(person, _JOBS) if self._may_go_anywhere(job)]
            kept = await asyncio.gather(*(self._uploads.uploads(self._account, job.id) for job in jobs))
        except LedgerUnavailable as error:
            log.warning("results not offered", error=str(error))
            return []
        return [Shared(job, *photo) for job, ids in zip(jobs, kept, strict=True) for photo in _photos(ids)][:_PHOTOS]

    def _may_go_anywhere(self, job: Job) -> bool:
        workflow = next((each for each in self._service.catalog.all() if each.name == job.recipe.workflow), None)
        if job.state is not State.DONE or job.spoiler or workflow is None or workflow.adult:
            return False
        return not self._service.house.rules.content.covers(texts_of(job.recipe, workflow), chat=None)


def offers(
    asked: Asked, shared: Sequence[Shared], username: str, texts: Texts
) -> tuple[list[InlineQueryResult], InlineQueryResultsButton | None]:
    """What to choose from, and what to say above it. Pictures with the words in their prompt come first."""
    words = " ".join(asked.text.split())
    here = asked.chat_type in _HERE
    wanted = sorted(shared, key=lambda each: words.casefold() not in each.job.recipe.prompt.casefold())
    results = [_to_make(words, username, texts)] if words and here else []
    hint = "inline-type" if here and not words else None if results or wanted else "inline-nothing"
    return [*results, *map(_to_share, wanted)], None if hint is None else InlineQueryResultsButton(
        texts.say(hint), start_parameter=Command.IMAGINE
    )


def _to_make(words: str, username: str, texts: Texts) -> InlineQueryResult:
    return InlineQueryResultArticle(
        id="make",
        title=texts.say("inline-make", words=words),
        description=texts.say("inline-make-where"),
        input_message_content=InputTextMessageContent(
            f"/{Command.IMAGINE}@{username} {words}", link_preview_options=LinkPreviewOptions(is_disabled=True)
        ),
    )


def _to_share(picture: Shared) -> InlineQueryResult:
    title = result_title(picture.job)
    return InlineQueryResultCachedPhoto(
        id=f"{picture.job.id}-{picture.number}", photo_file_id=picture.file_id, title=title, caption=title
    )


def _photos(ids: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    numbered = ((*name.partition("/"), file_id) for name, file_id in ids.items())
    yield from sorted((int(number), file_id) for number, _, form, file_id in numbered if form == "photo")
