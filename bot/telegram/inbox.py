"""Which updates may be confirmed. Pure.

Bot API, getUpdates: to ask with an offset confirms every update below it, for ever. So the offset must not pass an
update that is not handled yet, and until it does, Telegram tells that update again.
"""

from __future__ import annotations

from collections.abc import Iterable

MOST = 100
"""The most updates that one answer holds (Bot API, getUpdates). Each answer begins with the oldest that is not
confirmed, so there are never more than this that are known and not confirmed."""

_REMEMBERED = 10 * MOST


class Inbox:
    """The updates of one bot as they come, are handled, and may be confirmed.

    What has been handled is remembered for a while, so that a server that lost its place and tells old updates again
    does no harm.
    """

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._handled: dict[int, None] = {}
        self._next: int | None = None

    @property
    def offset(self) -> int | None:
        """What to ask with: the oldest update that is not handled, else the one after the newest; None: none is known.

        After a week of silence the ids begin anew, lower or higher (Bot API, Update). A server that is asked with an
        offset far from them answers with what it has, so we follow the newest answer, even downwards; what may still
        be open of the old sequence holds nothing up.
        """
        return None if self._next is None else min((*self._open, self._next))

    @property
    def busy(self) -> bool:
        """Whether something is not handled yet."""
        return bool(self._open)

    def arrived(self, updates: Iterable[int]) -> list[int]:
        """These update ids are an answer to `offset`; those of them to handle now, in their order."""
        told = sorted(set(updates))
        if told:
            self._next = told[-1] + 1
        new = [update for update in told if update not in self._open and update not in self._handled]
        self._open.update(new)
        return new

    def handled(self, update: int) -> None:
        """That update has been handled."""
        self._open.remove(update)
        self._handled[update] = None
        if len(self._handled) > _REMEMBERED:
            del self._handled[next(iter(self._handled))]
