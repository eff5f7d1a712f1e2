"""Memory of a waiting job, from the ledger to the client, and the sockets that many of them open."""

from __future__ import annotations

import gc
import tracemalloc

from benchmarks.measure import Measure
from bot.app import Easel, compose
from bot.config import Settings
from bot.grammar.request import Request
from bot.jobs.model import Person, Place, State
from bot.jobs.service import Submission
from bot.standin.server import StandIn
from bot.standin.settings import Settings as StandInSettings

JOBS = 1000
OURS = [tracemalloc.Filter(inclusive=False, filename_pattern="*/bot/standin/*", all_frames=True)]
"""All but what the stand-in, which runs in this process, keeps of the graphs it was sent."""


async def measure() -> list[Measure]:
    async with StandIn(StandInSettings(speed=0, preview=False)) as standin:
        settings = Settings.model_validate({"servers": [{"name": "bench", "url": standin.url}]})
        async with compose(settings) as easel:
            standin.faults.stall()
            await _wait(easel, 10)  # what is made once is made before the count
            tracemalloc.start(16)
            await _wait(easel, JOBS)
            gc.collect()
            kept = tracemalloc.take_snapshot().filter_traces(OURS)
            tracemalloc.stop()
            sockets = standin.open_sockets
    per_job = sum(trace.size for trace in kept.traces) / JOBS
    return [
        Measure("memory of one waiting job, ledger to client", per_job / 1000, "kB", target="≤ 20"),
        Measure(f"open WebSockets with {JOBS} jobs waiting on one server", sockets, target="1"),
    ]


async def _wait(easel: Easel, count: int) -> None:
    """That many more jobs, until each waits in the server's queue."""
    ada, place = Person("bench:ada", "Ada"), Place("bench", "bench")
    jobs = [
        await easel.service.submit(Submission(Request("flux", f"a fox, number {number}"), ada, place))
        for number in range(count)
    ]
    for job in jobs:
        async for update in easel.service.follow(job):
            if update.job.state in (State.QUEUED, State.RUNNING):
                break
