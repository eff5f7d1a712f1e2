"""What matters of a graph while it runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

STREAMING_CLASS = "SaveImageWebsocket"
"""The node class whose pictures come over the socket and are kept nowhere."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The nodes of a graph that will run; far smaller than the graph.

    `titles` holds them by id. `heavy` are those that take most of the time (samplers), `streams` those whose pictures
    come over the socket.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    heavy: frozenset[str] = frozenset()
    streams: frozenset[str] = frozenset()

    @classmethod
    def of(cls, graph: Mapping[str, Any], *, without: Collection[str] = ()) -> Plan:
        """The plan of a graph in API format, less the outputs that the server dropped.

        Which nodes are outputs only the server knows; here they are those that feed no other node. What is no node
        is skipped: a graph may come from the server's records, posted by anybody.
        """
        nodes = {id_: node for id_, node in graph.items() if isinstance(node, Mapping)}
        sources = {id_: tuple(_sources(node, nodes)) for id_, node in nodes.items()}
        feeding = {source for found in sources.values() for source in found}
        wanted = [id_ for id_ in nodes if id_ not in feeding] or list(nodes)
        wanted = [id_ for id_ in wanted if id_ not in without]
        needed: set[str] = set()
        while wanted:
            id_ = wanted.pop()
            if id_ not in needed:
                needed.add(id_)
                wanted.extend(sources[id_])
        kept = {id_: node for id_, node in nodes.items() if id_ in needed}
        return cls(
            titles={id_: title_of(node) for id_, node in kept.items()},
            heavy=frozenset(id_ for id_, node in kept.items() if _samples(node)),
            streams=frozenset(id_ for id_, node in kept.items() if node.get("class_type") == STREAMING_CLASS),
        )


def title_of(node: Mapping[str, Any]) -> str:
    """What ComfyUI's page calls a node of a graph in API format: its given title, else its class."""
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, Mapping) else None
    return str(title or node.get("class_type") or "")


def _sources(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> Iterator[str]:
    for value in _inputs(node).values():
        match value:
            case [str(source), int()] if source in nodes:
                yield source


def _samples(node: Mapping[str, Any]) -> bool:
    """Whether it takes steps, sigmas or noise and does not merely make them."""
    kind = str(node.get("class_type", "")).lower()
    makes = any(word in kind for word in ("schedul", "sigma", "noise"))
    return not makes and not _inputs(node).keys().isdisjoint({"steps", "sigmas", "noise"})


def _inputs(node: Mapping[str, Any]) -> Mapping[str, Any]:
    inputs = node.get("inputs")
    return inputs if isinstance(inputs, Mapping) else {}
