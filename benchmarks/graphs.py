"""The graph that the measures run: no sampler, so that the stand-in's own work is small."""

from __future__ import annotations

import itertools
import json
from typing import Any

from bot.workflows.graph import Graph
from bot.workflows.options import Kind, Option, Role
from bot.workflows.workflow import Target, Workflow

_colors = itertools.count(1)


def next_color() -> int:
    """One that was not used yet: another `color` is another picture, so that nothing is cached."""
    return next(_colors)


def tiny(color: int) -> dict[str, Any]:
    """One flat picture, saved."""
    return {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 16, "height": 16, "batch_size": 1, "color": color}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "bench"}},
    }


TINY = Workflow(
    name="tiny",
    title="Tiny",
    description="",
    graph=Graph.parse(json.dumps(tiny(0))),
    options=(Option(Role.SEED, Kind.INTEGER, ("seed",), minimum=0),),
    targets={Role.SEED: (Target("1", "color"),)},
    outputs=("2",),
)
"""The same as a workflow, whose seed is the colour."""
