"""A chat gets another id, and we are taken out of chats."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.chat.pacing import SlowDown
from bot.jobs.model import Action, Place, State

NEW = Place("test", "supergroup")


async def test_what_is_followed_goes_on_in_the_new_chat_under_a_new_card(room) -> None:
    job = await room.says("/imagine a red fox")
    old = await room.sees("Waiting in the queue")
    await room.conversation.moved(room.place, NEW.chat)
    new = await room.until(lambda: [id_ for id_ in room.showing("Waiting in the queue") if id_ != old])
    assert (room.front.places[new[0]], room.front.replies[new[0]]) == (NEW, None)
    (await room.renderer.prompt()).tell(room.drawing(3, 0.25))
    assert await room.sees("step 3 of 20") == new[0]
    await room.draws(1)
    result = await room.sees("<a red fox>")
    assert room.front.places[result] == NEW
    assert (await room.told(job)).place == NEW
    await room.until(lambda: list(room.front.messages) == [old, result])


async def test_buttons_and_replies_work_in_the_new_chat(room) -> None:
    job, _ = await room.gets("/imagine a red fox --seed 0")
    await room.conversation.moved(room.place, NEW.chat)
    await room.presses(Action.AGAIN, job.id, place=NEW, message="m1/press")
    await room.draws(2)
    result = (await room.until(lambda: room.front.posted[1:]))[0]
    await room.settled()
    changed = await room.says("--steps 9", to=result, place=NEW)
    assert changed.recipe.value("steps") == 9


async def test_told_twice_a_move_changes_nothing_more(room) -> None:
    await room.says("/imagine a red fox")
    await room.sees("Waiting in the queue")
    await room.conversation.moved(room.place, NEW.chat)
    await room.until(lambda: len(room.log) == 2)
    await room.conversation.moved(room.place, NEW.chat)
    await room.settled()
    assert len(room.log) == 2


async def test_a_card_on_its_way_when_the_chat_moves_is_the_card_of_the_new_chat(room) -> None:
    """Whoever sends it finds out where the chat is now: it arrives there, and no other one follows it."""
    room.front.gate.clear()
    await room.says("/imagine a red fox")
    await room.until(lambda: room.front.calls == 1)
    await room.conversation.moved(room.place, NEW.chat)
    await room.settled()
    room.front.gate.set()
    card = await room.sees("Waiting in the queue")
    (await room.renderer.prompt()).tell(room.drawing(3, 0.25))
    assert await room.sees("step 3 of 20") == card
    assert len(room.log) == 1


async def test_a_picture_on_its_way_when_the_chat_moves_arrives_once(room) -> None:
    job = await room.says("/imagine a red fox")
    await room.sees("Waiting in the queue")
    room.front.gate.clear()
    calls = room.front.calls
    await room.draws(1)
    await room.until(lambda: room.front.calls == calls + 1)
    await room.conversation.moved(room.place, NEW.chat)
    await room.settled()
    room.front.gate.set()
    await room.told(job)
    await room.settled()
    assert len(room.front.posted) == 1


async def test_a_picture_that_waits_when_the_chat_moves_is_posted_in_the_new_one(room) -> None:
    job = await room.says("/imagine a red fox")
    await room.sees("Waiting in the queue")
    room.front.troubles = [SlowDown(3600.0)]
    await room.draws(1)
    await room.until(lambda: not room.front.troubles)
    await room.conversation.moved(room.place, NEW.chat)
    result = await room.sees("<a red fox>")
    assert room.front.places[result] == NEW
    assert (await room.told(job)).state is State.DONE


async def test_a_picture_that_is_made_ready_while_the_chat_moves_is_posted_in_the_new_one(room, monkeypatch) -> None:
    reading, read = asyncio.Event(), room.media.get

    async def slow(sha256: str) -> bytes:
        reading.set()
        await room.settled()
        return await read(sha256)

    job = await room.says("/imagine a red fox")
    await room.sees("Waiting in the queue")
    monkeypatch.setattr(room.media, "get", slow)
    await room.draws(1)
    await reading.wait()
    await room.conversation.moved(room.place, NEW.chat)
    result = await room.sees("<a red fox>")
    await room.told(job)
    assert (room.front.places[result], len(room.front.posted)) == (NEW, 1)


async def test_what_waits_in_a_chat_that_we_have_left_is_cancelled_and_what_runs_goes_on(room) -> None:
    running, waiting, elsewhere = [
        await room.says(f"/imagine fox {n}", place=place)
        for n, place in enumerate((room.place, room.place, room.alone))
    ]
    (await room.renderer.prompt(1)).tell(room.drawing(3, 0.25))
    await room.sees("step 3 of 20")
    await room.conversation.left(replace(room.place, thread="7"))
    await room.reach(waiting, State.CANCELLED)
    for number, job in ((1, running), (3, elsewhere)):
        await room.draws(number)
        await room.reach(job, State.DONE)


@pytest.mark.parametrize(("language", "told"), [("zh-hant", "取消"), (None, "取消"), ("en", "Cancel")])
async def test_everybody_has_texts_in_their_language_or_else_that_of_the_chat(room, language, told: str) -> None:
    await room.says("/settings language zh-CN", by=room.meg)
    texts = await room.conversation.texts_of(replace(room.ada, language=language), room.place)
    assert texts.say("button-cancel") == told
