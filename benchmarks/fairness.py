"""What everybody's turn is worth: one person queues a hundred jobs, then twenty queue one each.

Jain's index (Σx)²/(n·Σx²) is 1 where n people have the same x, and 1/n where one has it all. Of raw waiting times it
says little by itself, as it calls it fair that everybody waits equally long: so it is told of what each person *got*
while all of them were waiting for something, and the waits stand beside it.
"""

from __future__ import annotations

import asyncio
import heapq
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import fmean

from benchmarks.graphs import TINY, next_color
from benchmarks.measure import Measure
from benchmarks.standins import stand_ins
from bot.comfyui.client import Client
from bot.comfyui.progress import Running
from bot.comfyui.records import Entry, Queue
from bot.comfyui.server import Server
from bot.jobs.fairness import WEB, Share, number
from bot.pool.renderer import ComfyRenderer, Task

HEAVY = Share("heavy")
LIGHT = tuple(Share(f"light {index}") for index in range(20))
ASKED = (HEAVY,) * 100 + LIGHT
NODE = 0.02
"""Seconds that each of a job's nodes takes on the stand-in."""

Turn = Callable[[Queue, Share, Callable[[str], Share]], float | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whose jobs ran, in that order, and how long each of them waited, in runs."""

    ran: tuple[str, ...]
    waits: tuple[float, ...]

    @property
    def index_of_shares(self) -> float:
        """Jain's index of how many jobs each person had run when as many had run as there are people."""
        people = {HEAVY.owner, *(share.owner for share in LIGHT)}
        got = Counter(self.ran[: len(people)])
        return jain(got[person] for person in people)

    @property
    def index_of_waits(self) -> float:
        """Jain's index of each person's mean wait."""
        of: dict[str, list[float]] = {}
        for owner, wait in zip(self.ran, self.waits, strict=True):
            of.setdefault(owner, []).append(wait)
        return jain(map(fmean, of.values()))

    def mean_wait(self, *, heavy: bool) -> float:
        return fmean(w for owner, w in zip(self.ran, self.waits, strict=True) if (owner == HEAVY.owner) is heavy)


def jain(figures: Iterable[float]) -> float:
    every = list(figures)
    return sum(every) ** 2 / (len(every) * sum(each * each for each in every))


def in_turn(queue: Queue, own: Share, share: Callable[[str], Share]) -> float | None:
    return number(queue, own, share)


def first_come(queue: Queue, own: Share, share: Callable[[str], Share]) -> float | None:  # noqa: ARG001 - a Turn
    return None


def simulated(turn: Turn) -> Outcome:
    """On a server that has just begun the first job when the others come, and takes one unit of time for each."""
    shares: dict[str, Share] = {}
    heap: list[tuple[float, str]] = []
    running = Entry(-1.0, "0")
    for index, own in enumerate(ASKED):
        if index:
            queue = Queue((running,), tuple(Entry(*row) for row in sorted(heap)))
            place = turn(queue, own, shares.__getitem__)
            heapq.heappush(heap, (float(index) if place is None else place, str(index)))
        shares[str(index)] = own
    ran = ["0", *(heapq.heappop(heap)[1] for _ in range(len(heap)))]
    return Outcome(tuple(shares[each].owner for each in ran), tuple(map(float, range(len(ran)))))


async def on_a_stand_in(turn: Turn) -> Outcome:
    """The same through the renderer: submitted one after the other, waits from the POST to the first event."""
    asked: dict[str, float] = {}
    shares: dict[str, Share] = {}
    began: dict[str, float] = {}
    async with stand_ins(node=NODE, held=True) as servers, Client(Server("bench", servers.urls[0])) as client:
        renderer = ComfyRenderer(client)

        async def watch(task: Task) -> None:
            async for update in renderer.watch(task):
                if isinstance(update.state, Running):
                    began.setdefault(task.prompt_id, time.perf_counter())

        async with asyncio.TaskGroup() as group:
            for own in ASKED:
                task = Task(str(uuid.uuid4()), TINY, {"seed": next_color()})
                await renderer.submit(task, {}, partial(_order, turn, own, shares))
                shares[task.prompt_id], asked[task.prompt_id] = own, time.perf_counter()
                group.create_task(watch(task))
            await servers.run()
    return _outcome(shares, asked, began)


def _order(turn: Turn, own: Share, shares: Mapping[str, Share], queue: Queue) -> float | None:
    return turn(queue, own, lambda prompt: shares.get(prompt, WEB))


def _outcome(shares: Mapping[str, Share], asked: Mapping[str, float], began: Mapping[str, float]) -> Outcome:
    ran = sorted(began, key=began.__getitem__)
    one = (began[ran[-1]] - began[ran[0]]) / (len(ran) - 1)
    waits = tuple((began[each] - asked[each]) / one for each in ran)
    return Outcome(tuple(shares[each].owner for each in ran), waits)


async def measure() -> list[Measure]:
    return [
        *_measures("simulated", simulated(in_turn), simulated(first_come)),
        *_measures("through a stand-in", await on_a_stand_in(in_turn), await on_a_stand_in(first_come)),
    ]


def _measures(where: str, ours: Outcome, theirs: Outcome) -> list[Measure]:
    light, heavy = ((ours.mean_wait(heavy=which), theirs.mean_wait(heavy=which)) for which in (False, True))
    return [
        Measure(
            f"100 jobs of one, 1 each of twenty, {where}: Jain's index of jobs run for each of the 21 when 21 have run",
            ours.index_of_shares,
            beside=f"first come first served {theirs.index_of_shares:.3f}",
            target="1",
        ),
        Measure(
            f"the same, {where}: Jain's index of people's mean waits (1: all wait equally long)",
            ours.index_of_waits,
            beside=f"first come first served {theirs.index_of_waits:.3f}",
        ),
        Measure(
            f"the same, {where}: mean wait of the twenty",
            light[0],
            "runs",
            beside=f"first come first served {light[1]:.1f}; the one's {heavy[0]:.1f} instead of {heavy[1]:.1f}",
        ),
    ]
