"""What every register does."""

from __future__ import annotations

import asyncio

import pytest

from bot.jobs.ledger.codec import settings_of
from bot.jobs.ledger.port import Entry
from bot.jobs.model import Act, ChatSettings, Decision, Place, Standing

ROOM, ATTIC = Place("test", "room"), Place("test", "attic")
FULL = ChatSettings(
    "zh-CN",
    "flux",
    (640, 480),
    spoiler=True,
    previews=False,
    adult=True,
    limits=(("steps", 20), ("pixels", float("inf"))),
    granted=(("steps", 200), ("cooldown", 0)),
)


def act(at: float, detail: str = "") -> Act:
    return Act(at, "test:op", "decide", "test:ada", detail)


async def test_of_somebody_unknown_nothing_is_decided(register) -> None:
    assert await register.look_up("test:ada", ROOM) == Entry(None, None, ChatSettings())
    assert await register.decisions() == {}
    assert await register.switches() == {}
    assert list(await register.acts(9)) == []


async def test_a_person_and_a_chat_are_looked_up_together_whatever_the_thread(register) -> None:
    banned, allowed = Decision(Standing.BANNED, until=99.5), Decision(Standing.ALLOWED)
    await register.decide("test:ada", banned, act(1.0))
    await register.decide(ROOM.subject, allowed, act(2.0))
    await register.set_chat(ROOM, FULL, act(3.0))
    assert await register.look_up("test:ada", Place("test", "room", "thread")) == Entry(banned, allowed, FULL)
    assert await register.look_up("test:bob", ROOM) == Entry(None, allowed, FULL)
    assert await register.look_up("test:ada", ATTIC) == Entry(banned, None, ChatSettings())
    assert await register.decisions() == {"test:ada": banned, "test/room": allowed}


async def test_a_newer_decision_takes_the_place_of_the_older_and_none_lifts_it(register) -> None:
    for decision in (Decision(Standing.BANNED, 1.0), Decision(Standing.DENIED), None):
        await register.decide("test:ada", decision, act(1.0))
        assert (await register.look_up("test:ada", ROOM)).person == decision
    await register.decide("test:ada", None, act(1.0))
    assert await register.decisions() == {}


async def test_a_chat_is_as_it_was_last_set(register) -> None:
    for settings in (FULL, ChatSettings(spoiler=True), ChatSettings()):
        await register.set_chat(ROOM, settings, act(1.0))
        assert (await register.look_up("test:ada", ROOM)).settings == settings


async def test_what_is_decided_of_a_chat_and_how_it_is_set_goes_with_it_to_its_new_id(register) -> None:
    allowed, banned = Decision(Standing.ALLOWED), Decision(Standing.BANNED, 9.0)
    hall = Place("test", "hall")
    for subject in (ROOM.subject, ATTIC.subject, "test:ada"):
        await register.decide(subject, banned, act(1.0))
    for place in (ROOM, ATTIC):
        await register.set_chat(place, FULL, act(1.0))
    await register.move_chat(Place("test", "room", "thread"), "hall", allowed, FULL, act(2.0, "moved"))
    assert await register.look_up("test:ada", hall) == Entry(banned, allowed, FULL)
    assert await register.look_up("test:ada", ROOM) == Entry(banned)
    assert await register.look_up("test:ada", ATTIC) == Entry(banned, banned, FULL)
    await register.move_chat(ATTIC, "hall", None, ChatSettings(), act(3.0, "again"))
    assert await register.look_up("test:bob", hall) == Entry()
    assert await register.decisions() == {"test:ada": banned}
    assert [each.detail for each in await register.acts(2)] == ["again", "moved"]


def test_settings_of_before_operators_could_grant_limits_are_read() -> None:
    kept = """{"language": null, "workflow": null, "size": [640, 480], "spoiler": null, "previews": null,
               "adult": false, "limits": [["steps", 20]]}"""
    assert settings_of(kept) == ChatSettings(size=(640, 480), limits=(("steps", 20),))


async def test_switches_stay_until_they_are_unset(register) -> None:
    await register.set_switch("paused", "")
    await register.set_switch("drained gpu", "a new fan")
    await register.set_switch("drained gpu", "two new fans")
    assert await register.switches() == {"paused": "", "drained gpu": "two new fans"}
    await register.set_switch("paused", None)
    await register.set_switch("never set", None)
    assert await register.switches() == {"drained gpu": "two new fans"}


async def test_every_change_is_kept_with_its_line_of_the_audit_log_the_newest_first(register) -> None:
    await register.decide("test:ada", Decision(Standing.BANNED), act(3.0, "spam"))
    await register.set_chat(ROOM, FULL, act(1.0, "language"))
    await register.set_switch("paused", "", act(2.0, "pause"))
    await register.set_switch("bookkeeping", "")
    await register.decide("test:ada", None, act(2.0, "sorry"))
    assert list(await register.acts(9)) == [
        act(2.0, "sorry"),
        act(2.0, "pause"),
        act(1.0, "language"),
        act(3.0, "spam"),
    ]
    assert list(await register.acts(1)) == [act(2.0, "sorry")]


async def test_of_decisions_at_once_the_last_stays_and_each_is_noted(register) -> None:
    standings = [Standing.ALLOWED, Standing.DENIED, Standing.BANNED]
    await asyncio.gather(
        *(register.decide("test:ada", Decision(each), act(float(number))) for number, each in enumerate(standings))
    )
    assert (await register.look_up("test:ada", ROOM)).person == Decision(Standing.BANNED)
    assert [each.at for each in await register.acts(9)] == [2.0, 1.0, 0.0]


@pytest.mark.parametrize("typed", ["two\0parts", "half \ud83d of a smile", "a whole 😀"])
async def test_whatever_is_typed_is_decided_and_found_again(register, typed: str) -> None:
    decision = Decision(Standing.BANNED)
    await register.decide(typed, decision, act(1.0, typed))
    assert (await register.look_up(typed, ROOM)).person == decision
    await register.decide(typed, None, act(2.0))
    assert (await register.look_up(typed, ROOM)).person is None
