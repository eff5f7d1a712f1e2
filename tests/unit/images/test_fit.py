from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from bot.images.errors import CannotFit, NotAPicture
from bot.images.fit import CONSOLE, DISCORD, TELEGRAM_PHOTO, PlatformLimits, fit
from bot.images.metadata import embed, read

ANY = PlatformLimits(formats=frozenset({"PNG", "JPEG", "WEBP"}), max_bytes=10_000_000)


def coarseness(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of the channels of two pictures."""
    histogram = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).convert("L").histogram()
    return sum(value * count for value, count in enumerate(histogram)) / sum(histogram)


@pytest.mark.parametrize("limits", [TELEGRAM_PHOTO, DISCORD, CONSOLE])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_what_fits_is_not_touched(limits, kind, noise, encoded):
    data = encoded(noise, kind)
    fitted = fit(data, limits)
    assert fitted.data == data
    assert (fitted.width, fitted.height, fitted.media_type) == (256, 256, f"image/{kind.lower()}")
    assert not fitted.changed
    assert not fitted.as_document


def test_a_badly_packed_png_is_packed_anew_without_loss(scene, encoded, loaded):
    data = encoded(scene, "PNG", compress_level=0)
    fitted = fit(data, replace(ANY, formats=frozenset({"PNG", "JPEG"}), max_bytes=len(data) - 1000))
    assert fitted.media_type == "image/png"
    assert fitted.changed
    assert loaded(fitted.data).tobytes() == scene.tobytes()


def test_webp_without_loss_is_tried_where_the_platform_takes_it(encoded, loaded):
    picture = Image.radial_gradient("L").convert("RGB")
    best_png = len(encoded(picture, "PNG", optimize=True))
    fitted = fit(encoded(picture, "PNG"), replace(ANY, max_bytes=best_png - 1))
    assert fitted.media_type == "image/webp"
    assert loaded(fitted.data).tobytes() == picture.tobytes()


def test_the_best_jpeg_that_fits_is_found(noise, encoded, loaded):
    png = encoded(noise, "PNG")
    sizes = {q: len(encoded(noise, "JPEG", quality=q, subsampling=0)) for q in (90, 94)}
    fitted = fit(png, replace(ANY, formats=frozenset({"JPEG"}), max_bytes=sizes[94] - 1))
    assert sizes[90] < len(fitted.data) < sizes[94]
    assert (fitted.width, fitted.height, fitted.media_type) == (256, 256, "image/jpeg")
    assert coarseness(loaded(fitted.data), noise) < 4


def test_only_what_no_jpeg_can_hold_gets_smaller(noise, encoded, loaded):
    limit = len(encoded(noise, "JPEG", quality=80)) // 2
    fitted = fit(encoded(noise, "PNG"), replace(ANY, max_bytes=limit))
    assert limit // 2 < len(fitted.data) <= limit
    assert 128 < fitted.width < 256
    assert loaded(fitted.data).size == (fitted.width, fitted.height)


def test_a_jpeg_does_not_become_a_png(noise, encoded):
    fitted = fit(encoded(noise, "JPEG", quality=98), replace(ANY, max_side=200))
    assert (fitted.media_type, fitted.width) == ("image/jpeg", 200)


@pytest.mark.parametrize(("kind", "becomes"), [("WEBP", "image/jpeg"), ("AVIF", "image/jpeg"), ("BMP", "image/png")])
def test_a_format_the_platform_does_not_take_is_changed(kind, becomes, scene, encoded, loaded):
    fitted = fit(encoded(scene, kind), TELEGRAM_PHOTO)
    assert fitted.media_type == becomes
    assert coarseness(loaded(fitted.data), scene) < 8


def test_a_lossless_webp_stays_lossless(noise, encoded, loaded):
    fitted = fit(encoded(noise, "WEBP", lossless=True), TELEGRAM_PHOTO)
    assert fitted.media_type == "image/png"
    assert loaded(fitted.data).tobytes() == noise.tobytes()


@pytest.mark.parametrize(
    ("size", "limits", "expected"),
    [
        ((400, 200), {"max_side": 100}, (100, 50)),
        ((200, 400), {"max_side_sum": 300}, (100, 200)),
        ((999, 50), {"max_side_sum": 500, "max_ratio": 20}, (476, 24)),
        ((300, 300), {"max_side": 100, "max_ratio": 1}, (100, 100)),
    ],
)
def test_sides_are_brought_into_bounds(size, limits, expected, encoded):
    fitted = fit(encoded(Image.new("RGB", size), "PNG"), replace(ANY, **limits))
    assert (fitted.width, fitted.height) == expected
    assert not fitted.as_document


@pytest.mark.parametrize("size", [(2001, 100), (100, 2001)])
def test_a_shape_the_platform_does_not_show_goes_as_a_document_untouched(size, encoded):
    data = encoded(Image.new("RGBA", size), "PNG")
    fitted = fit(data, TELEGRAM_PHOTO)
    assert (fitted.data, fitted.as_document, fitted.changed) == (data, True, False)
    assert not fit(encoded(Image.new("RGB", (2000, 100)), "PNG"), TELEGRAM_PHOTO).as_document


def test_a_document_has_its_own_limit(noise, encoded):
    data = encoded(noise.resize((2560, 100)), "PNG")
    limits = replace(TELEGRAM_PHOTO, max_bytes=100, max_document_bytes=len(data))
    assert fit(data, limits).data == data
    smaller = fit(data, replace(limits, max_document_bytes=len(data) // 4))
    assert len(smaller.data) <= len(data) // 4
    assert smaller.as_document


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_stays_one(kind, scene, encoded):
    data = encoded(scene, kind, save_all=True, append_images=[scene.transpose(Image.Transpose.ROTATE_180)])
    assert fit(data, DISCORD).data == data
    as_file = fit(data, TELEGRAM_PHOTO)
    assert (as_file.data, as_file.as_document) == (data, True)


def test_transparency_is_laid_on_white_only_where_the_platform_has_none(encoded, loaded):
    data = encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "PNG")
    assert fit(data, DISCORD).data == data
    fitted = fit(data, TELEGRAM_PHOTO)
    assert loaded(fitted.data).convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)


def test_an_alpha_channel_that_hides_nothing_is_no_transparency(encoded):
    data = encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 255)), "PNG")
    assert fit(data, TELEGRAM_PHOTO).data == data


def test_transparency_survives_getting_smaller(noise, encoded, loaded):
    picture = noise.copy()
    picture.putalpha(Image.linear_gradient("L"))
    fitted = fit(encoded(picture, "PNG"), replace(ANY, max_bytes=20_000))
    assert len(fitted.data) <= 20_000
    assert loaded(fitted.data).convert("RGBA").getchannel("A").getextrema()[0] < 10


def test_a_picture_on_its_side_comes_out_upright(encoded, loaded):
    exif = Image.Exif()
    exif[0x0112] = 6
    fitted = fit(encoded(Image.new("RGB", (400, 200)), "JPEG", exif=exif), replace(ANY, max_side=100))
    assert (fitted.width, fitted.height) == loaded(fitted.data).size == (50, 100)


@pytest.mark.parametrize("max_bytes", [8_000, 60_000, 180_000])
def test_the_recipe_within_is_kept_and_counted(max_bytes, noise, encoded):
    data = embed(encoded(noise, "PNG"), "/imagine noise --seed 0")
    fitted = fit(data, replace(ANY, max_bytes=max_bytes))
    assert fitted.changed
    assert len(fitted.data) <= max_bytes
    assert read(fitted.data) == "/imagine noise --seed 0"


def test_a_limit_under_one_pixel_is_said(scene, encoded):
    with pytest.raises(CannotFit) as failed:
        fit(encoded(scene, "PNG"), replace(ANY, max_bytes=30))
    assert failed.value.allowed == 30


def test_what_is_no_picture_is_refused():
    with pytest.raises(NotAPicture):
        fit(b"a film", ANY)


@settings(deadline=None, max_examples=80)
@given(
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    mode=st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA"]),
    kind=st.sampled_from(["PNG", "WEBP", "GIF", "TIFF"]),
    limits=st.builds(
        PlatformLimits,
        formats=st.sets(st.sampled_from(["PNG", "JPEG", "WEBP"]), min_size=1).map(frozenset),
        max_bytes=st.integers(1_000, 40_000),
        max_side=st.none() | st.integers(1, 300),
        max_side_sum=st.none() | st.integers(2, 500),
        max_ratio=st.none() | st.floats(1, 30),
        alpha=st.booleans(),
        animation=st.booleans(),
        max_document_bytes=st.just(0) | st.integers(1_000, 40_000),
    ),
)
def test_whatever_goes_in_comes_out_within_the_limits(size, mode, kind, limits, *, noise, encoded, loaded):
    fitted = fit(encoded(noise.resize(size).convert(mode), kind), limits)
    result = loaded(fitted.data)
    assert result.size == (fitted.width, fitted.height)
    assert Image.MIME[result.format] == fitted.media_type
    if fitted.as_document:
        assert len(fitted.data) <= (limits.max_document_bytes or limits.max_bytes)
        return
    assert len(fitted.data) <= limits.max_bytes
    assert result.format in limits.formats
    assert limits.max_side is None or max(result.size) <= limits.max_side
    assert limits.max_side_sum is None or sum(result.size) <= limits.max_side_sum
    assert limits.max_ratio is None or max(result.size) <= limits.max_ratio * min(result.size)
    assert limits.alpha or not result.has_transparency_data or result.convert("RGBA").getextrema()[3] == (255, 255)
