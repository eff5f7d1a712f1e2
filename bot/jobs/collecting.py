"""Fetches what a prompt has made, and keeps it."""

from __future__ import annotations

import asyncio

from bot.comfyui.progress import Output, OutputFile
from bot.images.errors import ImageError
from bot.images.probe import inspect
from bot.jobs.media import MediaStore
from bot.jobs.model import Picture
from bot.pool.renderer import Renderer
from bot.workflows.workflow import Workflow


async def collect(
    renderer: Renderer, workflow: Workflow, outputs: tuple[Output, ...], media: MediaStore
) -> tuple[Picture, ...]:
    """The pictures of the nodes that the workflow calls its outputs, in their order; else everything that was saved.

    Raises:
        OutputGone: The server no longer has one of them.
        ComfyError: It cannot be fetched, or not now.
        CannotKeep: The disk takes no more.
    """
    rank = {node: place for place, node in enumerate(workflow.outputs)}
    wanted = sorted((o for o in outputs if o.node in rank), key=lambda output: rank[output.node])
    pictures = []
    for output in wanted or outputs:
        data = await renderer.fetch(output)
        pictures.append(await asyncio.to_thread(_described, data, output, await media.put(data)))
    return tuple(pictures)


def _described(data: bytes, output: Output, sha256: str) -> Picture:
    name = output.filename if isinstance(output, OutputFile) else f"{output.node}.{output.format}"
    try:
        info = inspect(data)
    except ImageError:  # a film, a sound or a text: kept and handed on as a file
        return Picture(sha256, name, "application/octet-stream", 0, 0, len(data))
    return Picture(sha256, name, info.media_type, info.width, info.height, len(data))
