"""Tasks that wait for a server: first come, first served, and no work for those that nothing has changed for."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Generic, TypeAlias, TypeVar

from bot.errors import EaselError
from bot.pool.placement import Here, Later, Never, Wish

Waiting: TypeAlias = Callable[[tuple[str, ...]], None]
"""Told the names of the servers that a task waits for because they do not answer; none: it waits for its turn."""

Seat = TypeVar("Seat")


@dataclass(eq=False, slots=True)
class _Waiter(Generic[Seat]):
    turn: int
    seat: asyncio.Future[Seat]
    waiting: Waiting | None


@dataclass(eq=False, slots=True)
class _Line(Generic[Seat]):
    """Those that wait with equal wishes: what is true of the first is true of all."""

    wish: Wish
    waiters: deque[_Waiter[Seat]] = field(default_factory=deque)
    later: Later = field(default_factory=Later)

    @property
    def silent(self) -> tuple[str, ...]:
        """Those that all wait for because they do not answer; none while another that answers may take them."""
        return () if self.later.full or self.later.unsure else self.later.silent


class Waitlist(Generic[Seat]):
    """`choose` says where a wish can go now, `take` takes a seat at the server of that name, `leave` gives one back.

    `refuse` is the error for a wish that nobody can ever fulfil. `await_room` is told of a server that is full when
    somebody begins to wait for it.
    """

    def __init__(
        self,
        *,
        choose: Callable[[Wish], Here | Later | Never],
        take: Callable[[str], Seat],
        leave: Callable[[Seat], None],
        refuse: Callable[[Wish, Never], EaselError],
        await_room: Callable[[str], None],
    ) -> None:
        self._choose = choose
        self._take = take
        self._leave = leave
        self._refuse = refuse
        self._await_room = await_room
        self._lines: dict[Hashable, _Line[Seat]] = {}
        self._turns = count()

    def awaits(self, name: str) -> bool:
        """Whether somebody waits for that server because it is full."""
        return any(name in line.later.full for line in self._lines.values())

    async def join(self, wish: Wish, waiting: Waiting | None = None) -> Seat:
        """Wait for a seat. Whoever gets one must give it back with `leave`. Raises what `refuse` says."""
        waiter = _Waiter[Seat](next(self._turns), asyncio.get_running_loop().create_future(), waiting)
        line = self._lines.setdefault(_key(wish), _Line(wish))
        line.waiters.append(waiter)
        if len(line.waiters) == 1:
            self._serve(line)
        elif line.silent:
            _tell([waiter], line.silent)
        try:
            return await waiter.seat
        except asyncio.CancelledError:
            if waiter.seat.done() and not waiter.seat.cancelled() and waiter.seat.exception() is None:
                self._leave(waiter.seat.result())
            raise
        finally:
            self._clear(line)

    def stir(self) -> None:
        """Something has changed: whoever can be seated is, first come first."""
        open_lines = list(self._lines.values())
        while open_lines:
            line = min(open_lines, key=lambda each: each.waiters[0].turn if each.waiters else 0)
            if not self._serve(line):
                open_lines.remove(line)

    def _serve(self, line: _Line[Seat]) -> bool:
        """Seat the first of a line, or turn it away. False: it has to wait, and those behind it."""
        self._clear(line)
        if not line.waiters:
            return False
        first = line.waiters[0]
        match self._choose(line.wish):
            case Here(name):
                line.waiters.popleft()
                first.seat.set_result(self._take(name))
            case Never() as never:
                line.waiters.popleft()
                first.seat.set_exception(self._refuse(line.wish, never))
            case Later() as later:
                silent, full, line.later = line.silent, line.later.full, later
                if line.silent != silent:
                    _tell(line.waiters, line.silent)
                for name in later.full:
                    if name not in full:
                        self._await_room(name)
                return False
        return True

    def _clear(self, line: _Line[Seat]) -> None:
        """Forget those at the head that nobody waits for any more, and a line without any."""
        while line.waiters and line.waiters[0].seat.done():
            line.waiters.popleft()
        key = _key(line.wish)
        if not line.waiters and self._lines.get(key) is line:
            del self._lines[key]


def _tell(waiters: Iterable[_Waiter[Seat]], silent: tuple[str, ...]) -> None:
    for waiter in waiters:
        if waiter.waiting is not None and not waiter.seat.done():
            waiter.waiting(silent)


def _key(wish: Wish) -> Hashable:
    return (wish.workflow.name, id(wish.workflow), wish.models, wish.tags, wish.avoid)
