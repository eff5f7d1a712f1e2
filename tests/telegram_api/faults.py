"""What can be made to go wrong between the bot and the platform. Nothing here looks at a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.telegram_api.chats import Chat
from tests.telegram_api.refusals import OTHER_POLLER, Refusal, bad, conflict


@dataclass(eq=False)
class Fault:
    """Something that happens to the next `times` calls that `method` (any if empty; ``file``: a download) takes."""

    method: str = ""
    times: int = 1
    cut: bool = False
    after: bool = False
    status: int = 0
    html: bool = False
    retry_after: int = 0
    refusal: Refusal | None = None
    chat: Chat | None = None
    gate: Gate | None = None

    def takes(self, method: str, chat: str) -> bool:
        """Is that call one of them? Counts it then."""
        if self.times <= 0 or (self.method and self.method.lower() != method):
            return False
        if self.chat is not None and str(self.chat.id) != chat:
            return False
        self.times -= 1
        return True


@dataclass(eq=False)
class Gate:
    """Calls that are answered once it is released. `held` is how many wait now."""

    held: int = 0
    _open: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Let all through, those to come too."""
        self._open.set()

    async def pass_through(self, beat: Callable[[], None]) -> None:
        """Wait until it is released."""
        self.held += 1
        beat()
        try:
            await self._open.wait()
        finally:
            self.held -= 1


class Faults:
    """Faults to script. A method is called by its Bot API name, as ``sendPhoto``."""

    def __init__(self, refuse_poll: Callable[[Refusal], None]) -> None:
        self.token_revoked = False
        self._rival = False
        self._refuse_poll = refuse_poll
        self._waiting: list[Fault] = []

    def cut(self, times: int = 1, *, method: str = "", after: bool = False, chat: Chat | None = None) -> None:
        """Cut the connection of the next calls, for that chat: before they do anything, or `after` their effect."""
        self._waiting.append(Fault(method, times, cut=True, after=after, chat=chat))

    def fail(self, times: int = 1, *, status: int = 502, method: str = "", html: bool = False) -> None:
        """Answer the next calls with a 5xx; `html` as the machine in front of the Bot API does."""
        self._waiting.append(Fault(method, times, status=status, html=html))

    def flood(self, retry_after: int, *, times: int = 1, chat: Chat | None = None, method: str = "") -> None:
        """Answer the next calls, for that chat, with a 429."""
        self._waiting.append(Fault(method, times, retry_after=retry_after, chat=chat))

    def refuse(self, why: str, times: int = 1, *, method: str = "", chat: Chat | None = None) -> None:
        """Answer the next calls, for that chat, with a 400 and that description."""
        self._waiting.append(Fault(method, times, refusal=bad(why), chat=chat))

    def hold(self, times: int = 1_000_000, *, method: str = "", after: bool = False, chat: Chat | None = None) -> Gate:
        """Hold the next calls, for that chat, or `after` their effect their answers, until the gate is released."""
        gate = Gate()
        self._waiting.append(Fault(method, times, after=after, chat=chat, gate=gate))
        return gate

    def clear(self) -> None:
        """What was scripted and did not happen yet does not happen. Held calls go on."""
        for fault in self._waiting:
            if fault.gate is not None:
                fault.gate.release()
        self._waiting.clear()

    def revoke_token(self) -> None:
        """The token is not valid any more; nor is the poll that waits."""
        self.token_revoked = True
        self._refuse_poll(Refusal(401, "Unauthorized"))

    def restore_token(self) -> None:
        """The token is valid again."""
        self.token_revoked = False

    @property
    def rival(self) -> bool:
        """Does another program poll with this token, so that every poll of ours is ended by it?"""
        return self._rival

    @rival.setter
    def rival(self, there: bool) -> None:
        self._rival = there
        if there:
            self._refuse_poll(conflict(OTHER_POLLER))

    def next(self, method: str, chat: str, *, after: bool) -> Fault | None:
        """What happens to that call now."""
        for fault in self._waiting:
            if fault.after is after and fault.takes(method, chat):
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None
