"""One POST, whatever becomes of its answer."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import web

from bot.comfyui.errors import ConnectionLost, OutcomeUnknown, RefusedGraph, ServerError
from bot.comfyui.progress import Queued, Succeeded
from bot.comfyui.server import Timeouts


async def test_the_server_gets_our_id_our_client_and_the_wish_for_previews(peer, client, graph, prompt_id):
    bodies = []

    async def take(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        return web.json_response(peer.accept(bodies[-1]))

    peer.instead["POST", "/prompt"] = take
    submitted = await client.submit(graph, prompt_id, number=2.5, preview=False)
    assert submitted.number == 2.5
    assert bodies == [
        {
            "prompt": graph,
            "prompt_id": prompt_id,
            "client_id": client.client_id,
            "number": 2.5,
            "extra_data": {"preview_method": "none"},
        }
    ]


async def test_the_socket_is_open_and_has_asked_for_metadata_before_the_first_prompt(peer, connect, graph, prompt_id):
    client = await connect(peer)
    await client.submit(graph, prompt_id)
    assert peer.requests.index("GET /ws") < peer.requests.index("POST /prompt")
    assert json.loads(peer.heard[0]) == {"type": "feature_flags", "data": {"supports_preview_metadata": True}}


def losing(peer, *, accepted: bool, into: str = "pending"):
    """Takes the prompt or not, and hangs up without an answer."""

    async def hang_up(request: web.Request) -> web.Response:
        body = await request.json()
        if accepted:
            peer.accept(body)
            if into == "history":
                peer.end(body["prompt_id"])
            if into == "running":
                peer.running.append(peer.pending.pop())
        request.transport.abort()
        return web.Response()

    return hang_up


@pytest.mark.parametrize("into", ["pending", "running", "history"])
async def test_a_prompt_whose_answer_was_lost_is_found_and_not_posted_again(any_peer, connect, graph, prompt_id, into):
    any_peer.instead["POST", "/prompt"] = losing(any_peer, accepted=True, into=into)
    client = await connect(any_peer)
    assert (await client.submit(graph, prompt_id)).number == 0
    assert any_peer.asked("POST /prompt") == 1


async def test_a_prompt_that_is_nowhere_has_an_unknown_outcome_and_may_not_be_posted_again(
    peer, client, graph, prompt_id
):
    peer.instead["POST", "/prompt"] = losing(peer, accepted=False)
    with pytest.raises(OutcomeUnknown) as unknown:
        await client.submit(graph, prompt_id)
    assert unknown.value.prompt_id == prompt_id
    assert isinstance(unknown.value.__cause__, ConnectionLost)
    with pytest.raises(ValueError, match="submitted before"):
        await client.submit(graph, prompt_id)
    assert peer.asked("POST /prompt") == 1


async def test_a_prompt_of_unknown_outcome_that_turns_up_after_all_is_told_to_who_watches(
    peer, connect, graph, prompt_id
):
    client = await connect(peer, timeouts=Timeouts(poll=0.5, silence=30))
    peer.instead["POST", "/prompt"] = losing(peer, accepted=False)
    with pytest.raises(OutcomeUnknown):
        await client.submit(graph, prompt_id)
    watching = asyncio.create_task(client.to_the_end(prompt_id))
    peer.accept({"prompt": graph, "prompt_id": prompt_id})
    await peer.begin(prompt_id, "1", "9")
    await peer.finish(prompt_id)
    assert isinstance((await watching)[-1].state, Succeeded)


async def test_an_answer_that_never_comes_is_looked_for_in_the_queue(peer, connect, graph, prompt_id):
    async def slow(request: web.Request) -> web.Response:
        peer.accept(await request.json())
        await asyncio.sleep(60)
        raise AssertionError

    peer.instead["POST", "/prompt"] = slow
    client = await connect(peer, timeouts=Timeouts(request=0.1, poll=0.05))
    assert (await client.submit(graph, prompt_id)).number == 0


async def test_a_half_broken_answer_is_looked_for_too(peer, client, graph, prompt_id):
    async def broken(request: web.Request) -> web.Response:
        peer.accept(await request.json())
        return web.Response(text='{"prompt_id": "')

    peer.instead["POST", "/prompt"] = broken
    assert (await client.submit(graph, prompt_id)).number == 0


@pytest.mark.parametrize(
    "answer", [b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n"]
)
async def test_an_answer_that_is_no_http_is_looked_for_too(peer, client, graph, prompt_id, answer):
    async def garbled(request: web.Request) -> web.Response:
        peer.accept(await request.json())
        request.transport.write(answer)
        request.transport.close()
        return web.Response()

    peer.instead["POST", "/prompt"] = garbled
    assert (await client.submit(graph, prompt_id)).number == 0


async def test_a_500_that_is_queued_all_the_same_counts_as_queued(peer, client, graph, prompt_id):
    async def fault(request: web.Request) -> web.Response:
        peer.accept(await request.json())
        return web.Response(status=500, text="500 Internal Server Error")

    peer.instead["POST", "/prompt"] = fault
    assert (await client.submit(graph, prompt_id)).number == 0


async def test_a_500_that_is_queued_nowhere_is_an_error_of_the_server(peer, client, graph, prompt_id):
    async def fault(_request: web.Request) -> web.Response:
        return web.Response(status=500, text="500 Internal Server Error\n\nServer got itself in trouble")

    peer.instead["POST", "/prompt"] = fault
    with pytest.raises(ServerError) as failed:
        await client.submit(graph, prompt_id)
    assert (failed.value.status, failed.value.reason) == (500, "500 Internal Server Error")


async def test_a_gateway_that_lost_the_server_leaves_the_outcome_unknown(peer, client, graph, prompt_id):
    async def gateway(_request: web.Request) -> web.Response:
        return web.Response(status=504)

    peer.instead["POST", "/prompt"] = gateway
    with pytest.raises(OutcomeUnknown):
        await client.submit(graph, prompt_id)


async def test_without_an_answer_from_the_queue_either_the_outcome_is_unknown(peer, client, graph, prompt_id):
    async def away(request: web.Request) -> web.Response:
        request.transport.abort()
        return web.Response()

    for route in (("POST", "/prompt"), ("GET", "/queue"), ("GET", "/api/jobs")):
        peer.instead[route] = away
    with pytest.raises(OutcomeUnknown):
        await client.submit(graph, prompt_id)


async def test_a_refused_graph_comes_with_its_problems_and_may_be_posted_again_under_another_form(
    peer, client, graph, prompt_id
):
    async def refuse(_request: web.Request) -> web.Response:
        error = {"type": "value_smaller_than_min", "message": "", "details": "width"}
        error |= {"extra_info": {"input_name": "width", "received_value": 8, "input_config": ["INT", {"min": 16}]}}
        body = {
            "error": {"type": "prompt_outputs_failed_validation", "message": "", "details": "", "extra_info": {}},
            "node_errors": {"1": {"errors": [error], "dependent_outputs": ["9"], "class_type": "EmptyImage"}},
        }
        return web.json_response(body, status=400)

    peer.instead["POST", "/prompt"] = refuse
    with pytest.raises(RefusedGraph) as refused:
        await client.submit(graph, prompt_id)
    (problem,) = refused.value.problems
    assert (problem.node, problem.field, problem.value, problem.minimum) == ("1", "width", "8", 16)
    del peer.instead["POST", "/prompt"]
    assert (await client.submit(graph, prompt_id)).number == 0


async def test_a_400_of_something_in_between_is_an_error_of_the_server(peer, client, graph, prompt_id):
    async def refuse(_request: web.Request) -> web.Response:
        return web.Response(status=400, text="<h1>Bad Request</h1>")

    peer.instead["POST", "/prompt"] = refuse
    with pytest.raises(ServerError):
        await client.submit(graph, prompt_id)


async def test_outputs_that_were_dropped_are_named_and_do_not_count(peer, client, graph, prompt_id):
    wide = graph | {
        "5": {"class_type": "LoadImage", "inputs": {}},
        "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0]}},
    }

    async def partly(request: web.Request) -> web.Response:
        error = {"type": "custom_validation_failed", "message": "m", "details": "image - Invalid image file: x.png"}
        found = {"5": {"errors": [error], "dependent_outputs": ["6"], "class_type": "LoadImage"}}
        return web.json_response(peer.accept(await request.json()) | {"node_errors": found})

    peer.instead["POST", "/prompt"] = partly
    submitted = await client.submit(wide, prompt_id)
    assert [problem.node for problem in submitted.dropped] == ["5"]
    await peer.begin(prompt_id, "1")
    running = await client.reached(prompt_id, lambda update: getattr(update.state, "node", "") == "EmptyImage")
    assert running.state.nodes == 2


async def test_what_happens_before_the_answer_comes_is_not_missed(peer, client, graph, prompt_id):
    async def quick(request: web.Request) -> web.Response:
        answer = peer.accept(await request.json())
        await peer.begin(prompt_id, "1", "9")
        await peer.finish(prompt_id)
        return web.json_response(answer)

    peer.instead["POST", "/prompt"] = quick
    await client.submit(graph, prompt_id)
    assert isinstance((await client.to_the_end(prompt_id))[-1].state, Succeeded)


async def test_a_prompt_still_being_posted_is_not_taken_for_lost(peer, client, graph, prompt_id):
    let_go = asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        await let_go.wait()
        return web.json_response(peer.accept(await request.json()))

    peer.instead["POST", "/prompt"] = slow
    submitting = asyncio.create_task(client.submit(graph, prompt_id))
    await peer.until(lambda: peer.sockets)
    for _ in range(5):
        assert (await client.reconcile([prompt_id]))[prompt_id] == Queued()
        await peer.count()
    let_go.set()
    await submitting
    assert (await client.reached(prompt_id, lambda update: update.state == Queued(1, 1))).state == Queued(1, 1)
