"""A storm: people ask for pictures while the bot is killed, again and again, with SIGKILL, and comes back.

The stand-in server and the chat platform live on in this process; the bot's lives are processes of their own with one
SQLite file. A kill comes after a while, or at a moment that the storm is lying in wait for: just before the platform
takes a message, just after it has taken it and before it has said so, as a prompt reaches the server.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import aiohttp

from bot.jobs.ledger.sql import open_store
from bot.jobs.model import Place
from bot.standin.server import StandIn
from tests.chaos.bot import Bot
from tests.chaos.front import PLATFORM
from tests.chaos.peer import ChatPeer

CALM = 30.0
"""Seconds that the last life has to finish everything."""
LONGEST_WAIT = 2.5
"""Seconds until a moment that does not come is given up, and the kill comes anyway."""

SETTINGS = """
servers = [{servers}]
[data]
folder = "data"
{database}
[access]
anybody = true
[limits]
waiting = 0
[log]
level = "{level}"
[pool]
grace = {grace}
"""
SERVER = '{{ name = "{name}", url = "{url}", poll_interval = 0.2, silence_timeout = 2 }}'

ROOMS = tuple(Place(PLATFORM, f"room {number}") for number in range(3))
CHAT_MOMENTS = ("before status", "after status", "before edit", "after edit", "before result", "after result")
SERVER_MOMENTS = ("POST /prompt", "GET /view")


@dataclass(slots=True)
class Report:
    """What a storm has done. `lost` were asked for and never came; `doubled` ran or came twice; `stuck` are status
    messages that never said how it ended; `faults` is what the ledger or the bot said that it should not."""

    kills: int = 0
    jobs: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    moments: Counter[str] = field(default_factory=Counter)

    @property
    def cases(self) -> dict[str, list[str]]:
        """All of that, by what it is."""
        return {"lost": self.lost, "doubled": self.doubled, "stuck": self.stuck}

    @property
    def failed(self) -> bool:
        """Whether there is any."""
        return any(self.cases.values())

    def __str__(self) -> str:
        return f"kills {self.kills}, jobs {self.jobs}, lost {len(self.lost)}, doubled {len(self.doubled)}"


class Storm:
    """The stand-in, the platform and the bot, put together in a folder."""

    def __init__(
        self, folder: Path, standins: tuple[StandIn, ...], *, seed: int, forgetful: bool = False, database: str = ""
    ) -> None:
        self.folder = folder
        self.standins = standins
        self.database = database or f"sqlite:///{folder / 'data' / 'easel.sqlite'}"
        self.random = Random(seed)
        self.peer = ChatPeer(self._moment, forgetful=forgetful)
        self.bot: Bot
        self.report = Report()
        self._wanted: str | None = None
        self._reached = asyncio.Event()

    @asynccontextmanager
    async def brewing(self, *, level: str = "warning", grace: float = 120.0) -> AsyncIterator[Storm]:
        """Everything is up but the bot."""
        servers = ", ".join(SERVER.format(name=f"s{n}", url=s.url) for n, s in enumerate(self.standins, start=1))
        settings = self.folder / "config.toml"
        settings.write_text(
            SETTINGS.format(
                servers=servers,
                level=level,
                grace=grace,
                database="" if self.database.startswith("sqlite") else f'database = "{self.database}"',
            )
        )
        async with self.peer:
            self.bot = Bot(self.folder / "bot.log", str(settings), self.peer.url)
            async with self.bot.ready():
                yield self

    def ask(self, text: str = "", person: str = "", chat: str = "") -> str:
        """Somebody asks for a picture like no other; their message's id."""
        self.report.jobs += 1
        number = self.report.jobs
        text = text or f"/imagine scene {number} --w 64 --h 64 --steps {self.random.randint(1, 4)}"
        return self.peer.write(person or f"chaos:{number % 7}", chat or ROOMS[number % len(ROOMS)].chat, text)

    async def life(self, *, clock_error: float = 0.0, moment: str | None = None) -> None:
        """One life, from its start to its kill: at that moment, or at any while people ask."""
        await self.bot.start(clock_error)
        for _ in range(0 if moment else self.random.choice((0, 0, 1, 1, 2))):
            self.ask()
        longest = CALM if moment else LONGEST_WAIT
        moment = moment or self.random.choice(("time", "time", *CHAT_MOMENTS, *SERVER_MOMENTS))
        self.report.moments[moment] += 1
        await self._lie_in_wait(moment, longest)
        if not self.bot.alive and self.bot.pid is not None:
            raise RuntimeError(f"the bot has died by itself:\n{(self.folder / 'bot.log').read_text()[-6000:]}")
        self.bot.kill()
        self.report.kills = self.bot.kills

    async def calm(self) -> None:
        """This life, or a last one, long enough to finish everything; then the reckoning."""
        if self.bot.pid is None:
            await self.bot.start()
        with suppress(TimeoutError):
            async with asyncio.timeout(CALM):
                await self.peer.until(lambda: not self.peer.unconfirmed and all(map(self._settled, self.peer.written)))
                for standin in self.standins:
                    await standin.until(lambda standin=standin: not standin.running and not standin.pending)
                while await self._open_jobs():  # noqa: ASYNC110 - a file: nobody says when it changes
                    await asyncio.sleep(0.02)
        await self._reckon()

    def _settled(self, message: str) -> bool:
        return any(answer.kind == "result" for answer in self.peer.answers(message))

    async def _open_jobs(self) -> int:
        async with open_store(self.database, holder="reckoning") as store:
            return sum([not job.told for place in ROOMS for job in await store.ledger.of_place(place, 10_000)])

    @property
    def ledger(self) -> Path:
        """The SQLite file."""
        return self.folder / "data" / "easel.sqlite"

    async def _reckon(self) -> None:
        if jobs := await self._open_jobs():
            self.report.stuck.append(f"{jobs} jobs are open in the ledger")
        for message, text in self.peer.written.items():
            answers = self.peer.answers(message)
            results = [answer for answer in answers if answer.kind == "result"]
            if not results:
                self.report.lost.append(f"{text}: {[(a.kind, a.text) for a in answers]}")
            if len(results) > 1:
                self.report.doubled.append(f"{text}: came {len(results)} times")
            self.report.stuck += [f"{text}: {a.kind} {a.text}" for a in answers if a.kind != "result"]
        for text, times in (await self._executed()).items():
            if times > 1:
                self.report.doubled.append(f"{text}: ran {times} times")

    async def _executed(self) -> Counter[str]:
        """How often each prompt text is in the servers' histories."""
        texts: Counter[str] = Counter()
        async with aiohttp.ClientSession() as session:
            for standin in self.standins:
                try:
                    async with session.get(f"{standin.url}/history") as response:
                        history = await response.json()
                except aiohttp.ClientConnectionError:
                    continue  # it is gone, and what it knew with it
                for entry in history.values():
                    graph = entry["prompt"][2]
                    texts.update(
                        text
                        for node in graph.values()
                        if isinstance(text := node["inputs"].get("text"), str) and text.startswith("scene ")
                    )
        return texts

    def _moment(self, name: str) -> bool:
        """The platform says what happens; if that was waited for, the bot dies here and now."""
        if name != self._wanted:
            return False
        self._wanted = None
        self.bot.kill()
        self._reached.set()
        return True

    async def _lie_in_wait(self, moment: str, longest: float) -> None:
        waiting: Callable[[], Awaitable[object]]
        if moment == "time":
            longest = self.random.uniform(0.0, 0.8)
            waiting = asyncio.Event().wait
        elif moment in SERVER_MOMENTS:
            standin = self.random.choice(self.standins)
            enough = self._calls(standin, moment) + 1

            async def waiting() -> None:
                await standin.until(lambda: self._calls(standin, moment) >= enough)
        else:
            self._reached.clear()
            self._wanted = moment
            waiting = self._reached.wait
        with suppress(TimeoutError):
            async with asyncio.timeout(longest):
                await waiting()
        self._wanted = None

    @staticmethod
    def _calls(standin: StandIn, route: str) -> int:
        return standin.calls[route]
