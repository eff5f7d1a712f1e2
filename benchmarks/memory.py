"""Memory of a waiting job, from the ledger to the client, and the sockets that many of them open."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc

from benchmarks.measure import Measure
from bot.app import compose
from bot.config import Settings
from bot.grammar.request import Request
from bot.jobs.model import Person, Place
from bot.jobs.service import Submission
from bot.standin.server import StandIn
from bot.standin.settings import Settings as StandInSettings

JOBS = 1000


async def measure() -> list[Measure]:
    async with StandIn(StandInSettings(speed=0, preview=False)) as standin:
        settings = Settings.model_validate({"servers": [{"name": "bench", "url": standin.url}]})
        async with compose(settings) as easel:
            service = easel.service
            await service.menu()
            standin.faults.stall()
            ada, place = Person("bench:ada", "Ada"), Place("bench", "bench")

            async def wait_for_places(count: int) -> None:
                for number in range(count):
                    await service.submit(Submission(Request("flux", f"a fox, number {number}"), ada, place))
                while (await service.servers())[0].load is None or sum(
                    line.position is not None for line in await service.queue()
                ) < count - 1:
                    await asyncio.sleep(0.1)

            await wait_for_places(10)  # what is made once, is made before the count
            outside = StandIn  # the stand-in's own copies of the graphs are not ours
            tracemalloc.start()
            gc.collect()
            before = _ours(outside)
            await wait_for_places(JOBS)
            gc.collect()
            per_job = (_ours(outside) - before) / JOBS
            tracemalloc.stop()
            sockets = standin.open_sockets
    return [
        Measure("memory of one waiting job", per_job / 1000, "kB", "stand-in's own copies left out", "≤ 20"),
        Measure(f"open WebSockets with {JOBS} jobs waiting", sockets, "", "one server", "1"),
    ]
