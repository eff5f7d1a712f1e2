"""From a message to the POST: what a hundred people at once wait for, with a ledger on disk and with one in memory."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import Measure, percentile
from benchmarks.stage import CountingFront, ask, conversation, durable, forgetful, settings_for
from benchmarks.standins import stand_ins
from bot.chat.conversation import Conversation
from bot.comfyui import client
from bot.comfyui.api import Api
from bot.comfyui.refusals import Submitted
from bot.config import Settings
from bot.jobs.model import Job
from bot.jobs.service import JobService
from tests.postgres import postgres_programs, running

AT_ONCE = 100
ROUNDS = 5

House = Callable[[Settings], AbstractAsyncContextManager[JobService]]


class _Posts:
    """When each prompt was handed to the socket, by prompt id."""

    def __init__(self) -> None:
        self.sent: dict[str, float] = {}
        self._more = asyncio.Event()

    def note(self, prompt_id: str) -> None:
        self.sent[prompt_id] = time.perf_counter()
        self._more.set()

    async def until(self, count: int) -> None:
        while len(self.sent) < count:
            self._more.clear()
            await self._more.wait()


@contextmanager
def _watched() -> Iterator[_Posts]:
    posts = _Posts()

    class Timed(Api):
        async def submit(self, graph: Mapping[str, Any], **rest: Any) -> Submitted:
            posts.note(rest["prompt_id"])
            return await super().submit(graph, **rest)

    client.Api = Timed  # type: ignore[misc] - the one place where a POST leaves
    try:
        yield posts
    finally:
        client.Api = Api  # type: ignore[misc]


async def measure() -> list[Measure]:
    memory = await _accept(forgetful, None)
    measures = _measures("SQLite", await _accept(durable, None), memory)
    if postgres_programs() is not None:
        with running(durable=True) as server:
            measures += _measures("PostgreSQL", await _accept(durable, await server.new()), memory)
    return measures


def _measures(store: str, ours: list[float], memory: list[float]) -> list[Measure]:
    return [
        Measure(
            f"{AT_ONCE} messages at once, one server: text in to POST sent, {name}, {store}",
            of(ours) * 1e3,
            "ms",
            beside=f"ledger in memory {of(memory) * 1e3:,.1f} ms",
        )
        for name, of in (("median", median), ("p99", lambda times: percentile(times, 99)))
    ]


async def _accept(house: House, database: str | None) -> list[float]:
    """Seconds of each message, of some rounds.

    The prompts wait behind one that runs, and are cancelled after each round: what they do then is not measured.
    """
    with tempfile.TemporaryDirectory(prefix="easel-bench-") as folder, _watched() as posts:
        async with (
            stand_ins(held=True) as servers,
            house(settings_for(servers.urls, Path(folder), database)) as service,
            conversation(service, CountingFront()) as talk,
        ):
            await ask(talk, 0, "warm")  # what is made once is made before
            await posts.until(1)
            times: list[float] = []
            for _ in range(ROUNDS):
                times += await _round(service, talk, posts)
            return times


async def _round(service: JobService, talk: Conversation, posts: _Posts) -> list[float]:
    before = len(posts.sent)

    async def message(person: int) -> tuple[float, Job]:
        came = time.perf_counter()
        return came, await ask(talk, person, f"chat {person}")

    accepted = await asyncio.gather(*map(message, range(AT_ONCE)))
    await posts.until(before + AT_ONCE)
    times = []
    for came, job in accepted:
        known = await service.job(job.id, job.owner, job.place)
        assert known.prompt_id is not None
        times.append(posts.sent[known.prompt_id] - came)
    await asyncio.gather(*(_cancelled(service, job) for _, job in accepted))
    return times


async def _cancelled(service: JobService, job: Job) -> None:
    await service.cancel(job.id, job.owner, job.place)
    async for _update in service.follow(job):
        pass
