from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.model import Recipe
from bot.jobs.policy.content import Content, Words, folded, texts_of
from bot.jobs.policy.errors import BadPattern, BlockedWords, WordsNotChecked
from bot.workflows.graph import Graph
from bot.workflows.options import Kind, Option
from bot.workflows.workflow import Workflow


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("gore", "gore", True),
        ("gore", "much gore, oil painting", True),
        ("gore", "(GORE:1.2)", True),
        ("Gore", "gOrE", True),
        ("gore", "categoreal", False),
        ("gore", "gores", False),
        ("gore", "gore2", False),
        ("gore", "blood_gore-red", True),
        ("gore", "gores and then gore", True),
        ("gore", "ｇｏｒｅ", True),
        ("gore", "g\u200bo\u00adr\u2060e", True),
        ("g\u200bore", "gore", True),
        ("gore", "g\u0336o\u0336r\u0336e\u0336", True),
        ("gore", "go\u20ddre", True),
        ("gore", "𝐆𝕠ⓡｅ", True),
        ("gore", "画gore图", True),
        ("straße", "STRASSE", True),
        ("café", "cafe\u0301", True),
        ("cafe", "café", False),
        ("кровь", "Кровь.", True),
        ("кровь", "кровью", False),
        ("severed head", "a severed \n  head", True),
        ("severed head", "severed heads", False),
        ("#gore", "x#gore", True),
        ("c++", "write c++ here", True),
        ("c++", "c+++", True),
        ("血", "流血的人", True),
        ("血腥", "很血腥", True),
        ("血腥", "血 腥", False),
        ("グロ", "グロテスク", True),
        ("피", "피가", True),
        ("เลือด", "ไม่มีเลือดเลย", True),
        ("gore", "", False),
    ],
)
def test_a_word_is_found_as_a_word_where_the_script_has_such(word: str, text: str, found) -> None:
    assert (Words([word]).first_in(text) is not None) is found


@given(st.text(), st.text(min_size=1).filter(folded), st.text())
def test_a_word_that_stands_by_itself_is_always_found(before: str, word: str, after: str) -> None:
    assert Words([word]).first_in(f"{before} . {word} . {after}") == word


@given(st.text())
def test_how_a_text_is_compared_does_not_depend_on_comparing_it_twice(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"\bfamous (actor|singer)\b", "a Famous  actor", None),
        (r"\bfamous +(actor|singer)\b", "a Famous  actor", "Famous  actor"),
        (r"bl[o0]{2}d", "BL0Od", "BL0Od"),
        (r"blood", "b\u200blood", "blood"),
        (r"blood", "ｂｌｏｏｄ", "blood"),
        (r"(?-i:NASA)", "nasa", None),
        (r"\p{Han}{3}", "画一张图", "画一张"),
        (r"a.*z", "a" + "b" * 100 + "z", "a" + "b" * 39),
    ],
)
def test_a_pattern_says_what_it_fits(pattern: str, text: str, found: str | None) -> None:
    content = Content(patterns=(pattern,))
    if found is None:
        content.check([text])
    else:
        with pytest.raises(BlockedWords) as refused:
            content.check([text])
        assert refused.value.found == found


def test_a_pattern_that_fits_no_part_of_the_text_still_refuses_it() -> None:
    with pytest.raises(BlockedWords) as refused:
        Content(patterns=(r"^(?=.*knife)(?=.*child)",)).check(["a child with a knife"])
    assert refused.value.found is None


def test_the_words_of_every_text_are_held_against_all_rules() -> None:
    content = Content(words=("gore",), patterns=("bl.od",))
    content.check(["a fox", "in snow"])
    for texts in (["a fox", "gore"], ["gore", "a fox"], ["a fox", "blood"]):
        with pytest.raises(BlockedWords):
            content.check(texts)


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|aa)+$", r"^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_pattern_that_would_take_for_ever_is_given_up_within_its_time(pattern: str) -> None:
    content = Content(patterns=("snow", pattern), match_seconds=0.05)
    started = time.process_time()
    with pytest.raises(WordsNotChecked) as refused:
        content.check(["a" * 8000 + "b!"])
    assert time.process_time() - started < 1
    assert refused.value.pattern == pattern


def test_several_slow_patterns_share_the_time_of_one_request() -> None:
    content = Content(patterns=(r"(a+)+$",) * 40, match_seconds=0.05)
    started = time.process_time()
    with pytest.raises(WordsNotChecked):
        content.check(["a" * 22 + "b", "a" * 8000 + "b"])
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("content", "pattern", "reason"),
    [
        ({"patterns": ("fox", "(a")}, "(a", "missing ) at position 2"),
        ({"patterns": ("[z-a]",)}, "[z-a]", "bad character range at position 4"),
        ({"patterns": ("a*",)}, "a*", None),
        ({"patterns": ("",)}, "", None),
        ({"words": ("fox", " \u200b ")}, " \u200b ", None),
        ({"spoiler_words": ("",)}, "", None),
    ],
)
def test_rules_that_cannot_be_used_are_found_when_they_are_made(content, pattern: str, reason: str | None) -> None:
    with pytest.raises(BadPattern) as bad:
        Content(**content)
    assert (bad.value.pattern, bad.value.reason) == (pattern, reason)


@pytest.mark.parametrize(
    ("house", "chat", "text", "covered"),
    [
        (False, None, "a fox", False),
        (True, None, "a fox", True),
        (True, False, "a fox", False),
        (False, True, "a fox", True),
        (False, None, "a Spider", True),
        (False, False, "a spider", True),
    ],
)
def test_a_picture_is_covered_by_default_by_the_chat_or_by_a_word(house, chat, text: str, covered) -> None:
    content = Content(spoiler=house, spoiler_words=("spider",))
    assert content.covers(["in snow", text], chat=chat) is covered


def test_everything_somebody_wrote_is_checked_but_what_they_do_not_want_to_see() -> None:
    options = (
        Option("prompt", Kind.TEXT, ("prompt",)),
        Option("negative", Kind.TEXT, ("no",)),
        Option("lettering", Kind.TEXT, ("lettering",)),
        Option("model", Kind.CHOICE, ("model",)),
        Option("steps", Kind.INTEGER, ("steps",)),
    )
    workflow = Workflow("paint", "Paint", "", Graph({}), options, {}, ())
    values = (
        ("prompt", "a fox"),
        ("negative", "gore"),
        ("lettering", "Stop"),
        ("model", "gore.safetensors"),
        ("steps", 9),
    )
    assert texts_of(Recipe("paint", values), workflow) == ("a fox", "Stop")


@pytest.mark.parametrize(("guidance", "read"), [(7.5, False), (1, False), (0.9, True), (0, True)])
def test_a_negative_prompt_counts_where_guidance_leads_towards_it(guidance: float, read) -> None:
    options = (
        Option("prompt", Kind.TEXT, ("prompt",)),
        Option("negative", Kind.TEXT, ("no",)),
        Option("guidance", Kind.NUMBER, ("cfg",)),
    )
    workflow = Workflow("paint", "Paint", "", Graph({}), options, {}, ())
    recipe = Recipe("paint", (("prompt", "a fox"), ("negative", "gore"), ("guidance", guidance)))
    assert ("gore" in texts_of(recipe, workflow)) is read


def test_two_contents_that_say_the_same_are_equal() -> None:
    assert Content(words=("a",), patterns=("b",)) == Content(words=("a",), patterns=("b",))
