"""Memory of a waiting job, from the ledger to the client, and the sockets that many of them open."""

from __future__ import annotations

import gc
import tempfile
import tracemalloc
from pathlib import Path

from benchmarks.measure import Measure
from benchmarks.stage import PLATFORM, durable, settings_for
from bot.comfyui.progress import Queued, Running
from bot.grammar.request import Request
from bot.jobs.model import Person, Place
from bot.jobs.service import JobService, Submission
from bot.standin.server import StandIn
from bot.standin.settings import Settings as StandInSettings

JOBS = 1000
OURS = [tracemalloc.Filter(inclusive=False, filename_pattern="*/bot/standin/*", all_frames=True)]
"""All but what the stand-in, which runs in this process, keeps of the graphs it was sent."""


async def measure() -> list[Measure]:
    with tempfile.TemporaryDirectory(prefix="easel-bench-") as folder:
        async with (
            StandIn(StandInSettings(speed=0, preview=False)) as standin,
            durable(settings_for([standin.url], Path(folder))) as service,
        ):
            standin.faults.stall()
            await _wait(service, 10)  # what is made once is made before the count
            tracemalloc.start(16)
            await _wait(service, JOBS)
            gc.collect()
            kept = tracemalloc.take_snapshot().filter_traces(OURS)
            tracemalloc.stop()
            sockets = standin.open_sockets
    per_job = sum(trace.size for trace in kept.traces) / JOBS
    return [
        Measure("memory of one waiting job, ledger to client", per_job / 1000, "kB", target="≤ 20"),
        Measure(f"open WebSockets with {JOBS} jobs waiting on one server", sockets, target="1"),
    ]


async def _wait(service: JobService, count: int) -> None:
    """That many more jobs, until each waits in the server's queue."""
    ada, place = Person(f"{PLATFORM}:ada", "Ada"), Place(PLATFORM, "chat")
    jobs = [
        await service.submit(Submission(Request("flux", f"a fox, number {number}"), ada, place))
        for number in range(count)
    ]
    for job in jobs:
        async for update in service.follow(job):
            if isinstance(update.progress, Queued | Running):
                break
