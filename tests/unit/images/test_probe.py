from __future__ import annotations

import struct
import sys
import zlib

import pytest
from PIL import Image

from bot.images.errors import BrokenPicture, NotAPicture, TooManyBytes, TooManyPixels, UnsupportedPicture
from bot.images.probe import InputLimits, probe

LIMITS = InputLimits(max_bytes=1_000_000, max_pixels=100_000)


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"),
        ("AVIF", "image/avif"),
    ],
)
def test_a_picture_is_known_by_its_bytes(kind, media_type, scene, encoded):
    info = probe(encoded(scene, kind), LIMITS)
    assert (info.format, info.media_type, info.width, info.height) == (kind, media_type, 64, 48)
    assert not info.animated
    assert not info.has_alpha


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize(("orientation", "size"), [(1, (64, 48)), (3, (64, 48)), (5, (48, 64)), (8, (48, 64))])
def test_width_and_height_are_of_the_upright_picture(kind, orientation, size, scene, encoded):
    exif = Image.Exif()
    exif[0x0112] = orientation
    info = probe(encoded(scene, kind, exif=exif), LIMITS)
    assert (info.width, info.height) == size
    assert info.orientation == orientation


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_more_than_one_frame_is_said(kind, scene, encoded):
    more = [scene.transpose(Image.Transpose.ROTATE_180)]
    assert probe(encoded(scene, kind, save_all=True, append_images=more), LIMITS).animated


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_said(mode, encoded):
    options = {"transparency": 0} if mode == "P" else {}
    assert probe(encoded(Image.new(mode, (4, 4)), "PNG", **options), LIMITS).has_alpha


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG",
        b"hello",
        b"%PDF-1.7 \x89PNG\r\n\x1a\n",
        b"PK\x03\x04 picture.png",
        b"<!doctype html><html><svg></svg></html>",
        b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
        b"BMW is no picture, even if it begins like one",
    ],
)
def test_what_is_no_picture_is_refused_whatever_it_is_called(data):
    with pytest.raises(NotAPicture):
        probe(data, LIMITS)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"\xef\xbb\xbf <?xml version='1.0'?><!-- a --><SVG></SVG>", "SVG"),
        (b"8BPS\0\x01", "PSD"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\0\0\x01\0\x01\0", "ICO"),
    ],
)
def test_a_picture_of_a_kind_that_is_not_read_is_named(data, kind):
    with pytest.raises(UnsupportedPicture) as refused:
        probe(data, LIMITS)
    assert refused.value.format == kind


def test_heic_is_refused_by_name_where_its_library_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(UnsupportedPicture) as refused:
        probe(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", LIMITS)
    assert refused.value.format == "HEIC"


def test_heic_is_read_where_its_library_is_installed(scene, encoded):
    pytest.importorskip("pillow_heif").register_heif_opener()
    info = probe(encoded(scene, "HEIF"), LIMITS)
    assert (info.format, info.media_type, info.width, info.height) == ("HEIC", "image/heic", 64, 48)


def test_a_file_over_the_byte_limit_is_refused_unread():
    with pytest.raises(TooManyBytes) as refused:
        probe(b"not even a picture" * 100_000, LIMITS)
    assert (refused.value.megabytes, refused.value.allowed) == (1.8, 1.0)


def test_the_pixel_limit_is_inclusive(encoded):
    allowed = InputLimits(max_pixels=100)
    assert probe(encoded(Image.new("L", (10, 10)), "PNG"), allowed).width == 10
    with pytest.raises(TooManyPixels) as refused:
        probe(encoded(Image.new("L", (10, 11)), "PNG"), allowed)
    assert refused.value.allowed == 0.0001


@pytest.mark.parametrize("side", [10_000, 30_000])
def test_a_bomb_is_refused_by_its_header_alone(side):
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n"
    for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")):
        bomb += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    with pytest.raises(TooManyPixels) as refused:
        probe(bomb, InputLimits(max_pixels=40_000_000))
    assert refused.value.allowed == 40


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "AVIF"])
def test_a_header_that_is_cut_short_is_damage(kind, scene, encoded):
    with pytest.raises(BrokenPicture) as refused:
        probe(encoded(scene, kind)[:20], LIMITS)
    assert refused.value.format == kind


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # outside tests Pillow's warnings are no errors
def test_a_damaged_exif_block_does_not_spoil_a_picture(scene, encoded):
    info = probe(encoded(scene, "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"), LIMITS)
    assert (info.width, info.orientation) == (64, 1)
