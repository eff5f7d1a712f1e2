"""Jobs a second through a zero-time stand-in in a process of its own, beside a bare loop that makes the same calls."""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from statistics import median

from benchmarks.bare import Bare
from benchmarks.graphs import tiny
from benchmarks.measure import Measure
from bot.comfyui import keeper
from bot.comfyui.client import Client
from bot.comfyui.events import Event, Executing, decode
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


async def run(picture: Picture) -> tuple[float, float, list[float]]:
    """Jobs a second, CPU seconds a job, and every job's last stretch in seconds."""
    left = iter(range(JOBS))
    stretches: list[float] = []

    async def worker() -> None:
        for _ in left:
            stretches.append(await picture())  # noqa: PERF401 - each waits for its picture

    started, cpu = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(worker())
    return JOBS / (time.perf_counter() - started), (time.process_time() - cpu) / JOBS, stretches


@contextmanager
def last_words() -> Iterator[dict[str | None, float]]:
    """When the client decoded each prompt's `executing null`, by prompt id."""
    said: dict[str | None, float] = {}

    def listening(frame: str | bytes) -> Event:
        event = decode(frame)
        if isinstance(event, Executing) and event.node is None:
            said[event.prompt_id] = time.perf_counter()
        return event

    keeper.decode = listening
    try:
        yield said
    finally:
        keeper.decode = decode


async def measure() -> list[Measure]:
    ours, bare, our_cpu, bare_cpu, our_stretch, bare_stretch = [], [], [], [], [], []
    for _ in range(ROUNDS):
        async with stand_in() as url, Bare(url) as loop:

            async def by_hand(loop: Bare = loop) -> float:
                return (await loop.picture(tiny(next(_colors))))[1]

            rate, cpu, stretches = await run(by_hand)
            bare.append(rate)
            bare_cpu.append(cpu)
            bare_stretch += stretches
        with last_words() as said:
            async with stand_in() as url, Client(Server("bench", url)) as client:

                async def by_client(client: Client = client, said: dict[str | None, float] = said) -> float:
                    return await _picture(client, said)

                rate, cpu, stretches = await run(by_client)
                ours.append(rate)
                our_cpu.append(cpu)
                our_stretch += stretches
    rates, cpus = (median(ours), median(bare)), (median(our_cpu), median(bare_cpu))
    return [
        Measure(
            f"{JOBS} jobs, {AT_ONCE} at once: jobs/s, ratio to a bare loop",
            rates[0] / rates[1],
            beside=f"{rates[0]:.0f} to {rates[1]:.0f} jobs/s",
            target="≥ 0.7",
        ),
        Measure(
            "the same jobs: CPU of this process, ratio to a bare loop",
            cpus[0] / cpus[1],
            beside=f"{cpus[0] * 1e3:.2g} to {cpus[1] * 1e3:.2g} ms a job",
        ),
        Measure(
            "executing null to the picture's last byte, median",
            median(our_stretch) * 1e3,
            "ms",
            beside=f"bare loop {median(bare_stretch) * 1e3:.3g} ms",
        ),
    ]


async def _picture(client: Client, said: dict[str | None, float]) -> float:
    prompt_id = str(uuid.uuid4())
    await client.submit(tiny(next(_colors)), prompt_id)
    async for update in client.watch(prompt_id):
        if isinstance(update.state, Succeeded):
            await client.fetch(update.state.outputs[0])
    return time.perf_counter() - said[prompt_id]
