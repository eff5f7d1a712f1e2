"""Another process at the same ledger, to be killed: ``neighbour.py hold|write|lock URL [HOLDER] [ID...]``.

It says ``ready`` and goes on until it is killed, or, with ``hold`` and ``lock``, until its input ends.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from dataclasses import replace

from bot.jobs.ledger.sql import open_store
from bot.jobs.model import Job, Person, Place, Recipe, State, Times

FIRST = Job("", Person("test:ada", "Ada"), Place("test", "room"), "", Recipe("paint", ()), Times(1.0))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def hold(url: str, holder: str, *ids: str) -> None:
    """Hold these jobs."""
    async with open_store(url, holder=holder) as store:
        for id_ in ids:
            assert await store.ledger.add(replace(FIRST, id=id_))
        say("ready")
        await asyncio.to_thread(sys.stdin.read)


async def write(url: str) -> None:
    """Add and change jobs for ever; say of each that it was accepted."""
    async with open_store(url, holder="writer") as store:
        say("ready")

        async def one(name: str) -> None:
            job = replace(FIRST, id=name, text=name * 100)
            assert await store.ledger.add(job)
            say(name)
            await store.ledger.put(job.moved(State.QUEUED, 2.0, prompt_id=name, attempt=1))

        number = 0
        while True:
            await asyncio.gather(*(one(f"{number + each}") for each in range(10)))
            number += 10


def lock(url: str) -> None:
    """Keep a SQLite file locked for writing."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    say("ready")
    sys.stdin.read()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["hold", url, holder, *ids]:
            asyncio.run(hold(url, holder, *ids))
        case ["write", url]:
            asyncio.run(write(url))
        case ["lock", url]:
            lock(url)
