"""A memory that does not grow for ever."""

from __future__ import annotations

from bot.telegram.recent import Recent


def test_what_was_neither_set_nor_asked_for_lately_is_forgotten() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.set("fox", 1)
    recent.set("owl", 2)
    assert recent.get("fox") == 1
    recent.set("elk", 3)
    assert (recent.get("fox"), recent.get("owl"), recent.get("elk")) == (1, None, 3)
    assert len(recent) == 2


def test_what_is_set_anew_is_one_entry() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.set("fox", 1)
    recent.set("fox", 2)
    assert recent.get("fox") == 2
    assert len(recent) == 1


def test_what_is_forgotten_is_not_known_and_may_be_forgotten_again() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.set("fox", 1)
    recent.forget("fox")
    recent.forget("fox")
    assert recent.get("fox") is None
