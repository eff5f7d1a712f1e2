from __future__ import annotations

import pytest
from PIL import Image

from bot.images.errors import NotAPicture
from bot.images.thumbnail import thumbnail


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
@pytest.mark.parametrize(
    ("size", "expected"), [((640, 480), (64, 48)), ((480, 640), (48, 64)), ((2000, 3), (64, 1)), ((30, 20), (30, 20))]
)
def test_a_thumbnail_is_a_small_webp_of_the_same_shape(mode, size, expected, encoded, loaded):
    small = loaded(thumbnail(encoded(Image.new(mode, size), "PNG"), 64))
    assert (small.format, small.size) == ("WEBP", expected)


def test_a_thumbnail_is_upright(encoded, loaded):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert loaded(thumbnail(encoded(Image.new("RGB", (1200, 800)), "JPEG", exif=exif), 120)).size == (80, 120)


def test_a_thumbnail_looks_like_the_picture(scene, encoded, loaded):
    small = loaded(thumbnail(encoded(scene.resize((1600, 1200)), "JPEG"), 160))
    assert small.getpixel((10, 10))[0] > 200
    assert small.getpixel((150, 115))[2] > 200


def test_a_thumbnail_keeps_transparency(encoded, loaded):
    small = loaded(thumbnail(encoded(Image.new("RGBA", (100, 100), (255, 0, 0, 0)), "PNG"), 20))
    assert small.getpixel((5, 5))[3] == 0


def test_there_is_no_thumbnail_of_a_film():
    with pytest.raises(NotAPicture):
        thumbnail(b"\0\0\0\x18ftypisom\0\0\0\0isommp42", 64)
