"""One message on its way through the house, and which job it is about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from bot.chat.card import Words
from bot.chat.ports import Incoming
from bot.chat.results import Parcel
from bot.chat.texts import Texts
from bot.grammar import tokens
from bot.jobs.errors import NoJobYet, NoSuchJob
from bot.jobs.model import Job, Person, Place
from bot.jobs.policy.rules import Guest
from bot.jobs.service import JobService

LONGEST_WORD = 32
"""Of a command or an id that nobody knows, as much is repeated."""
LONGEST_NAME = 100
"""The same of the name of a server or a model."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A message of somebody who was let in: who they are here, in which language they read, and what they said.

    `rest` is what follows the command word.
    """

    incoming: Incoming
    guest: Guest
    texts: Texts
    word: str
    rest: str

    @property
    def person(self) -> Person:
        """Who says it."""
        return self.incoming.person

    @property
    def place(self) -> Place:
        """Where."""
        return self.incoming.place


Answer: TypeAlias = Job | Parcel | Words | str | None
"""What becomes of a turn: a job to follow, pictures to post, words to say, or nothing, where a card says it."""

Handler: TypeAlias = Callable[[Turn], Awaitable[Answer]]


async def replied_job(turn: Turn, service: JobService) -> Job | None:
    """The job whose message somebody replies to."""
    if turn.incoming.reply_to is None:
        return None
    return await service.job_of_message(turn.place, turn.incoming.reply_to)


async def meant_job(turn: Turn, service: JobService) -> tuple[Job, str]:
    """The job that somebody names, replies to, or else had last in this chat; and what they say besides.

    Raises:
        NoSuchJob: They name one that nobody knows, or that is not theirs to see.
        NoJobYet: They name none and have none.
    """
    replied = await replied_job(turn, service)
    before_flags, _ = tokens.split(turn.rest)
    for named in before_flags.split()[:1]:
        try:
            job = await service.job(named[:LONGEST_WORD].lower(), turn.person, turn.place)
        except NoSuchJob:
            if replied is None:
                raise
        else:
            return job, turn.rest.removeprefix(named).strip()
    job_or_none = replied or await service.newest_job(turn.person, turn.place)
    if job_or_none is None:
        raise NoJobYet
    return job_or_none, turn.rest
