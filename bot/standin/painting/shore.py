"""The sea, and any water."""

from __future__ import annotations

import math

from PIL import Image, ImageChops

from bot.standin.painting.brush import (
    WHITE,
    Point,
    Size,
    below,
    chance,
    contrast,
    ease,
    fill,
    fractal,
    glow,
    gradient,
    lay,
    levels,
    mix,
    shine,
    skyline,
)
from bot.standin.painting.canvas import Canvas, height
from bot.standin.painting.figures import FLYING
from bot.standin.painting.peaks import crags

_SHALLOW = 4
"""Too few pixels for water."""


def sea(on: Canvas) -> None:
    """Water to the horizon, a coast beyond, a cliff for whoever needs ground."""
    rng, palette = on.rng, on.palette
    if chance(rng, 0.75):
        coast = on.ridge(on.horizon + 2, on.height * rng.uniform(0.05, 0.13), 0.5)
        rock = mix(palette.far, palette.sky[2], 0.3)
        on.land(coast, rock, mix(rock, palette.sky[2], 0.7), 0.14)
        crags(on, coast, on.height * 0.1, mix(rock, palette.near, 0.4), cap=0, snow=palette.light)
    standing = [name for name in on.mood.subjects if name not in {*FLYING, "boat"}]
    others = [name for name in on.mood.subjects if name not in standing]
    water(on, round(on.horizon))
    on.haze(on.horizon, 0.018, 0.5)
    if standing:
        _headland(on, standing[0])
    for name in others:
        x = on.width * (0.5 - on.away * rng.uniform(-0.2, 0.1))
        on.figure(name, x, on.horizon + on.height * rng.uniform(0.05, 0.12))
    if chance(rng, 0.5):
        _rocks(on)


def _headland(on: Canvas, name: str) -> None:
    """A cliff out of the sea on the side away from the sun, and the figure on it."""
    rng, palette = on.rng, on.palette
    side = on.away
    edge = on.width * (0.5 + side * 0.5) + side * 4
    length, high = on.width * rng.uniform(0.42, 0.52), on.height * rng.uniform(0.1, 0.15)
    foot = on.horizon + on.height * rng.uniform(0.1, 0.15)
    count = 40
    bumps = skyline(rng, count + 1, 0.55)
    top = list[Point]()
    for index in range(count + 1):
        at = index / count
        fall = ease(0.5, 1.0, at) ** 1.5
        y = foot - high * (1 - fall) * (1 - 0.12 * at) - (bumps[index] - 0.5) * on.height * 0.018 * (0.4 + fall)
        top.append((edge - side * length * at, min(y, foot)))
    stand = 0.36
    on.figure(name, edge - side * length * stand, top[round(count * stand)][1] + on.height * 0.006)
    stone = mix(mix(palette.near, palette.far, 0.35), palette.sky[2], 0.06)
    outline = [(edge, foot), *top, (top[-1][0], foot)]
    fill(
        on.image,
        mix(palette.near, palette.sky[0], 0.3),
        [[(x, foot + (foot - y) * 0.4) for x, y in outline]],
        0.5,
        soft=on.unit / 120,
    )
    fill(
        on.image,
        gradient(on.size, [(0.0, stone), (foot / on.height - 0.08, stone), (foot / on.height, palette.near)]),
        [outline],
    )
    for index in range(2, count, 3):
        x, y = top[index]
        wide = length / count * rng.uniform(1.0, 2.2)
        lean = -side * length / count * rng.uniform(0.2, 1.4)
        face = [
            (x, y),
            (x - side * wide, y + on.height * 0.004),
            (x - side * wide + lean, foot),
            (x + lean, foot),
        ]
        fill(
            on.image,
            mix(stone, palette.light, 0.28) if index % 2 else palette.near,
            [[(px, max(py, height(sorted(top), px))) for px, py in face]],
            0.32,
        )
    turf = mix(mix(palette.near, (92, 120, 60), 0.4), palette.sky[2], 0.08)
    thick = on.height * 0.012
    fill(
        on.image,
        turf,
        [
            [
                *top[: round(count * 0.8)],
                *[(x, y + thick * rng.uniform(0.5, 1.6)) for x, y in reversed(top[: round(count * 0.8)])],
            ]
        ],
    )
    foam = [(x, foot + on.height * rng.uniform(-0.002, 0.004)) for x, _ in top]
    fill(
        on.image,
        mix(palette.light, WHITE, 0.2),
        [[*foam, *[(x, foot + on.height * 0.008) for x, _ in reversed(top)]]],
        0.5,
        soft=on.unit / 600,
    )


def _rocks(on: Canvas) -> None:
    """Boulders in the near corner."""
    rng, palette = on.rng, on.palette
    corner = on.width * (0.5 - on.away * 0.5)
    for _ in range(9):
        x = corner + on.away * on.width * abs(rng.gauss(0, 0.13))
        y, wide, high = (
            on.height * rng.uniform(0.97, 1.03),
            on.unit * rng.uniform(0.04, 0.11),
            on.unit * rng.uniform(0.03, 0.07),
        )
        bumps = [rng.uniform(0.7, 1.0) for _ in range(7)]
        arch = [
            (x - wide * math.cos(math.pi * part / 6), y - high * bumps[part] * math.sin(math.pi * part / 6))
            for part in range(7)
        ]
        fill(
            on.image,
            mix(palette.near, palette.far, 0.12),
            [[*arch, (x + wide, on.height + 2.0), (x - wide, on.height + 2.0)]],
        )
        lit = [arch[part] for part in ((1, 2, 3) if on.away > 0 else (3, 4, 5))]
        fill(on.image, mix(palette.near, palette.light, 0.4), [[*lit, (x, y - high * 0.35)]], 0.35)


def water(on: Canvas, horizon: int) -> None:
    """The sky mirrored below the horizon, broken by waves that grow towards the viewer."""
    palette = on.palette
    deep = on.height - horizon
    if deep < _SHALLOW:
        return
    size = (on.width, deep)
    sky = on.image.crop((0, max(0, horizon - round(deep * 1.5)), on.width, horizon))
    mirror = sky.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    smeared = mirror.resize((max(4, on.width // 20), max(4, deep // 3)), Image.Resampling.BOX)
    water = smeared.resize(size, Image.Resampling.BICUBIC)
    body = gradient(size, [(0, mix(palette.sky[2], palette.far, 0.3)), (1, mix(palette.near, palette.sky[0], 0.55))])
    water = Image.blend(water, body, 0.4)
    waves = _waves(on, size)
    lay(water, mix(palette.near, palette.sky[0], 0.5), below(waves, 0.5, 2.2), 0.7)
    water = shine(water, mix(palette.sky[2], palette.light, 0.4), levels(waves, 0.58, 0.9), 0.34)
    path = glow(size, (on.sun[0], -deep * 0.1), deep * 1.25, 0.2, stretch=0.42 * max(0.5, on.unit / deep / 2))
    sparkle = ImageChops.multiply(levels(waves, 0.5, 0.68), path)
    water = shine(water, mix(palette.light, WHITE, 0.25), sparkle)
    on.image.paste(shine(water, palette.light, path, 0.14), (0, horizon))


def _waves(on: Canvas, size: Size) -> Image.Image:
    """A plane of ripples in perspective."""
    width, deep = size
    plane = max(64, min(640, width)), max(64, min(720, width))
    noise = fractal(on.rng, plane, (9, 46), 4)
    fall = 7.0 / deep
    shrink, middle = plane[0] / width * 0.92, plane[0] / 2
    across = (shrink, middle * fall, middle - shrink * width / 2)
    down = (0.0, 0.0, plane[1] * 0.98)
    tilted = noise.transform(size, Image.Transform.PERSPECTIVE, (*across, *down, 0.0, fall), Image.Resampling.BICUBIC)
    return contrast(tilted, 1.7)
