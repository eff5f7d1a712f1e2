"""A register that remembers for a moment what it has looked up: one message asks several times who somebody is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from bot.jobs.ledger.port import Entry, Register
from bot.jobs.model import Act, ChatSettings, Decision, Place

MOMENT = 1.0
"""Seconds until a decision made in another process holds here."""
_MOST = 4096


class RecentRegister:
    """A `Register` over another one. What is decided through it holds at once."""

    def __init__(
        self, register: Register, *, lasts: float = MOMENT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._register = register
        self._lasts = lasts
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[float, Entry]] = {}
        self._changes = 0

    async def look_up(self, person: str, place: Place) -> Entry:
        """See `Register.look_up`."""
        key = (person, place.subject)
        known = self._known.get(key)
        if known is not None and self._clock() < known[0]:
            return known[1]
        changes = self._changes
        entry = await self._register.look_up(person, place)
        if changes == self._changes:  # else it may be of before
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = (self._clock() + self._lasts, entry)
        return entry

    async def decisions(self) -> Mapping[str, Decision]:
        """See `Register.decisions`."""
        return await self._register.decisions()

    async def decide(self, subject: str, decision: Decision | None, act: Act) -> None:
        """See `Register.decide`."""
        try:
            await self._register.decide(subject, decision, act)
        finally:
            self._forget()

    async def set_chat(self, place: Place, settings: ChatSettings, act: Act) -> None:
        """See `Register.set_chat`."""
        try:
            await self._register.set_chat(place, settings, act)
        finally:
            self._forget()

    async def move_chat(
        self, old: Place, chat: str, decision: Decision | None, settings: ChatSettings, act: Act
    ) -> None:
        """See `Register.move_chat`."""
        try:
            await self._register.move_chat(old, chat, decision, settings, act)
        finally:
            self._forget()

    async def switches(self) -> Mapping[str, str]:
        """See `Register.switches`."""
        return await self._register.switches()

    async def set_switch(self, name: str, value: str | None, act: Act | None = None) -> None:
        """See `Register.set_switch`."""
        await self._register.set_switch(name, value, act)

    async def note(self, act: Act) -> None:
        """See `Register.note`."""
        await self._register.note(act)

    async def acts(self, limit: int) -> Sequence[Act]:
        """See `Register.acts`."""
        return await self._register.acts(limit)

    def _forget(self) -> None:
        self._changes += 1
        self._known.clear()
