"""The node classes a stand-in knows."""

from __future__ import annotations

from bot.standin.nodes import conditioning, images, lab, latents, loaders, sampling
from bot.standin.nodes.spec import Frame, NodeClass, Result, Step

__all__ = ["CATALOGUE", "Frame", "NodeClass", "Result", "Step"]

CATALOGUE: dict[str, NodeClass] = {
    known.name: known for room in (loaders, conditioning, latents, sampling, images, lab) for known in room.NODES
}
"""By class name."""
