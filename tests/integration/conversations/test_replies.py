"""Pictures that start from pictures: what is sent with a command, or replied to."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from tests.talks import BUTTONS, picture
from tests.telegram_api import Message

pytestmark = pytest.mark.asyncio(loop_scope="module")

MORE = f"""
[workflows]
folders = ["{Path(__file__).parent / "workflows"}"]
default_with_image = ["repaint"]
"""
"""A workflow of the operator's own, which is quick because it leaves a picture as small as it is."""

NEAR = "--steps 1 --denoise 0.1 --seed 7"
"""Flags that leave most of a picture as it is."""
SQUARE = {"width": 64, "height": 64}


def colour(message: Message) -> str:
    """What a photo mostly is."""
    red, green, blue = ImageStat.Stat(Image.open(io.BytesIO(message.photo.sent)).convert("RGB")).mean
    return max((red, "red"), (green, "green"), (blue, "blue"))[1]


async def test_a_reply_to_anybodys_picture_starts_from_it(easel, ann, bob, foxes):
    photo = bob.sends_photo(picture(colour="red"), "my garden", foxes)

    asked = ann.says(f"/imagine in winter {NEAR}", foxes, reply_to=photo)

    shown = await easel.result(asked)
    await easel.reads(
        foxes,
        f"""
        Bob: [photo 64×48] my garden
        Ann, to Bob "[photo 64×48] my garden": /imagine in winter --steps 1 --denoise 0.1 --seed 7
        Easel, to Ann "/imagine in winter --st…": [photo 64×48] in winter
            64 × 48 · seed 7 · job-1 {BUTTONS}
        """,
    )
    assert colour(shown) == "red"


async def test_a_photo_with_a_command_below_it_is_what_to_start_from(easel, ann, foxes):
    asked = ann.sends_photo(picture(**SQUARE, colour="green"), f"/imagine in winter {NEAR}", foxes)

    shown = await easel.result(asked)
    await easel.reads(
        foxes,
        f"""
        Ann: [photo 64×64] /imagine in winter --steps 1 --denoise 0.1 --seed 7
        Easel, to Ann "[photo 64×64] /imagine …": [photo 64×64] in winter
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )
    assert colour(shown) == "green"


async def test_in_private_words_below_a_photo_are_enough(easel, ann):
    asked = ann.sends_photo(picture(**SQUARE, colour="green"), f"in winter {NEAR}")

    assert colour(await easel.result(asked)) == "green"


async def test_an_image_file_does_as_well(easel, ann, foxes):
    asked = ann.sends_document(picture(**SQUARE, colour="blue"), "garden.png", f"/imagine in winter {NEAR}", foxes)

    shown = await easel.result(asked)
    await easel.reads(
        foxes,
        f"""
        Ann: [file garden.png] /imagine in winter --steps 1 --denoise 0.1 --seed 7
        Easel, to Ann "[file garden.png] /imag…": [photo 64×64] in winter
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )
    assert colour(shown) == "blue"


async def test_so_does_a_sticker_that_is_replied_to(easel, ann, bob, foxes):
    file = io.BytesIO()
    Image.new("RGBA", (512, 512), "red").save(file, "WEBP")
    sticker = bob.sends_sticker(file.getvalue(), foxes)

    asked = ann.says(f"/imagine in winter {NEAR}", foxes, reply_to=sticker)

    shown = await easel.result(asked)
    await easel.reads(
        foxes,
        f"""
        Bob: [sticker]
        Ann, to Bob "[sticker]": /imagine in winter --steps 1 --denoise 0.1 --seed 7
        Easel, to Ann "/imagine in winter --st…": [photo 512×512] in winter
            512 × 512 · seed 7 · job-1 {BUTTONS}
        """,
    )
    assert colour(shown) == "red"


async def test_a_photo_alone_in_private_is_asked_what_shall_become_of_it_and_a_reply_says_so(easel, ann):
    photo = ann.sends_photo(picture(**SQUARE, colour="blue"))
    await easel.answer(photo)
    asked = ann.says(f"in winter {NEAR}", reply_to=photo)

    shown = await easel.result(asked)
    await easel.reads(
        ann.private,
        f"""
        Ann: [photo 64×64]
        Easel, to Ann "[photo 64×64]": What should become of the picture? Reply to it and say so, for example:
            /imagine the same in winter, at night
        Ann, to Ann "[photo 64×64]": in winter --steps 1 --denoise 0.1 --seed 7
        Easel, to Ann "in winter --steps 1 --d…": [photo 64×64] in winter
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )
    assert colour(shown) == "blue"


async def test_an_album_with_a_command_gives_its_first_picture_or_the_one_picked(easel, ann, bob, foxes):
    pictures = [picture(**SQUARE, colour=each) for each in ("red", "green", "blue")]
    first, *_ = ann.sends_album(pictures, f"/imagine in winter {NEAR}", foxes)
    second, *_ = bob.sends_album(pictures, f"in winter --pick 2 {NEAR}")

    assert colour(await easel.result(first)) == "red"
    assert colour(await easel.result(second)) == "green"


async def test_a_reply_to_an_album_in_a_private_chat_starts_from_the_picture_replied_to_or_the_one_picked(easel, ann):
    album = ann.sends_album([picture(**SQUARE, colour=each) for each in ("red", "green", "blue")])
    await easel.answer(album[0])

    first = ann.says(f"in winter {NEAR}", reply_to=album[0])
    third = ann.says(f"in winter {NEAR}", reply_to=album[2])
    picked = ann.says(f"in winter --pick 2 {NEAR}", reply_to=album[0])
    wrong = ann.says(f"in winter --pick 4 {NEAR}", reply_to=album[0])

    assert colour(await easel.result(first)) == "red"
    assert colour(await easel.result(third)) == "blue"
    assert colour(await easel.result(picked)) == "green"
    assert (await easel.answer(wrong)).text == "There are 3 pictures here, so there is no 4. Pick one from 1 to 3."


async def test_a_reply_to_an_album_in_a_group_that_shows_easel_little_starts_from_the_picture_replied_to(
    easel, ann, bob, foxes
):
    album = bob.sends_album([picture(**SQUARE, colour=each) for each in ("red", "green", "blue")], "", foxes)

    asked = ann.says(f"/imagine in winter {NEAR}", foxes, reply_to=album[1])
    picked = ann.says(f"/imagine in winter --pick 3 {NEAR}", foxes, reply_to=album[1])

    assert colour(await easel.result(asked)) == "green"
    assert (await easel.answer(picked)).text == (
        "Easel sees only one picture here, so there is no 3. Reply to the very picture you mean, without “--pick”."
    )


async def test_flags_alone_in_reply_to_a_result_change_only_those(easel, ann, bob, foxes):
    fox = await easel.result(ann.says("/imagine a fox --w 64 --h 64 --steps 4 --seed 7", foxes))

    wider = await easel.result(bob.says("--w 128", foxes, reply_to=fox))
    bob.says("—seed 9", foxes, reply_to=wider)

    await easel.reads(
        foxes,
        f"""
        Ann: /imagine a fox --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "/imagine a fox --w 64 -…": [photo 64×64] a fox
            64 × 64 · seed 7 · job-1 {BUTTONS}
        Bob, to Easel "[photo 64×64] a fox    …": --w 128
        Easel, to Bob "--w 128": [photo 128×64] a fox
            128 × 64 · seed 7 · job-2 {BUTTONS}
        Bob, to Easel "[photo 128×64] a fox   …": —seed 9
        Easel, to Bob "—seed 9": [photo 128×64] a fox
            128 × 64 · seed 9 · job-3 {BUTTONS}
        """,
    )


async def test_talk_about_a_result_in_a_group_is_not_answered(easel, ann, bob, foxes):
    fox = await easel.result(ann.says("/imagine a fox --w 64 --h 64 --steps 4 --seed 7", foxes))

    bob.says("what a fox", foxes, reply_to=fox)
    bob.says("--seed nine", foxes, reply_to=fox)

    await easel.reads(
        foxes,
        f"""
        Ann: /imagine a fox --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "/imagine a fox --w 64 -…": [photo 64×64] a fox
            64 × 64 · seed 7 · job-1 {BUTTONS}
        Bob, to Easel "[photo 64×64] a fox    …": what a fox
        Bob, to Easel "[photo 64×64] a fox    …": --seed nine
        Easel, to Bob "--seed nine": “--seed” needs a number, and “nine” is not clearly one. For example: --seed 1
        """,
    )


async def test_a_command_in_reply_to_a_result_starts_from_its_picture(easel, ann, bob, foxes):
    red = ann.sends_photo(picture(**SQUARE, colour="red"), f"/imagine a fox {NEAR}", foxes)
    fox = await easel.result(red)

    asked = bob.says(f"/imagine in winter {NEAR}", foxes, reply_to=fox)

    assert colour(await easel.result(asked)) == "red"


async def test_the_workflows_own_commands_work_on_what_is_replied_to(easel, ann, bob, foxes):
    photo = bob.sends_photo(picture(colour="red"), "", foxes)

    await easel.result(ann.says("/upscale", foxes, reply_to=photo))
    await easel.result(ann.says("/edit make it snow --steps 1 --seed 7", foxes, reply_to=photo))
    await easel.answer(ann.says("/upscale", foxes))

    await easel.reads(
        foxes,
        f"""
        Bob: [photo 64×48]
        Ann, to Bob "[photo 64×48]": /upscale
        Easel, to Ann "/upscale": [photo 256×192] upscale
            256 × 192 · job-1 [Again] [Upscale] [Info] [File] [Delete]
        Ann, to Bob "[photo 64×48]": /edit make it snow --steps 1 --seed 7
        Easel, to Ann "/edit make it snow --st…": [photo 1184×880] make it snow
            1184 × 880 · seed 7 · job-2 {BUTTONS}
        Ann: /upscale
        Easel, to Ann "/upscale": /upscale starts from a picture. Attach one to your message, or reply to one.
        """,
    )
