"""Pictures and results JSON on the operator's disk."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.jobs.media import MediaStore
from bot.jobs.model import Job, Picture
from bot.workflows.errors import UnwritableFolder

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class SavedPicture:
    """One picture as it lies on disk."""

    path: Path
    picture: Picture


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """What the disk refuses within is told as `UnwritableFolder`."""
    try:
        yield
    except OSError as error:
        raise UnwritableFolder(str(folder), error.strerror or type(error).__name__) from None


def check_writable(folder: Path) -> None:
    """See that something can be written there before a server works for it. Leaves no trace.

    Raises:
        UnwritableFolder: The folder, or the one it would be made in, takes no files.
    """
    with writing(folder):
        there = next((place for place in (folder, *folder.parents) if place.exists()), folder)
        with tempfile.TemporaryFile(dir=there):
            pass


def safe_name(job: Job, index: int, picture: Picture) -> str:
    """``k7m2qd-1-ComfyUI_00001_.png``: the job, the number, and what is harmless of the server's own name.

    A server's word is not trusted: no separator, no leading dot, at most 80 characters of it.
    """
    name = _UNSAFE.sub("_", Path(picture.name.replace("\\", "/")).name).lstrip(".")[-80:]
    return f"{job.id}-{index}-{name or 'picture'}"


async def save_pictures(job: Job, media: MediaStore, folder: Path) -> tuple[SavedPicture, ...]:
    """Write a job's pictures into the folder, each exactly as the server made it. Raises `UnwritableFolder`."""
    saved = []
    for index, picture in enumerate(job.pictures, start=1):
        path = folder / safe_name(job, index, picture)
        data = await media.get(picture.sha256)
        with writing(folder):
            await asyncio.to_thread(_write, path, data)
        saved.append(SavedPicture(path, picture))
    return tuple(saved)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def results(job: Job, saved: tuple[SavedPicture, ...]) -> dict[str, Any]:
    """The results JSON: ``job``, ``recipe``, ``prompt_id``, ``server``, ``files``, ``timings`` (seconds)."""
    times = job.times
    return {
        "job": job.id,
        "recipe": {
            "workflow": job.recipe.workflow,
            **dict(job.recipe.values),
            **{name: f"sha256:{digest}" for name, digest in job.recipe.images},
        },
        "prompt_id": job.prompt_id,
        "server": job.server,
        "files": [
            {
                "path": str(file.path),
                "width": file.picture.width,
                "height": file.picture.height,
                "bytes": file.picture.size,
                "sha256": file.picture.sha256,
            }
            for file in saved
        ],
        "timings": {
            "submit_s": _between(times.accepted, times.queued),
            "wait_s": _between(times.queued, times.started),
            "run_s": _between(times.started, times.made),
            "total_s": _between(times.accepted, times.made),
        },
    }


def write_results(path: Path, document: dict[str, Any]) -> None:
    """Write the results JSON, replacing an earlier one whole. Raises `UnwritableFolder`."""
    with writing(path.parent):
        _write(path, (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode())


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else round(end - start, 3)
