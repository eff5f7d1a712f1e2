"""Nebulae and planets."""

from __future__ import annotations

import math

from PIL import Image, ImageChops

from bot.standin.painting.brush import (
    WHITE,
    Colour,
    Point,
    chance,
    circle,
    fill,
    fractal,
    glow,
    levels,
    mix,
    polygon,
    shine,
)
from bot.standin.painting.canvas import Canvas
from bot.standin.painting.peaks import crags


def space(on: Canvas) -> None:
    """Nebulae, two planets, and the ridge one looks from."""
    rng, palette = on.rng, on.palette
    size = max(8, on.width // 2), max(8, on.height // 2)
    ratio = on.width / on.height
    clouds = ((palette.sky[2], 0.95), (palette.accent, 0.5), (mix(palette.light, (120, 170, 255), 0.7), 0.45))
    for paint, strength in clouds:
        dust = levels(fractal(rng, size, (2.4 * ratio, 2.4), 6), 0.46, 0.82)
        veil = levels(fractal(rng, size, (1.3 * ratio, 1.3), 3), 0.35, 0.75)
        layer = ImageChops.multiply(dust, veil).resize(on.size, Image.Resampling.BICUBIC)
        on.image = shine(on.image, paint, layer, strength)
    centre = on.width * rng.uniform(0.3, 0.7), on.height * rng.uniform(0.38, 0.55)
    _planet(on, centre, on.unit * rng.uniform(0.2, 0.28))
    corner = on.width * rng.uniform(0.08, 0.25), on.height * rng.uniform(0.12, 0.3)
    _planet(on, corner, on.unit * rng.uniform(0.03, 0.06))
    ground = on.ridge(on.height * 1.0, on.height * 0.13, 0.5)
    rock = mix(palette.near, palette.sky[2], 0.25)
    on.land(ground, rock, palette.near, 0.2, 0.12)
    crags(on, ground, on.height * 0.1, palette.near, cap=0, snow=palette.light)
    on.figures(on.height * 0.96)


def _planet(on: Canvas, centre: Point, radius: float) -> None:
    rng, palette = on.rng, on.palette
    side = max(8, round(radius * 2))
    own = rng.choice([palette.accent, palette.sky[2], (110, 160, 210), (214, 140, 96)])
    base = mix(own, palette.light, 0.15)
    bands = levels(fractal(rng, (side, side), (1.2, rng.uniform(5, 10)), 5), 0.25, 0.75)
    bright, dim = (
        Image.new("RGB", (side, side), tone) for tone in (mix(base, WHITE, 0.4), mix(base, palette.near, 0.45))
    )
    night = levels(glow((side, side), (side * 0.3, side * 0.3), side * 0.95, 0.15), 0.02, 0.62)
    surface = Image.composite(bright, dim, bands)
    surface = Image.composite(surface, Image.new("RGB", (side, side), mix(palette.near, base, 0.1)), night)
    on.image = shine(on.image, base, glow(on.size, centre, radius * 1.7, 1.5), 0.5)
    ringed, tilt = radius > on.unit * 0.1 and chance(rng, 0.7), rng.uniform(-0.35, 0.35)
    if ringed:
        _ring(on, centre, radius, tilt=tilt, paint=base, start=math.pi)
    disc = polygon((side, side), circle((side / 2, side / 2), side / 2 - 1, 90))
    on.image.paste(surface, (round(centre[0] - side / 2), round(centre[1] - side / 2)), disc)
    if ringed:
        _ring(on, centre, radius, tilt=tilt, paint=base, start=0.0)


def _ring(on: Canvas, centre: Point, radius: float, *, tilt: float, paint: Colour, start: float) -> None:
    """Half of a planet's ring: the half before it starts at 0, the one behind at half a turn."""

    def arc(out: float) -> list[Point]:
        flat = [
            (math.cos(start + math.pi * part / 60) * out, math.sin(start + math.pi * part / 60) * out * 0.26)
            for part in range(61)
        ]
        cos, sin = math.cos(tilt), math.sin(tilt)
        return [(centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos) for x, y in flat]

    for inner, outer, strength in ((1.3, 1.5, 0.75), (1.53, 1.78, 0.55), (1.82, 1.9, 0.35)):
        band = [*arc(radius * inner), *reversed(arc(radius * outer))]
        fill(on.image, mix(paint, on.palette.light, 0.6), [band], strength)
