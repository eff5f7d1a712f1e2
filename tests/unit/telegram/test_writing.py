"""What Easel says, as Telegram's text: within its limits, its marks where they belong, and no mark by anybody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import MessageEntity

from bot.chat.card import Result, StatusCard, Tone, Words
from bot.telegram import writing
from bot.telegram.writing import CAPTION_LIMIT, TEXT_LIMIT, Text, units

# the worst that people type: emoji beyond the first plane, families of emoji, marks, halves of pairs, controls
NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("😀🦊👩\u200d\ud83d\ude00\u202e\u0301\0\n @#/_*`[]<>&"),
    ),
    max_size=3000,
)
MARKS = {"bold", "code", "pre", "text_mention"}


def marked(text: Text) -> list[tuple[str, str]]:
    """Each mark and what it is on, as Telegram reads it."""
    wide = text.text.encode("utf-16-le")
    return [
        (entity.type, wide[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le"))
        for entity in text.entities
    ]


def is_sound(text: Text, limit: int) -> bool:
    """Whether Telegram takes it: short enough, and every mark within the text, on whole characters, on something."""
    length = len(text.text.encode("utf-16-le")) // 2
    return (
        length <= limit
        and all(entity.length > 0 and entity.offset >= 0 for entity in text.entities)
        and all(entity.offset + entity.length <= length for entity in text.entities)
        and all(kind in MARKS and part for kind, part in marked(text))
    )


def result(title: str = "a fox", *lines: str) -> Result:
    return Result("k7m2qd", title, lines, (), ())


def card(*lines: str, title: str = "Drawing", progress: float | None = None) -> StatusCard:
    return StatusCard("k7m2qd", Tone.RUNNING, title, lines, progress)


def test_a_card_is_its_title_in_bold_a_bar_and_its_lines() -> None:
    text = writing.card(card("KSampler", title="Drawing: step 7 of 20", progress=0.35))
    assert text.text == "Drawing: step 7 of 20\n▰▰▰▰▱▱▱▱▱▱▱▱ 35\N{NO-BREAK SPACE}%\nKSampler"
    assert marked(text) == [("bold", "Drawing: step 7 of 20")]


def test_where_nothing_moves_there_is_no_bar() -> None:
    assert writing.card(card("about 40 s", title="Waiting")).text == "Waiting\nabout 40 s"


@pytest.mark.parametrize(
    ("progress", "bar"),
    [
        (0.0, "▱▱▱▱▱▱▱▱▱▱▱▱ 0 %"),
        (0.5, "▰▰▰▰▰▰▱▱▱▱▱▱ 50 %"),
        (0.999, "▰▰▰▰▰▰▰▰▰▰▰▱ 99 %"),
        (1.0, "▰▰▰▰▰▰▰▰▰▰▰▰ 100 %"),
        (1.7, "▰▰▰▰▰▰▰▰▰▰▰▰ 100 %"),
        (-0.1, "▱▱▱▱▱▱▱▱▱▱▱▱ 0 %"),
    ],
)
def test_a_bar_is_full_only_at_the_end(progress: float, bar: str) -> None:
    assert writing.bar(progress).replace("\N{NO-BREAK SPACE}", " ") == bar


def test_a_caption_is_the_title_in_bold_and_what_else_there_is() -> None:
    text = writing.caption(result("a fox", "512 × 512 · seed 7 · k7m2qd", "w: 500 became 512"))
    assert text.text == "a fox\n512 × 512 · seed 7 · k7m2qd\nw: 500 became 512"
    assert marked(text) == [("bold", "a fox")]


def test_of_a_long_title_the_end_is_left_out_and_nothing_else() -> None:
    text = writing.caption(result("😀" * 600, "512 × 512 · seed 7 · k7m2qd"))
    assert units(text.text) in {CAPTION_LIMIT, CAPTION_LIMIT - 1}
    assert text.text.endswith("😀…\n512 × 512 · seed 7 · k7m2qd")
    assert is_sound(text, CAPTION_LIMIT)


def test_a_command_stands_below_the_words_to_be_copied_by_a_tap() -> None:
    text = writing.words(Words("To make it again, send:", "/imagine a fox --seed 7"))
    assert text.text == "To make it again, send:\n/imagine a fox --seed 7"
    assert marked(text) == [("pre", "/imagine a fox --seed 7")]


def test_what_people_typed_is_no_markup_and_rings_nobody() -> None:
    text = writing.words(Words("*bold* <b>x</b> [a](tg://user?id=1) @ann and ann@fox.example", "/imagine @ann"))
    assert "@ann" not in text.text.partition("\n")[0]
    assert text.text.replace("\N{WORD JOINER}", "").startswith("*bold* <b>x</b> [a](tg://user?id=1) @ann and ann@fox")
    assert marked(text) == [("pre", "/imagine @ann")]


def test_a_half_of_a_pair_is_shown_as_no_character_and_two_halves_as_theirs() -> None:
    assert writing.plain("\ud83d fox \ud83d\ude00").text == "\N{REPLACEMENT CHARACTER} fox 😀"


def test_marked_texts_take_their_places_in_a_sentence() -> None:
    parts = {"\0": writing.mention(7, "😀 Ann"), "\1": writing.code("k7m2qd")}
    text = writing.filled("\0, what of \1?", parts)
    assert text.text == "😀 Ann, what of k7m2qd?"
    assert marked(text) == [("text_mention", "😀 Ann"), ("code", "k7m2qd")]
    assert text.entities[0].user is not None
    assert text.entities[0].user.id == 7


def test_a_long_text_is_split_where_lines_end() -> None:
    lines = "".join(f"line {n}\n" for n in range(1000))
    parts = writing.split(writing.plain(lines))
    assert len(parts) == 3
    assert all(part.text.endswith("\n") for part in parts)


def test_a_long_line_is_split_between_its_words() -> None:
    parts = writing.split(writing.plain("seven fox " * 1000))
    assert all(part.text.endswith(" ") for part in parts)


def test_a_command_that_goes_on_in_another_message_can_be_copied_there_too() -> None:
    first, second = writing.split(writing.pre("x" * (TEXT_LIMIT + 7)))
    assert marked(first) == [("pre", "x" * TEXT_LIMIT)]
    assert marked(second) == [("pre", "x" * 7)]


@given(NASTY, NASTY, st.lists(NASTY, max_size=3))
def test_a_caption_is_never_too_long_and_its_marks_never_out_of_bounds(title: str, name: str, lines: list[str]) -> None:
    shown = result(title, *lines)
    assert is_sound(writing.caption(shown), CAPTION_LIMIT)
    assert is_sound(writing.title(shown), CAPTION_LIMIT)
    assert is_sound(writing.controls(shown), TEXT_LIMIT)
    assert is_sound(writing.final_line(shown), TEXT_LIMIT)
    assert is_sound(writing.mention(7, name), TEXT_LIMIT)


@given(NASTY, st.lists(NASTY, max_size=3), st.floats(allow_nan=False), st.sampled_from([CAPTION_LIMIT, TEXT_LIMIT]))
def test_a_card_is_shortened_to_what_fits(title: str, lines: list[str], progress: float, limit: int) -> None:
    whole = writing.card(card(*lines, title=title, progress=progress))
    short = writing.shortened(whole, limit)
    assert is_sound(short, limit)
    assert short == whole or (short.text.endswith("…") and whole.text.startswith(short.text[:-1]))


@given(NASTY, NASTY, st.integers(2, 300))
def test_splitting_loses_nothing(said: str, command: str, limit: int) -> None:
    whole = writing.words(Words(said, command))
    parts = writing.split(whole, limit)
    assert "".join(part.text for part in parts) == whole.text
    assert all(part.text and is_sound(part, limit) for part in parts)
    commands = "".join(text for part in parts for kind, text in marked(part) if kind == "pre")
    assert commands == writing.pre(command).text


@given(NASTY)
def test_what_is_said_can_be_sent_and_is_as_long_as_telegram_says(said: str) -> None:
    text = writing.plain(said).text
    assert text.encode("utf-8").decode() == text
    assert units(text) == len(text.encode("utf-16-le")) // 2


def test_the_marks_are_the_library_s_own() -> None:
    assert writing.bold("fox").entities == (MessageEntity("bold", 0, 3),)
