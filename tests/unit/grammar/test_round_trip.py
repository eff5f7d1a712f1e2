"""Whatever is asked, its command asks for the same; whatever is typed, there is an answer, and soon."""

from __future__ import annotations

import string
from contextlib import suppress
from time import process_time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.grammar.errors import GrammarError
from bot.grammar.formatting import format as format_request
from bot.grammar.parser import Menu, parse, parse_changes
from bot.grammar.request import Request
from bot.grammar.tokens import half_width, normal
from bot.workflows.options import Kind, Option, Role

PIECES = (
    *("--", "—", "–", "－－", "-", "−", "\\", "\\--", "\\—", "--w", "--w=", "—h 5", "－－ｗ", "雪--w", "雪——w"),
    *('"', "'", "“", "”", "‘", "’", "「", "」", "『", "』", '\\"', ' "', '" ', " '", "' ", "「--w」", '"--w 5"'),
    *(
        "=",
        "＝",
        ":",
        ",",
        "，",
        "。",
        "5",
        "５",
        "0,6",
        "16:9",
        "1024x768",
        "--ar",
        "--size",
        "--no",
        "--workflow flux",
    ),
    *(" ", "\n", "\t", "\u3000", "\u00a0", "\u2028", "\x00", "\u200b", "\u200f", "\u202e", "\ufeff", "\u200d", "👩‍🚀"),
    *("w", "fox", "狐狸", "É", "ß", "ﬁ", "%s", "{", "}", "<b>", "$(x)", "/imagine", "/imagine@Bot", "@", "\ud800"),
)
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=12).map("".join)
prompts = texts.map(str.strip).filter(lambda text: not text or half_width(text) != "")
names = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8).map(lambda name: f"x{name}")
QUOTES = ('"', "'", "“”", "‘’", "「」", "『』")


def can_be_typed(text: str) -> bool:
    """A text of free choice is one word, or leaves a kind of quote to put it in."""
    return not any(map(str.isspace, text)) or any(not set(pair) & set(text) for pair in QUOTES)


@st.composite
def options_with_values(draw):
    name = draw(names)
    flags = tuple(draw(st.lists(names, max_size=2)))
    match draw(st.sampled_from([Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.CHOICE, Kind.SWITCH])):
        case Kind.TEXT:
            return Option(name, Kind.TEXT, flags), texts.map(str.strip)
        case Kind.INTEGER:
            lowest, highest = draw(st.sampled_from([(None, None), (0, 2**64 - 1), (-5, 5), (None, 7)]))
            option = Option(name, Kind.INTEGER, flags, minimum=lowest, maximum=highest)
            return option, st.integers(lowest, highest)
        case Kind.NUMBER:
            lowest, highest = draw(st.sampled_from([(None, None), (0, 1), (-2, None)]))
            option = Option(name, Kind.NUMBER, flags, minimum=lowest, maximum=highest)
            return option, st.floats(lowest, highest, allow_nan=False, allow_infinity=False)
        case Kind.CHOICE:
            choices = tuple(draw(st.lists(texts, max_size=4, unique_by=normal)))
            option = Option(name, Kind.CHOICE, flags, choices=choices)
            return option, st.sampled_from(choices) if choices else texts.filter(can_be_typed)
    return Option(name, Kind.SWITCH, flags), st.booleans()


@st.composite
def menus_with_requests(draw):
    offered = draw(st.lists(options_with_values(), max_size=5, unique_by=lambda pair: normal(pair[0].name)))
    step = draw(st.sampled_from([1, 8, 64]))
    if draw(st.booleans()):
        offered += [
            (
                Option(role, Kind.INTEGER, (role[0],), default=1024, minimum=64, maximum=4096, multiple_of=step),
                st.integers(64 // step, 4096 // step).map(lambda steps: steps * step),
            )
            for role in ("width", "height")
        ]
    prompt = ""
    options = [option for option, _ in offered]
    if draw(st.booleans()):
        prompt = draw(prompts)
        options.insert(0, Option(Role.PROMPT, Kind.TEXT, ()))
    values = [(option.name, draw(values)) for option, values in offered if draw(st.booleans())]
    workflow = draw(texts)
    others = draw(st.sampled_from([{}, {"x-flux": ()}]))
    return Menu({**others, workflow: options}, "x-flux"), Request(workflow, prompt, tuple(values))


@given(menus_with_requests())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_request_survives_being_written_and_read(made):
    menu, request = made
    assert parse(format_request(request), menu) == request
    assert parse(format_request(request, menu.workflows[request.workflow]), menu) == request


@given(text=texts, images=st.integers(0, 3), workflow=st.sampled_from(["flux", "sdxl", "upscale", "merge"]))
@settings(max_examples=400, deadline=None)
@example(text="--workflow flux --workflow", images=0, workflow="flux")
@example(text="--tiling 'a --w 5' \"x", images=0, workflow="sdxl")
def test_any_text_is_a_request_or_an_error_with_words(menu, text, images, workflow):
    named = Menu(menu.workflows, workflow)
    try:
        request = parse(text, named, images=images)
    except GrammarError:
        return
    again = parse(format_request(request), menu, images=images)
    assert (again.workflow, again.prompt, again.values) == (request.workflow, request.prompt, request.values)
    assert again.adjustments == ()


@given(text=texts, base=texts)
@settings(deadline=None)
def test_any_reply_is_a_request_or_an_error_with_words(menu, text, base):
    try:
        earlier = parse(base, menu)
        changed = parse_changes(text, menu, earlier)
    except GrammarError:
        return
    assert changed.workflow in menu.workflows


@given(prompts)
@settings(deadline=None)
def test_an_empty_reply_changes_nothing(menu, prompt):
    earlier = Request("flux", prompt or "a fox", (("width", 512), ("seed", 0)))
    assert parse_changes("", menu, earlier) == earlier


def test_a_command_reads_as_a_person_would_write_it(menu):
    request = Request(
        "sdxl",
        "a red fox, snow",
        (("width", 1920), ("seed", 0), ("guidance", 3.5), ("negative", "text, watermark"), ("tiling", True)),
    )
    assert format_request(request, menu.workflows["sdxl"]) == (
        '/imagine a red fox, snow --w 1920 --seed 0 --guidance 3.5 --no "text, watermark" --tiling --workflow sdxl'
    )
    assert format_request(request) == (
        "/imagine a red fox, snow --width 1920 --seed 0 --guidance 3.5"
        ' --negative "text, watermark" --tiling --workflow sdxl'
    )


@pytest.mark.parametrize(
    ("prompt", "command"),
    [
        ("a sign --w", r"/imagine a sign \--w"),
        (r"a sign \--w", r"/imagine a sign \\--w"),
        ('a sign "--w 5"', '/imagine a sign "--w 5"'),
        ('a sign "--w 5', r"/imagine a sign \"--w 5"),
        ("一个牌子--w", r"/imagine 一个牌子\--w"),
        ("a fox — running", "/imagine a fox — running"),
        ("two\nlines  apart", "/imagine two\nlines  apart"),
        ("", "/imagine"),
    ],
)
def test_a_prompt_is_escaped_only_where_it_would_be_misread(prompt, command):
    assert format_request(Request("flux", prompt)) == f"{command} --workflow flux"


EVERY_QUOTE = "x\" ' “ ‘ 「 『"


@pytest.mark.parametrize(
    "value",
    [
        *(
            '"a"',
            "'a'",
            "「a」",
            '"a --w 5',
            "'a --w 5' b",
            "--w",
            "a\\",
            "\\--w",
            "\\",
            '\\"a"',
            "雪--w",
            "",
            "\u200b",
        ),
        EVERY_QUOTE,
        f'"a --w 5" {EVERY_QUOTE}',
        f"'a --w 5' {EVERY_QUOTE}",
        f"『a --w 5 {EVERY_QUOTE}",
        f"--w 5 \\--w \\' {EVERY_QUOTE}",
    ],
)
def test_a_text_value_survives_whatever_quotes_and_dashes_it_holds(menu, value):
    request = Request("sdxl", "a fox", (("width", 512), ("negative", value), ("tiling", False)))
    assert parse(format_request(request), menu) == request


@pytest.mark.parametrize("model", ["Base v1", "base v1", "base", "base v1, big", f"base {EVERY_QUOTE}", "base,"])
def test_a_choice_survives_beside_others_like_it(model):
    choices = ("base", "base,", "base v1", "Base v1", "base v1, big", f"base {EVERY_QUOTE}")
    menu = Menu({"a": (Option("model", Kind.CHOICE, (), choices=choices),)}, "a")
    request = Request("a", "", (("model", model),))
    assert parse(format_request(request), menu) == request


def test_flags_that_mean_something_else_are_not_used_for_writing():
    weight, width = Option("w", Kind.NUMBER, ("weight",)), Option("width", Kind.INTEGER, ("w",))
    options = (weight, width)
    request = Request("a", "", (("w", 0.5), ("width", 512)))
    assert format_request(request, options) == "/imagine --weight 0.5 --width 512 --workflow a"
    assert parse(format_request(request, options), Menu({"a": options}, "a")) == request


HARD = (
    *('"', "'", "“", "「", ' "', " “", "「a", ' "a', "\\", " \\", "-", " -", " --", "—", " —", "－", "雪--", "雪\\"),
    *("--no ", '--no "', "--no 'a ", "--no “ ", "--w", " --w=", "--w 5 ", "--no x ", "--tiling ", "--sampler euler "),
    *("a b ", "\n", "\u200b", "，", "9", "ﷺ", "--wf sdxl "),
)


@pytest.mark.parametrize("piece", HARD)
@pytest.mark.parametrize(
    "before", ["", "--no ", "--w ", "--sampler ", "--lora ", "--size ", "--ar ", "--workflow ", "--"]
)
def test_the_time_to_read_grows_no_faster_than_the_text(menu, piece, before):
    def seconds(length: int) -> float:
        text = before + piece * (length // len(piece))
        start = process_time()
        with suppress(GrammarError):
            parse(text, Menu(menu.workflows, "sdxl"))
        return process_time() - start

    # eight times the text: eight times the work if linear, sixty-four times if quadratic
    assert min(seconds(16_000) for _ in range(2)) < 24 * seconds(2_000) + 0.02
