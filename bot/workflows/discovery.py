"""Where a graph's values go: found by walking links backwards from its outputs.

From an output over pictures and latents back to the samplers that make it; from each sampler along its conditioning
to the literal text, along its latent to the size, to its seed, steps and guidance. A sampler that only prepares a
control picture is not on that way, nor is a text that only a preview shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.workflows.findings import (
    ComputedValue,
    Doubt,
    FixedSize,
    InlinePicture,
    NoPlace,
    SeveralCandidates,
    UncertainOutput,
)
from bot.workflows.graph import Graph, Link, Node, Target
from bot.workflows.options import Role
from bot.workflows.shapes import (
    RESULT_NODES,
    batch_input,
    guidance_inputs,
    is_sampler,
    picture_input,
    schedule_input,
    seed_input,
    shows_results,
    size_inputs,
    text_inputs,
    upstream_models,
    upstream_pictures,
)
from bot.workflows.tracing import likeliest, live_links, trace_number, trace_texts

_MODEL_NAMES = {
    "ckpt_name": Role.MODEL,
    "unet_name": Role.MODEL,
    "model_name": Role.MODEL,
    "lora_name": Role.LORA,
}


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found. `targets` is by role, in all but ``image`` and ``mask`` to be set together, the main one first.

    `outputs` are the nodes that give results, the final one first; where something is saved, previews are left out.
    """

    targets: Mapping[Role, tuple[Target, ...]]
    outputs: tuple[str, ...]
    warnings: tuple[Doubt, ...] = ()


def discover(graph: Graph) -> Discovery:
    """Find the roles of any graph. Total: an odd graph gives few roles and warnings, never an exception."""
    return _Finder(graph).find()


@dataclass(slots=True)
class _Finder:
    graph: Graph
    targets: dict[Role, list[Target]] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)

    def find(self) -> Discovery:
        outputs = self._outputs()
        ends = [self.graph.nodes[output] for output in outputs]
        samplers = [node for node in upstream_pictures(self.graph, ends) if is_sampler(node)]
        if samplers:
            self._generation(samplers[::-1])
        else:
            self._size(ends)
        self._pictures(outputs)
        targets = {role: tuple(dict.fromkeys(self.targets[role])) for role in Role if self.targets.get(role)}
        return Discovery(targets, outputs, tuple(dict.fromkeys(self.doubts)))

    def _outputs(self) -> tuple[str, ...]:
        nodes = [node for node in self.graph.nodes.values() if shows_results(node)]
        kinds = ([n for n in nodes if re.search(kind, n.class_type, re.IGNORECASE)] for kind in RESULT_NODES)
        found = next(filter(None, kinds), [])
        if not found:
            fed = {link.node for node in self.graph.nodes.values() for _, link in node.links()}
            found = [node for node in nodes if node.id not in fed]
            if found:
                self.doubts.append(UncertainOutput(Role.OUTPUT, tuple(node.id for node in found)))
        depths = self.graph.depths()
        return tuple(node.id for node in sorted(found, key=lambda node: -depths[node.id]))

    def _generation(self, samplers: list[Node]) -> None:
        """The roles of one generation by `samplers`, in the order in which they run."""
        # One that reads no text makes no picture somebody asked for (Lotus estimates depth).
        samplers = [node for node in samplers if text_inputs(self.graph, [node], "positive")]
        # One that takes a picture only touches it up (FaceDetailer), unless there is no other.
        main = [node for node in samplers if "image" not in node.inputs] or samplers
        for target in text_inputs(self.graph, main, "positive"):
            self._text(Role.PROMPT, target)
        if not self.targets.get(Role.PROMPT):
            self.doubts.append(NoPlace(Role.PROMPT))
            return
        for target in text_inputs(self.graph, main, "negative"):
            self._text(Role.NEGATIVE, target)
        self._number(Role.SEED, *(seed_input(self.graph, node) for node in samplers))
        self._number(Role.STEPS, *(schedule_input(self.graph, node, "steps") for node in main))
        self._number(Role.GUIDANCE, *guidance_inputs(self.graph, main))
        self._denoise(main)
        self._model(main)
        for node in main:
            self._size([node])
            self._batch(node)

    def _text(self, role: Role, target: Target) -> None:
        texts = trace_texts(self.graph, target)
        if not texts:
            node = self.graph.nodes[target.node]
            self.doubts.append(ComputedValue(role, node.id, node.title))
            return
        text, sure = likeliest(texts)
        if role is not Role.PROMPT and set(text.targets) & set(self.targets[Role.PROMPT]):
            return  # both sides read one text, as with a guider that has no negative side
        self._add(role, *text.targets)
        if not sure:
            others = tuple(str(target) for other in texts if other is not text for target in other.targets)
            self.doubts.append(SeveralCandidates(role, str(text.targets[0]), others))

    def _number(self, role: Role, *inputs: Target | None) -> None:
        for target in filter(None, inputs):
            match trace_number(self.graph, target):
                case Target() as literal:
                    self._add(role, literal)
                case Node() as source:
                    self.doubts.append(ComputedValue(role, source.id, source.title))

    def _denoise(self, samplers: list[Node]) -> None:
        """Of the last stages only: one before them starts from nothing and must run in full."""
        able = [node for node in samplers if schedule_input(self.graph, node, "denoise")]
        before = {node.id for node in upstream_pictures(self.graph, able)}
        last = [node for node in able if node.id not in before] or able
        self._number(Role.DENOISE, *(schedule_input(self.graph, node, "denoise") for node in last))

    def _model(self, samplers: list[Node]) -> None:
        """The one model and the one LoRA; where there are several, which one is meant is for a person to say."""
        found: dict[Role, dict[Target, None]] = {Role.MODEL: {}, Role.LORA: {}}
        for node in upstream_models(self.graph, samplers):
            for name, role in _MODEL_NAMES.items():
                if isinstance(node.inputs.get(name), str):
                    found[role][Target(node.id, name)] = None
        for role, places in found.items():
            if len(places) == 1:
                self._add(role, *places)

    def _size(self, ends: list[Node]) -> None:
        """The size of what reaches `ends`. Where a sampler made that, the sampler's own size is the one."""
        sized: list[tuple[Target, Target]] = []
        for node in upstream_pictures(self.graph, ends, until=lambda node: is_sampler(node) or bool(size_inputs(node))):
            size = size_inputs(node)
            if size is None or is_sampler(node):
                continue
            if any(map(is_sampler, upstream_pictures(self.graph, [node]))):
                self.doubts.append(FixedSize(Role.WIDTH, node.id, node.title))
            else:
                sized.append(size)
        if sized:
            self._number(Role.WIDTH, sized[0][0])
            self._number(Role.HEIGHT, sized[0][1])
        if len(sized) > 1:
            chosen, *others = (str(width) for width, _ in sized)
            self.doubts.append(SeveralCandidates(Role.WIDTH, chosen, tuple(others)))

    def _batch(self, sampler: Node) -> None:
        nodes = upstream_pictures(self.graph, [sampler], until=is_sampler)
        self._number(Role.BATCH, next(filter(None, map(batch_input, nodes)), None))

    def _pictures(self, outputs: tuple[str, ...]) -> None:
        """The pictures that go in, in the order in which the graph takes them up, final output first."""
        pictures: dict[Target, None] = {}
        masks: dict[Target, None] = {}
        only_masking: dict[Target, None] = {}
        stack = [(Link(output, 0), False) for output in reversed(outputs)]
        seen = set()
        while stack:
            link, as_mask = step = stack.pop()
            if step in seen:
                continue
            seen.add(step)
            node = self.graph.nodes[link.node]
            if place := picture_input(node):
                is_mask = link.slot == 1 or "mask" in node.class_type.lower()
                (masks if is_mask else only_masking if as_mask else pictures)[place] = None
            feeds = live_links(self.graph, node).items()
            stack += [(feed, as_mask or "mask" in name.lower()) for name, feed in reversed(feeds)]
        self._add(Role.IMAGE, *pictures)
        self._add(Role.MASK, *masks, *(place for place in only_masking if place not in pictures))
        for place in (*pictures, *masks, *only_masking):
            node = self.graph.nodes[place.node]
            if "base64" in place.input.lower() or "base64" in node.class_type.lower():
                self.doubts.append(InlinePicture(Role.IMAGE, node.id, node.title))

    def _add(self, role: Role, *targets: Target) -> None:
        self.targets.setdefault(role, []).extend(targets)
