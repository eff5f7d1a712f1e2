"""Everything this room says to people is there in both languages."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import pytest
from fluent.runtime import FluentBundle, FluentResource

from bot.errors import EaselError, kebab
from bot.workflows import errors, findings
from bot.workflows.findings import Doubt, Finding
from bot.workflows.options import Role

LOCALES = Path(__file__).parents[3] / "bot" / "locales"
LANGUAGES = ("en", "zh-CN")


def _kinds(module: ModuleType, root: type) -> list[type]:
    kinds = (value for value in vars(module).values() if isinstance(value, type) and issubclass(value, root))
    return [kind for kind in kinds if kind not in (EaselError, Finding, Doubt)]


SAID = {f"error-{kebab(kind.__name__)}": kind for kind in _kinds(errors, EaselError)}
SAID |= {f"finding-{kebab(kind.__name__)}": kind for kind in _kinds(findings, Finding)}


@pytest.fixture(scope="module", params=LANGUAGES)
def say(request):
    """A text of one language with its arguments filled in; an argument it lacks fails the test."""
    bundle = FluentBundle([request.param], use_isolating=False)
    bundle.add_resource(FluentResource((LOCALES / request.param / "workflows.ftl").read_text("utf-8")))

    def speak(text: str, **arguments: object) -> str:
        said, faults = bundle.format_pattern(bundle.get_message(text).value, arguments)
        assert faults == []
        return str(said)

    return speak


@pytest.mark.parametrize("text", SAID)
def test_every_error_and_finding_has_its_words(say, text):
    names = [field.name for field in fields(SAID[text])]
    for filled in ({name: f"<{name}>" for name in names}, dict.fromkeys(names, "none")):
        assert len(say(text, **filled)) > 5


@pytest.mark.parametrize(
    ("text", "field", "values"),
    [
        ("error-not-a-graph", "seems", ["empty", "not-json", "picture", "request", "list"]),
        (
            "error-wrong-manifest-value",
            "expected",
            ["text", "whole-number", "number", "switch", "list", "table", "kind", "command", "flag", "languages"],
        ),
        ("error-wrong-value-kind", "kind", ["integer", "number", "switch", "text"]),
    ],
)
def test_each_case_has_a_sentence_of_its_own(say, text, field, values):
    arguments = dict.fromkeys((item.name for item in fields(SAID[text])), "x")
    sentences = {say(text, **{**arguments, field: value}) for value in values}
    assert len(sentences) == len(values)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OUTPUT])
def test_every_standard_option_is_explained(say, role):
    assert say(f"option-{role}")


def test_a_graph_saved_for_the_editor_is_answered_with_the_menu_to_use(say):
    sentence = say("error-ui-format", file="fox.json")
    assert "fox.json" in sentence
    assert "(API)" in sentence


def test_both_languages_say_the_same_things():
    ids = [
        re.findall(r"^([a-z][\w-]*) =", (LOCALES / lang / "workflows.ftl").read_text("utf-8"), re.MULTILINE)
        for lang in LANGUAGES
    ]
    assert ids[0] == ids[1]
    assert {text for text in ids[0] if text.startswith(("error-", "finding-"))} == set(SAID)
