"""What can be wrong with what somebody typed. Nothing is run then.

`flag` fields are names without dashes. What people typed is cut to a length that fits a sentence. Fields named
`hint` and `bounds` tell the text which of its wordings fits; they follow from the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.errors import EaselError


class GrammarError(EaselError):
    """Root of this room's errors."""


@dataclass(eq=False)
class UnknownFlag(GrammarError):
    """The workflow has no such flag.

    `nearest` is one that it has, `known` are all it has, with dashes; `others` are workflows that do have `flag`.
    """

    flag: str
    workflow: str
    nearest: str | None
    others: tuple[str, ...]
    known: tuple[str, ...]
    hint: str = field(init=False)

    def __post_init__(self) -> None:
        self.hint = "elsewhere" if self.others else "nearest" if self.nearest else "list"


@dataclass(eq=False)
class UnknownWorkflow(GrammarError):
    """There is no workflow of that name. `workflows` are those there are."""

    workflow: str
    nearest: str | None
    workflows: tuple[str, ...]
    hint: str = field(init=False)

    def __post_init__(self) -> None:
        self.hint = "nearest" if self.nearest else "list" if self.workflows else "none"


@dataclass(eq=False)
class FlagWithoutValue(GrammarError):
    """Nothing follows a flag that needs a value; `example` is one."""

    flag: str
    example: str


@dataclass(eq=False)
class NotNumeric(GrammarError):
    """The word behind a number flag is none, or could be read as two different ones (``1,920``)."""

    flag: str
    value: str
    example: str


@dataclass(eq=False)
class NotWhole(GrammarError):
    """A fraction where only whole numbers can be used."""

    flag: str
    value: str


@dataclass(eq=False)
class OutOfBounds(GrammarError):
    """A number outside what the workflow takes; a bound that does not exist is None."""

    flag: str
    value: str
    minimum: float | None
    maximum: float | None
    bounds: str = field(init=False)

    def __post_init__(self) -> None:
        self.bounds = "both"
        if self.maximum is None:
            self.bounds = "minimum"
        elif self.minimum is None:
            self.bounds = "maximum"


@dataclass(eq=False)
class NoSuchChoice(GrammarError):
    """A word that is not among the choices. `choices` are the first dozen."""

    flag: str
    value: str
    nearest: str | None
    choices: tuple[str, ...]
    hint: str = field(init=False)

    def __post_init__(self) -> None:
        self.hint = "nearest" if self.nearest else "list"


@dataclass(eq=False)
class NotYesOrNo(GrammarError):
    """A switch was given something else than yes or no."""

    flag: str
    value: str


@dataclass(eq=False)
class PictureIsAttached(GrammarError):
    """A picture option was typed as a flag."""

    flag: str


@dataclass(eq=False)
class RepeatedFlag(GrammarError):
    """One option twice, with different values."""

    flag: str
    first: str
    second: str


@dataclass(eq=False)
class FightingFlags(GrammarError):
    """Flags that set the same size in different ways, as typed and with their dashes."""

    flags: tuple[str, ...]


@dataclass(eq=False)
class MalformedSize(GrammarError):
    """What follows ``--size`` is not like 1024x768."""

    value: str


@dataclass(eq=False)
class MalformedRatio(GrammarError):
    """What follows ``--ar`` is not like 16:9."""

    value: str


@dataclass(eq=False)
class RatioOutOfBounds(GrammarError):
    """A shape whose sides the workflow cannot make. `width` and `height` are what it would come to."""

    ratio: str
    width: int
    height: int
    smallest: str
    largest: str


@dataclass(eq=False)
class MissingPrompt(GrammarError):
    """The workflow needs words and there are none."""

    workflow: str


@dataclass(eq=False)
class TakesNoPrompt(GrammarError):
    """The workflow has no place for words."""

    workflow: str


@dataclass(eq=False)
class PromptTooLong(GrammarError):
    """More characters than any model reads."""

    length: int
    maximum: int


@dataclass(eq=False)
class ValueTooLong(GrammarError):
    """As `PromptTooLong`, for the text of a flag."""

    flag: str
    length: int
    maximum: int


@dataclass(eq=False)
class NeedsPicture(GrammarError):
    """The workflow starts from more pictures than there are."""

    workflow: str
    needed: int
    given: int


@dataclass(eq=False)
class ExtraPictures(GrammarError):
    """More pictures than the workflow takes. `others` are workflows that take as many."""

    workflow: str
    given: int
    maximum: int
    others: tuple[str, ...]
    hint: str = field(init=False)

    def __post_init__(self) -> None:
        self.hint = "elsewhere" if self.others else "none"
