"""Which kind of file this is, told by its first bytes and never by its name. Pure."""

from __future__ import annotations

MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIC": "image/heic",
}
"""The allow list: what is read at all. An animated PNG is a PNG."""

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"8BPS", "PSD"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\x01\0", "ICO"),
    (b"qoif", "QOI"),
    (b"DDS ", "DDS"),
)
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "AVIF"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "HEIC"),
}
_BMP_HEADERS = {12, 40, 52, 56, 64, 108, 124}
_XML = (b"<svg", b"<?xml", b"<!--", b"<!doctype svg")


def recognise(data: bytes) -> str | None:
    """The picture format these bytes begin like, a key of `MEDIA_TYPES` or the name of one that is not read here.

    None: no picture. Brands of AVIF and HEIC: ISO/IEC 23008-12 and the AV1 Image File Format.
    """
    for beginning, name in _BEGINNINGS:
        if data.startswith(beginning):
            return name
    if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        size = int.from_bytes(data[:4], "big")
        brands = [data[8:12], *(data[at : at + 4] for at in range(16, min(size, 256), 4))]
        # mif1 is only the container's brand; one that names the coding says more
        named = [_BRANDS[brand] for brand in brands if brand in _BRANDS]
        return "AVIF" if "AVIF" in named else named[0] if named else None
    text = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "SVG" if text.startswith(_XML) and b"<svg" in text else None
