"""Polls, webhooks, faults and outages: how updates reach the bot, and how they do not."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web

from tests.telegram_api import BotApi
from tests.telegram_api.clients import Clock, Wire, by_hand


async def test_a_poll_waits_for_what_comes_and_an_offset_confirms(api: BotApi, wire: Wire) -> None:
    ann = api.person("Ann")
    async with asyncio.timeout(5):
        poll = asyncio.create_task(wire.ok("getUpdates", timeout=30))
        await api.until(lambda: api.updates.polls)
        assert not poll.done()
        ann.says("1")
        (first,) = await poll
        ann.says("2")
        both = await wire.ok("getUpdates", offset=first["update_id"])
        assert [update["message"]["text"] for update in both] == ["1", "2"]
        (second,) = await wire.ok("getUpdates", offset=first["update_id"] + 1)
        assert second["message"]["text"] == "2"
        assert [update.id for update in api.updates.waiting] == [second["update_id"]]


async def test_a_poll_has_a_limit_and_may_count_from_the_end(api: BotApi, wire: Wire) -> None:
    ann = api.person("Ann")
    for text in "abcd":
        ann.says(text)
    assert len(await wire.ok("getUpdates", limit=3)) == 3
    assert [one["message"]["text"] for one in await wire.ok("getUpdates", offset=-2)] == ["c", "d"]
    assert len(api.updates.waiting) == 2


async def test_asking_the_same_again_at_once_gives_one_update(api: BotApi, wire: Wire, clock: Clock) -> None:
    ann = api.person("Ann")
    ann.says("a")
    ann.says("b")
    assert [len(await wire.ok("getUpdates")) for _ in range(2)] == [2, 1]
    clock.now += 0.5
    assert len(await wire.ok("getUpdates")) == 2
    api.limits.hasty_polls = False
    assert len(await wire.ok("getUpdates")) == 2


async def test_a_bot_can_be_told_nonsense(api: BotApi, wire: Wire) -> None:
    api.send_raw({"message": {"text": 7}, "moon": None})
    api.send_raw({})
    told = await wire.ok("getUpdates")
    assert told == [
        {"update_id": told[0]["update_id"], "message": {"text": 7}, "moon": None},
        {"update_id": told[0]["update_id"] + 1},
    ]


async def test_only_allowed_updates_are_kept_from_then_on(api: BotApi, wire: Wire) -> None:
    ann = api.person("Ann")
    ann.says("a")
    assert len(await wire.ok("getUpdates", allowed_updates=["callback_query"])) == 1
    ann.says("b")
    ann.blocks()
    assert len(api.updates.waiting) == 1
    assert (await wire.ok("getWebhookInfo"))["allowed_updates"] == ["callback_query"]


async def test_a_webhook_ends_the_poll_and_needs_https(api: BotApi, wire: Wire) -> None:
    async with asyncio.timeout(5):
        poll = asyncio.create_task(wire("getUpdates", timeout=30))
        await api.until(lambda: api.updates.polls)
        assert await wire.refused("setWebhook", url="http://127.0.0.1") == (
            "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
        )
        assert await wire.refused("setWebhook", url="https://a", secret_token="a b") == (
            "Bad Request: secret token contains unallowed characters"
        )
        await wire.ok("setWebhook", url="https://easel.example.org")
        assert (await poll)["description"] == "Conflict: terminated by setWebhook request"
    assert await wire.refused("getUpdates") == (
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )
    await wire.ok("deleteWebhook", drop_pending_updates=True)
    assert await wire.ok("getUpdates", offset=1) == []


async def test_a_webhook_keeps_the_order_of_each_chat_and_waits_longer_after_each_failure(clock: Clock) -> None:
    slept: list[float] = []
    taken: list[str] = []
    secrets: set[str | None] = set()
    refusals = 4

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def take(request: web.Request) -> web.Response:
        nonlocal refusals
        text = (await request.json())["message"]["text"]
        secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        if text == "a1":
            if refusals:
                refusals -= 1
                return web.Response(status=503)
            await api.until(lambda: "b2" in taken)  # which does not wait for this one
        taken.append(text)
        api.pulse.beat()
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with BotApi(clock=clock, sleep=sleep) as api, by_hand(api) as wire, asyncio.timeout(5):
        api.webhook.proxies["https://easel.example.org"] = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ann, bob = api.person("Ann"), api.person("Bob")
        await wire.ok("setWebhook", url="https://easel.example.org/")
        for person, text in ((ann, "a1"), (ann, "a2"), (bob, "b1"), (bob, "b2")):
            person.says(text)
        await api.until(lambda: not api.updates.waiting)
        await runner.cleanup()
    assert taken == ["b1", "b2", "a1", "a2"]
    assert slept == [0, 1, 2, 4]
    assert secrets == {None}


async def test_the_platform_outlives_its_outages(api: BotApi) -> None:
    ann = api.person("Ann")
    before = api.url
    async with by_hand(api) as wire:
        ann.says("before")
        await api.stop()
        with pytest.raises(aiohttp.ClientError):
            await wire("getMe")
        ann.says("meanwhile")
        await api.start()
        assert api.url == before
        assert [one["message"]["text"] for one in await wire.ok("getUpdates")] == ["before", "meanwhile"]


async def test_a_poll_is_cut_by_an_outage(api: BotApi, wire: Wire) -> None:
    async with asyncio.timeout(5):
        poll = asyncio.create_task(wire("getUpdates", timeout=30))
        await api.until(lambda: api.updates.polls)
        await api.stop()
        with pytest.raises(aiohttp.ClientError):
            await poll


async def test_a_connection_is_cut_before_or_after_the_effect(api: BotApi, wire: Wire) -> None:
    ann = api.person("Ann")
    ann.says("/start")
    for after in (False, True):
        api.faults.cut(method="sendMessage", after=after)
        await wire.ok("getMe")
        with pytest.raises(aiohttp.ClientError):
            await wire("sendMessage", chat_id=ann.id, text=f"after: {after}")
    await wire.ok("sendMessage", chat_id=ann.id, text="then")
    assert ann.private.log() == "Ann: /start\nEasel: after: True\nEasel: then"
    assert [call.status for call in api.calls if call.method == "sendmessage"] == [0, 0, 200]


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/json"])
async def test_a_bot_that_dies_in_the_middle_of_a_request_does_no_harm(api: BotApi, kind: str) -> None:
    head = f"POST /bot{api.token}/sendPhoto HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 999\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", int(api.url.rpartition(":")[2]))
    writer.write(head.encode() + b"--x\r\n")
    await writer.drain()
    writer.close()
    async with asyncio.timeout(5):
        await api.until(lambda: api.calls)
        await writer.wait_closed()
    assert [(call.method, call.status) for call in api.calls] == [("sendphoto", 0)]
    assert reader.at_eof() or await reader.read() == b""


async def test_a_flood_may_be_of_one_chat(api: BotApi, wire: Wire) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    ann.says("/start")
    bob.says("/start")
    api.faults.flood(9, chat=bob.private)
    await wire.ok("sendMessage", chat_id=ann.id, text="x")
    assert (await wire("sendMessage", chat_id=bob.id, text="x"))["parameters"] == {"retry_after": 9}
    assert api.floods == []  # it was not the bot that was too fast


async def test_answers_can_be_held(api: BotApi, wire: Wire) -> None:
    ann = api.person("Ann")
    ann.says("/start")
    gate = api.faults.hold(method="sendMessage", after=True)
    async with asyncio.timeout(5):
        sending = asyncio.create_task(wire.ok("sendMessage", chat_id=ann.id, text="x"))
        await api.until(lambda: gate.held)
        assert ann.private.answers
        assert not sending.done()
        gate.release()
        await sending


async def test_a_fault_happens_as_often_as_said_and_can_be_called_off(api: BotApi, wire: Wire) -> None:
    api.faults.fail(2, status=500)
    assert [await wire.refused("getMe") for _ in range(2)] == ["Internal Server Error"] * 2
    await wire.ok("getMe")
    api.faults.fail(5)
    api.faults.clear()
    await wire.ok("getMe")


async def test_a_revoked_token_ends_the_poll(api: BotApi, wire: Wire) -> None:
    async with asyncio.timeout(5):
        poll = asyncio.create_task(wire("getUpdates", timeout=30))
        await api.until(lambda: api.updates.polls)
        api.faults.revoke_token()
        assert (await poll)["description"] == "Unauthorized"
    assert await wire.refused("getMe") == "Unauthorized"
    api.faults.restore_token()
    await wire.ok("getMe")


async def test_a_rival_poller_ends_every_poll(api: BotApi, wire: Wire) -> None:
    async with asyncio.timeout(5):
        poll = asyncio.create_task(wire("getUpdates", timeout=30))
        await api.until(lambda: api.updates.polls)
        api.faults.rival = True
        assert (await poll)["error_code"] == 409
    assert "terminated by other getUpdates request" in await wire.refused("getUpdates", timeout=30)
    api.faults.rival = False
    assert await wire.ok("getUpdates", offset=1) == []


async def test_parameters_come_as_json_form_multipart_or_query(api: BotApi) -> None:
    ann = api.person("Ann")
    ann.says("/start")
    url = f"{api.url}/bot{api.token}/SENDMESSAGE"
    fields = {"chat_id": str(ann.id), "text": "x", "reply_markup": '{"force_reply": true}'}
    async with aiohttp.ClientSession() as session:
        parts = aiohttp.FormData(fields, default_to_multipart=True)
        for how in ({"params": fields}, {"data": fields}, {"data": parts}, {"json": fields | {"chat_id": ann.id}}):
            async with session.post(url, **how) as answer:  # type: ignore[arg-type]  each is right by itself
                assert answer.status == 200, await answer.text()
    assert ann.private.log() == "Ann: /start" + 4 * "\nEasel: x (asks for a reply)"


async def test_a_fault_of_the_server_itself_is_no_answer_of_telegrams(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> None:
        raise ZeroDivisionError

    async def ask() -> None:
        async with BotApi() as api, by_hand(api) as wire:
            monkeypatch.setattr(api.files, "get", broken)
            with pytest.raises(aiohttp.ContentTypeError):
                await wire("getFile", file_id="x")

    with pytest.raises(ZeroDivisionError):
        await ask()
