"""What a picture says of its own making: taken out, put in, read."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from bot.images.containers import gif, jpeg, png, webp
from bot.images.opening import DAMAGE, decode, opened
from bot.images.probe import inspect

_ORIENTATION, _EXIF_IFD, _USER_COMMENT = 0x0112, 0x8769, 0x9286
_UNICODE, _ASCII = b"UNICODE\0", b"ASCII\0\0\0"
_COMMENT_ROOM = jpeg.EXIF_ROOM - 256  # what is around the comment in an EXIF block takes well under 256 bytes


def strip(data: bytes) -> bytes:
    """The same pixels without a word: no ComfyUI graph, no text, no camera data, no position.

    PNG, JPEG, WebP and GIF (animated too) keep their coded pixels byte for byte, their colour profile, and EXIF's
    orientation where it is not upright. Any other format becomes a PNG of its first frame.

    Raises:
        ImageError: As `bot.images.probe.inspect`.
    """
    return _rewritten(data, None)


def embed(data: bytes, parameters: str) -> bytes:
    """As `strip`, and then the picture says how it was made, where image tools look for it.

    PNG: an iTXt chunk ``parameters``. JPEG and WebP: EXIF's UserComment, which has room for some 32 000 characters
    (what is longer is cut). A GIF has no such place and stays silent.

    Raises:
        ImageError: As `strip`.
    """
    return _rewritten(data, parameters.replace("\0", ""))


def read(data: bytes) -> str | None:
    """What `embed` wrote, or another tool in the same place; None if there is nothing.

    Raises:
        ImageError: As `strip`.
    """
    with opened(data) as (kind, picture):
        if kind == "PNG":
            text = picture.info.get("parameters")
            return str(text) if text is not None else None
        try:
            comment = picture.getexif().get_ifd(_EXIF_IFD).get(_USER_COMMENT)
        except DAMAGE:  # a damaged EXIF block says nothing; the picture may be whole
            return None
    if not isinstance(comment, bytes):
        return None
    if comment.startswith(_UNICODE):
        return comment.removeprefix(_UNICODE).decode("utf-16-be", "ignore")  # half a character where it was cut
    return comment.removeprefix(_ASCII).decode("ascii", "replace") if comment.startswith(_ASCII) else None


def _rewritten(data: bytes, parameters: str | None) -> bytes:
    info = inspect(data)
    match info.format:
        case "PNG":
            return png.rewrite(data, exif=_exif(info.orientation, None), parameters=parameters)
        case "JPEG":
            return jpeg.rewrite(data, exif=_exif(info.orientation, parameters))
        case "WEBP":
            return webp.rewrite(data, exif=_exif(info.orientation, parameters))
        case "GIF":
            return gif.rewrite(data)
        case _:
            file = BytesIO()
            decode(data).save(file, "PNG")
            return png.rewrite(file.getvalue(), exif=None, parameters=parameters)


def _exif(orientation: int, comment: str | None) -> bytes | None:
    """An EXIF block of just that; None if there is nothing to say."""
    exif = Image.Exif()
    exif.endian = ">"  # the comment is in the block's byte order, and other tools write and expect this one
    if orientation != 1:
        exif[_ORIENTATION] = orientation
    if comment is not None:
        text = comment.encode("utf-16-be", "replace")[: _COMMENT_ROOM & ~1]
        exif.get_ifd(_EXIF_IFD)[_USER_COMMENT] = _UNICODE + text
    return exif.tobytes().removeprefix(b"Exif\0\0") if orientation != 1 or comment is not None else None
