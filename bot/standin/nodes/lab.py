"""Nodes for tests: one that takes a known time, one that fails. The real test server has the same two."""

from __future__ import annotations

from typing import Any

from bot.standin.nodes.spec import Step, integer, link, node, number, traits
from bot.standin.nodes.values import Images

_SALT = integer(0, 0, 2**31)


@traits(title="LabSleep")
@node(
    "LabSleep",
    "lab",
    "IMAGE",
    image=link("IMAGE"),
    seconds=number(2.0, 0.0, 600.0),
    ticks=integer(10, 1, 1000),
    salt=_SALT,
)
async def _lab_sleep(step: Step, image: Images, seconds: float, ticks: int, **_rest: Any) -> tuple[Any, ...]:
    """It sleeps as long as it says, whatever the server's speed."""
    for tick in range(1, ticks + 1):
        await step.sleep(seconds / ticks)
        await step.tick(tick, ticks)
    return (image,)


@traits(title="LabFail")
@node("LabFail", "lab", "IMAGE", image=link("IMAGE"), salt=_SALT)
def _lab_fail(_: Step, **_rest: Any) -> tuple[Any, ...]:
    raise ValueError("lab failure on purpose")


NODES = (_lab_sleep, _lab_fail)
