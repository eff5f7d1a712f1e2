"""How much a bot may send: flood control, on a clock of the test's choosing."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from tests.telegram_api.refusals import too_many


@dataclass(slots=True)
class Limits:
    """What is enforced. The figures of flood control are those of the Bots FAQ (core.telegram.org/bots/faq).

    `flood` false lets everything through; the figures can be changed while the server runs. `sizes` are lengths of
    texts, of files and sides of photos. `hasty_polls`: a poll that asks the same again within half a second gets one
    update, and one within three seconds waits, as in Telegram's own server. `query_age` and `inline_age` are seconds
    until an answer comes too late (lore).
    """

    flood: bool = True
    chat_burst: int = 1  # messages to one chat …
    chat_seconds: float = 1.0  # … within that
    group_burst: int = 20
    group_seconds: float = 60.0
    all_burst: int = 30
    all_seconds: float = 1.0
    edits: bool = True  # do edits count
    sizes: bool = True
    hasty_polls: bool = True
    query_age: float = 900.0
    inline_age: float = 30.0


@dataclass(frozen=True, slots=True)
class Flood:
    """A call that went over a limit: which chat, method and limit (chat, group, all), when, and what it was told."""

    chat: int
    method: str
    limit: str
    at: float
    retry_after: int


class FloodControl:
    """Counts what is sent. `floods` has every refusal; `sent` every message counted, as (time, chat, how many)."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits = limits
        self.floods: list[Flood] = []
        self.sent: list[tuple[float, int, int]] = []
        self._clock = clock
        self._chats: defaultdict[int, deque[float]] = defaultdict(deque)
        self._groups: defaultdict[int, deque[float]] = defaultdict(deque)
        self._all: deque[float] = deque()

    def count(self, chat: int, method: str, *, group: bool, weight: int = 1, edit: bool = False) -> None:
        """Let that through, or raise Refusal 429. An album counts once for its chat, and by its items for a group.

        What is refused does not count.
        """
        limits, now = self.limits, self._clock()
        if edit and not limits.edits:
            return
        windows = [("chat", self._chats[chat], limits.chat_burst, limits.chat_seconds, 1)]
        if group:
            windows.append(("group", self._groups[chat], limits.group_burst, limits.group_seconds, weight))
        windows.append(("all", self._all, limits.all_burst, limits.all_seconds, weight))
        if limits.flood:
            waits = [(_wait(times, burst, span, own, now), name) for name, times, burst, span, own in windows]
            wait, name = max(waits)
            if wait > 0:
                flood = Flood(chat, method, name, now, math.ceil(wait))
                self.floods.append(flood)
                raise too_many(flood.retry_after)
        for _, times, _, _, own in windows:
            times.extend([now] * own)
        self.sent.append((now, chat, weight))


def _wait(times: deque[float], burst: int, span: float, own: int, now: float) -> float:
    """Seconds until that many more fit into the window."""
    while times and times[0] <= now - span:
        times.popleft()
    over = len(times) + own - burst
    if over <= 0 or not times:
        return 0.0
    return times[min(over, len(times)) - 1] + span - now
