"""What Easel says becomes messages of the room, each once, also where it says so again after a crash."""

from __future__ import annotations

import pytest

from bot.chat.card import Result, ResultPicture, StatusCard, Tone
from bot.chat.pacing import Budgets
from bot.console.front import PLACE, ConsoleFrontEnd
from bot.console.messages import Finished, Said
from bot.console.room import Room

WAITING = StatusCard("k7m2qd", Tone.WAITING, "Waiting")
RUNNING = StatusCard("k7m2qd", Tone.RUNNING, "Drawing")
OTHER = StatusCard("zzzzzz", Tone.WAITING, "Waiting")
RESULT = Result("k7m2qd", "a fox", (), (ResultPicture(b"data", "fox.png", "image/png", 8, 8, "0" * 64),), ())


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def front(room: Room) -> ConsoleFrontEnd:
    return ConsoleFrontEnd(room, Budgets())


def jobs(room: Room) -> list[tuple[str, str]]:
    return [
        (type(message.content).__name__, message.content.job)
        for message in room.messages
        if isinstance(message.content, StatusCard | Finished)
    ]


async def test_a_card_that_is_shown_again_is_the_one_that_is_there(room: Room, front: ConsoleFrontEnd) -> None:
    first = await front.show(PLACE, WAITING, reply_to=None)
    await front.show(PLACE, OTHER, reply_to=None)
    assert await front.show(PLACE, RUNNING, reply_to=None) == first
    assert jobs(room) == [("StatusCard", "k7m2qd"), ("StatusCard", "zzzzzz")]
    assert room.messages[0].content == RUNNING


async def test_a_result_takes_the_place_of_its_card(room: Room, front: ConsoleFrontEnd) -> None:
    said = room.add(Said("a fox")).id
    status = await front.show(PLACE, WAITING, reply_to=said)
    await front.show(PLACE, OTHER, reply_to=None)
    assert await front.post(PLACE, RESULT, reply_to=said, status=status) == (status,)
    assert jobs(room) == [("Finished", "k7m2qd"), ("StatusCard", "zzzzzz")]


@pytest.mark.parametrize("known", [True, False])
async def test_a_result_that_is_posted_again_stands_there_once(
    room: Room, front: ConsoleFrontEnd, *, known: bool
) -> None:
    said = room.add(Said("a fox")).id
    status = await front.show(PLACE, WAITING, reply_to=said)
    first = await front.post(PLACE, RESULT, reply_to=said, status=status if known else None)
    assert await front.post(PLACE, RESULT, reply_to=said, status=None) == first
    assert jobs(room) == [("Finished", "k7m2qd")]


async def test_in_reply_to_another_message_a_result_is_posted_anew(room: Room, front: ConsoleFrontEnd) -> None:
    said, asked = room.add(Said("a fox")).id, room.add(Said("/show k7m2qd")).id
    status = await front.show(PLACE, WAITING, reply_to=said)
    first = await front.post(PLACE, RESULT, reply_to=said, status=status)
    second = await front.post(PLACE, RESULT, reply_to=asked, status=None)
    assert first != second
    assert jobs(room) == [("Finished", "k7m2qd")] * 2


async def test_a_result_whose_card_is_gone_is_posted_all_the_same(room: Room, front: ConsoleFrontEnd) -> None:
    await front.post(PLACE, RESULT, reply_to=None, status="00000000-1")
    assert jobs(room) == [("Finished", "k7m2qd")]


async def test_a_card_whose_message_is_gone_stays_away(room: Room, front: ConsoleFrontEnd) -> None:
    status = await front.show(PLACE, WAITING, reply_to=None)
    await front.remove(PLACE, status)
    await front.update(PLACE, status, RUNNING)
    assert room.messages == ()
