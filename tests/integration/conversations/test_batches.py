"""Several pictures of one request: an album, and a message with the buttons."""

from __future__ import annotations

import io

import pytest
import pytest_asyncio
from PIL import Image, ImageChops, ImageStat

from tests.talks import BUTTONS, seen
from tests.telegram_api import Message

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOXES = "/imagine three foxes --n 3 --w 64 --h 64 --steps 4 --seed 7"
MADE = f"""
        Ann: {FOXES}
        Easel, to Ann "/imagine three foxes --…": [photo 64×64] three foxes
        Easel, to Ann "/imagine three foxes --…": [photo 64×64]
        Easel, to Ann "/imagine three foxes --…": [photo 64×64]
        Easel, to Easel "[photo 64×64] three fox…": 64 × 64 · seed 7 · job-1 {BUTTONS} (silent)"""


@pytest_asyncio.fixture(loop_scope="module")
async def batch(easel, ann, foxes):
    """Three pictures of Ann's in her group, and the message with their buttons."""
    ann.says(FOXES, foxes)
    await seen(foxes, lambda: len(foxes.answers) == 4)
    await easel.until_known(foxes.answers[-1])
    return foxes.answers


def unlike(one: Message, other: Message) -> float:
    """How different two photos look, the larger made as small as the other."""
    first, second = (Image.open(io.BytesIO(each.photo.sent)).convert("RGB").resize((32, 32)) for each in (one, other))
    return sum(ImageStat.Stat(ImageChops.difference(first, second)).mean)


async def test_a_batch_is_an_album_with_a_message_for_its_buttons(easel, ann, foxes, batch):
    await easel.reads(foxes, MADE)
    assert len({one.album for one in batch[:3]}) == 1
    assert batch[0].album is not None
    assert [one.silent for one in batch] == [False, False, False, True]
    assert len({one.photo.sent for one in batch[:3]}) == 3


async def test_a_reply_to_the_second_picture_means_that_one(easel, ann, bob, foxes, batch):
    asked = bob.says("/imagine in winter --steps 1 --denoise 0.1 --seed 7", foxes, reply_to=batch[1])

    made = await easel.result(asked)

    assert min(batch[:3], key=lambda one: unlike(one, made)) is batch[1]


async def test_a_picture_can_be_picked_by_its_number(easel, ann, foxes, batch):
    asked = ann.says("/imagine in winter --pick 3 --steps 1 --denoise 0.1 --seed 7", foxes, reply_to=batch[3])

    made = await easel.result(asked)

    assert min(batch[:3], key=lambda one: unlike(one, made)) is batch[2]


async def test_the_buttons_mean_the_whole_batch(easel, ann, foxes, batch):
    await ann.presses(batch[3], "Again")

    await easel.reads(
        foxes,
        f"""{MADE}
        Easel, to Easel "64 × 64 · seed 7 …": [photo 64×64] three foxes
        Easel, to Easel "64 × 64 · seed 7 …": [photo 64×64]
        Easel, to Easel "64 × 64 · seed 7 …": [photo 64×64]
        Easel, to Easel "[photo 64×64] three fox…": 64 × 64 · seed ? · job-2 {BUTTONS} (silent)
        """,
    )


async def test_file_gives_every_original(easel, ann, foxes, batch):
    await ann.presses(batch[3], "File")

    await easel.reads(
        foxes,
        f"""{MADE}
        Easel, to Easel "64 × 64 · seed 7 …": [file easel-job-1-1.png] three foxes
            64 × 64 · seed 7 · job-1
        Easel, to Easel "64 × 64 · seed 7 …": [file easel-job-1-2.png]
        Easel, to Easel "64 × 64 · seed 7 …": [file easel-job-1-3.png]
        """,
    )


async def test_delete_takes_the_album_away_too(easel, ann, foxes, batch):
    await ann.presses(batch[3], "Delete")

    await easel.reads(foxes, f"Ann: {FOXES}")


async def test_flags_in_reply_to_a_batch_change_the_whole_of_it(easel, ann, foxes, batch):
    ann.says("--n 1 --w 128", foxes, reply_to=batch[1])

    await easel.reads(
        foxes,
        f"""{MADE}
        Ann, to Easel "[photo 64×64]": --n 1 --w 128
        Easel, to Ann "--n 1 --w 128": [photo 128×64] three foxes
            128 × 64 · seed 7 · job-2 {BUTTONS}
        """,
    )


async def test_show_posts_a_batch_again_without_sending_it_anew(easel, telegram, ann, foxes, batch):
    uploads = sum(len(call.uploads) for call in telegram.calls)

    ann.says("/show", foxes, reply_to=batch[0])
    await seen(foxes, lambda: len(foxes.answers) == 8)

    assert [one.photo for one in foxes.answers[4:7]] == [one.photo for one in batch[:3]]
    assert sum(len(call.uploads) for call in telegram.calls) == uploads


async def test_more_pictures_than_are_allowed_are_refused_with_the_most(easel, ann, foxes):
    ann.says("/imagine foxes --n 9 --w 64 --h 64", foxes)

    await easel.reads(
        foxes,
        """
        Ann: /imagine foxes --n 9 --w 64 --h 64
        Easel, to Ann "/imagine foxes --n 9 --…": “--n” can be from 1 to 8, not 9. If you leave it out, \
a fitting value is used.
        """,
    )
