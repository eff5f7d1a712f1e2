"""When a server's records are asked, and when its socket is given up as deaf. Pure: time is an argument.

Events come by themselves; asking costs both sides. So the list of everybody's prompts is asked for only

* when somebody wants to know a place in it and it holds what the mirror cannot tell (`Pulse.stale`), and then not so
  often that it would cost more than a tenth of the time: one question serves all who wait;
* when a prompt is overdue: it ran, and nothing was heard of it for too long;
* every `Timeouts.poll` while there is no socket;
* once in a while all the same, for what nobody thought of, and for at most a hundredth of the time.

The cheap count is asked for every `Timeouts.poll` while a socket has been silent for `Timeouts.silence`. One that
stays silent for twice that long is closed, and another one opened.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.comfyui.server import Timeouts

_SHORTEST_GAP = 0.25
_COST_TO_GAP = 10.0
_TRUE_UP, _COST_TO_TRUE_UP = 60.0, 100.0


@dataclass(frozen=True, slots=True)
class Need:
    """What the prompts that have not ended want: any there (`active`), any in the queue, any `overdue`."""

    active: bool = False
    waiting: bool = False
    overdue: bool = False


@dataclass(slots=True)
class Pulse:
    """All times in seconds of one clock. The caller keeps these fields as things happen."""

    timeouts: Timeouts
    connected: bool = False
    heard: float = -math.inf
    """The last frame that was no greeting, or the time when there began to be something to hear."""
    opened: float = -math.inf
    asked: float = -math.inf
    counted: float = -math.inf
    """When the count was last asked for."""
    cost: float = 0.0
    """How long the last list took."""
    stale: bool = False
    """Somebody is to be looked for who is not known to be in the queue."""
    unsure: float = math.inf
    """Since when the mirror is unsure of the queue."""
    unsettled: float = math.inf
    """Since when the socket owes us a word on the queue; for `Timeouts.poll`, and it will not come."""
    vain: bool = False
    """The mirror was unsure even after the last list: the queue changed while it was under way."""

    def given_up(self, now: float) -> bool:
        """Whether a word that the socket owes us will not come."""
        return now >= self.unsettled + self.timeouts.poll

    def ask_at(self, need: Need) -> float:
        """When to ask for the list; ``inf``: no need."""
        earliest = self.asked + max(_SHORTEST_GAP, _COST_TO_GAP * self.cost)
        polling = max(earliest, self.asked + self.timeouts.poll)
        times = [math.inf]
        if self.stale and need.waiting:
            times.append(earliest)
        if self.connected and need.waiting:
            times.append(max(polling if self.vain else earliest, self.unsure + min(_SHORTEST_GAP, self.timeouts.poll)))
            times.append(max(earliest, self.unsettled + self.timeouts.poll))
            times.append(self.asked + max(_TRUE_UP, _COST_TO_TRUE_UP * self.cost))
        if need.overdue or (need.active and not self.connected):
            times.append(polling)
        if need.active and self.connected:
            times.append(max(polling, self.asked + self.timeouts.silence, self.heard + self.timeouts.silence))
        return min(times)

    def count_at(self, need: Need) -> float:
        """When to ask for the count; ``inf``: no need."""
        if not (need.active and self.connected):
            return math.inf
        return max(self.counted + self.timeouts.poll, self.heard + self.timeouts.silence)

    def renew_at(self, need: Need) -> float:
        """When to give the socket up; ``inf``: nothing says that it is deaf."""
        if not (need.active and self.connected):
            return math.inf
        return max(self.heard, self.opened) + 2 * self.timeouts.silence

    def look_at(self, now: float, need: Need) -> float:
        """When to look again: at the first of these, or, because prompts become overdue by mere waiting, soon."""
        soon = now + self.timeouts.poll if need.active else math.inf
        return min(self.ask_at(need), self.count_at(need), self.renew_at(need), soon)
