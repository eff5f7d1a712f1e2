"""Pictures by their content: inputs people sent and results servers made."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.jobs.errors import CannotKeep, PictureGone

_SHA256 = re.compile(r"[0-9a-f]{64}")
_ARRIVING = "arriving"


def content_id(data: bytes) -> str:
    """How a media store calls these bytes: their SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class _File:
    put: float
    path: Path
    size: int


class MediaStore:
    """A folder of files named by their content, which several processes may share.

    Nothing people type becomes part of a path. For `fresh_seconds` after somebody put a picture it stays, needed or
    not, for the job that needs it may not be written down yet. `clock` tells seconds since the epoch.
    """

    def __init__(self, folder: Path, *, fresh_seconds: float = 600.0, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._fresh_seconds = fresh_seconds
        self._clock = clock
        self._tidy = False

    async def put(self, data: bytes) -> str:
        """Keep these bytes, the same ones only once; returns their `content_id`. They outlive a power cut.

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

    async def has(self, sha256: str) -> bool:
        """Whether they are here."""
        return await asyncio.to_thread(self._path(sha256).exists)

    async def remove(self, sha256: str) -> None:
        """Delete them. Unknown ones are no error.

        Raises:
            CannotKeep: They cannot be deleted.
        """
        with suppress(PictureGone), _told():
            await asyncio.to_thread(self._path(sha256).unlink, missing_ok=True)

    async def shrink(self, max_bytes: int, keep: Callable[[str], Awaitable[bool]]) -> int:
        """Delete until no more than `max_bytes` are left, those first that were put longest ago; how many went.

        `keep` says of a `content_id` that it is still needed. It and what is fresh stay, whatever that comes to.

        Raises:
            CannotKeep: The folder cannot be read, or a file in it not be deleted.
        """
        files = sorted(await asyncio.to_thread(self._files))
        left, deleted = sum(file.size for file in files), 0
        for file in files:
            if left <= max_bytes or self._is_fresh(file.put):
                break
            if not await keep(file.path.name) and await asyncio.to_thread(self._delete, file):
                left -= file.size
                deleted += 1
        return deleted

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise PictureGone(sha256=sha256)
        return self._folder / sha256[:2] / sha256

    def _is_fresh(self, put: float) -> bool:
        return self._clock() - put < self._fresh_seconds

    def _files(self) -> list[_File]:
        files = []
        with _told():
            for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
                with suppress(FileNotFoundError):  # somebody deletes it just now
                    told = path.stat()
                    files.append(_File(told.st_mtime, path, told.st_size))
        return files

    def _delete(self, file: _File) -> bool:
        with _told(), suppress(FileNotFoundError):
            if not self._is_fresh(file.path.stat().st_mtime):  # somebody may have put it again
                file.path.unlink()
                return True
        return False

    def _write(self, data: bytes) -> str:
        sha256 = content_id(data)
        path = self._path(sha256)
        with _told():
            self._make_tidy()
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.utime(path)
            except FileNotFoundError:
                _write_whole(self._folder / _ARRIVING, path, data)
            for folder in (path.parent, self._folder):
                _sync(folder)
        return sha256

    def _make_tidy(self) -> None:
        """Once, delete what a crash left half-written, but not what another process writes just now."""
        arriving = self._folder / _ARRIVING
        arriving.mkdir(parents=True, exist_ok=True)
        if not self._tidy:
            self._tidy = True
            for file in arriving.iterdir():
                with suppress(FileNotFoundError):
                    if not self._is_fresh(file.stat().st_mtime):
                        file.unlink()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotKeep(reason=error.strerror or str(error)) from error


def _write_whole(arriving: Path, path: Path, data: bytes) -> None:
    """Written aside and renamed, so that a crash leaves no half picture under a hash."""
    descriptor, name = tempfile.mkstemp(dir=arriving)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    """Make sure of the names in it, which a file's own fsync does not. Windows has no way to, and no need."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
