"""Ten thousand jobs that wait: how soon a new start has them back, what they weigh, how soon it is known where each is.

They are as an earlier process has left them: in a SQLite file, and in the queues of servers in another process.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.measure import Measure
from benchmarks.stage import PLATFORM, CountingFront, conversation, durable, settings_for
from benchmarks.standins import stand_ins
from bot.app.composition import RUN
from bot.app.translation import database_of, library_of, server_of
from bot.comfyui.client import Client
from bot.comfyui.progress import Queued, Running
from bot.comfyui.records import Entry, Queue
from bot.config import Settings
from bot.jobs.estimates import Estimates
from bot.jobs.fairness import Share, number
from bot.jobs.ledger.sql import open_store
from bot.jobs.model import Job, Person, Place, Recipe, Run, State, Times
from bot.jobs.service import JobService
from bot.workflows.binding import bind, complete

JOBS = 10_000
PEOPLE = 1000
SERVERS = 10
AT_ONCE = 100
ROUNDS = 5


async def measure() -> list[Measure]:
    with tempfile.TemporaryDirectory(prefix="easel-bench-") as folder:
        async with stand_ins(SERVERS, held=True) as servers:
            settings = settings_for(servers.urls, Path(folder))
            async with durable(settings) as service, conversation(service, CountingFront()):
                await service.menu()  # what is made once is made before
            jobs = await _left_behind(settings)
            before = _resident()
            started = time.perf_counter()
            async with durable(settings) as service:
                ready = time.perf_counter() - started
                async with conversation(service, CountingFront()):
                    await asyncio.gather(*(_placed(service, job) for job in jobs))
                    back = time.perf_counter() - started
                    weight = _resident() - before
                    listed = await _listed(service)
    return [
        Measure(f"start over {JOBS} unfinished jobs: ready for new ones", ready, "s"),
        Measure(f"start over {JOBS} unfinished jobs: all found on {SERVERS} servers and followed", back, "s"),
        Measure(f"{JOBS} jobs waiting: resident memory of each", weight / JOBS, "kB"),
        Measure(f"{JOBS} jobs waiting: everybody's position, as /queue asks for it", listed * 1e3, "ms"),
        *_pure(),
    ]


async def _left_behind(settings: Settings) -> list[Job]:
    """Jobs in the ledger, and their prompts in the servers' queues."""
    workflow = library_of(settings).get("flux")
    place = Place(PLATFORM, "chat")
    jobs = []
    for index in range(JOBS):
        values = complete(workflow, {"prompt": f"a fox, number {index}", "seed": index}, Random(0))  # noqa: S311
        job = Job(
            id=f"j{index:05}",
            owner=Person(f"{PLATFORM}:{index % PEOPLE}", "Ada"),
            place=place,
            text="/imagine a fox",
            recipe=Recipe(workflow.name, tuple(values.items())),
            times=Times(accepted=time.time(), queued=time.time()),
            state=State.QUEUED,
            server=settings.servers[index % SERVERS].name,
            prompt_id=str(uuid.uuid4()),
            attempt=1,
            status_message=f"message {index}",
        )
        jobs.append(job)
    async with AsyncExitStack() as stack:
        clients = {
            entry.name: await stack.enter_async_context(Client(server_of(entry, settings)))
            for entry in settings.servers
        }
        store = await stack.enter_async_context(open_store(database_of(settings), holder=RUN))
        turns = asyncio.Semaphore(AT_ONCE)

        async def leave(job: Job) -> None:
            async with turns:
                assert job.server is not None
                assert job.prompt_id is not None
                await store.ledger.add(job)
                graph = bind(workflow, dict(job.recipe.values), {})
                await clients[job.server].submit(graph.api(), job.prompt_id)

        await asyncio.gather(*map(leave, jobs))
    return jobs


async def _placed(service: JobService, job: Job) -> None:
    async with aclosing(service.follow(job)) as updates:
        async for update in updates:
            if isinstance(update.progress, Running) or (
                isinstance(update.progress, Queued) and update.progress.position is not None
            ):
                return


async def _listed(service: JobService) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        lines = await service.queue()
        times.append(time.perf_counter() - started)
        assert sum(line.position is not None or line.progress is not None for line in lines) == JOBS
    return median(times)


def _pure() -> list[Measure]:
    """On one queue that holds them all."""
    queue = Queue((Entry(0, "0"),), tuple(Entry(index, str(index)) for index in range(1, JOBS)))
    shares = {str(index): Share(str(index % PEOPLE)) for index in range(JOBS)}
    recipes = {
        str(index): Recipe("flux", (("prompt", "a fox"), ("width", 1024), ("height", 1024), ("steps", 20 + index % 5)))
        for index in range(JOBS)
    }
    estimates = Estimates()
    for recipe in recipes.values():
        estimates.learn(Run("gpu", recipe, 10.0))
    places = _time(queue.places)
    place = _time(lambda: number(queue, Share("new"), shares.__getitem__))
    waits = _time(lambda: estimates.waits("gpu", queue, recipes, {"0": 3.0}))
    return [
        Measure(f"one queue of {JOBS}: everybody's position", places * 1e3, "ms"),
        Measure(f"one queue of {JOBS}: everybody's wait", waits * 1e3, "ms"),
        Measure(f"one queue of {JOBS}: the fair place of a new job", place * 1e3, "ms"),
    ]


def _time(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return median(times)


def _resident() -> float:
    """KB of this process in memory; where the system does not say, the most there ever were."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
        return float(line.split()[1])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 if sys.platform == "darwin" else most
