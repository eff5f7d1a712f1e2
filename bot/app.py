"""The composition root: from settings to a running application. Nothing else in the house builds a room's parts."""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from platformdirs import user_data_path

import bot
from bot import config
from bot.chat.conversation import Conversation, Manners
from bot.comfyui.client import Client
from bot.comfyui.server import Server, Timeouts
from bot.config import ServerSettings, Settings
from bot.config.errors import BadSettings, CannotListen, WrongSetting
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

SHIPPED_WORKFLOWS = Path(bot.__file__).parent.parent / "workflows"
DEFAULT_SETTINGS = Path("config.toml")


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


def read_settings(files: Sequence[Path] | None, environ: Mapping[str, str], server: str | None = None) -> Settings:
    """The settings of these files, or of ``config.toml`` where none is named and it is there.

    `server` is an address that takes the place of every configured server. Where nothing else is said, data lie beside
    the first file, or without one in the user's own folder for such.

    Raises:
        BadSettings: Something in them is wrong.
    """
    if files is None:
        files = [DEFAULT_SETTINGS] if DEFAULT_SETTINGS.exists() else []
    data_folder = files[0].parent / "data" if files else user_data_path("easel", appauthor=False)
    settings = config.load(files, environ, data_folder=data_folder)
    return settings if server is None else settings.model_copy(update={"servers": (_server_at(server),)})


def _server_at(url: str) -> ServerSettings:
    try:
        return ServerSettings(name=urlsplit(url).hostname or "server", url=url)
    except ValueError:  # pydantic's own is one, too
        wrong = WrongSetting("--server", "url", expected="url", limit=(), got=url, nearest=None)
        raise BadSettings((wrong,)) from None


def set_up_log(settings: Settings, *, quiet: bool = False) -> None:
    """Log lines to stderr, as text or JSON, from the level of the settings on.

    `quiet`: only errors, unless the settings ask for debug. For commands that themselves say how things stand.
    """
    level = "error" if quiet and settings.log.level != "debug" else settings.log.level
    render = (
        structlog.processors.JSONRenderer()
        if settings.log.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def library_of(settings: Settings, extra: Sequence[Path] = ()) -> Library:
    """The shipped workflows, the operator's folders over them, and single files over those."""
    return Library([SHIPPED_WORKFLOWS, *settings.workflows.folders], files=extra)


def server_of(entry: ServerSettings, max_output_bytes: int) -> Server:
    """One ``[[servers]]`` entry as the client wants it."""
    password = entry.password.get_secret_value() if entry.password else ""
    return Server(
        name=entry.name,
        url=entry.url,
        verify_tls=entry.verify_tls,
        headers={name: value.get_secret_value() for name, value in entry.headers.items()},
        basic_auth=(entry.username, password) if entry.username else None,
        timeouts=Timeouts(
            connect=entry.connect_timeout,
            request=entry.request_timeout,
            silence=entry.silence_timeout,
            poll=entry.poll_interval,
        ),
        max_output_bytes=max_output_bytes,
    )


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
        inputs = InputLimits(max_bytes=settings.pictures.max_input_bytes, max_pixels=settings.pictures.max_input_pixels)
        yield Easel(settings, service, library, clients, inputs)


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
    manners = Manners(
        language=easel.settings.chat.language,
        embed_recipe=easel.settings.pictures.embed_recipe,
        previews=easel.settings.chat.previews,
        inputs=easel.inputs,
    )
    async with Conversation(ConsoleFrontEnd(room), easel.service, manners) as conversation:
        desk = Desk(room, conversation, easel.service.media, easel.inputs)
        app = make_app(room, desk, easel.service, guard)
        async with AsyncExitStack() as stack:
            try:
                server = await stack.enter_async_context(ConsoleServer(app, guard, host=wanted.host, port=wanted.port))
            except OSError as error:
                raise CannotListen.because(error, wanted.host, wanted.port) from None
            yield OpenConsole(server, desk)
