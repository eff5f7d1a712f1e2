"""The parameters of a request, however they came: query string, form, multipart or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from tests.telegram_api.refusals import bad


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart body."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a method is called with. Every accessor raises Refusal as Telegram words it."""

    values: Mapping[str, Any]
    files: Mapping[str, Upload] = field(default_factory=dict)
    method: str = ""

    def text(self, name: str, default: str = "") -> str:
        """As a string, numbers and booleans too."""
        value = self.values.get(name)
        if value is None:
            return default
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int = 0) -> int:
        """As a whole number; what is none counts as not given, as in Telegram's own server."""
        try:
            return int(self.text(name) or default)
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """As a boolean."""
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def object(self, name: str, what: str) -> Any:
        """As JSON, or None. `what` is how Telegram calls it in ``Can't parse … JSON object``."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad(f"can't parse {what} JSON object") from error

    def attached(self, reference: str, name: str = "") -> Upload | None:
        """The file behind ``attach://part``, or the part that has the parameter's own name."""
        if reference.startswith("attach://"):
            return self.files.get(reference.removeprefix("attach://"))
        return self.files.get(name) if name else None


async def read(request: web.Request, method: str) -> Parameters:
    """The parameters of that request. Raises Refusal for a body that is not what it says."""
    values: dict[str, Any] = dict(request.query)
    files: dict[str, Upload] = {}
    match request.content_type:
        case "application/json":
            try:
                body = await request.json()
            except ValueError as error:
                raise bad("can't parse request JSON object") from error
            values |= {name: value for name, value in body.items() if value is not None}
        case "multipart/form-data":
            async for part in await request.multipart():
                if not isinstance(part, BodyPartReader) or part.name is None:
                    continue
                if part.filename is None:
                    values[part.name] = await part.text()
                else:
                    mime = part.headers.get("Content-Type", "")
                    files[part.name] = Upload(part.filename, mime, bytes(await part.read(decode=True)))
        case _:
            values |= dict(await request.post())
    return Parameters(values, files, method)
