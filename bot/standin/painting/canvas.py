"""What every part of a landscape paints on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from bot.standin.painting.brush import (
    Colour,
    Point,
    Size,
    above,
    below,
    child,
    ease,
    fade,
    fill,
    fractal,
    gradient,
    lay,
    mix,
    skyline,
)
from bot.standin.painting.figures import FLYING, draw_figure
from bot.standin.painting.mood import Mood


class Canvas:
    """One picture while it is painted, from the back to the front: every place paints on its `image`.

    `unit` is its shorter side; `horizon` and `sun` are in pixels.
    """

    def __init__(self, size: Size, mood: Mood, rng: Random) -> None:
        self.size = self.width, self.height = size
        self.unit = min(size)
        self.mood = mood
        self.palette = mood.palette
        self.rng = rng
        low = {"sea": 0.6, "city": 0.76, "space": 0.9, "desert": 0.56}.get(mood.place, 0.66)
        self.horizon = self.height * (low + rng.uniform(-0.05, 0.05))
        high = self.palette.dark or mood.light == "day"
        self.sun: Point = (
            self.width * rng.choice([rng.uniform(0.2, 0.4), rng.uniform(0.6, 0.8)]),
            self.height * rng.uniform(0.18, 0.32) if high else self.horizon * rng.uniform(0.62, 0.86),
        )
        self.image = gradient(size, self.sky_stops())

    @property
    def snowy(self) -> bool:
        """Whether snow lies."""
        return "snow" in self.mood.weather or self.mood.light == "snow"

    @property
    def away(self) -> int:
        """On which side of things their shade is: 1 the right, -1 the left."""
        return 1 if self.sun[0] < self.width / 2 else -1

    def sky_stops(self) -> list[tuple[float, Colour]]:
        """The colours of the sky from the top to the horizon, and on to the bottom."""
        top, middle, low = self.palette.sky
        horizon = self.horizon / self.height
        return [(0.0, top), (horizon * 0.58, middle), (horizon, low), (1.0, mix(low, middle, 0.4))]

    def ridge(self, base: float, rise: float, roughness: float) -> list[Point]:
        """A ridge line from the left to the right edge: its foot at `base`, its summit `rise` above."""
        count = 2 ** max(4, min(9, round(math.log2(max(16, self.width / 3)))))
        heights = skyline(child(self.rng), count + 1, roughness)
        step = self.width / (len(heights) - 1)
        return [(index * step, base - height * rise) for index, height in enumerate(heights)]

    def land(self, ridge: Sequence[Point], paint: Colour, foot: Colour, depth: float, texture: float = 0.0) -> None:
        """Fill below a ridge line: from its own colour at the top to the `foot` colour `depth` of the picture lower."""
        top = min(y for _, y in ridge) / self.height
        stops = [
            (0.0, paint),
            (max(0.0, top), paint),
            (max(0.01, top + depth), foot),
            (max(1.0, top + depth + 0.01), foot),
        ]
        body = gradient(self.size, stops)
        if texture:
            size = max(8, self.width // 4), max(8, self.height // 4)
            noise = fractal(self.rng, size, (5 * self.width / self.height, 14), 4).resize(self.size)
            lay(body, mix(paint, self.palette.near, 0.5), below(noise, 0.5, 3 * texture))
            lay(body, mix(paint, self.palette.light, 0.5), above(noise, 0.5, 2 * texture))
        edge = [(-2.0, self.height + 2.0), (-2.0, ridge[0][1]), *ridge]
        fill(self.image, body, [[*edge, (self.width + 2.0, ridge[-1][1]), (self.width + 2.0, self.height + 2.0)]])

    def haze(self, y: float, thickness: float, strength: float) -> None:
        """A band of bright air at that height; `thickness` is a share of the picture."""
        at = y / self.height
        mask = fade(self.size, lambda row: math.exp(-(((row - at) / thickness) ** 2)))
        lay(self.image, mix(self.palette.sky[2], self.palette.light, 0.35), mask, strength)

    def figures(self, foot: float) -> float | None:
        """The figures asked for; where the main one stands."""
        rng = self.rng
        where: float | None = None
        for index, name in enumerate(self.mood.subjects):
            x = self.width * (0.5 + self.away * (rng.uniform(0.02, 0.14) - 0.3 * index))
            self.figure(name, x, foot)
            where = x if where is None and name not in FLYING else where
        return where

    def figure(self, name: str, x: float, foot: float) -> None:
        """One figure, turned to the sun; what flies does so above `foot`."""
        at = (x, self.horizon * self.rng.uniform(0.35, 0.6)) if name in FLYING else (x, foot)
        self.image = draw_figure(
            self.image, name, at, unit=self.unit, palette=self.palette, rng=self.rng, facing=-self.away
        )


def between(values: Sequence[float], at: float) -> float:
    """The value at 0..1 of a smooth line through `values`."""
    place = at * (len(values) - 1)
    left = min(int(place), len(values) - 2)
    return values[left] + (values[left + 1] - values[left]) * ease(0, 1, place - left)


def height(ridge: Sequence[Point], x: float) -> float:
    """The height of a line of points, sorted by x and evenly spaced, above x."""
    start, end = ridge[0][0], ridge[-1][0]
    index = round((x - start) / ((end - start) or 1) * (len(ridge) - 1))
    return ridge[min(len(ridge) - 1, max(0, index))][1]
