"""A thousand people, fifty servers, one Easel: whether every job comes back, and how the loop bears it.

People write to Telegram-like chats, whose budgets hold; servers are stand-ins in another process, with time that
passes at each step as on a GPU. The jobs a second are therefore what the chats' budgets let through, if nothing else
is slower.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from random import Random

from benchmarks.measure import Measure, most_within, percentile
from benchmarks.stage import CountingFront, ask, conversation, durable, settings_for
from benchmarks.standins import stand_ins
from bot.app.translation import budgets_of

PEOPLE = 1000
IN_GROUPS = 800
PER_GROUP = 4
SERVERS = 50
STEP = 0.75
"""Seconds that a server takes for one of a job's four steps."""
ARRIVE = 10.0
"""Seconds in which all of them ask."""
LATENCY = 0.05
"""Seconds that the platform takes for a message."""
PATIENCE = 120.0
"""Seconds after which what has not come is lost."""
TICK = 0.01


async def measure() -> list[Measure]:
    random = Random(1)  # noqa: S311 - the same crowd each time
    with tempfile.TemporaryDirectory(prefix="easel-bench-") as folder:
        async with stand_ins(SERVERS, step=STEP) as servers:
            settings = settings_for(servers.urls, Path(folder))
            front = CountingFront(budgets=budgets_of(settings, "telegram"), latency=LATENCY)
            async with durable(settings) as service, conversation(service, front) as talk:
                lags: list[float] = []
                watch = asyncio.create_task(_watch_loop(lags))
                started, cpu = time.perf_counter(), time.process_time()

                async def person(index: int) -> None:
                    await asyncio.sleep(random.random() * ARRIVE)
                    await ask(talk, index, _chat(index))

                await asyncio.gather(*map(person, range(PEOPLE)))
                try:
                    async with asyncio.timeout(PATIENCE):
                        await front.until_results(PEOPLE)
                except TimeoutError:
                    print(f"load: {PEOPLE - len(front.results)} jobs without a result after {PATIENCE:.0f} s")
                wall, cpu = time.perf_counter() - started, time.process_time() - cpu
                watch.cancel()
    everywhere = sorted(moment for sent in front.sent.values() for moment in sent)
    fullest = max(most_within(60.0, sent) for chat, sent in front.sent.items() if _is_group(chat))
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(front.kinds.items()))
    return [
        Measure(
            f"{PEOPLE} people, {SERVERS} servers, status edits on: jobs lost",
            PEOPLE - len(front.results),
            beside=f"posted twice: {sum(front.results.values()) - len(front.results)}",
            target="0",
        ),
        Measure(
            "the same: event loop lag, p99",
            percentile(lags, 99) * 1e3,
            "ms",
            beside=f"longest {max(lags) * 1e3:.0f} ms",
        ),
        Measure("the same: first message to last result", PEOPLE / wall, "jobs/s", beside=kinds),
        Measure("the same: share of one core", cpu / wall),
        Measure(
            "the same: most messages in any second",
            most_within(1.0, everywhere),
            beside=f"in any group in any minute: {fullest}, of 20 allowed",
            target="≤ 30",
        ),
    ]


def _chat(person: int) -> str:
    """Groups have ids below zero."""
    return f"-{person // PER_GROUP + 1}" if person < IN_GROUPS else str(person)


def _is_group(chat: str) -> bool:
    return chat.startswith("-")


async def _watch_loop(lags: list[float]) -> None:
    """How much later than wanted the loop comes back, every tick."""
    while True:
        wanted = time.perf_counter() + TICK
        await asyncio.sleep(TICK)
        lags.append(max(time.perf_counter() - wanted, 0.0))
