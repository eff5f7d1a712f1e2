"""What it costs a server to have its queue known: on the stand-in, which is held against real servers."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.comfyui.plan import Plan
from bot.comfyui.progress import Lost, Queued, Running, Succeeded
from bot.comfyui.server import Timeouts
from bot.standin import Settings, StandIn

PATIENT = Timeouts(silence=30, poll=1)
LISTS = ("GET /queue", "GET /jobs")


_colours = itertools.count()


def graph() -> dict[str, Any]:
    """One that no cache knows, so that it can be stalled."""
    empty = {"width": 8, "height": 8, "batch_size": 1, "color": next(_colours)}
    return {
        "1": {"class_type": "EmptyImage", "inputs": empty},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }


def ids(count: int) -> list[str]:
    return [str(uuid.uuid4()) for _ in range(count)]


def lists(server: StandIn) -> int:
    """How often it was asked for the list of its prompts."""
    return sum(server.calls[route] for route in LISTS)


@pytest.fixture(params=["0.3.75", "0.28.0"])
async def server(request) -> AsyncIterator[StandIn]:
    async with StandIn(Settings(version=request.param, history=20_000)) as running:
        yield running


@pytest.fixture
async def client(connect, server):
    follower = await connect(server, timeouts=PATIENT)
    assert await follower.connect()
    return follower


async def put(server: StandIn, client, prompt_ids, client_id: str = "somebody else") -> None:
    """Prompts of another client."""
    for prompt_id in prompt_ids:
        body = {"prompt": graph(), "prompt_id": prompt_id, "client_id": client_id}
        async with client._http.session.post(f"{server.url}/prompt", json=body) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("at_once", [True, False])
async def test_two_hundred_submits_read_the_list_a_few_times_at_most(server, client, at_once):
    server.faults.stall()
    ours = ids(200)
    if at_once:
        await asyncio.gather(*(client.submit(graph(), prompt_id) for prompt_id in ours))
    else:
        for prompt_id in ours:
            await client.queue()  # as who chooses a number does
            await client.submit(graph(), prompt_id)
    assert [entry.prompt_id for entry in (await client.queue()).pending] == server.pending
    place = server.pending.index(ours[150]) + 1
    await client.reached(ours[150], lambda update: update.state == Queued(place, 199))
    assert lists(server) == client.stats.queue_reads <= 3
    server.faults.resume()
    for prompt_id in ours:
        assert isinstance((await client.to_the_end(prompt_id))[-1].state, Succeeded)
    assert lists(server) <= 3


async def test_prompts_of_others_are_counted_from_one_list_each_time_they_come(server, client):
    server.faults.stall()
    (ours,) = ids(1)
    await put(server, client, ids(5))
    await client.submit(graph(), ours)
    await client.reached(ours, lambda update: update.state == Queued(5, 5))
    read = lists(server)
    assert read <= 2
    assert len((await client.queue()).pending) == 5
    assert lists(server) == read
    server.faults.resume()
    assert isinstance((await client.to_the_end(ours))[-1].state, Succeeded)


async def test_places_are_true_again_after_a_socket_that_was_silent(server, client):
    server.faults.stall()
    first, second = ids(2)
    await put(server, client, ids(2))
    await client.submit(graph(), first)
    await client.reached(first, lambda update: update.state == Queued(2, 2))
    server.faults.silent()
    await put(server, client, ids(3))
    queue = await client.queue()
    assert [entry.prompt_id for entry in queue.pending] == server.pending
    await client.submit(graph(), second)
    await client.reached(second, lambda update: update.state == Queued(6, 6))


async def test_a_fresh_queue_is_the_servers_own_list(server, client):
    read = lists(server)
    await client.queue()
    await client.queue()
    assert lists(server) == read
    await client.queue(fresh=True)
    assert lists(server) == read + 1


async def test_a_prompt_of_an_earlier_process_gets_its_steps_again(connect, server):
    (prompt_id,) = ids(1)
    server.faults.stall("EmptyImage")
    earlier = await connect(server)
    await earlier.submit(graph(), prompt_id)
    await server.until(lambda: server.running == prompt_id)
    await earlier.__aexit__(None, None, None)
    await server.until(lambda: server.open_sockets == 0)
    later = await connect(server, client_id=earlier.client_id)
    assert await later.connect()
    watching = asyncio.create_task(collected(later, prompt_id))
    await later.reached(prompt_id, lambda update: isinstance(update.state, Running))
    server.faults.resume()
    states = await watching
    assert isinstance(states[-1], Succeeded)
    assert any(isinstance(state, Running) and state.node == "PreviewImage" for state in states)


async def collected(client, prompt_id: str) -> list[Any]:
    plan = Plan.of(graph())
    async with asyncio.timeout(20):
        return [update.state async for update in client.watch(prompt_id, plan=plan, ours=True)]


async def test_very_many_adopted_prompts_are_settled_with_few_lists_and_pages(connect, server):
    ended, waiting, lost = ids(300), ids(60), ids(450)
    earlier = await connect(server)
    await put(server, earlier, ended, earlier.client_id)
    await server.until(lambda: len(server.finished) == len(ended))
    server.faults.stall()
    await put(server, earlier, waiting, earlier.client_id)
    await earlier.__aexit__(None, None, None)
    server.calls.clear()
    later = await connect(server, client_id=earlier.client_id, timeouts=Timeouts(silence=30, poll=0.2))
    watchers = [asyncio.create_task(collected(later, prompt_id)) for prompt_id in (*ended, *waiting, *lost)]
    for prompt_id in waiting[1:]:
        place = server.pending.index(prompt_id) + 1
        await later.reached(prompt_id, lambda update, place=place: update.state == Queued(place, 59))
    ends = [(await watcher)[-1] for watcher in (*watchers[:300], *watchers[360:])]
    assert {type(end) for end in ends[:300]} == {Succeeded}
    assert set(ends[300:]) == {Lost()}
    asked = sum(count for route, count in server.calls.items() if route.startswith("GET"))
    assert lists(server) <= 5
    assert asked < 50
    server.faults.resume()
    assert {type((await watcher)[-1]) for watcher in watchers[300:360]} == {Succeeded}
