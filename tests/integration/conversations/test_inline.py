"""What the bot's name and some words offer in any chat."""

from __future__ import annotations

import pytest

from tests.talks import BUTTONS, BUTTONS_ZH

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL = "--w 64 --h 64 --steps 4 --seed 7"


async def test_words_can_be_made_in_the_group_they_are_typed_in(easel, ann, foxes):
    offers = await ann.types(f"a fox {SMALL}", foxes)
    assert offers.titles == [f"Make: a fox {SMALL}"]

    ann.chooses(offers.results[0], foxes)

    await easel.reads(
        foxes,
        f"""
        Ann via the bot: /imagine@easel_bot a fox --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "/imagine@easel_bot a fo…": [photo 64×64] a fox
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )


async def test_so_in_ones_own_chat_and_in_chinese(easel, li):
    offers = await li.types(f"一只狐狸 {SMALL}")
    assert offers.titles == [f"生成：一只狐狸 {SMALL}"]

    li.chooses(offers.results[0])

    await easel.reads(
        li.private,
        f"""
        李 via the bot: /imagine@easel_bot 一只狐狸 --w 64 --h 64 --steps 4 --seed 7
        Easel, to 李 "/imagine@easel_bot 一只狐狸…": [photo 64×64] 一只狐狸
            64 × 64 · 种子 7 · job-1 {BUTTONS_ZH}
        """,
    )


async def test_nothing_can_be_made_in_the_chat_of_two_others(easel, ann, bob):
    offers = await ann.types("a fox", bob.private)

    assert offers.titles == []
    assert offers.button["text"] == "Your pictures appear here"


async def test_ones_last_pictures_can_be_shared_anywhere_the_fitting_ones_first(easel, telegram, ann, bob, foxes):
    hare = await easel.result(ann.says(f"a hare {SMALL}"))
    fox = await easel.result(ann.says(f"/imagine a fox in snow {SMALL}", foxes))
    await easel.result(bob.says(f"/imagine not hers {SMALL}", foxes))
    calls = len(telegram.calls)

    newest = await ann.types("", bob.private)
    fitting = await ann.types("hare", bob.private)
    assert newest.titles == ["a fox in snow", "a hare"]
    assert fitting.titles == ["a hare", "a fox in snow"]
    assert newest.personal
    assert newest.cache_time == 0

    shared = ann.chooses(fitting.results[0], foxes)
    await easel.answer(ann.says("/usage", foxes))
    assert "\nAnn via the bot: [photo 64×64] a hare\nAnn: /usage\n" in easel.told(foxes)
    assert shared.photo.file_id == hare.photo.file_id != fox.photo.file_id
    assert not any(call.uploads for call in telegram.calls[calls:])


async def test_every_picture_of_a_batch_can_be_shared(easel, ann, bob):
    await easel.results(ann.says(f"two foxes --n 2 {SMALL}"), 2)

    offers = await ann.types("", bob.private)

    assert offers.titles == ["two foxes", "two foxes"]
    assert len({offer.content.media.file_id for offer in offers.results}) == 2


async def test_what_is_covered_or_deleted_is_not_offered(easel, ann, bob):
    await easel.answer(ann.says("/settings spoiler on"))
    await easel.result(ann.says(f"a covered fox {SMALL}"))
    await easel.answer(ann.says("/settings spoiler default"))
    gone = await easel.result(ann.says(f"a fox to go {SMALL}"))
    await easel.result(ann.says(f"a fox to stay {SMALL}"))
    await ann.presses(gone, "Delete")

    offers = await ann.types("", bob.private)

    assert offers.titles == ["a fox to stay"]


async def test_who_types_no_words_is_told_to(easel, ann, li, foxes):
    assert (await ann.types("", foxes)).button["text"] == "Type what you want to see"
    assert (await li.types("", foxes)).button["text"] == "输入您想看到的画面"
