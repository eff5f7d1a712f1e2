from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.model import ChatSettings
from bot.jobs.policy.errors import BadChatSetting, NoSuchChatSetting
from bot.jobs.policy.limits import CHAT_LIMITS
from bot.jobs.policy.settings import DEFAULT, KEYS, change, values

LANGUAGES = ("en", "zh-CN")


def changed(settings: ChatSettings, key: str, value: str) -> ChatSettings:
    return change(settings, key, value, languages=LANGUAGES)


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


everything = st.builds(
    ChatSettings,
    language=st.none() | st.sampled_from(LANGUAGES),
    workflow=st.none() | st.from_regex(r"[a-z0-9_-]{1,20}", fullmatch=True).filter(lambda name: name != DEFAULT),
    size=st.none() | st.tuples(st.integers(1, 99_999), st.integers(1, 99_999)),
    spoiler=st.none() | st.booleans(),
    previews=st.none() | st.booleans(),
    adult=st.booleans(),
    limits=st.dictionaries(st.sampled_from(CHAT_LIMITS), st.integers(1, 10**6)).map(
        lambda limits: tuple((name, limits[name]) for name in CHAT_LIMITS if name in limits)
    ),
)


@given(everything)
def test_settings_as_they_are_told_are_settings_as_they_are_typed(settings: ChatSettings) -> None:
    again = ChatSettings()
    for key, value in values(settings).items():
        again = changed(again, key, value)
    assert again == settings
