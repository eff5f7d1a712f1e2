"""Which node of a graph runs next, and which results of an earlier run still hold. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.standin.nodes import NodeClass
from bot.standin.queue import Graph


def is_link(value: object) -> bool:
    """Whether an input's value means another node's output: ``["4", 0]``."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)  # noqa: PLR2004


def signatures(graph: Graph, changes: Callable[[str], object]) -> dict[str, str]:
    """For each node a digest of its class, its inputs and all that feeds it: node ids do not matter.

    `changes` gives what else a node's result depends on (the bytes of a file).
    """
    found: dict[str, str] = {}

    def signature(node_id: str) -> str:
        if node_id not in found:
            found[node_id] = "a cycle"
            node = graph[node_id]
            parts: list[object] = [node["class_type"], changes(node_id)]
            for name, value in sorted(node.get("inputs", {}).items()):
                linked = is_link(value) and value[0] in graph
                parts.append((name, signature(value[0]), value[1]) if linked else (name, value))
            found[node_id] = hashlib.sha256(repr(parts).encode()).hexdigest()
        return found[node_id]

    for node_id in graph:
        signature(node_id)
    return found


class Schedule:
    """The nodes that the `outputs` need and that `cached` does not spare, as they become ready.

    In ComfyUI's order (seen in every transcript): nodes are noted from each output backwards, the input named last
    first; of those that are ready an output goes first, then what feeds an output, then what feeds that, then the
    one noted earliest.
    """

    def __init__(
        self,
        graph: Graph,
        outputs: Sequence[str],
        catalogue: Mapping[str, NodeClass],
        cached: Callable[[str], bool],
    ) -> None:
        self._graph = graph
        self._catalogue = catalogue
        self._needs: dict[str, set[str]] = {}
        for output in outputs:
            self._note(output, cached)
        self._feeds: dict[str, list[str]] = {node_id: [] for node_id in self._needs}
        for node_id, needed in self._needs.items():
            for source in needed:
                self._feeds[source].append(node_id)

    def _note(self, output: str, cached: Callable[[str], bool]) -> None:
        stack = [output]
        while stack:
            node_id = stack.pop()
            if node_id in self._needs:
                continue
            sources = [value[0] for value in self._graph[node_id]["inputs"].values() if is_link(value)]
            wanted = [source for source in sources if not cached(source)]
            self._needs[node_id] = set(wanted)
            stack += wanted

    def __iter__(self) -> Iterator[str]:
        """Each node once; taking the next one means that the one before is done."""
        waiting = {node_id: set(needed) for node_id, needed in self._needs.items()}
        while waiting:
            node_id = self._pick([known for known, needed in waiting.items() if not needed])
            yield node_id
            del waiting[node_id]
            for fed in self._feeds[node_id]:
                if fed in waiting:
                    waiting[fed].discard(node_id)

    def _pick(self, ready: Sequence[str]) -> str:
        def distance(node_id: str) -> int:
            if self._is_output(node_id):
                return 0
            if any(self._is_output(fed) for fed in self._feeds[node_id]):
                return 1
            if any(self._is_output(last) for fed in self._feeds[node_id] for last in self._feeds[fed]):
                return 2
            return 3

        return min(ready, key=distance)

    def _is_output(self, node_id: str) -> bool:
        return self._catalogue[self._graph[node_id]["class_type"]].output_node
