"""A picture somebody sent, made ready for ComfyUI."""

from __future__ import annotations

import math
from io import BytesIO

from PIL import Image

from bot.images.colour import READY, is_srgb
from bot.images.opening import decode
from bot.images.probe import Info, InputLimits, inspect, probe

_COMFYUI_READS = frozenset({"PNG", "JPEG", "WEBP"})
_PNG_EFFORT = 3
"""zlib level: a photo from a phone in half a second, within a tenth of the smallest size."""
_JPEG_QUALITY = 95
"""Nothing that an eye would find again in what is made of it."""


def normalise(data: bytes, limits: InputLimits) -> bytes:
    """The same picture as ComfyUI's LoadImage understands it everywhere: upright, sRGB, 8 bits, one frame.

    A PNG, JPEG or WebP that is all that already comes back byte for byte; everything else becomes a PNG, of its
    first frame, so that nothing is lost twice. Transparency stays, as alpha (LoadImage's mask).

    Raises:
        As `bot.images.probe.probe`; BrokenPicture also where only the pixels are damaged.
    """
    info = probe(data, limits)
    picture = decode(data, max_pixels=limits.max_pixels)  # also of what needs no change: ComfyUI fails on damage late
    if _as_comfyui_wants(info):
        return data
    file = BytesIO()
    picture.save(file, "PNG", compress_level=_PNG_EFFORT)
    return file.getvalue()


def shrink(data: bytes, max_pixels: int) -> bytes:
    """The same picture with no more than `max_pixels`, in its proportions; byte for byte, if it has no more already.

    A JPEG stays one, everything else becomes a PNG. `data` is as `normalise` leaves it.

    Raises:
        As `bot.images.opening.decode`.
    """
    info = inspect(data)
    if info.width * info.height <= max_pixels:
        return data
    size = within(info.width, info.height, max_pixels)
    picture = decode(data, at_least=size)
    # each channel by itself: ComfyUI takes the colours under what is transparent as they are
    small = Image.merge(picture.mode, [band.resize(size, Image.Resampling.LANCZOS) for band in picture.split()])
    file = BytesIO()
    if info.format == "JPEG":
        small.save(file, "JPEG", quality=_JPEG_QUALITY, subsampling="4:4:4")
    else:
        small.save(file, "PNG", compress_level=_PNG_EFFORT)
    return file.getvalue()


def within(width: int, height: int, max_pixels: int) -> tuple[int, int]:
    """The largest size of about these proportions with no more than so many pixels, and at least one each way."""
    scale = math.sqrt(max_pixels / (width * height))
    short = max(1, math.floor(min(width, height) * scale))
    long = max(1, min(math.floor(max(width, height) * scale), max_pixels // short))
    return (short, long) if width < height else (long, short)


def _as_comfyui_wants(info: Info) -> bool:
    return (
        info.format in _COMFYUI_READS
        and info.mode in READY
        and info.orientation == 1
        and not info.animated
        # LoadImage takes a mask from an alpha band only, not from a tRNS colour (ComfyUI 0.3.75)
        and (info.mode in ("LA", "RGBA") or not info.has_alpha)
        and (info.profile is None or is_srgb(info.profile))
    )
