"""The room alone: what a watcher is told."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.messages import Said, Shown, Side, SideServer, Told
from bot.console.room import Capacity, Dropped, Event, Put, Room, SideChanged


def picture(name: str, size: int = 10) -> Shown:
    return Shown(name, f"{name}.png", bytes(size), "image/png", 8, 8)


def texts(room: Room) -> list[str]:
    return [message.content.text for message in room.messages if isinstance(message.content, Said | Told)]


def seen(state: dict[str, str], events: tuple[Event, ...]) -> dict[str, str]:
    """What a page shows after these events."""
    state = dict(state)
    for event in events:
        match event:
            case Put(message=message):
                assert isinstance(message.content, Told)
                state[message.id] = message.content.text
            case Dropped(id=gone):
                state.pop(gone, None)
            case SideChanged():
                pass
    return state


def test_a_watcher_is_told_the_newest_state_of_each_message_once() -> None:
    room = Room()
    card = room.add(Told("step 1"))
    room.add(Told("hello"))
    room.change(card.id, Told("step 2"))
    room.change(card.id, Told("step 3"))

    missed = room.since(0)

    assert missed is not None
    assert [(event.message.content, event.number) for event in missed if isinstance(event, Put)] == [
        (Told("hello"), 2),
        (Told("step 3"), 4),
    ]


def test_nothing_is_missed_after_the_newest_event() -> None:
    room = Room()
    room.add(Told("hello"))
    assert room.since(room.number) == ()


@pytest.mark.parametrize("number", [-1, 2, 10_000])
def test_an_event_that_never_was_is_told_apart(number: int) -> None:
    room = Room()
    room.add(Told("hello"))
    assert room.since(number) is None


def test_the_oldest_messages_go_when_there_are_too_many() -> None:
    room = Room(Capacity(messages=2))
    for text in "abc":
        room.add(Told(text))
    assert texts(room) == ["b", "c"]


def test_the_oldest_messages_go_when_their_pictures_weigh_too_much() -> None:
    room = Room(Capacity(picture_bytes=25))
    for name in "abc":
        room.add(Said(name, (picture(name),)))
    assert texts(room) == ["b", "c"]
    assert room.picture("a") is None
    assert room.picture("b") is not None


def test_the_newest_message_stays_however_heavy_it_is() -> None:
    room = Room(Capacity(picture_bytes=25))
    room.add(Said("huge", (picture("huge", 1000),)))
    assert texts(room) == ["huge"]


def test_a_picture_goes_with_its_message() -> None:
    room = Room()
    message = room.add(Said("look", (picture("p"),)))
    room.drop(message.id)
    assert room.picture("p") is None


def test_a_message_that_is_gone_does_not_come_back() -> None:
    room = Room()
    message = room.add(Told("hello"))
    room.drop(message.id)
    assert not room.change(message.id, Told("again"))
    assert room.messages == ()


def test_whoever_was_away_for_longer_than_drops_are_remembered_must_begin_anew() -> None:
    room = Room(Capacity(messages=1))
    for text in "abc":
        room.add(Told(text))
    assert room.since(1) is None
    assert room.since(room.number - 1) is not None


def test_ids_of_another_room_mean_nothing_here() -> None:
    message = Room().add(Told("hello"))
    other = Room()
    other.add(Told("hello"))
    assert other.message(message.id) is None


def test_a_side_that_looks_the_same_is_no_event() -> None:
    room = Room()
    side = Side(servers=(SideServer("studio", {"en": ("Free",)}),))
    room.show_side(side)
    room.show_side(side)
    assert room.number == 1
    assert room.side == side


async def test_a_watcher_sees_what_happens_and_leaves_when_the_room_closes() -> None:
    room = Room()
    room.add(Told("before"))
    told: list[Event] = []

    async def watch() -> None:
        async with aclosing(room.watch(0)) as events:
            async for event in events:
                told.append(event)
                if len(told) == 1:
                    room.add(Told("while watching"))
                else:
                    room.close()

    async with asyncio.timeout(5):
        await watch()
    assert [event.number for event in told] == [1, 2]
    assert not room.watched


async def test_a_room_knows_whether_somebody_looks() -> None:
    room = Room()
    room.add(Told("hello"))
    async with aclosing(room.watch(0)) as events:
        await anext(events)
        assert room.watched
    assert not room.watched


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 99)),
        st.tuples(st.just("change"), st.integers(0, 99)),
        st.tuples(st.just("drop"), st.integers(0, 99)),
        st.tuples(st.just("look"), st.just(0)),
    ),
    max_size=60,
)


@given(steps, st.integers(1, 6))
def test_a_page_that_looks_now_and_then_ends_up_showing_the_room(script: list[tuple[str, int]], keep: int) -> None:
    room = Room(Capacity(messages=keep))
    page: dict[str, str] = {}
    at = 0

    def look() -> None:
        nonlocal page, at
        missed = room.since(at)
        page = seen(page, missed) if missed is not None else seen({}, tuple(Put(0, m) for m in room.messages))
        at = room.number

    for text, (step, which) in enumerate(script):
        known = room.messages
        if step == "add":
            room.add(Told(str(text)))
        elif step == "look":
            look()
        elif known and step == "change":
            room.change(known[which % len(known)].id, Told(str(text)))
        elif known:
            room.drop(known[which % len(known)].id)
    look()

    assert page == {m.id: m.content.text for m in room.messages if isinstance(m.content, Told)}
