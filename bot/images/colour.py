"""Any pixels Pillow can hold, as 8-bit sRGB."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageCms

from bot.images.errors import UnsupportedPicture

READY = frozenset({"L", "LA", "RGB", "RGBA"})
"""Pillow modes of 8-bit grey and RGB."""

_OTHER_RGB = frozenset({"P", "PA", "CMYK", "YCbCr", "RGBX"})
_GREY_16 = frozenset({"I;16", "I;16L", "I;16B"})
_WHITE = (255, 255, 255)


def is_srgb(profile: bytes) -> bool:
    """Whether an ICC profile means sRGB. One that cannot be read counts as sRGB, which is how everybody shows it."""
    try:
        return "srgb" in ImageCms.getProfileDescription(ImageCms.getOpenProfile(BytesIO(profile))).lower()
    except (ImageCms.PyCMSError, OSError):
        return True


def to_srgb(picture: Image.Image, kind: str) -> Image.Image:
    """The pixels in mode L, LA, RGB or RGBA: the colour profile applied, transparency as alpha, `info` empty.

    `kind` names the file's format in the error.

    Raises:
        UnsupportedPicture: Pixels with no one meaning on a screen, such as 32-bit floats.
    """
    profile = picture.info.get("icc_profile")
    plain = _in_8_bits(picture, kind)
    if profile and not is_srgb(profile):
        plain = _converted(plain, profile)
    if plain.mode not in READY:
        plain = plain.convert("RGB")
    plain.info = {}  # else Pillow writes the profile into the next file, where it no longer belongs
    return plain


def on_white(picture: Image.Image) -> Image.Image:
    """The same without alpha, laid on white."""
    if not picture.has_transparency_data:
        return picture
    seen = picture.convert("RGBA")
    ground = Image.new("RGB", seen.size, _WHITE)
    ground.paste(seen, mask=seen.getchannel("A"))
    return ground


def see_through(picture: Image.Image) -> bool:
    """Whether any pixel is not opaque."""
    return picture.has_transparency_data and picture.convert("RGBA").getchannel("A").getextrema()[0] != 255  # noqa: PLR2004


def _in_8_bits(picture: Image.Image, kind: str) -> Image.Image:
    if picture.mode in _GREY_16:
        # Pillow's own conversion cuts off at 255
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode in READY and "transparency" in picture.info:
        return picture.convert("RGBA")
    if picture.mode in ("P", "PA"):
        return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if picture.mode not in READY | _OTHER_RGB:
        raise UnsupportedPicture(format=f"{kind} {picture.mode}")
    return picture


def _converted(picture: Image.Image, profile: bytes) -> Image.Image:
    """With the profile applied; as it is where the profile does not belong to such pixels."""
    alpha = picture.getchannel("A") if picture.mode in ("LA", "RGBA") else None
    colours = picture.convert(picture.mode.removesuffix("A")) if alpha else picture
    try:
        transform = ImageCms.buildTransform(
            ImageCms.getOpenProfile(BytesIO(profile)), ImageCms.createProfile("sRGB"), colours.mode, "RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        return picture
    converted = transform.apply(colours)
    if alpha:
        converted.putalpha(alpha)
    return converted
