from __future__ import annotations

import pytest

from bot.comfyui.errors import ServerUnreachable, Unauthorised
from bot.pool.errors import NoServer
from bot.pool.pool import Pool
from bot.pool.renderer import Load, Task
from bot.pool.testing import FakeRenderer
from bot.workflows.graph import Graph
from bot.workflows.workflow import Workflow

PAINT = Workflow("paint", "Paint", "", Graph({}), (), {}, ())


async def busy(name: str, prompts: int) -> FakeRenderer:
    renderer = FakeRenderer(name)
    for number in range(prompts):
        await renderer.submit(Task(str(number), PAINT, {}), {})
    return renderer


async def placed(pool: Pool) -> str:
    async with pool.place() as renderer:
        return renderer.name


async def test_a_task_goes_where_the_least_waits() -> None:
    pool = Pool([await busy("one", 2), await busy("two", 1), await busy("three", 3)])
    assert await placed(pool) == "two"


async def test_of_equals_the_first_in_the_settings_gets_it() -> None:
    pool = Pool([await busy("one", 2), await busy("two", 1), await busy("three", 1)])
    assert await placed(pool) == "two"


async def test_a_server_that_is_away_gets_nothing() -> None:
    away, other = await busy("away", 0), await busy("other", 5)
    away.problem = ServerUnreachable(server="away", reason="refused")
    assert await placed(Pool([away, other])) == "other"


async def test_tasks_that_are_placed_at_once_see_each_other_coming() -> None:
    pool = Pool([await busy("one", 0), await busy("two", 0), await busy("three", 1)])
    async with pool.place() as first, pool.place() as second, pool.place() as third:
        assert [first.name, second.name, third.name] == ["one", "two", "one"]
    assert await placed(pool) == "one"


async def test_where_all_are_away_each_says_why() -> None:
    away, closed = FakeRenderer("away"), FakeRenderer("closed")
    away.problem = ServerUnreachable(server="away", reason="refused")
    closed.problem = Unauthorised(server="closed", status=401)
    with pytest.raises(NoServer) as caught:
        await placed(Pool([away, closed]))
    assert caught.value.servers == ("away", "closed")
    assert [reason.split("(")[0] for reason in caught.value.reasons] == ["ServerUnreachable", "Unauthorised"]


async def test_without_servers_there_is_none() -> None:
    with pytest.raises(NoServer):
        await placed(Pool([]))


async def test_a_single_server_is_not_asked() -> None:
    only = FakeRenderer("only")
    only.problem = AssertionError("asked")
    assert await placed(Pool([only])) == "only"


async def test_the_status_of_each_is_its_load_or_its_problem() -> None:
    working, away = await busy("working", 3), FakeRenderer("away")
    away.problem = problem = ServerUnreachable(server="away", reason="refused")
    one, two = await Pool([working, away]).statuses()
    assert (one.name, one.load, one.problem) == ("working", Load(running=1, pending=2), None)
    assert (two.name, two.load, two.problem) == ("away", None, problem)


async def test_what_one_server_can_run_can_be_run() -> None:
    left, right = FakeRenderer("left"), FakeRenderer("right")
    left.lacking = {"paint"}
    pool = Pool([left, right])
    assert await pool.runnable([PAINT]) == {"paint"}
    right.lacking = {"paint"}
    assert await pool.runnable([PAINT]) == frozenset()


def test_servers_are_known_by_their_names() -> None:
    server = FakeRenderer("left")
    pool = Pool([server])
    assert pool["left"] is server
    assert ("left" in pool, "right" in pool) == (True, False)
