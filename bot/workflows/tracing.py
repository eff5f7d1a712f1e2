"""From an input back to the literal a person would change: through switches, primitives and text plumbing.

What a node does is read from its shape, that is the names of its inputs and which of them are linked, so that
nodes nobody has heard of are followed too. Everything here ends on cycles and on graphs of any length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.workflows.graph import Graph, Link, Node, Target

_T = TypeVar("_T")

_NOT_A_VALUE = re.compile(
    r"model|clip|vae|image|pixels|mask|latent|samples|sigmas|noise|guider|control_?net|vision|audio|video|bbox",
)
"""Names of inputs that carry neither text nor a number."""


def live_inputs(graph: Graph, node: Node) -> Mapping[str, Any]:
    """The inputs that matter as the graph is saved: of a switch only the branch it lets through.

    A switch has one input for true and one for false (ComfySwitchNode and its kin), a number that selects among
    numbered inputs, or inputs ``any_01``, ``any_02``... of which the first one counts.
    """
    links = dict(node.links())
    yes, no = (_only(name for name in node.inputs if word in name.lower()) for word in ("true", "false"))
    if yes and no and (flag := _only(name for name in node.inputs if name not in (yes, no))):
        match _literal(graph, node, flag):
            case bool(chosen):
                taken = yes if chosen else no
                return {taken: node.inputs[taken]}
    numbered = {int(found[1]): name for name in links if (found := re.search(r"(\d{1,6})$", name))}
    if links and len(numbered) == len(links):
        for name in ("select", "index", "Input"):
            match _literal(graph, node, name):
                case int(wanted) if not isinstance(wanted, bool) and wanted in numbered:
                    return {numbered[wanted]: links[numbered[wanted]]}
        if len(links) == len(node.inputs) and all(name.startswith("any_") for name in links):
            first = numbered[min(numbered)]
            return {first: links[first]}
    return node.inputs


def live_links(graph: Graph, node: Node) -> dict[str, Link]:
    """The links among the live inputs."""
    return {name: value for name, value in live_inputs(graph, node).items() if isinstance(value, Link)}


def is_number(value: object) -> bool:
    """Whether it is a JSON number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def trace_number(graph: Graph, target: Target) -> Target | Node | None:
    """The literal number behind an input. None: it is the size of a picture. A node: that one computes it."""
    seen = set()
    of_a_picture = False
    while target not in seen:
        seen.add(target)
        node = graph.nodes[target.node]
        value = node.inputs.get(target.input)
        if is_number(value):
            return target
        if not isinstance(value, Link):
            break
        node = graph.nodes[value.node]
        name = _number_input(live_inputs(graph, node), target.input)
        if name is None:
            break
        of_a_picture |= _NOT_A_VALUE.search(name.lower()) is not None
        target = Target(node.id, name)
    return None if of_a_picture else node


def _number_input(inputs: Mapping[str, Any], wanted: str) -> str | None:
    """Through which input a node's number came: the one of that name, or the only one it can be."""
    able = [name for name, value in inputs.items() if isinstance(value, Link) or is_number(value)]
    for name in (wanted, "value"):
        if name in able:
            return name
    if len(inputs) == 1:
        return _only(able)
    numbers = [name for name in able if not _NOT_A_VALUE.search(name.lower())]
    return numbers[0] if len(numbers) == 1 and isinstance(inputs[numbers[0]], Link) else None


@dataclass(frozen=True, slots=True)
class Text:
    """A text somebody may have written, in all the inputs that hold it. `about` is its node's title and class."""

    targets: tuple[Target, ...]
    value: str
    about: str


def trace_texts(graph: Graph, target: Target) -> tuple[Text, ...]:
    """The literal texts that an input is made of."""

    def names(node: Node) -> tuple[str, ...]:
        return _text_inputs(live_inputs(graph, node))

    def onward(node: Node) -> list[Link]:
        return [value for name in names(node) if isinstance(value := node.inputs[name], Link)]

    value = graph.value(target)
    if not isinstance(value, Link):
        return (_text(graph.nodes[target.node], (target.input,)),) if isinstance(value, str) else ()
    reached = {node.id: node for node, _ in graph.walk([value], onward)}
    return tuple(
        _text(node, group)
        for node in reached.values()
        for group in _set_together(tuple(name for name in names(node) if isinstance(node.inputs[name], str)))
    )


def _text(node: Node, names: tuple[str, ...]) -> Text:
    targets = tuple(Target(node.id, name) for name in names)
    return Text(targets, max((node.inputs[name] for name in names), key=len), f"{node.title} {node.class_type}")


_OF_THE_AUTHOR = re.compile(r"system|trigger|template|instruction|prefix|suffix", re.IGNORECASE)
_OF_A_PERSON = (re.compile(r"prompt", re.IGNORECASE), re.compile(r"\buser\b", re.IGNORECASE))


def likeliest(texts: tuple[Text, ...]) -> tuple[Text, bool]:
    """The one a person would change, and whether that is sure.

    Texts called system prompt, trigger words and the like are not; nor are empty ones beside others.
    """
    left = [text for text in texts if not _OF_THE_AUTHOR.search(text.about)] or list(texts)
    left = [text for text in left if text.value.strip()] or left
    for theirs in _OF_A_PERSON:
        left = [text for text in left if theirs.search(text.about)] or left
    return max(left, key=lambda text: len(text.value)), len(left) == 1


_TEXT_NAMES = ("text", "prompt", "user_prompt", "string", "value", "source")
_PARTS = re.compile(r"(text|string|str|prompt|input)_?([a-z]|\d+)")
_PLACEHOLDER = re.compile(r"\s*(\{.*\}|\[.*\]|<.*>|%.*%|__.*__|\$.*)\s*", re.DOTALL)


def _text_inputs(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """Through which inputs a node's text came."""
    able = {name: value for name, value in inputs.items() if isinstance(value, Link | str)}
    if "find" in able and "replace" in able:
        find = able["find"]
        if isinstance(find, str) and _PLACEHOLDER.fullmatch(find):
            return ("replace",)
    for name in _TEXT_NAMES:
        if name in able:
            return (name,)
    parts = [name for name in able if _PARTS.fullmatch(name)]
    if parts:
        return tuple(name for name in parts if isinstance(able[name], Link)) or tuple(parts)
    named = [name for name in able if re.search(r"(^|_)(text|prompt|string)(_|$)", name)]
    links = [name for name in named or able if isinstance(able[name], Link) and not _NOT_A_VALUE.search(name.lower())]
    if links or named:
        return tuple(links or named)
    only = _only(able)
    return (only,) if only else ()


def _set_together(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Inputs that each hold a part stand alone; those that hold one text in several forms are one group."""
    parts = tuple((name,) for name in names if _PARTS.fullmatch(name))
    rest = tuple(name for name in names if not _PARTS.fullmatch(name))
    return (*parts, rest) if rest else parts


def _literal(graph: Graph, node: Node, name: str) -> Any:
    """The literal that reaches an input straight or through nodes with one input; None otherwise."""
    value = node.inputs.get(name)
    seen = set()
    while isinstance(value, Link) and value not in seen:
        seen.add(value)
        value = _only(graph.nodes[value.node].inputs.values())
    return None if isinstance(value, Link) else value


def _only(items: Iterable[_T]) -> _T | None:
    """The one item there is, or None."""
    listed = list(items)
    return listed[0] if len(listed) == 1 else None
