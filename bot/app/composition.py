"""A running application, from its settings."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from bot.app.pruning import pruning
from bot.app.reloading import NotReloaded, Reloaded, difference, in_effect
from bot.app.translation import (
    budgets_of,
    database_of,
    inputs_of,
    key_of,
    library_of,
    line_of,
    manners_of,
    media_folder_of,
    rules_of,
    server_of,
    terms_of,
)
from bot.chat.commands import Command
from bot.chat.conversation import Conversation, Reload
from bot.chat.presence import Board
from bot.comfyui.client import Client
from bot.comfyui.records import Queue
from bot.comfyui.server import Server
from bot.config import Settings
from bot.config.errors import BadSettings, CannotListen
from bot.console.app import make_app
from bot.console.desk import Desk
from bot.console.filling import fill
from bot.console.front import PLACE, ConsoleFrontEnd
from bot.console.room import Room
from bot.console.security import Guard
from bot.console.server import ConsoleServer
from bot.jobs.catalog import Catalog
from bot.jobs.estimates import Estimates
from bot.jobs.house import House
from bot.jobs.ledger.port import Ledger, Register
from bot.jobs.ledger.recent import RecentRegister
from bot.jobs.ledger.sql import open_store
from bot.jobs.media import MediaStore
from bot.jobs.prompts import Prompts
from bot.jobs.service import JobService
from bot.pool.pool import Member, Pool
from bot.pool.renderer import ComfyRenderer
from bot.telegram.people import PLATFORM as TELEGRAM
from bot.telegram.platform import telegram as open_telegram
from bot.telegram.posting import Uploads

RUN = "run"
"""The holder that serves; there is one of it at a time."""

TERMINAL = "terminal"
"""The platform of what is asked for at a terminal."""

_CLIENT = "client"
"""The switch that keeps how servers know us."""

log = structlog.get_logger()


class Easel:
    """The application without a front end. `settings` are those in effect.

    `uploads` keeps what platforms call the files they have been sent; on `board` they say how their connections are.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        service: JobService,
        pool: Pool,
        uploads: Uploads,
        members: Callable[[Settings], Sequence[Member]],
        reread: Callable[[], Settings],
    ) -> None:
        self.settings = settings
        self.service = service
        self.uploads = uploads
        self.board = Board()
        self._pool = pool
        self._members = members
        self._reread = reread
        self._reloading = asyncio.Lock()

    async def reload(self) -> Reloaded:
        """Read the settings again. What of them needs no restart takes effect, the rest is told.

        Raises:
            NotReloaded: They cannot be used. Nothing has changed.
            BadPattern: As `NotReloaded`, for what only the rules can tell.
        """
        async with self._reloading:
            try:
                wanted = await asyncio.to_thread(self._reread)
            except BadSettings as bad:
                raise NotReloaded.because(bad) from None
            told, now = difference(self.settings, wanted), in_effect(self.settings, wanted)
            rules = rules_of(now)
            await self._pool.reconfigure(self._members(now))
            for name in self.service.house.drained.intersection(server.name for server in now.servers):
                self._pool.drain(name)
            self.service.house.replace(rules)
            self.settings = now
        log.info("reloaded", **told.details)
        return told


@dataclass(frozen=True, slots=True)
class OpenConsole:
    """The console while it is served."""

    server: ConsoleServer
    desk: Desk


@asynccontextmanager
async def open_renderer(server: Server, client_id: str | None = None) -> AsyncIterator[ComfyRenderer]:
    """One server, until the block ends."""
    async with Client(server, client_id=client_id) as client:
        yield ComfyRenderer(client)


@asynccontextmanager
async def compose(
    settings: Settings,
    *,
    holder: str = RUN,
    platforms: Collection[str] | None = None,
    extra_workflows: Sequence[Path] = (),
    reread: Callable[[], Settings] | None = None,
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[Easel]:
    """The application over the settings' servers and data, until the block ends.

    `holder` is this process among those that use the data, `platforms` are those whose jobs it looks after; None: all
    that the settings turn on. `reread` gives the settings anew; None: they are what they are. `clock` is the time of
    day in seconds.

    Raises:
        LedgerInUse: Another process is that holder.
        LedgerUnavailable, LedgerTooNew: The data cannot be used.
        BadPattern: A blocked word or pattern fits every text.
    """
    if platforms is None:
        platforms = platforms_of(settings)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(database_of(settings), holder=holder))
        house = House(RecentRegister(store.register), rules_of(settings), clock=clock)
        await house.load()
        # under the same id, the events of prompts that an earlier life left behind arrive in this one
        client_id = await _client_id(store.register) if holder == RUN else uuid.uuid4().hex
        members = partial(_members, client_id=client_id)
        estimates, prompts = Estimates(), Prompts(store.ledger)
        pool = await stack.enter_async_context(Pool(members(settings), wait_of=partial(_wait, estimates, prompts)))
        library = library_of(settings, extra_workflows)
        service = JobService(
            ledger=store.ledger,
            house=house,
            media=MediaStore(media_folder_of(settings)),
            pool=pool,
            catalog=Catalog(
                library,
                pool,
                defaults=settings.workflows.default,
                defaults_with_image=settings.workflows.default_with_image,
            ),
            estimates=estimates,
            prompts=prompts,
            platforms=platforms,
            grace=settings.pool.grace,
            patience=settings.pool.patience,
            clock=clock,
        )
        await stack.enter_async_context(service)
        if holder == RUN:
            await _log_what_waits(store.ledger, platforms)
        await stack.enter_async_context(pruning(service, store.register, settings.data, clock=clock))
        yield Easel(
            settings,
            service=service,
            pool=pool,
            uploads=store.ledger,
            members=members,
            reread=reread or (lambda: settings),
        )


def platforms_of(settings: Settings) -> tuple[str, ...]:
    """The platforms that the settings turn on; the console and the terminal always are."""
    return (PLACE.platform, TERMINAL) if line_of(settings) is None else (PLACE.platform, TERMINAL, TELEGRAM)


async def _log_what_waits(ledger: Ledger, platforms: Collection[str]) -> None:
    """Jobs of a platform that the settings no longer turn on stay as they are until they do again."""
    waiting = Counter(job.place.platform for job in await ledger.unfinished() if job.place.platform not in platforms)
    for platform, jobs in waiting.items():
        log.warning("jobs wait until their platform is in the settings again", platform=platform, jobs=jobs)


def _members(settings: Settings, client_id: str) -> list[Member]:
    servers = [server_of(entry, settings) for entry in settings.servers]
    return [
        Member(server.name, terms_of(entry), partial(open_renderer, server, client_id), key_of(server))
        for server, entry in zip(servers, settings.servers, strict=True)
    ]


def _wait(estimates: Estimates, prompts: Prompts, server: str, queue: Queue) -> float:
    """A `bot.pool.pool.WaitOf`: by what such runs as wait there have taken."""
    return estimates.wait_of(server, queue, prompts.recipes(queue), prompts.elapsed(queue, time.monotonic()))


async def _client_id(register: Register) -> str:
    known = (await register.switches()).get(_CLIENT)
    if known is None:
        known = uuid.uuid4().hex
        await register.set_switch(_CLIENT, known)
    return known


@asynccontextmanager
async def console(easel: Easel, reload: Reload | None = None) -> AsyncIterator[OpenConsole]:
    """The web console over the application, until the block ends. `reload` is what operators may ask for there.

    Raises:
        CannotListen: Its address is none of this computer's, or its port may not be used.
        LedgerUnavailable: What was said there before cannot be read.
    """
    wanted = easel.settings.console
    token = wanted.token.get_secret_value() if wanted.token else None
    guard = Guard.of(host=wanted.host, names=wanted.names, token=token)
    room = Room()
    front = ConsoleFrontEnd(room, budgets_of(easel.settings, PLACE.platform))
    manners = manners_of(easel.settings)
    await fill(room, front, easel.service, manners)
    async with Conversation(front, easel.service, manners, reload, board=easel.board) as conversation:
        desk = Desk(room, conversation, easel.service.media, inputs_of(easel.settings))
        leave_out = [Command.RELOAD] if reload is None else []
        app = make_app(room, desk, easel.service, guard, board=easel.board, leave_out=leave_out)
        async with AsyncExitStack() as stack:
            try:
                server = await stack.enter_async_context(ConsoleServer(app, guard, host=wanted.host, port=wanted.port))
            except OSError as error:
                raise CannotListen.because(error, wanted.host, wanted.port) from None
            yield OpenConsole(server, desk)


@asynccontextmanager
async def telegram(easel: Easel, reload: Reload | None = None) -> AsyncIterator[None]:
    """The bot on Telegram, if there is a token, until the block ends. How it is stands on the application's board.

    Whatever is wrong there ends nothing here: it is told on the board, and tried again.
    """
    line = line_of(easel.settings)
    if line is None:
        yield
        return
    async with open_telegram(
        line,
        easel.service,
        manners_of(easel.settings),
        easel.board,
        budgets_of(easel.settings, TELEGRAM),
        easel.uploads,
        reload,
    ):
        yield
