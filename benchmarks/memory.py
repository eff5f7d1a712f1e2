"""Memory of a waiting job, from a ledger in memory to the client, and the sockets that many of them open."""

from __future__ import annotations

import gc
import tempfile
import tracemalloc
from pathlib import Path

from benchmarks.measure import Measure
from benchmarks.stage import PLATFORM, forgetful, settings_for
from benchmarks.standins import stand_ins
from bot.comfyui.progress import Queued, Running
from bot.grammar.request import Request
from bot.jobs.model import Person, Place
from bot.jobs.service import JobService, Submission
from bot.standin.server import StandIn
from bot.standin.settings import Settings as StandInSettings

JOBS = 1000


async def measure() -> list[Measure]:
    return [
        Measure("memory of one waiting job, ledger to client", await _weight() / 1000, "kB", target="≤ 20"),
        Measure(f"open WebSockets with {JOBS} jobs waiting on one server", await _sockets(), target="1"),
    ]


async def _weight() -> float:
    """Bytes that Python has allocated for each. The server, which keeps the graphs, is another process."""
    with tempfile.TemporaryDirectory(prefix="easel-bench-") as folder:
        async with stand_ins(held=True) as servers, forgetful(settings_for(servers.urls, Path(folder))) as service:
            await _wait(service, 10)  # what is made once is made before the count
            tracemalloc.start()
            await _wait(service, JOBS)
            gc.collect()
            kept, _most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
    return kept / JOBS


async def _sockets() -> int:
    with tempfile.TemporaryDirectory(prefix="easel-bench-") as folder:
        async with (
            StandIn(StandInSettings(speed=0, preview=False)) as standin,
            forgetful(settings_for([standin.url], Path(folder))) as service,
        ):
            standin.faults.stall()
            await _wait(service, JOBS)
            return standin.open_sockets


async def _wait(service: JobService, count: int) -> None:
    """That many more jobs, until each waits in the server's queue."""
    place = Place(PLATFORM, "chat")
    jobs = [
        await service.submit(
            Submission(Request("flux", f"a fox, number {number}"), Person(f"{PLATFORM}:{number}", "Ada"), place)
        )
        for number in range(count)
    ]
    for job in jobs:
        async for update in service.follow(job):
            if isinstance(update.progress, Queued | Running):
                break
