"""The stand-in as a program: speed, restarts, its own worker's death, its files."""

from __future__ import annotations

import asyncio
import random
import sys
import uuid

import aiohttp
import pytest
from PIL import Image

from bot.standin import Settings, StandIn


@pytest.mark.parametrize(
    ("settings", "slept"),
    [
        (Settings(speed=0), []),
        (Settings(speed=0.5), [0.5] * 4),
        (Settings(node_time=2), [2] * 7),
    ],
)
async def test_speed_is_seconds_per_step_and_zero_never_waits(talk, graphs, settings, slept):
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    async with StandIn(settings, sleep=sleep) as standin, aiohttp.ClientSession() as session:
        await talk(standin, session).run(graphs.diffusion(steps=4))
    assert waits == slept


async def test_previews_can_be_switched_off(talk, graphs):
    async with StandIn(Settings(preview=False)) as standin, aiohttp.ClientSession() as session:
        client = talk(standin, session)
        async with client.socket() as socket:
            prompt_id = await client.submit(graphs.diffusion())
            kinds = set()
            while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                kinds.add(message.json()["type"])
                if message.json()["data"] == {"node": None, "prompt_id": prompt_id}:
                    break
    assert message.type is aiohttp.WSMsgType.TEXT
    assert "progress" in kinds


async def test_two_prompts_with_one_id_and_number_kill_the_worker_until_a_restart(standin, client, graphs):
    standin.faults.stall()
    await client.submit(graphs.plain(1))
    await standin.until(lambda: standin.running is not None)
    await client.submit(graphs.plain(2))
    twin = {"prompt_id": str(uuid.uuid4()), "number": 9e6}
    answers = [(await client.post("/prompt", {"prompt": graphs.plain(colour), **twin}))[0] for colour in (3, 4)]
    assert answers == [200, 200]
    standin.faults.resume()
    await standin.until(lambda: standin.running is None)
    assert len(standin.pending) == 2  # nobody takes them any more
    await client.submit(graphs.plain(5))
    assert (await client.get("/prompt"))["exec_info"]["queue_remaining"] == 3
    await standin.faults.restart()
    assert (await client.run(graphs.plain(6)))["status"]["completed"]


async def test_with_nothing_else_waiting_the_second_of_such_a_pair_is_a_500_and_runs_all_the_same(
    standin, client, graphs
):
    standin.faults.stall()
    await client.submit(graphs.plain(1))
    await standin.until(lambda: standin.running is not None)
    twin = {"prompt_id": str(uuid.uuid4()), "number": 9e6}
    answers = [(await client.post("/prompt", {"prompt": graphs.plain(colour), **twin}))[0] for colour in (3, 4)]
    assert answers == [200, 500]
    assert standin.pending == [twin["prompt_id"]] * 2


async def test_a_node_without_inputs_that_no_output_needs_hurts_nobody(client, graphs):
    record = await client.run(graphs.plain() | {"7": {"class_type": "LoadImage"}})
    assert record["status"]["completed"]


async def test_the_history_forgets_the_oldest_beyond_its_limit(talk, graphs):
    async with StandIn(Settings(history=2)) as standin, aiohttp.ClientSession() as session:
        client = talk(standin, session)
        for colour in range(5):
            await client.run(graphs.plain(colour))
        assert [record["prompt"][0] for record in (await client.get("/history")).values()] == [2, 3, 4]


async def test_its_folder_goes_with_it_and_holds_an_example_to_load(graphs):
    async with StandIn() as standin:
        folder = standin.folder("input")
        with Image.open(folder / "example.png") as example:
            assert example.size == (128, 128)
    assert not folder.exists()


async def test_one_that_is_not_running_has_no_folder():
    with pytest.raises(RuntimeError):
        StandIn().folder("input")


async def test_a_taken_port_is_an_error_of_the_system(standin):
    with pytest.raises(OSError, match="in use"):
        async with StandIn(Settings(port=int(standin.url.rsplit(":", 1)[1]))):
            pass


async def test_a_client_that_never_reads_stalls_everybodys_events_while_the_work_goes_on(standin, client, graphs):
    host, port = standin.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port), limit=64)
    writer.write(
        b"GET /ws?clientId=deaf HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await standin.until(lambda: standin.open_sockets == 1)
    writer.transport.pause_reading()
    side = 1200
    Image.frombytes("RGB", (side, side), random.Random(1).randbytes(side * side * 3)).save(
        standin.folder("input") / "noise.png"
    )
    loud = {
        "1": graphs.node("LoadImage", image="noise.png"),
        "2": graphs.node("ImageBatch", image1=["1", 0], image2=["1", 0]),
        "3": graphs.node("ImageBatch", image1=["2", 0], image2=["2", 0]),
        "4": graphs.node("SaveImageWebsocket", images=["3", 0]),
    }
    async with client.socket() as socket:
        await socket.receive()
        await client.post("/prompt", {"prompt": loud})  # nobody's, hence told to everybody
        await standin.until(lambda: len(standin.finished) == 1)
        record = await client.run(graphs.plain())
        assert record["status"]["completed"]
        own = record["prompt"][1]
        heard = asyncio.create_task(ended(socket, own))
        assert not (await asyncio.wait({heard}, timeout=0.2))[0]
        writer.transport.abort()
        await heard


async def ended(socket, prompt_id):
    """Read until the end of that prompt."""
    while True:
        message = await socket.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            told = message.json()
            if told["type"] == "executing" and told["data"] == {"node": None, "prompt_id": prompt_id}:
                return


async def test_as_a_program_it_prints_its_address_and_ends_on_interrupt():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.standin", "--speed", "0", stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(30):
            url = (await process.stdout.readline()).decode().strip()
            async with aiohttp.ClientSession() as session, session.get(f"{url}/system_stats") as response:
                assert (await response.json())["system"]["comfyui_version"] == "0.28.0"
            process.send_signal(2)
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_as_a_program_it_says_that_a_port_is_taken(standin):
    port = standin.url.rsplit(":", 1)[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.standin", "--port", port, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert (process.returncode, f"port {port}" in said.decode()) == (2, True)
