"""How results come into a chat: each of their pictures once, however often that is interrupted."""

from __future__ import annotations

from contextlib import suppress

import pytest

from bot.chat.card import StatusCard, Tone
from bot.chat.pacing import TELEGRAM, SlowDown
from bot.telegram.errors import FileTooLarge, MayNotSend, NotTaken
from bot.telegram.front import TelegramFrontEnd
from bot.telegram.sending import Sender
from tests.telegram_api import BotApi, Chat, Message, Person

from .conftest import Clock, Easel, Kept, picture, result, shown

WAITING = StatusCard("k7m2qd", Tone.WAITING, "Waiting")
LONG = (21 * 40, 40)
"""Longer than Telegram shows a photo."""


def albums(chat: Chat) -> list[int]:
    """How many pictures each album has."""
    named = [message.album for message in chat.photos]
    return [named.count(album) for album in dict.fromkeys(named)]


# One picture


async def test_a_picture_answers_the_request_aloud_with_its_buttons_and_the_status_message_goes(
    easel: Easel, foxes: Chat, clock: Clock
) -> None:
    await easel.shows(WAITING)
    messages = await easel.posts()
    assert foxes.log() == (
        "Ann: /imagine a lighthouse at dusk\n"
        'Easel, to Ann "/imagine a lighthouse a…": [photo 64×48] a lighthouse at dusk\n'
        "    64 × 48 · seed 7 · 12.3 s · k7m2qd [Again] [Vary] [Upscale] [Edit] [Info] [File] [Delete]"
    )
    assert messages == (str(foxes.answers[0].id),)
    assert [len(row) for row in foxes.answers[0].keyboard] == [3, 2, 2]
    assert clock.waits == []


async def test_what_is_covered_stays_covered(api: BotApi, easel: Easel, ann: Person, foxes: Chat) -> None:
    await easel.posts(spoiler=True)
    await easel.posts(shown(as_document=True), spoiler=True, to=ann.says("/show k7m2qd", foxes))
    photo, document = foxes.answers
    assert photo.content.spoiler
    assert document.document is not None
    (call,) = (call for call in api.calls if call.method == "senddocument")
    assert call.values["disable_content_type_detection"] == "true"  # else Telegram makes a small picture of it


async def test_a_file_is_named_after_its_job(easel: Easel, foxes: Chat) -> None:
    await easel.posts(shown(as_document=True, name="../../my secret folder/ComfyUI.PNG"))
    assert "[file easel-k7m2qd-1.PNG]" in foxes.log()


async def test_a_picture_arrives_though_the_request_is_gone(
    easel: Easel, ann: Person, foxes: Chat, asked: Message
) -> None:
    ann.deletes(asked)
    await easel.posts()
    assert foxes.log().startswith("Easel: [photo 64×48] a lighthouse at dusk")


async def test_a_picture_that_telegram_does_not_show_goes_as_a_file(easel: Easel, kept: Kept, foxes: Chat) -> None:
    await easel.posts(shown(size=LONG))
    assert foxes.answers[0].document is not None
    assert foxes.answers[0].text.startswith("a lighthouse at dusk")
    assert kept.file_ids("k7m2qd") == {}  # what should have been a photo is no original, so it is not kept as one


async def test_of_a_prompt_that_is_too_long_the_end_is_left_out(easel: Easel, foxes: Chat) -> None:
    await easel.posts(title="👩\u200d🚀" * 700)
    assert foxes.answers[0].text.endswith("…\n64 × 48 · seed 7 · 12.3 s · k7m2qd")


async def test_where_no_photos_are_allowed_that_is_said(easel: Easel, foxes: Chat) -> None:
    foxes.restrict_bot(can_send_photos=False)
    with pytest.raises(MayNotSend) as refused:
        await easel.posts()
    assert refused.value.what == "photos"


async def test_a_file_that_is_too_large_for_a_bot_is_told_to_be(api: BotApi, easel: Easel) -> None:
    api.faults.fail(status=413, method="sendDocument", html=True)
    with pytest.raises(FileTooLarge):
        await easel.posts(shown(as_document=True))


async def test_an_empty_file_is_refused_in_telegram_s_own_words(easel: Easel) -> None:
    empty = shown(as_document=True)
    with pytest.raises(NotTaken) as refused:
        await easel.posts(type(empty)(b"", "film.webm", "video/webm", 0, 0, "film", as_document=True))
    assert refused.value.reason == "File must be non-empty"


# Several pictures


async def test_several_pictures_are_an_album_and_the_buttons_follow_it(api: BotApi, easel: Easel, foxes: Chat) -> None:
    await easel.shows(WAITING)
    messages = await easel.posts(shown("red"), shown("green"), shown("blue"))
    assert foxes.log() == (
        "Ann: /imagine a lighthouse at dusk\n"
        'Easel, to Ann "/imagine a lighthouse a…": [photo 64×48] a lighthouse at dusk\n'
        'Easel, to Ann "/imagine a lighthouse a…": [photo 64×48]\n'
        'Easel, to Ann "/imagine a lighthouse a…": [photo 64×48]\n'
        'Easel, to Easel "[photo 64×48] a lightho…": 64 × 48 · seed 7 · 12.3 s · k7m2qd'
        " [Again] [Vary] [Upscale] [Edit] [Info] [File] [Delete] (silent)"
    )
    assert messages == tuple(str(message.id) for message in foxes.answers)
    assert albums(foxes) == [3]
    assert api.floods == []


async def test_more_than_an_album_holds_are_albums_as_even_as_can_be(easel: Easel, foxes: Chat) -> None:
    await easel.posts(*[shown() for _ in range(11)])
    assert albums(foxes) == [6, 5]
    assert [bool(message.text) for message in foxes.photos] == [True] + 10 * [False]


async def test_files_among_the_pictures_go_after_them_and_are_told_in_the_pictures_order(
    easel: Easel, foxes: Chat
) -> None:
    first, second, third, buttons = await easel.posts(shown("red", as_document=True), shown("green"), shown("blue"))
    assert [message.photo is not None for message in foxes.answers] == [True, True, False, False]
    assert [str(message.id) for message in foxes.answers] == [second, third, first, buttons]


async def test_an_album_with_a_picture_that_is_not_taken_goes_as_files(easel: Easel, foxes: Chat) -> None:
    await easel.posts(shown(), shown(size=LONG))
    assert [message.document is not None for message in foxes.answers] == [True, True, False]


async def test_an_album_that_is_too_large_for_one_request_goes_in_two(api: BotApi, easel: Easel, foxes: Chat) -> None:
    api.faults.fail(status=413, method="sendMediaGroup", html=True)
    await easel.posts(*[shown() for _ in range(5)])
    assert albums(foxes) == [3, 2]


# Interrupted


async def test_each_part_has_a_turn_of_its_own_which_counts_its_own_messages(
    easel: Easel, foxes: Chat, clock: Clock
) -> None:
    parts = []
    while True:
        clock.now += 1
        try:
            await easel.front.post(easel.place, result(*[shown() for _ in range(11)]), reply_to=None, status=None)
        except SlowDown as slow:
            parts.append((slow.seconds, slow.weight, len(foxes.answers)))
        else:
            break
    assert parts == [(0, 5, 6), (0, 1, 11)]
    assert len(foxes.answers) == 12


async def test_what_was_sent_is_never_sent_again(api: BotApi, easel: Easel, foxes: Chat, clock: Clock) -> None:
    await easel.shows(WAITING)
    api.faults.flood(7, method="sendMessage", times=2)
    api.faults.flood(3, method="deleteMessage")
    messages = await easel.posts(shown("red"), shown("green"))
    assert messages == tuple(str(message.id) for message in foxes.answers)
    assert (len(foxes.answers), api.counts["sendmediagroup"]) == (3, 1)
    assert clock.waits == [0, 7, 7, 3]


async def test_asked_again_it_tells_what_is_there_and_in_reply_to_another_it_posts_anew(
    easel: Easel, ann: Person, foxes: Chat
) -> None:
    first = await easel.posts()
    assert await easel.posts() == first
    assert await easel.posts(to=ann.says("/show k7m2qd", foxes)) != first
    assert len(foxes.photos) == 2


@pytest.mark.parametrize("sent", [0, 1, 2, 3])
async def test_another_process_goes_on_where_one_was_stopped(
    easel: Easel, sender: Sender, kept: Kept, foxes: Chat, sent: int
) -> None:
    batch = result(shown("red"), shown("green", as_document=True), shown("blue"))
    for _ in range(sent):
        easel.clock.now += 60.0
        with suppress(SlowDown):
            await easel.front.post(easel.place, batch, reply_to=str(easel.asked.id), status=None)
    easel.front = TelegramFrontEnd(sender, kept, keep_status=False, budgets=TELEGRAM)
    messages = await easel.posts(*batch.pictures)
    red, blue, green, controls = (str(message.id) for message in foxes.answers)
    assert messages == (red, green, blue, controls)


async def test_of_a_picture_whose_answer_was_lost_nobody_knows_that_it_is_there(
    api: BotApi, easel: Easel, foxes: Chat, clock: Clock
) -> None:
    api.faults.cut(method="sendPhoto", after=True)
    await easel.posts()
    assert len(foxes.photos) == 2  # at least once: Telegram has nothing to tell a repetition by
    assert clock.waits == [1.0]


# What Telegram has already


async def test_a_picture_is_uploaded_once(api: BotApi, easel: Easel, ann: Person, foxes: Chat) -> None:
    batch = (shown("red"), shown("green", as_document=True), shown("blue"))
    await easel.posts(*batch)
    await easel.posts(*batch, to=ann.says("/show k7m2qd", foxes))
    uploads = [len(call.uploads) for call in api.calls if call.method in {"sendmediagroup", "senddocument"}]
    assert uploads == [2, 1, 0, 0]
    assert [message.document is None for message in foxes.answers] == [True, True, False, True] * 2


async def test_photos_are_kept_by_their_number_and_files_by_what_they_are(
    easel: Easel, kept: Kept, ann: Person, foxes: Chat
) -> None:
    await easel.posts(shown("red"), shown("green", as_document=True), shown("blue"))
    await easel.posts(shown("green", as_document=True), spoiler=True, to=ann.says("/show k7m2qd", foxes))
    assert sorted(kept.file_ids("k7m2qd")) == ["1/photo", "3/photo", "green/covered", "green/document"]


async def test_a_file_id_that_is_no_longer_good_is_replaced(api: BotApi, easel: Easel, kept: Kept, foxes: Chat) -> None:
    account = f"telegram:{api.bot.id}"
    await kept.keep_uploads(account, "k7m2qd", {"1/photo": "AgACAgIAAx0", "2/photo": "https://fox.example/"})
    await easel.posts(shown("red"), shown("green"))
    assert len(foxes.photos) == 2
    assert "AgACAgIAAx0" not in kept.files[account, "k7m2qd"].values()


async def test_a_ledger_that_keeps_no_file_ids_holds_no_picture_up(easel: Easel, kept: Kept, foxes: Chat) -> None:
    kept.broken = True
    await easel.posts()
    assert len(foxes.photos) == 1


# The status message that stays


async def test_a_status_message_that_is_to_stay_becomes_a_line(
    api: BotApi, easel: Easel, sender: Sender, foxes: Chat
) -> None:
    easel.front = TelegramFrontEnd(sender, Kept(), keep_status=True, budgets=TELEGRAM)
    await easel.shows(WAITING)
    await easel.posts()
    line, photo = foxes.answers
    assert (line.text, line.buttons) == ("✓ 64 × 48 · seed 7 · 12.3 s · k7m2qd", [])
    assert photo.photo is not None
    assert api.floods == []


async def test_one_that_shows_an_unfinished_picture_goes_anyway(easel: Easel, sender: Sender, foxes: Chat) -> None:
    easel.front = TelegramFrontEnd(sender, Kept(), keep_status=True, budgets=TELEGRAM)
    await easel.shows(WAITING)
    await easel.updates(StatusCard("k7m2qd", Tone.RUNNING, "Drawing", (), 0.25, picture()))
    await easel.posts()
    assert [message.text.partition("\n")[0] for message in foxes.answers] == [result().title]
