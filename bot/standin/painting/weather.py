"""What falls from the sky, or hangs in the air."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw

from bot.standin.painting.brush import WHITE, blur, child, grain, lay, levels, scaled, shape, shine
from bot.standin.painting.canvas import Canvas


def fall(on: Canvas) -> None:
    """Mist, snow and rain, as the mood has them."""
    rng, weather = on.rng, on.mood.weather
    if "mist" in weather:
        on.haze(on.horizon + on.height * 0.06, 0.16, 0.75)
        on.haze(on.height * 0.95, 0.1, 0.45)
    if on.snowy:
        _flakes(on)
    if "rain" in weather:
        size = max(8, on.width // 2), max(8, on.height // 2)
        drops = streaks = levels(grain(child(rng), size), 0.984, 0.988)
        for part in range(1, 9):
            moved = scaled(ImageChops.offset(drops, -part // 3, part), 1 - part / 10)
            streaks = ImageChops.lighter(streaks, moved)
        streaks = blur(streaks.resize(on.size, Image.Resampling.BICUBIC), 0.6)
        on.image = shine(on.image, on.palette.light, streaks, 0.22)


def _flakes(on: Canvas) -> None:
    """Near ones large and soft, far ones small and many."""
    rng = on.rng
    for count, radius, soft, strength in (
        (260, 0.0016, 0.0, 0.8),
        (90, 0.0034, 0.001, 0.75),
        (16, 0.009, 0.005, 0.5),
    ):
        spots = [
            (
                rng.uniform(0, on.width),
                rng.uniform(0, on.height),
                max(0.4, on.unit * radius * rng.uniform(0.6, 1.3)),
            )
            for _ in range(round(count * on.width / on.height))
        ]

        def draw(pen: ImageDraw.ImageDraw, scale: float, spots: Sequence[tuple[float, float, float]] = spots) -> None:
            for x, y, own in spots:
                pen.ellipse([(x - own) * scale, (y - own) * scale, (x + own) * scale, (y + own) * scale], fill=255)

        lay(on.image, WHITE, blur(shape(on.size, draw), on.unit * soft), strength)
