from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Span
from bot.jobs.policy.errors import BadSpan
from bot.jobs.policy.spans import read_span, write_span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("45s", 45),
        ("30 min", 1800),
        ("1.5 h", 5400),
        ("2d 4h", 187_200),
        ("2d4h", 187_200),
        (" 1 Week ", 604_800),
        ("３ 小时 12 分钟", 11_520),
        ("7天", 604_800),
        ("10 s", 10),
        ("3650 d", 315_360_000),
    ],
)
def test_a_length_of_time_is_read_as_people_write_it(text: str, seconds: float) -> None:
    assert read_span(text) == Span(seconds)


@pytest.mark.parametrize(
    "text",
    ["", " ", "soon", "30", "30 x", "h", "-3 h", "0 s", "0.4 s", "3 h and 2", "3651 d", "9" * 400 + " d", "3 h x"],
)
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(BadSpan) as refused:
        read_span(text)
    assert refused.value.text == text[:40]


@given(st.integers(1, 10 * 365 * 86_400))
def test_a_written_length_of_time_reads_as_the_same(seconds: int) -> None:
    assert read_span(write_span(Span(seconds))) == Span(seconds)


def test_a_log_writes_every_unit() -> None:
    assert [write_span(Span(seconds)) for seconds in (0, 0.2, 90_061)] == ["0 s", "0 s", "1 d 1 h 1 min 1 s"]
