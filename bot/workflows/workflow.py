"""A workflow ready to be used: its graph, where its values go, and what a person may set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.workflows.findings import Finding
from bot.workflows.graph import Graph, Target
from bot.workflows.options import Kind, Option

__all__ = ["Target", "Workflow"]


@dataclass(frozen=True, slots=True)
class Workflow:
    """A graph with its manifest applied.

    `targets` maps an option's name to every input that takes its value (one role may feed several).
    `outputs` are the ids of the nodes whose pictures are wanted, the final one first.
    `over_websocket`: an output arrives as a WebSocket frame and must not be lost with the socket.
    `adult`, `command` and the rest are what the manifest says of it. `translations` holds, by language, the
    ``title``, the ``description`` and the help of options by ``options.NAME``.
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
    warnings: tuple[Finding, ...] = ()
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def option(self, name: str) -> Option | None:
        """The option of that name, if the workflow has it."""
        return next((option for option in self.options if option.name == name), None)

    @property
    def images(self) -> tuple[Option, ...]:
        """The options that take a picture, in the order in which a person would attach them."""
        return tuple(option for option in self.options if option.kind is Kind.IMAGE)

    def title_in(self, language: str) -> str:
        """The title in that language, or in English."""
        return self.in_language(language).title

    def in_language(self, language: str) -> Workflow:
        """The same with its own words in that language (``zh-CN``), as far as the manifest has them."""
        texts = self.translations.get(language, {})
        return replace(
            self,
            title=texts.get("title", self.title),
            description=texts.get("description", self.description),
            options=tuple(replace(o, help=texts.get(f"options.{o.name}", o.help)) for o in self.options),
        )
