"""What tests of this server itself need beside it."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.telegram_api.server import BotApi


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def by_hand(api: BotApi) -> AsyncIterator[Wire]:
    """A bot by plain HTTP."""
    async with aiohttp.ClientSession() as session:
        yield Wire(api, session)


class Wire:
    """A bot by plain HTTP: parameters as JSON, or as a multipart body where there are files."""

    def __init__(self, api: BotApi, session: aiohttp.ClientSession) -> None:
        self.api = api
        self.session = session

    async def __call__(self, method: str, files: dict[str, bytes] | None = None, **parameters: Any) -> dict[str, Any]:
        """The whole answer."""
        how: dict[str, Any] = {"json": parameters}
        if files:
            form = aiohttp.FormData()
            for name, value in parameters.items():
                form.add_field(name, value if isinstance(value, str) else json.dumps(value))
            for name, data in files.items():
                form.add_field(name, io.BytesIO(data), filename=f"{name}.png")
            how = {"data": form}
        async with self.session.post(f"{self.api.url}/bot{self.api.token}/{method}", **how) as answer:
            body: dict[str, Any] = await answer.json()
            assert body["ok"] is (answer.status == 200)
            assert body["ok"] or body["error_code"] == answer.status
            return body

    async def ok(self, method: str, files: dict[str, bytes] | None = None, **parameters: Any) -> Any:
        """The result."""
        body = await self(method, files, **parameters)
        assert body["ok"], body
        return body["result"]

    async def refused(self, method: str, files: dict[str, bytes] | None = None, **parameters: Any) -> str:
        """The description of the refusal."""
        body = await self(method, files, **parameters)
        assert not body["ok"], body
        return str(body["description"])
