from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.workflows.graph import Graph
from bot.workflows.library import Library

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def sketch() -> Callable[[str], dict[str, Any]]:
    """An API graph from lines like ``6 CLIPTextEncode|Title text="a fox" clip=@4.1``.

    ``@4.1`` is a link to output 1 of node 4, ``@4`` to its output 0; other values are JSON, or else strings.
    """

    def value(text: str) -> Any:
        if text.startswith("@"):
            node, dot, slot = text[1:].rpartition(".")
            return [node, int(slot)] if dot else [slot, 0]
        try:
            return json.loads(text)
        except ValueError:
            return text

    def draw(text: str) -> dict[str, Any]:
        graph = {}
        for line in filter(None, map(str.strip, text.splitlines())):
            node, name, *inputs = shlex.split(line)
            class_type, _, title = name.partition("|")
            pairs = (item.partition("=") for item in inputs)
            graph[node] = {
                "inputs": {key: value(said) for key, _, said in pairs},
                "class_type": class_type,
                "_meta": {"title": title or class_type},
            }
        return graph

    return draw


@pytest.fixture(scope="session")
def read(sketch: Callable[[str], dict[str, Any]]) -> Callable[[str], Graph]:
    """As `sketch`, read into a Graph."""
    return lambda text: Graph.parse(json.dumps(sketch(text)))


@pytest.fixture(scope="session")
def txt2img() -> str:
    """Text to image as most people begin, for `sketch` and `read`."""
    return """
        3 KSampler seed=5 steps=20 cfg=8 denoise=1 model=@4 positive=@6 negative=@7 latent_image=@5
        4 CheckpointLoaderSimple ckpt_name=sd15.safetensors
        5 EmptyLatentImage width=512 height=512 batch_size=1
        6 CLIPTextEncode|Positive text="a fox" clip=@4.1
        7 CLIPTextEncode|Negative text="blurry" clip=@4.1
        8 VAEDecode samples=@3 vae=@4.2
        9 SaveImage|Result filename_prefix=ComfyUI images=@8
    """


@pytest.fixture(scope="session")
def shipped() -> Library:
    return Library([ROOT / "workflows"])


@pytest.fixture(scope="session")
def object_info() -> dict[str, Any]:
    """The classes of the shipped graphs as ComfyUI 0.28 describes them, with the graphs' own model names."""
    return json.loads((ROOT / "tests" / "data" / "object_info.json").read_text("utf-8"))
