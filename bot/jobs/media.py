"""Pictures by their content: inputs people sent and results servers made."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from bot.jobs.errors import CannotKeep, PictureGone

_SHA256 = re.compile(r"[0-9a-f]{64}")


def content_id(data: bytes) -> str:
    """How a media store calls these bytes: their SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


class MediaStore:
    """A folder of files named by their content. Nothing people type becomes part of a path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, data: bytes) -> str:
        """Keep these bytes, the same ones only once; returns their `content_id`.

        Raises:
            CannotKeep: The disk is full, or not ours to write to.
        """
        return await asyncio.to_thread(self._write, data)

    async def get(self, sha256: str) -> bytes:
        """The bytes again.

        Raises:
            PictureGone: They were pruned or deleted, or never were here.
        """
        try:
            return await asyncio.to_thread(self._path(sha256).read_bytes)
        except FileNotFoundError:
            raise PictureGone(sha256=sha256) from None

    async def remove(self, sha256: str) -> None:
        """Delete them. Unknown ones are no error."""
        with suppress(PictureGone):
            await asyncio.to_thread(self._path(sha256).unlink, missing_ok=True)

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise PictureGone(sha256=sha256)
        return self._folder / sha256[:2] / sha256

    def _write(self, data: bytes) -> str:
        sha256 = content_id(data)
        path = self._path(sha256)
        if not path.exists():
            try:
                _write_whole(path, data)
            except OSError as error:
                raise CannotKeep(reason=error.strerror or str(error)) from error
        return sha256


def _write_whole(path: Path, data: bytes) -> None:
    """Written aside and renamed, so that a crash leaves no half picture under a hash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
