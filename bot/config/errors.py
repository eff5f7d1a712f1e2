"""What can be wrong with settings.

Each problem names its source: a file as it was given, or an environment variable. Keys are written as in
``servers.gpu.url``. Values of secrets never become part of a problem.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from bot.errors import EaselError


class SettingsProblem(EaselError):
    """Root of what is wrong in one place. Raised only within `BadSettings`."""


@dataclass(eq=False)
class SettingsFileUnreadable(SettingsProblem):
    """The file is not there, or may not be read. `reason` is the system's word for it."""

    source: str
    reason: str


@dataclass(eq=False)
class SettingsNotToml(SettingsProblem):
    """The file is not TOML. `reason` is the parser's, with line and column."""

    source: str
    reason: str


@dataclass(eq=False)
class UnknownSetting(SettingsProblem):
    """There is no such key; `nearest` is the one that was probably meant, or None."""

    source: str
    key: str
    nearest: str | None


@dataclass(eq=False)
class MissingSetting(SettingsProblem):
    """A key that has no default is not there."""

    source: str
    key: str


@dataclass(eq=False)
class WrongSetting(SettingsProblem):
    """A value that cannot be used.

    `expected` says what could: ``integer``, ``number``, ``switch``, ``text``, ``list``, ``table``, ``json``, ``url``,
    ``https``, ``database``, ``proxy``, ``host``, ``name``, ``person``, ``place``, ``username``, ``headers``,
    ``bot-token``, ``webhook-secret``, ``word``, ``pattern``, ``not-empty``, ``choice``, or with a bound in `limit`:
    ``at-least``, ``at-most``, ``more-than``, ``longer``. For a choice, `limit` lists them and `nearest` is the one that
    was probably meant.
    """

    source: str
    key: str
    expected: str
    limit: tuple[str, ...]
    got: str
    nearest: str | None


@dataclass(eq=False)
class NotAPattern(SettingsProblem):
    """A regular expression that is none. `place` is where in it, from 1; `reason` is the library's."""

    source: str
    key: str
    pattern: str
    place: int
    reason: str


@dataclass(eq=False)
class RepeatedServer(SettingsProblem):
    """Two servers of one name in one source."""

    source: str
    name: str


@dataclass(eq=False)
class SecretTwice(SettingsProblem):
    """One source gives both a secret and the file that holds it."""

    source: str
    key: str


@dataclass(eq=False)
class SecretUnreadable(SettingsProblem):
    """The file of a secret is not there, may not be read, or is empty. `reason` is the system's word, or None."""

    source: str
    key: str
    path: str
    reason: str | None


@dataclass(eq=False)
class SecretMisplaced(SettingsProblem):
    """A settings file holds what only the environment or a file of its own may."""

    source: str
    key: str
    variable: str


@dataclass(eq=False)
class SecretExposed(SettingsProblem):
    """The file of such a secret can be opened by others on this computer."""

    source: str
    key: str
    path: str


@dataclass(eq=False)
class CannotListen(EaselError):
    """The console's address cannot be listened on. `reason` is the system's word for it."""

    host: str
    port: int
    reason: str

    @classmethod
    def because(cls, error: OSError, host: str, port: int) -> CannotListen:
        """From what the system said; asyncio wraps its words, and a name that is not found has no positive number."""
        number = error.errno or 0
        return cls(host, port, os.strerror(number) if number > 0 else error.strerror or str(error))


@dataclass(eq=False)
class BadSettings(EaselError):
    """The settings cannot be used. Each of `problems` has a sentence of its own."""

    problems: tuple[SettingsProblem, ...]

    @property
    def details(self) -> dict[str, Any]:
        """How many problems there are; they themselves are errors to be explained one by one."""
        return {"count": len(self.problems)}

    def __str__(self) -> str:
        """All of them, for the log."""
        return f"BadSettings({', '.join(map(str, self.problems))})"
