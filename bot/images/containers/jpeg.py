"""JPEG segments (ITU-T T.81, annex B)."""

from __future__ import annotations

from bot.images.errors import BrokenPicture

_START = b"\xff\xd8"
_END = 0xD9
_SCAN = 0xDA
_COMMENT = 0xFE
_APP0, _APP15 = 0xE0, 0xEF
_LOOKS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""The application segments that decide how a JPEG looks: density, colour profile, colour transform."""

EXIF_ROOM = 0xFFFF - 2 - 6
"""Bytes of EXIF one segment can hold."""


def rewrite(data: bytes, *, exif: bytes | None) -> bytes:
    """The JPEG without comments and application data, but with a given EXIF block of at most `EXIF_ROOM` bytes.

    What follows its end (second pictures, films of "live" photos) is left out. A missing end is not complained of.

    Raises:
        BrokenPicture: The segments do not follow each other.
    """
    head, rest = [_START], []
    if exif is not None:
        rest.append(b"\xff\xe1" + (len(exif) + 8).to_bytes(2, "big") + b"Exif\0\0" + exif)
    at = len(_START)
    while at < len(data):
        start = at
        while data[at : at + 1] == b"\xff":  # any number of fill bytes
            at += 1
        if at == start or at >= len(data):
            raise BrokenPicture(format="JPEG")
        marker = data[at]
        at += 1
        if marker == _END:
            rest.append(b"\xff\xd9")
            break
        end = at + int.from_bytes(data[at : at + 2], "big")
        if end < at + 2 or end > len(data):
            raise BrokenPicture(format="JPEG")
        if marker == _SCAN:
            end = _scan_end(data, end)
        segment = b"\xff" + data[at - 1 : end]
        if marker == _APP0 and data[at + 2 :].startswith(_LOOKS[_APP0]):
            head.append(segment)  # JFIF wants to be first, also before EXIF
        elif _keep(marker, data[at + 2 : at + 16]):
            rest.append(segment)
        at = end
    return b"".join(head + rest)


def _keep(marker: int, body: bytes) -> bool:
    if _APP0 <= marker <= _APP15:
        return marker in _LOOKS and body.startswith(_LOOKS[marker])
    return marker != _COMMENT


def _scan_end(data: bytes, at: int) -> int:
    """Where the coded pixels after a scan header end: at the next marker but stuffing (00) and restarts (D0..D7)."""
    while (at := data.find(b"\xff", at)) != -1:
        follows = data[at + 1 : at + 2]
        if follows not in (b"\0", b"\xff") and not b"\xd0" <= follows <= b"\xd7" and follows:
            return at
        at += 1 if follows == b"\xff" else 2
    return len(data)
