"""``--pick``: which of several pictures to start from."""

from __future__ import annotations

import pytest

from bot.grammar.errors import (
    ExtraPictures,
    FlagWithoutValue,
    GrammarError,
    NeedsPicture,
    NotNumeric,
    NotWhole,
    OutOfBounds,
    RepeatedFlag,
    UnknownFlag,
)
from bot.grammar.formatting import format as written
from bot.grammar.menu import Menu, Vocabulary
from bot.grammar.parser import parse, parse_changes
from bot.workflows.options import Kind, Option, Role

PROMPT = Option(Role.PROMPT, Kind.TEXT, ("prompt",), required=True)
NEGATIVE = Option(Role.NEGATIVE, Kind.TEXT, ("no",))
STEPS = Option(Role.STEPS, Kind.INTEGER, ("steps",))
IMAGE = Option(Role.IMAGE, Kind.IMAGE, (), required=True)
STYLE = Option("style", Kind.IMAGE, (), required=True)
OWN = Option("pick", Kind.CHOICE, ("pick",), choices=("best", "worst"))
MENU = Menu(
    {
        "paint": (PROMPT, STEPS),
        "repaint": (PROMPT, IMAGE, STEPS, NEGATIVE),
        "blend": (PROMPT, IMAGE, STYLE),
        "choosy": (PROMPT, IMAGE, OWN),
    },
    default="paint",
    default_with_image="repaint",
)


@pytest.mark.parametrize(
    ("text", "pick", "prompt"),
    [
        ("a fox", None, "a fox"),
        ("a fox --pick 2", 2, "a fox"),
        ("--pick 2 a fox", 2, "a fox"),
        ("a fox --steps 9 here —pick 2 in snow", 2, "a fox here in snow"),
        ("a fox --no dogs --pick 2 in snow", 2, "a fox in snow"),
        ("a fox --PICK=2 --pick 2, in snow", 2, "a fox in snow"),
        ("狐狸--pick ２，雪", 2, "狐狸雪"),
        (r"a sign \--pick 2", None, "a sign --pick 2"),
        ('a sign "--pick 2"', None, 'a sign "--pick 2"'),
    ],
)
def test_it_is_understood_wherever_it_stands(text: str, pick: int | None, prompt: str) -> None:
    request = parse(text, MENU, images=3, spare=True)
    assert (request.workflow, request.pick, request.prompt) == ("repaint", pick, prompt)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("--pick", FlagWithoutValue),
        ("--pick two", NotNumeric),
        ("--pick 1.5", NotWhole),
        ("--pick 0", OutOfBounds),
        ("--pick -1", OutOfBounds),
        ("--pick 1 --pick 2", RepeatedFlag),
        ("--pick 2 --wf paint", UnknownFlag),
    ],
)
def test_what_is_no_number_from_one_on_is_refused(text: str, error: type[GrammarError]) -> None:
    with pytest.raises(error):
        parse(f"a fox {text}", MENU, images=3, spare=True)


def test_what_takes_no_picture_names_what_does() -> None:
    with pytest.raises(UnknownFlag) as refused:
        parse("a fox --pick 2", MENU)
    assert refused.value.others == ("repaint", "blend", "choosy")


def test_it_is_suggested_and_listed_where_pictures_are_taken() -> None:
    vocabulary = Vocabulary(MENU.workflows["repaint"])
    assert vocabulary.nearest("pik") == "pick"
    assert "--pick" in vocabulary.flags()
    assert "--pick" not in Vocabulary(MENU.workflows["paint"]).flags()


def test_more_pictures_than_are_taken_are_left_over_where_that_is_meant_or_one_is_picked() -> None:
    with pytest.raises(ExtraPictures):
        parse("a fox", MENU, images=3)
    assert parse("a fox", MENU, images=3, spare=True).workflow == "repaint"
    assert parse("a fox --pick 3", MENU, images=3).pick == 3
    assert parse("a fox --wf paint", MENU, images=3, spare=True).workflow == "paint"


def test_the_one_that_is_picked_is_too_few_for_what_takes_two() -> None:
    with pytest.raises(NeedsPicture) as refused:
        parse("a fox --wf blend --pick 1", MENU, images=2)
    assert (refused.value.needed, refused.value.given) == (2, 1)


def test_a_workflows_own_option_of_that_name_is_the_workflows() -> None:
    request = parse("a fox --wf choosy --pick best", MENU, images=1)
    assert (request.value("pick"), request.pick) == ("best", None)


def test_it_is_written_as_it_was_said_and_is_of_one_request_only() -> None:
    options = MENU.workflows["repaint"]
    request = parse("a fox --steps 9 --pick 3", MENU, images=3)
    assert written(request, options) == "/imagine a fox --steps 9 --pick 3 --workflow repaint"
    assert parse(written(request, options), MENU, images=3) == request
    assert parse_changes("--steps 8", MENU, request).pick is None
    assert parse_changes("--pick 2", MENU, request).pick == 2
