from __future__ import annotations

from typing import Any

import pytest

from bot.grammar.parser import Menu, parse
from bot.grammar.request import Request
from bot.workflows.options import Kind, Option, Role

PROMPT = Option(Role.PROMPT, Kind.TEXT, (), required=True)
IMAGE = Option(Role.IMAGE, Kind.IMAGE, ("image",), required=True)


def side(name: str, flag: str, *, multiple_of: int = 8, maximum: int = 4096) -> Option:
    return Option(name, Kind.INTEGER, (flag, name), default=1024, minimum=64, maximum=maximum, multiple_of=multiple_of)


FLUX = (
    PROMPT,
    side("width", "w"),
    side("height", "h"),
    Option("seed", Kind.INTEGER, ("seed",), minimum=0, maximum=2**64 - 1),
    Option("steps", Kind.INTEGER, ("steps",), default=28, minimum=1, maximum=100),
    Option("guidance", Kind.NUMBER, ("guidance", "cfg"), default=3.5, minimum=0, maximum=30),
    Option("batch", Kind.INTEGER, ("n", "batch"), default=1, minimum=1, maximum=8),
)
SDXL = (
    *FLUX,
    Option("negative", Kind.TEXT, ("no", "negative")),
    Option("sampler", Kind.CHOICE, ("sampler",), default="euler", choices=("euler", "dpmpp_2m", "Heun Slow")),
    Option("lora", Kind.CHOICE, ("lora",)),
    Option("shift", Kind.NUMBER, ("shift",)),
    Option("clip_skip", Kind.INTEGER, ("clip",), maximum=0),
    Option("tiling", Kind.SWITCH, ("tiling",)),
)
DENOISE = Option("denoise", Kind.NUMBER, ("denoise",), default=0.6, minimum=0, maximum=1)


@pytest.fixture(scope="session")
def menu() -> Menu:
    return Menu(
        workflows={
            "flux": FLUX,
            "sdxl": SDXL,
            "sdxl-img2img": (*SDXL, DENOISE, IMAGE),
            "turbo": (
                PROMPT,
                side("width", "w", multiple_of=64, maximum=1024),
                side("height", "h", multiple_of=64, maximum=1024),
                Option("steps", Kind.INTEGER, ("steps",), default=4, minimum=1, maximum=8),
                Option("sampler", Kind.CHOICE, ("sampler",), choices=("lcm", "euler")),
            ),
            "upscale": (IMAGE,),
            "merge": (PROMPT, IMAGE, Option("second", Kind.IMAGE, ("second",), required=True)),
        },
        default="flux",
        default_with_image="sdxl-img2img",
    )


@pytest.fixture
def said(menu: Menu) -> Any:
    """What the grammar makes of a message, in the workflow that the test is about."""

    def say(text: str, workflow: str | None = None, *, images: int = 0) -> Request:
        return parse(f"{text} --workflow {workflow}" if workflow else text, menu, images=images)

    return say
