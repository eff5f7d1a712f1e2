"""Each fault does what it says, once or until it is taken back, and the server is itself again afterwards."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import WSMsgType

from bot.standin import StandIn


async def types_until_closed(socket):
    return [message.json()["type"] async for message in socket if message.type is WSMsgType.TEXT]


async def test_a_dropped_socket_is_cut_without_a_farewell_and_http_goes_on(standin, client, graphs):
    async with client.socket() as socket:
        await socket.receive()
        standin.faults.drop_socket()
        assert await types_until_closed(socket) == []
        assert socket.close_code == 1006
    assert (await client.run(graphs.plain()))["status"]["completed"]


async def test_a_socket_can_be_dropped_after_so_many_events_and_only_once(standin, client, graphs):
    standin.faults.drop_socket(after=3)
    async with client.socket() as socket:
        await socket.receive()
        await client.run(graphs.plain(1))
        assert await types_until_closed(socket) == ["status", "status", "execution_start"]
    async with client.socket() as socket:
        await client.run(graphs.plain(2))
        assert standin.open_sockets == 1


async def test_a_silent_server_keeps_its_sockets_and_loses_what_it_would_have_said(standin, client, graphs):
    async with client.socket() as socket:
        await socket.receive()
        standin.faults.silent()
        await client.run(graphs.plain(1))
        standin.faults.resume()
        await standin.faults.send_raw("now")
        assert (await socket.receive()).data == "now"


async def test_refused_sockets_are_503_as_often_as_said(standin, client):
    standin.faults.refuse_socket(2)
    for _ in range(2):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.socket()
        assert refused.value.status == 503
    async with client.socket() as socket:
        assert not socket.closed


async def test_any_answer_can_be_put_in_the_place_of_one(standin, client, graphs):
    standin.faults.answer(500)
    status, _ = await client.post("/prompt", {"prompt": graphs.plain()})
    assert (status, standin.finished, standin.running, standin.pending) == (500, [], None, [])
    assert (await client.run(graphs.plain()))["status"]["completed"]


async def test_an_answer_can_be_scripted_for_any_route(standin, client):
    standin.faults.answer(502, method="GET", path="/history/*", times=2)
    for _ in range(2):
        async with client.session.get(f"{standin.url}/history/x") as response:
            assert response.status == 502
    assert await client.get("/history/x") == {}


async def test_a_refusal_looks_like_comfyuis(standin, client, graphs):
    standin.faults.refuse("missing_node_type", "Node 'X' not found.")
    status, body = await client.post("/api/prompt", {"prompt": graphs.plain()})
    assert status == 400
    assert b'"type": "missing_node_type"' in body


async def test_a_lost_request_was_never_heard_and_a_lost_answer_was(standin, client, graphs):
    standin.faults.lose_request()
    with pytest.raises(aiohttp.ClientError):
        await client.submit(graphs.plain(1))
    assert (standin.finished, standin.running) == ([], None)
    standin.faults.lose_answer()
    with pytest.raises(aiohttp.ClientError):
        await client.submit(graphs.plain(2))
    await standin.until(lambda: len(standin.finished) == 1)
    assert standin.calls["POST /prompt"] == 2


async def test_a_delay_holds_every_answer_for_as_long_as_the_machine_sleeps(talk, graphs):
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    async with StandIn(sleep=sleep) as standin, aiohttp.ClientSession() as session:
        standin.faults.delay(2.5)
        await talk(standin, session).get("/queue")
        standin.faults.delay(0)
        await talk(standin, session).get("/queue")
    assert slept == [2.5]


@pytest.mark.parametrize("name", ["2", "SaveImage"])
async def test_a_node_fails_by_id_or_class_and_works_the_next_time(standin, client, graphs, name):
    standin.faults.fail_node(name, message="out of memory")
    failed = await client.run(graphs.plain())
    kind, error = failed["status"]["messages"][-1]
    assert (kind, error["node_id"], error["exception_message"]) == ("execution_error", "2", "out of memory\n")
    assert (await client.run(graphs.plain()))["status"]["completed"]


async def test_a_stalled_worker_holds_the_prompt_until_it_is_resumed(standin, client, graphs):
    standin.faults.stall()
    prompt_id = await client.submit(graphs.plain())
    await standin.until(lambda: standin.running == prompt_id)
    assert (await client.get("/prompt"))["exec_info"]["queue_remaining"] == 1
    standin.faults.resume()
    await standin.until(lambda: prompt_id in standin.finished)


async def test_it_can_stall_at_a_step_and_be_interrupted_there(standin, client, graphs):
    standin.faults.stall("KSampler", at=2)
    async with client.socket() as socket:
        prompt_id = await client.submit(graphs.diffusion(steps=4))
        steps = []
        while steps != [1, 2]:
            message = await socket.receive()
            if message.type is WSMsgType.TEXT and message.json()["type"] == "progress":
                steps.append(message.json()["data"]["value"])
        await client.post("/interrupt", {"prompt_id": prompt_id})
        standin.faults.resume()
        await standin.until(lambda: prompt_id in standin.finished)
    status = (await client.get(f"/history/{prompt_id}"))[prompt_id]["status"]
    assert status["messages"][-1][0] == "execution_interrupted"


async def test_the_history_can_be_held_back_behind_execution_success(standin, client, graphs):
    standin.faults.hold_history()
    async with client.socket() as socket:
        prompt_id = await client.submit(graphs.plain())
        while (await socket.receive_json())["type"] != "execution_success":
            pass
        assert await client.get(f"/history/{prompt_id}") == {}
        assert (await client.get("/queue"))["queue_running"][0][1] == prompt_id
        standin.faults.resume()
        while (message := await socket.receive_json())["type"] != "executing" or message["data"]["node"] is not None:
            pass
        assert prompt_id in await client.get(f"/history/{prompt_id}")


async def test_a_killed_server_refuses_connections_and_comes_back_empty_on_its_port_with_its_files(
    standin, client, graphs
):
    await client.run(graphs.plain())
    standin.faults.stall()
    await client.submit(graphs.plain(1))
    url = standin.url
    async with client.socket() as socket:
        await standin.faults.kill()
        await types_until_closed(socket)
        assert socket.close_code == 1006
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.get("/queue")
    await standin.faults.start()
    assert standin.url == url
    assert await client.get("/history") == {}
    assert (await client.get("/prompt"))["exec_info"]["queue_remaining"] == 0
    assert (standin.folder("output") / "unit_00001_.png").exists()
    assert (await client.run(graphs.plain(2)))["prompt"][0] == 0


async def test_clear_takes_everything_back(standin, client, graphs):
    standin.faults.answer(500, times=None)
    standin.faults.fail_node("SaveImage", times=None)
    standin.faults.refuse_socket(None)
    standin.faults.silent()
    standin.faults.stall()
    standin.faults.clear()
    async with client.socket() as socket:
        assert (await client.run(graphs.plain()))["status"]["completed"]
        await socket.receive()
        assert (await socket.receive_json())["type"] == "status"


async def test_a_malformed_frame_reaches_the_client_as_it_is(standin, client):
    async with client.socket() as socket:
        await socket.receive()
        await standin.faults.send_raw(b"\x00\x00")
        assert (await socket.receive()).data == b"\x00\x00"
