"""The sky: stars or sun, northern lights, clouds."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw

from bot.standin.painting.brush import (
    WHITE,
    blur,
    child,
    circle,
    ease,
    fade,
    fill,
    fractal,
    glow,
    lay,
    levels,
    mix,
    shine,
    skyline,
)
from bot.standin.painting.canvas import Canvas, between


def heaven(on: Canvas) -> None:
    """Stars, sun or moon, clouds: what the mood's light has of them."""
    rng, palette = on.rng, on.palette
    if palette.dark:
        _stars(on)
    if on.mood.light == "aurora":
        _aurora(on)
    if on.mood.place == "space":
        return
    radius = on.unit * (rng.uniform(0.035, 0.06) if palette.dark else rng.uniform(0.05, 0.08))
    on.image = shine(on.image, palette.light, glow(on.size, on.sun, on.unit * 0.9, 1.8, stretch=1.3), 0.4)
    on.image = shine(on.image, palette.light, glow(on.size, on.sun, radius * 4.5, 1.4), 0.65)
    if on.mood.light != "storm":
        fill(on.image, mix(palette.light, WHITE, 0.55), [circle(on.sun, radius, 72)])
        if palette.dark:
            _craters(on, radius)
    _clouds(on)


def _craters(on: Canvas, radius: float) -> None:
    x, y = on.sun
    shade = mix(on.palette.light, on.palette.sky[1], 0.3)
    for _ in range(7):
        turn, out, own = on.rng.uniform(0, math.tau), on.rng.uniform(0, 0.7), on.rng.uniform(0.08, 0.2)
        centre = (x + math.cos(turn) * out * radius, y + math.sin(turn) * out * radius)
        fill(on.image, shade, [circle(centre, own * radius, 20)], 0.4, soft=radius * 0.05)


def _stars(on: Canvas) -> None:
    rng = child(on.rng)
    sky = Image.new("L", on.size)
    pen = ImageDraw.Draw(sky)
    count = round(on.width * on.horizon / on.unit**2 * 420 * min(1.0, on.unit / 400 + 0.15))
    large = max(0.5, on.unit / 900)
    for _ in range(count):
        x, y = rng.uniform(0, on.width), on.horizon * rng.random() ** 1.2
        bright, radius = round(255 * rng.random() ** 2.5), large * rng.choice([0.5, 0.5, 0.5, 0.9, 1.3])
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=max(40, bright))
    on.image = shine(on.image, mix(on.palette.light, WHITE, 0.3), sky, 0.95)
    on.image = shine(on.image, on.palette.light, blur(sky, on.unit / 300), 0.8)


def _aurora(on: Canvas) -> None:
    """Three curtains of light; drawn a quarter as large."""
    rng = on.rng
    size = max(8, on.width // 4), max(8, on.height // 4)
    top = on.horizon / 4
    for paint in (on.palette.sky[2], on.palette.accent, on.palette.sky[2]):
        path, rays = skyline(rng, 33, 0.5), skyline(rng, 129, 0.75)
        base, swing = rng.uniform(0.32, 0.55), rng.uniform(0.1, 0.25)
        curtain = Image.new("L", size)
        pen = ImageDraw.Draw(curtain)
        for x in range(size[0]):
            at = x / size[0]
            y = (base + (between(path, at) - 0.5) * swing) * top
            reach = (0.25 + 0.35 * between(rays, at)) * top
            for part in range(6):
                strip = [x, y - reach * (part + 1) / 6, x, y - reach * part / 6]
                pen.line(strip, fill=round(200 * (1 - part / 6) ** 1.4))
            pen.line([x, y, x, y + reach * 0.06], fill=130)
        soft = blur(curtain, max(1.0, size[0] / 90)).resize(on.size, Image.Resampling.BICUBIC)
        on.image = shine(on.image, paint, soft, rng.uniform(0.5, 0.8))


def _clouds(on: Canvas) -> None:
    rng, palette = on.rng, on.palette
    heavy = on.mood.light == "storm" or "rain" in on.mood.weather
    amount = rng.uniform(0.62, 0.75) if heavy else rng.uniform(0.36, 0.54)
    size = max(8, on.width // 2), max(8, on.height // 2)
    noise = fractal(rng, size, (2.2 * on.width / on.height, 5.5), 6)
    band = on.horizon / on.height
    hung = fade(size, lambda at: ease(0.0, 0.2, at) * (1 - ease(band * 0.8, band * 1.02, at)))
    mask = ImageChops.multiply(levels(noise, 1 - amount, 1.34 - amount), hung)
    lower = ImageChops.offset(noise, 0, -max(1, size[1] // 60))
    lit = levels(ImageChops.subtract(noise, lower, 0.5, 110), 0.25, 0.75)
    tone = mix(palette.sky[0], palette.light, 0.28 if palette.dark or heavy else 0.75)
    under = mix(palette.sky[1], palette.sky[0], 0.5 if heavy else 0.2)
    cloud = Image.composite(Image.new("RGB", size, tone), Image.new("RGB", size, under), lit)
    mask = mask.resize(on.size, Image.Resampling.BICUBIC)
    lay(on.image, cloud.resize(on.size, Image.Resampling.BICUBIC), mask, 0.9 if heavy else 0.6)
    near_sun = ImageChops.multiply(mask, glow(on.size, on.sun, on.unit * 0.7, 0.6, stretch=1.5))
    on.image = shine(on.image, palette.light, near_sun, 0.5)
