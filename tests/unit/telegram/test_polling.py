from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from telegram import Bot, Update
from telegram.error import Conflict, NetworkError

from bot.telegram.client import open_bot
from bot.telegram.handling import KINDS
from bot.telegram.polling import BREATH, LONG, Polling
from bot.telegram.settings import LineSettings
from tests.telegram_api import BotApi


class Desk:
    """Takes updates, and keeps those on hold that a test wants to."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.finished: list[str] = []
        self.held: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Event()

    async def take(self, update: Update) -> None:
        text = (update.message.text if update.message else None) or "nothing"
        self.taken.append(text)
        self._tell()
        if text in self.held:
            await self.held[text].wait()
        if text == "boom":
            raise ZeroDivisionError
        self.finished.append(text)
        self._tell()

    def hold(self, text: str) -> asyncio.Event:
        return self.held.setdefault(text, asyncio.Event())

    async def until(self, wanted: Callable[[], bool]) -> None:
        while not wanted():
            await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Breaths:
    """A sleep that lasts until the test lets it end."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._ended = asyncio.Semaphore(0)

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        await self._ended.acquire()

    def end(self) -> None:
        """One that is slept, or the next."""
        self._ended.release()


@asynccontextmanager
async def receiving(polling: Polling) -> AsyncIterator[None]:
    """Receive until the block ends."""

    async def receive() -> None:
        while True:
            await polling.receive()

    task = asyncio.create_task(receive())
    try:
        async with asyncio.timeout(20):
            yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with open_bot(LineSettings(api.token, api.url, f"{api.url}/file")) as bot:
        yield bot


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def breaths() -> Breaths:
    return Breaths()


def unconfirmed(api: BotApi) -> list[str]:
    return [update.body["text"] for update in api.updates.waiting]


async def test_what_people_say_is_handled_and_confirmed(api: BotApi, bot: Bot, desk: Desk) -> None:
    api.person("Ann").says("a fox")

    async with Polling(bot, desk.take) as polling, receiving(polling):
        await api.until(lambda: not unconfirmed(api))

    assert desk.finished == ["a fox"]


async def test_what_is_not_handled_is_not_confirmed_and_others_are_handled_meanwhile(
    api: BotApi, bot: Bot, desk: Desk, breaths: Breaths
) -> None:
    ann = api.person("Ann")
    slow = desk.hold("slow")
    ann.says("first")
    ann.says("slow")

    async with Polling(bot, desk.take, sleep=breaths) as polling, receiving(polling):
        await desk.until(lambda: desk.taken == ["first", "slow"])
        ann.says("third")
        breaths.end()
        await desk.until(lambda: "third" in desk.finished)
        await api.until(lambda: unconfirmed(api) == ["slow", "third"])
        slow.set()
        await api.until(lambda: not unconfirmed(api))

    assert desk.finished == ["first", "third", "slow"]
    assert set(breaths.asked) == {BREATH}


async def test_it_asks_at_length_only_when_everything_is_handled(
    api: BotApi, bot: Bot, desk: Desk, breaths: Breaths
) -> None:
    slow = desk.hold("slow")
    api.person("Ann").says("slow")

    async with Polling(bot, desk.take, sleep=breaths) as polling, receiving(polling):
        await desk.until(lambda: desk.taken == ["slow"])
        breaths.end()
        await api.until(lambda: api.counts["getupdates"] == 2)
        slow.set()
        await api.until(lambda: api.updates.polls == 3)
        api.person("Bob").says("quick")
        await api.until(lambda: api.counts["getupdates"] == 3)
        timeouts = [int(call.values.get("timeout", 0)) for call in api.calls if call.method == "getupdates"]

    assert timeouts == [0, 0, LONG]
    assert api.updates.allowed == list(KINDS)


async def test_a_fault_of_ours_does_not_come_back_with_each_retelling(api: BotApi, bot: Bot, desk: Desk) -> None:
    ann = api.person("Ann")
    ann.says("boom")
    ann.says("a fox")

    async with Polling(bot, desk.take) as polling, receiving(polling):
        await api.until(lambda: not unconfirmed(api))

    assert sorted(desk.taken) == ["a fox", "boom"]


@pytest.mark.parametrize(
    "nonsense",
    [
        {"message": {"message_id": "one"}},
        {"message": 7},
        {"callback_query": {}},
        {"message": {"message_id": 1, "date": 10**30, "chat": {"id": 1, "type": "private"}}},
        {"surprise": {"deep": [1, 2, 3]}},
        {},
    ],
)
async def test_an_update_that_nobody_can_read_takes_none_beside_it_along(
    api: BotApi,
    bot: Bot,
    desk: Desk,
    nonsense: dict[str, object],
) -> None:
    ann = api.person("Ann")
    ann.says("before")
    api.updates.send_raw(nonsense)
    ann.says("after")

    async with Polling(bot, desk.take) as polling, receiving(polling):
        await api.until(lambda: not api.updates.waiting)

    assert desk.taken == ["before", "nothing", "after"]


async def test_stopped_it_lets_what_is_being_handled_finish_and_confirms_it(
    api: BotApi, bot: Bot, desk: Desk, breaths: Breaths
) -> None:
    slow = desk.hold("slow")
    api.person("Ann").says("slow")

    async with Polling(bot, desk.take, sleep=breaths) as polling:
        async with receiving(polling):
            await desk.until(lambda: desk.taken == ["slow"])
        asyncio.get_running_loop().call_soon(slow.set)

    assert desk.finished == ["slow"]
    assert not unconfirmed(api)


async def test_what_does_not_finish_in_time_is_told_again_to_the_next_start(
    api: BotApi, bot: Bot, desk: Desk, breaths: Breaths
) -> None:
    stuck = desk.hold("stuck")
    ann = api.person("Ann")
    ann.says("first")
    ann.says("stuck")

    async with Polling(bot, desk.take, sleep=breaths, patience=0.01) as polling, receiving(polling):
        await desk.until(lambda: desk.taken == ["first", "stuck"])

    assert unconfirmed(api) == ["stuck"]
    stuck.set()
    async with Polling(bot, desk.take) as polling, receiving(polling):
        await api.until(lambda: not unconfirmed(api))
    assert desk.finished == ["first", "stuck"]


async def test_without_telegram_it_stops_all_the_same(api: BotApi, bot: Bot, desk: Desk, breaths: Breaths) -> None:
    slow = desk.hold("slow")
    api.person("Ann").says("slow")

    async with Polling(bot, desk.take, sleep=breaths) as polling:
        async with receiving(polling):
            await desk.until(lambda: desk.taken == ["slow"])
        await api.stop()
        slow.set()

    assert desk.finished == ["slow"]


async def test_an_answer_that_never_arrived_costs_nothing(api: BotApi, bot: Bot, desk: Desk) -> None:
    api.person("Ann").says("a fox")
    api.faults.cut(method="getUpdates", after=True)

    async with Polling(bot, desk.take) as polling:
        with pytest.raises(NetworkError):
            await polling.receive()
        await polling.receive()

    assert desk.finished == ["a fox"]
    assert not unconfirmed(api)


async def test_another_poller_is_told_as_such_and_what_came_before_goes_on(
    api: BotApi, bot: Bot, desk: Desk, breaths: Breaths
) -> None:
    slow = desk.hold("slow")
    api.person("Ann").says("slow")

    async with Polling(bot, desk.take, sleep=breaths) as polling:
        await polling.receive()
        await desk.until(lambda: desk.taken == ["slow"])
        api.faults.rival = True
        asking = asyncio.create_task(polling.receive())
        await asyncio.sleep(0)
        breaths.end()
        with pytest.raises(Conflict):
            await asking
        api.faults.rival = False
        slow.set()

    assert desk.finished == ["slow"]
