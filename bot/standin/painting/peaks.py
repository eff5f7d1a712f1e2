"""Mountains and forests."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import ImageChops

from bot.standin.painting.brush import (
    WHITE,
    Colour,
    Point,
    blur,
    child,
    ease,
    fade,
    fill,
    gradient,
    mix,
    polygon,
    shine,
)
from bot.standin.painting.canvas import Canvas, height

_HIGH = 0.5
"""The farther half of the ranges reaches above the snow line."""

_DETAILED = 60
"""Pixels of a tree from which on all its branches are drawn."""


def mountains(on: Canvas) -> None:
    """Ranges one before the other, the far ones pale."""
    rng, palette = on.rng, on.palette
    layers = rng.choice([3, 4])
    haze = mix(palette.sky[2], palette.far, 0.3)
    snow = mix(palette.light, WHITE, 0.35) if not palette.dark else mix(palette.light, palette.sky[1], 0.35)
    for layer in range(layers):
        share = layer / (layers - 1)
        base = on.horizon + on.height * 0.1 * share
        rise = on.height * rng.uniform(0.26, 0.38) * (1 - 0.45 * share)
        rock = mix(mix(palette.far, palette.near, 0.18), palette.near, share**1.3 * 0.75)
        ridge = on.ridge(base, rise, 0.55 - 0.05 * share)
        on.land(ridge, rock, mix(rock, haze, 0.8 - 0.3 * share), 0.36, 0.12)
        cap = on.unit * (0.075 if share <= _HIGH or on.snowy else 0) * (1 - 0.4 * share)
        crags(on, ridge, on.height * 0.26 * (1 - 0.4 * share), mix(rock, palette.near, 0.55), cap=cap, snow=snow)
        on.haze(base + on.height * 0.02, 0.045, 0.5 * (1 - share))
    _foreground(on)


def forest(on: Canvas) -> None:
    """Rows of conifers that come out of the haze."""
    palette = on.palette
    ridge = on.ridge(on.horizon, on.height * 0.26, 0.5)
    rock = mix(palette.far, palette.sky[2], 0.35)
    on.land(ridge, rock, palette.sky[2], 0.35, 0.1)
    crags(on, ridge, on.height * 0.2, palette.far, cap=on.unit * 0.04 * on.snowy, snow=palette.light)
    for layer in range(3):
        share = (layer + 1) / 4
        base = on.horizon + on.height * (0.02 + 0.1 * layer)
        line = on.ridge(base, on.height * 0.1, 0.42)
        paint = mix(mix(palette.far, palette.sky[2], 0.15), palette.near, share)
        _trees(on, line, paint, tall=0.16 + 0.09 * layer, count=70 - 16 * layer)
        on.land(line, paint, mix(paint, palette.sky[2], 0.6), 0.3)
        on.haze(base + on.height * 0.03, 0.07, 0.55 * (1 - share))
    if not palette.dark:
        _beams(on)
    _foreground(on)


def _beams(on: Canvas) -> None:
    """Light that falls through."""
    rng, (x, y) = on.rng, on.sun
    reach = math.hypot(*on.size)
    rays = list[list[Point]]()
    for _ in range(6):
        turn, wide = rng.uniform(0.15, math.pi - 0.15), rng.uniform(0.015, 0.05)
        ends = [(x + math.cos(turn + part) * reach, y + math.sin(turn + part) * reach) for part in (-wide, wide)]
        rays.append([(x, y), *ends])
    light = blur(polygon(on.size, *rays), on.unit / 60)
    fall = fade(on.size, lambda at: 1 - ease(0.35, 0.95, at))
    on.image = shine(on.image, on.palette.light, ImageChops.multiply(light, fall), 0.2)


def _foreground(on: Canvas) -> None:
    """Rolling ground before one's feet, with trees beside it, and the figures on it."""
    palette = on.palette
    ground = mix(palette.near, palette.far, 0.14)
    foot = palette.near
    if on.snowy:
        ground = mix(mix(palette.light, palette.sky[1], 0.18), palette.sky[0], 0.3 if palette.dark else 0.0)
        foot = mix(ground, palette.sky[0], 0.5)
    ridge = on.ridge(on.height * 0.87, on.height * 0.08, 0.34)
    _trees(on, ridge, mix(palette.near, palette.far, 0.25), tall=0.13, count=26)
    on.land(ridge, ground, foot, 0.4, 0.1)
    where = on.figures(on.height * 0.905)
    front = on.ridge(on.height * 1.01, on.height * 0.06, 0.36)
    _trees(on, front, mix(palette.near, (0, 0, 0), 0.2), tall=0.36, count=9, avoid=where)
    on.land(front, mix(ground, foot, 0.5), foot, 0.2)


def _trees(
    on: Canvas, ridge: Sequence[Point], paint: Colour, *, tall: float, count: int, avoid: float | None = None
) -> None:
    """Conifers along a ridge line, none close to `avoid`; `tall` is the tallest one's share of the picture."""
    rng = child(on.rng)
    trees, caps = list[list[Point]](), list[list[Point]]()
    tiers = 8 if on.unit * tall > _DETAILED else 4
    for _ in range(round(count * max(1.0, on.width / on.height))):
        x = rng.choice([rng.uniform(-0.02, 1.02), rng.gauss(0.07, 0.09), rng.gauss(0.93, 0.09)]) * on.width
        if avoid is not None and abs(x - avoid) < on.unit * 0.3:
            continue
        foot = height(ridge, x) + on.height * 0.02
        high = on.height * tall * rng.uniform(0.45, 1.0)
        wide = high * rng.uniform(0.15, 0.22)
        left, right = list[Point](), list[Point]()
        for tier in range(tiers):
            share = (tier + 1) / tiers
            y = foot - high * (0.98 - 0.94 * share)
            spread = wide * share**0.9 * rng.uniform(0.85, 1.1)
            left += [(x - spread, y), (x - spread * 0.42, y - high * 0.016)]
            right += [(x + spread, y), (x + spread * 0.42, y - high * 0.016)]
            if on.snowy:
                up = y - high * 0.8 / tiers
                caps.append(
                    [
                        (x - spread * 0.86, y - high * 0.012),
                        (x - spread * 0.1, up),
                        (x + spread * 0.12, y - high * 0.04),
                    ]
                )
        trees.append([(x, foot - high), *right, (x, foot), *reversed(left)])
    body = gradient(on.size, [(0.0, paint), (0.72, paint), (1.0, mix(paint, on.palette.sky[2], 0.14))])
    fill(on.image, body, trees)
    fill(on.image, mix(on.palette.light, on.palette.sky[1], 0.2), caps, 0.8)


def crags(on: Canvas, ridge: Sequence[Point], depth: float, shade: Colour, *, cap: float, snow: Colour) -> None:
    """A lit and a shaded side to every summit, and snow on it: both fade out `depth` pixels below."""
    rng = child(on.rng)
    reach = max(2, len(ridge) // 16)
    for index, (x, y) in enumerate(ridge):
        around = ridge[max(0, index - reach) : index + reach + 1]
        if y > min(near for _, near in around):
            continue
        side = 1 if on.sun[0] < x else -1
        if cap:
            _cap(on, ridge, index, deep=cap * rng.uniform(0.7, 1.2), snow=snow, shaded=mix(snow, shade, 0.5), side=side)
        outer = descend(on, ridge, index, side)
        spine = [(x, y)]
        for part in range(1, 9):
            bend = on.unit * 0.02 * rng.uniform(-1, 1) - side * on.unit * 0.006 * part
            spine.append((x + bend, y + depth * part / 8))
        slope = [*outer, *reversed(spine)]
        fill(on.image, shade, [slope], 0.62, soft=on.unit / 600, fading=True)


def descend(on: Canvas, ridge: Sequence[Point], index: int, side: int) -> list[Point]:
    """Along the ridge from a summit to the next valley."""
    path = [ridge[index]]
    lowest = ridge[index][1]
    place = index + side
    while 0 <= place < len(ridge) and ridge[place][1] > lowest - on.unit * 0.012:
        lowest = max(lowest, ridge[place][1])
        path.append(ridge[place])
        place += side
    return path


def _cap(
    on: Canvas, ridge: Sequence[Point], index: int, *, deep: float, snow: Colour, shaded: Colour, side: int
) -> None:
    """Snow on one summit, with a ragged lower edge; half of it in shade."""
    rng = on.rng
    x, y = ridge[index]
    flanks: dict[int, list[Point]] = {-1: [], 1: []}
    for turn, flank in flanks.items():
        place = index + turn
        while 0 <= place < len(ridge) and y < ridge[place][1] + on.unit * 0.01 and ridge[place][1] < y + deep:
            flank.append(ridge[place])
            place += turn
    left, right = flanks[-1][-1:] or [(x, y)], flanks[1][-1:] or [(x, y)]
    teeth = 9
    lower = list[Point]()
    for part in range(1, teeth):
        at = part / teeth
        drop = deep * (0.35 + 0.4 * math.sin(math.pi * at)) * (1.35 if part % 2 else 0.7) * rng.uniform(0.8, 1.2)
        lower.append((left[0][0] + (right[0][0] - left[0][0]) * at, y + drop))
    whole = [*reversed(flanks[-1]), (x, y), *flanks[1], *reversed(lower)]
    fill(on.image, snow, [whole])
    half = [point for point in whole if (point[0] - x) * side >= -on.unit * 0.003]
    fill(on.image, shaded, [[(x, y), *half]] if side > 0 else [[*half, (x, y)]], 0.75)
