"""From a sampler's settings to a picture, and to what is seen of it on the way."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFont, ImageOps

from bot.standin.painting.brush import Size, above, blur, contrast, glow, grain, lay
from bot.standin.painting.mood import read
from bot.standin.painting.scenery import edited, landscape, miniature

_LARGEST = 2_400_000
"""Pixels; a larger picture is painted smaller and enlarged."""

_PREVIEW = 384
"""Pixels of a preview's longer side."""

_TINY = 128
"""Pixels of the longer side, up to which a miniature will do."""

_CRISP_STEPS = 14
"""From this many steps on the picture is as sharp as it gets."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides a picture.

    `strength` is the guidance or CFG. `denoise` 1 paints anew, less keeps that much of `base`; `reference` is a
    picture to edit by instruction. `unfinished` 0..1 is the noise a sampler leaves behind. `styles` are the models,
    LoRAs and samplers in use. `index` tells the pictures of a batch apart. `mask` is where to paint (white).
    """

    prompt: str
    seed: int
    width: int
    height: int
    negative: str = ""
    index: int = 0
    steps: int = 20
    strength: float = 7.0
    denoise: float = 1.0
    unfinished: float = 0.0
    styles: tuple[str, ...] = ()
    base: Image.Image | None = None
    mask: Image.Image | None = None
    reference: Image.Image | None = None


def paint(recipe: Recipe, label: str = "") -> Image.Image:
    """The finished picture, with a small label in its corner."""
    size = (recipe.width, recipe.height)
    picture = _composed(recipe, _within(size, _LARGEST))
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    if recipe.unfinished > 0:
        picture = Image.blend(picture, _static(_rng(recipe, "rest"), size), min(0.9, recipe.unfinished))
    if recipe.base is not None and recipe.mask is not None:
        kept = _fitted(recipe.base, size)
        picture = Image.composite(picture, kept, blur(recipe.mask.resize(size), min(size) / 200))
    if label:
        _sign(picture, label)
    return picture


class Sketch:
    """A picture as it develops: small, out of noise and blur."""

    def __init__(self, recipe: Recipe) -> None:
        factor = min(1.0, _PREVIEW / max(recipe.width, recipe.height))
        self._size = max(1, round(recipe.width * factor)), max(1, round(recipe.height * factor))
        self._picture = _composed(recipe, self._size)
        self._noise = _static(_rng(recipe, "noise"), self._size)
        self._start = 1.0 if recipe.base is None else recipe.denoise

    def at(self, done: float) -> bytes:
        """A JPEG of it when that share of the steps is done."""
        left = (1 - done) * self._start
        shown = blur(self._picture, max(self._size) * 0.05 * left**1.5)
        buffer = io.BytesIO()
        Image.blend(shown, self._noise, 0.85 * left**1.3).save(buffer, "JPEG", quality=82)
        return buffer.getvalue()


def _composed(recipe: Recipe, size: Size) -> Image.Image:
    rng, mood = _rng(recipe, "scene"), read(recipe.prompt, _rng(recipe, "mood"))
    if recipe.reference is not None and recipe.denoise >= 1 and recipe.mask is None:
        return _tempered(edited(_fitted(recipe.reference, size), mood, rng), recipe)
    if max(size) <= _TINY:
        picture = _tempered(miniature(size, mood, rng), recipe)
    else:
        picture = _grained(_tempered(_photographed(landscape(size, mood, rng)), recipe), rng, recipe.steps)
    if recipe.base is not None and recipe.mask is None and recipe.denoise < 1:
        picture = Image.blend(_fitted(recipe.base, size), picture, recipe.denoise)
    return picture


def _photographed(scene: Image.Image) -> Image.Image:
    """A lens gives a bloom and darker corners."""
    size, unit = scene.size, min(scene.size)
    picture = ImageChops.screen(scene, above(blur(scene, unit / 40), 0.58, 0.9))
    lens = ImageOps.invert(glow(size, (size[0] / 2, size[1] / 2), max(size) * 1.05, -0.35))
    lay(picture, (6, 6, 14), lens, 0.3)
    return picture


def _tempered(picture: Image.Image, recipe: Recipe) -> Image.Image:
    """Guidance gives contrast and colour; negative prompt and models tint; few steps stay soft and noisy."""
    force = min(1.6, max(0.6, 1.0 + (recipe.strength - 5) * 0.018))
    picture = ImageEnhance.Color(picture).enhance(force)
    picture = ImageEnhance.Contrast(picture).enhance(1 + (force - 1) * 0.7)
    taste = _rng(recipe, "taste")
    tint = (taste.randint(238, 255), taste.randint(238, 255), taste.randint(238, 255))
    picture = ImageChops.multiply(picture, Image.new("RGB", picture.size, tint))
    softness = max(0.0, 1 - recipe.steps / _CRISP_STEPS)
    if softness:
        picture = blur(picture, min(picture.size) * 0.012 * softness**1.6)
        picture = Image.blend(picture, _static(_rng(recipe, "grain"), picture.size), 0.12 * softness**2)
    return picture


def _grained(picture: Image.Image, rng: Random, steps: int) -> Image.Image:
    """A fine tooth, which also hides the bands of 8-bit gradients; more steps, more of it."""
    size = picture.size
    fine = contrast(grain(rng, size), 0.035 + 0.02 * min(1.0, steps / 40))
    return ImageChops.add(picture, Image.merge("RGB", (fine, fine, fine)), 1, -128)


def _fitted(picture: Image.Image, size: Size) -> Image.Image:
    return picture if picture.size == size else picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def _static(rng: Random, size: Size) -> Image.Image:
    small = max(1, size[0] // 2), max(1, size[1] // 2)
    return Image.frombytes("RGB", small, rng.randbytes(small[0] * small[1] * 3)).resize(size, Image.Resampling.BICUBIC)


def _sign(picture: Image.Image, label: str) -> None:
    unit = min(picture.size)
    font = ImageFont.load_default(max(8, round(unit * 0.026)))
    _, _, right, bottom = font.getbbox(label)
    gap = max(2, round(unit * 0.018))
    mask = Image.new("L", picture.size)
    where = (picture.width - gap - right, picture.height - gap - bottom)
    ImageDraw.Draw(mask).text(where, label, fill=255, font=font)
    lay(picture, (0, 0, 0), blur(mask, max(1.0, unit / 300)), 0.7)
    lay(picture, (255, 255, 255), mask, 0.82)


def _within(size: Size, pixels: int) -> Size:
    factor = min(1.0, (pixels / (size[0] * size[1])) ** 0.5)
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _rng(recipe: Recipe, purpose: str) -> Random:
    """Randomness for one purpose; by which parts of the recipe, the purpose decides."""
    decides: dict[str, tuple[object, ...]] = {
        "mood": (recipe.prompt,),
        "scene": (recipe.prompt, recipe.seed, recipe.index),
        "taste": (recipe.negative, recipe.styles),
    }
    parts = decides.get(purpose, (recipe.prompt, recipe.seed, recipe.index))
    return Random(hashlib.sha256(repr((purpose, *parts)).encode()).digest())
