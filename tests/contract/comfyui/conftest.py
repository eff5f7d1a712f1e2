"""One suite over the stand-in, in both its versions, and over a real ComfyUI.

The real one takes part when EASEL_REAL_COMFYUI holds its address. It needs the two lab nodes of tests/real/kit and
any Stable Diffusion checkpoint. Its state is not reset between tests: they use names and colours of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import random
import struct
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot.standin import Settings, StandIn

REAL = os.environ.get("EASEL_REAL_COMFYUI", "")
PATIENCE = 30.0


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def picture(self) -> Image.Image:
        return Image.open(io.BytesIO(self.body))


@dataclass(frozen=True)
class Event:
    """A text message; or a binary one, whose `type` is the number of its event."""

    type: str | int
    data: dict[str, Any]
    body: bytes = b""

    @property
    def picture(self) -> Image.Image:
        return Image.open(io.BytesIO(self.body))


def decoded(message: aiohttp.WSMessage) -> Event:
    if message.type is aiohttp.WSMsgType.TEXT:
        content = json.loads(message.data)
        return Event(content["type"], content["data"])
    assert message.type is aiohttp.WSMsgType.BINARY, message
    kind, second = struct.unpack(">II", message.data[:8])
    if kind == 4:
        return Event(kind, json.loads(message.data[8 : 8 + second]), message.data[8 + second :])
    return Event(kind, {"format": second}, message.data[8:])


class Ear:
    """A WebSocket, read event by event."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, client_id: str) -> None:
        self.socket = socket
        self.client_id = client_id

    async def next(self) -> Event:
        async with asyncio.timeout(PATIENCE):
            return decoded(await self.socket.receive())

    async def until(self, kind: str | int, **data: Any) -> list[Event]:
        """All events up to the first of that type with that data, which is the last of them."""
        seen: list[Event] = []
        while True:
            seen.append(await self.next())
            if seen[-1].type == kind and data.items() <= seen[-1].data.items():
                return seen

    async def whole(self, prompt_id: str) -> list[Event]:
        """All events up to the end of a prompt."""
        return await self.until("executing", node=None, prompt_id=prompt_id)

    async def heard_within(self, seconds: float) -> list[Event]:
        """What arrives in that time: to show that something does not."""
        seen: list[Event] = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    seen.append(decoded(await self.socket.receive()))
        return seen


@dataclass
class Comfy:
    """A server under test."""

    url: str
    session: aiohttp.ClientSession
    version: str
    standin: StandIn | None = None
    models: dict[str, Any] = field(default_factory=dict)

    @property
    def modern(self) -> bool:
        """Newer than 0.3: the jobs API, strict prompt ids, other words for an unknown node."""
        return not self.version.startswith("0.3.")

    async def ask(self, method: str, path: str, **more: Any) -> Reply:
        async with self.session.request(method, self.url + path, **more) as response:
            return Reply(response.status, dict(response.headers), await response.read())

    async def get(self, path: str, **query: str) -> Reply:
        return await self.ask("GET", path, params=query)

    async def post(self, path: str, body: Any = None) -> Reply:
        return await self.ask("POST", path, json=body) if body is not None else await self.ask("POST", path)

    async def submit(self, graph: Any, client_id: str | None = None, **more: Any) -> Reply:
        """Post a prompt; `prompt_id` is made up unless given."""
        body = {"prompt": graph, "prompt_id": str(uuid.uuid4()), **more}
        if client_id is not None:
            body["client_id"] = client_id
        return await self.post("/prompt", body)

    async def accepted(self, graph: Any, client_id: str | None = None, **more: Any) -> str:
        """Post a prompt that must be accepted without a word, and return its id."""
        reply = await self.submit(graph, client_id, **more)
        assert reply.status == 200, reply.body
        assert reply.json["node_errors"] == {}
        return str(reply.json["prompt_id"])

    @contextlib.asynccontextmanager
    async def ear(self, client_id: str | None = None, *, metadata: bool = False) -> AsyncIterator[Ear]:
        client_id = client_id or uuid.uuid4().hex
        async with self.session.ws_connect(f"{self.url}/ws?clientId={client_id}", max_msg_size=0) as socket:
            listening = Ear(socket, client_id)
            if metadata:
                flags = {"type": "feature_flags", "data": {"supports_preview_metadata": True}}
                await socket.send_json(flags)
                await listening.until("feature_flags")
            else:
                await listening.until("status")
            yield listening

    async def run(self, graph: Any, **more: Any) -> tuple[str, list[Event]]:
        """A prompt from its own socket, to its end."""
        async with self.ear() as ear:
            prompt_id = await self.accepted(graph, ear.client_id, **more)
            return prompt_id, await ear.whole(prompt_id)

    async def record(self, prompt_id: str) -> Any:
        """The prompt's entry in the history."""
        return (await self.get(f"/history/{prompt_id}")).json[prompt_id]

    async def waiting(self) -> list[str]:
        """The ids of the pending prompts, sorted as they will run."""
        rows = (await self.get("/queue")).json["queue_pending"]
        return [row[1] for row in sorted(rows, key=lambda row: (row[0], row[1]))]

    @contextlib.asynccontextmanager
    async def busy(self) -> AsyncIterator[str]:
        """While inside, the server runs one long prompt, whose id this is."""
        async with self.ear() as ear:
            prompt_id = await self.accepted(slow(60.0, 1000), ear.client_id)
            await ear.until("progress", prompt_id=prompt_id)
            try:
                yield prompt_id
            finally:
                await self.post("/interrupt", {"prompt_id": prompt_id})
                await ear.whole(prompt_id)

    async def diffusion(self, **changed: Any) -> dict[str, Any]:
        """Text to image with a Stable Diffusion checkpoint this server has; small and few steps."""
        if not self.models:
            info = (await self.get("/object_info/CheckpointLoaderSimple")).json["CheckpointLoaderSimple"]
            names = info["input"]["required"]["ckpt_name"][0]
            self.models["checkpoint"] = next(name for name in names if "sd15" in name or "v1-5" in name)
        values = {
            "width": 64,
            "height": 64,
            "batch": 1,
            "steps": 4,
            "seed": unique(),
            "text": "a red fox",
            "negative": "blurry",
        }
        values |= changed
        sampler = {"cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
        links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
        size = {"width": values["width"], "height": values["height"], "batch_size": values["batch"]}
        return {
            "4": node("CheckpointLoaderSimple", ckpt_name=self.models["checkpoint"]),
            "5": node("EmptyLatentImage", **size),
            "6": node("CLIPTextEncode", text=values["text"], clip=["4", 1]),
            "7": node("CLIPTextEncode", text=values["negative"], clip=["4", 1]),
            "3": node("KSampler", seed=values["seed"], steps=values["steps"], **sampler, **links),
            "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
            "9": node("SaveImage", images=["8", 0], filename_prefix="contract/sd"),
        }


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def unique() -> int:
    return random.randrange(2**24)


def plain(
    output: str = "SaveImage", *, batch: int = 1, colour: int | None = None, prefix: str = "contract"
) -> dict[str, Any]:
    """A picture of one colour, which no cache knows unless the colour is given."""
    empty = node("EmptyImage", width=64, height=64, batch_size=batch, color=unique() if colour is None else colour)
    named = {"filename_prefix": prefix} if output == "SaveImage" else {}
    return {"1": empty, "2": node(output, images=["1", 0], **named)}


def slow(seconds: float, ticks: int) -> dict[str, Any]:
    graph = plain("PreviewImage")
    graph["2"]["inputs"]["images"] = ["3", 0]
    return graph | {"3": node("LabSleep", image=["1", 0], seconds=seconds, ticks=ticks, salt=unique())}


def failing() -> dict[str, Any]:
    graph = plain()
    graph["2"]["inputs"]["images"] = ["3", 0]
    return graph | {"3": node("LabFail", image=["1", 0], salt=unique())}


def png(colour: Any, size: tuple[int, int] = (8, 8), mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, "PNG")
    return buffer.getvalue()


class Graphs:
    """What tests build graphs and pictures with."""

    node = staticmethod(node)
    plain = staticmethod(plain)
    slow = staticmethod(slow)
    failing = staticmethod(failing)
    png = staticmethod(png)
    unique = staticmethod(unique)


@pytest.fixture
def graphs() -> type[Graphs]:
    return Graphs


SERVERS = ["standin-0.28", "standin-0.3.75", *([pytest.param("real", marks=pytest.mark.real)] if REAL else [])]


@pytest.fixture(params=SERVERS)
async def comfy(request: pytest.FixtureRequest) -> AsyncIterator[Comfy]:
    if request.param == "real":
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{REAL}/system_stats") as response:
                version = (await response.json())["system"]["comfyui_version"]
            yield Comfy(REAL.rstrip("/"), session, version)
        return
    version = {"standin-0.28": "0.28.0", "standin-0.3.75": "0.3.75"}[request.param]
    async with StandIn(Settings(version=version)) as standin, aiohttp.ClientSession() as session:
        yield Comfy(standin.url, session, version, standin)
