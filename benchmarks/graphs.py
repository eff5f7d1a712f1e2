"""The graph that the measures run: no sampler, so that the stand-in's own work is small."""

from __future__ import annotations

from typing import Any


def tiny(color: int) -> dict[str, Any]:
    """One flat picture, saved. Another `color` is another picture, so that nothing is cached."""
    return {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 16, "height": 16, "batch_size": 1, "color": color}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "bench"}},
    }
