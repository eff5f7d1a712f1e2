"""Whole pictures: a landscape of a mood, a small one, and another picture in its light."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageOps

from bot.standin.painting.brush import Size, chance, gradient, mix, skyline
from bot.standin.painting.canvas import Canvas
from bot.standin.painting.cosmos import space
from bot.standin.painting.mood import Mood
from bot.standin.painting.peaks import forest, mountains
from bot.standin.painting.plains import desert, meadow
from bot.standin.painting.shore import sea
from bot.standin.painting.sky import heaven
from bot.standin.painting.town import city
from bot.standin.painting.weather import fall


def miniature(size: Size, mood: Mood, rng: Random) -> Image.Image:
    """A scene too small for detail: sky, sun and three ridges, in about a millisecond."""
    width, height = size
    palette = mood.palette
    horizon = height * rng.uniform(0.5, 0.7)
    image = gradient(size, [(0, palette.sky[0]), (horizon / height, palette.sky[2]), (1, palette.sky[1])])
    pen = ImageDraw.Draw(image)
    x, y, radius = width * rng.uniform(0.2, 0.8), horizon * rng.uniform(0.3, 0.8), min(size) * rng.uniform(0.06, 0.12)
    pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=palette.light)
    for layer in range(3):
        heights = skyline(rng, 9, 0.5)
        base = horizon + height * 0.12 * layer
        ridge = [(index / 8 * width, base - part * height * 0.2) for index, part in enumerate(heights)]
        pen.polygon([(0, height), *ridge, (width, height)], fill=mix(palette.far, palette.near, layer / 2))
    return image


def landscape(size: Size, mood: Mood, rng: Random) -> Image.Image:
    """Everything, by the mood's place."""
    on = Canvas(size, mood, rng)
    places = {
        "sea": sea,
        "mountains": mountains,
        "forest": forest,
        "meadow": meadow,
        "desert": desert,
        "city": city,
        "space": space,
    }
    heaven(on)
    places[mood.place](on)
    if not mood.subjects and mood.place != "space" and chance(rng, 0.5):
        on.figure("birds", on.width * rng.uniform(0.3, 0.7), 0.0)
    fall(on)
    return on.image


def edited(picture: Image.Image, mood: Mood, rng: Random) -> Image.Image:
    """That picture instead of a landscape: in this light if the words name one, with the figures and weather."""
    on = Canvas(picture.size, mood, rng)
    palette = mood.palette
    stops = [(0.0, palette.sky[0]), (0.55, palette.sky[2]), (1.0, mix(palette.sky[1], palette.near, 0.4))]
    tone = gradient(on.size, stops)
    grey = ImageOps.grayscale(picture).convert("RGB")
    faded = Image.blend(picture, grey, 0.35 if palette.dark else 0.2)
    toned = ImageChops.multiply(faded, tone) if palette.dark else ImageChops.overlay(faded, tone)
    share = 0.15 if not mood.light_named else 0.62 if palette.dark else 0.8
    on.image = Image.blend(picture, toned, share)
    on.figures(on.height * 0.9)
    fall(on)
    return on.image
