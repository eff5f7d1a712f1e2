"""From `/imagine` to the picture, as people in a chat see it."""

from __future__ import annotations

import pytest

from tests.talks import BUTTONS, BUTTONS_ZH, seen

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL = "--w 64 --h 64 --steps 4 --seed 7"


async def test_words_become_a_picture_in_a_group(easel, ann, foxes):
    asked = ann.says(f"/imagine a fox {SMALL}", foxes)

    await easel.reads(
        foxes,
        f"""
        Ann: /imagine a fox --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "/imagine a fox --w 64 -…": [photo 64×64] a fox
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )
    assert not (await easel.result(asked)).silent


async def test_a_picture_can_have_any_size(easel, ann, foxes):
    wide = ann.says("/imagine a fox --w 1920 --h 1080 --steps 1 --seed 7", foxes)
    await easel.result(wide)
    ann.says("/imagine a fox --size 128x96 --steps 1 --seed 7", foxes)

    await easel.reads(
        foxes,
        f"""
        Ann: /imagine a fox --w 1920 --h 1080 --steps 1 --seed 7
        Easel, to Ann "/imagine a fox --w 1920…": [photo 1920×1080] a fox
            1920 × 1080 · seed 7 · job-1 {BUTTONS}
        Ann: /imagine a fox --size 128x96 --steps 1 --seed 7
        Easel, to Ann "/imagine a fox --size 1…": [photo 128×96] a fox
            128 × 96 · seed 7 · job-2 {BUTTONS}
        """,
    )


async def test_a_size_that_the_model_cannot_draw_is_made_to_fit_and_that_is_said(easel, ann, foxes):
    ann.says("/imagine a fox --w 70 --h 64 --steps 1 --seed 7", foxes)

    await easel.reads(
        foxes,
        f"""
        Ann: /imagine a fox --w 70 --h 64 --steps 1 --seed 7
        Easel, to Ann "/imagine a fox --w 70 -…": [photo 72×64] a fox
            72 × 64 · seed 7 · job-1
            width: 70 became 72, which the model needs. {BUTTONS}
        """,
    )


async def test_phones_that_turn_two_dashes_into_one_are_understood(easel, ann, foxes):
    ann.says("/imagine a fox —w 64 –h 64 —steps 1 —seed 7", foxes)

    await easel.reads(
        foxes,
        f"""
        Ann: /imagine a fox —w 64 –h 64 —steps 1 —seed 7
        Easel, to Ann "/imagine a fox —w 64 –h…": [photo 64×64] a fox
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )


async def test_in_private_words_alone_are_enough(easel, ann):
    ann.says("a fox --w 64 --h 64 --steps 1 --seed 7")

    await easel.reads(
        ann.private,
        f"""
        Ann: a fox --w 64 --h 64 --steps 1 --seed 7
        Easel, to Ann "a fox --w 64 --h 64 --s…": [photo 64×64] a fox
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )


async def test_in_a_group_people_talk_among_themselves_unless_they_mean_easel(easel, ann, bob, foxes):
    ann.says("a fox would be nice", foxes)
    bob.says("/imagine@other_bot a fox", foxes)
    ann.says("@easel_bot a fox --w 64 --h 64 --steps 1 --seed 7", foxes)

    await easel.reads(
        foxes,
        f"""
        Ann: a fox would be nice
        Bob: /imagine@other_bot a fox
        Ann: @easel_bot a fox --w 64 --h 64 --steps 1 --seed 7
        Easel, to Ann "@easel_bot a fox --w 64…": [photo 64×64] a fox
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )


async def test_imagine_alone_is_told_what_to_say_with_an_example_to_tap(easel, ann, foxes):
    asked = ann.says("/imagine", foxes)

    answer = await easel.answer(asked)

    assert easel.told(foxes) == (
        "Ann: /imagine\n"
        'Easel, to Ann "/imagine": Say what you want to see. To start from a picture, send /imagine in reply to it. '
        "/help has the rest.\n"
        "\n"
        "    For example:\n"
        "    /imagine a lighthouse at dusk, long exposure, calm sea"
    )
    assert [mark["type"] for mark in answer.content.entities] == ["bot_command", "bot_command", "pre"]


async def test_a_caption_has_the_beginning_of_a_long_prompt_and_info_all_of_it(easel, ann, foxes):
    words = " ".join(f"fox{number}" for number in range(580))

    asked = ann.says(f"/imagine {words} --w 64 --h 64 --steps 1 --seed 7", foxes)
    shown = await easel.result(asked)
    assert shown.text.startswith("fox0 fox1 ")
    assert shown.text.splitlines()[0].endswith("…")
    assert len(shown.text) < 200

    ann.says("/info", foxes, reply_to=shown)
    parts = await seen(foxes, lambda: [one for one in foxes.answers if one.photo is None][1:] and foxes.answers[1:])
    assert words in "".join(one.text + " " for one in parts)
    assert [one.silent for one in parts] == [False, True]


async def test_a_chinese_person_is_answered_in_chinese_in_an_english_group(easel, ann, li, foxes):
    await easel.result(li.says(f"/imagine 一只狐狸 {SMALL}", foxes))
    await easel.answer(ann.says("/imagine a fox --steps x", foxes))
    li.says("/imagine 一只狐狸 --steps x", foxes)

    await easel.reads(
        foxes,
        f"""
        李: /imagine 一只狐狸 --w 64 --h 64 --steps 4 --seed 7
        Easel, to 李 "/imagine 一只狐狸 --w 64 --…": [photo 64×64] 一只狐狸
            64 × 64 · 种子 7 · job-1 {BUTTONS_ZH}
        Ann: /imagine a fox --steps x
        Easel, to Ann "/imagine a fox --steps x": “--steps” needs a number, and “x” is not clearly one. \
For example: --steps 24
        李: /imagine 一只狐狸 --steps x
        Easel, to 李 "/imagine 一只狐狸 --steps x": “--steps”需要一个数字，而“x”无法确定是哪个数字。例如：--steps 24
        """,
    )


async def test_in_a_forum_everything_stays_in_its_topic(easel, telegram, ann, bob):
    forum = telegram.forum("Pictures", ann, bob)
    wood, sea = forum.topic("Wood"), forum.topic("Sea")

    tree = await easel.result(ann.says("/imagine a tree --w 64 --h 64 --steps 1 --seed 7", wood))
    await easel.answer(bob.says("/imagine a wave --steps x", sea))
    await ann.presses(tree, "Again")
    await seen(forum, lambda: len(forum.photos) > 1)
    await easel.result(bob.says("/imagine two --n 2 --w 64 --h 64 --steps 1 --seed 7", sea))
    await easel.result(bob.says("/imagine in general --w 64 --h 64 --steps 1 --seed 7", forum))

    await easel.reads(
        forum,
        f"""
        #Wood Ann: /imagine a tree --w 64 --h 64 --steps 1 --seed 7
        #Wood Easel, to Ann "/imagine a tree --w 64 …": [photo 64×64] a tree
            64 × 64 · seed 7 · job-1 {BUTTONS}
        #Sea Bob: /imagine a wave --steps x
        #Sea Easel, to Bob "/imagine a wave --steps…": “--steps” needs a number, and “x” is not clearly one. \
For example: --steps 24
        #Wood Easel, to Easel "[photo 64×64] a tree   …": [photo 64×64] a tree
            64 × 64 · seed ? · job-2 {BUTTONS}
        #Sea Bob: /imagine two --n 2 --w 64 --h 64 --steps 1 --seed 7
        #Sea Easel, to Bob "/imagine two --n 2 --w …": [photo 64×64] two
        #Sea Easel, to Bob "/imagine two --n 2 --w …": [photo 64×64]
        #Sea Easel, to Easel "[photo 64×64] two": 64 × 64 · seed 7 · job-3 {BUTTONS} (silent)
        Bob: /imagine in general --w 64 --h 64 --steps 1 --seed 7
        Easel, to Bob "/imagine in general --w…": [photo 64×64] in general
            64 × 64 · seed 7 · job-4 {BUTTONS}
        """,
    )
