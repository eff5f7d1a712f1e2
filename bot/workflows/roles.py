"""The standard roles: how each is offered to people. One table, so that every workflow speaks the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.workflows.options import Kind, Role

RESERVED_FLAGS = frozenset({"ar", "size", "workflow", "wf"})
"""Flags of the grammar itself, for every workflow."""

MAX_SEED = 2**64 - 1
"""The largest seed that ComfyUI takes."""


@dataclass(frozen=True, slots=True)
class Standard:
    """How a role becomes an option, unless the manifest says otherwise.

    `from_graph`: the default is what stands in the graph. Else there is none: it is asked for, attached or made.
    """

    kind: Kind
    flags: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    from_graph: bool = True
    required: bool = False


STANDARD: Mapping[Role, Standard] = {
    Role.PROMPT: Standard(Kind.TEXT, from_graph=False, required=True),
    Role.NEGATIVE: Standard(Kind.TEXT, ("no", "negative")),
    Role.IMAGE: Standard(Kind.IMAGE, from_graph=False, required=True),
    Role.MASK: Standard(Kind.IMAGE, from_graph=False, required=True),
    Role.WIDTH: Standard(Kind.INTEGER, ("w", "width"), 64, 4096),
    Role.HEIGHT: Standard(Kind.INTEGER, ("h", "height"), 64, 4096),
    Role.SEED: Standard(Kind.INTEGER, ("seed",), 0, MAX_SEED, from_graph=False),
    Role.STEPS: Standard(Kind.INTEGER, ("steps",), 1, 150),
    Role.GUIDANCE: Standard(Kind.NUMBER, ("guidance", "cfg"), 0, 30),
    Role.DENOISE: Standard(Kind.NUMBER, ("denoise",), 0, 1),
    Role.BATCH: Standard(Kind.INTEGER, ("n", "batch"), 1, 8),
    Role.MODEL: Standard(Kind.CHOICE, ("model",)),
    Role.LORA: Standard(Kind.CHOICE, ("lora",)),
}
"""By role; OUTPUT is no option."""

OPTIONS_OF: Mapping[Role, tuple[str, ...]] = {
    role: tuple(f"{role}{n}" if n > 1 else role.value for n in range(1, 10 if standard.kind is Kind.IMAGE else 2))
    for role, standard in STANDARD.items()
}
"""By role, the options it may become: one, but ``image`` to ``image9`` for pictures."""

STANDARD_OPTIONS: Mapping[str, Role] = {option: role for role, options in OPTIONS_OF.items() for option in options}
"""By option, its role, in the order in which the options stand. A workflow's own options are not among them."""

USUAL_MULTIPLE = 8
"""The pixels of one cell of a latent in the SD family, SD3 and FLUX."""

_MULTIPLES: Mapping[str, int] = {
    "EmptyFlux2LatentImage": 16,
    "EmptyChromaRadianceLatentImage": 16,
    "EmptyQwenImageLayeredLatentImage": 16,
    "EmptyHunyuanLatentVideo": 16,
    "EmptyMochiLatentVideo": 16,
    "EmptyCosmosLatentVideo": 16,
    "EmptyHunyuanImageLatent": 32,
    "EmptyLTXVLatentVideo": 32,
    "EmptyHiDreamO1LatentImage": 32,
    "Wan22ImageToVideoLatent": 32,
}


def multiple_of(class_type: str) -> int:
    """To how many pixels a node's width and height round: as ComfyUI 0.28's object_info has it in steps.

    EmptySD3LatentImage shows steps of 16, but FLUX and SD3 pad an odd row of cells and cut it off again: on ComfyUI
    0.3.75 a FLUX picture of 1080 rows has 1080 rows.
    """
    return _MULTIPLES.get(class_type, USUAL_MULTIPLE)
