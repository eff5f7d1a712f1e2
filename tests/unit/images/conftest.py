from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageDraw


@pytest.fixture(scope="session")
def encoded() -> Callable[..., bytes]:
    """The bytes of a picture in a format, with Pillow's own options for saving."""

    def encode(picture: Image.Image, kind: str, **options: Any) -> bytes:
        file = io.BytesIO()
        picture.save(file, kind, **options)
        return file.getvalue()

    return encode


@pytest.fixture(scope="session")
def loaded() -> Callable[[bytes], Image.Image]:
    """The picture a reader that knows nothing of Easel sees."""

    def load(data: bytes) -> Image.Image:
        picture = Image.open(io.BytesIO(data))
        picture.load()
        return picture

    return load


@pytest.fixture(scope="session")
def scene() -> Image.Image:
    """64 by 48 pixels that look different from every side: red in the upper left corner, blue in the lower right."""
    picture = Image.linear_gradient("L").resize((64, 48)).convert("RGB")
    drawing = ImageDraw.Draw(picture)
    drawing.rectangle((0, 0, 23, 15), fill=(255, 0, 0))
    drawing.rectangle((48, 40, 63, 47), fill=(0, 0, 255))
    return picture


@pytest.fixture(scope="session")
def noise() -> Image.Image:
    """256 by 256 pixels of noise, which nothing packs well."""
    return Image.merge("RGB", [Image.effect_noise((256, 256), sigma) for sigma in (40, 60, 80)])


@pytest.fixture(scope="session")
def wide_gamut() -> bytes:
    """An ICC profile that is not sRGB: its primaries are swapped, so that a forgotten conversion cannot be missed."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile = profile.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")
    return bytes(profile.replace("sRGB".encode("utf-16-be"), "BGRs".encode("utf-16-be")))
