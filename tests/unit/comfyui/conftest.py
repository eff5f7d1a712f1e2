"""Recorded conversations, and how to replay them."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.comfyui import records
from bot.comfyui.events import decode
from bot.comfyui.outputs import OutputFile
from bot.comfyui.plan import Plan
from bot.comfyui.progress import (
    Cancelled,
    Failed,
    Running,
    State,
    Succeeded,
    SucceededWithNothing,
    Track,
)
from bot.comfyui.registry import Prompt, Registry

TRANSCRIPTS = Path(__file__).parents[2] / "data" / "transcripts"
PNG, JPEG = b"\x89PNG a picture", b"\xff\xd8\xff a picture"


@dataclass(slots=True)
class Transcript:
    """One recorded conversation."""

    name: str
    records: list[dict[str, Any]] = field(repr=False)

    def frames(self, *whos: str) -> Iterator[str | bytes]:
        """The frames that these clients got (all clients if none is named), as they came over the wire."""
        for record in self.records:
            if (frame := frame_of(record)) is not None and (not whos or record["who"] in whos):
                yield frame

    def graphs(self) -> dict[str, tuple[dict[str, Any], str | None]]:
        """Every accepted prompt: its graph, and the client id it was posted with."""
        waiting: dict[str, list[dict[str, Any]]] = {}
        accepted = {}
        for record in self.records:
            if record.get("path") != "/prompt":
                continue
            if record.get("m") == "POST":
                waiting.setdefault(record["who"], []).append(record.get("json"))
            elif record["kind"] == "http_resp" and waiting.get(record["who"]):
                body = waiting[record["who"]].pop(0)
                if record["status"] == 200:
                    accepted[record["json"]["prompt_id"]] = (body["prompt"], body.get("client_id"))
        return accepted

    def ends(self, *, with_records: bool) -> dict[str, str]:
        """In few words, how every accepted prompt stands at the end for a client that heard what its sockets heard.

        A prompt without a client id is followed by all clients; the first one's view counts.
        """
        clients: dict[str | None, Registry] = {}
        sockets: dict[str, Registry] = {}
        for record in self.records:
            if record["kind"] == "ws_open":
                sockets[record["who"]] = clients.setdefault(record.get("clientId"), registry())
        prompts: dict[str, list[Prompt]] = {}
        for prompt_id, (graph, client_id) in self.graphs().items():
            for client in [clients[client_id]] if client_id in clients else clients.values():
                prompt = client.add(Prompt(prompt_id, Track(plan=Plan.of(graph)), ours=True))
                prompts.setdefault(prompt_id, []).append(prompt)
        for record in self.records:
            if (frame := frame_of(record)) is not None:
                sockets[record["who"]].hear(decode(frame), now=record["t"])
            elif record["kind"] == "ws_closed":
                sockets[record["who"]].disconnected()
            elif record["kind"] == "http_resp" and with_records:
                for client in clients.values():
                    fold_in(client, record)
        return {prompt_id: told(followed[0].track.state) for prompt_id, followed in prompts.items()}


def registry() -> Registry:
    """A registry that has nobody to confirm an ending."""
    return Registry(silence=15, patience=2, confirm=lambda _prompt: None)


def frame_of(record: dict[str, Any]) -> str | bytes | None:
    """The frame of a record, as it came over the wire; the pictures were not kept, so they are made up."""
    if record["kind"] == "ws_text":
        return json.dumps(record["json"])
    if record["kind"] != "ws_bin":
        return None
    if record["event"] == 1:
        return struct.pack(">II", 1, record["fmt"]) + (PNG if record["fmt"] == 2 else JPEG)
    metadata = json.dumps(record["meta"]).encode()
    return struct.pack(">II", 4, len(metadata)) + metadata + JPEG


def fold_in(client: Registry, record: dict[str, Any]) -> None:
    """One recorded answer of the server's records."""
    path, body = record["path"], json.dumps(record.get("json")).encode()
    head, _, prompt_id = path.partition("?")[0].rpartition("/")
    prompt = client.get(prompt_id)
    if path == "/queue" and record.get("json") and "_stub" not in body.decode():
        queue, plans = records.read_queue(body)
        client.fold(queue, plans, record["t"], heard=True)
    elif prompt is not None and record["status"] == 200 and head in ("/history", "/api/jobs"):
        found = records.read_job(body) if head == "/api/jobs" else records.read_history(body, prompt_id)
        if found is not None:
            client.conclude(prompt, found, record["t"])


def told(state: State) -> str:
    """A state in few words, for a table."""
    words = "cancelled" if isinstance(state, Cancelled) else "queued"
    match state:
        case Succeeded(outputs, frames_lost):
            names = [output.filename if isinstance(output, OutputFile) else output.format for output in outputs]
            words = "succeeded: " + " ".join(names) + (" and frames lost" if frames_lost else "")
        case SucceededWithNothing(frames_lost):
            words = "succeeded with nothing" + (", frames lost" if frames_lost else "")
        case Failed(node, reason):
            words = f"failed: {node}: {reason}"
        case Running(node, index, nodes, step, steps):
            words = f"running: {node or '?'} {index}/{nodes} {step}/{steps}"
    return words


@pytest.fixture(scope="session")
def transcript() -> Callable[[str], Transcript]:
    """Loads one by its VERSION/SCENARIO."""

    @cache
    def load(name: str) -> Transcript:
        with (TRANSCRIPTS / f"{name}.jsonl").open(encoding="utf-8") as lines:
            return Transcript(name, [json.loads(line) for line in lines])

    return load
