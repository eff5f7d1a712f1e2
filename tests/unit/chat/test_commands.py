from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.commands import split


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("/imagine a red fox", "imagine", "a red fox"),
        ("  /imagine   a red fox  ", "imagine", "a red fox"),
        ("/imagine\na red fox\n--w 512", "imagine", "a red fox\n--w 512"),
        ("/imagine", "imagine", ""),
        ("/Imagine@EaselBot a red fox", "imagine", "a red fox"),
        ("/queue@EaselBot", "queue", ""),
        ("／imagine 一只红狐狸", "imagine", "一只红狐狸"),
        ("/画 一只红狐狸", "画", "一只红狐狸"),
        ("a red fox", "imagine", "a red fox"),
        ("  a red fox ", "imagine", "a red fox"),
        ("--seed 5", "imagine", "--seed 5"),
        ("a fox /cancel", "imagine", "a fox /cancel"),
        ("/home/user/fox.png on a desk", "imagine", "/home/user/fox.png on a desk"),
        ("/ imagine", "imagine", "/ imagine"),
        ("//comment", "imagine", "//comment"),
        ("", "imagine", ""),
    ],
)
def test_a_message_is_a_command_or_a_wish(text: str, word: str, rest: str) -> None:
    spoken = split(text)
    assert (spoken.word, spoken.rest) == (word, rest)


@given(st.text())
def test_any_text_is_one_or_the_other(text: str) -> None:
    spoken = split(text)
    assert spoken.word
    assert spoken.rest in text
