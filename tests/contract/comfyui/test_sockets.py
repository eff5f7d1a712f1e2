"""Sockets that come late, come back, or come twice."""

from __future__ import annotations


async def test_who_comes_late_is_told_only_the_node_and_not_whose_prompt_it_is(comfy, graphs):
    async with comfy.ear() as first:
        prompt_id = await comfy.accepted(graphs.slow(60, 1000), first.client_id)
        await first.until("progress", prompt_id=prompt_id)
    async with comfy.ear(first.client_id) as again:
        events = await again.until("progress", prompt_id=prompt_id)
        assert [event.data for event in events if event.type == "executing"] == [{"node": "3"}]
        await comfy.post("/interrupt", {"prompt_id": prompt_id})
        rest = await again.whole(prompt_id)  # the end reaches the later socket
    assert "execution_interrupted" in {event.type for event in rest}
    assert not {"execution_start", "execution_cached"} & {event.type for event in events}


async def test_after_the_end_nothing_is_repeated(comfy, graphs):
    async with comfy.ear() as first:
        prompt_id = await comfy.accepted(graphs.plain(), first.client_id)
        await first.whole(prompt_id)
    async with comfy.ear(first.client_id) as again:
        assert await again.heard_within(0.2) == []


async def test_somebody_elses_node_is_not_told(comfy):
    async with comfy.busy(), comfy.ear() as stranger:
        assert not {"executing"} & {event.type for event in await stranger.heard_within(0.2)}


async def test_of_two_sockets_with_one_id_the_later_hears(comfy, graphs):
    async with comfy.ear() as older, comfy.ear(older.client_id) as newer:
        prompt_id = await comfy.accepted(graphs.plain(), newer.client_id)
        await newer.whole(prompt_id)
        assert await older.heard_within(0.1) == []


async def test_when_the_older_of_two_closes_the_newer_hears_nothing_more(comfy, graphs):
    async with comfy.ear() as older, comfy.ear(older.client_id) as newer:
        await older.socket.close()
        prompt_id = await comfy.accepted(graphs.plain(), newer.client_id)
        assert await newer.heard_within(0.3) == []
        assert not newer.socket.closed
    assert prompt_id in (await comfy.get(f"/history/{prompt_id}")).json


async def test_a_large_result_arrives_whole(comfy, graphs):
    graph = graphs.plain("SaveImageWebsocket")
    graph["1"] = graphs.node("EmptyImage", width=2048, height=2048, batch_size=1, color=graphs.unique())
    _, events = await comfy.run(graph)
    (frame,) = [event for event in events if event.type == 1]
    assert frame.picture.size == (2048, 2048)
