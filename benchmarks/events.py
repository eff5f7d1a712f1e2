"""CPU for one WebSocket event, decoded and reduced, beside `json.loads` of the same frames."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from functools import reduce as fold

from benchmarks.measure import Measure
from bot.comfyui.events import decode
from bot.comfyui.plan import Plan
from bot.comfyui.progress import Track, reduce

PROMPT = "6f1f2b8e-4a53-4b0e-9d0e-0a4e3a6d2c11"
STEPS = 28
ROUNDS = 200
NODES = {
    "12": "UnetLoaderGGUF", "11": "DualCLIPLoader", "10": "VAELoader", "47": "CLIPTextEncode", "60": "FluxGuidance",
    "46": "EmptySD3LatentImage", "25": "KSampler", "8": "VAEDecode", "63": "SaveImage",
}  # fmt: skip


def frames() -> list[str]:
    """What a ComfyUI 0.28 sends for one FLUX picture, in its order and shape (recorded: model_flux_gguf)."""
    said: list[tuple[str, dict[str, object]]] = [
        ("execution_start", {"prompt_id": PROMPT, "timestamp": 1795229013502}),
        ("execution_cached", {"nodes": [], "prompt_id": PROMPT, "timestamp": 1795229013502}),
    ]
    state: dict[str, object] = {}

    def progress(node: str, value: float, most: float, word: str) -> tuple[str, dict[str, object]]:
        state[node] = {
            "value": value, "max": most, "state": word, "node_id": node, "prompt_id": PROMPT,
            "display_node_id": node, "parent_node_id": None, "real_node_id": node,
        }  # fmt: skip
        return "progress_state", {"prompt_id": PROMPT, "nodes": dict(state)}

    for node, kind in NODES.items():
        said += [
            progress(node, 0.0, 1.0, "running"),
            ("executing", {"node": node, "display_node": node, "prompt_id": PROMPT}),
        ]
        if kind == "KSampler":
            for step in range(1, STEPS + 1):
                said += [
                    progress(node, step, STEPS, "running"),
                    ("progress", {"value": step, "max": STEPS, "prompt_id": PROMPT, "node": node}),
                ]
        said.append(progress(node, 1.0, 1.0, "finished"))
    said += [
        ("execution_success", {"prompt_id": PROMPT, "timestamp": 1795229013507}),
        ("status", {"status": {"exec_info": {"queue_remaining": 0}}}),
        ("executing", {"node": None, "prompt_id": PROMPT}),
    ]
    return [json.dumps({"type": kind, "data": data}) for kind, data in said]


async def measure() -> list[Measure]:
    sent = frames()
    plan = Plan.of({node: {"class_type": kind, "inputs": {}} for node, kind in NODES.items()})
    ours = _per_event(sent, lambda: fold(reduce, map(decode, sent), Track(plan=plan)))
    theirs = _per_event(sent, lambda: [json.loads(frame) for frame in sent])
    return [
        Measure(
            "CPU of one WebSocket event, ratio to json.loads",
            ours / theirs,
            beside=f"{ours * 1e6:.3g} to {theirs * 1e6:.3g} µs",
            target="≤ 4",
        ),
    ]


def _per_event(sent: list[str], work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return statistics.median(times) / len(sent)
