from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.model import ChatSettings, Person
from bot.jobs.policy.limits import CHAT_LIMITS, UNLIMITED, Limits, Rank
from bot.jobs.policy.rules import Rules

amounts = st.integers(0, 1000)
limits = st.builds(Limits, **dict.fromkeys(CHAT_LIMITS, amounts))
chats = st.dictionaries(st.sampled_from(CHAT_LIMITS), amounts)


def loose(name: str, value: float) -> float:
    """How much a limit allows: the cooldown is the only one of which more is less."""
    return -value if name == "cooldown" else value or float("inf")


@given(limits, chats)
def test_a_chat_can_tighten_limits_and_never_loosen_them(base: Limits, chat: dict[str, float]) -> None:
    tight = base.tightened(chat.items())
    for name in CHAT_LIMITS:
        house = loose(name, getattr(base, name))
        assert loose(name, getattr(tight, name)) == min(house, loose(name, chat[name]) if name in chat else house)


@pytest.mark.parametrize(
    ("name", "house", "chat", "used"),
    [
        ("waiting", 5, 2, 2),
        ("waiting", 5, 9, 5),
        ("waiting", 5, 0, 5),
        ("waiting", 0, 3, 3),
        ("steps", 50, 20.0, 20),
        ("cooldown", 10, 60, 60.0),
        ("cooldown", 10, 0, 10),
        ("gpu_seconds_per_day", 0, 600, 600.0),
        ("weight", 1, 5, 1),
        ("no_longer_there", None, 5, None),
    ],
)
def test_the_tighter_of_two_limits_counts(name: str, house: float | None, chat: float, used: float | None) -> None:
    base = Limits() if house is None else Limits(**{name: house})
    tight = base.tightened(((name, chat),))
    assert getattr(tight, name, None) == used
    assert type(getattr(tight, name, None)) is type(used)


ADA, BOSS = Person("telegram:1", "Ada"), Person("telegram:9", "Boss")
ADMIN = Person("telegram:2", "Bob", admin=True)


@pytest.mark.parametrize(
    ("given_", "rank", "expected"),
    [
        ({}, Rank.MEMBER, Limits()),
        ({}, Rank.ADMIN, Limits()),
        ({}, Rank.OPERATOR, UNLIMITED),
        ({Rank.MEMBER: Limits(waiting=2)}, Rank.MEMBER, Limits(waiting=2)),
        ({Rank.MEMBER: Limits(waiting=2)}, Rank.ADMIN, Limits(waiting=2)),
        ({Rank.MEMBER: Limits(waiting=2)}, Rank.OPERATOR, UNLIMITED),
        ({Rank.ADMIN: Limits(waiting=8)}, Rank.ADMIN, Limits(waiting=8)),
        ({Rank.OPERATOR: Limits(waiting=50)}, Rank.OPERATOR, Limits(waiting=50)),
    ],
)
def test_every_rank_has_its_limits(given_, rank: Rank, expected: Limits) -> None:
    assert Rules(limits=given_).limits_of(rank, ChatSettings()) == expected


def test_a_chats_own_limits_bind_its_members_and_admins_but_no_operator() -> None:
    settings, rules = ChatSettings(limits=(("steps", 10),)), Rules()
    assert [rules.limits_of(rank, settings).steps for rank in (Rank.MEMBER, Rank.ADMIN, Rank.OPERATOR)] == [10, 10, 0]


def test_what_an_operator_gave_a_chat_stands_in_place_of_the_houses_limits_be_it_more_or_less() -> None:
    rules = Rules(limits={Rank.MEMBER: Limits(steps=50, batch=4), Rank.ADMIN: Limits(steps=80, batch=4)})
    settings = ChatSettings(
        limits=(("batch", 2), ("steps", 120)), granted=(("steps", 100), ("batch", 0), ("weight", 9))
    )
    for rank in (Rank.MEMBER, Rank.ADMIN):
        assert rules.limits_of(rank, settings) == Limits(steps=100, batch=2)
    assert rules.limits_of(Rank.OPERATOR, settings) == UNLIMITED


def test_an_operator_is_one_everywhere_and_an_admin_only_where_the_platform_says_so() -> None:
    rules = Rules(operators=frozenset({BOSS.id}))
    assert [rules.rank(person) for person in (ADA, ADMIN, BOSS)] == [Rank.MEMBER, Rank.ADMIN, Rank.OPERATOR]
