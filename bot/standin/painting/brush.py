"""Painting primitives over Pillow: seeded noise, gradients, smooth shapes. Same arguments, same pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import TypeAlias

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[float, float]
Size: TypeAlias = tuple[int, int]

WHITE: Colour = (255, 255, 255)

_UNSEEN = 0.3
"""A blur of fewer pixels is not seen."""

_SMOOTH = 2
"""Shapes are drawn this many times larger and then reduced."""


def colour(text: str) -> Colour:
    """``ff8800``."""
    value = int(text, 16)
    return value >> 16, value >> 8 & 255, value & 255


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` 0 is the first, 1 the second."""
    share = min(1.0, max(0.0, share))
    return (
        round(first[0] + (second[0] - first[0]) * share),
        round(first[1] + (second[1] - first[1]) * share),
        round(first[2] + (second[2] - first[2]) * share),
    )


def ease(low: float, high: float, value: float) -> float:
    """0 below `low`, 1 above `high`, smooth between."""
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    return share * share * (3 - 2 * share)


def child(rng: Random) -> Random:
    """A generator of its own for something that draws more numbers the larger it is: what follows does not move."""
    return Random(rng.getrandbits(64))


def chance(rng: Random, share: float) -> bool:
    """True that often."""
    return rng.random() < share


# Greys through curves; 0..1 stands for 0..255


@lru_cache(maxsize=512)
def _table(kind: str, first: float, second: float) -> list[int]:
    function: Callable[[float], float] = {
        "levels": lambda value: ease(first, second, value),
        "scaled": lambda value: value * first,
        "above": lambda value: (value - first) * second,
        "below": lambda value: (first - value) * second,
        "about": lambda value: 0.5 + (value - 0.5) * first,
    }[kind]
    return [round(min(1.0, max(0.0, function(value / 255))) * 255) for value in range(256)]


def _through(image: Image.Image, kind: str, first: float, second: float = 0.0) -> Image.Image:
    return image.point(_table(kind, round(first, 2), round(second, 2)) * len(image.getbands()))


def levels(image: Image.Image, low: float, high: float) -> Image.Image:
    """0 below `low`, 1 above `high`, smooth between."""
    return _through(image, "levels", low, high)


def scaled(image: Image.Image, factor: float) -> Image.Image:
    """Darker or brighter."""
    return _through(image, "scaled", factor)


def above(image: Image.Image, level: float, factor: float = 1.0) -> Image.Image:
    """By how much it is over `level`, times `factor`."""
    return _through(image, "above", level, factor)


def below(image: Image.Image, level: float, factor: float = 1.0) -> Image.Image:
    """By how much it is under `level`, times `factor`."""
    return _through(image, "below", level, factor)


def contrast(image: Image.Image, factor: float) -> Image.Image:
    """Further from, or closer to, the middle grey."""
    return _through(image, "about", factor)


# Noise and light


def grain(rng: Random, size: Size) -> Image.Image:
    """One random grey per pixel."""
    return Image.frombytes("L", size, rng.randbytes(size[0] * size[1]))


def fractal(rng: Random, size: Size, cells: tuple[float, float], octaves: int = 5) -> Image.Image:
    """Cloudy greys around the middle: `cells` across and down in the coarsest octave, each next one twice as fine."""
    total: Image.Image | None = None
    for octave in range(octaves):
        columns = min(size[0], max(2, round(cells[0] * 2**octave)))
        rows = min(size[1], max(2, round(cells[1] * 2**octave)))
        layer = grain(child(rng), (columns, rows)).resize(size, Image.Resampling.BICUBIC)
        total = layer if total is None else Image.blend(total, layer, 1 / (2 + 0.9 * octave))
    return total or Image.new("L", size, 127)


def gradient(size: Size, stops: Sequence[tuple[float, Colour]]) -> Image.Image:
    """From top (0) to bottom (1) through the colours at `stops`, which begin at 0."""
    rows = max(2, min(256, size[1]))
    pixels = bytearray()
    place = 0
    for row in range(rows):
        at = row / (rows - 1)
        while place < len(stops) - 2 and at > stops[place + 1][0]:
            place += 1
        (start, first), (end, second) = stops[place], stops[min(place + 1, len(stops) - 1)]
        share = min(1.0, max(0.0, (at - start) / (end - start))) if end > start else 1.0
        pixels += bytes(mix(first, second, (share + ease(0, 1, share)) / 2))
    return Image.frombytes("RGB", (1, rows), bytes(pixels)).resize(size, Image.Resampling.BICUBIC)


def fade(size: Size, at: Callable[[float], float]) -> Image.Image:
    """A mask that depends on the height alone; 0 is the top."""
    rows = max(2, min(256, size[1]))
    values = bytes(round(255 * min(1.0, max(0.0, at(row / (rows - 1))))) for row in range(rows))
    return Image.frombytes("L", (1, rows), values).resize(size, Image.Resampling.BICUBIC)


@lru_cache(maxsize=32)
def _disc(power: float) -> Image.Image:
    table = [round(max(0.0, 1 - value / 255 * math.sqrt(2)) ** (1 + power) * 255) for value in range(256)]
    return Image.radial_gradient("L").point(table)


def glow(size: Size, centre: Point, radius: float, power: float = 1.0, *, stretch: float = 1.0) -> Image.Image:
    """A soft disc of light as a mask; `stretch` widens it, more `power` gathers it."""
    wide, high = max(2, round(2 * radius * stretch)), max(2, round(2 * radius))
    left, top = round(centre[0] - wide / 2), round(centre[1] - high / 2)
    mask = Image.new("L", size)
    mask.paste(_disc(power).resize((wide, high), Image.Resampling.BICUBIC), (left, top))
    return mask


def blur(image: Image.Image, radius: float) -> Image.Image:
    """A soft blur; radius in pixels."""
    if radius < _UNSEEN:
        return image
    factor = max(1, int(radius / 4))
    if factor == 1:
        return image.filter(ImageFilter.GaussianBlur(radius))
    small = image.reduce(factor).filter(ImageFilter.GaussianBlur(radius / factor))
    return small.resize(image.size, Image.Resampling.BICUBIC)


# Shapes


def shape(size: Size, draw: Callable[[ImageDraw.ImageDraw, float], None]) -> Image.Image:
    """What `draw` draws (in white, told by how much larger to draw), as a mask with smooth edges."""
    large = Image.new("L", (size[0] * _SMOOTH, size[1] * _SMOOTH))
    draw(ImageDraw.Draw(large), _SMOOTH)
    return large.reduce(_SMOOTH)


def polygon(size: Size, *outlines: Sequence[Point]) -> Image.Image:
    """Filled outlines as a mask with smooth edges."""

    def draw(pen: ImageDraw.ImageDraw, scale: float) -> None:
        for outline in outlines:
            pen.polygon([(x * scale, y * scale) for x, y in outline], fill=255)

    return shape(size, draw)


def circle(centre: Point, radius: float, corners: int = 32) -> list[Point]:
    """The outline of a disc."""
    turns = (index * math.tau / corners for index in range(corners))
    return [(centre[0] + math.cos(turn) * radius, centre[1] + math.sin(turn) * radius) for turn in turns]


def spline(points: Sequence[Point], detail: int = 6) -> list[Point]:
    """A closed smooth curve through the points (Catmull-Rom)."""
    count = len(points)
    smooth: list[Point] = []
    for index in range(count):
        near = [points[(index + offset) % count] for offset in (-1, 0, 1, 2)]
        for part in range(detail):
            at = part / detail
            weights = (
                (-at + 2 * at**2 - at**3) / 2,
                (2 - 5 * at**2 + 3 * at**3) / 2,
                (at + 4 * at**2 - 3 * at**3) / 2,
                (at**3 - at**2) / 2,
            )
            x = sum(weight * point[0] for weight, point in zip(weights, near, strict=True))
            y = sum(weight * point[1] for weight, point in zip(weights, near, strict=True))
            smooth.append((x, y))
    return smooth


def skyline(rng: Random, count: int, roughness: float) -> list[float]:
    """Heights 0..1 of a ridge by midpoint displacement: `roughness` 0.35 is a hill, 0.6 a crag."""
    heights = [rng.random(), rng.random()]
    swing = 1.0
    while len(heights) < count:
        swing *= roughness
        pairs = pairwise(heights)
        middles = [(before + after) / 2 + rng.uniform(-swing, swing) for before, after in pairs]
        heights = [height for pair in zip(heights, [*middles, 0.0], strict=True) for height in pair][:-1]
    low, high = min(heights), max(heights)
    return [(height - low) / (high - low or 1) for height in heights]


# Laying paint on


def lay(below_it: Image.Image, paint: Image.Image | Colour, mask: Image.Image, strength: float = 1.0) -> None:
    """Paint through a mask of the same size, in place."""
    below_it.paste(paint, (0, 0, *below_it.size), mask if strength >= 1 else scaled(mask, strength))


def fill(
    below_it: Image.Image,
    paint: Image.Image | Colour,
    outlines: Iterable[Sequence[Point]],
    strength: float = 1.0,
    soft: float = 0.0,
    *,
    fading: bool = False,
) -> None:
    """Paint inside outlines, in place: as `lay` through `polygon`, but no larger than they are.

    `soft` blurs their edges, in pixels; `fading` lets the paint run out from their top to their foot.
    """
    shapes = [outline for outline in outlines if outline]
    if not shapes:
        return
    margin = 2 + math.ceil(soft * 3)
    left = max(0, math.floor(min(x for outline in shapes for x, _ in outline)) - margin)
    top = max(0, math.floor(min(y for outline in shapes for _, y in outline)) - margin)
    right = min(below_it.width, math.ceil(max(x for outline in shapes for x, _ in outline)) + margin)
    bottom = min(below_it.height, math.ceil(max(y for outline in shapes for _, y in outline)) + margin)
    if right <= left or bottom <= top:
        return
    moved = [[(x - left, y - top) for x, y in outline] for outline in shapes]
    mask = blur(polygon((right - left, bottom - top), *moved), soft)
    if fading:
        mask = ImageChops.multiply(mask, ImageChops.invert(Image.linear_gradient("L")).resize(mask.size))
    box = (left, top, right, bottom)
    source = paint.crop(box) if isinstance(paint, Image.Image) else paint
    below_it.paste(source, box, mask if strength >= 1 else scaled(mask, strength))


def shine(below_it: Image.Image, light: Colour, mask: Image.Image, strength: float = 1.0) -> Image.Image:
    """Add light through a mask."""
    shades = [scaled(mask, part / 255 * strength) for part in light]
    return ImageChops.screen(below_it, Image.merge("RGB", shades))
