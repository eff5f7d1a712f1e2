"""WebP's RIFF chunks (RFC 9649)."""

from __future__ import annotations

from collections.abc import Iterator

from bot.images.errors import BrokenPicture

_LOOKS = frozenset({b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L"})
_IN_FRAME = frozenset({b"ALPH", b"VP8 ", b"VP8L"})
_FRAME_HEADER = 16
_ALPHA, _EXIF, _XMP = 0x10, 0x08, 0x04


def rewrite(data: bytes, *, exif: bytes | None) -> bytes:
    """The WebP without metadata, but with a given EXIF block.

    Raises:
        BrokenPicture: A chunk reaches past the end of the file.
    """
    chunks = [(kind, _frame(body) if kind == b"ANMF" else body) for kind, body in _riff(data) if kind in _LOOKS]
    if not chunks:
        raise BrokenPicture(format="WEBP")
    kind, first = chunks[0]
    if kind == b"VP8X":
        flags = first[0] & ~(_EXIF | _XMP)
        chunks[0] = (kind, bytes([flags | (_EXIF if exif else 0)]) + first[1:])
    elif exif is not None:
        chunks.insert(0, (b"VP8X", _extended_header(kind, first)))
    if exif is not None:
        chunks.append((b"EXIF", exif))
    body = b"WEBP" + b"".join(_chunk(kind, body) for kind, body in chunks)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def is_lossless(data: bytes) -> bool:
    """Whether a still WebP keeps its pixels exactly."""
    return any(kind == b"VP8L" for kind, _ in _riff(data))


def _frame(body: bytes) -> bytes:
    """An animation's frame, which has chunks of its own."""
    chunks = _chunks(body, _FRAME_HEADER, len(body))
    return body[:_FRAME_HEADER] + b"".join(_chunk(kind, inner) for kind, inner in chunks if kind in _IN_FRAME)


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    return _chunks(data, 12, min(len(data), 8 + int.from_bytes(data[4:8], "little")))


def _chunks(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """Type and body of each chunk from there to the end."""
    while at + 8 <= end:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > end:
            raise BrokenPicture(format="WEBP")
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def _extended_header(kind: bytes, image: bytes) -> bytes:
    """The VP8X body that a simple file lacks, from its only chunk's own header."""
    if kind == b"VP8L":  # a signature byte, then 14 bits width - 1, 14 bits height - 1, 1 bit alpha
        bits = int.from_bytes(image[1:5], "little")
        width, height, alpha = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bits >> 28 & 1
    else:  # a frame tag of 3 bytes and a start code of 3, then two times 14 bits and 2 bits of scale
        width, height, alpha = (
            int.from_bytes(image[6:8], "little") & 0x3FFF,
            int.from_bytes(image[8:10], "little") & 0x3FFF,
            0,
        )
    if not width or not height:
        raise BrokenPicture(format="WEBP")
    flags = _EXIF | (_ALPHA if alpha else 0)
    return bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
