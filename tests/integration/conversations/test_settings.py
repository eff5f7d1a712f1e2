"""How a chat is set, by whom, and what follows."""

from __future__ import annotations

import pytest

from tests.talks import BUTTONS, seen

pytestmark = pytest.mark.asyncio(loop_scope="module")

MORE = """
[content]
spoiler_words = ["blood"]
blocked_words = ["gore"]
"""
SMALL = "--w 64 --h 64 --steps 4 --seed 7"


async def test_admins_set_their_group_and_others_read_that_they_may_not(easel, ann, bob, foxes):
    await easel.answer(bob.says("/settings size 128x64", foxes))
    await easel.answer(ann.says("/settings size 128x64", foxes))
    await easel.answer(bob.says("/settings size", foxes))
    bob.says("/imagine a fox --steps 4 --seed 7", foxes)

    await easel.reads(
        foxes,
        f"""
        Bob: /settings size 128x64
        Easel, to Bob "/settings size 128x64": Only an admin of this chat or an operator can change its settings.
        Ann: /settings size 128x64
        Easel, to Ann "/settings size 128x64": size is now 128x64 in this chat.
        Bob: /settings size
        Easel, to Bob "/settings size": How this chat is set
            size: 128x64 (elsewhere as the workflow has it)

            Admins change it with /settings KEY VALUE; the value default takes it back.
        Bob: /imagine a fox --steps 4 --seed 7
        Easel, to Bob "/imagine a fox --steps …": [photo 128×64] a fox
            128 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )


async def test_in_private_everybody_sets_their_own_chat(easel, ann):
    await easel.answer(ann.says("/settings size 96x64"))
    await easel.result(ann.says("a fox --steps 4 --seed 7"))
    ann.says("/settings size default")

    await easel.reads(
        ann.private,
        f"""
        Ann: /settings size 96x64
        Easel, to Ann "/settings size 96x64": size is now 96x64 in this chat.
        Ann: a fox --steps 4 --seed 7
        Easel, to Ann "a fox --steps 4 --seed 7": [photo 96×64] a fox
            96 × 64 · seed 7 · job-1 {BUTTONS}
        Ann: /settings size default
        Easel, to Ann "/settings size default": size is now the same as elsewhere.
        """,
    )


async def test_a_group_can_watch_pictures_come_into_being_and_a_private_chat_need_not(easel, ann, foxes):
    await easel.answer(ann.says("/settings previews on", foxes))
    await easel.answer(ann.says("/settings previews off"))
    with easel.holding(step=3):
        asked = ann.says(f"/imagine a fox in public {SMALL}", foxes)
        status = await seen(foxes, lambda: next((one for one in foxes.photos), None))
        assert status.silent
        assert status.buttons == ["Cancel"]
    await easel.result(asked)
    with easel.holding(step=3):
        asked = ann.says(f"a fox unseen {SMALL}")
        status = await seen(
            ann.private, lambda: next((one for one in ann.private.answers if "step 3" in one.text), None)
        )
        assert [version.media for version in status.versions if version.media] == []
    await easel.result(asked)


async def test_a_group_can_have_every_picture_covered_and_nothing_of_it_is_seen_before(easel, ann, foxes):
    await easel.answer(ann.says("/settings previews on", foxes))
    await easel.answer(ann.says("/settings spoiler on", foxes))
    with easel.holding(step=3):
        asked = ann.says(f"/imagine a hidden fox {SMALL}", foxes)
        status = await seen(foxes, lambda: next((one for one in foxes.answers if "step 3" in one.text), None))
        assert status.photo is None
    shown = await easel.result(asked)
    await easel.results(ann.says("/imagine two hidden --n 2 --w 64 --h 64 --steps 4 --seed 7", foxes), 2)
    await easel.answer(ann.says("/settings spoiler default", foxes))
    ann.says("/show", foxes, reply_to=shown)

    await easel.reads(
        foxes,
        f"""
        Ann: /settings previews on
        Easel, to Ann "/settings previews on": previews is now on in this chat.
        Ann: /settings spoiler on
        Easel, to Ann "/settings spoiler on": spoiler is now on in this chat.
        Ann: /imagine a hidden fox --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "/imagine a hidden fox -…": [photo 64×64 spoiler] a hidden fox
            64 × 64 · seed 7 · job-1 {BUTTONS}
        Ann: /imagine two hidden --n 2 --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "/imagine two hidden --n…": [photo 64×64 spoiler] two hidden
        Easel, to Ann "/imagine two hidden --n…": [photo 64×64 spoiler]
        Easel, to Easel "[photo 64×64 spoiler] t…": 64 × 64 · seed 7 · job-2 {BUTTONS} (silent)
        Ann: /settings spoiler default
        Easel, to Ann "/settings spoiler defau…": spoiler is now the same as elsewhere.
        Ann, to Easel "[photo 64×64 spoiler] a…": /show
        Easel, to Ann "/show": [photo 64×64 spoiler] a hidden fox
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )


async def test_words_that_the_operator_names_cover_a_picture_or_keep_it_from_being_made(easel, ann, foxes):
    await easel.result(ann.says(f"/imagine blood on snow {SMALL}", foxes))
    ann.says(f"/imagine gore {SMALL}", foxes)

    await easel.reads(
        foxes,
        f"""
        Ann: /imagine blood on snow --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "/imagine blood on snow …": [photo 64×64 spoiler] blood on snow
            64 × 64 · seed 7 · job-1 {BUTTONS}
        Ann: /imagine gore --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "/imagine gore --w 64 --…": The rules here do not allow “gore”. Leave it out \
or write it in another way.
        """,
    )


async def test_a_limit_of_the_chat_holds_for_its_people(easel, ann, bob, foxes):
    await easel.answer(ann.says("/settings steps 3", foxes))
    await easel.answer(ann.says("/settings steps 500", foxes))
    bob.says(f"/imagine a fox {SMALL}", foxes)

    await easel.reads(
        foxes,
        """
        Ann: /settings steps 3
        Easel, to Ann "/settings steps 3": steps is now 3 in this chat.
        Ann: /settings steps 500
        Easel, to Ann "/settings steps 500": steps can be 100 or less here, and not 0, which is no limit. \
More is up to an operator.
        Bob: /imagine a fox --w 64 --h 64 --steps 4 --seed 7
        Easel, to Bob "/imagine a fox --w 64 -…": 4 steps are too many. Ask for 3 at most.
        """,
    )


async def test_the_language_of_a_chat_is_read_by_whoever_names_none(easel, telegram, ann):
    bob = telegram.person("Bob", language="")
    foxes = telegram.supergroup("狐狸", ann, bob)
    await easel.answer(ann.says("/settings language zh", foxes))
    await easel.answer(bob.says("/usage", foxes))
    ann.says("/usage", foxes)

    await easel.reads(
        foxes,
        """
        Ann: /settings language zh
        Easel, to Ann "/settings language zh": language is now zh-CN in this chat.
        Bob: /usage
        Easel, to Bob "/usage": 您最近 24 小时
            任务：0
            尚未结束：0，上限 50
        Ann: /usage
        Easel, to Ann "/usage": Your last 24 hours
            jobs: 0
            not ended yet: 0 of 50
        """,
    )


async def test_nonsense_is_answered_with_what_would_do(easel, ann):
    await easel.answer(ann.says("/settings spoilers on"))
    await easel.answer(ann.says("/settings spoiler perhaps"))
    ann.says("/settings language klingon")

    await easel.reads(
        ann.private,
        """
        Ann: /settings spoilers on
        Easel, to Ann "/settings spoilers on": There is no setting “spoilers”. Did you mean spoiler?
        Ann: /settings spoiler perhaps
        Easel, to Ann "/settings spoiler perha…": “perhaps” does not fit the setting spoiler. Write on or off, \
or default for the same as elsewhere.
        Ann: /settings language klingon
        Easel, to Ann "/settings language klin…": “klingon” does not fit the setting language. \
Write one of these: en, zh-CN; or default for the same as elsewhere.
        """,
    )
