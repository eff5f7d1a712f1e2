"""Whose turn it is: where in a server's own queue a new job goes, so that nobody starves anybody. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from bot.comfyui.records import Queue

_STEP = 1 / 256
"""How far into a gap a number goes. The next one mostly goes behind it, into what is left: halves would let some thirty
people into the gap between two whole numbers, this lets thousands."""

_ROUNDING = 1e-9
"""Three thirds make one."""


@dataclass(frozen=True, slots=True)
class Share:
    """Whose a prompt is, and how much of the queue that one gets: with weight 2, two jobs to everybody's one.

    `weight` is more than 0.
    """

    owner: str
    weight: float = 1.0


WEB = Share("web")
"""The people at the servers' own web pages: together they are one more person."""


def number(queue: Queue, own: Share, share: Callable[[str], Share]) -> float | None:
    """The number to submit a new job of `own` with; None: without one, at the end of the queue.

    Everybody's prompts fall into rounds: with weight 1 somebody's k-th prompt in this queue, the running one counted,
    is of round k; with weight 2 the first two are of round 1. As prompts end their owners are counted anew, but one of
    ours is of no earlier round than the one before it: it stands there because its owner has had a turn. A new job
    goes behind all of an earlier round and all of its owner's, and then before the first of a later round.

    So a queue into which only Easel puts is always in the order of rounds, equals first come first, and with whole
    weights a job of round k sees no more than k rounds of anybody else start before it does. Whoever comes next is
    overtaken only while another of his own runs; so, where weights are 1 or more, a prompt with n before it starts
    after at most (n + 1) times everybody's weights.

    Others' prompts are never moved, and the web page's go to the end. One that waits there behind somebody's tenth is
    due before that tenth and cannot be helped; nobody's second job is put before it, so those go to the end as well.
    What jumps the queue (``front``, numbers of its own) stands where it put itself. A number that somebody else chose
    beyond the server's own counter is overtaken by all that is appended.

    The number lies strictly between its neighbours'. Where floats have none left, it is of the next gap behind that
    has one. The cost is one call of `share` for each prompt in the queue.

    Args:
        queue: The server's queue now.
        own: Whose the new job is.
        share: Whose a prompt in the queue is, by prompt id; `WEB` for those that nobody knows.
    """
    place = _place(queue, own, share)
    if place == len(queue.pending):
        return None
    between = (_between(low, high) for low, high in _gaps(queue, place))
    return next((number for number in between if number is not None), None)


def _place(queue: Queue, own: Share, share: Callable[[str], Share]) -> int:
    """How many of those that wait go before the new job."""
    rounds = _Rounds()
    for entry in queue.running:
        rounds.next(share(entry.prompt_id))
    shares = [share(entry.prompt_id) for entry in queue.pending]
    waiting = [rounds.next(each) for each in shares]
    due = rounds.due(own.owner)
    place = max(
        (
            place
            for place, (each, round_) in enumerate(zip(shares, waiting, strict=True), start=1)
            if round_ < due or each.owner == own.owner
        ),
        default=0,
    )
    while place < len(waiting) and waiting[place] <= due:
        place += 1
    return place


class _Rounds:
    """The round of each prompt, from 0, told in the order of the queue. One of weight w takes up 1/w of a round."""

    def __init__(self) -> None:
        self._taken: dict[str, float] = {}
        self._newest = 0

    def next(self, share: Share) -> int:
        """Of the prompt that is the next one in the queue."""
        begins = self._taken.get(share.owner, 0.0)
        if share.owner != WEB.owner:
            begins = max(begins, self._newest)
        self._taken[share.owner] = begins + 1 / share.weight
        self._newest = _whole(begins)
        return self._newest

    def due(self, owner: str) -> int:
        """Of one that this owner adds now, as far as that one's own prompts go."""
        return _whole(self._taken.get(owner, 0.0))


def _whole(rounds: float) -> int:
    return int(rounds + _ROUNDING)


def _gaps(queue: Queue, place: int) -> Iterator[tuple[float, float]]:
    """The gaps for a number before the waiting prompt at `place` (from 0), the best one first."""
    first = queue.pending[0].number
    if place == 0:
        running = [entry.number for entry in queue.running if math.isfinite(entry.number)]  # not every one is known
        lowest = min([first, *running])
        yield max((number for number in running if number < first), default=first), first
        yield lowest - 1, lowest
    yield from pairwise(entry.number for entry in queue.pending[max(place - 1, 0) :])


def _between(low: float, high: float) -> float | None:
    """A number between these two and near the lower one; None where floats have none."""
    for number in (low + (high - low) * _STEP, math.nextafter(low, high)):
        if low < number < high:
            return number
    return None
