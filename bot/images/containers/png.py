"""PNG chunks (PNG specification, third edition, 5.3 and 11)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from bot.images.errors import BrokenPicture

_SIGNATURE = 8
_AROUND = 12  # length, type and checksum
_CRITICAL = b"IHDR PLTE IDAT IEND"
_LOOKS = b"cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST tRNS pHYs sPLT acTL fcTL fdAT"
_KEPT = frozenset((_CRITICAL + b" " + _LOOKS).split())


def rewrite(data: bytes, *, exif: bytes | None, parameters: str | None) -> bytes:
    """The PNG with only the chunks that matter for its looks, a given EXIF block, and a ``parameters`` text.

    Raises:
        BrokenPicture: A chunk reaches past the end of the file.
    """
    parts = [data[:_SIGNATURE]]
    for kind, chunk in _chunks(data):
        if kind in _KEPT:
            parts.append(chunk)
        if kind == b"IHDR":
            if exif is not None:
                parts.append(_chunk(b"eXIf", exif))
            if parameters is not None:
                # keyword, then: not compressed, no language, no translated keyword
                parts.append(_chunk(b"iTXt", b"parameters\0\0\0\0\0" + parameters.encode("utf-8", "replace")))
    return b"".join(parts)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and whole bytes of each chunk up to IEND. What some tools hide behind IEND is no chunk."""
    at, kind = _SIGNATURE, b""
    while kind != b"IEND":
        end = at + _AROUND + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            raise BrokenPicture(format="PNG")
        kind = data[at + 4 : at + 8]
        yield kind, data[at:end]
        at = end


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
