"""A stand-in, and a client just good enough to talk to it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from bot.standin import StandIn


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def plain(colour: int = 0, output: str = "SaveImage") -> dict[str, Any]:
    named = {"filename_prefix": "unit"} if output == "SaveImage" else {}
    return {
        "1": node("EmptyImage", width=16, height=16, batch_size=1, color=colour),
        "2": node(output, images=["1", 0], **named),
    }


def diffusion(**changed: Any) -> dict[str, Any]:
    given = {"steps": 4, "seed": 1, "text": "a lighthouse at dusk", "width": 64, "height": 64} | changed
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
    sampler = {"cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    return {
        "4": node("CheckpointLoaderSimple", ckpt_name="sd_xl_base_1.0.safetensors"),
        "5": node("EmptyLatentImage", width=given["width"], height=given["height"], batch_size=1),
        "6": node("CLIPTextEncode", text=given["text"], clip=["4", 1]),
        "7": node("CLIPTextEncode", text="blurry", clip=["4", 1]),
        "3": node("KSampler", seed=given["seed"], steps=given["steps"], **sampler, **links),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", images=["8", 0], filename_prefix="unit"),
    }


@dataclass
class Client:
    standin: StandIn
    session: aiohttp.ClientSession
    client_id: str

    async def post(self, path: str, body: Any = None) -> tuple[int, bytes]:
        async with self.session.post(self.standin.url + path, json=body) as response:
            return response.status, await response.read()

    async def get(self, path: str) -> Any:
        async with self.session.get(self.standin.url + path) as response:
            assert response.status == 200, path
            return json.loads(await response.read())

    async def submit(self, graph: dict[str, Any], **more: Any) -> str:
        prompt_id = str(uuid.uuid4())
        body = {"prompt": graph, "prompt_id": prompt_id, "client_id": self.client_id, **more}
        status, answer = await self.post("/prompt", body)
        assert status == 200, answer
        return prompt_id

    def socket(self) -> Any:
        return self.session.ws_connect(f"{self.standin.url}/ws?clientId={self.client_id}", max_msg_size=0)

    async def run(self, graph: dict[str, Any]) -> dict[str, Any]:
        """The prompt's entry in the history, when it has one."""
        prompt_id = await self.submit(graph)
        await self.standin.until(lambda: prompt_id in self.standin.finished)
        return (await self.get(f"/history/{prompt_id}"))[prompt_id]

    async def saved(self, graph: dict[str, Any]) -> list[bytes]:
        """The files a graph saved or previewed."""
        record = await self.run(graph)
        assert record["status"]["completed"], record["status"]["messages"][-1]
        shown = [item for ui in record["outputs"].values() for item in ui["images"]]
        return [
            (self.standin.folder(item["type"]) / item["subfolder"] / item["filename"]).read_bytes() for item in shown
        ]


@pytest.fixture
def graphs() -> Any:
    class Graphs:
        node = staticmethod(node)
        plain = staticmethod(plain)
        diffusion = staticmethod(diffusion)

    return Graphs


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    async with asyncio.timeout(60), StandIn() as running:
        yield running


@pytest.fixture
async def client(standin: StandIn) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        yield Client(standin, session, uuid.uuid4().hex)


@pytest.fixture
def talk() -> Any:
    """Makes a client for a stand-in of one's own."""

    def make(running: StandIn, session: aiohttp.ClientSession) -> Client:
        return Client(running, session, uuid.uuid4().hex)

    return make
