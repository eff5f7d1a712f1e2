"""What was looked up a moment ago is not looked up again, and is never older than a decision made here."""

from __future__ import annotations

import asyncio

import pytest

from bot.jobs.ledger.memory import MemoryRegister
from bot.jobs.ledger.port import Entry
from bot.jobs.ledger.recent import RecentRegister
from bot.jobs.model import Act, ChatSettings, Decision, Place, Standing

ROOM = Place("test", "room")
ACT = Act(1.0, "test:op", "ban", "test:ada")
BANNED = Decision(Standing.BANNED)


class Counting(MemoryRegister):
    """Counts who is looked up, and waits for the gate before it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def look_up(self, person: str, place: Place) -> Entry:
        self.asked += 1
        entry = await super().look_up(person, place)
        await self.gate.wait()
        return entry


@pytest.fixture
def store() -> Counting:
    return Counting()


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def register(store: Counting, now: list[float]) -> RecentRegister:
    return RecentRegister(store, lasts=1.0, clock=lambda: now[0])


async def test_a_person_is_looked_up_once_in_a_moment_and_again_after_it(register, store, now) -> None:
    for now[0] in (0.0, 0.5, 0.99):
        await register.look_up("test:ada", ROOM)
    assert store.asked == 1
    await register.look_up("test:bob", ROOM)
    await register.look_up("test:ada", Place("test", "attic"))
    assert store.asked == 3
    now[0] = 1.0
    await store.decide("test:ada", BANNED, ACT)  # another process
    assert (await register.look_up("test:ada", ROOM)).person == BANNED


async def test_what_is_decided_here_holds_at_once(register) -> None:
    assert (await register.look_up("test:ada", ROOM)).person is None
    await register.decide("test:ada", BANNED, ACT)
    assert (await register.look_up("test:ada", ROOM)).person == BANNED
    await register.set_chat(ROOM, ChatSettings(language="zh-CN"), ACT)
    assert (await register.look_up("test:ada", ROOM)).settings.language == "zh-CN"


async def test_a_chat_that_has_another_id_is_known_by_it_at_once(register) -> None:
    attic = Place("test", "attic")
    for place in (ROOM, attic):
        assert await register.look_up("test:ada", place) == Entry()
    await register.decide(ROOM.subject, BANNED, ACT)
    await register.look_up("test:ada", ROOM)
    await register.move_chat(ROOM, "attic", BANNED, ChatSettings(), ACT)
    assert [(await register.look_up("test:ada", place)).chat for place in (ROOM, attic)] == [None, BANNED]


async def test_an_answer_from_before_a_decision_is_not_remembered(register, store) -> None:
    store.gate.clear()
    late = asyncio.ensure_future(register.look_up("test:ada", ROOM))
    await asyncio.sleep(0)
    await register.decide("test:ada", BANNED, ACT)
    store.gate.set()
    assert (await late).person is None
    assert (await register.look_up("test:ada", ROOM)).person == BANNED


async def test_the_rest_goes_through(register, store) -> None:
    await register.set_switch("paused", "by me", ACT)
    assert await register.switches() == await store.switches() == {"paused": "by me"}
    await register.decide("test:ada", BANNED, ACT)
    assert await register.decisions() == {"test:ada": BANNED}
    assert [act.act for act in await register.acts(9)] == ["ban", "ban"]
