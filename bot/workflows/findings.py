"""What is worth knowing about a workflow: doubts from discovery, and what a server has not.

A finding is shown like an error: `code` is the Fluent id, `details` its arguments. Nodes are named by id and title.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from bot.errors import kebab


@dataclass(frozen=True, slots=True)
class Finding:
    """The root of all findings."""

    @property
    def code(self) -> str:
        """Fluent message id: ``finding-`` and the class name in kebab case."""
        return f"finding-{kebab(type(self).__name__)}"

    @property
    def details(self) -> dict[str, object]:
        """The fields by name, as arguments for the text."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class Doubt(Finding):
    """Something discovery could not be sure of, about the role `role`. A manifest that places the role settles it."""

    role: str


@dataclass(frozen=True, slots=True)
class SeveralCandidates(Doubt):
    """`chosen` was taken of several inputs that might be meant; `others` are the rest."""

    chosen: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComputedValue(Doubt):
    """The graph works the value out in a way that is not understood, so nobody can set it."""

    node: str
    title: str


@dataclass(frozen=True, slots=True)
class NoPlace(Doubt):
    """A sampler runs, but no place was found for the role (prompt)."""


@dataclass(frozen=True, slots=True)
class FixedSize(Doubt):
    """A later node enlarges to a fixed size, whatever width and height somebody asks for."""

    node: str
    title: str


@dataclass(frozen=True, slots=True)
class InlinePicture(Doubt):
    """The node wants the picture itself as text, not a file on the server."""

    node: str
    title: str


@dataclass(frozen=True, slots=True)
class UncertainOutput(Doubt):
    """No node saves or shows pictures by its name; the ends of the graph were taken."""

    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewRoles(Finding):
    """A graph imported again has roles that its manifest, which was kept, does not mention. They hold all the same."""

    file: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MissingNode(Finding):
    """The server has no such class of node."""

    node: str
    title: str
    class_type: str
    nearest: str | None


@dataclass(frozen=True, slots=True)
class MissingChoice(Finding):
    """A model, sampler or other choice that the server has not; `nearest` is the one most like it."""

    node: str
    title: str
    input: str
    value: str
    nearest: str | None


@dataclass(frozen=True, slots=True)
class OutOfBounds(Finding):
    """A number that the server refuses."""

    node: str
    title: str
    input: str
    value: float
    minimum: float | None
    maximum: float | None


@dataclass(frozen=True, slots=True)
class MissingInput(Finding):
    """A required input that nothing feeds."""

    node: str
    title: str
    input: str


@dataclass(frozen=True, slots=True)
class WrongInput(Finding):
    """An input that is fed what it cannot take. `expected` and `got` are ComfyUI's types (``MODEL``)."""

    node: str
    title: str
    input: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class NotAnOutput(Finding):
    """The node is to give the result, but the server does not count its class as an output."""

    node: str
    title: str
    class_type: str
