"""Jobs a second through a zero-time stand-in in a process of its own, beside a bare loop that makes the same calls."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from benchmarks.bare import Bare
from benchmarks.graphs import tiny
from benchmarks.measure import Measure
from bot.comfyui.client import Client
from bot.comfyui.progress import Succeeded
from bot.comfyui.server import Server

JOBS = 1000
AT_ONCE = 50
ROUNDS = 3
_colors = itertools.count(1)

Picture = Callable[[], Awaitable[float]]
"""Makes one picture; seconds from the server's last word to the picture's last byte."""


@asynccontextmanager
async def stand_in() -> AsyncIterator[str]:
    """The address of a stand-in that works on another core."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.standin", "--speed", "0", "--no-preview", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        await process.wait()


async def run(picture: Picture) -> tuple[float, list[float]]:
    """Jobs a second, and every job's last stretch in seconds."""
    left = iter(range(JOBS))
    stretches: list[float] = []

    async def worker() -> None:
        for _ in left:
            stretches.append(await picture())  # noqa: PERF401 - each waits for its picture

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(worker())
    return JOBS / (time.perf_counter() - started), stretches


async def measure() -> list[Measure]:
    ours, bare, our_stretch, bare_stretch = [], [], [], []
    for _ in range(ROUNDS):
        async with stand_in() as url, Bare(url) as loop:

            async def by_hand(loop: Bare = loop) -> float:
                return (await loop.picture(tiny(next(_colors))))[1]

            rate, stretches = await run(by_hand)
            bare.append(rate)
            bare_stretch += stretches
        async with stand_in() as url, Client(Server("bench", url)) as client:

            async def by_client(client: Client = client) -> float:
                return await _picture(client)

            rate, stretches = await run(by_client)
            ours.append(rate)
            our_stretch += stretches
    ratio = statistics.median(ours) / statistics.median(bare)
    return [
        Measure(
            f"{JOBS} jobs, {AT_ONCE} at once: ratio to a bare loop", ratio, "",
            f"{statistics.median(ours):.0f} to {statistics.median(bare):.0f} jobs/s", "≥ 0.7",
        ),
        Measure(
            "executing null to the last byte, median", statistics.median(our_stretch) * 1000, "ms",
            f"bare loop {statistics.median(bare_stretch) * 1000:.3g} ms", "",
        ),
    ]


async def _picture(client: Client) -> float:
    prompt_id = str(uuid.uuid4())
    await client.submit(tiny(next(_colors)), prompt_id)
    over = 0.0
    async for update in client.watch(prompt_id):
        if isinstance(update.state, Succeeded):
            await client.fetch(update.state.outputs[0])
    return time.perf_counter() - over
