"""What a node is, told by the names of its inputs, and the ways through a graph that follow from it.

Names of classes matter only where nothing else tells: what saves or loads a picture, what zeroes conditioning out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from bot.workflows.graph import Graph, Link, Node, Target
from bot.workflows.tracing import is_number, live_inputs, live_links

Side = Literal["positive", "negative"]

RESULT_NODES = ("save|websocket", "preview", "compare|show|display")
"""Classes that give a result; those of a later kind count where there is none of an earlier."""
_RESULT = re.compile(r"image|picture|frames|video|audio|gif|mesh|3d", re.IGNORECASE)
_LOADS_PICTURE = re.compile(r"load_?\s?image(?!s?_?output)", re.IGNORECASE)

# Names of inputs that bring something else than what a walk is about.
_NOT_PICTURES = re.compile(
    r"model|clip|vae|cond|positive|negative|control|mask|style|sigmas|noise|guider|sampler|lora|vision|pipe|bbox"
)
_NOT_CONDITIONING = re.compile(
    r"model|clip|vae|image|pixels|mask|latent|samples|sigmas|noise|control|style|vision|audio|video|bbox"
)
_NOT_SIGMAS = re.compile(r"model|clip|vae|image|latent|samples|positive|negative|cond")
_NOT_A_MODEL = re.compile(r"model_|_model|clip|vae|image|mask|latent|patch|control")

_SEEDS = ("seed", "noise_seed")
_CFG = ("cfg", "cfg_conds", "guidance_scale", "cfg_scale")
_ENCODED = re.compile(r"text_[gl]|clip_[gl]|t5xxl|llama|bert|mt5xl|qwen25_7b")
"""The texts of encoders that take one for each text model; they are set together."""


def shows_results(node: Node) -> bool:
    """Whether it is fed what could be a result."""
    return any(_RESULT.search(name) for name, _ in node.links())


def is_sampler(node: Node) -> bool:
    """Whether it makes noise into a latent or picture, guided by conditioning."""
    links = dict(node.links())
    guided = "positive" in links or any("pipe" in name for name in links)
    return ("guider" in links and "sigmas" in links) or (guided and any(name in node.inputs for name in _SEEDS))


def picture_input(node: Node) -> Target | None:
    """Where a node that loads a picture holds its name."""
    if not _LOADS_PICTURE.search(node.class_type):
        return None
    names = [name for name, value in node.inputs.items() if isinstance(value, str) and name.startswith("image")]
    return Target(node.id, names[0]) if names else None


def size_inputs(node: Node) -> tuple[Target, Target] | None:
    """Width and height of a node that has both, under whatever prefix (``empty_latent_width``)."""
    for name, value in node.inputs.items():
        prefix = name.removesuffix("width")
        if prefix != name and f"{prefix}height" in node.inputs and (isinstance(value, Link) or is_number(value)):
            return Target(node.id, name), Target(node.id, f"{prefix}height")
    return None


def batch_input(node: Node) -> Target | None:
    """Where a latent's batch size stands; RepeatLatentBatch calls it ``amount``."""
    if "batch_size" in node.inputs:
        return Target(node.id, "batch_size")
    return Target(node.id, "amount") if set(node.inputs) == {"samples", "amount"} else None


def seed_input(graph: Graph, sampler: Node) -> Target | None:
    """The seed that makes the sampler's noise; None where it adds none."""
    if sampler.inputs.get("add_noise") in ("disable", False):
        return None
    noise = live_links(graph, sampler).get("noise")
    node = graph.nodes[noise.node] if noise else sampler
    return next((Target(node.id, name) for name in _SEEDS if name in node.inputs), None)


def schedule_input(graph: Graph, sampler: Node, name: str) -> Target | None:
    """An input of the sampler (``steps``), or of the scheduler that makes its sigmas."""
    if name in sampler.inputs:
        return Target(sampler.id, name)

    def onward(node: Node) -> list[Link]:
        return [link for name, link in live_links(graph, node).items() if not _NOT_SIGMAS.search(name.lower())]

    sigmas = [link for key, link in live_links(graph, sampler).items() if key == "sigmas"]
    return next((Target(node.id, name) for node, _ in graph.walk(sigmas, onward) if name in node.inputs), None)


def guidance_inputs(graph: Graph, samplers: list[Node]) -> list[Target]:
    """FluxGuidance and the like on the positive side, else cfg."""
    along = _conditioning(graph, samplers, "positive")
    distilled = [Target(node.id, "guidance") for node in along if "guidance" in node.inputs]
    guiders = [_guider(graph, sampler) for sampler in samplers]
    return distilled or [Target(g.id, name) for g in guiders for name in _CFG if name in g.inputs]


def text_inputs(graph: Graph, samplers: Iterable[Node], side: Side) -> list[Target]:
    """The inputs for text of the encoders on one side of the samplers' conditioning, each once."""
    along = _conditioning(graph, samplers, side)
    found = (Target(node.id, name) for node in along for name in _encoder_inputs(live_inputs(graph, node), side))
    return list(dict.fromkeys(found))


def upstream_pictures(
    graph: Graph, ends: Iterable[Node], until: Callable[[Node], bool] = lambda _: False
) -> Iterator[Node]:
    """The nodes that make the pictures or latents of `ends`, each once; not beyond one that `until` holds for."""
    starts = [link for end in ends for link in _picture_links(graph, end)]
    walk = graph.walk(starts, lambda node: [] if until(node) else _picture_links(graph, node))
    seen: set[str] = set()
    for node, _ in walk:
        if node.id not in seen:
            seen.add(node.id)
            yield node


def upstream_models(graph: Graph, samplers: Iterable[Node]) -> Iterator[Node]:
    """The nodes that make the samplers' diffusion models, loaders last."""
    starts = [link for sampler in samplers for link in _model_links(graph, _guider(graph, sampler))]
    return (node for node, _ in graph.walk(starts, lambda node: _model_links(graph, node)))


def _picture_links(graph: Graph, node: Node) -> list[Link]:
    return [link for name, link in live_links(graph, node).items() if not _NOT_PICTURES.search(name.lower())]


def _model_links(graph: Graph, node: Node) -> list[Link]:
    links = live_links(graph, node)
    if "model" in links:
        return [links["model"]]
    return [link for name, link in links.items() if not _NOT_A_MODEL.search(name.lower())]


def _guider(graph: Graph, sampler: Node) -> Node:
    """The node that has the sampler's conditioning, model and cfg: its guider, or itself."""
    guider = live_links(graph, sampler).get("guider")
    return graph.nodes[guider.node] if guider else sampler


def _conditioning(graph: Graph, samplers: Iterable[Node], side: Side) -> Iterator[Node]:
    """The nodes along one side's conditioning, up to the encoders; nothing behind one that zeroes it out."""

    def onward(node: Node) -> list[Link]:
        zeroed = "zeroout" in node.class_type.lower()
        return [] if zeroed or _encoder_inputs(live_inputs(graph, node), side) else _side_links(graph, node, side)

    starts = [link for sampler in samplers for link in _side_links(graph, _guider(graph, sampler), side)]
    return (node for node, _ in graph.walk(starts, onward))


def _side_links(graph: Graph, node: Node, side: Side) -> list[Link]:
    """Where a node's conditioning of that side comes from."""
    links = live_links(graph, node)
    for name in (side, "cond1"):
        if name in links:
            return [links[name]]
    if "positive" in links:
        return []
    for word in ("cond", "pipe"):
        if named := [link for name, link in links.items() if word in name]:
            return named
    return [link for name, link in links.items() if not _NOT_CONDITIONING.search(name.lower())]


def _encoder_inputs(inputs: Mapping[str, Any], side: Side) -> tuple[str, ...]:
    """The inputs for text of a node that makes conditioning; none for one that only passes it on."""
    if isinstance(inputs.get(side), str):
        return (side,)
    if any(isinstance(value, Link) and (name == side or name.startswith("cond")) for name, value in inputs.items()):
        return ()
    texts = [name for name, value in inputs.items() if isinstance(value, str | Link)]
    for name in ("text", "prompt", "user_prompt", f"{side}_prompt"):
        if name in texts:
            return (name,)
    return tuple(name for name in texts if _ENCODED.fullmatch(name))
