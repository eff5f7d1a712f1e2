"""GIF blocks (GIF89a specification)."""

from __future__ import annotations

from bot.images.errors import BrokenPicture

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_CONTROL, _APPLICATION = 0xF9, 0xFF
_LOOPING = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def rewrite(data: bytes) -> bytes:
    """The GIF without comments, texts, and application data other than how often it repeats.

    Raises:
        BrokenPicture: A block of no known kind, or the file ends within one.
    """
    at = 13 + _palette(data, 10)
    parts = [data[:at]]
    while True:
        start, kind = at, _byte(data, at)
        if kind == _TRAILER:
            parts.append(b"\x3b")
            return b"".join(parts)
        if kind == _EXTENSION:
            label = _byte(data, at + 1)
            at = _after_blocks(data, at + 2)
            looping = label == _APPLICATION and data[start + 3 : start + 14] in _LOOPING
            if label == _CONTROL or looping:
                parts.append(data[start:at])
        elif kind == _IMAGE:
            at = _after_blocks(data, at + 11 + _palette(data, at + 9))
            parts.append(data[start:at])
        else:
            raise BrokenPicture(format="GIF")


def _byte(data: bytes, at: int) -> int:
    if at >= len(data):
        raise BrokenPicture(format="GIF")
    return data[at]


def _palette(data: bytes, packed_at: int) -> int:
    """Bytes of the colour table that a packed field announces."""
    packed = _byte(data, packed_at)
    return 3 << (packed & 7) + 1 if packed & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    """Behind a chain of data sub-blocks."""
    while size := _byte(data, at):
        at += size + 1
    return at + 1
