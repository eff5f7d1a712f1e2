"""A ledger that lasts as long as the process."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from bot.jobs.errors import NoSuchJob
from bot.jobs.model import Job, Place, Run, Spent, State


class MemoryLedger:
    """A ledger that lasts as long as the process. Beyond `keep` jobs it forgets the oldest that have ended."""

    def __init__(self, keep: int = 10_000) -> None:
        self._keep = keep
        self._jobs: dict[str, Job] = {}
        self._spent: dict[str, tuple[str, Spent]] = {}

    async def add(self, job: Job) -> bool:
        """See `Ledger.add`."""
        if job.id in self._jobs:
            return False
        if len(self._jobs) >= self._keep:
            oldest = next((old.id for old in self._jobs.values() if old.state.final), None)
            if oldest is not None:
                del self._jobs[oldest]
        self._jobs[job.id] = job
        self._spent[job.id] = (job.owner.id, Spent(job.times.accepted, job.gpu_seconds))
        return True

    async def put(self, job: Job) -> None:
        """See `Ledger.put`."""
        if job.id not in self._jobs:
            raise NoSuchJob(job=job.id)
        self._jobs[job.id] = job
        owner, spent = self._spent[job.id]
        self._spent[job.id] = (owner, replace(spent, gpu_seconds=job.gpu_seconds))

    async def get(self, job: str) -> Job:
        """See `Ledger.get`."""
        try:
            return self._jobs[job]
        except KeyError:
            raise NoSuchJob(job=job) from None

    async def unfinished(self) -> Sequence[Job]:
        """See `Ledger.unfinished`."""
        return [job for job in self._jobs.values() if not job.state.final]

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
        return self._newest_of(place, lambda job: message in (job.status_message, *job.result_messages))

    async def of_owner(self, owner: str, limit: int) -> Sequence[Job]:
        """See `Ledger.of_owner`."""
        return list(islice((job for job in reversed(self._jobs.values()) if job.owner.id == owner), limit))

    async def of_place(self, place: Place, limit: int) -> Sequence[Job]:
        """See `Ledger.of_place`."""
        return list(islice((job for job in reversed(self._jobs.values()) if job.place.same_chat(place)), limit))

    async def owners(self, prompts: Collection[str]) -> Mapping[str, str]:
        """See `Ledger.owners`."""
        return {
            job.prompt_id: job.owner.id for job in self._jobs.values() if job.prompt_id and job.prompt_id in prompts
        }

    async def runs(self, limit: int) -> Sequence[Run]:
        """See `Ledger.runs`."""
        done = (job for job in reversed(self._jobs.values()) if job.state is State.DONE and job.server)
        return [Run(job.server or "", job.recipe, job.gpu_seconds) for job in islice(done, limit)]

    async def spent(self, owner: str, since: float) -> Sequence[Spent]:
        """See `Ledger.spent`."""
        return [spent for whose, spent in self._spent.values() if whose == owner and spent.at >= since]

    async def prune(self, before: float) -> int:
        """See `Ledger.prune`."""
        old = [job.id for job in self._jobs.values() if not job.open and job.times.accepted < before]
        for job in old:
            del self._jobs[job]
        self._spent = {job: (owner, spent) for job, (owner, spent) in self._spent.items() if spent.at >= before}
        return len(old)

    async def uses(self, sha256: str) -> bool:
        """See `Ledger.uses`."""
        return any(sha256 in job.media for job in self._jobs.values())

    async def forget(self, job: str) -> None:
        """See `Ledger.forget`."""
        self._jobs.pop(job, None)

    def _newest_of(self, place: Place, wanted: Callable[[Job], bool]) -> Job | None:
        here = (job for job in reversed(self._jobs.values()) if job.place.same_chat(place))
        return next(filter(wanted, here), None)
