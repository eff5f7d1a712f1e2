"""From the words of a prompt to what is painted: the place, the light, the weather, who stands in it."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from bot.standin.painting.brush import Colour, chance, colour

_PLACES: Mapping[str, str] = {
    "sea": "sea ocean beach harbor harbour island lake river water wave waves coast 海 湖 海边 河",
    "forest": "forest wood woods trees pine pines jungle 森林 树林",
    "city": "city town skyline street tokyo skyscraper skyscrapers 城市 街 都市",
    "desert": "desert dune dunes sand canyon mars 沙漠 沙丘",
    "space": "space planet galaxy nebula cosmos universe 太空 宇宙 星球 银河",
    "meadow": "meadow field fields flowers garden hill hills grass 花 草地 田野 花园",
    "mountains": "mountain mountains peak peaks alps cliff valley 山 雪山",
}
_HINTS: Mapping[str, str] = {
    "sea": "lighthouse boat ship sail sailboat whale mermaid fish 灯塔 船 帆船 鲸",
    "forest": "owl deer bear elf mushroom 鹿 熊",
    "city": "neon cyberpunk robot car tower towers 霓虹 机器人 汽车",
    "desert": "camel pyramid cactus 骆驼 金字塔",
    "space": "astronaut rocket spaceship alien 火箭 宇航员",
    "meadow": "flower rose tulip sunflower cat kitten dog rabbit horse spring cottage balloon 猫 狗 兔 马 热气球",
    "mountains": "castle dragon fox wolf cabin snow winter 城堡 龙 狐狸 狼 雪 木屋",
}
"""Where one would look for what the prompt names, if it names no place."""

_LIGHTS: Mapping[str, str] = {
    "dusk": "dusk evening twilight gloaming 黄昏 傍晚 暮色",
    "sunset": "sunset golden warm 日落 夕阳 金色",
    "dawn": "dawn sunrise morning pastel soft 黎明 日出 清晨 早晨",
    "night": "night moon moonlight stars starry midnight dark 夜 月 星空 夜晚",
    "day": "day noon sunny blue bright clear summer 白天 中午 晴天 夏天",
    "storm": "storm rain rainy thunder cloudy grey gray gloomy 暴风雨 雨 阴天",
    "autumn": "autumn fall orange october 秋 秋天",
    "neon": "neon cyberpunk synthwave vaporwave 霓虹 赛博朋克",
    "snow": "snow snowy winter ice icy frost frozen blizzard 雪 冬天 冰",
    "aurora": "aurora northern magic magical fantasy dream dreamy 极光 魔法 梦幻",
}
_SUBJECTS: Mapping[str, str] = {
    "lighthouse": "lighthouse 灯塔",
    "boat": "boat sail sailboat ship 船 帆船",
    "fox": "fox wolf dog 狐狸 狐 狼 狗",
    "cat": "cat kitten 猫",
    "cabin": "cabin house hut cottage home 房子 小屋 木屋",
    "castle": "castle palace fortress 城堡 宫殿",
    "tree": "tree oak 树",
    "balloon": "balloon balloons 气球 热气球",
    "birds": "bird birds gull gulls crane 鸟",
}
_WEATHER: Mapping[str, str] = {
    "snow": "snow snowy winter blizzard 雪 冬天",
    "rain": "rain rainy storm 雨 暴风雨",
    "mist": "mist misty fog foggy haze 雾",
}


_FITTING: Mapping[str, Sequence[str]] = {
    "city": ("neon", "night", "dusk"),
    "meadow": ("day", "dawn", "sunset"),
    "forest": ("forest", "forest", "dawn", "dusk", "autumn"),
    "desert": ("desert",),
    "space": ("space",),
}
"""The lights of a place when the words name none."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours from the top of the sky to the ground before one's feet."""

    sky: tuple[Colour, Colour, Colour]
    light: Colour
    far: Colour
    near: Colour
    accent: Colour
    dark: bool = False


def _palette(*colours: str, dark: bool = False) -> Palette:
    top, middle, horizon, light, far, near, accent = (colour(each) for each in colours)
    return Palette((top, middle, horizon), light, far, near, accent, dark)


_PALETTES: Mapping[str, Palette] = {
    "dusk": _palette("1d2357", "7a4a86", "f59a7c", "ffd7a1", "75548c", "17142e", "ffb86b"),
    "sunset": _palette("2f4a86", "c9607a", "ffb765", "fff0bd", "9a5a78", "2a1630", "ff7d4d"),
    "dawn": _palette("6f93c4", "e3b4c0", "ffe9cd", "fff7e0", "9fb0cc", "3b4c66", "f2849e"),
    "night": _palette("040818", "101f47", "35548a", "eef3ff", "24386b", "050914", "ffd27a"),
    "day": _palette("2c78c8", "86c0ee", "e9f5f8", "fffdf0", "84abc6", "2f5a3c", "f2c14e"),
    "storm": _palette("1c2733", "4b5d70", "a9b5b6", "e8eef0", "66788a", "182129", "d9b56a"),
    "autumn": _palette("5f7fa6", "e3b98c", "ffe3b0", "fff3d6", "a8795c", "3d1c12", "e2662b"),
    "neon": _palette("0b0a2b", "4a1d7a", "ff5c9e", "ffd0ea", "3b1c6b", "0a0818", "35e0ff"),
    "snow": _palette("6f93bd", "bfd2e6", "fbf1e6", "fffaf0", "a5bad3", "46618a", "e8743b"),
    "aurora": _palette("071330", "12405c", "5fd3a8", "d7ffe9", "1d4a63", "06121f", "b98cff"),
    "desert": _palette("2e77ab", "f3bd86", "ffe8c4", "fffaea", "dd9866", "6e3420", "ffd08a"),
    "space": _palette("04030d", "160f33", "3b1f5c", "f4edff", "3a2a66", "06050f", "ff9a6b"),
    "forest": _palette("3b6d74", "93bda8", "eef3da", "fffbe0", "6d9a8a", "0f2a20", "f0b95a"),
}


@dataclass(frozen=True, slots=True)
class Mood:
    """What to paint. `subjects` are the figures asked for, the first the main one."""

    place: str
    light: str
    palette: Palette
    weather: frozenset[str]
    subjects: tuple[str, ...]
    light_named: bool


def read(prompt: str, rng: Random) -> Mood:
    """The mood of a prompt. What the words leave open, `rng` decides."""
    words = re.findall(r"[a-z]+", prompt.lower())
    lights = _named(_LIGHTS, words, prompt)
    places = _named(_PLACES, words, prompt) or _named(_HINTS, words, prompt)
    place = places[0] if places else rng.choice(["sea", "mountains", "forest", "meadow", "desert"])
    if lights:
        light = next((named for named in lights if named != "snow"), lights[0])  # snow lies in any light
    else:
        light = rng.choice(_FITTING.get(place, ("dusk", "sunset", "dawn", "day", "aurora")))
    palette = _PALETTES["neon" if place == "city" and light == "night" and chance(rng, 0.3) else light]
    return Mood(
        place,
        light,
        _shifted(palette, rng.uniform(-0.025, 0.025), dark=light in {"night", "aurora", "neon"} or place == "space"),
        frozenset(_named(_WEATHER, words, prompt)),
        tuple(_named(_SUBJECTS, words, prompt)),
        bool(lights),
    )


def _named(table: Mapping[str, str], words: Sequence[str], prompt: str) -> list[str]:
    """The entries of a table that a prompt names, in the order in which it names them."""
    found: list[tuple[int, str]] = []
    for name, known in table.items():
        at = [_place_of(each, words, prompt) for each in known.split()]
        first = min((position for position in at if position is not None), default=None)
        if first is not None:
            found.append((first, name))
    return [name for _, name in sorted(found)]


def _place_of(known: str, words: Sequence[str], prompt: str) -> int | None:
    if known.isascii():
        return words.index(known) if known in words else None
    at = prompt.find(known)
    return at if at >= 0 else None


def _shifted(palette: Palette, turn: float, *, dark: bool) -> Palette:
    """The same palette with every hue turned a little."""

    def turned(each: Colour) -> Colour:
        hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in each))
        red, green, blue = (round(part * 255) for part in colorsys.hls_to_rgb((hue + turn) % 1, light, saturation))
        return red, green, blue

    top, middle, horizon = (turned(each) for each in palette.sky)
    return Palette(
        (top, middle, horizon),
        turned(palette.light),
        turned(palette.far),
        turned(palette.near),
        turned(palette.accent),
        dark,
    )
