"""Small versions for lists and status cards."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from bot.images.opening import decode

_QUALITY = 80


def thumbnail(data: bytes, side: int) -> bytes:
    """A WebP of the whole first frame, no side over `side` pixels, never enlarged.

    Raises:
        As `bot.images.opening.decode`.
    """
    picture = decode(data, at_least=(side, side))
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    file = BytesIO()
    picture.save(file, "WEBP", quality=_QUALITY)
    return file.getvalue()
