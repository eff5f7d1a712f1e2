"""From the queue to the end, with events, without them, and with some of them."""

from __future__ import annotations

import asyncio
import json
import struct
import uuid

from aiohttp import web

from bot.comfyui.mirror import Mirror
from bot.comfyui.outputs import OutputFile, OutputFrame
from bot.comfyui.plan import Plan
from bot.comfyui.progress import Lost, Queued, Running, Succeeded, SucceededWithNothing
from bot.comfyui.server import Timeouts

DONE = Succeeded((OutputFile("9", "a.png"),))


def picture(data: bytes) -> bytes:
    return struct.pack(">II", 1, 2) + data


async def test_a_prompt_from_its_place_in_the_queue_to_its_picture(peer, client, graph, prompt_id):
    peer.pending.append([-1, "somebody else's", graph, {}, []])
    await peer.count()
    await client.submit(graph, prompt_id)
    watching = asyncio.create_task(client.to_the_end(prompt_id))
    await peer.count()
    await client.reached(prompt_id, lambda update: update.state == Queued(2, 2))
    await peer.begin(prompt_id, "1")
    await peer.say("progress", value=1, max=2, node="1", prompt_id=prompt_id)
    await peer.say("executing", node="9", prompt_id=prompt_id)
    await peer.finish(prompt_id)
    states = [update.state for update in await watching]
    assert Queued(2, 2) in states
    assert any(isinstance(state, Running) for state in states)
    assert states[-1] == DONE


async def test_a_fault_of_ours_costs_a_server_a_moment_and_no_prompt(peer, client, graph, prompt_id, monkeypatch):
    counted, faults = Mirror.counted, []

    def faulty(mirror: Mirror, count: int) -> None:
        if len(faults) < 2:
            faults.append(count)
            raise KeyError(count)
        counted(mirror, count)

    await client.submit(graph, prompt_id)
    monkeypatch.setattr(Mirror, "counted", faulty)
    watching = asyncio.create_task(client.to_the_end(prompt_id))
    for life in (["open"], ["open", "closed", "open"]):
        await peer.until(lambda life=life: peer.life == life)
        await peer.count()
    await peer.until(lambda: peer.life == ["open", "closed", "open", "closed", "open"])
    assert len(faults) == 2
    another = str(uuid.uuid4())
    await client.submit(graph, another)
    await peer.begin(prompt_id, "1", "9")
    await peer.finish(prompt_id)
    assert (await watching)[-1].state == DONE
    await peer.begin(another, "1", "9")
    await peer.finish(another)
    assert (await client.to_the_end(another))[-1].state == DONE


async def test_the_history_is_asked_for_once_and_only_when_it_is_certain(peer, client, graph, prompt_id):
    await client.submit(graph, prompt_id)
    await peer.begin(prompt_id, "1", "9")
    await peer.say("execution_success", prompt_id=prompt_id)
    await client.queue()
    assert peer.asked(f"GET /history/{prompt_id}") == 0
    await peer.finish(prompt_id)
    assert (await client.to_the_end(prompt_id))[-1].state == DONE
    assert peer.asked(f"GET /history/{prompt_id}") == 1


async def test_a_history_that_was_cleared_at_once_leaves_what_the_events_said(peer, client, graph, prompt_id):
    await client.submit(graph, prompt_id)
    await peer.begin(prompt_id, "1", "9")
    await peer.say("executed", node="9", prompt_id=prompt_id, output={"images": [{"filename": "a.png"}]})
    await peer.say("execution_success", prompt_id=prompt_id)
    peer.running.clear()
    await peer.say("executing", node=None, prompt_id=prompt_id)
    assert (await client.to_the_end(prompt_id))[-1].state == DONE


async def test_the_end_comes_by_polling_where_the_socket_is_refused(start_peer, connect, graph, prompt_id):
    peer = await start_peer(sockets_refused=True)
    client = await connect(peer)
    await client.submit(graph, prompt_id)
    assert not client.connected
    await client.reached(prompt_id, lambda update: update.state == Queued(1, 1))
    peer.running.append(peer.pending.pop())
    await client.reached(prompt_id, lambda update: isinstance(update.state, Running))
    peer.end(prompt_id)
    assert (await client.to_the_end(prompt_id))[-1].state == DONE


async def test_the_end_comes_by_polling_where_the_socket_says_nothing(any_peer, connect, graph, prompt_id):
    client = await connect(any_peer, timeouts=Timeouts(silence=0.1, poll=0.05))
    await client.submit(graph, prompt_id)
    watching = asyncio.create_task(client.to_the_end(prompt_id))
    await any_peer.until(lambda: any_peer.asked("GET /api/jobs" if any_peer.jobs_api else "GET /queue"))
    any_peer.end(prompt_id)
    assert (await watching)[-1].state == DONE


async def test_a_prompt_that_ended_before_the_socket_opened_is_found_ended(any_peer, connect, graph, prompt_id):
    any_peer.accept({"prompt_id": prompt_id, "prompt": graph})
    any_peer.end(prompt_id)
    client = await connect(any_peer)
    assert [update.state for update in await client.to_the_end(prompt_id)] == [Queued(), DONE]


async def test_a_prompt_of_an_earlier_process_is_followed_with_its_own_titles(any_peer, connect, graph, prompt_id):
    any_peer.accept({"prompt_id": prompt_id, "prompt": graph})
    client = await connect(any_peer)
    watching = asyncio.create_task(
        client.reached(prompt_id, lambda update: getattr(update.state, "node", "") == "EmptyImage")
    )
    await any_peer.until(lambda: any_peer.asked(f"GET /api/jobs/{prompt_id}" if any_peer.jobs_api else "GET /queue"))
    while not watching.done():
        await any_peer.begin(prompt_id, "1")
    assert (await watching).state.nodes == 2


async def test_a_connection_that_breaks_is_opened_again_and_the_greeting_understood(peer, client, graph, prompt_id):
    await client.submit(graph, prompt_id)
    await peer.begin(prompt_id, "1")
    await client.reached(prompt_id, lambda update: getattr(update.state, "index", 0) == 1)
    peer.greetings.append({"type": "executing", "data": {"node": "9"}})
    await peer.sockets[0].close()
    at_save = await client.reached(prompt_id, lambda update: getattr(update.state, "node", "") == "SaveImage")
    assert at_save.state.index == 2
    await peer.finish(prompt_id)
    assert (await client.to_the_end(prompt_id))[-1].state == DONE
    assert client.stats.reconnects == 1


async def test_what_ended_while_the_connection_was_broken_is_found_on_reconnect(peer, client, graph, prompt_id):
    await client.submit(graph, prompt_id)
    await peer.begin(prompt_id, "1")
    peer.end(prompt_id)
    await peer.sockets[0].close()
    assert (await client.to_the_end(prompt_id))[-1].state == DONE


async def test_a_deaf_socket_is_closed_before_the_next_is_opened(peer, connect, graph, prompt_id):
    """For a server that sees the older of two close forgets the newer one."""
    client = await connect(peer, timeouts=Timeouts(silence=0.1, poll=0.05))
    await client.submit(graph, prompt_id)
    await peer.until(lambda: peer.life.count("open") == 3)
    assert peer.life[:5] == ["open", "closed", "open", "closed", "open"]


async def test_a_server_that_forgot_everything_has_lost_the_prompt(peer, client, graph, prompt_id):
    await client.submit(graph, prompt_id)
    await peer.begin(prompt_id, "1")
    await peer.stop()
    peer.running.clear()
    await peer.start()
    assert (await client.to_the_end(prompt_id))[-1].state == Lost()


async def test_a_prompt_that_goes_from_queue_to_history_between_two_questions_is_not_lost(
    peer, connect, graph, prompt_id
):
    async def and_then_it_ends(_request: web.Request) -> web.Response:
        listed = {"queue_running": [], "queue_pending": []}
        if peer.pending:
            peer.end(prompt_id)
        return web.json_response(listed)

    peer.instead["GET", "/queue"] = and_then_it_ends
    client = await connect(peer)
    await client.submit(graph, prompt_id)
    await peer.say("status", status={"exec_info": {"queue_remaining": 7}})
    assert (await client.to_the_end(prompt_id))[-1].state == DONE


async def test_a_picture_over_the_socket_may_be_larger_than_aiohttp_allows(peer, client, streaming, prompt_id):
    await client.submit(streaming, prompt_id)
    await peer.begin(prompt_id, "1", "9")
    large = b"\x89PNG" + bytes(6_000_000)
    await peer.send(picture(large))
    await peer.send(picture(b"\x89PNG two"))
    await peer.finish(prompt_id, outputs={})
    end = (await client.to_the_end(prompt_id))[-1].state
    assert end == Succeeded((OutputFrame("9", "png", large), OutputFrame("9", "png", b"\x89PNG two")))
    assert await client.fetch(end.outputs[0]) == large


async def test_a_picture_that_came_while_the_socket_was_down_is_lost_and_said_to_be(peer, client, streaming, prompt_id):
    await client.submit(streaming, prompt_id)
    await peer.begin(prompt_id, "1")
    await peer.sockets[0].close()
    peer.end(prompt_id, outputs={})
    assert (await client.to_the_end(prompt_id))[-1].state == SucceededWithNothing(frames_lost=True)


async def test_previews_are_handed_on_and_end_with_the_prompt(peer, client, graph, prompt_id):
    await client.submit(graph, prompt_id)
    await peer.begin(prompt_id, "1")
    metadata = json.dumps({"node_id": "1", "prompt_id": prompt_id, "image_type": "image/jpeg"}).encode()
    await peer.send(struct.pack(">II", 4, len(metadata)) + metadata + b"preview")
    assert (await client.reached(prompt_id, lambda update: update.preview)).preview == b"preview"
    await peer.finish(prompt_id)
    assert (await client.to_the_end(prompt_id))[-1].preview is None


async def test_garbage_on_the_socket_is_counted_and_nothing_else(peer, client, graph, prompt_id):
    await client.submit(graph, prompt_id)
    for garbage in ("{", "[[[", "null", b"", b"\0\0\0\4\xff\xff\xff\xff", '{"type": "progress", "data": 7}'):
        await peer.send(garbage)
    await peer.say("crystools.monitor", cpu=1)
    await peer.begin(prompt_id, "1", "9")
    await peer.finish(prompt_id)
    assert (await client.to_the_end(prompt_id))[-1].state == DONE
    assert (client.stats.malformed, client.stats.unknown, client.stats.reconnects) == (6, 1, 0)


async def test_records_that_are_half_broken_for_a_while_are_asked_again(start_peer, connect, graph, prompt_id):
    peer = await start_peer(sockets_refused=True)
    client = await connect(peer)

    async def broken(_request: web.Request) -> web.Response:
        if peer.asked("GET /queue") > 3:
            del peer.instead["GET", "/queue"]
        return web.Response(text='{"queue_running": [[0, "')

    peer.instead["GET", "/queue"] = broken
    await client.submit(graph, prompt_id)
    peer.end(prompt_id)
    assert (await client.to_the_end(prompt_id))[-1].state == DONE


async def test_one_record_that_cannot_be_read_keeps_no_other_from_its_end(start_peer, connect, graph, prompt_id):
    peer = await start_peer(sockets_refused=True)
    client = await connect(peer)
    broken = str(uuid.uuid4())

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text='{"')

    peer.instead["GET", f"/history/{broken}"] = answer
    for each in (broken, prompt_id):
        await client.submit(graph, each)
        peer.end(each)
    assert (await client.to_the_end(prompt_id))[-1].state == DONE
    assert (await client.to_the_end(broken))[-1].state == Lost()


async def test_a_watcher_that_dawdles_is_told_the_newest_and_then_the_end(peer, client, graph, prompt_id):
    await client.submit(graph, prompt_id)
    watcher = client.watch(prompt_id)
    assert (await anext(watcher)).state == Queued(1, 1)
    quick = asyncio.create_task(client.to_the_end(prompt_id))
    await peer.begin(prompt_id, "1")
    for value in range(1, 50):
        await peer.say("progress", value=value, max=50, node="1", prompt_id=prompt_id)
    await peer.finish(prompt_id)
    assert (await quick)[-1].state == DONE
    assert [update.state async for update in watcher] == [DONE]


async def test_who_watches_late_is_told_the_end_whether_it_was_told_before_or_not(peer, client, graph, prompt_id):
    await client.submit(graph, prompt_id)
    await peer.begin(prompt_id, "1", "9")
    await peer.finish(prompt_id)
    await peer.until(lambda: peer.asked(f"GET /history/{prompt_id}"))
    for _ in range(2):
        assert (await client.to_the_end(prompt_id))[-1].state == DONE


async def test_one_socket_and_few_questions_serve_very_many_prompts(peer, client, graph):
    ids = [str(uuid.uuid4()) for _ in range(200)]
    await asyncio.gather(*(client.submit(graph, prompt_id) for prompt_id in ids))
    watching = [asyncio.create_task(client.to_the_end(prompt_id)) for prompt_id in ids]
    for prompt_id in ids:
        await peer.begin(prompt_id, "1", "9")
        await peer.finish(prompt_id)
    assert {(await watcher)[-1].state for watcher in watching} == {DONE}
    assert peer.life == ["open"]
    assert peer.asked("GET /queue") < 20
    assert sum("/history/" in request for request in peer.requests) <= 210


async def test_the_records_know_what_nobody_here_submitted(peer, client, graph, prompt_id):
    peer.accept({"prompt_id": "waits", "prompt": graph})
    peer.running.append([0, "runs", graph, {}, []])
    peer.accept({"prompt_id": prompt_id, "prompt": graph})
    peer.end(prompt_id)
    states = await client.reconcile(["waits", "runs", prompt_id, "unknown"])
    assert states["waits"] == Queued(1, 1)
    assert isinstance(states["runs"], Running)
    assert (states[prompt_id], states["unknown"]) == (DONE, Lost())
    assert await client.position("waits") == Queued(1, 1)
    assert await client.position("runs") is None


async def test_a_plan_given_by_the_watcher_names_the_nodes(peer, client, graph, prompt_id):
    peer.accept({"prompt_id": prompt_id, "prompt": graph})
    plan = Plan(titles={"1": "My own title", "9": "Save"})
    async with asyncio.timeout(10):
        async for update in client.watch(prompt_id, plan=plan):
            if isinstance(update.state, Queued):
                await peer.begin(prompt_id, "1")
            elif update.state.node:
                assert update.state.node == "My own title"
                break
