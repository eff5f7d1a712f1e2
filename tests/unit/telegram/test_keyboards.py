"""Buttons in rows for a phone, and what a press says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.card import Button
from bot.chat.status import buttons
from bot.chat.texts import LANGUAGES, texts_for
from bot.jobs.model import Action, new_id
from bot.telegram.keyboards import PER_ROW, data, evenly, keyboard, parse

RESULT = [action for action in Action if action is not Action.CANCEL]


def labels(count: int) -> list[list[str]]:
    made = keyboard("k7m2qd", [Button(Action.AGAIN, str(n)) for n in range(count)])
    return [] if made is None else [[key.text for key in row] for row in made.inline_keyboard]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_buttons_of_a_result_stand_in_rows_of_two_or_three(language: str) -> None:
    made = keyboard("k7m2qd", buttons(RESULT, texts_for(language)))
    assert made is not None
    assert [len(row) for row in made.inline_keyboard] == [3, 2, 2]
    assert [key.callback_data for row in made.inline_keyboard for key in row] == [data(a, "k7m2qd") for a in RESULT]


@pytest.mark.parametrize(
    ("count", "rows"), [(0, []), (1, [1]), (2, [2]), (3, [3]), (4, [2, 2]), (5, [3, 2]), (6, [3, 3]), (7, [3, 2, 2])]
)
def test_rows_are_as_even_as_can_be(count: int, rows: list[int]) -> None:
    assert [len(row) for row in labels(count)] == rows


@given(st.lists(st.integers()), st.integers(1, 12))
def test_nothing_is_lost_by_cutting_evenly(items: list[int], most: int) -> None:
    parts = evenly(items, most)
    assert [item for part in parts for item in part] == items
    sizes = [len(part) for part in parts]
    assert sizes == sorted(sizes, reverse=True)
    assert not sizes or (1 <= min(sizes) <= max(sizes) <= min(most, min(sizes) + 1))
    assert len(parts) == -(-len(items) // most)


def test_rows_hold_no_more_than_a_phone_shows() -> None:
    assert all(len(row) <= PER_ROW for count in range(20) for row in labels(count))


@pytest.mark.parametrize("action", list(Action))
def test_a_press_says_what_the_button_said(action: Action) -> None:
    job = new_id()
    assert parse(data(action, job)) == (action, job)
    assert len(data(action, job).encode()) <= 64


@pytest.mark.parametrize(
    "said",
    [
        "", ":", "again", "again:", ":k7m2qd", "Again:k7m2qd", "again:K7M2QD", "again: k7m2qd", "again:k7m2qd\n",
        "again:k7m2qd:x", "explode:k7m2qd", "again:k7m2qd'--", "again:../../etc", "again:" + "x" * 60, "again:k７m2qd",
        "\0again:k7m2qd", "again：k7m2qd",
    ],
)  # fmt: skip
def test_what_no_button_of_ours_says_is_refused(said: str) -> None:
    assert parse(said) is None


@given(st.text())
def test_only_what_a_button_would_say_is_understood(said: str) -> None:
    understood = parse(said)
    assert understood is None or data(*understood) == said
