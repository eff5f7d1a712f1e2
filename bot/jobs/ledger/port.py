"""Where jobs, and what operators decided, are kept: the ports.

`bot.jobs.ledger.memory` and `bot.jobs.ledger.sql` fit them; one contract suite (`tests/contract/ledger`) holds all.
Every method of both raises `LedgerUnavailable` where the store cannot be read or written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.jobs.model import Act, ChatSettings, Decision, Job, Place, Run, Showing, Spent


class Ledger(Protocol):
    """The record of every job. A job is accepted when `add` has returned, and not before.

    Several processes may use one store. Each job is held by the process that added or adopted it.
    """

    async def add(self, job: Job) -> bool:
        """Keep a new job, and that it was asked for (`spent`). False: another has its id, and nothing was kept."""

    async def put(self, job: Job) -> None:
        """Keep the job's new state, and what it has cost so far.

        Its owner and when it was accepted stay as they were added; its pictures and the messages that show them only
        become more. Its chat is what `move_chat` has made of it: of a job that does not know of that yet, the messages
        are those of the old chat, and none are kept (`Job.in_chat`).

        Raises:
            NoSuchJob: It was never added.
        """

    async def get(self, job: str) -> Job:
        """The job of that id.

        Raises:
            NoSuchJob: There is none.
        """

    async def adopt(self, platforms: Collection[str]) -> Sequence[Job]:
        """Hold every open job (`Job.open`) of these platforms that no living process holds; these jobs, oldest first.

        What this process holds itself is not among them, unless an earlier process of the same name held it.
        """

    async def unfinished(self) -> Sequence[Job]:
        """Every job that has not ended, whoever holds it, oldest first."""

    async def unfinished_elsewhere(self) -> Sequence[Job]:
        """Those of them that this process does not hold."""

    async def waiting(self, owner: str) -> int:
        """How many jobs of that person have not ended."""

    async def newest(self, owner: str, place: Place) -> Job | None:
        """The newest job of that person in that chat, whatever the thread."""

    async def of_owner(self, owner: str, limit: int) -> Sequence[Job]:
        """That person's jobs, the newest first."""

    async def of_place(self, place: Place, limit: int) -> Sequence[Job]:
        """The chat's jobs, whatever the thread, the newest first."""

    async def of_message(self, place: Place, message: str) -> Job | None:
        """The newest job whose status, or a result of which, that message of the chat shows, whatever the thread."""

    async def of_request(self, place: Place, message: str) -> Job | None:
        """The newest job that was asked for with that message of the chat, whatever the thread."""

    async def show(self, job: str, place: Place, messages: Sequence[str]) -> None:
        """Keep that the job's results are shown in that chat too, by these messages in their order.

        Those of unknown jobs are not kept.
        """

    async def showings(self, job: str) -> Sequence[Showing]:
        """Every message that shows the job's results, in no order; their places without threads."""

    async def uploads(self, account: str, job: str) -> Mapping[str, str]:
        """What that account of a platform calls the job's files that were sent there, by the names it keeps them by."""

    async def keep_uploads(self, account: str, job: str, uploads: Mapping[str, str]) -> None:
        """Keep what it calls these files, in the place of what it called them before; others' stay.

        Those of unknown jobs are not kept.
        """

    async def move_chat(self, old: Place, chat: str) -> None:
        """The chat has another id from now on: its jobs are of that one (`Job.in_chat`), and it shows no results."""

    async def owners(self, prompts: Collection[str]) -> Mapping[str, str]:
        """Whose the jobs of these prompt ids are, as far as known."""

    async def runs(self, limit: int) -> Sequence[Run]:
        """The newest measured runs of jobs that made pictures, the newest first."""

    async def spent(self, owner: str, since: float) -> Sequence[Spent]:
        """What that person's jobs accepted from then on have cost, oldest first; deleted jobs count too."""

    async def uses(self, sha256: str) -> bool:
        """Whether some job has that picture, as an input or as a result."""

    async def forget(self, job: str) -> None:
        """Drop the job, but not what it has cost. Unknown ids are no error."""

    async def prune(self, before: float) -> int:
        """Drop the jobs that are not open and were accepted before that moment, and as old costs; how many jobs."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register says of one person in one chat."""

    person: Decision | None = None
    chat: Decision | None = None
    settings: ChatSettings = field(default_factory=ChatSettings)


class Register(Protocol):
    """What operators and admins have decided. Every change is kept together with its line of the audit log."""

    async def look_up(self, person: str, place: Place) -> Entry:
        """What is decided of that person and that chat, and how the chat is set."""

    async def decisions(self) -> Mapping[str, Decision]:
        """All that is decided, by subject: a person's id or `Place.subject`."""

    async def decide(self, subject: str, decision: Decision | None, act: Act) -> None:
        """Keep this decision in the place of an older one; None: nothing is decided any more."""

    async def set_chat(self, place: Place, settings: ChatSettings, act: Act) -> None:
        """Keep how the chat is set."""

    async def move_chat(
        self, old: Place, chat: str, decision: Decision | None, settings: ChatSettings, act: Act
    ) -> None:
        """The chat has another id from now on: this is decided of that one, so it is set, and nothing of the old."""

    async def switches(self) -> Mapping[str, str]:
        """All switches that are set, such as ``paused`` or ``drained NAME``, and what was said of each."""

    async def set_switch(self, name: str, value: str | None, act: Act | None = None) -> None:
        """Set a switch; None: no longer. Without an act it is our own bookkeeping."""

    async def note(self, act: Act) -> None:
        """Keep an act that has changed nothing here."""

    async def acts(self, limit: int) -> Sequence[Act]:
        """The newest acts, the newest first."""
