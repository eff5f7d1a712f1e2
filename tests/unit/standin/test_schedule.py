"""Nodes run in ComfyUI's order, and results are told apart by what they come from."""

from __future__ import annotations

import pytest

from bot.standin.nodes import CATALOGUE
from bot.standin.schedule import Schedule, is_link, signatures

FLUX = {
    "10": {"class_type": "UnetLoaderGGUF", "inputs": {}},
    "11": {"class_type": "DualCLIPLoaderGGUF", "inputs": {}},
    "12": {"class_type": "VAELoader", "inputs": {}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat", "clip": ["11", 0]}},
    "26": {"class_type": "FluxGuidance", "inputs": {"conditioning": ["6", 0]}},
    "33": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["11", 0]}},
    "27": {"class_type": "EmptySD3LatentImage", "inputs": {}},
    "31": {
        "class_type": "KSampler",
        "inputs": {"model": ["10", 0], "positive": ["26", 0], "negative": ["33", 0], "latent_image": ["27", 0]},
    },
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["31", 0], "vae": ["12", 0]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}},
}
CHECKPOINT = {
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1]}},
    "3": {
        "class_type": "KSampler",
        "inputs": {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]},
    },
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}},
}
BATCH = {
    "1": {"class_type": "EmptyImage", "inputs": {}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
    "3": {"class_type": "SaveImageWebsocket", "inputs": {"images": ["1", 0]}},
}


@pytest.mark.parametrize(
    ("graph", "outputs", "cached", "order"),
    [
        (FLUX, ["9"], "", "12 27 11 33 6 26 10 31 8 9"),
        (FLUX, ["9"], "10 12 27", "11 33 6 26 31 8 9"),
        (FLUX, ["9"], "10 11 12 6 26 33 27", "31 8 9"),
        (CHECKPOINT, ["9"], "", "4 5 7 6 3 8 9"),
        (CHECKPOINT, ["9"], "4 5 6 7", "3 8 9"),
        (BATCH, ["3", "2"], "", "1 3 2"),
        (BATCH, ["2"], "1 2", "2"),
    ],
    ids=["gguf", "gguf-same-models", "gguf-new-seed", "checkpoint", "checkpoint-new-seed", "batch", "all-cached"],
)
def test_the_recorded_orders_come_out(graph, outputs, cached, order):
    spared = set(cached.split())
    assert " ".join(Schedule(graph, outputs, CATALOGUE, spared.__contains__)) == order


def test_what_no_output_needs_does_not_run():
    graph = BATCH | {"7": {"class_type": "EmptyImage", "inputs": {}}}
    assert "7" not in list(Schedule(graph, ["2", "3"], CATALOGUE, lambda _: False))


@pytest.mark.parametrize(
    ("value", "linked"),
    [
        (["4", 0], True),
        (["12:3", 1], True),
        (["4"], False),
        ([4, 0], False),
        (["4", "0"], False),
        ("4", False),
        (None, False),
    ],
)
def test_a_link_is_a_node_and_a_slot(value, linked):
    assert is_link(value) == linked


def test_a_signature_does_not_depend_on_ids_and_does_on_everything_upstream():
    renamed = {
        "a": {"class_type": "EmptyImage", "inputs": {}},
        "b": {"class_type": "SaveImage", "inputs": {"images": ["a", 0]}},
    }
    first, second = signatures(BATCH, lambda _: None), signatures(renamed, lambda _: None)
    assert first["2"] == second["b"]
    changed = signatures(BATCH, lambda node_id: "other bytes" if node_id == "1" else None)
    assert changed["2"] != first["2"]


def test_a_cycle_has_signatures_too():
    graph = {"1": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}}}
    assert set(signatures(graph, lambda _: None)) == {"1"}
