"""What reading the settings again changes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from bot.config import Settings
from bot.config.errors import BadSettings, SettingsProblem
from bot.errors import EaselError

LIVE = frozenset({"servers", "access", "limits", "content"})
"""The sections that take effect while Easel runs."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What has taken effect: servers by name, `rules` by section; and the sections that wait for a `restart`."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """See `bot.errors.Explainable`."""
        return "reloaded" if any(self.details.values()) else "reloaded-nothing"

    @property
    def details(self) -> Mapping[str, object]:
        """See `bot.errors.Explainable`."""
        return {field.name: getattr(self, field.name) or None for field in fields(self)}


@dataclass(eq=False)
class NotReloaded(EaselError):
    """The settings cannot be used any more, so everything stays as it was."""

    problems: tuple[SettingsProblem, ...]

    @classmethod
    def because(cls, bad: BadSettings) -> NotReloaded:
        """From what is wrong with them."""
        return cls(bad.problems)


def in_effect(old: Settings, new: Settings) -> Settings:
    """The old settings with what of the new ones needs no restart."""
    return old.model_copy(update={name: getattr(new, name) for name in LIVE})


def difference(old: Settings, new: Settings) -> Reloaded:
    """What changes from one to the other, and what of it only a restart changes."""
    before, after = ({server.name: server for server in settings.servers} for settings in (old, new))
    differing = [name for name in Settings.model_fields if getattr(old, name) != getattr(new, name)]
    return Reloaded(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        changed=tuple(name for name in after if name in before and before[name] != after[name]),
        rules=tuple(f"[{name}]" for name in differing if name in LIVE and name != "servers"),
        restart=tuple(f"[{name}]" for name in differing if name not in LIVE),
    )
