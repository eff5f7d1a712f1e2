"""Who is seated when: two servers by name, each with so many seats."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from bot.pool.errors import NobodyCan
from bot.pool.placement import Here, Later, Never, Wish
from bot.pool.waitlist import Waitlist
from bot.workflows.graph import Graph
from bot.workflows.workflow import Workflow

PAINT, EDIT = (Workflow(name, name, "", Graph({}), (), {}, ()) for name in ("paint", "edit"))


class Room:
    """`seats` by server; a wish for `edit` can only go to ``b``."""

    def __init__(self, **seats: int) -> None:
        self.seats = Counter(seats)
        self.later = Later(full=("a", "b"))
        self.never: Never | None = None
        self.asked = 0
        self.awaited: list[str] = []
        self.list = Waitlist[str](
            await_room=self.awaited.append,
            choose=self.choose,
            take=self.take,
            leave=self.leave,
            refuse=lambda w, n: NobodyCan(w.workflow.name, n.reasons),
        )

    def choose(self, wish: Wish) -> Here | Later | Never:
        self.asked += 1
        able = ("b",) if wish.workflow is EDIT else ("a", "b")
        free = next((name for name in able if self.seats[name] > 0), None)
        return self.never or (self.later if free is None else Here(free))

    def take(self, name: str) -> str:
        self.seats[name] -= 1
        return name

    def leave(self, name: str) -> None:
        self.seats[name] += 1
        self.list.stir()

    def join(self, workflow: Workflow = PAINT, **rest: Any) -> asyncio.Task[str]:
        return asyncio.ensure_future(self.list.join(Wish(workflow), **rest))


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def done(*tasks: asyncio.Task[str]) -> list[str | None]:
    return [task.result() if task.done() else None for task in tasks]


async def test_who_comes_first_is_seated_first() -> None:
    room = Room(a=1)
    tasks = [room.join() for _ in range(3)]
    await settled()
    assert done(*tasks) == ["a", None, None]
    room.leave("a")
    await settled()
    assert done(*tasks) == ["a", "a", None]
    room.leave("a")
    assert await tasks[2] == "a"


async def test_of_different_wishes_the_older_gets_what_both_could_have() -> None:
    room = Room()
    tasks = [room.join(EDIT), room.join(PAINT), room.join(EDIT)]
    await settled()
    room.leave("b")
    await settled()
    assert done(*tasks) == ["b", None, None]
    room.leave("b")
    await settled()
    assert done(*tasks) == ["b", "b", None]
    room.leave("a")
    await settled()
    assert done(*tasks) == ["b", "b", None]
    room.leave("b")
    assert await tasks[2] == "b"


async def test_a_wish_that_must_wait_holds_up_no_other() -> None:
    room = Room(a=1)
    editing, painting = room.join(EDIT), room.join(PAINT)
    await settled()
    assert done(editing, painting) == [None, "a"]
    editing.cancel()


async def test_whoever_no_longer_waits_is_passed_over() -> None:
    room = Room()
    first, second, third = room.join(), room.join(), room.join()
    await settled()
    first.cancel()
    second.cancel()
    await settled()
    room.leave("a")
    assert await third == "a"
    assert room.seats["a"] == 0


async def test_a_seat_that_came_too_late_goes_to_the_next() -> None:
    room = Room()
    first, second = room.join(), room.join()
    await settled()
    room.leave("a")
    first.cancel()  # seated, but not awake yet
    await settled()
    assert first.cancelled()
    assert await second == "a"


async def test_a_thousand_with_one_wish_cost_one_question() -> None:
    room = Room()
    tasks = [room.join() for _ in range(1000)]
    await settled()
    room.asked = 0
    room.list.stir()
    assert room.asked == 1
    room.never = Never(())
    room.list.stir()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(end) for end in ends} == {NobodyCan}


async def test_those_that_wait_are_told_who_is_silent_at_each_change() -> None:
    room = Room()
    room.later = Later(silent=("a",))
    first: list[Any] = []
    second: list[Any] = []
    waiting = [room.join(waiting=first.append), room.join(waiting=second.append)]
    await settled()
    assert (first, second) == ([("a",)], [("a",)])
    for room.later in (Later(silent=("a",)), Later(silent=("a", "b")), Later(silent=("a",), full=("b",))):
        room.list.stir()
    assert first == second == [("a",), ("a", "b"), ()]
    for task in waiting:
        task.cancel()


@pytest.mark.parametrize("later", [Later(silent=("a",), full=("b",)), Later(silent=("a",), unsure=("b",)), Later()])
async def test_who_waits_for_one_that_answers_hears_of_no_silence(later: Later) -> None:
    room = Room()
    room.later = later
    told: list[Any] = []
    waiting = room.join(waiting=told.append)
    await settled()
    assert told == []
    assert room.list.awaits("b") == ("b" in later.full)
    room.list.stir()
    assert room.awaited == list(later.full)
    waiting.cancel()
    await settled()
    assert not room.list.awaits("b")
