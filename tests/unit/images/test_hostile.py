"""Whatever bytes arrive, they are a picture or one of this room's errors."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.images.convert import normalise
from bot.images.errors import ImageError
from bot.images.fit import TELEGRAM_PHOTO, fit
from bot.images.metadata import embed, read, strip
from bot.images.probe import InputLimits, probe
from bot.images.thumbnail import thumbnail

LIMITS = InputLimits(max_bytes=100_000, max_pixels=1_000_000)

EVERYTHING: list[Callable[[bytes], Any]] = [
    lambda data: probe(data, LIMITS),
    lambda data: normalise(data, LIMITS),
    lambda data: thumbnail(data, 32),
    lambda data: fit(data, TELEGRAM_PHOTO),
    strip,
    lambda data: embed(data, "a fox"),
    read,
]

BEGINNINGS = [
    b"",
    b"\x89PNG\r\n\x1a\n",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x02\x08\x06\0\0\0",
    b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    b"\xff\xd8\xff\xe1",
    b"RIFF\x40\0\0\0WEBPVP8X",
    b"RIFF\x40\0\0\0WEBPVP8L",
    b"RIFF\x40\0\0\0WEBPVP8 ",
    b"GIF89a\x02\0\x02\0",
    b"BM",
    b"II*\0\x08\0\0\0",
    b"MM\0*\0\0\0\x08",
    b"\0\0\0\x18ftypavif\0\0\0\0",
    b"\0\0\0\x18ftypheic\0\0\0\0",
]


@pytest.mark.parametrize("use", EVERYTHING)
@settings(deadline=None, max_examples=60)
@given(beginning=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=300))
def test_random_bytes_raise_nothing_else(use, beginning, rest):
    with suppress(ImageError):
        use(beginning + rest)


@pytest.fixture(scope="session")
def samples(scene, encoded, wide_gamut) -> list[bytes]:
    exif = Image.Exif()
    exif[0x0112] = 6
    more = {"save_all": True, "append_images": [scene.transpose(Image.Transpose.ROTATE_180)]}
    return [
        encoded(scene, "PNG", icc_profile=wide_gamut, exif=exif),
        encoded(scene.quantize(16), "PNG", transparency=1),
        encoded(scene, "PNG", **more),
        encoded(scene, "JPEG", icc_profile=wide_gamut, exif=exif),
        encoded(scene, "JPEG", progressive=True, comment="a fox"),
        encoded(scene.convert("CMYK"), "JPEG"),
        encoded(scene, "WEBP", exif=exif),
        encoded(scene.convert("RGBA"), "WEBP", lossless=True),
        encoded(scene, "WEBP", **more),
        encoded(scene, "GIF", **more),
        encoded(scene, "BMP"),
        encoded(scene, "TIFF", exif=exif),
        encoded(scene, "TIFF", compression="tiff_lzw"),
        encoded(scene, "AVIF"),
    ]


@pytest.mark.parametrize("use", EVERYTHING)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_damaged_pictures_raise_nothing_else(use, samples, data):
    sample = bytearray(data.draw(st.sampled_from(samples)))
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(sample) - 1), st.integers(0, 255)), max_size=6)):
        sample[at] = value
    with suppress(ImageError):
        use(bytes(sample[: data.draw(st.integers(0, len(sample)) | st.just(len(sample)))]))
