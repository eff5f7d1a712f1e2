"""What the operator's settings say, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.jobs.model import ChatSettings, Person
from bot.jobs.policy.content import Content
from bot.jobs.policy.limits import UNLIMITED, Limits, Rank


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may use Easel, how much of it, and for what.

    `operators` and `people` are ids of persons (``telegram:1234``), `chats` are `Place.subject`
    (``telegram/-100123``). `limits` holds what differs by rank: members have `Limits()` where nothing is said, admins
    what members have, operators no limits. `anybody`: nobody needs to be listed.
    """

    operators: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    chats: frozenset[str] = frozenset()
    limits: Mapping[Rank, Limits] = field(default_factory=dict)
    content: Content = field(default_factory=Content)
    anybody: bool = False

    def rank(self, person: Person) -> Rank:
        """What that person is, in the chat in which they speak."""
        if person.id in self.operators:
            return Rank.OPERATOR
        return Rank.ADMIN if person.admin else Rank.MEMBER

    def limits_of(self, rank: Rank, settings: ChatSettings) -> Limits:
        """The limits of that rank in a chat so set. A chat's own do not bind operators."""
        if rank is Rank.OPERATOR:
            return self.limits.get(rank, UNLIMITED)
        members = self.limits.get(Rank.MEMBER, Limits())
        return self.limits.get(rank, members).replaced(settings.granted).tightened(settings.limits)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who was let in: what they are here, what they may ask for, and how the chat is set."""

    rank: Rank
    limits: Limits
    settings: ChatSettings
