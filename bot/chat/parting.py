"""How to end what is under way: with patience, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any


async def part(tasks: Collection[asyncio.Task[Any]], patience: float) -> int:
    """Let tasks finish for so many seconds, then cancel the rest; how many these were."""
    if not tasks:
        return 0
    _, late = await asyncio.wait(tasks, timeout=patience)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return len(late)
