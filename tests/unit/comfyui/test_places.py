"""Who is told the place, and when."""

from __future__ import annotations

import asyncio

import pytest

from bot.comfyui.mirror import Mirror
from bot.comfyui.places import NEAR, Places
from bot.comfyui.plan import Plan
from bot.comfyui.progress import Queued, Track
from bot.comfyui.records import Entry, Queue
from bot.comfyui.registry import Prompt, Registry

PLAN = Plan(titles={"1": "Draw"})
MANY = 1000


def name(number: int) -> str:
    return f"{number:04}"


@pytest.fixture
def mirror() -> Mirror:
    mirror = Mirror()
    mirror.opened(MANY)
    mirror.learn(Queue((), tuple(Entry(number, name(number)) for number in range(MANY))), mirror.asking())
    return mirror


@pytest.fixture
def registry() -> Registry:
    registry = Registry(silence=15, patience=2, confirm=lambda _prompt: None)
    for number in range(MANY):
        registry.add(Prompt(name(number), Track(plan=PLAN), ours=True))
    return registry


@pytest.fixture
def places(mirror, registry) -> Places:
    return Places(mirror, registry)


def told(registry: Registry) -> list[int | None]:
    return [prompt.track.queued.position for prompt in registry.active()]


def test_those_near_the_front_are_told_at_once_and_no_others(mirror, registry, places):
    mirror.cancelled(name(0))
    places.tell(heard=True)
    assert told(registry)[: NEAR + 2] == [None, *range(1, NEAR + 1), None]
    assert registry.get(name(1)).track.queued == Queued(1, MANY - 1)


def test_one_that_came_just_now_is_told_wherever_it_is(mirror, registry, places):
    mirror.cancelled(name(0))
    places.tell_one(name(700))
    places.tell_one("unknown")
    assert [place for place in told(registry) if place] == [700]


async def test_the_others_are_told_in_turns(mirror, registry, places):
    running = asyncio.create_task(places.run())
    mirror.cancelled(name(0))
    places.tell(heard=True)
    last = registry.get(name(MANY - 1))
    async with asyncio.timeout(10):
        await last.changed.wait()
    assert told(registry)[1:] == list(range(1, MANY))
    running.cancel()
    await asyncio.wait([running])


async def test_a_queue_that_did_not_move_wakes_nobody(mirror, registry, places):
    mirror.cancelled(name(0))
    places.tell(heard=True)
    first = registry.get(name(1))
    waiting = asyncio.create_task(first.changed.wait())
    await asyncio.sleep(0)
    places.tell(heard=True)
    await asyncio.sleep(0)
    assert not waiting.done()
    mirror.cancelled(name(1))
    mirror.cancelled(name(2))
    places.tell(heard=True)
    assert told(registry)[3] == 1
    waiting.cancel()


def test_a_graph_that_is_not_known_is_missed_when_its_prompt_comes_near(mirror, registry, places):
    registry.add(Prompt(name(NEAR + 1), Track()))
    mirror.cancelled(name(0))
    assert not places.tell(heard=True)
    mirror.cancelled(name(1))
    assert places.tell(heard=True)
    registry.give_up_plan(name(NEAR + 1))
    mirror.cancelled(name(2))
    assert not places.tell(heard=True)
