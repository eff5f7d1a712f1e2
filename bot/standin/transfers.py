"""Uploads and downloads."""

from __future__ import annotations

import asyncio
import io
import json
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web
from PIL import Image

from bot.standin.folders import Folders, OutsideError, split_type, within


def trouble() -> web.Response:
    """What aiohttp answers when a handler raises."""
    return web.Response(status=500, text="500 Internal Server Error\n\nServer got itself in trouble")


class Transfers:
    """The handlers that move files in and out of the folders."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders

    async def upload_image(self, request: web.Request) -> web.StreamResponse:
        """Keep a file under its own name, or a numbered one if that is taken by other bytes."""
        post = await request.post()
        image = post.get("image")
        if isinstance(image, str):
            return trouble()
        if not isinstance(image, web.FileField) or not image.filename:
            return web.Response(status=400)
        return self._keep(post, image.filename, image.file.read())

    async def upload_mask(self, request: web.Request) -> web.StreamResponse:
        """The mask's alpha channel, laid over the picture that `original_ref` names (0.3.75: else kept as it is)."""
        post = await request.post()
        image, reference = post.get("image"), post.get("original_ref")
        if not isinstance(image, web.FileField) or not isinstance(reference, str):
            return trouble()
        original = json.loads(reference)
        try:
            folder = self._folders.folder(original.get("type") or "output", original.get("subfolder", ""))
            path = within(folder, original["filename"])
        except (KeyError, OutsideError):
            return web.Response(status=400)
        data = image.file.read()
        if path.is_file():
            with Image.open(path) as opened, Image.open(io.BytesIO(data)) as mask:
                picture = opened.convert("RGBA")
                picture.putalpha(mask.convert("RGBA").getchannel("A").resize(picture.size))
            buffer = io.BytesIO()
            picture.save(buffer, "PNG", compress_level=4)
            data = buffer.getvalue()
        return self._keep(post, image.filename, data)

    def _keep(self, post: Mapping[str, Any], filename: str, data: bytes) -> web.Response:
        kind, subfolder = post.get("type", "input"), post.get("subfolder", "")
        overwrite = post.get("overwrite") in {"true", "1"}
        try:
            name = self._folders.store(data, filename, kind=kind, subfolder=subfolder, overwrite=overwrite)
        except OutsideError:
            return web.Response(status=400)
        except (KeyError, OSError):
            return trouble()
        return web.json_response({"name": name, "subfolder": subfolder, "type": kind})

    async def view(self, request: web.Request) -> web.StreamResponse:
        """A file as it is, smaller (`preview`), or without or only with its alpha channel (`channel`)."""
        query = request.query
        try:
            path = self._asked(query)
        except KeyError:
            return web.Response(status=400)
        except OutsideError:
            return web.Response(status=403)
        if path is None or not path.is_file():
            return web.Response(status=404)
        name = path.name
        headers = {"Content-Disposition": f'filename="{name}"'}
        channel = query.get("channel", "rgba")
        if "preview" in query or channel in {"rgb", "a"}:
            data, media_type = await asyncio.to_thread(_rendered, path.read_bytes(), query.get("preview"), channel)
            return web.Response(body=data, content_type=media_type, headers=headers)
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return web.FileResponse(path, headers={**headers, "Content-Type": media_type})

    def _asked(self, query: Mapping[str, str]) -> Path | None:
        """The path that a `/view` means. Raises KeyError for what is no name or type, OutsideError for a subfolder."""
        if not query.get("filename"):
            return None
        filename, kind = split_type(query["filename"], query.get("type", "output"))
        if filename.startswith("/") or ".." in filename:
            raise KeyError(filename)
        return self._folders.folder(kind, query.get("subfolder", "")) / filename.rsplit("/", 1)[-1]


def _rendered(data: bytes, preview: str | None, channel: str) -> tuple[bytes, str]:
    """A picture as `/view` gives it smaller, or by channel: its bytes and media type."""
    with Image.open(io.BytesIO(data)) as opened:
        opened.load()
    buffer = io.BytesIO()
    if preview is not None:
        kind, *quality = preview.split(";")
        kind = kind if (kind in {"webp", "jpeg"} and channel == "rgb") or kind == "jpeg" else "webp"
        picture = opened.convert("RGB") if kind == "jpeg" or channel == "rgb" else opened
        picture.save(buffer, kind, quality=int(quality[-1]) if quality and quality[-1].isdigit() else 90)
        return buffer.getvalue(), f"image/{kind}"
    if channel == "rgb":
        opened.convert("RGB").save(buffer, "PNG")
    else:
        alpha = Image.new("RGBA", opened.size)
        alpha.putalpha(opened.convert("RGBA").getchannel("A"))
        alpha.save(buffer, "PNG")
    return buffer.getvalue(), "image/png"
