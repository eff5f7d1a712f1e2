"""All servers, and which of them gets the next task."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Self, TypeAlias

from bot.comfyui.records import Queue
from bot.errors import EaselError
from bot.pool.errors import NobodyCan, NoServer, PoolFull
from bot.pool.health import Health
from bot.pool.placement import Here, Later, Never, Terms, Wish, choose
from bot.pool.renderer import Load, Renderer
from bot.pool.station import Means, Member, Station, Timer
from bot.pool.waitlist import Waiting, Waitlist
from bot.workflows.findings import Finding
from bot.workflows.workflow import Workflow

__all__ = ["Member", "Pool", "ServerStatus", "WaitOf", "Waiting"]

TYPICAL = 30.0
"""Seconds that a task is taken to last where nothing was measured."""
LEARNING = 8
"""So many servers at once are asked what they have: each answers in megabytes."""

WaitOf: TypeAlias = Callable[[str, Queue], float]
"""Seconds until the last task in that queue of the server of that name starts: the one that looks for a place.

It has no id, and neither have those that wait before it and are on their way.
"""


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """One server as people see it.

    `load` is None before it first answered and while it does not, which it has not for `away_for` seconds. `problem`
    is why not, or why no events of it arrive. `drained`: it gets no new tasks. `runs` are the names of the workflows
    that it can run, of those that anybody has asked about.
    """

    name: str
    load: Load | None
    problem: EaselError | None = None
    health: Health = Health.WELL
    away_for: float | None = None
    drained: bool = False
    terms: Terms = field(default_factory=Terms)
    runs: frozenset[str] = frozenset()


class Pool:
    """The servers by name, in the order of the settings. An async context manager: it opens, tends and closes them.

    Each is looked at from time to time, so that finding a task its place asks nobody: what a place costs does not
    depend on how many servers there are.
    """

    def __init__(
        self,
        members: Sequence[Member],
        *,
        clock: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], None]], Timer] | None = None,
        random: Random | None = None,
        wait_of: WaitOf | None = None,
    ) -> None:
        """The servers are opened when the pool is entered.

        Args:
            members: Equal names are not allowed.
            clock: Tells seconds, and never jumps.
            later: Calls after so many seconds.
            random: For jitter.
            wait_of: How long a server's queue takes; None: `TYPICAL` for each task.
        """
        self._members = members
        self._clock = clock
        self._stations: dict[str, Station] = {}
        self._retired: list[Station] = []
        self._drained: set[str] = set()
        self._wanted: dict[str, Workflow] = {}
        self._news = asyncio.Event()
        self._changing = asyncio.Lock()
        self._tending: asyncio.TaskGroup
        self._waitlist = Waitlist[Station](
            choose=self._choose,
            take=self._take,
            leave=self._leave,
            refuse=_refusal,
            await_room=lambda name: self._stations[name].poke(),
        )
        self._means = Means(
            clock=clock,
            later=later or _later,
            random=random or Random(),  # noqa: S311 - for jitter
            heed=self._heed,
            awaited=self._waitlist.awaits,
            wanted=self._wanted,
            learning=asyncio.Semaphore(LEARNING),
            wait_of=wait_of or _typical,
        )

    @classmethod
    def of(cls, renderers: Iterable[Renderer]) -> Self:
        """A pool of renderers that somebody else opens and closes."""
        return cls([_lent(renderer) for renderer in renderers])

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self._tending = await stack.enter_async_context(asyncio.TaskGroup())
            stack.callback(self._close)
            await self.reconfigure(self._members)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def __getitem__(self, name: str) -> Renderer:
        """The renderer of that name, also of one that has left the settings and is still held."""
        for station in (*self._stations.values(), *self._retired):
            if station.name == name and not station.closed:
                return station.renderer
        raise KeyError(name)

    def __contains__(self, name: str) -> bool:
        """Whether there is one."""
        return any(each.name == name and not each.closed for each in (*self._stations.values(), *self._retired))

    @asynccontextmanager
    async def place(self, wish: Wish, *, waiting: Waiting | None = None) -> AsyncIterator[Renderer]:
        """The server for a new task, which is to be submitted within the block.

        Waits, behind those that came before with the same wish, while every server that could run it is away, drained
        or full. `waiting` is told, at each change, which ones are silent if it waits for nothing else. Until the block
        ends others see the task coming, and the server stays open (`hold`).

        Raises:
            NoServer: There are none at all.
            NobodyCan: None can run it, as far as they have told, and none has yet to tell.
        """
        station = await self._waitlist.join(wish, waiting)
        try:
            with station.used():
                yield station.renderer
        finally:
            self._leave(station)

    @contextmanager
    def hold(self, renderer: Renderer) -> Iterator[None]:
        """Keep a server open for as long as the block lasts, even if it leaves the settings: a task of ours is there.

        To be entered within the block of `place`, or with ``pool[name]`` for a task of an earlier process.
        """
        with self._station(renderer).used():
            yield

    async def check(self, wish: Wish) -> None:
        """Whether a task may be accepted. That servers are away is no reason to refuse it.

        Raises:
            NoServer: There are none at all.
            NobodyCan: None can run it, as far as they have told, and none has yet to tell.
            PoolFull: Every one that answers and could run it has as many waiting as it may.
        """
        while True:
            match self._choose(wish, reckoned=False):
                case Never() as never:
                    raise _refusal(wish, never)
                case Later(unsure=unsure) if any(self._stations[name].telling for name in unsure):
                    await self._news.wait()
                case Later(full=(_, *_) as full, unsure=()):
                    raise PoolFull(sum(self._stations[name].terms.max_pending for name in full))
                case _:
                    return

    async def gone(self, renderer: Renderer, grace: float) -> None:
        """Return when the server has not answered for `grace` seconds, whether or not it is in the settings."""
        if station := self._find(renderer):
            await station.gone(grace)

    def away(self, renderer: Renderer) -> bool:
        """Whether it did not answer when it was looked at last, or is closed."""
        station = self._find(renderer)
        return station is None or station.circuit.away

    def others(self, wish: Wish) -> bool:
        """Whether a server that the wish does not avoid could take it now."""
        stations = [station for station in self._stations.values() if station.name not in wish.avoid]
        return isinstance(self._choose(wish, stations, reckoned=False), Here)

    def abandon(self, renderer: Renderer, prompt_id: str) -> None:
        """Nobody wants that prompt any more: it is cancelled as soon as the server answers.

        A server that has left the settings is not kept open for it.
        """
        if station := self._find(renderer):
            station.abandon(prompt_id)

    def drain(self, name: str) -> None:
        """Give the server no new tasks; what it has goes on. Raises KeyError for an unknown name."""
        self._drained.add(self._stations[name].name)

    def resume(self, name: str) -> None:
        """Take back `drain`. Raises KeyError for an unknown name."""
        self._drained.discard(self._stations[name].name)
        self._heed()

    async def reconfigure(self, members: Sequence[Member]) -> None:
        """Make these the servers. Equal ones stay as they are, on the terms that are new.

        One that is gone, or replaced by another of that name, gets no new tasks and is closed when nobody holds it.

        Raises:
            Exception: What a member's `open` raises. Nothing has changed.
        """
        async with self._changing:
            opened = {
                (station.name, station.key): station
                for station in (*self._stations.values(), *self._retired)
                if not station.closed
            }
            new = [Station(each, self._means) for each in members if (each.name, each.key) not in opened]
            await self._open(new)
            opened |= {(station.name, station.key): station for station in new}
            self._stations = {each.name: opened[each.name, each.key] for each in members}
            for member in members:
                self._stations[member.name].revive(member.terms)
            current = set(self._stations.values())
            self._retired = [station for station in opened.values() if station not in current and not station.closed]
            for station in self._retired:
                station.retire()
        self._heed()

    async def runnable(self, workflows: Collection[Workflow]) -> frozenset[str]:
        """The names of those that some server that answers has all nodes and models for."""
        found = (await self.findings(workflows)).values()
        return frozenset(name for each in found for name, lacking in each.items() if not lacking)

    async def findings(self, workflows: Collection[Workflow]) -> Mapping[str, Mapping[str, tuple[Finding, ...]]]:
        """By server that answers, and by workflow, what it has not, or would not take; nothing: it can run it.

        Not older than some minutes, and asked anew whenever a server comes back.
        """
        await self._told(workflows)
        found = {
            name: {workflow.name: station.lacks(workflow) for workflow in workflows}
            for name, station in self._stations.items()
            if not station.circuit.away
        }
        return {
            name: {workflow: lacks for workflow, lacks in told.items() if lacks is not None}
            for name, told in found.items()
        }

    async def models(self) -> Mapping[str, tuple[str, ...]]:
        """By folder, the model files of all servers that answer, in alphabetical order."""
        stations = [station for station in self._stations.values() if not station.circuit.away]
        listings = await asyncio.gather(*(station.models() for station in stations), return_exceptions=True)
        found: dict[str, set[str]] = {}
        for listing in listings:
            if isinstance(listing, EaselError):  # it has just gone away
                continue
            if isinstance(listing, BaseException):
                raise listing
            for folder, names in listing.items():
                found.setdefault(folder, set()).update(names)
        return {folder: tuple(sorted(names)) for folder, names in found.items()}

    async def statuses(self, workflows: Collection[Workflow] = ()) -> tuple[ServerStatus, ...]:
        """Every server as it was at the last look, and whether it runs these `workflows`, too."""
        await self._told(workflows)
        return tuple(map(self._status, self._stations.values()))

    async def _told(self, workflows: Collection[Workflow]) -> None:
        """Return when every server that answers has told of these, or takes long to."""
        self._want(workflows)
        while any(station.telling for station in self._stations.values()):
            await self._news.wait()
            self._want(workflows)

    def _status(self, station: Station) -> ServerStatus:
        circuit, seen = station.circuit, station.renderer.seen
        since = circuit.since if circuit.away else None
        return ServerStatus(
            station.name,
            load=None
            if circuit.away or not station.looked
            else Load(running=len(seen.running), pending=len(seen.pending)),
            problem=circuit.problem or station.renderer.trouble,
            health=circuit.health,
            away_for=None if since is None else self._clock() - since,
            drained=station.name in self._drained,
            terms=station.terms,
            runs=station.runs,
        )

    def _choose(
        self, wish: Wish, stations: Collection[Station] | None = None, *, reckoned: bool = True
    ) -> Here | Later | Never:
        asked = self._stations.values() if stations is None else stations
        reckoned = reckoned and len(asked) > 1  # long queues cost, and there is nothing to choose
        choice = choose(
            wish,
            (
                station.standing(wish.workflow, drained=station.name in self._drained, reckoned=reckoned)
                for station in asked
            ),
        )
        if isinstance(choice, Later) and choice.unsure:
            self._want([wish.workflow])
        return choice

    def _take(self, name: str) -> Station:
        station = self._stations[name]
        station.coming += 1
        return station

    def _leave(self, station: Station) -> None:
        station.coming -= 1
        self._heed()

    def _want(self, workflows: Iterable[Workflow]) -> None:
        """Somebody asks about these: let those servers that have not told yet be asked."""
        for workflow in workflows:
            self._wanted[workflow.name] = workflow
            for station in self._stations.values():
                if station.lacks(workflow) is None:
                    station.ask()

    def _heed(self) -> None:
        """Something has changed that may make a place."""
        self._waitlist.stir()
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _open(self, stations: Sequence[Station]) -> None:
        """Open all of them, or none."""
        try:
            for station in stations:
                await station.open(self._tending)
        except BaseException:
            for station in stations:
                station.close()
            raise

    def _close(self) -> None:
        for station in (*self._stations.values(), *self._retired):
            station.close()

    def _find(self, renderer: Renderer) -> Station | None:
        stations = (*self._stations.values(), *self._retired)
        return next((each for each in stations if each.renderer is renderer and not each.closed), None)

    def _station(self, renderer: Renderer) -> Station:
        station = self._find(renderer)
        if station is None:
            raise KeyError(renderer.name)
        return station


def _lent(renderer: Renderer) -> Member:
    return Member(renderer.name, Terms(), lambda: nullcontext(renderer))


def _refusal(wish: Wish, never: Never) -> EaselError:
    return NobodyCan(wish.workflow.name, never.reasons) if never.reasons else NoServer()


def _typical(name: str, queue: Queue) -> float:  # noqa: ARG001 - a `WaitOf`
    return TYPICAL * (len(queue.running) + len(queue.pending) - 1)


def _later(seconds: float, call: Callable[[], None]) -> Timer:
    return asyncio.get_running_loop().call_later(seconds, call)
