"""An Easel that leaves its status messages where they are."""

from __future__ import annotations

import pytest

from tests.talks import BUTTONS, seen

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENVIRON = {"EASEL_TELEGRAM__KEEP_STATUS": "true"}


async def test_the_status_message_becomes_one_line(easel, ann, foxes):
    ann.says("/imagine a fox --w 64 --h 64 --steps 4 --seed 7", foxes)

    await easel.reads(
        foxes,
        f"""
        Ann: /imagine a fox --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "/imagine a fox --w 64 -…": ✓ 64 × 64 · seed 7 · job-1 (silent) (edited)
        Easel, to Ann "/imagine a fox --w 64 -…": [photo 64×64] a fox
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )


async def test_a_half_made_picture_is_not_kept_beside_the_whole(easel, ann):
    with easel.holding(step=3):
        ann.says("a hare --w 64 --h 64 --steps 4 --seed 7")
        await seen(ann.private, lambda: ann.private.photos)

    await easel.reads(
        ann.private,
        f"""
        Ann: a hare --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "a hare --w 64 --h 64 --…": [photo 64×64] a hare
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )
