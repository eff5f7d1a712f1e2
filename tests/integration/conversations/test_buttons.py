"""What the buttons under a picture do, and for whom."""

from __future__ import annotations

import io
import re

import pytest
import pytest_asyncio
from PIL import Image, ImageChops

from tests.talks import BUTTONS, seen

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOX = "/imagine a fox --w 64 --h 64 --seed 7 --steps 4"
MADE = f"""
        Ann: {FOX}
        Easel, to Ann "/imagine a fox --w 64 -…": [photo 64×64] a fox
            64 × 64 · seed 7 · job-1 {BUTTONS}"""


@pytest_asyncio.fixture(loop_scope="module")
async def fox(easel, ann, foxes):
    """A picture of Ann's in her group."""
    return await easel.result(ann.says(FOX, foxes))


async def test_again_makes_another_one_like_it_for_whoever_presses(easel, bob, foxes, fox):
    answer = await bob.presses(fox, "Again")

    assert (answer.text, answer.alert) == ("", False)
    await easel.reads(
        foxes,
        f"""{MADE}
        Easel, to Easel "[photo 64×64] a fox    …": [photo 64×64] a fox
            64 × 64 · seed ? · job-2 {BUTTONS}
        """,
    )


async def test_vary_keeps_most_of_the_picture(easel, ann, foxes, fox):
    await ann.presses(fox, "Vary")

    await easel.reads(
        foxes,
        f"""{MADE}
        Easel, to Easel "[photo 64×64] a fox    …": [photo 1024×1024] a fox
            1024 × 1024 · seed ? · job-2 {BUTTONS}
        """,
    )


async def test_upscale_makes_it_larger(easel, ann, foxes, fox):
    await ann.presses(fox, "Upscale")

    await easel.reads(
        foxes,
        f"""{MADE}
        Easel, to Easel "[photo 64×64] a fox    …": [photo 256×256] upscale
            256 × 256 · job-2 [Again] [Upscale] [Info] [File] [Delete]
        """,
    )


async def test_edit_asks_what_to_change_and_the_reply_changes_it(easel, ann, bob, foxes, fox):
    await bob.presses(fox, "Edit")
    asking = await seen(foxes, lambda: next((one for one in foxes.answers if one.content.force_reply), None))
    bob.says("a hare --w 128", foxes, reply_to=asking)

    await easel.reads(
        foxes,
        f"""{MADE}
        Easel, to Easel "[photo 64×64] a fox    …": Bob, reply to this with what should change in job-1: other words, \
or flags such as --w 1024.
            /imagine a fox --w 64 --h 64 --seed 7 --steps 4 --workflow flux (asks for a reply)
        Bob, to Easel "Bob, reply to this with…": a hare --w 128
        Easel, to Bob "a hare --w 128": [photo 128×64] a hare
            128 × 64 · seed 7 · job-2 {BUTTONS}
        """,
    )
    assert asking.content.force_reply == {
        "force_reply": True,
        "selective": True,
        "input_field_placeholder": "other words, or --w 1024",
    }
    marks = {mark["type"]: mark for mark in asking.content.entities}
    assert marks["text_mention"]["user"]["id"] == bob.id


async def test_info_tells_how_it_was_made_and_how_to_make_it_again(easel, ann, foxes, fox):
    await ann.presses(fox, "Info")

    await easel.reads(
        foxes,
        f"""{MADE}
        Easel, to Easel "[photo 64×64] a fox    …": Job job-1, workflow flux
            width: 64
            height: 64
            seed: 7
            steps: 4
            guidance: 3.5
            denoise: 1.0
            batch: 1
            model: flux1-dev-Q8_0.gguf
            server: gpu

            To make it again, send:
            /imagine a fox --w 64 --h 64 --seed 7 --steps 4 --workflow flux
        """,
    )


async def test_file_is_the_untouched_original(easel, ann, foxes, fox):
    await ann.presses(fox, "File")

    await easel.reads(
        foxes,
        f"""{MADE}
        Easel, to Easel "[photo 64×64] a fox    …": [file easel-job-1-1.png] a fox
            64 × 64 · seed 7 · job-1
        """,
    )
    made = max(easel.comfyui.folder("output").rglob("*.png"), key=lambda file: file.stat().st_mtime_ns)
    sent = io.BytesIO(foxes.answers[-1].document.data)
    with Image.open(made) as original, Image.open(sent) as file:
        assert not ImageChops.difference(original.convert("RGB"), file.convert("RGB")).getbbox()
        assert "prompt" in original.info
        assert file.info == {"parameters": f"{FOX} --workflow flux"}


async def test_delete_takes_every_message_of_it_away(easel, ann, foxes, fox):
    await ann.presses(fox, "File")
    await seen(foxes, lambda: foxes.answers[-1].document)
    await easel.until_known(foxes.answers[-1])
    await easel.until_known(await easel.answer(ann.says("/show", foxes)))

    await ann.presses(fox, "Delete")

    await easel.reads(
        foxes,
        f"""
        Ann: {FOX}
        Ann: /show
        """,
    )


async def test_only_owner_admins_and_operators_delete(easel, operator, bob, foxes, fox):
    answer = await bob.presses(fox, "Delete")
    assert answer.alert
    assert re.fullmatch(r"Job \w{6} belongs to somebody else\. Only its owner, .* can do that\.", answer.text)
    await easel.reads(foxes, MADE)

    foxes.join(operator, quietly=True)
    await operator.presses(fox, "Delete")
    await easel.reads(foxes, f"Ann: {FOX}")


async def test_a_press_that_telegram_tells_twice_makes_one_picture(easel, telegram, ann, foxes, fox):
    with easel.holding():
        press = ann.presses(fox, "Again")
        telegram.send_raw({"callback_query": telegram.updates.told[-1].body})
        await press
        ann.says("/imagine the last --w 64 --h 64 --steps 4 --seed 7", foxes)

    await easel.reads(
        foxes,
        f"""{MADE}
        Ann: /imagine the last --w 64 --h 64 --steps 4 --seed 7
        Easel, to Easel "[photo 64×64] a fox    …": [photo 64×64] a fox
            64 × 64 · seed ? · job-2 {BUTTONS}
        Easel, to Ann "/imagine the last --w 6…": [photo 64×64] the last
            64 × 64 · seed 7 · job-3 {BUTTONS}
        """,
    )


async def test_two_presses_make_two(easel, ann, foxes, fox):
    await ann.presses(fox, "Again")
    await ann.presses(fox, "Again")

    await seen(foxes, lambda: len(foxes.photos) == 3)


async def test_a_dead_button_says_so_to_who_presses_it(easel, ann, foxes, fox):
    await ann.presses(fox, "Delete")
    await easel.reads(foxes, f"Ann: {FOX}")

    gone = await ann.presses(fox, "Again")
    nonsense = await ann.presses(fox, data="frobnicate")

    assert gone.alert
    assert re.fullmatch(r"There is no job \w{6} here\. .*", gone.text)
    assert (nonsense.alert, nonsense.text) == (True, "This button no longer does anything.")


async def test_who_presses_is_answered_in_their_own_language(easel, ann, li, foxes, fox):
    await li.presses(fox, "Again")
    await li.presses(fox, "Edit")
    await seen(foxes, lambda: len(foxes.photos) == 2 and len(foxes.answers) == 3)
    refused = await li.presses(fox, "Delete")

    assert refused.text.startswith("任务 ")
    assert next(one for one in foxes.answers if one.content.force_reply).text.startswith("李，")
    assert [one.buttons[0] for one in foxes.photos] == ["Again", "再来一张"]


async def test_buttons_work_after_a_restart(easel, ann, foxes, fox):
    await ann.presses(fox, "Edit")
    asking = await seen(foxes, lambda: next((one for one in foxes.answers if one.content.force_reply), None))
    await easel.stop()
    pressed = ann.presses(fox, "Again")
    ann.says("--w 128", foxes, reply_to=asking)

    await easel.start()

    answer = await pressed
    assert (answer.text, answer.alert) == ("", False)
    await seen(foxes, lambda: len(foxes.photos) == 3)
    assert {one.photo.width for one in foxes.photos} == {64, 128}
