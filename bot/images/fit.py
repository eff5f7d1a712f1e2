"""A result made to fit what a platform takes, with the least loss."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from io import BytesIO

from PIL import Image

from bot.images.colour import on_white, see_through
from bot.images.containers import webp
from bot.images.errors import CannotFit
from bot.images.formats import MEDIA_TYPES
from bot.images.metadata import embed, read
from bot.images.opening import decode
from bot.images.probe import Info, inspect

_BEST, _WORST = 95, 80
"""JPEG and WebP quality: above, files only grow; below, a smaller picture looks better than a coarser one."""

_FULL_COLOUR = 90
"""From this quality on a JPEG keeps colour at full resolution."""

_UNPACKED = frozenset({"BMP", "TIFF"})
_LOSSLESS = frozenset({"PNG", "GIF"}) | _UNPACKED
_UNPACKED_WEIGHT = 0.5
"""What packing leaves of a source that is not packed at all."""

_HOPE = {"PNG": 1.2, "WEBP": 1.6}
"""How many times the limit a lossless source may weigh for another try in this format to be worth its time."""

_ROUNDING = 1e-6

_LONGEST_SIDE = {"PNG": math.inf, "JPEG": 65_500, "WEBP": 16_383}
"""In pixels, of what is written here: libpng, libjpeg-turbo, libwebp."""


@dataclass(frozen=True, slots=True)
class PlatformLimits:
    """What a platform takes as a picture to look at.

    `formats`: keys of `bot.images.formats.MEDIA_TYPES`, JPEG, PNG or WEBP among them. `max_side_sum` bounds width +
    height, `max_ratio` the longer side by the shorter. `alpha`, `animation`: whether it shows these.
    `max_document_bytes`: it also takes files without looking at them, up to this size; 0: it knows no difference.
    """

    formats: frozenset[str]
    max_bytes: int
    max_side: int | None = None
    max_side_sum: int | None = None
    max_ratio: float | None = None
    alpha: bool = True
    animation: bool = True
    max_document_bytes: int = 0


TELEGRAM_PHOTO = PlatformLimits(
    formats=frozenset({"JPEG", "PNG"}),
    max_bytes=10_000_000,
    max_side_sum=10_000,
    max_ratio=20,
    alpha=False,
    animation=False,
    max_document_bytes=50_000_000,
)
"""Bot API 10.0, sendPhoto and sendDocument."""

TELEGRAM_LOCAL = replace(TELEGRAM_PHOTO, max_document_bytes=2_000_000_000)
"""A Bot API server of one's own that runs with ``--local`` (Bot API 10.0, Using a Local Bot API Server)."""

DISCORD = PlatformLimits(formats=frozenset({"JPEG", "PNG", "WEBP", "GIF"}), max_bytes=10 * 1024 * 1024)
"""API v10 without boosts; where an interaction names its own limit, `dataclasses.replace` the bytes."""

CONSOLE = PlatformLimits(formats=frozenset({"JPEG", "PNG", "WEBP", "GIF", "AVIF"}), max_bytes=64_000_000)
"""What browsers show."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A picture to post. `as_document`: the platform would not show it as a picture, so it goes as a file."""

    data: bytes
    media_type: str
    width: int
    height: int
    changed: bool
    as_document: bool


def fit(data: bytes, limits: PlatformLimits) -> Fitted:
    """The picture within the limits, as near to the given one as possible.

    Untouched if it fits. Else, of a lossless source, packed anew without loss; else as JPEG (WebP for transparency)
    of quality 95 down to 80; else smaller as well. Transparency is laid on white where the platform has none. What
    `bot.images.metadata.embed` wrote is kept; everything else a picture says of itself is lost in packing anew.
    A shape or an animation that the platform does not show goes as a document.

    Raises:
        CannotFit: Not even one pixel fits.
        ImageError: As `bot.images.probe.inspect`.
    """
    info = inspect(data)
    as_document = _is_too_long(info, limits) or (info.animated and not limits.animation)
    if as_document:
        limits = PlatformLimits(frozenset(MEDIA_TYPES), limits.max_document_bytes or limits.max_bytes)
    if _fits_untouched(info, data, limits):
        return Fitted(data, info.media_type, info.width, info.height, changed=False, as_document=as_document)
    packed = _packed(data, info, limits)
    return replace(packed, as_document=as_document)


def _is_too_long(info: Info, limits: PlatformLimits) -> bool:
    long, short = max(info.width, info.height), min(info.width, info.height)
    return limits.max_ratio is not None and long > limits.max_ratio * short


def _fits_untouched(info: Info, data: bytes, limits: PlatformLimits) -> bool:
    return (
        len(data) <= limits.max_bytes
        and info.format in limits.formats
        and _scale(info.width, info.height, limits) == 1
        and (limits.alpha or not info.has_alpha or not see_through(decode(data)))
    )


def _scale(width: int, height: int, limits: PlatformLimits) -> float:
    """What both sides are to be multiplied by, at most 1."""
    longest = max(side for kind, side in _LONGEST_SIDE.items() if kind in limits.formats)
    return min(
        1.0,
        longest / max(width, height),
        limits.max_side / max(width, height) if limits.max_side else 1.0,
        limits.max_side_sum / (width + height) if limits.max_side_sum else 1.0,
    )


def _packed(data: bytes, info: Info, limits: PlatformLimits) -> Fitted:
    picture = decode(data)
    picture = picture if limits.alpha and see_through(picture) else on_white(picture)
    pen = _Pen(limits, read(data))
    scale = _scale(*picture.size, limits)
    scaled = _scaled(picture, scale)
    if _is_lossless(info, data):
        weight = len(data) * scale**2 * (_UNPACKED_WEIGHT if info.format in _UNPACKED else 1)
        for kind, hope in _HOPE.items():
            if weight <= hope * limits.max_bytes and pen.can_write(kind, scaled):
                fitted = pen.write(scaled, kind)
                if pen.fits(fitted):
                    return fitted
    while True:
        fitted = pen.write_coarser(scaled)
        if pen.fits(fitted):
            return fitted
        if scaled.size == (1, 1):
            raise CannotFit(allowed=limits.max_bytes)
        scale *= min(0.9, math.sqrt(limits.max_bytes / len(fitted.data)))
        scaled = _scaled(picture, scale)


@dataclass(frozen=True, slots=True)
class _Pen:
    """Writes pictures in a platform's formats, each with the text that belongs to it."""

    limits: PlatformLimits
    text: str | None

    def can_write(self, kind: str, picture: Image.Image) -> bool:
        return kind in self.limits.formats and max(picture.size) <= _LONGEST_SIDE[kind]

    def write(self, picture: Image.Image, kind: str, quality: int | None = None) -> Fitted:
        """In that format; without a quality, without loss."""
        file = BytesIO()
        if kind == "PNG":
            picture.save(file, kind, optimize=True)
        elif kind == "JPEG":
            subsampling = "4:4:4" if quality is not None and quality >= _FULL_COLOUR else "4:2:0"
            # without optimize: Pillow 13 gives it too small a buffer for fine noise ("Suspension not allowed here")
            on_white(picture).save(file, kind, quality=quality, subsampling=subsampling)
        else:
            picture.save(file, kind, lossless=quality is None, quality=_BEST if quality is None else quality)
        data = file.getvalue() if self.text is None else embed(file.getvalue(), self.text)
        return Fitted(data, MEDIA_TYPES[kind], *picture.size, changed=True, as_document=False)

    def write_coarser(self, picture: Image.Image) -> Fitted:
        """With the best quality that fits; if none does, with the worst."""
        order = ("WEBP", "PNG", "JPEG") if picture.has_transparency_data else ("JPEG", "WEBP", "PNG")
        kind = next(kind for kind in order if self.can_write(kind, picture))
        best = self.write(picture, kind, _BEST)
        if self.fits(best) or kind == "PNG":
            return best
        found = self.write(picture, kind, _WORST)
        if not self.fits(found):
            return found
        good, too_good = _WORST, _BEST
        while too_good - good > 1:
            middle = (good + too_good) // 2
            between = self.write(picture, kind, middle)
            if self.fits(between):
                found, good = between, middle
            else:
                too_good = middle
        return found

    def fits(self, fitted: Fitted) -> bool:
        return len(fitted.data) <= self.limits.max_bytes


def _is_lossless(info: Info, data: bytes) -> bool:
    return info.format in _LOSSLESS or (info.format == "WEBP" and webp.is_lossless(data))


def _scaled(picture: Image.Image, scale: float) -> Image.Image:
    """Smaller by that factor. The longer side is rounded down and the shorter up, so that no ratio grows."""
    if scale == 1:
        return picture
    long = max(1, math.floor(max(picture.size) * scale))
    short = max(1, min(long, math.ceil(min(picture.size) * scale - _ROUNDING)))
    size = (long, short) if picture.width >= picture.height else (short, long)
    return picture.resize(size, Image.Resampling.LANCZOS)
