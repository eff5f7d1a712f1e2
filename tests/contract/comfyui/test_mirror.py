"""The client's mirror of the queue, against the server's own list while everybody uses it."""

from __future__ import annotations

import asyncio
import random
import uuid
from typing import Any

import pytest

from bot.comfyui.client import Client
from bot.comfyui.records import Entry, Queue
from bot.comfyui.server import Server


def listed(comfy_queue: dict[str, list[list[Any]]]) -> Queue:
    """The server's own list, read without the client, so that it learns nothing from it."""
    rows = (comfy_queue["queue_running"], comfy_queue["queue_pending"])
    return Queue(*(tuple(Entry(number, prompt_id) for number, prompt_id, *_ in sorted(part)) for part in rows))


async def caught_up(comfy, client: Client) -> Queue:
    """The server's queue, once the mirror believes the same; its lists are read only where it is in doubt itself."""
    mirror = client._keeper.mirror
    truth = None
    async with asyncio.timeout(10):
        while not (mirror.settled and mirror.queue == truth):
            await asyncio.sleep(0.01)
            if not mirror.sure:
                await client.queue()
            truth = listed((await comfy.get("/queue")).json)
    return mirror.queue


@pytest.mark.parametrize("seed", range(3))
async def test_it_is_true_whoever_puts_deletes_and_stops_what(comfy, graphs, seed):
    chance = random.Random(seed)
    async with Client(Server("it", comfy.url)) as client, comfy.busy():
        assert await client.connect()
        queue = await client.queue()
        mine: list[str] = []
        for _ in range(30):
            match chance.choice(["ours", "ours", "ours", "theirs", "between", "cancel", "delete", "stop"]):
                case "ours":
                    mine.append(str(uuid.uuid4()))
                    await client.submit(graphs.slow(60, 1000), mine[-1])
                case "theirs":
                    await comfy.accepted(graphs.slow(60, 1000))
                case "between" if len(queue.pending) > 1:
                    mine.append(str(uuid.uuid4()))
                    number = (queue.pending[0].number + queue.pending[1].number) / 2
                    await client.submit(graphs.slow(60, 1000), mine[-1], number=number)
                case "cancel" if mine:
                    await client.cancel(mine.pop(chance.randrange(len(mine))))
                case "delete" if queue.pending:
                    await comfy.post("/queue", {"delete": [chance.choice(queue.pending).prompt_id]})
                case "stop" if queue.pending:
                    await comfy.post("/interrupt")
            queue = await caught_up(comfy, client)
        await comfy.post("/queue", {"clear": True})
        await comfy.post("/interrupt")


async def test_our_own_prompts_alone_need_no_list(comfy, graphs):
    async with Client(Server("it", comfy.url)) as client:
        assert await client.connect()
        await client.queue()
        read = client.stats.queue_reads
        ours = [str(uuid.uuid4()) for _ in range(20)]
        for prompt_id in ours:
            await client.queue()
            await client.submit(graphs.plain(), prompt_id)
        for prompt_id in ours:
            async with asyncio.timeout(30):
                assert [update async for update in client.watch(prompt_id)]
        assert await caught_up(comfy, client) == Queue()
        assert client.stats.queue_reads <= read + 6  # a slow machine may look again now and then
