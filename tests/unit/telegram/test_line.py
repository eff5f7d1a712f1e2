from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Self

import pytest
import structlog
from telegram import Bot, Update
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.chat.errors import Fault
from bot.chat.presence import Board, Presence
from bot.chat.texts import LANGUAGES, texts_for
from bot.errors import EaselError
from bot.telegram.client import open_bot
from bot.telegram.errors import AnotherPoller, TelegramUnreachable, TokenRefused, WebhookNotOpen
from bot.telegram.line import CALM, Line, Setback, setback
from bot.telegram.polling import Polling
from bot.telegram.settings import LineSettings
from tests.telegram_api import TOKEN, BotApi, Limits

NOT_OPEN = WebhookNotOpen("localhost", 80, "Permission denied")

# What an error means


@pytest.fixture
def _timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.mark.usefixtures("_timedelta")
@pytest.mark.parametrize(
    ("error", "trouble", "wait"),
    [
        (InvalidToken("Unauthorized"), TokenRefused(), 300),
        (Conflict("terminated by other getUpdates request"), AnotherPoller(), 30),
        (AnotherPoller(), AnotherPoller(), 60),
        (
            WebhookNotOpen("localhost", 80, "Permission denied"),
            WebhookNotOpen("localhost", 80, "Permission denied"),
            60,
        ),
        (TimedOut(), TelegramUnreachable("Timed out"), None),
        (NetworkError("Bad Gateway"), TelegramUnreachable("Bad Gateway"), None),
        (
            NetworkError("httpx.ConnectError: All connection attempts failed"),
            TelegramUnreachable("All connection attempts failed"),
            None,
        ),
        (NetworkError("httpx.ReadError: "), TelegramUnreachable("ReadError"), None),
        (
            NetworkError("httpx.RemoteProtocolError: Server disconnected without sending a response."),
            TelegramUnreachable("Server disconnected without sending a response"),
            None,
        ),
        (
            NetworkError("Bad Gateway (502). Parsing the server response b'<html></html>' failed"),
            TelegramUnreachable("Bad Gateway (502)"),
            None,
        ),
        (
            NetworkError(f"no such host in https://x/bot{TOKEN}"),
            TelegramUnreachable("no such host in https://x/botTOKEN"),
            None,
        ),
        (BadRequest("Logged out"), TelegramUnreachable("Logged out"), None),
        (ZeroDivisionError(), Fault(), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_error_has_its_meaning_and_its_pause(error: Exception, trouble: EaselError, wait: float | None) -> None:
    what = setback(error, TOKEN)

    assert (what.trouble.code, what.trouble.details, what.wait) == (trouble.code, trouble.details, wait)
    assert all(TOKEN not in texts_for(language).explain(what.trouble) for language in LANGUAGES)


@pytest.mark.parametrize("opted", ["true", "false"])
@pytest.mark.filterwarnings("ignore:.*retry_after.*")
def test_telegram_is_left_alone_for_as_long_as_it_asks(monkeypatch: pytest.MonkeyPatch, opted: str) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", opted)

    what = setback(RetryAfter(timedelta(seconds=17)), TOKEN)

    assert isinstance(what, Setback)
    assert what.wait == 17


# Life


class Script:
    """A way on which things go as written: an error is raised, None is success; at its end it waits for ever."""

    def __init__(self, *steps: Exception | None, begins: tuple[Exception, ...] = ()) -> None:
        self.steps = list(steps)
        self.begins = list(begins)
        self.over = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def begin(self) -> None:
        if self.begins:
            raise self.begins.pop(0)

    async def receive(self) -> None:
        if not self.steps:
            self.over.set()
            await asyncio.Event().wait()
        step = self.steps.pop(0)
        if step is not None:
            raise step


class Clock:
    """Time passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class History(Board):
    """A board that remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Presence] = []

    def set(self, presence: Presence) -> None:
        super().set(presence)
        self.seen.append(presence)

    @property
    def codes(self) -> list[str | None]:
        """The troubles, each once."""
        codes = [each.trouble.code if each.trouble else None for each in self.seen]
        return [code for code, before in zip(codes, [object(), *codes], strict=False) if code != before]


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi(limits=Limits(hasty_polls=False)) as api:
        yield api


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with open_bot(LineSettings(api.token, api.url, f"{api.url}/file")) as bot:
        yield bot


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def board() -> History:
    return History()


async def nothing() -> None:
    """Greets nobody."""


@asynccontextmanager
async def running(line: Line) -> AsyncIterator[None]:
    task = asyncio.create_task(line.run())
    try:
        async with asyncio.timeout(20):
            yield
        assert not task.done()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def play(bot: Bot, board: Board, clock: Clock, script: Script) -> None:
    async with running(Line(bot, script, board, nothing, sleep=clock.sleep, clock=clock)):
        await script.over.wait()


async def test_it_says_who_we_are_once_telegram_has_told(bot: Bot, board: History, clock: Clock) -> None:
    greeted = []

    async def greet() -> None:
        greeted.append(bot.username)

    script = Script(None)
    line = Line(bot, script, board, greet, sleep=clock.sleep, clock=clock)
    assert board.all() == (Presence("telegram"),)
    async with running(line):
        await script.over.wait()

    assert board.all() == (Presence("telegram", "@easel_bot"),)
    assert greeted == ["easel_bot"]


async def test_it_waits_longer_with_each_failure_and_a_minute_at_most(bot: Bot, board: History, clock: Clock) -> None:
    await play(bot, board, clock, Script(*[TimedOut()] * 8, None, TimedOut()))

    assert clock.slept == [1, 2, 4, 8, 16, 32, 60, 60, 1]


async def test_a_fault_of_ours_is_no_end_either(bot: Bot, board: History, clock: Clock) -> None:
    await play(bot, board, clock, Script(ZeroDivisionError(), None))

    assert board.codes == [None, "error-fault", None]


async def test_the_log_has_each_trouble_once_and_its_end(bot: Bot, board: History, clock: Clock) -> None:
    script = Script(None, *[InvalidToken("Unauthorized")] * 3, None, *[Conflict("other")] * 3)
    with structlog.testing.capture_logs() as logs:
        await play(bot, board, clock, script)

    assert [(line["log_level"], line.get("trouble")) for line in logs] == [
        ("info", None),
        ("warning", "TokenRefused()"),
        ("info", None),
        ("warning", "AnotherPoller()"),
    ]


async def test_two_pollers_that_end_each_others_questions_are_one_trouble(
    bot: Bot, board: History, clock: Clock
) -> None:
    conflict = Conflict("terminated by other getUpdates request")
    await play(bot, board, clock, Script(conflict, None, conflict, None, None, conflict))

    assert board.codes == [None, "error-another-poller"]
    assert clock.slept == [30, 30, 30]


async def test_a_conflict_is_over_after_a_while_without_one(bot: Bot, board: History, clock: Clock) -> None:
    class Quiet(Script):
        async def receive(self) -> None:
            await super().receive()
            clock.now += CALM / 2

    await play(bot, board, clock, Quiet(Conflict("other"), None, None, None))

    assert board.codes == [None, "error-another-poller", None]


async def test_what_fails_while_it_begins_is_begun_again(bot: Bot, board: History, clock: Clock) -> None:
    script = Script(None, begins=(NOT_OPEN, TimedOut()))
    await play(bot, board, clock, script)

    assert not script.begins
    assert board.seen[-1].up


# With Telegram


async def arrived(board: Board, wanted: Callable[[Presence], bool]) -> None:
    while not wanted(board.all()[0]):
        await board.changed()


def in_trouble(kind: type[EaselError]) -> Callable[[Presence], bool]:
    return lambda presence: isinstance(presence.trouble, kind)


def up(presence: Presence) -> bool:
    return presence.up


class Ear:
    """Hears what is said."""

    def __init__(self) -> None:
        self.heard: list[str | None] = []
        self.told = asyncio.Event()

    async def take(self, update: Update) -> None:
        self.heard.append(update.message.text if update.message else None)
        self.told.set()


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def line(bot: Bot, board: History, clock: Clock, ear: Ear) -> Line:
    return Line(bot, Polling(bot, ear.take), board, nothing, sleep=clock.sleep, clock=clock)


async def test_an_outage_is_told_and_its_end(api: BotApi, line: Line, board: History, ear: Ear) -> None:
    ann = api.person("Ann")
    async with running(line):
        await arrived(board, up)
        await api.stop()
        ann.says("a fox")
        await arrived(board, in_trouble(TelegramUnreachable))
        await api.start()
        await arrived(board, up)
        await ear.told.wait()

    assert ear.heard == ["a fox"]


async def test_a_start_without_telegram_waits_for_it(api: BotApi, line: Line, board: History) -> None:
    await api.stop()

    async with running(line):
        await arrived(board, in_trouble(TelegramUnreachable))
        assert board.all()[0].name is None
        await api.start()
        await arrived(board, up)


async def test_a_revoked_token_is_told_and_a_good_one_heals_it(
    api: BotApi, line: Line, board: History, clock: Clock
) -> None:
    async with running(line):
        await arrived(board, up)
        api.faults.revoke_token()
        await arrived(board, in_trouble(TokenRefused))
        api.faults.restore_token()
        await arrived(board, up)

    assert set(clock.slept) == {300}


async def test_an_unknown_token_is_told(api: BotApi, board: History, clock: Clock, ear: Ear) -> None:
    async with open_bot(LineSettings("700001:AAThisIsNotTheTokenOfThatBot", api.url, f"{api.url}/file")) as bot:
        line = Line(bot, Polling(bot, ear.take), board, nothing, sleep=clock.sleep, clock=clock)
        async with running(line):
            await arrived(board, in_trouble(TokenRefused))


async def test_another_poller_is_told(api: BotApi, line: Line, board: History) -> None:
    async with running(line):
        await arrived(board, up)
        api.faults.rival = True
        await arrived(board, in_trouble(AnotherPoller))


@pytest.mark.parametrize("html", [False, True])
async def test_a_server_in_trouble_is_told(api: BotApi, line: Line, board: History, *, html: bool) -> None:
    api.faults.fail(3, html=html)
    async with running(line):
        await arrived(board, in_trouble(TelegramUnreachable))
        await arrived(board, up)


def test_every_error_of_the_library_means_something() -> None:
    for kind in (TelegramError, NetworkError, BadRequest, Conflict, InvalidToken):
        assert isinstance(setback(kind("why"), TOKEN).trouble, EaselError)
