"""Meadows and deserts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.standin.painting.brush import WHITE, Colour, Point, child, circle, fill, mix, skyline
from bot.standin.painting.canvas import Canvas, between, height
from bot.standin.painting.peaks import crags, descend


def meadow(on: Canvas) -> None:
    """Green hills, bushes on the far ones, flowers before one's feet."""
    palette = on.palette
    green = mix(mix(palette.near, (94, 140, 62), 0.62), palette.sky[2], 0.1)
    if palette.dark:
        green = mix(green, palette.near, 0.65)
    far = on.ridge(on.horizon, on.height * 0.16, 0.48)
    on.land(far, mix(palette.far, green, 0.2), palette.sky[2], 0.3, 0.1)
    crags(on, far, on.height * 0.12, palette.far, cap=0, snow=palette.light)
    layers = 3
    for layer in range(layers):
        base = on.horizon + on.height * (0.03 + 0.1 * layer)
        paint = mix(mix(green, palette.sky[2], 0.42), green, layer / 2)
        ridge = on.ridge(base, on.height * 0.08, 0.3)
        if layer < layers - 1:
            _bushes(on, ridge, mix(paint, palette.near, 0.45))
        on.land(ridge, mix(paint, palette.light, 0.14), mix(paint, palette.near, 0.35), 0.25, 0.12)
    on.figures(on.height * 0.9)
    _grass(on, mix(green, palette.near, 0.4))
    _flowers(on)


def _bushes(on: Canvas, ridge: Sequence[Point], paint: Colour) -> None:
    rng = child(on.rng)
    tufts = list[list[Point]]()
    for _ in range(34):
        x, radius = rng.uniform(0, on.width), rng.uniform(0.008, 0.028) * on.unit
        tufts.append(circle((x, height(ridge, x) - radius * 0.2), radius, 16))
    fill(on.image, paint, tufts)


def _grass(on: Canvas, paint: Colour) -> None:
    rng = child(on.rng)
    blades = list[list[Point]]()
    for _ in range(round(420 * on.width / on.height * min(1.0, on.unit / 320))):
        x, foot = rng.uniform(0, on.width), on.height + 2.0
        high, lean = on.unit * rng.uniform(0.03, 0.13), on.unit * rng.uniform(-0.03, 0.03)
        wide = on.unit * 0.003
        tip = [(x + lean * 0.4, foot - high * 0.6), (x + lean, foot - high)]
        blades.append([(x - wide, foot), *tip, (x + wide, foot)])
    fill(on.image, paint, blades)


def _flowers(on: Canvas) -> None:
    rng, palette = on.rng, on.palette
    bright = (palette.accent, mix(palette.accent, WHITE, 0.5), (236, 96, 110), (255, 240, 214), (150, 110, 205))
    count = round(34 * min(1.6, on.width / on.height))
    for paint in bright:
        petals = list[list[Point]]()
        for _ in range(count):
            x, y = rng.uniform(0, on.width), on.height * (0.84 + 0.16 * rng.random() ** 0.8)
            radius = on.unit * 0.0045 * (0.6 + 2.2 * (y / on.height - 0.84) / 0.16)
            petals += [circle(petal, radius * 0.75, 10) for petal in circle((x, y), radius, 5)]
        fill(on.image, mix(paint, palette.near, 0.5 if palette.dark else 0.06), petals)


def desert(on: Canvas) -> None:
    """Dunes one behind the other."""
    palette = on.palette
    sand = mix((222, 150, 88), palette.sky[2], 0.2)
    if palette.dark:
        sand = mix((120, 84, 80), palette.near, 0.5)
    far = on.ridge(on.horizon, on.height * 0.12, 0.55)
    rock = mix(palette.far, palette.sky[2], 0.25)
    on.land(far, rock, palette.sky[2], 0.2)
    crags(on, far, on.height * 0.1, mix(rock, palette.near, 0.4), cap=0, snow=palette.light)
    layers = 5
    for layer in range(layers):
        share = layer / (layers - 1)
        base = on.horizon + on.height * (0.04 + 0.36 * share**1.2)
        tone = mix(mix(sand, palette.sky[2], 0.4), sand, share)
        _dune(on, base, on.height * (0.05 + 0.07 * share), mix(tone, palette.light, 0.18), mix(tone, palette.near, 0.5))
        if layer == layers - 2:
            on.figures(base + on.height * 0.06)


def _dune(on: Canvas, base: float, rise: float, lit: Colour, shade: Colour) -> None:
    """A smooth crest from edge to edge, with its lee side in shade."""
    rng = on.rng
    count = 96
    heights = skyline(rng, 5, 0.55)
    crest = [
        (on.width * index / count, base - between(heights, index / count) * rise * 1.6) for index in range(count + 1)
    ]
    on.land(crest, lit, mix(lit, shade, 0.45), 0.3, 0.05)
    for index in range(6, count - 5):
        x, y = crest[index]
        if y > min(near for _, near in crest[index - 6 : index + 7]):
            continue
        bend = on.width * rng.uniform(0.03, 0.08)
        spine = [(x - on.away * bend * math.sin(part / 4), y + rise * 2.4 * part / 12) for part in range(13)]
        slope = [*descend(on, crest, index, on.away), *reversed(spine)]
        fill(on.image, shade, [slope], 0.8, soft=on.unit / 600, fading=True)
