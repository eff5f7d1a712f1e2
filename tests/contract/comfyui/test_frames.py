"""Binary frames: previews, and results that are sent instead of saved."""

from __future__ import annotations

import pytest


def frames(events):
    return [event for event in events if isinstance(event.type, int)]


async def test_previews_come_as_jpeg_without_metadata_after_their_progress(comfy):
    async with comfy.ear() as ear:
        prompt_id = await comfy.accepted(await comfy.diffusion(steps=3), ear.client_id)
        events = await ear.whole(prompt_id)
    assert [(frame.type, frame.data["format"], frame.picture.format) for frame in frames(events)] == [
        (1, 1, "JPEG")
    ] * 3
    kinds = [event.type for event in events]
    assert all(kinds[index - 1] == "progress" for index, kind in enumerate(kinds) if kind == 1)


async def test_once_negotiated_they_carry_prompt_and_node_and_precede_their_progress(comfy):
    async with comfy.ear(metadata=True) as ear:
        prompt_id = await comfy.accepted(await comfy.diffusion(steps=3), ear.client_id)
        events = await ear.whole(prompt_id)
    assert [frame.type for frame in frames(events)] == [4, 4, 4]
    assert frames(events)[0].data == {
        "node_id": "3",
        "prompt_id": prompt_id,
        "display_node_id": "3",
        "parent_node_id": None,
        "real_node_id": "3",
        "image_type": "image/jpeg",
    }
    assert frames(events)[0].picture.format == "JPEG"
    kinds = [event.type for event in events]
    assert all(kinds[index + 1] == "progress" for index, kind in enumerate(kinds) if kind == 4)


async def test_preview_method_none_silences_them_on_newer_servers_only(comfy):
    async with comfy.ear() as ear:
        graph = await comfy.diffusion(steps=2)
        prompt_id = await comfy.accepted(graph, ear.client_id, extra_data={"preview_method": "none"})
        events = await ear.whole(prompt_id)
    assert len(frames(events)) == (0 if comfy.modern else 2)
    assert len([event for event in events if event.type == "progress"]) == 2


async def test_a_result_over_the_websocket_is_a_png_each_without_metadata_if_none_was_negotiated(comfy, graphs):
    async with comfy.ear() as ear:
        prompt_id = await comfy.accepted(graphs.plain("SaveImageWebsocket", batch=3, colour=0x102030), ear.client_id)
        events = await ear.whole(prompt_id)
    assert [(frame.type, frame.data["format"], frame.picture.format) for frame in frames(events)] == [(1, 2, "PNG")] * 3
    assert frames(events)[0].picture.getpixel((0, 0)) == (0x10, 0x20, 0x30)
    assert [event.data["value"] for event in events if event.type == "progress"] == [0, 1, 2]
    assert "executed" not in {event.type for event in events}


async def test_with_metadata_negotiated_a_result_carries_it_too(comfy, graphs):
    async with comfy.ear(metadata=True) as ear:
        prompt_id = await comfy.accepted(graphs.plain("SaveImageWebsocket"), ear.client_id)
        events = await ear.whole(prompt_id)
    (frame,) = frames(events)
    assert (frame.type, frame.picture.format) == (4, "PNG")
    assert (frame.data["prompt_id"], frame.data["node_id"], frame.data["image_type"]) == (prompt_id, "2", "image/png")


async def test_a_result_over_the_websocket_is_sent_again_however_cached_its_picture(comfy, graphs):
    graph = graphs.plain("SaveImageWebsocket")
    for expected in ([], ["1"]):
        _, events = await comfy.run(graph)
        assert next(event.data["nodes"] for event in events if event.type == "execution_cached") == expected
        assert len(frames(events)) == 1


@pytest.mark.parametrize(
    ("first", "negotiated"),
    [("no json", True), ("5", True), ('{"type": "other", "data": {}}', False)],
    ids=["garbage", "no-object", "another-message"],
)
async def test_only_the_first_message_negotiates_and_garbage_is_none(comfy, graphs, first, negotiated):
    async with comfy.ear() as ear:
        await ear.socket.send_str(first)
        await ear.socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
        prompt_id = await comfy.accepted(graphs.plain("SaveImageWebsocket"), ear.client_id)
        events = await ear.whole(prompt_id)
    assert [frame.type for frame in frames(events)] == [4 if negotiated else 1]
    assert ("feature_flags" in {event.type for event in events}) == negotiated


async def test_the_server_answers_with_its_own_features(comfy):
    async with comfy.ear() as ear:
        await ear.socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
        features = (await ear.until("feature_flags"))[-1].data
    assert features == (await comfy.get("/features")).json
    assert (features["supports_preview_metadata"], features["max_upload_size"]) == (True, 104857600)
