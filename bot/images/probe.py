"""What a picture is, from its header alone, before anything is unfolded."""

from __future__ import annotations

from dataclasses import dataclass

from bot.images.errors import TooManyBytes
from bot.images.formats import MEDIA_TYPES
from bot.images.opening import PILLOW_MAX_PIXELS, opened, orientation_of

_ON_THEIR_SIDE = range(5, 9)
"""Of EXIF's orientations."""


@dataclass(frozen=True, slots=True)
class InputLimits:
    """What people may send. `max_pixels` counts one frame: only the first is ever unfolded."""

    max_bytes: int = 20_000_000
    max_pixels: int = 40_000_000


@dataclass(frozen=True, slots=True)
class Info:
    """A picture's header.

    `format` is a key of `bot.images.formats.MEDIA_TYPES`. Width and height are of the upright picture. `mode` is
    Pillow's. `animated`: there are more frames or pages than the first, which is the one that is used.
    `orientation` is EXIF's, 1..8. `profile` is the ICC profile, if any.
    """

    format: str
    width: int
    height: int
    mode: str
    has_alpha: bool
    animated: bool
    orientation: int
    profile: bytes | None

    @property
    def media_type(self) -> str:
        """Such as ``image/png``."""
        return MEDIA_TYPES[self.format]


def probe(data: bytes, limits: InputLimits) -> Info:
    """Read the header and hold it against the limits.

    Raises:
        NotAPicture, UnsupportedPicture, BrokenPicture: What `bot.images.errors` says of them.
        TooManyBytes, TooManyPixels: Over the limits.
    """
    if len(data) > limits.max_bytes:
        raise TooManyBytes(megabytes=round(len(data) / 1e6, 1), allowed=round(limits.max_bytes / 1e6, 1))
    return inspect(data, max_pixels=limits.max_pixels)


def inspect(data: bytes, *, max_pixels: int = PILLOW_MAX_PIXELS) -> Info:
    """As `probe`, for a picture that is already ours.

    Raises:
        As `probe`, without TooManyBytes.
    """
    with opened(data, max_pixels=max_pixels) as (kind, picture):
        orientation = orientation_of(picture)
        # of a TIFF Pillow gives the upright size already
        on_its_side = orientation in _ON_THEIR_SIDE and kind != "TIFF"
        width, height = (picture.height, picture.width) if on_its_side else picture.size
        return Info(
            format=kind,
            width=width,
            height=height,
            mode=picture.mode,
            has_alpha=picture.has_transparency_data,
            animated=kind != "JPEG" and bool(getattr(picture, "is_animated", False)),
            orientation=orientation,
            profile=picture.info.get("icc_profile") or None,
        )
