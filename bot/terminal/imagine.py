"""`easel imagine`: one picture from the terminal."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from rich.console import Console

from bot.app import TERMINAL, Easel, compose, inputs_of
from bot.chat.status import adjusted
from bot.chat.texts import Texts
from bot.config import Settings
from bot.errors import EaselError, Explainable
from bot.grammar.parser import parse
from bot.images.convert import normalise
from bot.jobs.model import Job, Person, Place, State
from bot.jobs.runner import JobUpdate
from bot.jobs.service import Submission
from bot.pool.errors import NobodyCan, NoServer, PoolFull
from bot.terminal.errors import NoSuchFile
from bot.terminal.files import check_writable, results, save_pictures, write_results, writing
from bot.terminal.progress import ProgressView
from bot.terminal.screen import open_screen
from bot.workflows.errors import UnwritableFolder

OK, BAD_INPUT, REFUSED, UNREACHABLE = 0, 2, 3, 4
"""Exit codes."""

OPERATOR = Person("terminal:operator", "operator")

_PARTING = 10.0
"""Seconds that leaving waits for a server to drop what it works on."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for: the text of an ``/imagine``, picture files, and where results go."""

    text: str
    images: Sequence[Path]
    out: Path
    previews: bool = False
    as_json: bool = False

    @property
    def place(self) -> Place:
        """The folder is the chat: what is asked for there is answered there."""
        return Place(TERMINAL, str(self.out.absolute()))


async def imagine(settings: Settings, wanted: Wanted, texts: Texts, extra_workflows: Sequence[Path] = ()) -> int:
    """Run it to its end, beside whatever else uses the same data.

    Progress goes to stdout, or to stderr where the results JSON is wanted on stdout.

    Returns:
        The exit code.

    Raises:
        EaselError: What was asked for cannot be, or the pictures cannot be written down.
    """
    holder = f"{TERMINAL}-{uuid.uuid4()}"
    async with compose(settings, holder=holder, platforms=(TERMINAL,), extra_workflows=extra_workflows) as easel:
        return await _imagine(easel, wanted, texts)


async def _imagine(easel: Easel, wanted: Wanted, texts: Texts) -> int:
    screen = open_screen(stderr=wanted.as_json)
    request = parse(wanted.text, await easel.service.menu(wanted.place), images=len(wanted.images))
    inputs = inputs_of(easel.settings)
    pictures = [normalise(_read(path), inputs) for path in wanted.images]
    check_writable(wanted.out)
    servers = await easel.service.servers()
    if all(server.load is None for server in servers):  # in a chat it would wait for one; here somebody sits
        for server in servers:
            complain(server.problem or NoServer(), texts)
        return UNREACHABLE
    try:
        job = await easel.service.submit(Submission(request, OPERATOR, wanted.place, pictures))
    except (NobodyCan, PoolFull) as refused:
        complain(refused, texts)
        return REFUSED
    for line in adjusted(job.adjustments, texts):
        screen.print(line, soft_wrap=True)
    ended = await follow_to_end(easel, job, screen, texts, wanted.out / "temp" if wanted.previews else None)
    return await _report(easel, ended, wanted, screen, texts)


def complain(what: Explainable, texts: Texts) -> None:
    """Say on stderr what is wrong."""
    open_screen(stderr=True).print(texts.explain(what), style="red", soft_wrap=True)


async def follow_to_end(easel: Easel, job: Job, screen: Console, texts: Texts, previews: Path | None = None) -> Job:
    """Show a job's progress until its pictures are here or it has failed. Being cancelled cancels it on the server."""
    newest = JobUpdate(job)
    shown, last_preview = 0, None
    with ProgressView(screen, texts) as view:
        try:
            async for newest in easel.service.follow(job):
                if newest.job.state is State.DELIVERING:
                    view.done()
                    break
                view.show(newest)
                if previews is not None and newest.preview not in (None, last_preview):
                    last_preview = newest.preview
                    shown += 1
                    await asyncio.to_thread(_keep_preview, previews, job, shown, newest.preview)
        except (asyncio.CancelledError, UnwritableFolder):
            await asyncio.shield(_cancel(easel, job))
            raise
    return newest.job


async def _cancel(easel: Easel, job: Job) -> None:
    """Returns when its server has dropped it. One that does not answer is asked again by the next Easel that starts."""
    try:
        await easel.service.cancel(job.id, job.owner, job.place)
        async with asyncio.timeout(_PARTING):
            async for update in easel.service.follow(job):
                if update.job.state.final:
                    await easel.service.told(job.id)
                    return
    except (EaselError, TimeoutError) as error:  # it has just ended, or its server is gone: we are leaving either way
        log.warning("not cancelled", job=job.id, error=str(error))


async def _report(easel: Easel, job: Job, wanted: Wanted, screen: Console, texts: Texts) -> int:
    if job.state is not State.DELIVERING:
        await easel.service.told(job.id)
        if job.failure is None:  # somebody cancelled it
            return REFUSED
        complain(job.failure, texts)
        return REFUSED
    saved = await save_pictures(job, easel.service.media, wanted.out)
    document = results(job, saved)
    write_results(wanted.out / "results.json", document)
    await easel.service.delivered(job.id, [str(wanted.out)])
    for file in saved:
        screen.print(f"{file.path}  {file.picture.width} × {file.picture.height}", soft_wrap=True)
    screen.print(f"{wanted.out / 'results.json'}", soft_wrap=True)
    if wanted.as_json:
        print(json.dumps(document, indent=2))  # noqa: T201 - stdout is the product here
    return OK


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoSuchFile(file=str(path), reason=error.strerror or str(error)) from None


def _keep_preview(folder: Path, job: Job, number: int, data: bytes) -> None:
    suffix = "png" if data.startswith(b"\x89PNG") else "jpg"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{job.id}-{number:04}.{suffix}").write_bytes(data)
