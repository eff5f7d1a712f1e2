"""The one place where Pillow meets bytes that somebody sent."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image, ImageFile, ImageOps

from bot.images.colour import to_srgb
from bot.images.errors import BrokenPicture, NotAPicture, TooManyPixels, UnsupportedPicture
from bot.images.formats import MEDIA_TYPES, recognise

PILLOW_MAX_PIXELS = 178_956_970
"""Pillow's own bomb guard refuses more, whatever the settings say (``2 * Image.MAX_IMAGE_PIXELS``, Pillow 13)."""

DAMAGE = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    Warning,
)
"""What Pillow's readers raise on damaged files. A Warning only where the process makes warnings errors."""


def known_format(data: bytes) -> str:
    """The format of a picture that can be read here, a key of `MEDIA_TYPES`.

    Raises:
        NotAPicture: It is something else, or empty.
        UnsupportedPicture: A picture, but not one that is read here; HEIC without pillow-heif is one.
    """
    kind = recognise(data)
    if kind is None:
        raise NotAPicture
    if kind not in MEDIA_TYPES or (kind == "HEIC" and not _heif_available()):
        raise UnsupportedPicture(format=kind)
    return kind


@contextmanager
def opened(data: bytes, *, max_pixels: int = PILLOW_MAX_PIXELS) -> Iterator[tuple[str, ImageFile.ImageFile]]:
    """The format, and the picture with only its header read. Within the block Pillow's complaints are ours.

    Keep the block to reading: a fault of our own in it would be taken for a damaged file.

    Raises:
        NotAPicture, UnsupportedPicture: As `known_format`.
        BrokenPicture: Damaged or cut short.
        TooManyPixels: More than `max_pixels`.
    """
    kind = known_format(data)
    try:
        with Image.open(BytesIO(data), formats=("HEIF" if kind == "HEIC" else kind,)) as picture:
            if picture.width * picture.height > max_pixels:
                raise TooManyPixels(allowed=max_pixels / 1e6)
            yield kind, picture
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooManyPixels(allowed=min(max_pixels, PILLOW_MAX_PIXELS) / 1e6) from None
    except DAMAGE as damage:
        raise BrokenPicture(format=kind) from damage


def decode(data: bytes, *, max_pixels: int = PILLOW_MAX_PIXELS, at_least: tuple[int, int] | None = None) -> Image.Image:
    """The first frame, upright, as `to_srgb` gives it. `at_least`: a JPEG may come smaller, but not below this size.

    Raises:
        As `opened`.
    """
    with opened(data, max_pixels=max_pixels) as (kind, picture):
        turned = orientation_of(picture) != 1
        if at_least is not None:
            picture.draft(None, at_least)
        picture.load()
        upright = ImageOps.exif_transpose(picture) if turned else picture
    return to_srgb(upright, kind)


def orientation_of(picture: Image.Image) -> int:
    """EXIF's orientation, 1..8; 1 (upright) where there is none that makes sense."""
    try:
        orientation = picture.getexif().get(0x0112, 1)
    except DAMAGE:  # pictures with a damaged EXIF block are common, and everybody shows them
        return 1
    return orientation if orientation in range(1, 9) else 1


def _heif_available() -> bool:
    """Whether pillow-heif is installed; it is told to Pillow when first needed."""
    try:
        import pillow_heif  # noqa: PLC0415 - optional: its wheels bundle GPL code
    except ImportError:
        return False
    if "HEIF" not in Image.OPEN:
        pillow_heif.register_heif_opener()
    return True
