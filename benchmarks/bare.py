"""The least that gets pictures out of a ComfyUI: one session, one WebSocket, the same calls, and nothing else."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from types import TracebackType
from typing import Any, Self

import aiohttp


class Bare:
    """Knows no faults, no positions, no progress: what remains when all care is left out."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client_id = uuid.uuid4().hex
        self._done: dict[str, asyncio.Future[float]] = {}

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        self._ws = await self._session.ws_connect(f"{self._url}/ws?clientId={self._client_id}", max_msg_size=0)
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._reader.cancel()
        await self._ws.close()
        await self._session.close()

    async def _read(self) -> None:
        async for message in self._ws:
            if message.type is aiohttp.WSMsgType.TEXT:
                event = json.loads(message.data)
                if event["type"] == "executing" and event["data"]["node"] is None:
                    self._done[event["data"]["prompt_id"]].set_result(time.perf_counter())

    async def picture(self, graph: dict[str, Any]) -> tuple[bytes, float]:
        """A picture, and the seconds from `executing null` to its last byte."""
        prompt_id = str(uuid.uuid4())
        self._done[prompt_id] = done = asyncio.get_running_loop().create_future()
        body = {"prompt": graph, "client_id": self._client_id, "prompt_id": prompt_id}
        async with self._session.post(f"{self._url}/prompt", json=body) as answer:
            await answer.read()
        over = await done
        del self._done[prompt_id]
        async with self._session.get(f"{self._url}/history/{prompt_id}") as answer:
            outputs = (await answer.json())[prompt_id]["outputs"]
        async with self._session.get(f"{self._url}/view", params=outputs["2"]["images"][0]) as answer:
            data = await answer.read()
        return data, time.perf_counter() - over
