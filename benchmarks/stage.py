"""An Easel to measure: the application over some servers, a platform that only counts, and people who ask."""
# ruff: noqa: ARG002 - what only counts looks at nothing

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bot.app import compose
from bot.app.composition import open_renderer
from bot.app.translation import key_of, library_of, media_folder_of, rules_of, server_of, terms_of
from bot.chat.card import Result, StatusCard, Words
from bot.chat.conversation import Conversation, Manners
from bot.chat.pacing import Budgets
from bot.chat.ports import Incoming
from bot.config import Settings
from bot.images.fit import TELEGRAM_PHOTO, PlatformLimits
from bot.jobs.catalog import Catalog
from bot.jobs.estimates import Estimates
from bot.jobs.house import House
from bot.jobs.ledger.memory import MemoryLedger, MemoryRegister
from bot.jobs.media import MediaStore
from bot.jobs.model import Job, Person, Place
from bot.jobs.service import JobService
from bot.pool.pool import Member, Pool

PLATFORM = "bench"
SMALL = "--w 64 --h 64 --steps 4"
"""As little as a request can ask of the painter, with a graph that is as large as any."""

_seeds = itertools.count(1)


@dataclass(eq=False)
class CountingFront:
    """A platform on which every message takes `latency` seconds, and is counted.

    `sent` are the moments of all of them by chat, `ended` what each job's chat was shown last: its result or its end.
    """

    budgets: Budgets = field(default_factory=Budgets)
    latency: float = 0.0
    platform: str = PLATFORM
    picture_limits: PlatformLimits = TELEGRAM_PHOTO
    sent: dict[str, list[float]] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    results: Counter[str] = field(default_factory=Counter)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def is_private(self, place: Place) -> bool:
        return False

    async def say(self, place: Place, words: Words, *, reply_to: str | None) -> str:
        return await self._send(place, "texts")

    async def show(self, place: Place, card: StatusCard, *, reply_to: str | None) -> str:
        return await self._send(place, "status messages")

    async def update(self, place: Place, message: str, card: StatusCard) -> None:
        await self._send(place, "edits")

    async def post(self, place: Place, result: Result, *, reply_to: str | None, status: str | None) -> tuple[str, ...]:
        message = await self._send(place, "results")
        self.results[result.job] += 1
        self.changed.set()
        return (message,)

    async def remove(self, place: Place, message: str) -> None:
        await self._send(place, "removals")

    async def until_results(self, count: int) -> None:
        """Until so many jobs have been answered with a result."""
        while len(self.results) < count:
            self.changed.clear()
            await self.changed.wait()

    async def _send(self, place: Place, kind: str) -> str:
        self.sent.setdefault(place.chat, []).append(time.perf_counter())
        self.kinds[kind] += 1
        if self.latency:
            await asyncio.sleep(self.latency)
        return uuid.uuid4().hex


def settings_for(urls: Sequence[str], folder: Path, database: str | None = None) -> Settings:
    """Open to all and without limits. `database` None: SQLite in the folder."""
    return Settings.model_validate(
        {
            "servers": [{"name": f"gpu {index:02}", "url": url} for index, url in enumerate(urls)],
            "data": {"folder": str(folder), **({"database": database} if database else {})},
            "access": {"anybody": True},
            "limits": {"waiting": 0},
            "log": {"level": "error"},
        }
    )


@asynccontextmanager
async def durable(settings: Settings) -> AsyncIterator[JobService]:
    """The application as it is shipped."""
    async with compose(settings, platforms=(PLATFORM,)) as easel:
        yield easel.service


@asynccontextmanager
async def forgetful(settings: Settings) -> AsyncIterator[JobService]:
    """The same over a ledger in memory."""
    servers = [server_of(entry, settings) for entry in settings.servers]
    members = [
        Member(server.name, terms_of(entry), partial(open_renderer, server), key_of(server))
        for server, entry in zip(servers, settings.servers, strict=True)
    ]
    house = House(MemoryRegister(), rules_of(settings), clock=time.time)
    await house.load()
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(Pool(members))
        wanted = settings.workflows
        service = JobService(
            ledger=MemoryLedger(),
            house=house,
            media=MediaStore(media_folder_of(settings)),
            pool=pool,
            catalog=Catalog(
                library_of(settings),
                pool,
                defaults=wanted.default,
                defaults_with_image=wanted.default_with_image,
            ),
            estimates=Estimates(),
            platforms=(PLATFORM,),
        )
        yield await stack.enter_async_context(service)


@asynccontextmanager
async def conversation(service: JobService, front: CountingFront) -> AsyncIterator[Conversation]:
    async with Conversation(front, service, Manners(previews=False)) as talk:
        yield talk


async def ask(talk: Conversation, person: int, chat: str, text: str = "a fox") -> Job:
    """Somebody's message, as the platform hands it over."""
    seed = next(_seeds)
    said = f"/imagine {text}, number {seed} {SMALL} --seed {seed}"
    someone, place = Person(f"{PLATFORM}:{person}", f"Person {person}"), Place(PLATFORM, chat)
    job = await talk.receive(Incoming(someone, place, f"message {seed}", said))
    assert job is not None, said
    return job
