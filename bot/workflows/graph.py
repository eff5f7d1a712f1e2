"""A ComfyUI graph in API format, parsed.

The format, as ComfyUI 0.3.75 and 0.28 export and accept it: an object of nodes by id, each with ``class_type``,
``inputs`` and, for people, ``_meta.title``. A list of an existing node's id and an output's index is a link, any
other value a literal; a literal list is wrapped as ``{"__value__": [...]}``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from bot.workflows.errors import NotAGraph, NotANode, UiFormat


@dataclass(frozen=True, slots=True)
class Target:
    """One literal input of one node: where a value is written."""

    node: str
    input: str

    def __str__(self) -> str:
        """As people write it: ``6.text``."""
        return f"{self.node}.{self.input}"


@dataclass(frozen=True, slots=True)
class Link:
    """An input that is fed by output `slot` of `node`."""

    node: str
    slot: int


@dataclass(frozen=True, slots=True)
class Node:
    """One node. An input is a `Link` or a literal JSON value. Ids may be a subgraph's: ``12:3``.

    `rest` is what else the export said of it (``_meta``), kept so that `Graph.api` gives it back.
    """

    id: str
    class_type: str
    title: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    rest: Mapping[str, Any] = field(default_factory=dict)

    def links(self) -> Iterator[tuple[str, Link]]:
        """The inputs that are fed by other nodes."""
        return ((name, value) for name, value in self.inputs.items() if isinstance(value, Link))


Onward = Callable[[Node], Iterable[Link]]
"""Which links a walk follows from a node."""


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes by id, in the order of the file. Every `Link` in it leads to a node of it."""

    nodes: Mapping[str, Node]

    @classmethod
    def parse(cls, data: bytes | str, file: str = "workflow.json") -> Graph:
        """Read an exported graph. `file` is the name that errors show.

        Raises `NotAGraph`, `NotANode`, or `UiFormat` for a file that ComfyUI's plain Save wrote.
        """
        document = _load(data, file)
        _refuse_others(document, file)
        for node_id, value in document.items():
            if not (isinstance(value, dict) and isinstance(value.get("class_type"), str)):
                raise NotANode(file, node_id)
            if not isinstance(value.get("inputs", {}), dict):
                raise NotANode(file, node_id)
        return cls({node_id: _node(node_id, value, document) for node_id, value in document.items()})

    def api(self) -> dict[str, Any]:
        """The graph as ``POST /prompt`` takes it: fresh, and equal to what was parsed."""
        return {
            node.id: {
                "inputs": {name: _json(value) for name, value in node.inputs.items()},
                "class_type": node.class_type,
                **deepcopy(dict(node.rest)),
            }
            for node in self.nodes.values()
        }

    def value(self, target: Target) -> Any:
        """What stands at that input: a literal or a `Link`; None where there is no such input."""
        node = self.nodes.get(target.node)
        return None if node is None else node.inputs.get(target.input)

    def with_values(self, values: Mapping[Target, Any]) -> Graph:
        """The graph with literals written, a link there being replaced. Raises KeyError for a node it has not."""
        nodes = dict(self.nodes)
        for target, value in values.items():
            node = nodes[target.node]
            nodes[target.node] = replace(node, inputs={**node.inputs, target.input: value})
        return Graph(nodes)

    def walk(self, starts: Iterable[Link], onward: Onward) -> Iterator[tuple[Node, Link]]:
        """Every node reached upstream, with the link it was first reached by; the first input's side first.

        Ends on cycles and needs no recursion, so that length is no limit.
        """
        stack = list(starts)[::-1]
        seen: set[Link] = set()
        while stack:
            link = stack.pop()
            if link in seen:
                continue
            seen.add(link)
            node = self.nodes[link.node]
            yield node, link
            stack.extend(list(onward(node))[::-1])

    def ancestors(self, ids: Iterable[str]) -> set[str]:
        """Those nodes and everything that feeds them."""
        return {node.id for node, _ in self.walk((Link(node_id, 0) for node_id in ids), _every_link)}

    def depths(self) -> dict[str, int]:
        """By node, how many nodes stand before it on the longest way; a link that closes a circle is not counted."""
        depths: dict[str, int] = {}
        begun: set[str] = set()
        for node_id in self.nodes:
            stack = [node_id]
            while stack:
                node = self.nodes[stack[-1]]
                feeds = [link.node for _, link in node.links()]
                ahead = [] if node.id in begun else [feed for feed in feeds if feed not in begun]
                begun.add(node.id)
                if ahead:
                    stack.extend(ahead)
                else:
                    stack.pop()
                    depths[node.id] = 1 + max((depths.get(feed, 0) for feed in feeds), default=-1)
        return depths


def _every_link(node: Node) -> Iterator[Link]:
    return (link for _, link in node.links())


def _load(data: bytes | str, file: str) -> Any:
    head = data[:16].encode(errors="replace") if isinstance(data, str) else data[:16]
    if not data.strip():
        raise NotAGraph(file, "empty")
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8")):
        raise NotAGraph(file, "picture")
    try:
        return json.loads(data.removeprefix("\ufeff") if isinstance(data, str) else data)
    except (ValueError, RecursionError):
        raise NotAGraph(file, "not-json") from None


def _refuse_others(document: Any, file: str) -> None:
    """Raise for JSON that is something else, saying what it seems to be."""
    if not isinstance(document, dict):
        raise NotAGraph(file, "list" if isinstance(document, list) else "other")
    if not document:
        raise NotAGraph(file, "empty")
    if isinstance(document.get("nodes"), list):
        raise UiFormat(file)
    if _has_nodes(document.get("prompt")):
        raise NotAGraph(file, "request")
    if not _has_nodes(document):
        raise NotAGraph(file, "other")


def _has_nodes(document: Any) -> bool:
    return isinstance(document, dict) and any(isinstance(v, dict) and "class_type" in v for v in document.values())


def _node(node_id: str, value: dict[str, Any], document: Mapping[str, Any]) -> Node:
    meta = value.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else None
    return Node(
        id=node_id,
        class_type=value["class_type"],
        title=title if isinstance(title, str) and title.strip() else value["class_type"],
        inputs={name: _input(item, document) for name, item in value.get("inputs", {}).items()},
        rest={name: item for name, item in value.items() if name not in ("inputs", "class_type")},
    )


def _input(value: Any, document: Mapping[str, Any]) -> Any:
    match value:
        case [str(node), int(slot)] if not isinstance(slot, bool) and node in document:
            return Link(node, slot)
    return value


def _json(value: Any) -> Any:
    return [value.node, value.slot] if isinstance(value, Link) else deepcopy(value)
