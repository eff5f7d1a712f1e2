"""What somebody with the page open says, sees and presses; the servers are stand-ins, all between is real."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from yarl import URL

from bot import console as room_of_console
from bot.chat.texts import LANGUAGES, texts_for
from bot.images.metadata import read
from bot.standin import StandIn

SMALL = "--w 64 --h 64 --steps 2"
STATIC = Path(str(room_of_console.__file__)).parent / "static"


async def download(visitor: Any, path: str) -> tuple[Any, bytes]:
    async with visitor.http.get(visitor.address.join(URL(path))) as answer:
        assert answer.status == 200
        return answer.headers, await answer.read()


def uploaded(standin: StandIn) -> list[bytes]:
    """The pictures that Easel sent to the server; it has an example of its own beside them."""
    return [file.read_bytes() for file in standin.folder("input").rglob("easel-*")]


async def put(events: AsyncIterator[Any]) -> Any:
    """The next event about a message; the side comes and goes at its own times."""
    while (event := await anext(events)).name == "side":
        pass
    return event


async def test_a_prompt_becomes_a_picture_in_the_place_of_its_status(visitor: Any) -> None:
    job = await visitor.say(f"a red fox {SMALL}")
    result = await visitor.finished(job)

    said, finished = await visitor.messages()
    assert (said["kind"], said["text"]) == ("said", f"a red fox {SMALL}")
    assert finished == result
    assert finished["reply_to"] == said["id"]
    assert finished["title"] == "a red fox"
    assert finished["actions"] == ["again", "vary", "upscale", "edit", "info", "delete"]
    [picture] = finished["pictures"]
    headers, data = await download(visitor, f"/api/pictures/{picture['id']}")
    assert headers["Content-Type"] == "image/png"
    assert Image.open(BytesIO(data)).size == (picture["width"], picture["height"]) == (64, 64)


async def test_the_chat_shows_the_recipe_and_the_download_is_the_servers_own_file(visitor: Any) -> None:
    result = await visitor.finished(await visitor.say(f"a red fox {SMALL}"))
    picture = result["pictures"][0]["id"]

    _, shown = await download(visitor, f"/api/pictures/{picture}")
    assert "a red fox" in (read(shown) or "")
    assert b"class_type" not in shown

    headers, original = await download(visitor, f"/api/originals/{picture}")
    assert headers["Content-Disposition"] == f'attachment; filename="easel-{result["job"]}-1.png"'
    assert b"class_type" in original


async def test_a_batch_is_one_message_with_all_its_pictures(visitor: Any) -> None:
    result = await visitor.finished(await visitor.say(f"foxes --n 3 {SMALL}"))
    assert len({picture["id"] for picture in result["pictures"]}) == 3


async def test_progress_and_preview_are_shown_while_it_runs(visitor: Any, standin: StandIn) -> None:
    standin.faults.stall("SamplerCustomAdvanced", at=2)
    job = await visitor.say("a red fox --w 64 --h 64 --steps 4")
    card = await visitor.until(lambda message: message.get("preview") is not None)
    assert card["job"] == job
    assert card["tone"] == "running"
    assert 0 < card["progress"] < 1
    assert card["actions"] == ["cancel"]
    standin.faults.resume()
    await visitor.finished(job)


async def test_a_cancelled_job_says_so_and_offers_to_try_again(visitor: Any, standin: StandIn) -> None:
    standin.faults.stall("SamplerCustomAdvanced", at=1)
    job = await visitor.say("a red fox --w 64 --h 64 --steps 4")
    await visitor.until(lambda message: message.get("tone") == "running")
    status, _ = await visitor.press(job, "cancel")
    assert status == 200
    standin.faults.resume()
    card = await visitor.until(lambda message: message.get("tone") == "cancelled")
    assert card["final"]
    assert "cancel" not in card["actions"]


@pytest.mark.parametrize(("language", "sentence"), [("en", "no job zzzzzz"), ("zh-CN", "没有任务")])
async def test_a_button_that_cannot_do_its_work_says_why_in_ones_language(
    visitor: Any, language: str, sentence: str
) -> None:
    visitor.language = language
    status, answer = await visitor.press("zzzzzz", "again")
    assert status == 409
    assert sentence in answer["error"]


async def test_edit_brings_the_command_with_its_seed(visitor: Any) -> None:
    job = await visitor.say(f"a red fox --seed 7 {SMALL}")
    await visitor.finished(job)
    status, answer = await visitor.press(job, "edit")
    assert status == 200
    assert answer["command"].startswith("/imagine a red fox")
    assert "--seed 7" in answer["command"]


async def test_a_deleted_result_goes_with_its_pictures(visitor: Any) -> None:
    result = await visitor.finished(await visitor.say(f"a red fox {SMALL}"))
    await visitor.over(result["job"])
    room = await visitor.get("/api/room")
    async with visitor.events(after=room["mark"]) as events:
        status, _ = await visitor.press(result["job"], "delete")
        assert status == 200
        async with asyncio.timeout(10):
            event = await put(events)
    assert (event.name, event.data) == ("drop", {"id": result["id"]})
    async with visitor.http.get(visitor.address.join(URL(f"/api/pictures/{result['pictures'][0]['id']}"))) as answer:
        assert answer.status == 410
    assert [message["kind"] for message in await visitor.messages()] == ["said"]


async def test_an_attached_picture_is_shown_and_is_the_input(
    visitor: Any, standin: StandIn, png: Callable[..., bytes]
) -> None:
    job = await visitor.say("in the snow --steps 2", png("teal", (64, 48), "BMP"))
    await visitor.finished(job)
    said = (await visitor.messages())[0]
    [picture] = said["pictures"]
    assert (picture["width"], picture["height"]) == (64, 48)
    headers, shown = await download(visitor, f"/api/pictures/{picture['id']}")
    assert headers["Content-Type"] == "image/png"  # as every browser and every ComfyUI reads it
    assert uploaded(standin) == [shown]


@pytest.mark.parametrize(("language", "sentence"), [("en", "This file is not a picture"), ("zh-CN", "不是图片")])
async def test_a_file_that_is_no_picture_is_answered_with_a_sentence(
    visitor: Any, language: str, sentence: str
) -> None:
    visitor.language = language
    assert await visitor.say("in the snow", b"#!/bin/sh\necho hello") is None
    answer = await visitor.until(lambda message: message["kind"] == "told")
    assert sentence in answer["text"]
    said = (await visitor.messages())[0]
    assert answer["reply_to"] == said["id"]
    assert said["pictures"] == []


async def test_a_reply_to_ones_own_picture_starts_from_it(
    visitor: Any, standin: StandIn, png: Callable[..., bytes]
) -> None:
    await visitor.say("/help", png("teal"), png("orange"))
    said = (await visitor.messages())[0]
    await visitor.finished(await visitor.say("in the snow --steps 2", reply_to=said["id"], of="1"))
    assert uploaded(standin) == [png("orange")]


async def test_a_reply_to_one_picture_of_a_batch_starts_from_that_one(visitor: Any, standin: StandIn) -> None:
    result = await visitor.finished(await visitor.say(f"foxes --n 2 {SMALL}"))
    await visitor.finished(await visitor.say("in the snow --steps 2", reply_to=result["id"], of="1"))
    _, second = await download(visitor, f"/api/originals/{result['pictures'][1]['id']}")
    [sent] = uploaded(standin)
    assert Image.open(BytesIO(sent)).tobytes() == Image.open(BytesIO(second)).tobytes()


async def test_flags_alone_in_a_reply_change_only_these(visitor: Any) -> None:
    first = await visitor.finished(await visitor.say(f"a red fox --seed 7 {SMALL}"))
    job = await visitor.say("--w 128", reply_to=first["id"])
    second = await visitor.finished(job)
    assert second["pictures"][0]["width"] == 128
    _, answer = await visitor.press(job, "edit")
    assert "--seed 7" in answer["command"]


@pytest.mark.parametrize(("reply", "of"), [("nothing-1", "0"), ("own", "1")])
async def test_a_reply_to_what_is_gone_says_so_and_posts_nothing(
    visitor: Any, png: Callable[..., bytes], reply: str, of: str
) -> None:
    await visitor.say("/help", png())
    before = await visitor.until(lambda message: message["kind"] == "told")
    own = (await visitor.messages())[0]["id"]
    with pytest.raises(AssertionError, match="no longer in the chat"):
        await visitor.say("hello", reply_to=own if reply == "own" else reply, of=of)
    assert (await visitor.messages())[-1] == before


async def test_markup_is_text(visitor: Any) -> None:
    text = "/nothing <img src=x onerror=alert(1)> **bold** {0} %s"
    await visitor.say(text)
    assert (await visitor.messages())[0]["text"] == text


# --- events ---------------------------------------------------------------------------------------------------------


async def test_after_a_break_exactly_the_missed_events_come(visitor: Any) -> None:
    await visitor.say("/help")
    await visitor.until(lambda message: message["kind"] == "told")
    seen = (await visitor.get("/api/room"))["mark"]
    await visitor.say("/workflows")
    await visitor.until(lambda message: message["number"] == 4)

    async with asyncio.timeout(10), visitor.events(last=seen) as events:
        first, second = await put(events), await put(events)
    assert [event.data["number"] for event in (first, second)] == [3, 4]

    async with asyncio.timeout(10), visitor.events(last=first.id) as events:
        assert await put(events) == second


async def test_what_the_browser_saw_last_counts_more_than_the_pages_first_mark(visitor: Any) -> None:
    await visitor.say("/help")
    await visitor.until(lambda message: message["kind"] == "told")
    room = await visitor.get("/api/room")
    epoch = room["mark"].rpartition("-")[0]
    async with asyncio.timeout(10), visitor.events(after=f"{epoch}-0", last=room["mark"]) as events:
        await visitor.say("/workflows")
        assert (await put(events)).data["number"] == 3


@pytest.mark.parametrize("mark", ["", "nonsense", "00000000-1", "{epoch}-999999", "{epoch}-²", "{epoch}--1"])
async def test_with_a_mark_of_another_time_the_page_is_told_to_begin_anew(visitor: Any, mark: str) -> None:
    await visitor.say("/help")
    room = await visitor.get("/api/room")
    epoch = room["mark"].rpartition("-")[0]
    async with asyncio.timeout(10), visitor.events(after=mark.format(epoch=epoch)) as events:
        event = await anext(events)
        assert event.name == "reset"
    async with asyncio.timeout(10), visitor.events(last=event.id) as events:
        await visitor.say("/workflows")
        assert (await anext(events)).name != "reset"


async def test_two_pages_see_the_same(visitor: Any) -> None:
    mark = (await visitor.get("/api/room"))["mark"]
    async with visitor.events(after=mark) as one, visitor.events(after=mark) as other:
        await visitor.say("/help")
        async with asyncio.timeout(10):
            for events in (one, other):
                assert (await put(events)).data["text"] == "/help"


async def test_stopping_sends_the_pages_away(serve: Any, stranger: Any) -> None:
    console = await serve()
    async with stranger.get(console.server.url):
        pass
    async with stranger.get(URL(console.server.url).join(URL("/api/events"))) as stream:
        await stream.content.readline()
        async with asyncio.timeout(3):
            await console.server.__aexit__(None, None, None)
            await stream.content.read()


# --- beside the chat ------------------------------------------------------------------------------------------------


async def test_queue_and_servers_are_shown_to_whoever_looks(visitor: Any, standin: StandIn) -> None:
    standin.faults.stall("SamplerCustomAdvanced", at=1)
    job = await visitor.say("a red fox --w 64 --h 64 --steps 4")
    await visitor.until(lambda message: message.get("tone") == "running")
    mark = (await visitor.get("/api/room"))["mark"]
    async with asyncio.timeout(10), visitor.events(after=mark) as events:
        async for event in events:
            if event.name == "side" and event.data["jobs"]:
                break
    [line] = event.data["jobs"]
    assert (line["job"], line["own"], line["title"]) == (job, True, "a red fox")
    assert line["lines"]["zh-CN"][0].startswith("绘制中")
    [server] = event.data["servers"]
    assert (server["name"], server["lines"]["en"]) == ("127.0.0.1", ["1 running, 0 waiting"])
    standin.faults.resume()


# --- texts ----------------------------------------------------------------------------------------------------------


def used_by_the_page() -> set[str]:
    """Every text id that the page names; ``button-`` ids are made of the server's own words."""
    found: set[str] = set()
    for file in STATIC.iterdir():
        found |= set(re.findall(r"console-page-[a-z0-9-]*[a-z0-9]", file.read_text("utf-8")))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_has_every_text_it_names_in_every_language(visitor: Any, language: str) -> None:
    answer = await visitor.get(f"/api/texts?lang={language}")
    assert answer["language"] == language
    assert used_by_the_page() <= set(answer["texts"])
    assert {f"button-{action}" for action in ("again", "cancel", "delete")} <= set(answer["texts"])


async def test_the_page_gets_no_text_that_it_does_not_use(visitor: Any) -> None:
    texts = (await visitor.get("/api/texts"))["texts"]
    assert {text for text in texts if text.startswith("console-")} == used_by_the_page()


async def test_every_command_that_works_here_is_suggested_in_the_language_of_the_page(visitor: Any) -> None:
    english, chinese = [(await visitor.get(f"/api/texts?lang={language}"))["commands"] for language in LANGUAGES]
    words = [command["word"] for command in english]
    assert words == [command["word"] for command in chinese]
    assert {"imagine", "cancel", "help", "audit", "upscale"} <= set(words)
    assert "reload" not in words  # these settings come from nowhere that could be read again
    assert {"word": "cancel", "usage": "/cancel [ID]", "summary": "Stop a job of yours"} in english
    assert all(re.search(r"[\u4e00-\u9fff]", command["summary"]) for command in chinese)


def test_both_languages_have_the_same_texts_and_the_same_slots() -> None:
    english, chinese = (texts_for(language).ids() for language in LANGUAGES)
    assert {text for text in english if text.startswith("console-")} == {
        text for text in chinese if text.startswith("console-")
    }


async def test_the_answer_is_in_the_language_of_the_page(visitor: Any) -> None:
    visitor.language = "zh-CN"
    await visitor.say("/queue")
    answer = await visitor.until(lambda message: message["kind"] == "told")
    assert answer["text"].startswith("队列")


async def test_the_console_is_spoken_to_as_often_as_the_settings_say(live) -> None:
    async with live(EASEL_PACING__CONSOLE__PER_CHAT='{"messages": 1, "seconds": 3600}') as visitor:
        for _ in range(8):
            await visitor.say("/help")
        kinds = [message["kind"] for message in await visitor.messages()]
    assert (kinds.count("said"), kinds.count("told")) == (8, 1)
