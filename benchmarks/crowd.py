"""Two hundred people in five groups: how soon each is heard and served within what Telegram allows.

The platform is the real one, between a Telegram of the tests' own, which holds it to the documented limits, and
stand-in servers in another process. Time runs faster than the wall's, but for what people read of waiting times.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NoReturn

from benchmarks.measure import Measure, most_within, percentile
from benchmarks.stage import settings_for
from benchmarks.standins import stand_ins
from bot.app import compose
from bot.app.translation import budgets_of, manners_of
from bot.chat.pacing import Alarm, Budgets, Call, Pacer, SlowDown, Urgency
from bot.config import Settings
from bot.telegram.people import PLATFORM
from bot.telegram.platform import telegram
from bot.telegram.settings import LineSettings
from tests.telegram_api import BotApi, Chat, Message

STEPS = 6
BATCH = 3
PATIENCE = 60.0
"""Seconds of the wall's after which what has not come is lost."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Who asks for how much, in minutes and seconds that pass `pace` times as fast as the wall's.

    The faster, the more a busy machine adds to every wait: that of a message on its way counts `pace` times as well.
    Everybody asks every `every` minutes or so: in their group or, one in `private`, alone with the bot. One request in
    `batches` is for several pictures. A job takes `seconds`.
    """

    minutes: float = 8.0
    every: float = 6.0
    people: int = 200
    groups: int = 5
    private: int = 10
    batches: int = 10
    servers: int = 12
    seconds: float = 18.0
    pace: float = 8.0


class Clock:
    """Seconds that are shorter than the wall's."""

    def __init__(self, pace: float) -> None:
        self._pace = pace

    def __call__(self) -> float:
        return time.monotonic() * self._pace

    def call_later(self, delay: float, ring: Callable[[], None]) -> Alarm:
        return asyncio.get_running_loop().call_later(delay / self._pace, ring)

    async def sleep_until(self, moment: float) -> None:
        await asyncio.sleep(max(moment - self(), 0.0) / self._pace)


@dataclass(slots=True)
class Told:
    """What was to be said under one key, and what a chat shows of it.

    `offered` is when it first was, by urgency; `seen` and `posted` are when a chat first showed anything, and a result.
    Since `stale` that is no longer so, since `newer` not even what is on its way.
    """

    offered: dict[Urgency, float] = field(default_factory=dict)
    seen: float | None = None
    posted: float | None = None
    stale: float | None = None
    newer: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is a status message, and no result has come."""
        return Urgency.CARD in self.offered and Urgency.RESULT not in self.offered and self.seen is not None


@dataclass(frozen=True, slots=True)
class Send:
    """A call, when it began."""

    start: float
    key: Hashable
    urgency: Urgency


class WatchedPacer(Pacer):
    """A pacer that remembers what it was asked for, by key, and what it did, by chat."""

    def __init__(self, budgets: Budgets, clock: Clock) -> None:
        super().__init__(budgets, clock=clock, call_later=clock.call_later)
        self.sends: dict[str, list[Send]] = {}
        self.told: dict[Hashable, Told] = {}
        self._now = clock

    def offer(self, chat: str, key: Hashable, urgency: Urgency, call: Call, *, weight: int = 1) -> None:
        told, now = self.told.setdefault(key, Told()), self._now()
        told.offered.setdefault(urgency, now)
        told.stale, told.newer = told.stale or now, told.newer or now

        async def watched() -> None:
            self.sends.setdefault(chat, []).append(Send(self._now(), key, urgency))
            told.newer = None
            try:
                await call()
            except SlowDown as slow:
                if not slow.seconds:  # a part of it is there
                    self._saw(told, urgency)
                raise
            self._saw(told, urgency)

        super().offer(chat, key, urgency, watched, weight=weight)

    def _saw(self, told: Told, urgency: Urgency) -> None:
        now = self._now()
        told.stale = told.newer
        told.seen = told.seen or now
        if urgency is Urgency.RESULT:
            told.posted = told.posted or now

    async def watch(self, ages: list[float]) -> NoReturn:
        """Each second, how long what each status message shows has not been so."""
        while True:
            now = self._now()
            ages += [0.0 if told.stale is None else now - told.stale for told in self.told.values() if told.is_open]
            await self._now.sleep_until(now + 1.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: where it stands, and how many pictures must answer it."""

    message: Message
    chat: Chat
    pictures: int

    @property
    def answers(self) -> list[Message]:
        """What of the bot's stands below it."""
        return [message for message in self.chat.replies_to(self.message) if message.by_bot]

    @property
    def controls(self) -> list[Message]:
        """What stands below those, which is where the buttons of several pictures are."""
        return [message for answer in self.answers for message in self.chat.replies_to(answer)]

    @property
    def is_done(self) -> bool:
        """Whether it has all that will come, and nothing says any more that something will."""
        answers = self.answers
        buttons = [message for message in (*answers, *self.controls) if message.content.keyboard]
        return len(answers) >= self.pictures and all(each.photo for each in answers) and len(buttons) > 0


@dataclass(frozen=True, slots=True)
class Crowd:
    """What happened. `ages` are those of status messages, second by second."""

    api: BotApi
    pacer: WatchedPacer
    groups: Sequence[Chat]
    asked: Sequence[Asked]
    ages: Sequence[float]

    @property
    def delays(self) -> list[float]:
        """Of each result, seconds from when it was there to when it was posted."""
        return [
            told.posted - told.offered[Urgency.RESULT]
            for told in self.pacer.told.values()
            if told.posted is not None and Urgency.RESULT in told.offered
        ]

    @property
    def waits(self) -> list[float]:
        """Of each job, seconds from when it was accepted to its card or, if that comes first, its result."""
        return [
            told.seen - min(told.offered.values())
            for told in self.pacer.told.values()
            if told.seen is not None and Urgency.RESULT in told.offered
        ]

    @property
    def overtaken(self) -> list[Send]:
        """Results that waited in their chat while something less urgent had its turn.

        The turn of what goes first of all may have been before the result was there.
        """
        overtaken = []
        for sends in self.pacer.sends.values():
            for n, send in enumerate(sends):
                made = self.pacer.told[send.key].offered.get(Urgency.RESULT)
                if send.urgency is Urgency.RESULT and made is not None:
                    meanwhile = [each for each in sends[:n] if each.start > made]
                    overtaken += [send] if any(each.urgency > Urgency.FINAL for each in meanwhile[1:]) else []
        return overtaken

    def sent(self, chat: Chat) -> list[float]:
        """When the messages to it were, as Telegram counts them."""
        return [at for at, where, weight in self.api.flood.sent for _ in range(weight) if where == chat.id]


async def play(scene: Scene, folder: Path) -> Crowd:
    """Let them ask, until everybody is answered or patience ends."""
    random = Random(1)  # noqa: S311 - the same crowd each time
    clock = Clock(scene.pace)
    async with (
        BotApi(clock=clock) as api,
        stand_ins(scene.servers, step=scene.seconds / STEPS / scene.pace) as servers,
    ):
        people = [api.person(f"Person {n}") for n in range(scene.people)]
        groups = [api.supergroup(f"Group {n}", *people[n :: scene.groups]) for n in range(scene.groups)]
        settings = settings_for(servers.urls, folder)
        pacer = WatchedPacer(budgets_of(settings, PLATFORM), clock)
        asked: list[Asked] = []
        ages: list[float] = []
        async with _easel(settings, api, pacer), asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(pacer.watch(ages))
            times = sorted(random.uniform(0, scene.minutes * 60) for _ in range(_requests(scene)))
            begun = clock()
            for moment in times:
                await clock.sleep_until(begun + moment)
                index = random.randrange(scene.people)
                alone, several = (random.randrange(each) == 0 for each in (scene.private, scene.batches))
                chat = people[index].private if alone else groups[index % scene.groups]
                said = f"/imagine a fox --w 64 --h 64 --steps {STEPS} --seed {len(asked)}"
                message = people[index].says(f"{said} --batch {BATCH}" if several else said, chat)
                asked.append(Asked(message, chat, BATCH if several else 1))
            await _until_done(api, asked)
            watch.cancel()
    return Crowd(api, pacer, groups, asked, ages)


async def measure() -> list[Measure]:
    scene = Scene()
    with tempfile.TemporaryDirectory(prefix="easel-bench-") as folder:
        crowd = await play(scene, Path(folder))
    minutes = [crowd.sent(group) for group in crowd.groups]
    who = f"{scene.people} people in {scene.groups} groups, {len(crowd.asked)} jobs in {scene.minutes:g} minutes"
    results = sum(len(each.answers) for each in crowd.asked)
    wanted = sum(each.pictures for each in crowd.asked)
    return [
        Measure(f"{who}: refused as too fast", len(crowd.api.floods), target="0"),
        Measure("the same: pictures lost", wanted - results, beside=f"of {wanted}", target="0"),
        Measure(
            "the same: most messages in a minute of a group",
            max(most_within(60.0, sent) for sent in minutes),
            beside=f"on average {sum(map(len, minutes)) / len(minutes) / scene.minutes:.1f}",
            target="≤ 20",
        ),
        Measure(
            "the same: from a result to its post, median",
            percentile(crowd.delays, 50),
            "s",
            beside=f"p99 {percentile(crowd.delays, 99):.1f} s, behind anything else: {len(crowd.overtaken)}",
        ),
        Measure(
            "the same: from a request to its first card, median",
            percentile(crowd.waits, 50),
            "s",
            beside=f"p90 {percentile(crowd.waits, 90):.1f} s, p99 {percentile(crowd.waits, 99):.1f} s",
        ),
        Measure(
            "the same: how old what a status message shows is, median",
            percentile(crowd.ages, 50),
            "s",
            beside=f"p90 {percentile(crowd.ages, 90):.1f} s, at worst {max(crowd.ages):.1f} s",
        ),
    ]


def _requests(scene: Scene) -> int:
    return round(scene.people * scene.minutes / scene.every)


@asynccontextmanager
async def _easel(settings: Settings, api: BotApi, pacer: Pacer) -> AsyncIterator[None]:
    """The application as it is shipped, on its Telegram."""
    line = LineSettings(api.token, api_base=api.url, file_base=f"{api.url}/file")
    async with compose(settings, platforms=(PLATFORM,)) as easel:
        manners, budgets = manners_of(settings), budgets_of(settings, PLATFORM)
        async with telegram(line, easel.service, manners, easel.board, budgets, easel.uploads, pacer=pacer):
            yield


async def _until_done(api: BotApi, asked: Sequence[Asked]) -> None:
    waiting = list(asked)

    def are_done() -> bool:
        while waiting and waiting[-1].is_done:
            waiting.pop()
        return not waiting

    try:
        async with asyncio.timeout(PATIENCE):
            await api.until(are_done)
    except TimeoutError:
        print(f"crowd: {sum(not each.is_done for each in asked)} requests not answered after {PATIENCE:.0f} s")
