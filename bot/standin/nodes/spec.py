"""What a node class is: its inputs and outputs as `/object_info` tells them, and what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias

from bot.standin.folders import Folders
from bot.standin.settings import Settings


@dataclass(frozen=True, slots=True)
class Input:
    """One input. `type` is INT, FLOAT, STRING, BOOLEAN, COMBO, ``*`` or the type of a link (MODEL, IMAGE...).

    `choices` gives a COMBO's values, which may depend on the files the server has.
    """

    type: str
    options: Mapping[str, Any] = field(default_factory=dict)
    choices: Callable[[Folders], list[str]] | None = None
    optional: bool = False

    def config(self, folders: Folders, *, listed: bool) -> list[Any]:
        """As in `/object_info`: ``["INT", {...}]``; a COMBO as a plain list of values, or (`listed` false) by name."""
        if self.choices is None:
            return [self.type, dict(self.options)] if self.options or not listed else [self.type]
        values = self.choices(folders)
        if listed:
            return [values, dict(self.options)] if self.options else [values]
        return ["COMBO", {"multiselect": False, "options": values, **self.options}]


@dataclass(frozen=True, slots=True)
class Result:
    """What a run of a node gave: a value for each output, and what it shows (``{"images": [...]}``)."""

    values: tuple[Any, ...] = ()
    ui: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture that goes out while a node runs. `format` is JPEG or PNG."""

    format: str
    data: bytes


class Step(Protocol):
    """One run of one node, as the node sees it."""

    @property
    def settings(self) -> Settings:
        """The server's."""

    @property
    def folders(self) -> Folders:
        """The server's files and models."""

    @property
    def texts(self) -> Mapping[str, str]:
        """The text chunks of a saved PNG: the graph under `prompt`, and what the client added."""

    @property
    def temp_prefix(self) -> str:
        """The file name prefix of previews."""

    @property
    def previews(self) -> bool:
        """Whether preview frames are wanted."""

    async def sleep(self, seconds: float) -> None:
        """Take that long."""

    async def tick(self, value: int, total: int, frame: Frame | None = None) -> None:
        """Report progress, and a picture with it. Raises Interrupted if the prompt was interrupted."""


Run: TypeAlias = Callable[..., Awaitable[Result | tuple[Any, ...]] | Result | tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class NodeClass:
    """One class of nodes.

    `run` is called with the Step and the inputs by name. `heavy`: in a thread, so that the loop goes on.
    `output_node`: it is an end of the graph. `changes` gives what besides its inputs decides whether a cached
    result still holds. `check` judges an input that only the node understands: None, or what is wrong.
    `newer`: declared in ComfyUI's newer way, which `/object_info` shows in how it lists choices.
    """

    name: str
    category: str
    outputs: tuple[str, ...]
    inputs: Mapping[str, Input]
    run: Run
    title: str | None = None
    output_names: tuple[str, ...] | None = None
    output_node: bool = False
    heavy: bool = False
    newer: bool = False
    changes: Callable[[Folders, Mapping[str, Any]], object] | None = None
    check: Mapping[str, Callable[[Folders, Any], str | None]] = field(default_factory=dict)

    def info(self, folders: Folders) -> dict[str, Any]:
        """The entry in `/object_info`."""
        groups: dict[str, dict[str, Any]] = {"required": {}}
        for name, given in self.inputs.items():
            group = groups.setdefault("optional" if given.optional else "required", {})
            group[name] = given.config(folders, listed=not self.newer)
        return {
            "input": groups,
            "input_order": {group: list(names) for group, names in groups.items()},
            "output": list(self.outputs),
            "output_is_list": [False] * len(self.outputs),
            "output_name": list(self.output_names or self.outputs),
            "name": self.name,
            "display_name": self.title,
            "description": "",
            "python_module": "nodes",
            "category": self.category,
            "output_node": self.output_node,
        }


def node(name: str, category: str, outputs: str = "", /, **inputs: Input) -> Callable[[Run], NodeClass]:
    """Declare a node class around the function that runs it. `outputs` are its types, by spaces."""
    return lambda run: NodeClass(name, category, tuple(outputs.split()), inputs, run)


def traits(**changed: Any) -> Callable[[NodeClass], NodeClass]:
    """The other fields of a node class, laid over what `node` declared."""
    return lambda declared: replace(declared, **changed)


def link(kind: str) -> Input:
    """An input that another node feeds."""
    return Input(kind)


def integer(default: int, low: int, high: int, step: int | None = None) -> Input:
    """A whole number with its bounds."""
    return Input("INT", _options(default=default, min=low, max=high, step=step))


def number(default: float, low: float, high: float, step: float = 0.01) -> Input:
    """A number with its bounds."""
    return Input("FLOAT", {"default": default, "min": low, "max": high, "step": step})


def text(default: str | None = None, *, multiline: bool = False) -> Input:
    """A string."""
    return Input("STRING", _options(default=default, multiline=multiline or None))


def switch(*, default: bool) -> Input:
    """True or false."""
    return Input("BOOLEAN", {"default": default})


def choice(*values: str, default: str | None = None) -> Input:
    """One of these."""
    return Input("COMBO", _options(default=default), choices=lambda _: list(values))


def file(folder: str, *extra: str) -> Input:
    """A model file of that folder, or one of the `extra` names."""
    return Input("COMBO", choices=lambda folders: [*folders.choices(folder), *extra])


def picture() -> Input:
    """A file in the input folder."""
    return Input("COMBO", {"image_upload": True}, choices=lambda folders: folders.inputs())


def optional(given: Input) -> Input:
    """That input, which may be missing."""
    return Input(given.type, given.options, given.choices, optional=True)


def _options(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


SEED = Input("INT", {"default": 0, "min": 0, "max": 2**64 - 1, "control_after_generate": True})
SIZE = 16384
