"""A ledger and a register that last as long as the process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeAlias, TypeVar

from bot.jobs.errors import NoSuchJob
from bot.jobs.ledger.port import Entry
from bot.jobs.model import Act, ChatSettings, Decision, Job, Place, Run, Showing, Spent

_ACTS = 10_000

_Kept = TypeVar("_Kept")

_Message: TypeAlias = tuple[str, str, str]
"""Its platform, its chat, and what it is called there."""


class MemoryLedger:
    """A ledger that lasts as long as the process. Beyond `keep` jobs it drops the oldest that is not open."""

    def __init__(self, keep: int = 10_000) -> None:
        self._keep = keep
        self._jobs: dict[str, Job] = {}
        self._showings: dict[str, dict[_Message, int]] = {}  # a number by each message of each job
        self._uploads: dict[str, dict[tuple[str, str], str]] = {}
        self._spent: list[tuple[str, Spent]] = []  # of jobs that are no longer here

    async def add(self, job: Job) -> bool:
        """See `Ledger.add`."""
        if job.id in self._jobs:
            return False
        if len(self._jobs) >= self._keep:
            oldest = next((old.id for old in self._jobs.values() if not old.open), None)
            if oldest is not None:
                await self.forget(oldest)
        self._write(job)
        return True

    async def put(self, job: Job) -> None:
        """See `Ledger.put`."""
        if job.id not in self._jobs:
            raise NoSuchJob(job=job.id)
        chat = self._jobs[job.id].place.chat
        self._write(job if job.place.chat == chat else job.in_chat(chat))

    async def get(self, job: str) -> Job:
        """See `Ledger.get`."""
        try:
            return self._jobs[job]
        except KeyError:
            raise NoSuchJob(job=job) from None

    async def unfinished(self) -> Sequence[Job]:
        """See `Ledger.unfinished`."""
        return [job for job in self._jobs.values() if not job.state.final]

    async def unfinished_elsewhere(self) -> Sequence[Job]:
        """See `Ledger.unfinished_elsewhere`. Nobody else is here."""
        return []

    async def adopt(self, platforms: Collection[str]) -> Sequence[Job]:  # noqa: ARG002 - the port names them
        """See `Ledger.adopt`. Nobody else was here before."""
        return []

    async def waiting(self, owner: str) -> int:
        """See `Ledger.waiting`."""
        return sum(job.owner.id == owner and not job.state.final for job in self._jobs.values())

    async def newest(self, owner: str, place: Place) -> Job | None:
        """See `Ledger.newest`."""
        return self._newest_of(place, lambda job: job.owner.id == owner)

    async def of_message(self, place: Place, message: str) -> Job | None:
        """See `Ledger.of_message`."""
        shown = (place.platform, place.chat, message)
        jobs = (
            job
            for job in reversed(self._jobs.values())
            if shown in self._showings[job.id] or (job.status_message == message and job.place.same_chat(place))
        )
        return next(jobs, None)

    async def of_owner(self, owner: str, limit: int) -> Sequence[Job]:
        """See `Ledger.of_owner`."""
        return list(islice((job for job in reversed(self._jobs.values()) if job.owner.id == owner), limit))

    async def of_place(self, place: Place, limit: int) -> Sequence[Job]:
        """See `Ledger.of_place`."""
        return list(islice((job for job in reversed(self._jobs.values()) if job.place.same_chat(place)), limit))

    async def of_request(self, place: Place, message: str) -> Job | None:
        """See `Ledger.of_request`."""
        return self._newest_of(place, lambda job: job.request_message == message)

    async def show(self, job: str, place: Place, messages: Sequence[str]) -> None:
        """See `Ledger.show`."""
        if job in self._jobs:
            self._note(job, place, messages)

    async def showings(self, job: str) -> Sequence[Showing]:
        """See `Ledger.showings`."""
        return [
            Showing(Place(platform, chat), message, number)
            for (platform, chat, message), number in self._showings.get(job, {}).items()
        ]

    async def uploads(self, account: str, job: str) -> Mapping[str, str]:
        """See `Ledger.uploads`."""
        return {name: handle for (whose, name), handle in self._uploads.get(job, {}).items() if whose == account}

    async def keep_uploads(self, account: str, job: str, uploads: Mapping[str, str]) -> None:
        """See `Ledger.keep_uploads`."""
        if job in self._jobs:
            kept = self._uploads.setdefault(job, {})
            kept.update({(account, name): handle for name, handle in uploads.items()})

    async def move_chat(self, old: Place, chat: str) -> None:
        """See `Ledger.move_chat`."""
        for job in self._jobs.values():
            if job.place.same_chat(old):
                self._jobs[job.id] = job.in_chat(chat)
            here = self._showings[job.id]
            for message in [each for each in here if each[:2] == (old.platform, old.chat)]:
                del here[message]

    async def owners(self, prompts: Collection[str]) -> Mapping[str, str]:
        """See `Ledger.owners`."""
        wanted = frozenset(prompts)
        return {job.prompt_id: job.owner.id for job in self._jobs.values() if job.prompt_id in wanted and job.prompt_id}

    async def runs(self, limit: int) -> Sequence[Run]:
        """See `Ledger.runs`."""
        runs = (
            Run(job.server, job.recipe, job.gpu_seconds)
            for job in reversed(self._jobs.values())
            if job.server is not None and job.times.made is not None and job.gpu_seconds > 0
        )
        return list(islice(runs, limit))

    async def spent(self, owner: str, since: float) -> Sequence[Spent]:
        """See `Ledger.spent`."""
        all_ = (*self._spent, *((job.owner.id, _cost(job)) for job in self._jobs.values()))
        return sorted((cost for whose, cost in all_ if whose == owner and cost.at >= since), key=lambda cost: cost.at)

    async def prune(self, before: float) -> int:
        """See `Ledger.prune`."""
        old = [job.id for job in self._jobs.values() if not job.open and job.times.accepted < before]
        for job in old:
            self._drop(job)
        self._spent = [(owner, cost) for owner, cost in self._spent if cost.at >= before]
        return len(old)

    async def uses(self, sha256: str) -> bool:
        """See `Ledger.uses`."""
        return any(sha256 in job.media for job in self._jobs.values())

    async def forget(self, job: str) -> None:
        """See `Ledger.forget`."""
        if job in self._jobs:
            gone = self._drop(job)
            self._spent.append((gone.owner.id, _cost(gone)))

    def _write(self, job: Job) -> None:
        self._jobs[job.id] = job
        self._note(job.id, job.place, job.result_messages)

    def _note(self, job: str, place: Place, messages: Sequence[str]) -> None:
        shown = self._showings.setdefault(job, {})
        for number, message in enumerate(messages, start=1):
            shown.setdefault((place.platform, place.chat, message), number)

    def _drop(self, job: str) -> Job:
        for beside in (self._showings, self._uploads):
            beside.pop(job, None)
        return self._jobs.pop(job)

    def _newest_of(self, place: Place, wanted: Callable[[Job], bool]) -> Job | None:
        here = (job for job in reversed(self._jobs.values()) if job.place.same_chat(place))
        return next(filter(wanted, here), None)


class MemoryRegister:
    """A register that lasts as long as the process. It remembers the newest ten thousand acts."""

    def __init__(self) -> None:
        self._decisions: dict[str, Decision] = {}
        self._chats: dict[str, ChatSettings] = {}
        self._switches: dict[str, str] = {}
        self._acts: deque[Act] = deque(maxlen=_ACTS)

    async def look_up(self, person: str, place: Place) -> Entry:
        """See `Register.look_up`."""
        settings = self._chats.get(place.subject, ChatSettings())
        return Entry(self._decisions.get(person), self._decisions.get(place.subject), settings)

    async def decisions(self) -> Mapping[str, Decision]:
        """See `Register.decisions`."""
        return dict(self._decisions)

    async def decide(self, subject: str, decision: Decision | None, act: Act) -> None:
        """See `Register.decide`."""
        _set(self._decisions, subject, decision)
        self._acts.append(act)

    async def set_chat(self, place: Place, settings: ChatSettings, act: Act) -> None:
        """See `Register.set_chat`."""
        self._chats[place.subject] = settings
        self._acts.append(act)

    async def move_chat(
        self, old: Place, chat: str, decision: Decision | None, settings: ChatSettings, act: Act
    ) -> None:
        """See `Register.move_chat`."""
        new = replace(old, chat=chat)
        self._decisions.pop(old.subject, None)
        self._chats.pop(old.subject, None)
        _set(self._decisions, new.subject, decision)
        self._chats[new.subject] = settings
        self._acts.append(act)

    async def switches(self) -> Mapping[str, str]:
        """See `Register.switches`."""
        return dict(self._switches)

    async def set_switch(self, name: str, value: str | None, act: Act | None = None) -> None:
        """See `Register.set_switch`."""
        _set(self._switches, name, value)
        if act is not None:
            self._acts.append(act)

    async def note(self, act: Act) -> None:
        """See `Register.note`."""
        self._acts.append(act)

    async def acts(self, limit: int) -> Sequence[Act]:
        """See `Register.acts`."""
        return list(islice(reversed(self._acts), limit))


def _cost(job: Job) -> Spent:
    return Spent(job.times.accepted, job.gpu_seconds)


def _set(kept: dict[str, _Kept], key: str, value: _Kept | None) -> None:
    if value is None:
        kept.pop(key, None)
    else:
        kept[key] = value
