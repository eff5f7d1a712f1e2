"""The figures a prompt may ask for, in flat shapes with light on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from PIL import Image

from bot.standin.painting.brush import WHITE, Colour, Point, blur, circle, fill, glow, mix, polygon, shine, spline
from bot.standin.painting.mood import Palette

FLYING = frozenset({"birds", "balloon"})
"""These need no ground."""

_SNOWY = 480
"""The sum of the colours of a distance from which on it looks snowed in."""

_TALL = {
    "lighthouse": 0.36,
    "boat": 0.22,
    "fox": 0.27,
    "cat": 0.24,
    "cabin": 0.16,
    "castle": 0.36,
    "tree": 0.4,
    "balloon": 0.22,
    "birds": 0.12,
}
"""By share of the picture's shorter side."""


class _Figure:
    """Draws in its own coordinates: the foot at 0,0, y upwards, 1 is the figure's height."""

    def __init__(self, image: Image.Image, at: Point, *, tall: float, facing: int, rng: Random) -> None:
        self.image = image
        self.at = at
        self.tall = tall
        self.facing = facing
        self.rng = rng

    def place(self, points: Sequence[Point]) -> list[Point]:
        return [(self.at[0] + x * self.tall * self.facing, self.at[1] - y * self.tall) for x, y in points]

    def flat(self, paint: Colour, *outlines: Sequence[Point], strength: float = 1.0) -> None:
        """Straight-edged parts."""
        fill(self.image, paint, [self.place(outline) for outline in outlines], strength)

    def soft(self, paint: Colour, *outlines: Sequence[Point], strength: float = 1.0) -> None:
        """Parts with smooth outlines."""
        self.flat(paint, *(spline(outline) for outline in outlines), strength=strength)

    def lit(self, light: Colour, centre: Point, radius: float, strength: float) -> None:
        """A glow of light."""
        spot = self.place([centre])[0]
        self.image = shine(self.image, light, glow(self.image.size, spot, radius * self.tall, 1.2), strength)


def draw_figure(
    image: Image.Image, name: str, at: Point, *, unit: float, palette: Palette, rng: Random, facing: int
) -> Image.Image:
    """The picture with that figure at a point: where it stands, or the foot of what flies.

    `facing` is 1 to the right, -1 to the left; `unit` the picture's shorter side.
    """
    drawn = _Figure(image, at, tall=unit * _TALL[name], facing=facing, rng=rng)
    _DRAWN[name](drawn, palette)
    return drawn.image


def _toned(paint: Colour, palette: Palette) -> Colour:
    """A colour in this light."""
    return mix(mix(paint, palette.sky[1], 0.14), palette.near, 0.5 if palette.dark else 0.1)


def _lighthouse(on: _Figure, palette: Palette) -> None:
    white, red = _toned((240, 236, 226), palette), _toned((196, 62, 56), palette)
    on.flat(mix(white, palette.near, 0.12), [(-0.36, -0.03), (-0.36, 0.13), (-0.1, 0.13), (-0.1, -0.03)])
    on.flat(mix(red, palette.near, 0.2), [(-0.39, 0.12), (-0.33, 0.21), (-0.13, 0.21), (-0.07, 0.12)])
    on.flat(palette.accent, [(-0.27, 0.04), (-0.27, 0.09), (-0.22, 0.09), (-0.22, 0.04)])
    on.flat(white, [(-0.13, -0.03), (-0.075, 0.74), (0.075, 0.74), (0.13, -0.03)])
    for low, high in ((0.12, 0.26), (0.4, 0.53), (0.65, 0.74)):
        half = [0.13 - 0.055 * y / 0.74 for y in (low, high)]
        on.flat(red, [(-half[0], low), (-half[1], high), (half[1], high), (half[0], low)])
    on.flat(mix(white, palette.near, 0.75), [(0.03, 0.0), (0.018, 0.74), (0.075, 0.74), (0.13, 0.0)], strength=0.42)
    for y in (0.33, 0.58):
        on.flat(palette.near, [(-0.02, y), (-0.02, y + 0.04), (0.015, y + 0.04), (0.015, y)])
    on.flat(palette.near, [(-0.11, 0.74), (-0.11, 0.77), (0.11, 0.77), (0.11, 0.74)])
    on.flat(mix(palette.accent, WHITE, 0.6), [(-0.06, 0.77), (-0.06, 0.87), (0.06, 0.87), (0.06, 0.77)])
    for x in (-0.06, -0.005, 0.05):
        on.flat(palette.near, [(x, 0.77), (x, 0.87), (x + 0.01, 0.87), (x + 0.01, 0.77)])
    on.flat(red, [(-0.085, 0.865), (0.0, 0.96), (0.085, 0.865)])
    on.flat(palette.near, [(-0.006, 0.95), (0.0, 1.02), (0.006, 0.95)])
    if palette.dark or palette.sky[0] < (90, 90, 255):
        length = 2.6
        for side in (1, -1):
            beam = on.place([(0, 0.82), (side * length, 0.98), (side * length, 0.72)])
            rays = blur(polygon(on.image.size, beam), on.tall * 0.02)
            faded = Image.composite(
                rays, Image.new("L", rays.size), glow(rays.size, on.place([(0, 0.82)])[0], on.tall * length, 0.25)
            )
            on.image = shine(on.image, palette.light, faded, 0.5)
    on.lit(mix(palette.light, WHITE, 0.4), (0, 0.82), 0.34, 1.0)


def _boat(on: _Figure, palette: Palette) -> None:
    hull, sail = _toned((92, 52, 40), palette), _toned((250, 244, 230), palette)
    on.flat(
        mix(palette.near, palette.sky[1], 0.3), [(-0.4, -0.03), (0.4, -0.03), (0.26, -0.1), (-0.28, -0.1)], strength=0.5
    )
    on.flat(hull, [(-0.4, 0.13), (0.44, 0.14), (0.3, -0.02), (-0.3, -0.02)])
    on.flat(mix(hull, palette.light, 0.4), [(-0.4, 0.13), (0.44, 0.14), (0.42, 0.115), (-0.385, 0.105)])
    on.flat(palette.near, [(-0.012, 0.12), (-0.006, 1.0), (0.006, 1.0), (0.012, 0.12)])
    on.flat(sail, [(0.025, 0.19), (0.025, 0.95), (0.2, 0.5), (0.37, 0.19)])
    on.flat(mix(sail, palette.sky[1], 0.28), [(-0.025, 0.2), (-0.025, 0.85), (-0.32, 0.2)])
    on.flat(_toned(palette.accent, palette), [(0.0, 0.955), (0.0, 1.03), (-0.12, 0.99)])


def _fox(on: _Figure, palette: Palette) -> None:
    coat, white, dark = _toned((222, 104, 40), palette), _toned((250, 240, 226), palette), _toned((58, 34, 30), palette)
    shade = mix(coat, dark, 0.35)
    on.soft(
        mix(palette.near, palette.sky[0], 0.4), [(-0.55, 0.0), (0.0, 0.035), (0.45, 0.0), (0.0, -0.035)], strength=0.45
    )
    tail = [
        (-0.18, 0.1),
        (-0.4, 0.03),
        (-0.62, 0.09),
        (-0.72, 0.26),
        (-0.66, 0.4),
        (-0.56, 0.33),
        (-0.46, 0.22),
        (-0.25, 0.22),
    ]
    on.soft(shade, tail)
    on.soft(white, [(-0.66, 0.4), (-0.72, 0.27), (-0.655, 0.2), (-0.585, 0.27), (-0.58, 0.34)])
    on.soft(
        coat,
        [
            (-0.3, 0.02),
            (-0.34, 0.2),
            (-0.24, 0.38),
            (-0.05, 0.52),
            (0.08, 0.62),
            (0.22, 0.58),
            (0.24, 0.4),
            (0.2, 0.2),
            (0.2, 0.02),
            (0.0, 0.0),
        ],
    )
    on.soft(shade, [(-0.3, 0.02), (-0.34, 0.18), (-0.22, 0.3), (-0.08, 0.22), (-0.04, 0.06), (-0.14, 0.0)])
    on.soft(white, [(0.09, 0.5), (0.17, 0.56), (0.25, 0.48), (0.245, 0.34), (0.19, 0.2), (0.13, 0.3)])
    for x in (0.06, 0.17):
        on.soft(
            coat,
            [
                (x - 0.05, 0.24),
                (x - 0.035, 0.06),
                (x - 0.04, 0.0),
                (x + 0.06, 0.0),
                (x + 0.035, 0.06),
                (x + 0.05, 0.24),
            ],
        )
        on.soft(dark, [(x - 0.04, 0.1), (x - 0.045, 0.0), (x + 0.06, 0.0), (x + 0.04, 0.1)])
    on.flat(dark, [(0.03, 0.78), (0.02, 0.98), (0.15, 0.85)], [(0.19, 0.83), (0.27, 0.99), (0.3, 0.79)])
    on.flat(coat, [(0.04, 0.77), (0.035, 0.93), (0.15, 0.83)], [(0.19, 0.82), (0.265, 0.94), (0.3, 0.78)])
    on.soft(
        coat,
        [
            (0.02, 0.68),
            (0.05, 0.8),
            (0.16, 0.85),
            (0.28, 0.82),
            (0.34, 0.74),
            (0.46, 0.655),
            (0.485, 0.625),
            (0.45, 0.6),
            (0.32, 0.585),
            (0.16, 0.55),
            (0.06, 0.58),
        ],
    )
    on.soft(
        white, [(0.07, 0.58), (0.16, 0.655), (0.29, 0.66), (0.42, 0.635), (0.46, 0.605), (0.32, 0.585), (0.16, 0.55)]
    )
    on.soft(dark, [(0.445, 0.645), (0.49, 0.645), (0.485, 0.61), (0.45, 0.615)])
    on.soft(dark, [(0.265, 0.735), (0.3, 0.745), (0.315, 0.715), (0.28, 0.7)])
    on.flat(WHITE, [(0.285, 0.733), (0.297, 0.733), (0.297, 0.722), (0.285, 0.722)], strength=0.9)


def _cat(on: _Figure, palette: Palette) -> None:
    coat = _toned(on.rng.choice([(46, 42, 52), (236, 226, 212), (206, 140, 84), (122, 116, 120)]), palette)
    shade = mix(coat, palette.near, 0.4)
    eye = mix(palette.accent, (170, 220, 90), 0.5)
    on.soft(
        mix(palette.near, palette.sky[0], 0.4), [(-0.5, 0.0), (0.0, 0.035), (0.4, 0.0), (0.0, -0.035)], strength=0.45
    )
    on.soft(
        shade,
        [
            (-0.22, 0.04),
            (-0.42, 0.03),
            (-0.56, 0.12),
            (-0.58, 0.34),
            (-0.52, 0.5),
            (-0.46, 0.48),
            (-0.49, 0.32),
            (-0.44, 0.16),
            (-0.24, 0.14),
        ],
    )
    on.soft(
        coat,
        [
            (-0.27, 0.02),
            (-0.3, 0.2),
            (-0.2, 0.44),
            (-0.06, 0.62),
            (0.12, 0.62),
            (0.2, 0.42),
            (0.19, 0.02),
            (-0.05, 0.0),
        ],
    )
    on.soft(shade, [(-0.27, 0.02), (-0.29, 0.17), (-0.18, 0.27), (-0.06, 0.18), (-0.05, 0.03)])
    on.flat(coat, [(-0.1, 0.8), (-0.1, 1.0), (0.03, 0.9)], [(0.12, 0.9), (0.24, 1.0), (0.24, 0.8)])
    on.flat(
        mix(coat, (226, 150, 150), 0.5),
        [(-0.075, 0.83), (-0.078, 0.95), (0.0, 0.89)],
        [(0.15, 0.89), (0.22, 0.95), (0.222, 0.83)],
    )
    on.soft(
        coat,
        [
            (-0.13, 0.72),
            (-0.09, 0.86),
            (0.07, 0.92),
            (0.23, 0.86),
            (0.27, 0.72),
            (0.2, 0.6),
            (0.07, 0.565),
            (-0.07, 0.6),
        ],
    )
    for x in (-0.01, 0.15):
        on.soft(eye, [(x - 0.04, 0.745), (x, 0.78), (x + 0.04, 0.745), (x, 0.72)])
        on.soft((16, 14, 20), [(x - 0.009, 0.745), (x, 0.778), (x + 0.009, 0.745), (x, 0.722)])
    on.flat(mix(coat, (226, 120, 130), 0.8), [(0.05, 0.69), (0.09, 0.69), (0.07, 0.665)])
    for x in (0.02, 0.13):
        on.soft(coat, [(x - 0.05, 0.2), (x - 0.045, 0.0), (x + 0.055, 0.0), (x + 0.05, 0.2)])


def _cabin(on: _Figure, palette: Palette) -> None:
    wall, roof = _toned((112, 74, 52), palette), _toned((62, 46, 48), palette)
    window = mix(palette.accent, (255, 214, 130), 0.6)
    on.flat(wall, [(-0.5, -0.05), (-0.5, 0.42), (0.5, 0.42), (0.5, -0.05)])
    for y in (0.05, 0.14, 0.23, 0.32):
        on.flat(mix(wall, palette.near, 0.4), [(-0.5, y), (-0.5, y + 0.015), (0.5, y + 0.015), (0.5, y)])
    on.flat(mix(roof, palette.near, 0.2), [(0.22, 0.6), (0.22, 0.95), (0.36, 0.95), (0.36, 0.6)])
    snowy = palette.light if sum(palette.far) > _SNOWY else roof
    on.flat(snowy, [(-0.64, 0.38), (-0.06, 0.88), (0.06, 0.88), (0.64, 0.38)])
    on.flat(mix(roof, palette.near, 0.3), [(-0.64, 0.38), (-0.62, 0.345), (0.62, 0.345), (0.64, 0.38)])
    on.flat(
        window,
        [(-0.34, 0.12), (-0.34, 0.3), (-0.14, 0.3), (-0.14, 0.12)],
        [(0.2, 0.12), (0.2, 0.3), (0.4, 0.3), (0.4, 0.12)],
    )
    on.flat(
        wall,
        [(-0.25, 0.12), (-0.25, 0.3), (-0.23, 0.3), (-0.23, 0.12)],
        [(0.29, 0.12), (0.29, 0.3), (0.31, 0.3), (0.31, 0.12)],
    )
    on.flat(mix(palette.near, wall, 0.3), [(-0.07, -0.05), (-0.07, 0.27), (0.1, 0.27), (0.1, -0.05)])
    on.lit(window, (-0.24, 0.2), 0.5, 0.55)
    on.lit(window, (0.3, 0.2), 0.5, 0.55)
    for puff in range(7):
        centre = on.place([(0.29 + 0.06 * puff * on.rng.uniform(0.6, 1.3), 1.0 + 0.14 * puff)])[0]
        smoke = circle(centre, on.tall * (0.05 + 0.025 * puff), 20)
        fill(on.image, mix(palette.light, palette.sky[1], 0.3), [smoke], 0.45 - 0.05 * puff, soft=on.tall * 0.03)


def _castle(on: _Figure, palette: Palette) -> None:
    stone, roof = (
        mix(_toned((120, 112, 122), palette), palette.near, 0.35),
        mix(_toned((74, 62, 104), palette), palette.near, 0.3),
    )
    window = mix(palette.accent, (255, 214, 130), 0.6)
    on.flat(mix(palette.near, palette.far, 0.25), [(-0.75, -0.04), (-0.5, 0.1), (0.5, 0.12), (0.75, -0.04)])
    on.flat(stone, [(-0.45, 0.02), (-0.45, 0.36), (0.45, 0.36), (0.45, 0.02)])
    on.flat(
        stone, *([(x, 0.36), (x, 0.4), (x + 0.05, 0.4), (x + 0.05, 0.36)] for x in (-0.45, -0.35, -0.25, 0.2, 0.3, 0.4))
    )
    for x, low, wide, high in (
        (-0.4, 0.02, 0.16, 0.5),
        (0.26, 0.02, 0.17, 0.55),
        (-0.12, 0.1, 0.24, 0.68),
        (-0.27, 0.3, 0.1, 0.62),
        (0.14, 0.3, 0.1, 0.7),
    ):
        on.flat(mix(stone, palette.light, 0.06), [(x, low), (x, high), (x + wide, high), (x + wide, low)])
        on.flat(
            mix(stone, palette.near, 0.4),
            [(x + wide * 0.6, low), (x + wide * 0.6, high), (x + wide, high), (x + wide, low)],
        )
        on.flat(roof, [(x - 0.025, high), (x + wide / 2, high + wide * 1.35), (x + wide + 0.025, high)])
        on.flat(
            palette.accent,
            [
                (x + wide / 2, high + wide * 1.3),
                (x + wide / 2, high + wide * 1.3 + 0.07),
                (x + wide / 2 + 0.07, high + wide * 1.3 + 0.045),
            ],
        )
        for row in range(2):
            y = low + (high - low) * (0.55 + 0.22 * row)
            on.flat(
                window,
                [(x + wide * 0.4, y), (x + wide * 0.4, y + 0.035), (x + wide * 0.58, y + 0.035), (x + wide * 0.58, y)],
            )
    on.flat(palette.near, [(-0.06, 0.02), (-0.06, 0.14), (0.0, 0.19), (0.06, 0.14), (0.06, 0.02)])
    on.lit(window, (0.0, 0.4), 0.6, 0.25)


def _tree(on: _Figure, palette: Palette) -> None:
    bark, leaf = (
        mix(palette.near, (50, 36, 30), 0.3),
        _toned(on.rng.choice([(206, 92, 44), (92, 132, 62), (232, 150, 172), (222, 168, 62)]), palette),
    )
    on.soft(mix(palette.near, palette.sky[0], 0.4), [(-0.5, 0.0), (0.0, 0.03), (0.5, 0.0), (0.0, -0.03)], strength=0.4)
    on.soft(bark, [(-0.07, -0.01), (-0.035, 0.2), (-0.05, 0.48), (0.0, 0.5), (0.05, 0.48), (0.035, 0.2), (0.08, -0.01)])
    on.flat(
        bark,
        [(-0.02, 0.3), (-0.26, 0.55), (-0.24, 0.57), (0.0, 0.38)],
        [(0.02, 0.32), (0.24, 0.58), (0.22, 0.6), (0.0, 0.4)],
    )
    for tone, count, spread, offset in (
        (mix(leaf, palette.near, 0.45), 70, 0.36, -0.03),
        (leaf, 90, 0.33, 0.0),
        (mix(leaf, palette.light, 0.4), 60, 0.28, 0.045),
    ):
        blobs = list[list[Point]]()
        for _ in range(count):
            turn, out = on.rng.uniform(0, math.tau), spread * on.rng.random() ** 0.55
            x, y = math.cos(turn) * out * 1.2 + offset * on.facing * 0.8, 0.68 + math.sin(turn) * out * 0.8 + offset
            radius = on.rng.uniform(0.022, 0.055)
            blobs.append(
                [
                    (x + math.cos(part) * radius, y + math.sin(part) * radius)
                    for part in (index * math.tau / 9 for index in range(9))
                ]
            )
        on.flat(tone, *blobs)


def _balloon(on: _Figure, palette: Palette) -> None:
    cloth, stripe = (
        _toned(on.rng.choice([(214, 72, 66), (70, 130, 180), (232, 140, 60)]), palette),
        _toned((250, 236, 206), palette),
    )
    envelope = [
        (0.0, 0.22),
        (-0.16, 0.36),
        (-0.33, 0.56),
        (-0.36, 0.76),
        (-0.24, 0.94),
        (0.0, 1.0),
        (0.24, 0.94),
        (0.36, 0.76),
        (0.33, 0.56),
        (0.16, 0.36),
    ]
    on.soft(cloth, envelope)
    for share in (-0.62, 0.0, 0.62):
        on.soft(
            stripe,
            [(x * 0.13 + share * 0.36 * math.sin(math.pi * min(1.0, (y - 0.2) / 0.8)) ** 0.7, y) for x, y in envelope],
            strength=0.9,
        )
    on.soft(
        mix(cloth, palette.near, 0.7),
        [(x * 0.45 + 0.2 * math.sin(math.pi * min(1.0, (y - 0.2) / 0.8)), y) for x, y in envelope],
        strength=0.28,
    )
    on.flat(
        palette.near,
        [(-0.1, 0.24), (-0.055, 0.1), (-0.045, 0.1), (-0.09, 0.24)],
        [(0.1, 0.24), (0.055, 0.1), (0.045, 0.1), (0.09, 0.24)],
    )
    on.flat(_toned((120, 78, 48), palette), [(-0.065, 0.1), (-0.05, 0.0), (0.05, 0.0), (0.065, 0.1)])


def _birds(on: _Figure, palette: Palette) -> None:
    for _ in range(on.rng.choice([5, 7, 9])):
        x, y, wide = on.rng.uniform(-1.6, 1.6), on.rng.uniform(-0.9, 0.9), on.rng.uniform(0.09, 0.2)
        lift = on.rng.uniform(0.2, 0.5)
        wing = [
            (0, 0),
            (0.5, lift),
            (1, 0.25 * lift),
            (0.5, lift * 0.72),
            (0, -0.12),
            (-0.5, lift * 0.72),
            (-1, 0.25 * lift),
            (-0.5, lift),
        ]
        on.flat(mix(palette.near, palette.sky[0], 0.25), [(x + part[0] * wide, y + part[1] * wide) for part in wing])


_DRAWN = {
    "lighthouse": _lighthouse,
    "boat": _boat,
    "fox": _fox,
    "cat": _cat,
    "cabin": _cabin,
    "castle": _castle,
    "tree": _tree,
    "balloon": _balloon,
    "birds": _birds,
}
