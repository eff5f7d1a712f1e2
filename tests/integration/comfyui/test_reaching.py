"""Prefix, credentials, TLS; and what is said when a server cannot be reached."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
import uuid

import aiohttp
import pytest
import trustme
from aiohttp import web
from structlog.testing import capture_logs

from bot.comfyui.client import Client
from bot.comfyui.errors import (
    BadAnswer,
    ServerError,
    ServerTimeout,
    ServerUnreachable,
    TlsFailed,
    Unauthorised,
)
from bot.comfyui.outputs import OutputFile
from bot.comfyui.progress import Succeeded
from bot.comfyui.server import Server, Timeouts

SECRET = "swordfish"


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


async def use_every_route(client: Client, graph, prompt_id) -> None:
    assert await client.connect()
    await client.upload(b"picture", "x.png")
    await client.submit(graph, prompt_id)
    await client.queue()
    await client.reconcile([prompt_id])
    await client.object_info()
    await client.object_info("KSampler")
    await client.system_stats()
    await client.models("checkpoints")
    await client.fetch(OutputFile("9", "a.png"))
    assert await client.cancel(prompt_id)


@pytest.mark.parametrize("jobs_api", [False, True])
async def test_every_route_and_the_socket_go_below_the_prefix_with_the_credentials(
    start_peer, connect, graph, prompt_id, jobs_api
):
    peer = await start_peer(
        prefix="/gpu/comfy/", credentials=basic("ada", SECRET), header=("X-Door", "open"), jobs_api=jobs_api
    )
    peer.files["a.png"] = b"picture"
    client = await connect(peer, basic_auth=("ada", SECRET), headers={"X-Door": "open"})
    await use_every_route(client, graph, prompt_id)
    seen = {request.split()[1].split("/")[1] for request in peer.requests}
    assert seen >= {"ws", "prompt", "api", "object_info", "system_stats", "models", "view", "upload"}


async def test_a_prefix_needs_no_slash_at_its_end(start_peer, connect):
    peer = await start_peer(prefix="/comfy/")
    client = await connect(peer, url=peer.url.rstrip("/"))
    assert await client.connect()
    assert (await client.queue()).pending == ()


async def test_credentials_in_the_address_are_used_and_never_shown(start_peer, connect):
    peer = await start_peer(credentials=basic("ada", SECRET))
    with capture_logs() as logs:
        client = await connect(peer, url=peer.url.replace("//", f"//ada:{SECRET}@"))
        assert await client.connect()
        await peer.stop()
        with pytest.raises(ServerUnreachable) as failed:
            await client.queue()
    assert SECRET not in f"{failed.value}{client.trouble}{logs}{client.server!r}"


@pytest.mark.parametrize("wrong", [{"basic_auth": ("ada", "wrong")}, {"basic_auth": ("ada", SECRET)}])
async def test_wrong_credentials_are_said_for_http_and_the_socket(start_peer, connect, wrong):
    peer = await start_peer(credentials=basic("ada", SECRET), header=("X-Door", "open"))
    client = await connect(peer, **wrong)
    with pytest.raises(Unauthorised) as refused:
        await client.queue()
    assert refused.value.status in (401, 403)
    assert not await client.connect()
    assert isinstance(client.trouble, Unauthorised)


@pytest.fixture
async def tls_peer(start_peer):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    return await start_peer(tls=context)


async def test_a_certificate_nobody_vouches_for_is_refused(tls_peer, connect):
    client = await connect(tls_peer)
    with pytest.raises(TlsFailed) as failed:
        await client.queue()
    assert "certificate" in failed.value.reason
    assert not await client.connect()
    assert isinstance(client.trouble, TlsFailed)


async def test_it_is_accepted_where_settings_say_so_with_one_warning(tls_peer, connect, graph, prompt_id):
    with capture_logs() as logs:
        client = await connect(tls_peer, verify_tls=False)
        await client.submit(graph, prompt_id)
        tls_peer.end(prompt_id)
        await tls_peer.count()
        assert isinstance((await client.to_the_end(prompt_id))[-1].state, Succeeded)
    assert [line["log_level"] for line in logs if "certificate" in line["event"]] == ["warning"]


async def test_plain_http_behind_an_https_address_is_a_tls_failure(peer, connect):
    client = await connect(peer, url=peer.url.replace("http", "https"))
    with pytest.raises(TlsFailed):
        await client.queue()


async def test_nobody_at_the_address_is_unreachable(peer, connect, graph, prompt_id):
    await peer.stop()
    client = await connect(peer)
    for call in (client.queue(), client.submit(graph, prompt_id), client.upload(b"x", "x.png")):
        with pytest.raises(ServerUnreachable, match="Connection refused"):
            await call


async def test_an_answer_that_only_trickles_in_runs_into_a_timeout_too(peer, connect):
    async def trickle(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await answer.write(b" ")
                await asyncio.sleep(0.02)
        return answer

    peer.instead["GET", "/queue"] = trickle
    client = await connect(peer, timeouts=Timeouts(request=0.1))
    with pytest.raises(ServerTimeout):
        await client.queue()


async def test_a_server_that_keeps_silent_runs_into_the_timeout(peer, connect):
    async def never(_request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        raise AssertionError

    peer.instead["GET", "/system_stats"] = never
    client = await connect(peer, timeouts=Timeouts(request=0.1))
    with pytest.raises(ServerTimeout) as failed:
        await client.system_stats()
    assert failed.value.seconds == 0.1


@pytest.mark.parametrize("body", ["<html>Log in</html>", "", '{"queue_running": [[', '{"queue_running": 3}'])
async def test_another_program_at_the_address_is_a_bad_answer(peer, client, body):
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=body)

    peer.instead["GET", "/queue"] = peer.instead["GET", "/models/loras"] = peer.instead["GET", "/api/jobs"] = answer
    with pytest.raises(BadAnswer):
        await client.queue(fresh=True)
    with pytest.raises(BadAnswer):
        await client.models("loras")


async def test_a_redirect_is_not_followed_with_our_credentials(start_peer, peer, connect):
    async def away(_request: web.Request) -> web.Response:
        raise web.HTTPFound(peer.url + "queue")

    door = await start_peer(credentials=basic("ada", SECRET))
    door.instead["GET", "/queue"] = away
    client = await connect(door, basic_auth=("ada", SECRET))
    with pytest.raises(ServerError) as failed:
        await client.queue()
    assert failed.value.status == 302
    assert peer.requests == []


async def test_a_client_that_was_left_says_so_to_who_still_watches(peer, graph, prompt_id):
    async with Client(Server("peer", peer.url)) as client:
        await client.submit(graph, prompt_id)
        watcher = client.watch(prompt_id)
        await anext(watcher)
    with pytest.raises(RuntimeError, match="closed"):
        await anext(watcher)
    with pytest.raises(RuntimeError, match="closed"):
        await client.submit(graph, str(uuid.uuid4()))


async def test_leaving_closes_the_session_and_the_socket(peer, client, stack):
    await stack.aclose()
    assert peer.sockets == []
    with pytest.raises((RuntimeError, aiohttp.ClientError)):
        await client.queue()
