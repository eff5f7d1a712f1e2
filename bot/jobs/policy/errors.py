"""Every refusal, and what operators and admins can get wrong.

A refusal carries the rule, its number and, where time alone lifts it, how long that takes (`frees`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from bot.errors import EaselError, Span


class PolicyError(EaselError):
    """Root of this room's errors."""


@dataclass(eq=False)
class NotAllowedHere(PolicyError):
    """Nobody has allowed this chat or this person, or one of them is denied.

    Both are what an operator hands to /allow; None: that alone would not help.
    """

    chat: str | None
    person: str | None


@dataclass(eq=False)
class Banned(PolicyError):
    """An operator has banned this person. `frees` None: until it is lifted."""

    frees: Span | None


@dataclass(eq=False)
class ChatBanned(PolicyError):
    """As `Banned`, but the whole chat."""

    frees: Span | None


@dataclass(eq=False)
class Paused(PolicyError):
    """An operator has paused Easel: no new jobs."""


@dataclass(eq=False)
class BlockedWords(PolicyError):
    """A rule of the operator's fits the words. `found` is what it fits, None where that is no part of them."""

    found: str | None


@dataclass(eq=False)
class WordsNotChecked(PolicyError):
    """A blocked pattern took too long on these words. `pattern` is for the log, not for people."""

    pattern: str


@dataclass(eq=False)
class AdultsOnly(PolicyError):
    """The workflow is for adults, and the place is not marked so."""

    workflow: str


@dataclass(eq=False)
class WorkflowNotAllowed(PolicyError):
    """The operator allows other workflows."""

    workflow: str
    allowed: tuple[str, ...]


@dataclass(eq=False)
class TooManySteps(PolicyError):
    """More steps than the operator allows."""

    asked: int
    allowed: int


@dataclass(eq=False)
class PictureTooLarge(PolicyError):
    """A picture to start from, made or kept here, has more pixels than allowed.

    `side` is that of the largest square that is allowed.
    """

    width: int
    height: int
    allowed: int
    side: int = field(init=False)

    def __post_init__(self) -> None:
        """Derive the side."""
        self.side = math.isqrt(self.allowed)


@dataclass(eq=False)
class TooManyWaiting(PolicyError):
    """As many jobs as allowed have not ended."""

    limit: int


@dataclass(eq=False)
class DailyJobsUsed(PolicyError):
    """The jobs of 24 hours are used up."""

    limit: int
    frees: Span


@dataclass(eq=False)
class DailyGpuUsed(PolicyError):
    """The GPU time of 24 hours is used up."""

    limit: Span
    frees: Span


@dataclass(eq=False)
class CoolingDown(PolicyError):
    """The last job was a moment ago."""

    cooldown: Span
    frees: Span


@dataclass(eq=False)
class NotOperator(PolicyError):
    """Only operators may do that."""


@dataclass(eq=False)
class NotAdmin(PolicyError):
    """Only an admin of the chat or an operator may do that."""


@dataclass(eq=False)
class OperatorsStay(PolicyError):
    """Somebody tried to shut out an operator."""

    subject: str


@dataclass(eq=False)
class NotBanned(PolicyError):
    """There is no ban to lift."""

    subject: str


@dataclass(eq=False)
class BadSubject(PolicyError):
    """That is neither a person's id nor a chat's."""

    subject: str


@dataclass(eq=False)
class BadSpan(PolicyError):
    """That is no length of time."""

    text: str


@dataclass(eq=False)
class BadPattern(PolicyError):
    """A blocked word or pattern of the settings cannot be used. `reason` None: it fits every text."""

    pattern: str
    reason: str | None


@dataclass(eq=False)
class NoSuchChatSetting(PolicyError):
    """A chat has no such setting. `known` are all it has."""

    key: str
    nearest: str | None
    known: tuple[str, ...]


@dataclass(eq=False)
class BadChatSetting(PolicyError):
    """The value does not fit. `expected`: language, workflow, size, switch, whole, pixels or seconds.

    `choices` are the values there are, where they can be counted.
    """

    key: str
    value: str
    expected: str
    choices: tuple[str, ...] = ()


@dataclass(eq=False)
class LimitTooLoose(PolicyError):
    """A chat's own limit would allow more than the operator does (`allowed`). 0 is no limit."""

    key: str
    value: float
    allowed: float
