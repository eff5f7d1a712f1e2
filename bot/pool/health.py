"""Whether a server may be given tasks: a circuit that opens when it does not answer. Pure: time is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from bot.errors import EaselError

FAILURES = 2
"""So many failures in a row open the circuit: one may be a hiccup."""
CALM, WATCHFUL = 15.0, 2.0
"""Seconds between two looks at a server that answers: usually, and where there is reason to look closely."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0


class Health(StrEnum):
    """How a server is."""

    WELL = "well"
    AWAY = "away"
    """It does not answer."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """What the latest looks at a server say.

    Closed while it answers. Open (`Health.AWAY`) after `FAILURES` failures in a row, or one where nothing else is
    heard of it either. Then only a look passes, after ever longer pauses; the first that is answered closes it.
    `since` is when the first of the `failures` in a row was, `newest` when the last was, and `problem` what it was.
    """

    failures: int = 0
    since: float | None = None
    newest: float | None = None
    problem: EaselError | None = None
    away: bool = False

    @property
    def health(self) -> Health:
        """How the server is."""
        return Health.AWAY if self.away else Health.WELL

    def answered(self) -> Circuit:
        """After an answer."""
        return Circuit()

    def failed(self, now: float, problem: EaselError, *, deaf: bool) -> Circuit:
        """After a failure. `deaf`: nothing else is heard of the server."""
        failures = self.failures + 1
        since = now if self.since is None else self.since
        return Circuit(failures, since, now, problem, away=self.away or deaf or failures >= FAILURES)

    def gone_at(self, grace: float) -> float | None:
        """When it will not have answered for so many seconds; None: it answers."""
        return self.since + grace if self.away and self.since is not None else None

    def gone(self, grace: float) -> bool:
        """Whether a look so many seconds after the first failure, or later, has failed too."""
        gone_at = self.gone_at(grace)
        return gone_at is not None and self.newest is not None and self.newest >= gone_at

    def pause(self, random: Random, *, watchful: bool = False) -> float:
        """Seconds until the next look; jittered, so that many servers are not looked at in the same moment.

        `watchful`: somebody waits for news of it, or its events do not arrive.
        """
        if self.failures:
            seconds = min(_FIRST_PAUSE * 2.0 ** min(self.failures - 1, 16), _LONGEST_PAUSE)
        else:
            seconds = WATCHFUL if watchful else CALM
        return seconds * random.uniform(0.5, 1.0)
