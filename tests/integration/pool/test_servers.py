"""The pool over servers that are there, go away, come back, and are changed."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import nullcontext

import pytest

from bot.comfyui.progress import Lost, Succeeded
from bot.comfyui.records import Queue
from bot.pool.errors import NobodyCan
from bot.pool.testing import FakeRenderer


def cut_off(server) -> None:
    """No request reaches it any more; it goes on with what it has."""
    for method in ("GET", "POST"):
        server.faults.lose_request(method=method, path="*", times=None)
    server.faults.drop_socket()


async def test_a_task_waits_for_a_server_that_is_down_and_runs_when_it_is_up(site, to_the_end) -> None:
    server = await site.server()
    await server.stop()
    pool = await site.pool(site.member("gpu", server))
    told: asyncio.Queue[tuple[str, ...]] = asyncio.Queue()
    await pool.check(site.wish())

    async def run() -> object:
        async with pool.place(site.wish(), waiting=told.put_nowait) as renderer:
            task = site.task()
            await renderer.submit(task, {})
        return await to_the_end(renderer, task)

    running = asyncio.create_task(run())
    assert await asyncio.wait_for(told.get(), 20) == ("gpu",)
    await server.start()
    assert isinstance(await running, Succeeded)


async def test_a_server_that_is_restarted_is_away_and_then_asked_anew_what_it_has(site) -> None:
    server = await site.server()
    pool = await site.pool(site.member("gpu", server))
    renderer, _ = await site.placed(pool)
    gone = asyncio.create_task(pool.gone(renderer, 10))
    await server.stop()
    await asyncio.wait_for(gone, 20)
    asked = server.calls["GET /object_info"]
    await server.start()
    await site.placed(pool)
    assert server.calls["GET /object_info"] == asked + 1
    assert pool["gpu"] is renderer


async def test_a_prompt_that_was_left_on_a_server_is_cancelled_there_when_it_is_reached_again(site) -> None:
    server = await site.server()
    server.faults.stall()
    pool = await site.pool(site.member("gpu", server))
    renderer, running = await site.placed(pool)
    _, waiting = await site.placed(pool)
    cut_off(server)
    await asyncio.wait_for(pool.gone(renderer, 10), 20)
    pool.abandon(renderer, waiting.prompt_id)
    assert server.pending == [waiting.prompt_id]
    server.faults.clear()
    server.faults.stall()
    async with asyncio.timeout(20):
        await server.until(lambda: server.pending == [])
    assert waiting.prompt_id not in server.finished
    assert running.prompt_id not in server.pending


async def test_settings_that_did_not_change_keep_the_very_connection(site, to_the_end) -> None:
    one, two = await site.server(), await site.server()
    pool = await site.pool(site.member("one", one))
    renderer, task = await site.placed(pool)
    await pool.reconfigure([site.member("two", two), site.member("one", one, weight=5.0)])
    assert pool["one"] is renderer
    assert isinstance(await to_the_end(renderer, task), Succeeded)
    assert (one.calls["GET /ws"], one.open_sockets) == (1, 1)
    assert [status.name for status in await pool.statuses()] == ["two", "one"]


async def test_a_removed_server_is_left_when_its_last_task_has_ended(site, to_the_end) -> None:
    one, two = await site.server(), await site.server()
    one.faults.stall()
    pool = await site.pool(site.member("one", one), site.member("two", two))
    renderer, task = await site.placed(pool)
    with pool.hold(renderer):
        await pool.reconfigure([site.member("two", two)])
        other, _ = await site.placed(pool)
        assert (renderer.name, other.name) == ("one", "two")
        assert one.open_sockets == 1
        one.faults.resume()
        assert isinstance(await to_the_end(renderer, task), Succeeded)
    async with asyncio.timeout(20):
        await one.until(lambda: one.open_sockets == 0)
    assert "one" not in pool


async def test_a_server_without_what_a_workflow_needs_is_passed_over_and_named_if_it_is_the_only_one(site) -> None:
    bare, full = await site.server(models={}), await site.server()
    pool = await site.pool(site.member("bare", bare), site.member("full", full))
    renderer, _ = await site.placed(pool)
    assert renderer.name == "full"
    await pool.reconfigure([site.member("bare", bare)])
    with pytest.raises(NobodyCan) as caught:
        await pool.check(site.wish())
    (reason,) = caught.value.reasons
    assert reason.servers == ("bare",)
    assert "sd_xl_base_1.0.safetensors" in {getattr(finding, "value", None) for finding in reason.findings}


async def test_an_order_puts_a_task_between_two_that_wait(site) -> None:
    server = await site.server()
    server.faults.stall()
    pool = await site.pool(site.member("gpu", server))
    tasks = [(await site.placed(pool))[1] for _ in range(4)]
    seen: list[Queue] = []

    def second(queue: Queue) -> float:
        seen.append(queue)
        return (queue.pending[0].number + queue.pending[1].number) / 2

    renderer, between = await site.placed(pool, order=second)
    first, *rest = [task.prompt_id for task in tasks[1:]]
    assert server.pending == [first, between.prompt_id, *rest]
    assert [entry.prompt_id for entry in seen[0].pending] == [first, *rest]
    assert [entry.prompt_id for entry in renderer.seen.pending] == server.pending


async def test_a_prompt_that_a_restarted_server_forgot_is_no_longer_counted(site, to_the_end) -> None:
    server = await site.server()
    server.faults.stall()
    pool = await site.pool(site.member("gpu", server))
    renderer, task = await site.placed(pool)
    await server.faults.restart()
    assert await to_the_end(renderer, task) == Lost()
    assert renderer.seen == Queue()


async def test_two_hundred_servers_cost_a_task_no_more_than_one(site) -> None:
    real = [await site.server() for _ in range(10)]
    for server in real:
        server.faults.stall()
    fakes = [FakeRenderer(f"fake{n:03}") for n in range(190)]
    members = [site.member(f"real{n}", server) for n, server in enumerate(real)]
    members += [site.lent(fake, lambda fake=fake: nullcontext(fake)) for fake in fakes]
    pool = await site.pool(*members, hurry=0.1)
    await asyncio.wait_for(pool.runnable([site.paint]), 20)
    began = [Counter(server.calls) for server in real]
    asked = sum((fake.asked for fake in fakes), Counter())
    placed = await asyncio.gather(*(site.placed(pool) for _ in range(400)))
    assert set(Counter(renderer.name for renderer, _ in placed).values()) == {2}
    assert all(len(fake.prompts) == 2 for fake in fakes)
    now = sum((fake.asked for fake in fakes), Counter())
    assert now["submit"] - asked["submit"] == 380
    assert now["findings"] == asked["findings"] == 190
    for server, before in zip(real, began, strict=True):
        calls = server.calls - before
        assert calls["POST /prompt"] == 2
        assert calls["GET /object_info"] == 0
        assert sum(calls.values()) <= 8
