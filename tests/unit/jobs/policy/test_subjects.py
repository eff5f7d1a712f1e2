from __future__ import annotations

import pytest

from bot.jobs.model import Place
from bot.jobs.policy.errors import BadSubject
from bot.jobs.policy.subjects import read_subject

HERE = Place("telegram", "-100", "7")


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("telegram:1234", "telegram:1234"),
        ("telegram/-100123", "telegram/-100123"),
        (" Discord:42 ", "discord:42"),
        ("console:Ada", "console:Ada"),
        ("here", "telegram/-100"),
        ("Here", "telegram/-100"),
        ("这里", "telegram/-100"),
    ],
)
def test_a_person_or_a_chat_is_known_by_its_id(text: str, subject: str) -> None:
    assert read_subject(text, HERE) == subject


@pytest.mark.parametrize(
    "text",
    ["", "ada", "@ada", "1234", "-100", "telegram", "telegram:", "telegram/", "telegram:12 34", ":1", "t:" + "1" * 500],
)
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(BadSubject) as refused:
        read_subject(text, HERE)
    assert refused.value.subject == text[:40]


def test_here_means_nothing_where_there_is_no_chat() -> None:
    with pytest.raises(BadSubject):
        read_subject("here")
