"""Where jobs are kept: the port, and a ledger in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from bot.jobs.errors import NoSuchJob
from bot.jobs.model import Job, Place


class Ledger(Protocol):
    """The record of every job. A job is accepted when `add` has returned, and not before."""

    async def add(self, job: Job) -> bool:
        """Keep a new job. False: another has its id, and nothing was kept."""

    async def put(self, job: Job) -> None:
        """Keep the job's new state.

        Raises:
            NoSuchJob: It was never added.
        """

    async def get(self, job: str) -> Job:
        """The job of that id.

        Raises:
            NoSuchJob: There is none.
        """

    async def unfinished(self) -> Sequence[Job]:
        """Every job that has not ended, oldest first."""

    async def newest(self, owner: str, place: Place) -> Job | None:
        """The newest job of that person in that chat, whatever the thread."""

    async def of_message(self, place: Place, message: str) -> Job | None:
        """The job whose status or result is that message of the chat, whatever the thread."""

    async def uses(self, sha256: str) -> bool:
        """Whether some job has that picture, as an input or as a result."""

    async def forget(self, job: str) -> None:
        """Drop the job. Unknown ids are no error."""


class MemoryLedger:
    """A ledger that lasts as long as the process. Beyond `keep` jobs it forgets the oldest that have ended."""

    def __init__(self, keep: int = 10_000) -> None:
        self._keep = keep
        self._jobs: dict[str, Job] = {}

    async def add(self, job: Job) -> bool:
        """See `Ledger.add`."""
        if job.id in self._jobs:
            return False
        if len(self._jobs) >= self._keep:
            oldest = next((old.id for old in self._jobs.values() if old.state.final), None)
            if oldest is not None:
                del self._jobs[oldest]
        self._jobs[job.id] = job
        return True

    async def put(self, job: Job) -> None:
        """See `Ledger.put`."""
        if job.id not in self._jobs:
            raise NoSuchJob(job=job.id)
        self._jobs[job.id] = job

    async def get(self, job: str) -> Job:
        """See `Ledger.get`."""
        try:
            return self._jobs[job]
        except KeyError:
            raise NoSuchJob(job=job) from None

    async def unfinished(self) -> Sequence[Job]:
        """See `Ledger.unfinished`."""
        return [job for job in self._jobs.values() if not job.state.final]

    async def newest(self, owner: str, place: Place) -> Job | None:
        """See `Ledger.newest`."""
        return self._newest_of(place, lambda job: job.owner.id == owner)

    async def of_message(self, place: Place, message: str) -> Job | None:
        """See `Ledger.of_message`."""
        return self._newest_of(place, lambda job: message in (job.status_message, job.result_message))

    async def uses(self, sha256: str) -> bool:
        """See `Ledger.uses`."""
        return any(sha256 in job.media for job in self._jobs.values())

    async def forget(self, job: str) -> None:
        """See `Ledger.forget`."""
        self._jobs.pop(job, None)

    def _newest_of(self, place: Place, wanted: Callable[[Job], bool]) -> Job | None:
        here = (job for job in reversed(self._jobs.values()) if job.place.same_chat(place))
        return next(filter(wanted, here), None)
