"""A running application, from its settings."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app.translation import inputs_of, library_of, manners_of, server_of
from bot.chat.conversation import Conversation
from bot.comfyui.client import Client
from bot.config import Settings
from bot.config.errors import CannotListen
from bot.console.app import make_app
from bot.console.desk import Desk
from bot.console.front import ConsoleFrontEnd
from bot.console.room import Room
from bot.console.security import Guard
from bot.console.server import ConsoleServer
from bot.images.probe import InputLimits
from bot.jobs.catalog import Catalog
from bot.jobs.ledger.memory import MemoryLedger
from bot.jobs.media import MediaStore
from bot.jobs.recipes import Limits
from bot.jobs.service import JobService
from bot.pool.pool import Pool
from bot.pool.renderer import ComfyRenderer
from bot.workflows.library import Library


@dataclass(frozen=True, slots=True)
class Easel:
    """The application without a front end. `clients` are the servers' own, for what is beyond jobs."""

    settings: Settings
    service: JobService
    library: Library
    clients: tuple[Client, ...]
    inputs: InputLimits


@dataclass(frozen=True, slots=True)
class OpenConsole:
    """The console while it is served."""

    server: ConsoleServer
    desk: Desk


@asynccontextmanager
async def compose(settings: Settings, *, extra_workflows: Sequence[Path] = ()) -> AsyncIterator[Easel]:
    """The application over the settings' servers, until the block ends."""
    async with AsyncExitStack() as stack:
        clients = tuple(
            [
                await stack.enter_async_context(Client(server_of(entry, settings.pictures.max_output_bytes)))
                for entry in settings.servers
            ]
        )
        pool = Pool([ComfyRenderer(client) for client in clients])
        library = library_of(settings, extra_workflows)
        # as long as the ledger is in memory, pictures need not outlive the process either
        media = stack.enter_context(tempfile.TemporaryDirectory(prefix="easel-media-"))
        service = JobService(
            ledger=MemoryLedger(),
            media=MediaStore(Path(media)),
            pool=pool,
            catalog=Catalog(
                library,
                pool,
                defaults=settings.workflows.default,
                defaults_with_image=settings.workflows.default_with_image,
            ),
            limits=Limits(pixels=settings.limits.max_pixels, batch=settings.limits.max_batch),
        )
        await stack.enter_async_context(service)
        yield Easel(settings, service, library, clients, inputs_of(settings))


@asynccontextmanager
async def console(easel: Easel) -> AsyncIterator[OpenConsole]:
    """The web console over the application, until the block ends.

    Raises:
        CannotListen: Its address is none of this computer's, or its port may not be used.
    """
    wanted = easel.settings.console
    token = wanted.token.get_secret_value() if wanted.token else None
    guard = Guard.of(host=wanted.host, names=wanted.names, token=token)
    room = Room()
    async with Conversation(ConsoleFrontEnd(room), easel.service, manners_of(easel.settings)) as conversation:
        desk = Desk(room, conversation, easel.service.media, easel.inputs)
        app = make_app(room, desk, easel.service, guard)
        async with AsyncExitStack() as stack:
            try:
                server = await stack.enter_async_context(ConsoleServer(app, guard, host=wanted.host, port=wanted.port))
            except OSError as error:
                raise CannotListen.because(error, wanted.host, wanted.port) from None
            yield OpenConsole(server, desk)
