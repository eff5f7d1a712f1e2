"""What can go wrong before a server has the task."""

from __future__ import annotations

from dataclasses import dataclass, fields

from bot.errors import EaselError, kebab
from bot.workflows.findings import Finding


@dataclass(frozen=True, slots=True)
class Unfit:
    """The root of the reasons why some servers cannot run a task. Shown like an error; names the servers."""

    servers: tuple[str, ...]

    @property
    def code(self) -> str:
        """Fluent message id: ``unfit-`` and the class name in kebab case."""
        return f"unfit-{kebab(type(self).__name__)}"

    @property
    def details(self) -> dict[str, object]:
        """The fields by name, as arguments for the text."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Lacking(Unfit):
    """They lack nodes or models, or would not take the workflow as it is."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class KeptForOthers(Unfit):
    """Their settings keep them for other workflows or other tags."""


@dataclass(eq=False)
class NoServer(EaselError):
    """The settings name no server."""


@dataclass(eq=False)
class NobodyCan(EaselError):
    """No server can run the workflow, and none is away that might: waiting would not help."""

    workflow: str
    reasons: tuple[Unfit, ...]


@dataclass(eq=False)
class PoolFull(EaselError):
    """Every server that could run it has as many waiting tasks as its settings allow: `limit` on all of them."""

    limit: int
