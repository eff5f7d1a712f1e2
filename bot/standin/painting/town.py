"""Towers with lit windows."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageDraw

from bot.standin.painting.brush import Colour, Point, blur, chance, child, fill, gradient, mix
from bot.standin.painting.canvas import Canvas
from bot.standin.painting.shore import water

_PANE = 0.8
"""Pixels of a window from which on it is drawn."""


def city(on: Canvas) -> None:
    """Three rows of towers, mostly behind a river."""
    rng, palette = on.rng, on.palette
    river = chance(rng, 0.7)
    foot = on.horizon if river else on.height * 1.02
    for layer in range(3):
        share = layer / 2
        paint = mix(mix(palette.far, palette.sky[2], 0.3), palette.near, share * 0.95)
        _houses(on, foot, paint, tall=0.56 - 0.14 * layer, lights=0.2 + 0.6 * share, small=1 - 0.25 * share)
        on.haze(foot, 0.12, 0.4 * (1 - share))
    if river:
        water(on, round(foot))
    on.figures(on.height * 0.985)


def _houses(on: Canvas, foot: float, paint: Colour, *, tall: float, lights: float, small: float) -> None:
    """A row of towers, the higher the closer to the middle, with lights in their windows."""
    rng = on.rng
    blocks = list[list[Point]]()
    lit = Image.new("RGB", on.size)
    pen = ImageDraw.Draw(lit)
    pane = on.unit * 0.0055 * small
    x = -on.width * 0.02
    while x < on.width:
        wide = on.unit * rng.uniform(0.045, 0.12) * small
        high = on.height * tall * rng.uniform(0.3, 1.0) * (1 - abs(x / on.width - 0.5) * 0.9)
        top = foot - high
        blocks.append([(x, foot + 2), (x, top), (x + wide, top), (x + wide, foot + 2)])
        if chance(rng, 0.35):
            inset, rise = wide * rng.uniform(0.2, 0.35), on.unit * rng.uniform(0.01, 0.05)
            left, right = x + inset, x + wide - inset
            blocks.append([(left, top), (left, top - rise), (right, top - rise), (right, top)])
        elif chance(rng, 0.4):
            mast = x + wide / 2
            blocks.append([(mast - pane * 0.25, top), (mast, top - on.unit * 0.08), (mast + pane * 0.25, top)])
        if pane >= _PANE:
            _windows(on, pen, (x, top), (wide, high), pane=pane, share=lights * rng.uniform(0.15, 0.6))
        x += wide + on.unit * rng.choice([0.0, 0.0, 0.004, 0.02])
    body = gradient(on.size, [(0, paint), (foot / on.height, mix(paint, on.palette.sky[2], 0.22)), (1, paint)])
    fill(on.image, body, blocks)
    on.image = ImageChops.screen(on.image, lit)
    on.image = ImageChops.screen(on.image, blur(lit, on.unit / 110))


def _windows(on: Canvas, pen: ImageDraw.ImageDraw, corner: Point, size: Point, *, pane: float, share: float) -> None:
    """Windows of one tower, `share` of them lit."""
    rng, palette = child(on.rng), on.palette
    warm = mix(palette.light, (255, 190, 110), 0.6)
    shade = rng.choice([palette.accent, palette.light, warm, (255, 214, 150)])
    for row in range(1, int(size[1] / (pane * 2.6))):
        for column in range(int(size[0] / (pane * 2.1))):
            if chance(rng, share):
                left, top = corner[0] + pane * (1 + column * 2.1), corner[1] + row * pane * 2.6
                pen.rectangle(
                    [left, top, left + pane, top + pane * 1.4], fill=mix((0, 0, 0), shade, rng.uniform(0.35, 1.0))
                )
