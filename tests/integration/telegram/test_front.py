"""How a chat looks while a picture is made, and what else is said in it."""

from __future__ import annotations

import pytest

from bot.chat.card import Button, StatusCard, Tone, Words
from bot.chat.pacing import TELEGRAM, SlowDown
from bot.chat.texts import LANGUAGES, texts_for
from bot.images.fit import TELEGRAM_LOCAL, TELEGRAM_PHOTO
from bot.jobs.model import Action, Person, Place
from bot.telegram.front import TelegramFrontEnd
from bot.telegram.sending import Sender
from tests.telegram_api import BotApi, Chat, Message
from tests.telegram_api import Person as Somebody

from .conftest import Clock, Easel, Kept, picture, place

DAYS = 3 * 86_400.0
CANCEL = (Button(Action.CANCEL, "Cancel"),)
WAITING = StatusCard("k7m2qd", Tone.WAITING, "Waiting: 2 of 5", ("about 40 s",), buttons=CANCEL)
DRAWING = StatusCard("k7m2qd", Tone.RUNNING, "Drawing: step 7 of 20", ("Sampler",), 0.35, buttons=CANCEL)
FAILED = StatusCard("k7m2qd", Tone.FAILED, "No picture", ("The server has no memory left.",), final=True)


def drawing(progress: float, preview: bytes | None) -> StatusCard:
    return StatusCard("k7m2qd", Tone.RUNNING, "Drawing", (), progress, preview, CANCEL)


def said(message: Message) -> str:
    return message.text.replace("\N{NO-BREAK SPACE}", " ")


# What it is


def test_a_chat_with_one_person_is_told_by_its_id(front: TelegramFrontEnd) -> None:
    assert front.is_private(Place("telegram", "7"))
    assert not front.is_private(Place("telegram", "-7"))
    assert not front.is_private(Place("telegram", "-1000000000007"))


def test_it_takes_what_telegram_takes_as_often_as_it_is_told(front: TelegramFrontEnd) -> None:
    assert front.platform == "telegram"
    assert front.picture_limits is TELEGRAM_PHOTO
    assert front.budgets is TELEGRAM


def test_a_bot_api_server_of_one_s_own_takes_larger_files(sender: Sender, kept: Kept) -> None:
    front = TelegramFrontEnd(sender, kept, keep_status=False, budgets=TELEGRAM, limits=TELEGRAM_LOCAL)
    assert front.picture_limits.max_document_bytes == 2_000_000_000
    assert front.picture_limits.max_bytes == TELEGRAM_PHOTO.max_bytes


# The status message


async def test_a_status_message_answers_silently_and_can_be_cancelled(easel: Easel, foxes: Chat) -> None:
    message = await easel.shows(WAITING)
    assert foxes.log() == (
        "Ann: /imagine a lighthouse at dusk\n"
        'Easel, to Ann "/imagine a lighthouse a…": Waiting: 2 of 5\n    about 40 s [Cancel] (silent)'
    )
    assert str(foxes.answers[0].id) == message
    assert foxes.answers[0].keyboard[0][0].data == "cancel:k7m2qd"


async def test_it_says_how_far_the_picture_has_come_and_in_the_end_what_went_wrong(easel: Easel, foxes: Chat) -> None:
    await easel.shows(WAITING)
    await easel.updates(DRAWING)
    (status,) = foxes.answers
    assert said(status) == "Drawing: step 7 of 20\n▰▰▰▰▱▱▱▱▱▱▱▱ 35 %\nSampler"
    assert status.buttons == ["Cancel"]
    await easel.updates(FAILED)
    assert said(status) == "No picture\nThe server has no memory left."
    assert status.buttons == []


async def test_a_card_that_is_there_already_is_a_success(easel: Easel, foxes: Chat) -> None:
    await easel.shows(WAITING)
    await easel.updates(WAITING)
    assert [status.edits for status in foxes.answers] == [0]


async def test_a_status_message_that_somebody_deleted_comes_not_back(easel: Easel, ann: Somebody, foxes: Chat) -> None:
    await easel.shows(WAITING)
    ann.deletes(foxes.answers[0])
    await easel.updates(DRAWING)
    assert foxes.answers == []


async def test_a_card_that_is_shown_again_is_the_one_that_is_there(easel: Easel, foxes: Chat) -> None:
    first = await easel.shows(WAITING)
    assert await easel.shows(DRAWING) == first
    assert [said(status).partition("\n")[0] for status in foxes.answers] == ["Drawing: step 7 of 20"]


async def test_a_press_is_answered_where_its_button_is(front: TelegramFrontEnd, foxes: Chat, asked: Message) -> None:
    await front.show(place(foxes), WAITING, reply_to=f"{asked.id}/4000000007")
    assert foxes.replies_to(asked) == foxes.answers


async def test_a_message_is_removed_once_and_for_all(easel: Easel, foxes: Chat) -> None:
    message = await easel.shows(WAITING)
    await easel.front.remove(easel.place, message)
    await easel.front.remove(easel.place, message)
    assert foxes.answers == []


async def test_what_is_too_old_to_be_deleted_loses_its_buttons(easel: Easel, foxes: Chat) -> None:
    message = await easel.shows(WAITING)
    easel.clock.now += DAYS
    await easel.front.remove(easel.place, message)
    await easel.front.remove(easel.place, message)
    assert [status.buttons for status in foxes.answers] == [[]]


@pytest.mark.parametrize("preview", [None, picture("red")])
async def test_a_status_message_that_is_too_old_to_be_deleted_tells_how_it_ended(
    easel: Easel, foxes: Chat, preview: bytes | None
) -> None:
    await easel.shows(WAITING)
    await easel.updates(drawing(0.25, preview))
    easel.clock.now += DAYS
    await easel.posts()
    status, _ = foxes.answers
    assert (said(status), status.buttons) == ("✓ 64 × 48 · seed 7 · 12.3 s · k7m2qd", [])


# Previews


async def test_the_first_preview_makes_a_picture_of_it_and_others_take_its_place(
    api: BotApi, easel: Easel, foxes: Chat
) -> None:
    await easel.shows(WAITING)
    await easel.updates(drawing(0.25, picture("red")))
    (status,) = foxes.answers
    assert (status.photo is not None, said(status), status.buttons) == (True, "Drawing\n▰▰▰▱▱▱▱▱▱▱▱▱ 25 %", ["Cancel"])
    await easel.updates(drawing(0.5, picture("blue")))
    assert said(status) == "Drawing\n▰▰▰▰▰▰▱▱▱▱▱▱ 50 %"
    assert api.counts["editmessagemedia"] == 2


async def test_a_preview_is_uploaded_once(api: BotApi, easel: Easel, foxes: Chat) -> None:
    await easel.shows(WAITING)
    await easel.updates(drawing(0.25, picture("red")))
    await easel.updates(drawing(0.5, picture("red")))
    assert said(foxes.answers[0]) == "Drawing\n▰▰▰▰▰▰▱▱▱▱▱▱ 50 %"
    assert (api.counts["editmessagemedia"], api.counts["editmessagecaption"]) == (1, 1)


async def test_what_became_a_picture_tells_its_end_below_it(easel: Easel, foxes: Chat) -> None:
    await easel.shows(WAITING)
    await easel.updates(drawing(0.25, picture()))
    await easel.updates(FAILED)
    (status,) = foxes.answers
    assert status.photo is not None
    assert (said(status), status.buttons) == ("No picture\nThe server has no memory left.", [])


async def test_a_later_process_finds_out_that_it_is_a_picture(easel: Easel, sender: Sender, foxes: Chat) -> None:
    await easel.shows(WAITING)
    await easel.updates(drawing(0.25, picture()))
    easel.front = TelegramFrontEnd(sender, Kept(), keep_status=False, budgets=TELEGRAM)
    await easel.updates(DRAWING)
    assert foxes.answers[0].photo is not None
    assert said(foxes.answers[0]).startswith("Drawing: step 7 of 20")


async def test_where_no_photos_are_allowed_the_words_go_on_and_no_preview_is_tried_again(
    api: BotApi, easel: Easel, foxes: Chat
) -> None:
    foxes.restrict_bot(can_send_photos=False)
    await easel.shows(WAITING)
    await easel.updates(drawing(0.25, picture("red")))
    await easel.updates(drawing(0.5, picture("blue")))
    assert said(foxes.answers[0]) == "Drawing\n▰▰▰▰▰▰▱▱▱▱▱▱ 50 %"
    assert api.counts["editmessagemedia"] == 1


async def test_a_preview_that_is_no_picture_is_left_out(easel: Easel, foxes: Chat) -> None:
    await easel.shows(WAITING)
    await easel.updates(drawing(0.25, b"no picture"))
    assert said(foxes.answers[0]) == "Drawing\n▰▰▰▱▱▱▱▱▱▱▱▱ 25 %"


# Words


async def test_words_answer_with_their_command_to_be_copied(easel: Easel, foxes: Chat, asked: Message) -> None:
    message = await easel.says("To make it again, send:", "/imagine a fox @easel_bot --seed 7")
    (answer,) = foxes.answers
    assert str(answer.id) == message
    assert [one["type"] for one in answer.content.entities] == ["pre"]
    assert foxes.replies_to(asked) == [answer]


async def test_a_long_answer_comes_in_parts_each_once(api: BotApi, easel: Easel, foxes: Chat, asked: Message) -> None:
    text = "".join(f"--flag{n} is what it does\n" for n in range(400)).rstrip()
    api.faults.flood(5, method="sendMessage", times=1)
    message = await easel.says(text)
    assert message == str(foxes.answers[0].id)
    assert "\n".join(part.text for part in foxes.answers) == text
    assert [part.silent for part in foxes.answers] == [False, True, True]
    assert foxes.replies_to(asked) == foxes.answers[:1]
    assert api.floods == []


async def test_the_same_answer_to_the_same_message_can_be_given_again(easel: Easel, foxes: Chat) -> None:
    for _ in range(2):
        await easel.says("fox " * 2000)
    assert len(foxes.answers) == 4


async def test_silence_is_asked_for_and_not_waited_out(api: BotApi, front: TelegramFrontEnd, foxes: Chat) -> None:
    api.faults.flood(222)
    with pytest.raises(SlowDown) as slow:
        await front.say(place(foxes), Words("fox"), reply_to=None)
    assert slow.value.seconds == 222


@pytest.mark.parametrize(
    "nasty",
    [
        "\ud83d", "\ude00 fox", "a\0b", "\u202eevil", "👩\u200d🚀" * 900, "z\u0300" * 3000,
        "@ann /imagine https://fox.example",
    ],
    ids=ascii,
)  # fmt: skip
async def test_whatever_people_type_can_be_said_and_shown(easel: Easel, foxes: Chat, nasty: str) -> None:
    await easel.shows(StatusCard("k7m2qd", Tone.RUNNING, nasty, (nasty,), 0.5))
    await easel.updates(StatusCard("k7m2qd", Tone.RUNNING, nasty, (nasty,), 0.6, picture()))
    await easel.says(nasty, nasty)
    await easel.posts(title=nasty)
    assert foxes.photos
    assert not [one for message in foxes.answers for one in message.content.entities if one["type"] == "mention"]


# What is asked after Edit


@pytest.mark.parametrize("language", LANGUAGES)
async def test_whoever_pressed_edit_is_asked_and_nobody_else(
    front: TelegramFrontEnd, clock: Clock, foxes: Chat, asked: Message, language: str
) -> None:
    assert asked.sender is not None
    person = Person(f"telegram:{asked.sender.id}", "Ann 🦊", language)
    command, press = "/imagine a lighthouse at dusk --seed 7", f"{asked.id}/4000000007"
    await clock.patiently(
        lambda: front.ask_edit(place(foxes), person, "k7m2qd", command, texts_for(language), reply_to=press)
    )
    (question,) = foxes.answers
    wide = question.text.encode("utf-16-le")
    marked = {
        one["type"]: wide[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le")
        for one in question.content.entities
    }
    assert marked == {"text_mention": "Ann 🦊", "code": "k7m2qd", "pre": command}
    forced = question.content.force_reply
    assert forced is not None
    assert forced["selective"]
    assert 1 <= len(forced["input_field_placeholder"]) <= 64
    assert foxes.replies_to(asked) == [question]


async def test_in_a_channel_where_nobody_can_be_made_to_reply_the_question_is_there_all_the_same(
    api: BotApi, front: TelegramFrontEnd, clock: Clock, ann: Somebody
) -> None:
    news = api.channel("News", ann)
    api.faults.fail(status=400, method="sendMessage")  # tdlib/td, get_reply_markup: "Inline keyboard expected"
    person = Person(f"telegram:{ann.id}", "Ann")
    await clock.patiently(
        lambda: front.ask_edit(place(news), person, "k7m2qd", "/imagine a fox", texts_for("en"), reply_to="7")
    )
    assert [message.content.force_reply for message in news.answers] == [None]
