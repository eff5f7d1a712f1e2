from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Span
from bot.jobs.ledger.port import Entry
from bot.jobs.model import ChatSettings, Decision, Person, Place, Standing
from bot.jobs.policy.access import admit
from bot.jobs.policy.errors import Banned, ChatBanned, NotAllowedHere
from bot.jobs.policy.limits import UNLIMITED, Limits, Rank
from bot.jobs.policy.rules import Guest, Rules

ADA, HERE, NOW = Person("telegram:1", "Ada", admin=True), Place("telegram", "-100", "7"), 1_000_000.0
CLOSED, OPEN = Rules(), Rules(anybody=True)
PERSON = Rules(people=frozenset({"telegram:1"}))
CHAT = Rules(chats=frozenset({"telegram/-100"}))
OTHERS = Rules(people=frozenset({"telegram:2"}), chats=frozenset({"telegram/-1", "telegram:1", "discord/-100"}))

ALLOWED, DENIED, BANNED = (Decision(standing) for standing in Standing)
FOR_A_MINUTE, IT_WAS = Decision(Standing.BANNED, NOW + 60), Decision(Standing.BANNED, NOW)
OUTSIDE = NotAllowedHere("telegram/-100", "telegram:1")
PERSON_DENIED, CHAT_DENIED = NotAllowedHere(None, "telegram:1"), NotAllowedHere("telegram/-100", None)


@pytest.mark.parametrize(
    ("rules", "person", "chat", "refusal"),
    [
        (CLOSED, None, None, OUTSIDE),
        (OTHERS, None, None, OUTSIDE),
        (PERSON, None, None, None),
        (CHAT, None, None, None),
        (OPEN, None, None, None),
        (CLOSED, ALLOWED, None, None),
        (CLOSED, None, ALLOWED, None),
        (PERSON, DENIED, None, PERSON_DENIED),
        (CHAT, DENIED, None, PERSON_DENIED),
        (CHAT, None, DENIED, CHAT_DENIED),
        (PERSON, None, DENIED, CHAT_DENIED),
        (OPEN, DENIED, None, PERSON_DENIED),
        (OPEN, None, DENIED, CHAT_DENIED),
        (CLOSED, ALLOWED, DENIED, CHAT_DENIED),
        (CLOSED, DENIED, ALLOWED, PERSON_DENIED),
        (OPEN, DENIED, DENIED, CHAT_DENIED),
        (PERSON, BANNED, None, Banned(None)),
        (CHAT, None, BANNED, ChatBanned(None)),
        (OPEN, BANNED, ALLOWED, Banned(None)),
        (OPEN, FOR_A_MINUTE, None, Banned(Span(60))),
        (OPEN, None, FOR_A_MINUTE, ChatBanned(Span(60))),
        (OPEN, FOR_A_MINUTE, BANNED, Banned(Span(60))),
        (PERSON, IT_WAS, None, None),
        (CLOSED, IT_WAS, None, OUTSIDE),
        (CLOSED, None, IT_WAS, OUTSIDE),
        (CHAT, None, IT_WAS, None),
    ],
)
def test_the_house_is_closed_but_to_those_it_names(rules, person, chat, refusal) -> None:
    entry = Entry(person, chat)
    if refusal is None:
        assert admit(rules, ADA, HERE, entry, NOW).rank is Rank.ADMIN
    else:
        with pytest.raises(type(refusal)) as refused:
            admit(rules, ADA, HERE, entry, NOW)
        assert refused.value.details == refusal.details


decisions = st.none() | st.builds(Decision, st.sampled_from(Standing), st.none() | st.floats(0, 2 * NOW))


@given(decisions, decisions)
def test_operators_are_never_locked_out(person: Decision | None, chat: Decision | None) -> None:
    rules = Rules(operators=frozenset({ADA.id}))
    assert admit(rules, ADA, HERE, Entry(person, chat), NOW) == Guest(Rank.OPERATOR, UNLIMITED, ChatSettings())


@given(decisions, decisions, st.sampled_from([CLOSED, PERSON, CHAT, OPEN, OTHERS]))
def test_nobody_comes_in_past_a_ban(person: Decision | None, chat: Decision | None, rules: Rules) -> None:
    banned = any(
        one and one.standing is Standing.BANNED and (one.until is None or one.until > NOW) for one in (person, chat)
    )
    if banned:
        with pytest.raises((Banned, ChatBanned)) as refused:
            admit(rules, ADA, HERE, Entry(person, chat), NOW)
        assert refused.value.frees is None or 0 < refused.value.frees.seconds <= NOW
    else:
        with suppress(NotAllowedHere):
            admit(rules, ADA, HERE, Entry(person, chat), NOW)


def test_a_guest_brings_the_chats_settings_and_the_limits_they_make() -> None:
    settings = ChatSettings(spoiler=True, limits=(("batch", 2),))
    guest = admit(CHAT, ADA, HERE, Entry(settings=settings), NOW)
    assert guest == Guest(Rank.ADMIN, Limits(batch=2), settings)
