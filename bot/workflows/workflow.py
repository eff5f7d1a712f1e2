"""A workflow ready to be used: its graph, where its values go, and what a person may set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.workflows.graph import Graph
from bot.workflows.options import Kind, Option, Role


@dataclass(frozen=True, slots=True)
class Target:
    """One literal input of one node: where a value is written."""

    node: str
    input: str

    def __str__(self) -> str:
        """As people write it: ``6.text``."""
        return f"{self.node}.{self.input}"


@dataclass(frozen=True, slots=True)
class Workflow:
    """A graph with its manifest applied.

    `targets` maps an option's name to every input that takes its value (one role may feed several).
    `outputs` are the ids of the nodes whose pictures are wanted, the final one first.
    `over_websocket`: an output arrives as a WebSocket frame and must not be lost with the socket.
    `adult`, `commands` and the rest are what the manifest says of it.
    """

    name: str
    title: str
    description: str
    graph: Graph
    options: tuple[Option, ...]
    targets: Mapping[str, tuple[Target, ...]]
    outputs: tuple[str, ...]
    over_websocket: bool = False
    command: str | None = None
    adult: bool = False
    warnings: tuple[str, ...] = ()

    def option(self, name: str) -> Option | None:
        """The option of that name, if the workflow has it."""
        return next((option for option in self.options if option.name == name), None)

    @property
    def images(self) -> tuple[Option, ...]:
        """The options that take a picture, in the order in which a person would attach them."""
        return tuple(option for option in self.options if option.kind is Kind.IMAGE)

    @property
    def takes_prompt(self) -> bool:
        """Whether there is a place for a prompt at all (an upscaler has none)."""
        return self.option(Role.PROMPT) is not None
