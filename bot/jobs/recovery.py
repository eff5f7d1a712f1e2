"""What an earlier process left behind: each job goes on from wherever it stands."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import structlog

from bot.errors import EaselError
from bot.jobs.catalog import Catalog
from bot.jobs.estimates import Estimates
from bot.jobs.house import House
from bot.jobs.ledger.port import Ledger
from bot.jobs.model import ChatSettings, Job
from bot.jobs.runner import Runner
from bot.pool.pool import Pool
from bot.workflows.errors import NoSuchWorkflow
from bot.workflows.graph import Graph
from bot.workflows.workflow import Workflow

NOBODY_WAITS = frozenset({"terminal"})
"""Platforms on which nobody can see a job any more whose process has ended."""
RUNS = 5_000
"""So many measured runs, the newest, are read to tell how long jobs take."""
AT_ONCE = 16
"""So many jobs that nobody waits for are written off at the same time."""

log = structlog.get_logger()


class Recovery:
    """Takes over the jobs of processes that are gone, and keeps them for the front ends to follow again."""

    def __init__(
        self, *, ledger: Ledger, house: House, pool: Pool, catalog: Catalog, estimates: Estimates, runner: Runner
    ) -> None:
        self._ledger = ledger
        self._house = house
        self._pool = pool
        self._catalog = catalog
        self._estimates = estimates
        self._runner = runner
        self._resumed: dict[str, list[Job]] = defaultdict(list)

    async def recover(self, platforms: Sequence[str]) -> None:
        """Adopt the open jobs of these platforms. They run from now on, and nothing is waited for.

        Raises:
            LedgerUnavailable: It cannot be read.
        """
        jobs = await self._ledger.adopt(platforms)
        for run in reversed(await self._ledger.runs(RUNS)):  # the newest count most, so they come last
            self._estimates.learn(run)
        left = [job for job in jobs if job.place.platform in NOBODY_WAITS]
        workflows = {name: self._workflow(name) for name in {job.recipe.workflow for job in jobs}}
        for job in jobs:
            if job.place.platform not in NOBODY_WAITS:
                self._resumed[job.place.platform].append(job)
                if not job.state.final:
                    self._take_over(job, *workflows[job.recipe.workflow])
        if left:
            self._runner.spawn(self._write_off(left), "write off")
        log.info("taken over", jobs=len(jobs), left=len(left))

    def resumed(self, platform: str) -> Sequence[Job]:
        """The open jobs of that platform that were taken over, oldest first; each once."""
        return tuple(self._resumed.pop(platform, ()))

    def _take_over(self, job: Job, workflow: Workflow, unable: EaselError | None) -> None:
        limits = self._house.rules.limits_of(self._house.rank(job.owner), ChatSettings())
        self._runner.start(job, workflow, weight=limits.weight, tags=limits.server_tags, unable=unable)

    def _workflow(self, name: str) -> tuple[Workflow, EaselError | None]:
        """The workflow, or what stands in for it and why."""
        try:
            return self._catalog.get(name), None
        except NoSuchWorkflow as gone:  # all that a server has saved of it is its output
            return Workflow(name, name, "", Graph({}), (), {}, ()), gone

    async def _write_off(self, jobs: Sequence[Job]) -> None:
        turns = asyncio.Semaphore(AT_ONCE)

        async def write_off(job: Job) -> None:
            async with turns:
                await self._runner.disown(job)

        await asyncio.gather(*map(write_off, jobs))
