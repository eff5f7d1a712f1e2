"""Cancelling: the right prompt, or none."""

from __future__ import annotations

import asyncio
import uuid

from aiohttp import web

from bot.comfyui.progress import Cancelled, Lost, Queued, Running, Succeeded


async def test_a_waiting_prompt_is_taken_out_of_the_queue(any_peer, connect, graph, prompt_id):
    client = await connect(any_peer)
    await client.submit(graph, prompt_id)
    assert await client.cancel(prompt_id)
    assert (await client.to_the_end(prompt_id))[-1].state == Cancelled()
    assert any_peer.pending == []
    assert any_peer.heard[1:] == []


async def test_a_running_prompt_is_stopped_and_that_is_told_when_it_has(any_peer, connect, graph, prompt_id):
    client = await connect(any_peer)
    await client.submit(graph, prompt_id)
    await any_peer.begin(prompt_id, "1")
    assert await client.cancel(prompt_id)
    assert any_peer.heard[1:] == ([] if any_peer.jobs_api else [f"interrupt {prompt_id}"])
    await client.reached(prompt_id, lambda update: isinstance(update.state, Running))
    await any_peer.say("execution_interrupted", prompt_id=prompt_id, node_id="1", node_type="EmptyImage", executed=[])
    assert (await client.to_the_end(prompt_id))[-1].state == Cancelled()


async def test_a_prompt_that_does_not_run_interrupts_nobody_elses(peer, client, graph, prompt_id):
    peer.running.append([0, "somebody else's", graph, {}, []])
    await client.submit(graph, prompt_id)
    assert await client.cancel(prompt_id)
    assert peer.heard[1:] == []
    assert [row[1] for row in peer.running] == ["somebody else's"]


async def test_a_prompt_that_begins_while_it_is_deleted_is_stopped(peer, client, graph, prompt_id):
    async def too_late(_request: web.Request) -> web.Response:
        peer.running.append(peer.pending.pop())
        return web.Response()

    peer.instead["POST", "/queue"] = too_late
    await client.submit(graph, prompt_id)
    assert await client.cancel(prompt_id)
    assert peer.heard[1:] == [f"interrupt {prompt_id}"]


async def test_a_prompt_that_ends_while_it_is_deleted_has_ended(peer, client, graph, prompt_id):
    async def too_late(_request: web.Request) -> web.Response:
        peer.end(prompt_id)
        return web.Response()

    peer.instead["POST", "/queue"] = too_late
    await client.submit(graph, prompt_id)
    assert not await client.cancel(prompt_id)
    await peer.count()
    assert isinstance((await client.to_the_end(prompt_id))[-1].state, Succeeded)


async def test_cancelling_very_many_at_once_asks_few_questions(any_peer, connect, graph):
    client = await connect(any_peer)
    ids = [str(uuid.uuid4()) for _ in range(50)]
    await asyncio.gather(*(client.submit(graph, prompt_id) for prompt_id in ids))
    assert all(await asyncio.gather(*(client.cancel(prompt_id) for prompt_id in ids)))
    assert {(await client.to_the_end(prompt_id))[-1].state for prompt_id in ids} == {Cancelled()}
    assert len(any_peer.requests) < 10 * len(ids)


async def test_what_has_ended_or_never_was_is_not_cancelled(any_peer, connect, graph, prompt_id):
    client = await connect(any_peer)
    any_peer.accept({"prompt_id": prompt_id, "prompt": graph})
    any_peer.end(prompt_id)
    assert not await client.cancel(prompt_id)
    assert not await client.cancel("unknown")
    assert any_peer.heard[1:] == []


async def test_a_stop_that_came_too_late_is_a_success(peer, client, graph, prompt_id):
    await client.submit(graph, prompt_id)
    await peer.begin(prompt_id, "1")
    assert await client.cancel(prompt_id)
    await peer.finish(prompt_id)
    assert isinstance((await client.to_the_end(prompt_id))[-1].state, Succeeded)


async def test_a_prompt_that_somebody_else_deleted_is_lost(peer, client, graph, prompt_id):
    await client.submit(graph, prompt_id)
    await peer.count()
    await client.reached(prompt_id, lambda update: update.state == Queued(1, 1))
    peer.pending.clear()
    await peer.count()
    assert (await client.to_the_end(prompt_id))[-1].state == Lost()


async def test_an_interrupt_seen_only_in_the_records_is_a_cancellation(start_peer, connect, graph, prompt_id):
    peer = await start_peer(sockets_refused=True)
    client = await connect(peer)
    await client.submit(graph, prompt_id)
    stopped = {"status_str": "error", "completed": False, "messages": [["execution_interrupted", {}]]}
    peer.end(prompt_id, outputs={}, status=stopped)
    assert (await client.to_the_end(prompt_id))[-1].state == Cancelled()
