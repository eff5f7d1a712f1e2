"""What can be wrong with a picture."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import EaselError


class ImageError(EaselError):
    """Root of this room's errors."""


@dataclass(eq=False)
class NotAPicture(ImageError):
    """Empty, or some other kind of file, whatever it is called."""


@dataclass(eq=False)
class UnsupportedPicture(ImageError):
    """A picture of a kind that is not read here. `format` is what people call it (``HEIC``, ``SVG``)."""

    format: str


@dataclass(eq=False)
class BrokenPicture(ImageError):
    """It begins like a picture of that format and cannot be read to the end."""

    format: str


@dataclass(eq=False)
class TooManyBytes(ImageError):
    """The file is larger than allowed. Both in megabytes of 1 000 000 bytes."""

    megabytes: float
    allowed: float


@dataclass(eq=False)
class TooManyPixels(ImageError):
    """It would unfold into more pixels than allowed. In megapixels."""

    allowed: float


@dataclass(eq=False)
class CannotFit(ImageError):
    """No version of the picture, however small, fits the platform's limit. In bytes."""

    allowed: int
