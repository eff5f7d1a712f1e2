"""A picture somebody sent, made ready for ComfyUI."""

from __future__ import annotations

from io import BytesIO

from bot.images.colour import READY, is_srgb
from bot.images.opening import decode
from bot.images.probe import Info, InputLimits, probe

_COMFYUI_READS = frozenset({"PNG", "JPEG", "WEBP"})
_PNG_EFFORT = 3
"""zlib level: a photo from a phone in half a second, within a tenth of the smallest size."""


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
