"""Which server gets a task. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from bot.pool.errors import KeptForOthers, Lacking, Unfit
from bot.workflows.findings import Finding
from bot.workflows.workflow import Workflow

LOADING = 20.0
"""Seconds that a server which holds other models counts as farther away: what it takes to load a large one."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a server takes tasks, from the settings.

    `max_pending` tasks may wait on it, everybody's counted; 0: any number. Of two that are as busy, one of twice the
    `weight` (more than 0) gets twice as much. It has the `tags`, and runs the `workflows` of these names; none: all.
    """

    max_pending: int = 0
    weight: float = 1.0
    tags: frozenset[str] = frozenset()
    workflows: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """What a task needs: a server that can run the `workflow` and has one of the `tags`, if any are named.

    One that has `models` loaded (names of files, `bot.pool.renderer.models_of`) is nearer. One of those to `avoid` by
    name gets it only where no other could take it.
    """

    workflow: Workflow
    models: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    avoid: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one server as a task looks for its place.

    `lacks`: why it could not run the workflow; None: that is not known yet. `telling`: but will be any moment.
    `pending` tasks wait there and `seconds` pass before a new one starts, both with those counted that are on their
    way to it. `holds`: the models it has loaded.
    """

    name: str
    terms: Terms = Terms()
    away: bool = False
    drained: bool = False
    lacks: tuple[Finding, ...] | None = ()
    telling: bool = False
    pending: int = 0
    seconds: float = 0.0
    holds: frozenset[str] = frozenset()

    @property
    def full(self) -> bool:
        """Whether no more may wait there."""
        return 0 < self.terms.max_pending <= self.pending


@dataclass(frozen=True, slots=True)
class Here:
    """That server gets it."""

    name: str


@dataclass(frozen=True, slots=True)
class Later:
    """None can take it now, some may later. `silent` ones are away; `full` ones have too many waiting.

    `unsure` ones answer, and have not told yet what they can run.
    """

    silent: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Never:
    """None that answers can run it, and none is away that might."""

    reasons: tuple[Unfit, ...]


Choice: TypeAlias = Here | Later | Never


def choose(wish: Wish, standings: Iterable[Standing]) -> Choice:
    """The place of a task among the servers, which stand in the order of the settings.

    It goes where it is expected to start first, by weight; of equals, to the first. Those that are about to tell
    whether they can run it are heard before: else thousands would go to whoever is the first to answer.
    """
    able: list[Standing] = []
    reasons: list[Unfit] = []
    for standing in standings:
        if unfit := why_not(wish, standing):
            reasons.append(unfit)
        else:
            able.append(standing)
    if not able:
        return Never(merged(reasons))
    free = [s for s in able if not (s.away or s.drained or s.full or s.lacks is None)]
    if free and not any(s.telling for s in able if not (s.away or s.drained)):
        return Here(min(free, key=lambda standing: (standing.name in wish.avoid, _distance(wish, standing))).name)
    return Later(
        silent=tuple(s.name for s in able if s.away),
        full=tuple(s.name for s in able if s.full and not s.away and not s.drained),
        unsure=tuple(s.name for s in able if s.lacks is None and not s.away),
    )


def why_not(wish: Wish, standing: Standing) -> Unfit | None:
    """Why a server could not run it at any time, as far as that is known."""
    terms = standing.terms
    if (wish.tags and not wish.tags & terms.tags) or (terms.workflows and wish.workflow.name not in terms.workflows):
        return KeptForOthers((standing.name,))
    return Lacking((standing.name,), standing.lacks) if standing.lacks else None


def merged(reasons: Iterable[Unfit]) -> tuple[Unfit, ...]:
    """Servers with the same reason told together, in the order in which the reasons come."""
    servers: dict[Unfit, tuple[str, ...]] = {}
    for reason in reasons:
        alike = replace(reason, servers=())
        servers[alike] = servers.get(alike, ()) + reason.servers
    return tuple(replace(alike, servers=names) for alike, names in servers.items())


def _distance(wish: Wish, standing: Standing) -> float:
    loading = 0.0 if wish.models <= standing.holds else LOADING
    return (standing.seconds + loading) / standing.terms.weight
