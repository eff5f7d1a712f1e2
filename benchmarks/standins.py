"""Stand-in servers in a process of their own, so that their work is not measured.

`python -m benchmarks.standins` prints their addresses as JSON. Those that are held do not run what they are sent
until a line comes in.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.standin.server import StandIn
from bot.standin.settings import Settings


@dataclass(frozen=True, slots=True)
class StandIns:
    """Where they listen."""

    urls: tuple[str, ...]
    process: Process

    async def run(self) -> None:
        """Let those that are held begin."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        await self.process.stdin.drain()


@asynccontextmanager
async def stand_ins(
    count: int = 1, *, step: float = 0.0, node: float = 0.0, held: bool = False
) -> AsyncIterator[StandIns]:
    """That many, without previews. A sampler's `step` and every `node` take so many seconds."""
    options = ["--count", str(count), "--step", str(step), "--node", str(node), *(["--held"] if held else [])]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.standins", *options, stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None
    try:
        yield StandIns(tuple(json.loads(await process.stdout.readline())), process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _serve(count: int, settings: Settings, *, held: bool) -> None:
    async with AsyncExitStack() as stack:
        standins = [await stack.enter_async_context(StandIn(settings)) for _ in range(count)]
        for standin in standins:
            if held:
                standin.faults.stall()
        print(json.dumps([standin.url for standin in standins]), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for standin in standins:
            standin.faults.resume()
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--step", type=float, default=0.0)
    parser.add_argument("--node", type=float, default=0.0)
    parser.add_argument("--held", action="store_true")
    given = parser.parse_args()
    settings = Settings(speed=given.step, node_time=given.node, preview=False)
    asyncio.run(_serve(given.count, settings, held=given.held))


if __name__ == "__main__":
    main()
