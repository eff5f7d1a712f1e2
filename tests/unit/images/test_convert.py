from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms

from bot.images.convert import normalise, shrink, within
from bot.images.errors import BrokenPicture, TooManyBytes, UnsupportedPicture
from bot.images.probe import InputLimits

LIMITS = InputLimits()


def difference(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of any channel of any pixel."""
    assert one.size == other.size
    extrema = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getextrema()
    return max(high for _, high in extrema)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "L"), ("JPEG", "RGB"), ("JPEG", "L"), ("WEBP", "RGB"), ("WEBP", "RGBA")],
)
def test_what_comfyui_reads_as_it_is_stays_byte_for_byte(kind, mode, scene, encoded):
    data = encoded(scene.convert(mode), kind)
    assert normalise(data, LIMITS) == data


def test_a_picture_that_says_it_is_srgb_stays_byte_for_byte(scene, encoded):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(scene, "PNG", icc_profile=srgb)
    assert normalise(data, LIMITS) == data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_picture_is_turned_upright(kind, orientation, scene, encoded, loaded):
    turned_back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    result = loaded(normalise(encoded(scene.transpose(turned_back), kind, exif=exif), LIMITS))
    assert result.format == "PNG"
    assert result.getexif().get(0x0112) is None
    assert difference(result, scene) < 140  # coding loss at the hard edges; a wrong turn makes 255
    assert result.getpixel((2, 2))[0] > 200
    assert result.getpixel((61, 46))[2] > 200


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_another_colour_profile_is_turned_into_srgb(kind, wide_gamut, encoded, loaded):
    red = encoded(Image.new("RGB", (16, 16), (255, 0, 0)), kind, icc_profile=wide_gamut)
    result = loaded(normalise(red, LIMITS))
    assert "icc_profile" not in result.info
    assert result.getpixel((8, 8))[2] > 250
    assert result.getpixel((8, 8))[0] < 5


def test_a_profile_leaves_transparency_alone(wide_gamut, encoded, loaded):
    data = encoded(Image.new("RGBA", (4, 4), (255, 0, 0, 99)), "PNG", icc_profile=wide_gamut)
    assert loaded(normalise(data, LIMITS)).getpixel((0, 0)) == (0, 0, 255, 99)


@pytest.mark.parametrize("profile", [b"no profile at all", b""])
def test_a_profile_that_cannot_be_read_is_ignored(profile, scene, encoded):
    data = encoded(scene, "PNG", icc_profile=profile)
    assert normalise(data, LIMITS) == data


def test_a_profile_of_other_pixels_is_ignored(wide_gamut, encoded, loaded):
    grey = encoded(Image.new("L", (4, 4), 77), "PNG", icc_profile=wide_gamut)
    assert loaded(normalise(grey, LIMITS)).convert("L").getpixel((0, 0)) == 77


def test_cmyk_becomes_rgb(encoded, loaded):
    result = loaded(normalise(encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"), LIMITS))
    assert (result.format, result.mode) == ("PNG", "RGB")
    assert difference(result, Image.new("RGB", (8, 8), (255, 0, 0))) < 5


def test_16_bit_grey_keeps_its_range(encoded, loaded):
    picture = Image.new("I;16", (3, 1))
    for x, value in enumerate((0, 0x8080, 0xFFFF)):
        picture.putpixel((x, 0), value)
    result = loaded(normalise(encoded(picture, "PNG"), LIMITS))
    assert [result.convert("L").getpixel((x, 0)) for x in range(3)] == [0, 128, 255]


def test_16_bit_colour_is_left_to_comfyui():
    rows = b"\0" + struct.pack(">6H", 0xFFFF, 0, 0, 0, 0x8080, 0)
    data = b"\x89PNG\r\n\x1a\n"
    header = struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0)
    for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
        data += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    assert normalise(data, LIMITS) == data


def test_32_bit_floats_are_refused(encoded):
    with pytest.raises(UnsupportedPicture) as refused:
        normalise(encoded(Image.new("F", (2, 2)), "TIFF"), LIMITS)
    assert refused.value.format == "TIFF F"


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_a_transparent_colour_becomes_alpha(mode, encoded, loaded):
    picture = Image.new(mode, (2, 1))
    picture.putpixel((1, 0), (255, 255, 255) if mode == "RGB" else 255)
    data = encoded(picture, "PNG", transparency=(0, 0, 0) if mode == "RGB" else 0)
    result = loaded(normalise(data, LIMITS))
    assert result.mode == "RGBA"
    assert [result.getpixel((x, 0))[3] for x in (0, 1)] == [0, 255]


@pytest.mark.parametrize("mode", ["1", "P"])
def test_palettes_and_single_bits_become_plain_pixels(mode, scene, encoded, loaded):
    picture = scene.convert(mode)
    result = loaded(normalise(encoded(picture, "PNG"), LIMITS))
    assert result.mode in ("L", "RGB")
    assert difference(result, picture) == 0


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_taken(kind, scene, encoded, loaded):
    later = Image.new("RGB", scene.size, "green")
    data = encoded(scene, kind, save_all=True, append_images=[later])
    result = loaded(normalise(data, LIMITS))
    assert (result.format, getattr(result, "n_frames", 1)) == ("PNG", 1)
    assert result.getpixel((2, 2))[0] > 200


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "GIF"])
def test_formats_comfyui_may_not_read_become_png_without_loss(kind, encoded, loaded):
    picture = Image.linear_gradient("L")
    result = loaded(normalise(encoded(picture, kind), LIMITS))
    assert result.format == "PNG"
    assert difference(result, picture) == 0


def test_heic_becomes_png(scene, encoded, loaded):
    pytest.importorskip("pillow_heif").register_heif_opener()
    result = loaded(normalise(encoded(scene, "HEIF", quality=95), LIMITS))
    assert (result.format, result.size) == ("PNG", (64, 48))
    assert result.getpixel((2, 2))[0] > 200


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_a_picture_that_is_cut_short_is_refused_before_a_server_sees_it(kind, noise, encoded):
    data = encoded(noise, kind)
    with pytest.raises(BrokenPicture) as refused:
        normalise(data[: len(data) // 2], LIMITS)
    assert refused.value.format == kind


def test_limits_hold(scene, encoded):
    with pytest.raises(TooManyBytes):
        normalise(encoded(scene, "PNG"), InputLimits(max_bytes=10))


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("JPEG", "RGB"), ("WEBP", "RGB")])
def test_a_picture_within_the_limit_stays_byte_for_byte(kind, mode, scene, encoded):
    data = encoded(scene.convert(mode), kind)
    assert shrink(data, 64 * 48) == data


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), ("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "LA"), ("WEBP", "RGB")],
)
def test_a_larger_picture_is_scaled_down_in_its_proportions(kind, mode, scene, encoded, loaded):
    data = encoded(scene.resize((640, 480)).convert(mode), kind)
    result = loaded(shrink(data, 64 * 48))
    assert (result.format, result.mode, result.size) == ("JPEG" if kind == "JPEG" else "PNG", mode, (64, 48))
    assert difference(result, scene.convert(mode)) < 140  # the hard edges become soft
    assert result.convert("L").getpixel((2, 2)) == pytest.approx(scene.convert("L").getpixel((2, 2)), abs=6)


def test_the_photo_of_a_phone_keeps_as_much_as_is_allowed(encoded, loaded):
    assert loaded(shrink(encoded(Image.new("RGB", (4032, 3024)), "JPEG"), 4_194_304)).size == (2364, 1773)


def test_a_photo_on_its_side_is_scaled_down_upright(encoded, loaded):
    exif = Image.Exif()
    exif[0x0112] = 6
    result = loaded(shrink(encoded(Image.new("RGB", (400, 100)), "JPEG", exif=exif), 10_000))
    assert (result.size, result.getexif().get(0x0112)) == ((50, 200), None)


def test_the_mask_of_a_larger_picture_stays_and_so_do_the_colours_under_it(encoded, loaded):
    picture = Image.new("RGBA", (100, 100), (200, 30, 60, 255))
    picture.paste((200, 30, 60, 0), (0, 0, 50, 100))
    result = loaded(shrink(encoded(picture, "PNG"), 400))
    assert result.getpixel((2, 10)) == (200, 30, 60, 0)
    assert result.getpixel((17, 10)) == (200, 30, 60, 255)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**9))
def test_no_size_is_over_the_limit_and_none_is_smaller_than_need_be(width, height, most):
    if width * height <= most:
        return
    small = within(width, height, most)
    assert min(small) >= 1
    assert small[0] * small[1] <= most
    assert (small[0] + 1) * (small[1] + 1) > most or min(small) == 1
    if min(small) > 1:
        assert abs(small[0] * height - small[1] * width) <= max(width, height)
