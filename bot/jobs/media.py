"""Pictures by their content: inputs people sent and results servers made."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from pathlib import Path

from bot.jobs.errors import PictureGone


class MediaStore:
    """A folder of files named by the SHA-256 of their bytes. Nothing people type becomes part of a path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, data: bytes) -> str:
        """Keep these bytes; their SHA-256 in hex is how they are asked for. The same bytes are kept once."""
        return await asyncio.to_thread(self._write, data)

    async def get(self, sha256: str) -> bytes:
        """The bytes again.

        Raises:
            PictureGone: They were pruned or deleted.
        """
        try:
            return await asyncio.to_thread(self._path(sha256).read_bytes)
        except FileNotFoundError:
            raise PictureGone(sha256=sha256) from None

    async def remove(self, sha256: str) -> None:
        """Delete them. Unknown ones are no error."""
        await asyncio.to_thread(self._path(sha256).unlink, missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _write(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # written aside and renamed: a crash leaves no half picture under a hash
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(data)
            Path(file.name).replace(path)
        return sha256
