"""What can be wrong with a workflow's files, and with the values somebody wants in it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import EaselError


@dataclass(eq=False)
class NotAGraph(EaselError):
    """The file holds no graph. `seems`: ``empty``, ``not-json``, ``picture``, ``request``, ``list`` or ``other``."""

    file: str
    seems: str


@dataclass(eq=False)
class NotANode(EaselError):
    """Something in the graph has no ``class_type``, or inputs that are no object. `node` is its id."""

    file: str
    node: str


@dataclass(eq=False)
class UiFormat(EaselError):
    """The file was saved with ComfyUI's plain Save, for its own editor; a server cannot run it."""

    file: str


@dataclass(eq=False)
class UnreadableFile(EaselError):
    """The operating system would not let us read it. `reason` in its own words."""

    file: str
    reason: str


@dataclass(eq=False)
class UnwritableFolder(EaselError):
    """Nothing could be written there. `reason` in the operating system's words."""

    folder: str
    reason: str


@dataclass(eq=False)
class NotToml(EaselError):
    """A manifest with a slip of syntax. `reason` is the parser's, with line and column."""

    file: str
    reason: str


@dataclass(eq=False)
class UnknownManifestKey(EaselError):
    """`key` is the path (``options.width.minimun``), `nearest` the last part as it was perhaps meant."""

    file: str
    key: str
    nearest: str | None


@dataclass(eq=False)
class WrongManifestValue(EaselError):
    """A value of the wrong type or form at the path `key`.

    `expected`: ``text``, ``whole-number``, ``number``, ``switch``, ``list``, ``table``, ``kind``, ``command``,
    ``flag``, ``languages`` or ``default``.
    """

    file: str
    key: str
    value: str
    expected: str


@dataclass(eq=False)
class NoSuchInput(EaselError):
    """The manifest names an input (``6.txt``) or an output node that the graph has not."""

    file: str
    key: str
    value: str
    nearest: str | None


@dataclass(eq=False)
class OptionLeadsNowhere(EaselError):
    """The manifest describes an option that no role places in the graph."""

    file: str
    option: str
    nearest: str | None


@dataclass(eq=False)
class FlagTaken(EaselError):
    """Two options want one flag, or an option wants one that belongs to every workflow (``size``)."""

    file: str
    option: str
    flag: str


@dataclass(eq=False)
class NoOutput(EaselError):
    """Nothing in the graph saves or sends a result."""

    file: str


@dataclass(eq=False)
class ManifestWithoutGraph(EaselError):
    """A manifest with no graph of the same name beside it. `wanted` is that graph's file name."""

    file: str
    wanted: str


@dataclass(eq=False)
class CommandTaken(EaselError):
    """Two workflows want one command; `other` has it."""

    file: str
    command: str
    other: str


@dataclass(eq=False)
class NoSuchWorkflow(EaselError):
    """Asked for by name, and not there."""

    name: str
    nearest: str | None


@dataclass(eq=False)
class UnknownOption(EaselError):
    """The workflow has no such option."""

    workflow: str
    option: str
    nearest: str | None


@dataclass(eq=False)
class MissingValue(EaselError):
    """An option that must be given (the prompt, mostly) was not."""

    workflow: str
    option: str


@dataclass(eq=False)
class MissingPicture(EaselError):
    """The workflow works on a picture, and none came with the request."""

    workflow: str
    option: str


@dataclass(eq=False)
class WrongValueKind(EaselError):
    """A value that cannot stand there. `kind` is the option's, as in `bot.workflows.options.Kind`."""

    option: str
    value: str
    kind: str


@dataclass(eq=False)
class ValueOutOfBounds(EaselError):
    """A number below `minimum` or above `maximum`; either may be None."""

    option: str
    value: float
    minimum: float | None
    maximum: float | None


@dataclass(eq=False)
class ValueNotAChoice(EaselError):
    """Not one of `choices`."""

    option: str
    value: str
    choices: tuple[str, ...]
    nearest: str | None
