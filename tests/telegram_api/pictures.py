"""Image files to send."""

from __future__ import annotations

import io

from PIL import Image


def picture(width: int = 64, height: int = 64, colour: str = "#c0552b", kind: str = "PNG") -> bytes:
    """An image file of one colour; `kind` is a format of Pillow's."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()
