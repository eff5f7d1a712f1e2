"""What words are blocked, and what pictures are posted covered."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import regex  # type: ignore[import-untyped]  # it ships no types

from bot.jobs.model import Recipe
from bot.jobs.policy.errors import BadPattern, BlockedWords, WordsNotChecked
from bot.workflows.options import Kind, Role
from bot.workflows.workflow import Workflow

_SHOWN = 40
_INVISIBLE = regex.compile(r"\p{Default_Ignorable_Code_Point}+")
# The marks that are left when each has become one with its letter that can: struck through, circled, heaped up.
_HEAPED = regex.compile(r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
# Of scripts that put spaces between words. In the others, and where particles are written to the word (Hangul), a
# blocked word counts wherever it stands.
_LETTER = regex.compile(
    r"[[\p{L}\p{M}\p{N}]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー]]",
    regex.VERSION1,
)


@dataclass(frozen=True, slots=True)
class Content:
    """What the operator does not want to see, or not uncovered.

    `words` are found whatever their case, width, invisible characters and heaped up marks, as whole words where the
    script has such.
    `patterns` are regular expressions of the module `regex`, found anywhere, case ignored unless ``(?-i:…)``; matching
    one request against all of them may take `match_seconds`. `spoiler`: every picture is posted covered, unless the
    chat is set otherwise; those whose texts have one of `spoiler_words` always are.

    Raises:
        BadPattern: A pattern is none, or it, or a word, fits every text.
    """

    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    spoiler: bool = False
    spoiler_words: tuple[str, ...] = ()
    match_seconds: float = 0.1
    _words: Words = field(init=False, repr=False, compare=False)
    _spoiler_words: Words = field(init=False, repr=False, compare=False)
    _patterns: tuple[regex.Pattern[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile, so that what is wrong is found when the settings are read."""
        object.__setattr__(self, "_words", Words(self.words))
        object.__setattr__(self, "_spoiler_words", Words(self.spoiler_words))
        object.__setattr__(self, "_patterns", tuple(map(_compiled, self.patterns)))

    def check(self, texts: Sequence[str]) -> None:
        """Hold what somebody wrote against words and patterns.

        Raises:
            BlockedWords: One fits.
            WordsNotChecked: Matching took too long.
        """
        for text in texts:
            if word := self._words.first_in(text):
                raise BlockedWords(found=word)
        left = self.match_seconds
        for pattern in self._patterns:
            for text in map(_plain, texts):
                started = time.perf_counter()  # not an injected clock: it is work of this processor that is measured
                try:
                    found = pattern.search(text, timeout=max(left, 0.001))
                except TimeoutError:
                    raise WordsNotChecked(pattern=pattern.pattern) from None
                if found:
                    raise BlockedWords(found=found[0][:_SHOWN].strip() or None)
                left -= time.perf_counter() - started

    def covers(self, texts: Sequence[str], *, chat: bool | None) -> bool:
        """Whether pictures of these texts are posted as spoilers. `chat` is the chat's own setting."""
        covered = self.spoiler if chat is None else chat
        return covered or any(self._spoiler_words.first_in(text) for text in texts)


class Words:
    """Words to find in texts."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = {folded(word): word for word in words}
        if "" in self._words:
            raise BadPattern(pattern=self._words[""], reason=None)

    def first_in(self, text: str) -> str | None:
        """The first of the words that the text has, as it was given; None: it has none."""
        text = folded(text)
        return next((shown for word, shown in self._words.items() if _has(text, word)), None)


def texts_of(recipe: Recipe, workflow: Workflow) -> tuple[str, ...]:
    """What somebody wrote for a model to read, but for what they do not want to see.

    Guidance below 1 leads a model towards the negative prompt, so that one counts then.
    """
    names = {option.name for option in workflow.options if option.kind is Kind.TEXT}
    guidance = recipe.value(Role.GUIDANCE)
    if guidance is None or float(guidance) >= 1:
        names.discard(Role.NEGATIVE)
    return tuple(str(value) for name, value in recipe.values if name in names)


def folded(text: str) -> str:
    """A text as it is compared.

    Case, width, invisible characters, marks that belong to no letter and the kind of white space do not count.
    """
    return " ".join(_plain(_plain(text).casefold()).split())


def _plain(text: str) -> str:
    composed = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFKC", _HEAPED.sub("", composed))


def _has(text: str, word: str) -> bool:
    start = text.find(word)
    while start >= 0:
        if not (_within_word(text, start) or _within_word(text, start + len(word))):
            return True
        start = text.find(word, start + 1)
    return False


def _within_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and bool(_LETTER.match(text[at - 1]) and _LETTER.match(text[at]))


def _compiled(pattern: str) -> regex.Pattern[str]:
    try:
        compiled = regex.compile(pattern, regex.IGNORECASE)
    except (regex.error, OverflowError, RecursionError) as error:
        raise BadPattern(pattern=pattern, reason=str(error)) from None
    if compiled.search("", timeout=1):
        raise BadPattern(pattern=pattern, reason=None)
    return compiled
