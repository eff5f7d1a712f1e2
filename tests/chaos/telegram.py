"""People talk to `easel run` on Telegram while it is killed, again and again, with SIGKILL, and comes back.

Telegram and ComfyUI live on in this process. Telegram has nothing by which a message that is sent again could be known:
where a kill falls after it has taken one and before the bot has written that down, the message comes twice. Which these
are is known exactly: each is an `Orphan`, and no other message may be there twice.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from bot.jobs.ledger.sql import open_store
from bot.jobs.model import Job, Place
from bot.standin.server import StandIn
from bot.standin.settings import Settings
from tests.chaos.bot import Bot
from tests.chaos.reckoning import Orphan, Report, Wish, hold_messages, hold_runs, hold_wishes
from tests.talks import OPERATOR_ID, SETTINGS, picture
from tests.telegram_api import BotApi, Chat, Limits, Message, Person, Press
from tests.telegram_api.parameters import Parameters

CALM = 30.0
"""Seconds in which something must happen."""
LONGEST_WAIT = 1.0
"""Seconds until a moment that does not come is given up, and the kill comes anyway."""
MORE = """
[data]
folder = "data"
[log]
level = "warning"
"""

_MESSAGES = """
SELECT chat, message FROM results
UNION SELECT chat, status_message FROM jobs
UNION SELECT chat, handle FROM uploads JOIN jobs ON jobs.id = uploads.job WHERE name LIKE chat || '/%'
"""
_SENDS = {"sendphoto": "photo", "senddocument": "document", "sendmediagroup": "album"}
_OTHERS = {
    "getupdates": "poll",
    "editmessagetext": "edit",
    "editmessagecaption": "edit",
    "editmessagemedia": "preview",
    "deletemessage": "removal",
    "answercallbackquery": "answer",
}
CHAT_MOMENTS = tuple(
    f"{when} {what}"
    for what in ("poll", "card", "edit", "preview", "photo", "album", "buttons", "removal", "answer", "getfile", "file")
    for when in ("before", "after")
)
SERVER_MOMENTS = ("POST /prompt", "POST /upload/image", "GET /view")


class TelegramStorm:
    """Telegram, the stand-in and the bot, put together in a folder. `moments`: when the bot was killed."""

    def __init__(self, folder: Path, standin: StandIn, *, seed: int = 0) -> None:
        self.folder = folder
        self.standin = standin
        self.random = Random(seed)
        self.api = BotApi(limits=Limits(flood=False), sleep=_soon)
        self.api.witness = self._witness
        self.moments: Counter[str] = Counter()
        self.wishes: list[Wish] = []
        self.orphans: list[Orphan] = []
        self.bot: Bot
        self._wanted: str | None = None
        self._struck = asyncio.Event()
        self._pressed: set[Message] = set()
        self._stopped: set[str] = set()
        self._last: dict[tuple[int, int], tuple[Message, ...]] = {}
        """What the present life said last about each request, if that was something new."""

    @property
    def kills(self) -> int:
        """So far."""
        return sum(self.moments.values())

    @property
    def ledger(self) -> Path:
        """The SQLite file."""
        return self.folder / "data" / "easel.sqlite"

    @asynccontextmanager
    async def brewing(self, **telegram: object) -> AsyncIterator[TelegramStorm]:
        """Everything is up but the bot, which has these settings of Telegram's beside the usual ones."""
        log, settings = self.folder / "bot.log", self.folder / "config.toml"
        environ = {f"EASEL_TELEGRAM__{name.upper()}": str(value) for name, value in telegram.items()}
        environ |= {"EASEL_TELEGRAM__TOKEN": self.api.token, "PYTHONWARNINGS": "error", "LC_ALL": "C.UTF-8"}
        async with self.api:
            places = {"comfyui": self.standin.url, "telegram": self.api.url, "operator": OPERATOR_ID}
            settings.write_text(SETTINGS.format(**places, more=MORE))
            self.bot = Bot(log, str(settings), environ=environ)
            async with self.bot.ready():
                yield self
            said = log.read_text()
            assert "Traceback" not in said, said[-6000:]
            assert self.api.token not in said

    # What people do

    def ask(self, person: Person, to: Chat | None = None, flags: str = "", *, photo: bool = False) -> Message:
        """Somebody asks for a picture like no other, perhaps from one of their own."""
        words = f"scene {len(self.wishes)}"
        flags = flags or f"--steps {self.random.randint(1, 4)}"
        if photo:
            colour = f"#{len(self.wishes):06x}"  # of its own, or it would not be uploaded again
            said = person.sends_photo(picture(64, 64, colour), f"/imagine {words} {flags}", to)
        else:
            said = person.says(f"/imagine {words} --w 64 --h 64 {flags}", to)
        self.wish(said, words)
        return said

    def wish(self, said: Message, words: str) -> None:
        """That message must get its result."""
        self.wishes.append(Wish(said.chat, str(said.id), words))

    def again(self, person: Person, shown: Message) -> Press:
        """Somebody wants a result again."""
        self._pressed.add(shown)
        press = person.presses(shown, "Again")
        self.wishes.append(Wish(shown.chat, f"{shown.id}/{press.id}", f"again {shown!r}"))
        return press

    def cancel(self, person: Person, card: Message) -> Press:
        """Somebody stops what a card is about, if they may."""
        press = person.presses(card, "Cancel")
        self._stopped.add((card.keyboard[0][0].data or "").removeprefix("cancel:"))
        return press

    def something(self, people: Sequence[Person], chats: Sequence[Chat]) -> None:
        """Somebody does something in a chat of theirs."""
        person, chance = self.random.choice(people), self.random.random()
        chat = self.random.choice([*chats, person.private])
        cards = [one for one in chat.answers if "Cancel" in one.buttons]
        results = [one for one in chat.answers if "Again" in one.buttons and one not in self._pressed]
        if chance < 0.15 and results:
            self.again(person, self.random.choice(results))
        elif chance < 0.25 and cards:
            self.cancel(person, self.random.choice(cards))
        elif chance < 0.4:
            self.ask(person, chat, "--batch 2 --steps 1")
        else:
            self.ask(person, chat, photo=chance < 0.5)

    # What befalls the bot

    async def start(self) -> None:
        """The next life begins, once all is known about what the last one left behind."""
        if self.bot.pid is None:
            await self.bot.start()

    def strike(self, moment: str) -> None:
        """The bot will die at the next such moment: `struck` waits for that."""
        self._struck.clear()
        self._wanted = moment

    async def struck(self, longest: float = CALM) -> None:
        """Wait for the kill; after so many seconds it comes anyway."""
        moment = self._wanted or "then"
        try:
            async with asyncio.timeout(longest):
                await self._arrived(moment)
        except TimeoutError:
            if longest >= CALM:
                raise AssertionError(f"there was no {moment!r}") from None
        self._wanted = None
        await self.kill(moment)

    async def kill(self, moment: str = "then") -> None:
        """SIGKILL, unless that has been done."""
        if self.bot.pid is not None and not self.bot.alive:
            raise AssertionError(f"the bot has died by itself:\n{(self.folder / 'bot.log').read_text()[-6000:]}")
        self.bot.kill()
        self.moments[moment] += 1
        await self.bot.buried()
        for _ in range(100):  # what had left the bot before arrives
            await asyncio.sleep(0)
        written = self._written()
        for sent in self._last.values():
            if sent and not any((str(one.chat.id), str(one.id)) in written for one in sent):
                self.orphans.append(Orphan(sent, moment))
        self._last.clear()

    async def calm(self) -> None:
        """A life long enough to finish everything, or until it gets no further."""
        await self.start()
        loop = asyncio.get_running_loop()
        before, since = None, loop.time()
        while (now := self._unfinished()) is not None and loop.time() - since < CALM:
            if now != before:
                before, since = now, loop.time()
            await asyncio.sleep(0.02)  # a file: nobody says when it changes

    # The reckoning

    async def report(self, *chats: Chat) -> Report:
        """What has become of all that was wished for in these chats; all of them if none is named."""
        chats = chats or tuple({wish.chat.id: wish.chat for wish in self.wishes}.values())
        report = Report(self.kills, moments=self.moments)
        if self.api.updates.waiting:
            report.wrong.append(f"not confirmed: {self.api.updates.waiting}")
        runs = await self._runs()
        for chat in chats:
            wishes, jobs = [wish for wish in self.wishes if wish.chat is chat], await self._jobs(chat)
            report.requests += len(wishes)
            hold_wishes(wishes, jobs, self._stopped, report)
            hold_messages(chat, jobs, self.orphans, report)
            hold_runs(runs, jobs, report)
        return report

    async def _jobs(self, chat: Chat) -> Sequence[Job]:
        async with open_store(f"sqlite:///{self.ledger}", holder="reckoning") as store:
            return await store.ledger.of_place(Place("telegram", str(chat.id)), 10_000)

    async def _runs(self) -> Counter[str]:
        """How often each prompt text is in the server's history."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.standin.url}/history") as response:
            history: dict[str, Any] = await response.json()
        texts: Counter[str] = Counter()
        for entry in history.values():
            said = {node["inputs"].get("text") for node in entry["prompt"][2].values()}
            texts.update(text for text in said if isinstance(text, str) and text.startswith("scene "))
        return texts

    def _unfinished(self) -> object | None:
        """Whatever is not done yet."""
        updates, jobs = len(self.api.updates.waiting), self._asked("SELECT id, state FROM jobs WHERE open")
        left = updates, jobs, self.standin.running, self.standin.pending
        return left if any(left) else None

    def _written(self) -> set[tuple[str, str]]:
        return set(self._asked(_MESSAGES))

    def _asked(self, question: str) -> list[Any]:
        if not self.ledger.exists():
            return []
        with closing(sqlite3.connect(self.ledger)) as ledger:
            try:
                return ledger.execute(question).fetchall()
            except sqlite3.OperationalError:  # killed before there were tables
                return []

    # The moments

    def _witness(self, when: str, given: Parameters) -> bool:
        self._note(when, given)
        if self._wanted != f"{when} {_what(given)}":
            return False
        self._wanted = None
        self.bot.kill()
        self._struck.set()
        return True

    def _note(self, when: str, given: Parameters) -> None:
        """Keep what was said last about a request: as soon as more is said of it, the bot knows that all else went."""
        chat = self.api.world.chat_of(given.text("chat_id"))
        if chat is None:
            return
        reply = given.object("reply_parameters", "reply parameters") or {}
        answered = chat.by_id.get(reply.get("message_id", 0))
        changed = chat.by_id.get(given.number("message_id"))
        about = changed.reply_to if changed is not None else answered
        while about is not None and about.by_bot and about.album:  # the buttons of an album
            about = about.reply_to
        if about is None:
            return
        sent: tuple[Message, ...] = ()
        if when == "after" and given.method.startswith("send"):
            newest = chat.history[-1]
            sent = tuple(one for one in chat.history if one is newest or (one.album and one.album == newest.album))
        self._last[chat.id, about.id] = sent

    async def _arrived(self, moment: str) -> None:
        if moment == "time":
            await asyncio.sleep(self.random.uniform(0.0, 0.8))
        elif moment in SERVER_MOMENTS:
            enough = self.standin.calls[moment] + 1
            await self.standin.until(lambda: self.standin.calls[moment] >= enough)
        else:
            await self._struck.wait()


async def _soon(seconds: float) -> None:
    """Telegram would leave a webhook that does not answer alone for longer."""
    await asyncio.sleep(min(seconds, 0.1))


def _what(given: Parameters) -> str:
    """Which sort of a call it is, as moments name it."""
    if given.method != "sendmessage":
        return _SENDS.get(given.method) or _OTHERS.get(given.method, given.method)
    markup = given.text("reply_markup")
    if "force_reply" in markup:
        return "question"
    return "card" if '"cancel:' in markup else "buttons" if "inline_keyboard" in markup else "text"


async def telegram_storm(kills: int, *, seed: int, folder: Path) -> Report:
    """So many kills while people talk, then calm."""
    async with (
        StandIn(Settings(speed=0.01, label="")) as standin,
        TelegramStorm(folder, standin, seed=seed).brewing() as storm,
    ):
        people = [storm.api.person(name) for name in ("Ann", "Bob", "Cleo")]
        chats = [storm.api.supergroup(title, *people) for title in ("Foxes", "Owls")]
        while storm.kills < kills:
            await storm.start()
            for _ in range(storm.random.choice((0, 0, 1, 1, 2))):
                storm.something(people, chats)
            storm.strike(storm.random.choice(("time", "time", *CHAT_MOMENTS, *SERVER_MOMENTS)))
            await storm.struck(LONGEST_WAIT)
        await storm.calm()
        return await storm.report()
