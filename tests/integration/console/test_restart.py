"""What is in the chat after Easel was stopped and started again, with the same data."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from yarl import URL

from bot.app.translation import DATABASE_FILE, SHIPPED_WORKFLOWS
from bot.chat.manners import Manners
from bot.chat.pacing import Budgets
from bot.console.filling import fill
from bot.console.front import ConsoleFrontEnd
from bot.console.room import Capacity, Room
from bot.standin import StandIn

SMALL = "--w 64 --h 64 --steps 2"
Live = Callable[..., AbstractAsyncContextManager[Any]]


def plain(message: dict[str, Any]) -> dict[str, Any]:
    """What a person sees of a message, without what is new in each life."""
    pictures = [{**picture, "id": None} for picture in message.get("pictures", [])]
    return {**message, "pictures": pictures}


async def size_of(visitor: Any, picture: dict[str, Any]) -> tuple[int, int]:
    async with visitor.http.get(visitor.address.join(URL(f"/api/pictures/{picture['id']}"))) as answer:
        assert answer.status == 200
        return Image.open(BytesIO(await answer.read())).size


async def done(visitor: Any, text: str, *pictures: bytes, **fields: str) -> dict[str, Any]:
    """Say it, and wait until it is over: the result."""
    job = await visitor.say(text, *pictures, **fields)
    result = await visitor.finished(job)
    await visitor.over(job)
    return result


async def test_what_was_made_is_there_again_in_the_same_order_under_the_same_ids(live: Live) -> None:
    async with live() as visitor:
        for text in (f"a red fox {SMALL}", f"blue foxes --n 2 {SMALL}"):
            await done(visitor, text)
        before = await visitor.messages()
    async with live() as visitor:
        after = await visitor.messages()
        assert [plain(message) for message in after[1::2]] == [plain(message) for message in before[1::2]]
        assert [message["id"] for message in after] == [message["id"] for message in before]
        assert [message["text"].split(" --")[0] for message in after[::2]] == [
            "/imagine a red fox",
            "/imagine blue foxes",
        ]
        for picture in (*after[1]["pictures"], *after[3]["pictures"]):
            assert await size_of(visitor, picture) == (64, 64)


async def test_buttons_and_replies_go_on_from_what_was_made_before(live: Live) -> None:
    async with live() as visitor:
        before = await done(visitor, f"a red fox --seed 7 --n 2 {SMALL}")
    async with live() as visitor:
        status, answer = await visitor.press(before["job"], "edit")
        assert (status, "--seed 7" in answer["command"]) == (200, True)

        changed = await done(visitor, "--w 128", reply_to=before["id"])
        assert changed["pictures"][0]["width"] == 128
        assert changed["title"] == before["title"]

        await done(visitor, "in the snow --steps 2", reply_to=before["id"], of="1")
        said = (await visitor.messages())[-2]
        assert (said["reply_to"], said["of"]) == (before["id"], 1)
    async with live() as visitor:
        said = (await visitor.messages())[-2]
        assert (said["reply_to"], said["of"], said["pictures"]) == (before["id"], 1, [])


async def test_a_picture_that_came_with_a_request_is_there_again(live: Live, png: Callable[..., bytes]) -> None:
    async with live() as visitor:
        await done(visitor, "in the snow --steps 2", png("teal", (64, 48)))
    async with live() as visitor:
        [picture] = (await visitor.messages())[0]["pictures"]
        assert await size_of(visitor, picture) == (64, 48)


async def test_a_job_that_was_drawing_goes_on_in_its_card(live: Live, standin: StandIn) -> None:
    standin.faults.stall("SamplerCustomAdvanced", at=2)
    async with live() as visitor:
        job = await visitor.say("a red fox --w 64 --h 64 --steps 4")
        before = await visitor.until(lambda message: message.get("tone") == "running")
    async with live() as visitor:
        said, card = await visitor.messages()
        assert (said["kind"], card["kind"], card["id"], card["job"]) == ("said", "status", before["id"], job)
        card = await visitor.until(lambda message: message.get("lines") == ["SamplerCustomAdvanced"])
        assert card["progress"] < 0.9
        standin.faults.resume()
        result = await visitor.finished(job)
        assert result["id"] == before["id"]
        assert [message["kind"] for message in await visitor.messages()] == ["said", "finished"]
        assert len(standin.finished) == 1


async def test_cards_of_jobs_that_wait_stand_in_the_order_in_which_they_were_asked_for(
    live: Live, standin: StandIn
) -> None:
    standin.faults.stall("SamplerCustomAdvanced", at=2)
    async with live() as visitor:
        jobs = [await visitor.say(f"fox {n} {SMALL}") for n in range(3)]
        await visitor.until(lambda message: message.get("job") == jobs[2])
    async with live() as visitor:
        standin.faults.resume()
        for job in jobs:
            await visitor.finished(job)
        messages = await visitor.messages()
        assert [message["kind"] for message in messages] == ["said", "finished"] * 3
        assert [message["job"] for message in messages[1::2]] == jobs


async def test_a_job_that_ended_without_a_picture_says_so_again(live: Live, standin: StandIn) -> None:
    standin.faults.fail_node("SamplerCustomAdvanced", message="out of memory")
    async with live() as visitor:
        visitor.language = "zh-CN"
        job = await visitor.say(f"a red fox {SMALL}")
        before = await visitor.until(lambda message: message.get("tone") == "failed")
        await visitor.over(job)
    async with live() as visitor:
        after = (await visitor.messages())[1]
        assert plain(after) == plain(before)
        assert "out of memory" in after["lines"][0]


async def test_a_picture_that_is_no_longer_kept_is_said_to_be_gone_and_can_be_deleted(live: Live) -> None:
    async with live() as visitor:
        before = await done(visitor, f"a red fox {SMALL}")
        [kept] = (await visitor.known(before["job"])).pictures
        await visitor.easel.service.media.remove(kept.sha256)
    async with live() as visitor:
        _, card = await visitor.messages()
        assert (card["kind"], card["id"], card["title"]) == ("status", before["id"], "a red fox")
        assert card["lines"] == ["The picture is no longer kept here."]
        assert card["actions"] == ["again", "edit", "info", "delete"]
        status, _ = await visitor.press(before["job"], "delete")
        assert status == 200
        await visitor.gone(before["id"])


async def test_what_was_deleted_stays_away(live: Live) -> None:
    async with live() as visitor:
        gone = await done(visitor, f"a red fox {SMALL}")
        kept = await done(visitor, f"a blue fox {SMALL}")
        await visitor.press(gone["job"], "delete")
    async with live() as visitor:
        assert [message.get("job") for message in await visitor.messages()] == [None, kept["job"]]


async def test_a_spoiler_stays_one(live: Live) -> None:
    async with live(EASEL_CONTENT__SPOILER_WORDS='["fox"]') as visitor:
        assert (await done(visitor, f"a red fox {SMALL}"))["spoiler"]
        assert not (await done(visitor, f"a red cat {SMALL}"))["spoiler"]
    async with live() as visitor:
        results = [message for message in await visitor.messages() if message["kind"] == "finished"]
        assert [result["spoiler"] for result in results] == [True, False]


async def test_a_page_of_an_earlier_life_is_told_to_begin_anew(live: Live) -> None:
    async with live() as visitor:
        await done(visitor, f"a red fox {SMALL}")
        mark = (await visitor.get("/api/room"))["mark"]
    async with live() as visitor, visitor.events(last=mark) as events:
        assert (await anext(events)).name == "reset"


async def test_only_as_many_pictures_are_read_as_the_room_holds(live: Live) -> None:
    async with live() as visitor:
        for colour in ("red", "blue", "green"):
            newest = await done(visitor, f"a {colour} fox {SMALL}")
        [picture] = (await visitor.known(newest["job"])).pictures
        room = Room(Capacity(picture_bytes=picture.size * 3 // 2))
        await fill(room, ConsoleFrontEnd(room, Budgets()), visitor.easel.service, Manners())
        assert [message.id for message in room.messages][-1] == newest["id"]
        assert len(room.messages) == 2


async def test_a_record_of_jobs_that_cannot_be_used_is_said_in_the_chat(live: Live, tmp_path: Path) -> None:
    async with live() as visitor:
        made = await done(visitor, f"a red fox {SMALL}")
        with closing(sqlite3.connect(tmp_path / DATABASE_FILE)) as other:
            other.execute("ALTER TABLE jobs RENAME TO elsewhere")
            assert await visitor.say(f"a blue fox {SMALL}") is None
            answer = await visitor.until(lambda message: message["kind"] == "told")
            assert "record of jobs cannot be used just now" in answer["text"]
            status, refused = await visitor.press(made["job"], "again")
            assert (status, "record of jobs cannot be used" in refused["error"]) == (409, True)
            other.execute("ALTER TABLE elsewhere RENAME TO jobs")
        await done(visitor, f"a green fox {SMALL}")


async def test_whoever_runs_easel_may_say_everything_here_although_access_is_closed(live: Live, tmp_path: Path) -> None:
    for kind in ("json", "toml"):
        shutil.copy(SHIPPED_WORKFLOWS / f"sdxl.{kind}", tmp_path / f"grown.{kind}")
    with (tmp_path / "grown.toml").open("r+") as manifest:
        text = manifest.read()
        manifest.seek(0)
        manifest.write(f"adult = true\n{text}")
    async with live(EASEL_WORKFLOWS__FOLDERS=f'["{tmp_path}"]') as visitor:
        await done(visitor, f"a red fox {SMALL} --workflow grown")
        await visitor.say("/help")
        answer = await visitor.until(lambda message: message["kind"] == "told")
        for command in ("/imagine", "/settings", "/drain", "/audit"):
            assert command in answer["text"]
