"""How long jobs take and wait, from what such jobs have taken before. Pure; it lives as long as the process."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from statistics import fmean, median
from typing import NamedTuple, TypeAlias

from bot.comfyui.records import Queue
from bot.jobs.model import Recipe, Run, Wait
from bot.pool.pool import TYPICAL
from bot.workflows.options import Role, Value

ENOUGH = 5
"""Measured runs from which on an estimate is one figure and no range."""
NEWEST = 20
"""So many runs of a sort count; older ones ran on what the server was then."""
GUESS = 0.5
"""How wrong a single measurement, or one of another server or size, may be."""
CACHED = 0.1
"""A run of less than this part of the usual was none: the server had all of it or most of it in its cache."""
SORTS = 10_000
"""So many sorts of runs are remembered at most, those that were seen last."""

_BEARING = (Role.MODEL, Role.WIDTH, Role.HEIGHT, Role.STEPS, Role.BATCH)

_Shape: TypeAlias = tuple[Value | None, ...]
"""The workflow, and the values of `_BEARING`."""
_Sort: TypeAlias = tuple[Hashable, ...]


class Estimates:
    """Learns from every measured run, and says what to expect of others. Seconds everywhere."""

    def __init__(self) -> None:
        self._measured: dict[_Sort, tuple[float, ...]] = {}

    def learn(self, run: Run) -> None:
        """Count this run. One that took no time, because a clock jumped, does not count."""
        if not 0 < run.seconds < math.inf:
            return
        work = _work(_shape(run.recipe))
        rate = run.seconds / work.amount
        self._add((run.server, work.kind, work.size), run.seconds)
        self._add((run.server, work.kind), rate)
        self._add((work.kind,), rate)
        self._add((run.server,), run.seconds)

    def run_time(self, server: str, recipe: Recipe) -> Wait | None:
        """How long it runs on that server, without waiting; None: nothing like it was measured.

        From `ENOUGH` runs of the same workflow, model, steps and about the same size there, their median. From fewer,
        a range about them, the wider the fewer they are. From other sizes there, else from other servers, a range
        about what they say when scaled by pixels, steps and pictures.
        """
        work = _work(_shape(recipe))
        if seconds := self._of(server, work.kind, work.size):
            if len(seconds) >= ENOUGH:
                usual = median(seconds)
                return Wait(usual, usual)
            return _about(seconds, GUESS / len(seconds))
        rates = self._of(server, work.kind) or self._of(work.kind)
        return _about([rate * work.amount for rate in rates], GUESS) if rates else None

    def waits(
        self, server: str, queue: Queue, recipes: Mapping[str, Recipe], elapsed: Mapping[str, float]
    ) -> Mapping[str, Wait]:
        """For each prompt in a server's queue, by id: how long from now until its pictures are made.

        A prompt of which no recipe is known takes what runs on this server take on average. Where nothing was measured
        at all nothing is said, of it and of all behind it.

        Args:
            server: Whose queue it is.
            queue: The queue now.
            recipes: What its prompts make, as far as known.
            elapsed: For how long those that run have been running, as far as known.
        """
        waits: dict[str, Wait] = {}
        low = high = 0.0
        for prompt_id, time in self._times(server, queue, recipes, elapsed):
            if time is None:
                break
            low += time.low
            high += time.high
            waits[prompt_id] = Wait(low, high)
        return waits

    def wait_of(self, server: str, queue: Queue, recipes: Mapping[str, Recipe], elapsed: Mapping[str, float]) -> float:
        """How long from now until the last in a server's queue starts, in the middle of what is expected.

        The arguments are those of `waits`. A prompt of which nothing can be said takes `TYPICAL`.
        """
        times = [
            TYPICAL if time is None else (time.low + time.high) / 2
            for _, time in self._times(server, queue, recipes, elapsed)
        ]
        return sum(times[:-1])

    def _times(
        self, server: str, queue: Queue, recipes: Mapping[str, Recipe], elapsed: Mapping[str, float]
    ) -> Iterator[tuple[str, Wait | None]]:
        """How long each prompt of a queue still runs, without waiting."""
        stranger = self._average(server)
        known: dict[_Shape, Wait | None] = {}
        for entry in (*queue.running, *queue.pending):
            recipe = recipes.get(entry.prompt_id)
            time = stranger
            if recipe is not None:
                shape = _shape(recipe)
                if shape not in known:
                    known[shape] = self.run_time(server, recipe) or stranger
                time = known[shape]
            passed = elapsed.get(entry.prompt_id)
            if time is not None and passed:
                time = Wait(max(time.low - passed, 0.0), max(time.high - passed, 0.0))
            yield entry.prompt_id, time

    def _add(self, sort: _Sort, figure: float) -> None:
        newest = self._measured.pop(sort, ())[1 - NEWEST :]
        self._measured[sort] = (*newest, figure)
        if len(self._measured) > SORTS:
            del self._measured[next(iter(self._measured))]

    def _average(self, server: str) -> Wait | None:
        seconds = self._of(server)
        return _about([fmean(seconds)], GUESS) if seconds else None

    def _of(self, *sort: Hashable) -> list[float]:
        """What was measured of that sort, without the runs that were none."""
        figures = sorted(self._measured.get(sort, ()))
        if not figures:
            return figures
        usual = figures[3 * (len(figures) - 1) // 4]  # most may be cached; and one that loaded the model is not usual
        return [figure for figure in figures if figure >= CACHED * usual]


class _Work(NamedTuple):
    """What a recipe makes a server do. Runs of one kind and size take about as long; else it goes by the amount."""

    kind: tuple[Hashable, ...]
    size: tuple[int, int, int]
    amount: float


def _shape(recipe: Recipe) -> _Shape:
    """All of a recipe that bears on its time; cheap, as it is asked of whole queues."""
    return recipe.workflow, *map(dict(recipe.values).get, _BEARING)


def _work(shape: _Shape) -> _Work:
    workflow, model, *figures = shape
    width, height, steps, batch = (max(int(figure or 1), 1) for figure in figures)
    pixels = width * height
    octave_quarter = round(4 * math.log2(pixels))
    return _Work((workflow, model), (octave_quarter, steps, batch), pixels * steps * batch)


def _about(figures: list[float], margin: float) -> Wait:
    return Wait(min(figures) * (1 - margin), max(figures) * (1 + margin))
