"""Everything people read: there in every language, and a sentence whatever it is about."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib.resources import files

import pytest

import bot
from bot.chat.commands import COMMANDS, Entry
from bot.chat.texts import LANGUAGES, Texts, texts_for
from bot.comfyui.refusals import NodeError
from bot.config.errors import SettingsFileUnreadable
from bot.errors import EaselError, Span
from bot.jobs.errors import NodeFailed
from bot.jobs.model import Action, Failure, State
from bot.jobs.policy.errors import CoolingDown
from bot.pool.errors import KeptForOthers

SAMPLES = {
    "str": "fox",
    "int": 7,
    "float": 2.5,
    "bool": True,
    "Span": Span(11_520),
    "tuple[str, ...]": ("fox", "owl"),
    "tuple[NodeError, ...]": (NodeError("value_not_in_list", "4", "Load", field="ckpt", value="fox.ckpt"),),
    "tuple[SettingsProblem, ...]": (SettingsFileUnreadable("config.toml", "no such file"),),
    "tuple[Unfit, ...]": (KeptForOthers(("gpu-1",)),),
}
NEVER_EMPTY = {
    ("FightingFlags", "flags"),
    ("WrongSetting", "limit"),
    ("WorkflowNotAllowed", "allowed"),
    ("NoSuchServer", "known"),
    ("ServerGone", "servers"),
}


def kinds(root: type[EaselError]) -> Iterator[type[EaselError]]:
    """Every class below that one, as far as it is the house's own."""
    for kind in root.__subclasses__():
        if kind.__module__.startswith("bot."):
            yield kind
            yield from kinds(kind)


def instances(kind: type[EaselError]) -> list[EaselError]:
    """One with every field filled, and for each field that may be empty one where only that is."""
    types = {field.name: str(field.type) for field in fields(kind) if field.init}
    full = {name: SAMPLES[type_.removesuffix(" | None")] for name, type_ in types.items()}
    empty = {name: None for name, type_ in types.items() if type_.endswith(" | None")}
    empty |= {name: () for name, type_ in types.items() if type_ == "tuple[str, ...]"}
    rare = [{**full, name: value} for name, value in empty.items() if (kind.__name__, name) not in NEVER_EMPTY]
    return [kind(**values) for values in (full, *rare)]


for module in pkgutil.walk_packages(bot.__path__, "bot."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
ERRORS = sorted(kinds(EaselError), key=lambda kind: kind.__qualname__)


@pytest.fixture(params=LANGUAGES)
def texts(request) -> Texts:
    return texts_for(request.param)


@pytest.mark.parametrize("kind", [*filter(is_dataclass, ERRORS)], ids=lambda kind: kind.__name__)
def test_every_error_has_a_sentence_whatever_its_fields_hold(texts: Texts, kind: type[EaselError]) -> None:
    for error in instances(kind):
        said = texts.explain(error)
        assert said.strip() == said
        assert not re.search(r"\bnone\b|None|[{}]|  +[^ /]|\(\)|（）|[,、:：] ?[.。]|“”", said), (error, said)


def test_errors_that_are_no_dataclasses_are_only_roots() -> None:
    assert all(kind.__subclasses__() for kind in ERRORS if not is_dataclass(kind))


def test_both_languages_have_the_same_texts() -> None:
    english, chinese = (texts_for(language).ids() for language in LANGUAGES)
    assert english == chinese


def test_nobody_is_shouted_at() -> None:
    for language in LANGUAGES:
        for file in (files("bot") / "locales" / language).iterdir():
            assert not re.search("[!！]", file.read_text("utf-8")), file.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_lies_in_the_same_files(language: str) -> None:
    names = [{file.name for file in (files("bot") / "locales" / each).iterdir()} for each in LANGUAGES]
    assert names[0] == names[1]


def test_every_button_has_a_label(texts: Texts) -> None:
    assert all(texts.say(f"button-{action}") for action in Action)


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.command.value)
def test_every_command_is_explained_and_its_summary_fits_every_platforms_menu(texts: Texts, entry: Entry) -> None:
    assert texts.say(entry.usage).split()[0] == f"/{entry.command}"
    assert texts.say(entry.help).startswith(entry.summary(texts))
    assert 0 < len(entry.summary(texts)) <= 100  # Discord's limit; Telegram's is 256


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_word_of_its_own(texts: Texts, state: State) -> None:
    others = {texts.say("state", state=other.value) for other in State if other is not state}
    assert texts.say("state", state=state.value) not in others


@pytest.mark.parametrize(
    ("language", "read"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("de", "en"),
        ("zh", "zh-CN"),
        ("zh-hans", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("ZH-cn", "zh-CN"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_person_reads_the_nearest_language(language: str | None, read: str) -> None:
    assert texts_for(language).language == read


def test_languages_nobody_has_heard_of_cost_nothing() -> None:
    assert texts_for("x-one") is texts_for("x-two") is texts_for("en")


def test_numbers_are_not_grouped_and_lists_are_joined_as_the_language_does(texts: Texts) -> None:
    said = texts.explain(NodeFailed(node="VAE", reason="x"))
    assert "VAE" in said
    assert str(2**53 + 1) in texts.say("result-seed", seed=2**53 + 1)
    assert texts._argument(("fox", "owl")) == {"en": "fox, owl", "zh-CN": "fox、owl"}[texts.language]


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 s", "0 秒"),
        (-5, "0 s", "0 秒"),
        (0.2, "1 s", "1 秒"),
        (45, "45 s", "45 秒"),
        (59.5, "1 min", "1 分钟"),
        (60, "1 min", "1 分钟"),
        (61, "1 min 1 s", "1 分钟 1 秒"),
        (3599.5, "1 h", "1 小时"),
        (3601, "1 h 1 min", "1 小时 1 分钟"),
        (11_520, "3 h 12 min", "3 小时 12 分钟"),
        (86_399, "1 d", "1 天"),
        (187_200, "2 d 4 h", "2 天 4 小时"),
        (400 * 86_400, "400 d", "400 天"),
    ],
)
def test_a_length_of_time_is_told_in_its_two_largest_units_and_never_too_short(seconds, english, chinese) -> None:
    assert [texts_for(language).span(Span(seconds)) for language in LANGUAGES] == [english, chinese]


def test_a_length_of_time_within_an_error_is_told_as_one(texts: Texts) -> None:
    assert texts.span(Span(11_520)) in texts.explain(CoolingDown(cooldown=Span(20_000), frees=Span(11_520)))


def test_a_failure_from_the_ledger_reads_like_the_error_it_was(texts: Texts) -> None:
    error = NodeFailed(node="KSampler", reason="out of memory")
    assert texts.explain(Failure.of(error)) == texts.explain(error)


def test_what_people_typed_is_no_markup_of_the_texts() -> None:
    typed = "{ $reason } { $node ->"
    assert typed in texts_for("en").explain(NodeFailed(node=typed, reason="x"))


@pytest.mark.parametrize("arguments", [{}, {"seed": 1, "more": 2}])
def test_a_text_that_is_not_there_or_lacks_its_argument_is_a_fault(arguments) -> None:
    with pytest.raises(KeyError):
        texts_for("en").say("no-such-text", **arguments)
    if not arguments:
        with pytest.raises(KeyError):
            texts_for("en").say("result-seed")
