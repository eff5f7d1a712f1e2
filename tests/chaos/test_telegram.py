"""`easel run` is killed in the middle of a conversation on Telegram, and the chat ends as if nothing had happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.standin.server import StandIn
from bot.standin.settings import Settings
from tests.chaos.telegram import CALM, TelegramStorm, telegram_storm
from tests.talks import picture, seen
from tests.telegram_api import Chat, Message, Person

pytestmark = pytest.mark.asyncio(loop_scope="module")

STOP = "POST /jobs/{prompt_id}/cancel"
QUICK = Settings(speed=0.02, label="")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def storm(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TelegramStorm]:
    """One for all tests of this file; each has people and chats of its own."""
    async with (
        StandIn(QUICK) as standin,
        TelegramStorm(tmp_path_factory.mktemp("storm"), standin).brewing() as storm,
    ):
        yield storm


@pytest.fixture
def ann(storm: TelegramStorm) -> Person:
    return storm.api.person("Ann")


@pytest.fixture
def foxes(storm: TelegramStorm, ann: Person) -> Chat:
    return storm.api.supergroup("Foxes", ann)


async def result_of(storm: TelegramStorm, asked: Message) -> Message:
    """The picture that answers a message, once all is written down."""
    await storm.calm()
    return next(one for one in asked.chat.replies_to(asked) if one.photo is not None)


async def card_of(asked: Message) -> Message:
    """The status message that answers a message."""
    chat = asked.chat
    return await seen(chat, lambda: next((one for one in chat.replies_to(asked) if "Cancel" in one.buttons), None))


async def survives(storm: TelegramStorm, chat: Chat, *, doubled: int | None = 0) -> None:
    """The bot is about to be killed, and lives again; then everybody in the chat has what they asked for, once.

    `doubled` None: the moment says nothing about what was on its way to the chat.
    """
    await storm.struck()
    await storm.calm()
    report = await storm.report(chat)
    assert (report.lost, report.wrong) == ([], []), chat.log(everything=True)
    assert doubled in (None, len(report.doubled)), chat.log(everything=True)


@pytest.mark.parametrize(
    ("moment", "doubled"),
    [
        ("before poll", 0),
        ("after poll", 0),
        ("before card", 0),
        ("after card", 1),
        ("POST /prompt", None),
        ("before edit", 0),
        ("after edit", 0),
        ("GET /view", None),
        ("before photo", 0),
        ("after photo", 1),
        ("before removal", 0),
        ("after removal", 0),
    ],
)
async def test_a_picture_comes_once_and_twice_only_if_telegram_had_just_taken_it(
    storm: TelegramStorm, ann: Person, foxes: Chat, moment: str, doubled: int | None
) -> None:
    await storm.start()
    storm.strike(moment)
    storm.ask(ann, foxes)
    await survives(storm, foxes, doubled=doubled)


@pytest.mark.parametrize(
    ("moment", "doubled"), [("before album", 0), ("after album", 1), ("before buttons", 0), ("after buttons", 1)]
)
async def test_so_do_several_pictures_and_their_buttons(
    storm: TelegramStorm, ann: Person, foxes: Chat, moment: str, doubled: int | None
) -> None:
    await storm.start()
    storm.strike(moment)
    storm.ask(ann, foxes, "--batch 2 --steps 1")
    await survives(storm, foxes, doubled=doubled)


@pytest.mark.parametrize("moment", ["before preview", "after preview"])
async def test_a_preview_may_be_the_last_that_is_seen_of_a_life(storm: TelegramStorm, ann: Person, moment: str) -> None:
    await storm.start()
    storm.strike(moment)
    storm.ask(ann, flags="--steps 30")
    await survives(storm, ann.private)


@pytest.mark.parametrize(
    ("moment", "doubled"),
    [("before getfile", 0), ("after file", 0), ("POST /upload/image", None)],
)
async def test_a_picture_that_somebody_sent_is_fetched_again(
    storm: TelegramStorm, ann: Person, foxes: Chat, moment: str, doubled: int | None
) -> None:
    await storm.start()
    storm.strike(moment)
    storm.ask(ann, foxes, photo=True)
    await survives(storm, foxes, doubled=doubled)


async def test_an_album_is_gathered_again(storm: TelegramStorm, ann: Person) -> None:
    await storm.start()
    await storm.calm()
    album = ann.sends_album([picture(48, 64), picture(64, 48)], "scene of an album --steps 2 --pick 2")
    storm.wish(album[0], "scene of an album")
    storm.strike("before poll")  # the first was handed over, and the desk waits for more
    await survives(storm, ann.private)
    (shown,) = ann.private.photos
    assert shown.photo is not None
    assert shown.photo.width > shown.photo.height


@pytest.mark.parametrize(
    ("moment", "doubled"),
    [("before answer", None), ("after answer", None), ("before card", 0), ("after card", 1), ("after photo", 1)],
)
async def test_a_press_on_again_makes_one_picture(
    storm: TelegramStorm, ann: Person, foxes: Chat, moment: str, doubled: int | None
) -> None:
    shown = await result_of(storm, storm.ask(ann, foxes))
    storm.strike(moment)
    storm.again(ann, shown)
    await survives(storm, foxes, doubled=doubled)


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(
            "before removal",
            marks=pytest.mark.xfail(strict=True, reason="the job is forgotten before its messages are removed"),
        ),
        "after removal",
    ],
)
async def test_a_press_on_delete_deletes(storm: TelegramStorm, ann: Person, foxes: Chat, moment: str) -> None:
    shown = await result_of(storm, ann.says("/imagine a fox --w 64 --h 64 --steps 1", foxes))
    storm.strike(moment)
    ann.presses(shown, "Delete")
    await survives(storm, foxes)
    assert foxes.answers == []


@pytest.mark.parametrize("moment", ["before answer", "after answer"])
async def test_a_press_on_cancel_stops_the_drawing(storm: TelegramStorm, ann: Person, foxes: Chat, moment: str) -> None:
    await storm.start()
    stops = storm.standin.calls[STOP]
    storm.standin.faults.stall()
    asked = storm.ask(ann, foxes)
    card = await card_of(asked)
    async with asyncio.timeout(CALM):
        await storm.standin.until(lambda: storm.standin.running is not None)
        storm.strike(moment)
        storm.cancel(ann, card)
        await storm.struck()
        await storm.start()
        await storm.standin.until(lambda: storm.standin.calls[STOP] > stops)
    storm.standin.faults.resume()
    await storm.calm()
    report = await storm.report(foxes)
    assert (report.lost, report.wrong, report.doubled) == ([], [], [])
    assert [one.text.partition("\n")[0] for one in foxes.answers] == ["Cancelled"]


@pytest.mark.parametrize("moment", ["before answer", "after answer"])
@pytest.mark.parametrize("button", ["Info", "File", "Edit"])
async def test_what_a_button_is_to_show_is_shown(
    storm: TelegramStorm, ann: Person, foxes: Chat, button: str, moment: str
) -> None:
    shown = await result_of(storm, storm.ask(ann, foxes))
    storm.strike(moment)
    ann.presses(shown, button)
    await storm.struck()
    await storm.calm()
    await seen(foxes, lambda: foxes.replies_to(shown))
    assert len(foxes.replies_to(shown)) in {1, 2}  # the press was not confirmed, and so it is told again


async def test_an_answer_to_what_an_earlier_life_has_asked_is_understood(
    storm: TelegramStorm, ann: Person, foxes: Chat
) -> None:
    shown = await result_of(storm, storm.ask(ann, foxes))
    ann.presses(shown, "Edit")
    question = await seen(foxes, lambda: next(iter(foxes.replies_to(shown)), None))
    await storm.kill()
    await storm.start()
    answer = ann.says("scene of an owl", foxes, reply_to=question)
    assert (await result_of(storm, answer)).text.startswith("scene of an owl")


async def test_a_card_that_was_orphaned_goes_when_its_button_is_pressed(
    storm: TelegramStorm, ann: Person, foxes: Chat
) -> None:
    await storm.start()
    storm.strike("after card")
    asked = storm.ask(ann, foxes)
    await storm.struck()
    shown = await result_of(storm, asked)
    (orphan,) = (one for one in foxes.answers if one is not shown)
    assert orphan.buttons == ["Cancel"]
    assert (await ann.presses(orphan, "Cancel")).alert
    await seen(foxes, lambda: orphan.deleted)


async def test_what_a_webhook_did_not_take_comes_again(tmp_path: Path, unused_tcp_port: int) -> None:
    hook = {"webhook_url": "https://easel.example.org", "webhook_host": "127.0.0.1", "webhook_port": unused_tcp_port}
    async with StandIn(QUICK) as standin, TelegramStorm(tmp_path, standin).brewing(**hook) as storm:
        storm.api.webhook.proxies["https://easel.example.org"] = f"http://127.0.0.1:{unused_tcp_port}"
        ann = storm.api.person("Ann")
        for moment in ("before getfile", "before card", "before photo"):
            await storm.start()
            storm.strike(moment)
            storm.ask(ann, photo=True)
            await survives(storm, ann.private)


async def test_killed_again_and_again_it_loses_nothing_and_doubles_only_what_it_cannot_know(tmp_path: Path) -> None:
    report = await telegram_storm(30, seed=7, folder=tmp_path)
    assert (report.lost, report.wrong) == ([], [])
    assert report.kills == 30
    assert report.requests > 10
