"""From `/imagine` to the picture, as people in a chat see it."""

from __future__ import annotations

import pytest

from tests.talks import picture, seen

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL = "--w 64 --h 64 --steps 4 --seed 7"


async def test_words_become_a_picture_in_a_group(easel, ann, foxes):
    asked = ann.says(f"/imagine a fox {SMALL}", foxes)

    shown = await easel.result(asked)

    assert foxes.log().splitlines()[0] == f"Ann: /imagine a fox {SMALL}"
    assert not shown.silent
    await seen(foxes, lambda: foxes.answers == [shown])


async def test_a_reply_to_anybodys_picture_starts_from_it(easel, ann, bob, foxes):
    photo = bob.sends_photo(picture(), "my garden", foxes)

    asked = ann.says("/imagine in winter --seed 7 --steps 4", foxes, reply_to=photo)

    assert (await easel.result(asked)).photo is not None
