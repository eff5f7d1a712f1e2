"""Our side of a Telegram on loopback: a front end that speaks, and time that passes when somebody has to wait."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, TypeVar

import pytest
from PIL import Image
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.chat.card import Result, ResultPicture, StatusCard, Words
from bot.chat.pacing import TELEGRAM, SlowDown
from bot.chat.status import buttons
from bot.chat.texts import texts_for
from bot.jobs.ledger.errors import LedgerUnavailable
from bot.jobs.model import Action, Place
from bot.telegram.front import TelegramFrontEnd
from bot.telegram.sending import Sender
from tests.telegram_api import BotApi, Chat, Message, Person, Topic

T = TypeVar("T")

ACTIONS = tuple(action for action in Action if action is not Action.CANCEL)


@dataclass(slots=True)
class Clock:
    """Seconds, which pass only when somebody waits. `waits` is how long they waited."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """What a call gives in the end: it is made again, as the pacer does, after as long as it asks for."""
        while True:
            self.now += 1.0  # one message a second to a chat
            try:
                return await call()
            except SlowDown as slow:
                self.waits.append(slow.seconds)
                self.now += slow.seconds


@dataclass(slots=True)
class Kept:
    """What a ledger keeps of uploads, unless it is broken."""

    files: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    broken: bool = False

    async def uploads(self, account: str, job: str, /) -> Mapping[str, str]:
        if self.broken:
            raise LedgerUnavailable("disk", "full")
        return dict(self.files.get((account, job), {}))

    async def keep_uploads(self, account: str, job: str, uploads: Mapping[str, str], /) -> None:
        if self.broken:
            raise LedgerUnavailable("disk", "full")
        self.files.setdefault((account, job), {}).update(uploads)

    def file_ids(self, job: str) -> Mapping[str, str]:
        """Those that any bot has of a job; all else that is kept are messages, whose names begin with a chat."""
        kept = {name: handle for (_, its), files in self.files.items() if its == job for name, handle in files.items()}
        return {name: handle for name, handle in kept.items() if not name.startswith("-")}


@dataclass(slots=True)
class Moves:
    """Which chats are known to have another id, as far as that can be kept."""

    told: list[tuple[Place, str]] = field(default_factory=list)
    broken: bool = False

    async def __call__(self, old: Place, chat: str) -> None:
        if self.broken:
            raise LedgerUnavailable("disk", "full")
        self.told.append((old, chat))


@dataclass(slots=True)
class Easel:
    """What answers one request of Ann's in her group, and waits where it has to."""

    front: TelegramFrontEnd
    clock: Clock
    asked: Message
    status: str | None = None

    @property
    def place(self) -> Place:
        return place(self.asked.chat)

    async def shows(self, card: StatusCard) -> str:
        """The status message."""
        self.status = await self.clock.patiently(lambda: self.front.show(self.place, card, reply_to=str(self.asked.id)))
        return self.status

    async def updates(self, card: StatusCard) -> None:
        """Of the status message."""
        status = self.status
        assert status is not None
        await self.clock.patiently(lambda: self.front.update(self.place, status, card))

    async def posts(self, *pictures: ResultPicture, to: Message | None = None, **about: Any) -> tuple[str, ...]:
        """These as the result."""
        made, reply_to = result(*pictures, **about), str((to or self.asked).id)
        return await self.clock.patiently(
            lambda: self.front.post(self.place, made, reply_to=reply_to, status=self.status)
        )

    async def says(self, text: str, command: str | None = None) -> str:
        """Words."""
        return await self.clock.patiently(
            lambda: self.front.say(self.place, Words(text, command), reply_to=str(self.asked.id))
        )


def place(where: Chat | Topic) -> Place:
    """The same in the words of the house."""
    if isinstance(where, Topic):
        return Place("telegram", str(where.chat.id), str(where.id))
    return Place("telegram", str(where.id))


def picture(colour: str = "red", size: tuple[int, int] = (64, 48), kind: str = "PNG") -> bytes:
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


def shown(
    colour: str = "red",
    *,
    size: tuple[int, int] = (64, 48),
    name: str = "ComfyUI_00001_.png",
    as_document: bool = False,
) -> ResultPicture:
    return ResultPicture(picture(colour, size), name, "image/png", *size, colour, as_document=as_document)


def result(*pictures: ResultPicture, title: str = "a lighthouse at dusk", spoiler: bool = False) -> Result:
    made = buttons(ACTIONS, texts_for("en"))
    return Result("k7m2qd", title, ("64 × 48 · seed 7 · 12.3 s · k7m2qd",), pictures or (shown(),), made, spoiler)


@pytest.fixture(autouse=True)
def _spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own way of being asked not to warn of what it will do one day."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def api(clock: Clock) -> AsyncIterator[BotApi]:
    async with BotApi(clock=clock) as api:
        yield api
    assert api.broken == []


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with HTTPXRequest() as request:
        yield Bot(api.token, base_url=f"{api.url}/bot", base_file_url=f"{api.url}/file/bot", request=request)


@pytest.fixture
def moves() -> Moves:
    return Moves()


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def sender(bot: Bot, moves: Moves) -> Sender:
    return Sender(bot, moves)


@pytest.fixture
def front(sender: Sender, kept: Kept) -> TelegramFrontEnd:
    return TelegramFrontEnd(sender, kept, keep_status=False, budgets=TELEGRAM)


@pytest.fixture
def ann(api: BotApi) -> Person:
    return api.person("Ann")


@pytest.fixture
def foxes(api: BotApi, ann: Person) -> Chat:
    return api.supergroup("Foxes", ann)


@pytest.fixture
def asked(ann: Person, foxes: Chat) -> Message:
    return ann.says("/imagine a lighthouse at dusk", foxes)


@pytest.fixture
def easel(front: TelegramFrontEnd, clock: Clock, asked: Message) -> Easel:
    return Easel(front, clock, asked)
