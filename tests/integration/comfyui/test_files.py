"""Pictures up and pictures down."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from bot.comfyui.errors import ConnectionLost, OutputGone, OutputTooLarge, RefusedGraph, ServerError, UploadTooLarge
from bot.comfyui.outputs import OutputFile, OutputText


async def test_equal_bytes_that_come_at_once_go_up_once(peer, client):
    names = await asyncio.gather(*(client.upload(b"a", f"{number}.png") for number in range(5)))
    assert names == ["0.png"] * 5
    assert peer.asked("POST /upload/image") == 1


async def test_equal_bytes_go_up_once_whatever_they_are_called(peer, client):
    assert await client.upload(b"a", "a.png") == "a.png"
    assert await client.upload(b"a", "b.png") == "a.png"
    assert await client.upload(b"b", "b.png") == "b.png"
    assert peer.asked("POST /upload/image") == 2


async def test_the_name_the_server_gives_is_the_one_to_use(peer, client):
    async def rename(_request: web.Request) -> web.Response:
        return web.json_response({"name": "a (1).png", "subfolder": "of mine", "type": "input"})

    peer.instead["POST", "/upload/image"] = rename
    assert await client.upload(b"a", "a.png") == "of mine/a (1).png"


@pytest.mark.parametrize(
    ("name", "sent"),
    [("../../etc/passwd", "_.._etc_passwd"), ("猫 and “dogs”.png", "_and_dogs_.png"), ('a"b\r\n.png', "a_b_.png")],
)
async def test_hostile_names_go_up_as_plain_ones(client, name, sent):
    assert await client.upload(b"a", name) == sent


async def test_a_name_of_which_nothing_is_left_becomes_the_hash(client):
    assert len(await client.upload(b"a", "...")) == 64


async def test_a_picture_too_large_for_the_server_is_said_to_be(peer, client):
    async def refuse(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=413)

    peer.instead["POST", "/upload/image"] = refuse
    with pytest.raises(UploadTooLarge) as failed:
        await client.upload(bytes(100), "a.png")
    assert failed.value.size == 100


async def test_a_picture_the_server_no_longer_finds_goes_up_again(peer, client, graph, prompt_id):
    async def refuse(_request: web.Request) -> web.Response:
        error = {"type": "custom_validation_failed", "message": "", "details": "image - Invalid image file: a.png"}
        found = {"1": {"errors": [error], "dependent_outputs": ["9"], "class_type": "LoadImage"}}
        return web.json_response(
            {"error": {"type": "prompt_outputs_failed_validation"}, "node_errors": found}, status=400
        )

    await client.upload(b"a", "a.png")
    peer.instead["POST", "/prompt"] = refuse
    with pytest.raises(RefusedGraph):
        await client.submit(graph, prompt_id)
    await client.upload(b"a", "a.png")
    assert peer.asked("POST /upload/image") == 2


@pytest.mark.parametrize("name", ["a.png", "a%date:yyyy%_b.png", "a b&c+d#e?.png", "猫.png", 'q"uote.png'])
async def test_an_output_is_fetched_whatever_it_is_called(peer, client, name):
    peer.files[name] = b"picture"
    assert await client.fetch(OutputFile("9", name)) == b"picture"


async def test_a_text_is_an_output_too(client):
    assert await client.fetch(OutputText("9", "一只猫")) == "一只猫".encode()


async def test_a_file_that_is_gone_is_said_to_be(client):
    with pytest.raises(OutputGone):
        await client.fetch(OutputFile("9", "nowhere.png"))


@pytest.mark.parametrize("length_known", [True, False])
async def test_a_file_over_the_limit_is_not_taken_in(peer, connect, length_known):
    sent = []

    async def large(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        if length_known:
            reply.content_length = 50_000_000
        await reply.prepare(request)
        while len(sent) < 50:
            await reply.write(bytes(1_000_000))
            sent.append(1)
        return reply

    peer.instead["GET", "/view"] = large
    client = await connect(peer, max_output_bytes=1_500_000)
    with pytest.raises(OutputTooLarge) as failed:
        await client.fetch(OutputFile("9", "a.mp4"))
    assert failed.value.limit == 1_500_000
    assert len(sent) < 50


async def test_a_file_that_breaks_off_is_a_lost_connection(peer, client):
    async def breaks(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        reply.content_length = 100
        await reply.prepare(request)
        await reply.write(b"half")
        request.transport.abort()
        return reply

    peer.instead["GET", "/view"] = breaks
    with pytest.raises(ConnectionLost):
        await client.fetch(OutputFile("9", "a.png"))


async def test_any_other_status_is_an_error_of_the_server(peer, client):
    async def fault(_request: web.Request) -> web.Response:
        return web.Response(status=500, text="disk on fire")

    peer.instead["GET", "/view"] = peer.instead["POST", "/upload/image"] = fault
    with pytest.raises(ServerError):
        await client.fetch(OutputFile("9", "a.png"))
    with pytest.raises(ServerError, match="disk on fire"):
        await client.upload(b"a", "a.png")
