"""The same recipe paints the same picture, and everything in a recipe shows."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from bot.standin.painting import Recipe, Sketch, paint

RECIPE = Recipe("a lighthouse at dusk", seed=1, width=256, height=192)
TINY = replace(RECIPE, width=64, height=64)


def difference(first, second):
    """How far two pictures are apart: the mean over pixels and channels, 0..255."""
    return sum(ImageStat.Stat(ImageChops.difference(first, second)).mean) / 3


@pytest.mark.parametrize("recipe", [RECIPE, TINY], ids=["picture", "miniature"])
def test_the_same_recipe_gives_the_same_bytes(recipe):
    assert paint(recipe, "demo").tobytes() == paint(replace(recipe), "demo").tobytes()


@pytest.mark.parametrize("recipe", [RECIPE, TINY], ids=["picture", "miniature"])
@pytest.mark.parametrize(
    ("changes", "at_least"),
    [
        ({"prompt": "a red fox, snow"}, 10),
        ({"seed": 2}, 2),
        ({"index": 1}, 2),
        ({"steps": 2}, 0.5),
        ({"negative": "blurry"}, 0.5),
        ({"strength": 15.0}, 0.5),
        ({"styles": ("another.safetensors",)}, 0.5),
        ({"unfinished": 0.5}, 5),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_each_part_of_a_recipe_shows(recipe, changes, at_least):
    assert difference(paint(recipe), paint(replace(recipe, **changes))) >= at_least


def test_fewer_steps_leave_it_softer():
    def sharpness(steps):
        edges = ImageChops.difference(picture := paint(replace(RECIPE, steps=steps)), ImageChops.offset(picture, 1, 0))
        return ImageStat.Stat(edges.resize((64, 48), Image.Resampling.BOX)).sum[0]

    assert sharpness(20) > sharpness(3)


@pytest.mark.parametrize("size", [(64, 64), (1, 1), (70, 70), (512, 768), (200, 64), (1920, 1080), (2048, 2048)])
def test_every_size_is_painted_as_large_as_asked(size):
    assert paint(replace(RECIPE, width=size[0], height=size[1])).size == size


def test_less_denoising_keeps_more_of_the_picture_given():
    base = Image.new("RGB", (256, 192), (20, 160, 40))
    kept = [difference(paint(replace(RECIPE, base=base, denoise=denoise)), base) for denoise in (0.0, 0.3, 0.6, 0.9)]
    assert kept == sorted(kept)
    assert kept[0] == 0
    assert kept[3] > kept[1] * 2


def test_with_a_mask_only_what_is_white_is_painted():
    base = Image.new("RGB", (256, 192), (20, 160, 40))
    mask = Image.new("L", (256, 192))
    mask.paste(255, (128, 0, 256, 192))
    picture = paint(replace(RECIPE, base=base, mask=mask))
    assert difference(picture.crop((0, 0, 100, 192)), base.crop((0, 0, 100, 192))) == 0
    assert difference(picture.crop((156, 0, 256, 192)), base.crop((156, 0, 256, 192))) > 10


def test_an_edit_keeps_the_reference_and_follows_the_words():
    reference = paint(replace(RECIPE, prompt="a cabin in the mountains at noon", seed=5))
    edits = {
        words: paint(replace(RECIPE, prompt=words, reference=reference))
        for words in ("leave it", "at night", "add a balloon", "let it snow")
    }
    assert difference(edits["leave it"], reference) < 12
    assert ImageStat.Stat(edits["at night"].convert("L")).mean[0] < ImageStat.Stat(reference.convert("L")).mean[0] * 0.8
    assert 0.5 < difference(edits["add a balloon"], edits["leave it"]) < 20
    assert difference(edits["let it snow"], reference) > difference(edits["leave it"], reference)


def test_the_label_is_in_the_corner_and_nowhere_else():
    marked = ImageChops.difference(paint(RECIPE, "demo"), paint(RECIPE)).getbbox()
    assert marked is not None
    assert marked[0] > 256 * 0.7
    assert marked[1] > 192 * 0.8


@pytest.mark.parametrize(
    "words",
    ["黄昏的灯塔", "a lighthouse at dusk", "雪中的狐狸", "a fox in the snow"],
    ids=["zh", "en", "zh-fox", "en-fox"],
)
def test_words_of_both_languages_steer_it(words):
    figure = paint(replace(RECIPE, prompt=words))
    assert difference(figure, paint(replace(RECIPE, prompt="沙漠" if "灯" in words else "a desert"))) > 5


class TestSketch:
    def test_it_sharpens_towards_the_picture(self):
        sketch, picture = Sketch(RECIPE), paint(RECIPE)
        away = []
        for done in (0.1, 0.4, 0.7, 1.0):
            with Image.open(io.BytesIO(sketch.at(done))) as shown:
                assert shown.format == "JPEG"
                away.append(difference(shown.convert("RGB"), picture))
        assert away == sorted(away, reverse=True)
        assert away[-1] < 6

    def test_it_is_small_and_of_the_same_shape(self):
        with Image.open(io.BytesIO(Sketch(replace(RECIPE, width=1024, height=512)).at(0.5))) as shown:
            assert shown.size == (384, 192)

    def test_a_large_pictures_sketch_shows_the_same_scene(self):
        large = replace(RECIPE, prompt="mountains at dawn", width=1024, height=768)
        with Image.open(io.BytesIO(Sketch(large).at(1.0))) as shown:
            assert difference(shown.convert("RGB"), paint(large).resize(shown.size)) < 8

    def test_from_a_picture_given_it_starts_with_less_noise(self):
        base = paint(RECIPE)
        fresh, kept = (Sketch(replace(RECIPE, base=given, denoise=0.4)) for given in (None, base))
        away = []
        for sketch in (fresh, kept):
            with Image.open(io.BytesIO(sketch.at(0.05))) as shown:
                away.append(difference(shown.convert("RGB"), base))
        assert away[1] < away[0] / 2


@settings(max_examples=40, deadline=None)
@given(
    prompt=st.text(max_size=60),
    seed=st.integers(0, 2**64 - 1),
    width=st.integers(1, 200),
    height=st.integers(1, 200),
    steps=st.integers(1, 60),
)
def test_any_prompt_seed_and_size_is_painted(prompt, seed, width, height, steps):
    picture = paint(Recipe(prompt, seed=seed, width=width, height=height, steps=steps), "demo")
    assert (picture.size, picture.mode) == ((width, height), "RGB")
