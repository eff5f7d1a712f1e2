from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.model import ChatSettings
from bot.jobs.policy.errors import BadChatSetting, NoSuchChatSetting
from bot.jobs.policy.limits import CHAT_LIMITS, Limits, Rank
from bot.jobs.policy.rules import Rules
from bot.jobs.policy.settings import DEFAULT, KEYS, LIMIT_KEYS, Setting, read_setting, written

LANGUAGES = ("en", "zh-CN")


def changed(settings: ChatSettings, key: str, value: str, rank: Rank = Rank.ADMIN) -> ChatSettings:
    return read_setting(key, value, languages=LANGUAGES).made(settings, rank)


@pytest.mark.parametrize(
    ("key", "value", "field", "expected"),
    [
        ("language", "zh", "language", "zh-CN"),
        ("language", "zh-TW", "language", "zh-CN"),
        ("Language", "EN", "language", "en"),
        ("workflow", " flux ", "workflow", "flux"),
        ("size", "1024x768", "size", (1024, 768)),
        ("--size", "1024 × 768", "size", (1024, 768)),
        ("spoiler", "on", "spoiler", True),
        ("spoiler", "No", "spoiler", False),
        ("previews", "关", "previews", False),
        ("adult", "yes", "adult", True),
        ("waiting", "3", "limits", (("waiting", 3),)),
        ("jobs-per-day", "20", "limits", (("jobs_per_day", 20),)),
        ("jobs_per_day", "２０", "limits", (("jobs_per_day", 20),)),
        ("gpu-seconds-per-day", "600", "limits", (("gpu_seconds_per_day", 600),)),
        ("gpu-seconds-per-day", "10 min", "limits", (("gpu_seconds_per_day", 600),)),
        ("cooldown", "30 s", "limits", (("cooldown", 30),)),
        ("pixels", "1024x1024", "limits", (("pixels", 1_048_576),)),
        ("pixels", "500000", "limits", (("pixels", 500_000),)),
        ("steps", "20", "limits", (("steps", 20),)),
        ("batch", "1", "limits", (("batch", 1),)),
    ],
)
def test_a_chat_is_set_with_a_key_and_a_value_and_taken_back_with_default(key, value, field, expected: Any) -> None:
    settings = changed(ChatSettings(), key, value)
    assert getattr(settings, field) == expected
    assert changed(settings, key, "Default") == ChatSettings()


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("language", "german", "language"),
        ("language", "", "language"),
        ("workflow", " ", "workflow"),
        ("size", "big", "size"),
        ("size", "0x10", "size"),
        ("size", "1024", "size"),
        ("spoiler", "maybe", "switch"),
        ("adult", "", "switch"),
        ("waiting", "few", "whole"),
        ("waiting", "-1", "whole"),
        ("waiting", "2.5", "whole"),
        ("waiting", "5 s", "whole"),
        ("batch", "9" * 5000, "whole"),
        ("pixels", "many", "pixels"),
        ("cooldown", "soon", "seconds"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_would(key: str, value: str, expected: str) -> None:
    with pytest.raises(BadChatSetting) as refused:
        changed(ChatSettings(), key, value)
    assert (refused.value.key, refused.value.expected) == (key, expected)
    assert len(refused.value.value) <= 40


@pytest.mark.parametrize(("key", "nearest"), [("spoilr", "spoiler"), ("jobs", None), ("limits", None), ("", None)])
def test_a_key_that_is_none_brings_the_nearest(key: str, nearest: str | None) -> None:
    with pytest.raises(NoSuchChatSetting) as refused:
        changed(ChatSettings(), key, "on")
    assert (refused.value.nearest, refused.value.known) == (nearest, KEYS)


def test_changing_one_setting_leaves_the_others() -> None:
    settings = ChatSettings(language="en", limits=(("steps", 20), ("batch", 2)))
    settings = changed(changed(settings, "steps", "10"), "spoiler", "on")
    assert settings == ChatSettings(language="en", spoiler=True, limits=(("batch", 2), ("steps", 10)))


def test_an_operators_limit_takes_back_what_an_admin_had_made_of_it() -> None:
    settings = ChatSettings(limits=(("steps", 20), ("batch", 2)), granted=(("waiting", 9),))
    given_ = changed(settings, "steps", "200", Rank.OPERATOR)
    assert given_ == ChatSettings(limits=(("batch", 2),), granted=(("waiting", 9), ("steps", 200)))
    tight = changed(given_, "steps", "50")
    assert (tight.limits, tight.granted) == ((("batch", 2), ("steps", 50)), given_.granted)
    assert changed(tight, "steps", "default") == given_
    assert changed(tight, "steps", "default", Rank.OPERATOR) == changed(settings, "steps", "default")


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (Setting("steps", 200), "steps 200"),
        (Setting("cooldown", 90), "cooldown 1 min 30 s"),
        (Setting("size", (640, 480)), "size 640x480"),
        (Setting("adult", value=True), "adult on"),
        (Setting("workflow", None), "workflow default"),
    ],
)
def test_the_log_tells_a_setting_as_one_would_type_it(setting: Setting, told: str) -> None:
    assert str(setting) == told


amounts = st.integers(0, 10**6)
typed = st.one_of(
    st.tuples(st.just("language"), st.sampled_from(LANGUAGES)),
    st.tuples(st.just("workflow"), st.from_regex(r"[a-z0-9_-]{1,20}", fullmatch=True).filter(lambda n: n != DEFAULT)),
    st.tuples(st.just("size"), st.tuples(st.integers(1, 99_999), st.integers(1, 99_999))),
    st.tuples(st.sampled_from(("spoiler", "previews", "adult")), st.booleans()),
    st.tuples(st.sampled_from(list(LIMIT_KEYS)), amounts),
    st.tuples(st.sampled_from(KEYS), st.none()),
)


@given(typed)
def test_a_setting_as_it_is_told_is_that_setting_as_it_is_typed(key_and_value) -> None:
    setting = Setting(*key_and_value)
    assert read_setting(setting.key, written(setting.key, setting.value), languages=LANGUAGES) == setting


def loose(name: str, value: float) -> float:
    return -value if name == "cooldown" else value or float("inf")


@given(
    st.fixed_dictionaries({rank: st.builds(Limits, **dict.fromkeys(CHAT_LIMITS, amounts)) for rank in Rank}),
    st.lists(
        st.tuples(st.sampled_from((Rank.ADMIN, Rank.OPERATOR)), st.sampled_from(list(LIMIT_KEYS)), st.none() | amounts)
    ),
)
def test_no_admin_ever_ends_above_what_operators_allow(house: dict[Rank, Limits], changes) -> None:
    settings, operators = ChatSettings(), dict[str, float | None]()
    for by, key, value in changes:
        settings = Setting(key, value).made(settings, by)
        if by is Rank.OPERATOR:
            operators[LIMIT_KEYS[key]] = value
    for rank in (Rank.MEMBER, Rank.ADMIN):
        limits = Rules(limits=house).limits_of(rank, settings)
        for name in CHAT_LIMITS:
            said = operators.get(name)
            allowed = getattr(house[rank], name) if said is None else said
            assert loose(name, getattr(limits, name)) <= loose(name, allowed)
            if name not in dict(settings.limits):
                assert getattr(limits, name) == allowed
