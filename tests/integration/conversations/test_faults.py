"""What people see when the network, Telegram or what they send is not as it should be."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest

from tests.talks import BUTTONS, picture, seen
from tests.telegram_api import Chat, Message, Person
from tests.telegram_api.files import MB

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL = "--w 64 --h 64 --steps 2 --seed 7"


async def card(asked: Message) -> Message:
    """The status message of what was asked for."""
    return await seen(
        asked.chat, lambda: next((one for one in asked.chat.replies_to(asked) if "Cancel" in one.buttons), None)
    )


async def quiet(chat: Chat) -> None:
    """Until a chat shows no status message any more."""
    await seen(chat, lambda: not any("Cancel" in one.buttons for one in chat.answers))


CUT = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])


class TestCut:
    """Connections end before a call has its effect, or after: then nobody can know whether it had."""

    @pytest.mark.parametrize("method", ["sendMessage", "editMessageText", "sendPhoto", "deleteMessage"])
    async def test_before_the_effect_each_thing_is_there_once(self, easel, ann, foxes, method):
        with easel.holding():
            easel.telegram.faults.cut(method=method, chat=foxes)
            asked = ann.says(f"/imagine a fox {SMALL}", foxes)
            await card(asked)

        await easel.reads(
            foxes,
            f"""
            Ann: /imagine a fox --w 64 --h 64 --steps 2 --seed 7
            Easel, to Ann "/imagine a fox --w 64 -…": [photo 64×64] a fox
                64 × 64 · seed 7 · job-1 {BUTTONS}
            """,
        )

    @pytest.mark.parametrize("method", ["editMessageText", "deleteMessage"])
    async def test_after_a_change_it_is_there_once(self, easel, ann, foxes, method):
        with easel.holding():
            easel.telegram.faults.cut(method=method, after=True, chat=foxes)
            await card(ann.says(f"/imagine a fox {SMALL}", foxes))

        await easel.reads(
            foxes,
            f"""
            Ann: /imagine a fox --w 64 --h 64 --steps 2 --seed 7
            Easel, to Ann "/imagine a fox --w 64 -…": [photo 64×64] a fox
                64 × 64 · seed 7 · job-1 {BUTTONS}
            """,
        )

    async def test_after_a_picture_was_sent_it_is_there_at_least_once_and_never_lost(self, easel, ann, foxes):
        with easel.holding():
            easel.telegram.faults.cut(method="sendPhoto", after=True, chat=foxes)
            status = await card(ann.says(f"/imagine a fox {SMALL}", foxes))

        await easel.reads(
            foxes,
            f"""
            Ann: /imagine a fox --w 64 --h 64 --steps 2 --seed 7
            Easel, to Ann "/imagine a fox --w 64 -…": [photo 64×64] a fox
                64 × 64 · seed 7 · job-1 {BUTTONS}
            Easel, to Ann "/imagine a fox --w 64 -…": [photo 64×64] a fox
                64 × 64 · seed 7 · job-1 {BUTTONS}
            """,
        )
        assert status.deleted

    async def test_after_a_status_message_was_sent_the_second_goes_by_itself_and_the_first_when_it_is_pressed(
        self, easel, ann, foxes
    ):
        with easel.holding():
            easel.telegram.faults.cut(method="sendMessage", after=True, chat=foxes)
            asked = ann.says(f"/imagine a fox {SMALL}", foxes)
            lost = await card(asked)
        await easel.result(asked)

        answer = await ann.presses(lost, "Cancel")
        await quiet(foxes)

        assert "already" in answer.text
        assert [one.photo is not None for one in foxes.answers] == [True]

    @CUT
    async def test_a_preview_is_but_a_preview(self, easel, ann, after):
        with easel.holding(step=1):
            easel.telegram.faults.cut(method="editMessageMedia", after=after, chat=ann.private)
            status = await card(ann.says(f"/imagine a preview {after} --w 64 --h 64 --steps 2 --seed 7"))
            await seen(ann.private, lambda: status.photo)
        await seen(ann.private, lambda: status.deleted)

        assert [one.text.splitlines()[0] for one in ann.private.photos] == [f"a preview {after}"]

    async def test_before_an_album_was_sent_it_is_there_once(self, easel, ann, foxes):
        easel.telegram.faults.cut(method="sendMediaGroup", chat=foxes)

        ann.says(f"/imagine a fox {SMALL} --n 2", foxes)

        await easel.reads(
            foxes,
            f"""
            Ann: /imagine a fox --w 64 --h 64 --steps 2 --seed 7 --n 2
            Easel, to Ann "/imagine a fox --w 64 -…": [photo 64×64] a fox
            Easel, to Ann "/imagine a fox --w 64 -…": [photo 64×64]
            Easel, to Easel "[photo 64×64] a fox": 64 × 64 · seed 7 · job-1 {BUTTONS} (silent)
            """,
        )

    async def test_after_the_buttons_of_an_album_were_sent_the_album_is_there_once(self, easel, ann, foxes):
        with easel.holding():
            asked = ann.says(f"/imagine a fox {SMALL} --n 2", foxes)
            await card(asked)
            easel.telegram.faults.cut(method="sendMessage", after=True, chat=foxes)
        await easel.results(asked, 2)

        assert len(foxes.photos) == 2

    @CUT
    async def test_a_wish_whose_telling_was_cut_off_becomes_one_picture(self, easel, ann, after):
        before = len(easel.log)
        easel.telegram.faults.cut(method="getUpdates", after=after)

        asked = [ann.says(f"/imagine a fox {SMALL}"), ann.says(f"/imagine a tower {SMALL}")]
        shown = [await easel.result(one) for one in asked]

        await easel.says("telegram connected", after=before)
        assert ann.private.answers == shown

    @CUT
    async def test_a_press_is_done_once_and_answered(self, easel, ann, bob, foxes, after):
        shown = await easel.result(ann.says(f"/imagine a fox {SMALL}", foxes))

        easel.telegram.faults.cut(method="answerCallbackQuery", after=after)
        refused = await bob.presses(shown, "Delete")
        easel.telegram.faults.cut(method="answerCallbackQuery", after=after)
        await ann.presses(shown, "Again")
        again = await easel.result(shown)
        last = await easel.result(ann.says(f"/imagine a tower {SMALL}", foxes))

        assert "belongs to somebody else" in refused.text
        assert foxes.answers == [shown, again, last]

    @pytest.mark.parametrize("method", ["getFile", "file"])
    @CUT
    async def test_a_picture_that_somebody_sends_is_fetched_again(self, easel, ann, method, after):
        easel.telegram.faults.cut(method=method, after=after)

        shown = await easel.result(ann.sends_photo(picture(), "in winter --steps 2"))
        await quiet(ann.private)

        assert ann.private.answers == [shown]


class TestTrouble:
    @pytest.mark.parametrize("html", [False, True], ids=["JSON", "HTML"])
    async def test_an_error_of_the_server_delays_a_picture_and_does_not_lose_it(self, easel, ann, foxes, *, html):
        easel.telegram.faults.fail(status=502, method="sendPhoto", html=html)

        shown = await easel.result(ann.says(f"/imagine a fox {SMALL}", foxes))
        await quiet(foxes)

        assert foxes.answers == [shown]

    async def test_a_chat_that_is_to_be_left_alone_for_a_while_does_not_hold_up_another(self, easel, ann, bob, foxes):
        easel.telegram.faults.flood(2, method="sendMessage", chat=foxes)
        ann.says(f"/imagine a fox {SMALL}", foxes)

        shown = await easel.result(bob.says(f"/imagine a tower {SMALL}"))
        meanwhile = foxes.answers
        await seen(foxes, lambda: foxes.photos)

        assert shown.text.startswith("a tower")
        assert meanwhile == []

    async def test_a_slow_upload_holds_up_no_other_chat(self, easel, ann, bob, foxes):
        gate = easel.telegram.faults.hold(1, method="sendPhoto", chat=foxes)
        asked = ann.says(f"/imagine a fox {SMALL}", foxes)
        await easel.telegram.until(lambda: gate.held)

        elsewhere = await easel.result(bob.says(f"/imagine a tower {SMALL}"))
        meanwhile = foxes.photos
        gate.release()
        shown = await easel.result(asked)
        await quiet(foxes)

        assert elsewhere.text.startswith("a tower")
        assert meanwhile == []
        assert foxes.answers == [shown]

    async def test_what_is_drawn_and_said_while_telegram_is_away_is_there_when_it_is_back(self, easel, ann, bob, foxes):
        first = await easel.result(bob.says(f"/imagine a lake {SMALL}", foxes))
        drawn = len(easel.comfyui.finished)
        with easel.holding():
            asked = ann.says(f"/imagine a fox {SMALL}", foxes)
            status = await card(asked)
            await easel.telegram.stop()
        await easel.comfyui.until(lambda: len(easel.comfyui.finished) > drawn)
        later = bob.says(f"/imagine a tower {SMALL}", foxes)
        press = bob.presses(first, "Again")
        await easel.says("telegram in trouble", str(foxes.id))

        await easel.telegram.start()
        shown = [await easel.result(one) for one in (asked, later, first)]
        await press
        await quiet(foxes)

        assert status.deleted
        assert set(foxes.answers) == {first, *shown}


class TestNotTaken:
    @pytest.mark.parametrize("why", ["PHOTO_INVALID_DIMENSIONS", "IMAGE_PROCESS_FAILED"])
    async def test_what_telegram_does_not_take_as_a_photo_comes_as_a_file(self, easel, ann, foxes, why):
        easel.telegram.faults.refuse(why, method="sendPhoto", chat=foxes)

        ann.says(f"/imagine a fox {SMALL}", foxes)

        await easel.reads(
            foxes,
            f"""
            Ann: /imagine a fox --w 64 --h 64 --steps 2 --seed 7
            Easel, to Ann "/imagine a fox --w 64 -…": [file easel-job-1-1.png] a fox
                64 × 64 · seed 7 · job-1 {BUTTONS}
            """,
        )

    async def test_what_is_not_taken_at_all_is_told_in_the_status_message(self, easel, ann, foxes):
        easel.telegram.faults.refuse("foxes are not welcome", method="sendPhoto", chat=foxes)

        ann.says(f"/imagine a fox {SMALL}", foxes)

        why = "Telegram did not take this message: “Foxes are not welcome”. If that happens again, tell the operator."
        await easel.reads(
            foxes,
            f"""
            Ann: /imagine a fox --w 64 --h 64 --steps 2 --seed 7
            Easel, to Ann "/imagine a fox --w 64 -…": No picture
                {why} {BUTTONS} (silent) (edited)
            """,
        )


def bomb(side: int = 50_000) -> bytes:
    """A PNG of a few kilobytes that would fill gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


STILL = (
    "Only still pictures can be used. "
    "Please send a photo, an image file (PNG, JPEG or WebP) or a sticker that does not move."
)

SENT = {
    "a decompression bomb": (
        bomb(),
        "bomb.png",
        "This picture has too many pixels; 40 megapixels are allowed. Please send a smaller one.",
    ),
    "a text that is called a picture": (
        b"I am no picture",
        "fox.png",
        "This file is not a picture. Please send a PNG, JPEG or WebP.",
    ),
    "half a picture": (
        picture()[:60],
        "fox.png",
        "This PNG file is damaged or incomplete. Please send it once more, or save it anew first.",
    ),
    "more than is taken here": (
        bytes(20 * MB),
        "fox.png",
        "This file has 21 MB; pictures may have 20 MB. Please send a smaller one.",
    ),
    "a drawing of lines": (
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "fox.svg",
        "Pictures of the kind SVG cannot be read here. Please save it as PNG or JPEG and send that.",
    ),
    "a text": (b"once upon a time", "fox.txt", STILL),
}


@pytest.mark.parametrize(("data", "name", "sentence"), SENT.values(), ids=SENT)
async def test_a_file_that_cannot_be_used_is_answered_in_a_sentence_and_starts_nothing(
    easel, ann, data, name, sentence
):
    answer = await easel.answer(ann.sends_document(data, name, "in winter"))
    jobs = await easel.answer(ann.says("/mine"))

    assert answer.text == sentence
    assert jobs.text == "You have made nothing yet."


FILE = {"file_id": "AAA", "file_unique_id": "AAA", "file_size": 1000}
MOVING: dict[str, dict[str, Any]] = {
    "a video": {"video": FILE | {"width": 64, "height": 64, "duration": 1}},
    "an animated sticker": {
        "sticker": FILE | {"width": 512, "height": 512, "type": "regular", "is_animated": True, "is_video": False}
    },
    "a video sticker": {
        "sticker": FILE | {"width": 512, "height": 512, "type": "regular", "is_animated": False, "is_video": True}
    },
    "an animation": {
        "animation": FILE | {"width": 64, "height": 64, "duration": 1},
        "document": FILE | {"mime_type": "video/mp4"},
    },
    "a video note": {"video_note": FILE | {"length": 64, "duration": 1}},
}


def tells(ann: Person, **fields: Any) -> None:
    """A message of a kind that only real Telegram has."""
    chat = {"id": ann.id, "type": "private", "first_name": "Ann"}
    by = {"id": ann.id, "is_bot": False, "first_name": "Ann", "language_code": "en"}
    ann.private.opened = True
    ann.world.told("message", {"message_id": ann.private.next_id(), "date": 1, "chat": chat, "from": by, **fields})


@pytest.mark.parametrize("fields", MOVING.values(), ids=MOVING)
async def test_what_moves_is_answered_in_a_sentence(easel, ann, fields):
    tells(ann, **fields, caption="in winter")

    await easel.reads(ann.private, f"Easel: {STILL}")


async def test_a_file_that_telegram_does_not_hand_out_is_answered_in_a_sentence(easel, ann):
    stored = ann.world.files.document(bytes(20 * MB + 1), "fox.png").wire()
    del stored["file_size"]

    tells(ann, document=stored, caption="in winter")

    await easel.reads(
        ann.private,
        "Easel: This picture is too large: Telegram gives bots files of up to 20 MB. Please send a smaller one.",
    )
