"""What Telegram refuses, over the wire: what is tried again, what is done instead, and what is told."""

from __future__ import annotations

import pytest

from bot.chat.pacing import SlowDown
from bot.errors import EaselError
from bot.jobs.model import Place
from bot.telegram.errors import ChatUnreachable, MayNotSend, NotTaken, TopicClosed
from bot.telegram.sending import Sender
from bot.telegram.writing import Text, plain
from tests.telegram_api import BotApi, Chat, Person

from .conftest import Clock, Moves, place

FOX = plain("fox")


async def refusal(sender: Sender, where: Place, text: Text = FOX) -> EaselError:
    with pytest.raises(EaselError) as refused:
        await sender.text(where, text, reply_to=None)
    return refused.value


async def pause(sender: Sender, where: Place) -> float:
    with pytest.raises(SlowDown) as slow:
        await sender.text(where, FOX, reply_to=None)
    return slow.value.seconds


# What may go well later


async def test_trouble_is_given_more_time_each_time_and_forgotten_once_it_is_over(
    api: BotApi, sender: Sender, foxes: Chat
) -> None:
    api.faults.cut(times=8)
    assert [await pause(sender, place(foxes)) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    await sender.text(place(foxes), FOX, reply_to=None)
    api.faults.cut()
    assert await pause(sender, place(foxes)) == 1


async def test_every_chat_has_troubles_of_its_own(api: BotApi, sender: Sender, foxes: Chat, ann: Person) -> None:
    ann.says("hello")
    api.faults.cut(times=3)
    assert [await pause(sender, place(foxes)) for _ in range(2)] == [1, 2]
    assert await pause(sender, place(ann.private)) == 1


@pytest.mark.parametrize(("status", "html"), [(500, False), (502, False), (502, True), (504, True)])
async def test_a_server_in_trouble_is_asked_again(
    api: BotApi, sender: Sender, foxes: Chat, status: int, *, html: bool
) -> None:
    api.faults.fail(status=status, html=html)
    assert await pause(sender, place(foxes)) == 1


async def test_an_outage_is_waited_out(api: BotApi, sender: Sender, foxes: Chat) -> None:
    await api.stop()
    assert await pause(sender, place(foxes)) == 1
    await api.start()
    await sender.text(place(foxes), FOX, reply_to=None)
    assert foxes.log() == "Easel: fox"


async def test_nothing_is_lost_while_the_token_is_not_valid(
    api: BotApi, sender: Sender, foxes: Chat, clock: Clock
) -> None:
    api.faults.revoke_token()
    assert [await pause(sender, place(foxes)) for _ in range(3)] == [1, 2, 4]
    api.faults.restore_token()
    await clock.patiently(lambda: sender.text(place(foxes), FOX, reply_to=None))
    assert foxes.log() == "Easel: fox"


async def test_silence_is_kept_as_long_as_telegram_asks_for(api: BotApi, sender: Sender, foxes: Chat) -> None:
    api.faults.flood(222)
    assert await pause(sender, place(foxes)) == 222


# What is final


async def test_a_chat_that_we_were_put_out_of_cannot_be_reached(sender: Sender, foxes: Chat) -> None:
    foxes.remove_bot()
    refused = await refusal(sender, place(foxes))
    assert isinstance(refused, ChatUnreachable)
    assert refused.chat == f"telegram/{foxes.id}"


async def test_nor_can_somebody_who_has_blocked_us_or_never_spoke_to_us(
    api: BotApi, sender: Sender, ann: Person
) -> None:
    assert isinstance(await refusal(sender, place(ann.private)), ChatUnreachable)
    ann.says("hello")
    ann.blocks()
    assert isinstance(await refusal(sender, place(ann.private)), ChatUnreachable)
    assert isinstance(await refusal(sender, Place("telegram", "-4242")), ChatUnreachable)


async def test_where_we_may_not_speak_that_is_said(sender: Sender, foxes: Chat) -> None:
    foxes.mute_bot()
    refused = await refusal(sender, place(foxes))
    assert isinstance(refused, MayNotSend)
    assert refused.what == "messages"


async def test_what_nobody_expected_is_told_in_telegram_s_words(sender: Sender, foxes: Chat) -> None:
    refused = await refusal(sender, place(foxes), Text(""))
    assert isinstance(refused, NotTaken)
    assert refused.reason == "Message text is empty"


async def test_to_delete_what_cannot_be_deleted_is_no_error(
    sender: Sender, foxes: Chat, ann: Person, clock: Clock
) -> None:
    theirs = ann.says("mine", foxes)
    await sender.delete(place(foxes), str(theirs.id))
    ours = await clock.patiently(lambda: sender.text(place(foxes), FOX, reply_to=None))
    foxes.remove_bot()
    await sender.delete(place(foxes), ours)
    assert foxes.log() == "Ann: mine\nEasel: fox"


# Topics


async def test_everything_stays_in_its_topic(api: BotApi, sender: Sender, ann: Person) -> None:
    dusk = api.forum("Foxes", ann).topic("Dusk")
    asked = ann.says("/imagine a fox", dusk)
    await sender.text(place(dusk), FOX, reply_to=str(asked.id))
    assert dusk.chat.log() == '#Dusk Ann: /imagine a fox\n#Dusk Easel, to Ann "/imagine a fox": fox'


async def test_what_belongs_to_a_topic_that_is_gone_is_said_in_the_chat(
    api: BotApi, sender: Sender, ann: Person
) -> None:
    dusk = api.forum("Foxes", ann).topic("Dusk")
    asked = ann.says("/imagine a fox", dusk)
    dusk.delete()
    await sender.text(place(dusk), FOX, reply_to=str(asked.id))
    assert dusk.chat.log() == "Easel: fox"


async def test_a_topic_that_is_closed_takes_nothing(api: BotApi, sender: Sender, ann: Person) -> None:
    dusk = api.forum("Foxes", ann).topic("Dusk")
    dusk.close()
    assert isinstance(await refusal(sender, place(dusk)), TopicClosed)


# Groups that become supergroups


async def test_a_group_is_followed_to_its_new_id(
    api: BotApi, sender: Sender, moves: Moves, ann: Person, clock: Clock
) -> None:
    old = api.group("Foxes", ann)
    asked = ann.says("/imagine a fox", old)
    status = await sender.text(place(old), plain("Waiting"), reply_to=str(asked.id))
    new = old.migrate()
    for _ in range(2):
        await clock.patiently(lambda: sender.text(place(old), FOX, reply_to=str(asked.id)))
    assert new.log() == "Easel: fox\nEasel: fox"
    assert moves.told == [(place(old), str(new.id))]
    assert await sender.edit_text(place(old), status, plain("Drawing"))  # it is of the old group, where nobody is
    assert [message.text for message in old.answers] == ["Waiting"]


async def test_a_move_is_heard_of_in_an_edit_too(
    api: BotApi, sender: Sender, moves: Moves, ann: Person, clock: Clock
) -> None:
    old = api.group("Foxes", ann)
    status = await sender.text(place(old), plain("Waiting"), reply_to=None)
    new = old.migrate()
    assert await clock.patiently(lambda: sender.edit_text(place(old), status, plain("Drawing")))
    assert moves.told == [(place(old), str(new.id))]


async def test_a_move_that_cannot_be_kept_is_followed_all_the_same(
    api: BotApi, sender: Sender, moves: Moves, ann: Person
) -> None:
    moves.broken = True
    old = api.group("Foxes", ann)
    new = old.migrate()
    await sender.text(place(old), FOX, reply_to=None)
    assert new.log() == "Easel: fox"
