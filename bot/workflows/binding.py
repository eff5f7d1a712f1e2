"""Values into a graph: on the parsed graph, never on text, so that whatever people type stays a string."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bot.workflows.errors import MissingPicture, MissingValue, UnknownOption
from bot.workflows.graph import Graph, Target
from bot.workflows.nearest import nearest
from bot.workflows.options import Kind, Role, Value
from bot.workflows.workflow import Workflow

NEW_SEEDS = 2**50
"""New seeds are below this: like those of ComfyUI's own page, exact in any language's numbers."""


class Random(Protocol):
    """Where new seeds come from; `random.Random` is one."""

    def randrange(self, stop: int, /) -> int:
        """An integer from 0 up to, not including, `stop`."""
        ...


def complete(workflow: Workflow, values: Mapping[str, Value], rng: Random) -> dict[str, Value]:
    """Everything a recipe holds: the given values made exact, a new seed unless one is given, defaults for the rest.

    Pictures are not values and stay out. Raises `UnknownOption`, `MissingValue` and what `Option.exact` raises.
    """
    _refuse_unknown(workflow, values, attached=False)
    whole: dict[str, Value] = {}
    for option in workflow.options:
        if option.kind is Kind.IMAGE:
            continue
        if option.name in values:
            whole[option.name] = option.exact(values[option.name])
        elif option.default is not None:
            whole[option.name] = option.default
        elif option.name == Role.SEED:
            whole[option.name] = rng.randrange(NEW_SEEDS)
        elif option.required:
            raise MissingValue(workflow.name, option.name)
    return whole


def bind(workflow: Workflow, values: Mapping[str, Value], images: Mapping[str, str] | None = None) -> Graph:
    """The graph to submit: `values` by option name, as `complete` gives them, and `images`, the server's file names.

    Every place of an option takes its value untouched; what is not given stays as it is in the graph, but for
    prompt, seed and pictures, which are never left to chance. Raises `UnknownOption`, `MissingValue`,
    `MissingPicture` and what `Option.exact` raises.
    """
    images = images or {}
    _refuse_unknown(workflow, values, attached=False)
    _refuse_unknown(workflow, images, attached=True)
    written: dict[Target, Any] = {}
    for option in workflow.options:
        given = images if option.kind is Kind.IMAGE else values
        if option.name in given:
            value = option.exact(given[option.name])
            written.update(dict.fromkeys(workflow.targets[option.name], value))
        elif option.kind is Kind.IMAGE and option.required:
            raise MissingPicture(workflow.name, option.name)
        elif option.required or option.name == Role.SEED:
            raise MissingValue(workflow.name, option.name)
    return workflow.graph.with_values(written)


def _refuse_unknown(workflow: Workflow, names: Mapping[str, Any], *, attached: bool) -> None:
    known = [option.name for option in workflow.options if (option.kind is Kind.IMAGE) is attached]
    for name in names:
        if name not in known:
            raise UnknownOption(workflow.name, name, nearest(name, known))
