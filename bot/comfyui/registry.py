"""The prompts that one client follows: events and records go in, watchers are woken. No I/O."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.comfyui import progress
from bot.comfyui.events import Event, Executing, NodePicture, Picture
from bot.comfyui.plan import Plan
from bot.comfyui.progress import Cancelled, Lost, Track, Update
from bot.comfyui.pulse import Need
from bot.comfyui.records import Outcome, Queue, Record, conclude

_KEPT_ENDINGS = 64
"""How many ended prompts are kept for a watcher that comes late; older ones the server's records still know."""
_GRACE = 1.0
"""Seconds from ``execution_success`` to ``executing null`` before the latter counts as lost."""


@dataclass(slots=True)
class Stats:
    """Counters of one client's life."""

    events: int = 0
    unknown: int = 0
    malformed: int = 0
    reconnects: int = 0


@dataclass(slots=True, eq=False)
class Prompt:
    """One prompt. `ours`: submitted by this client, so that its events come to us. `heard`: when one last did.

    `ended_at` is when the records first said that it has succeeded, while pictures of it may still be on their way.
    """

    id: str
    track: Track
    ours: bool = False
    posting: bool = False
    cancelled: bool = False
    confirming: bool = False
    heard: float = -math.inf
    absent_since: float | None = None
    ended_at: float | None = None
    preview: bytes | None = field(default=None, repr=False)
    changed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def update(self) -> Update:
        """What a watcher is told. An end that the records have not confirmed is kept back."""
        if self.track.settled:
            return Update(self.track.state)
        return Update(self.track.advance, self.preview)

    def wake(self) -> None:
        """Let every watcher look again."""
        self.changed.set()
        self.changed.clear()


class Registry:
    """All prompts by id. `confirm` is called with one that the server calls over; `now` are seconds of one clock."""

    def __init__(self, *, silence: float, patience: float, confirm: Callable[[Prompt], None]) -> None:
        self._silence = silence
        self._patience = patience
        self._confirm = confirm
        self._prompts: dict[str, Prompt] = {}
        self._endings: deque[str] = deque()
        self._current: str | None = None
        self._greeted: str | None = None
        self.stats = Stats()

    def get(self, prompt_id: str) -> Prompt | None:
        """The prompt, if it is followed."""
        return self._prompts.get(prompt_id)

    def add(self, prompt: Prompt) -> Prompt:
        """Follow it from now on."""
        self._prompts[prompt.id] = prompt
        return prompt

    def forget(self, prompt: Prompt) -> None:
        """Its end has been told, or it never began."""
        if self._prompts.get(prompt.id) is prompt:
            del self._prompts[prompt.id]

    def active(self) -> Iterator[Prompt]:
        """Those that have not ended."""
        return (prompt for prompt in self._prompts.values() if not prompt.track.settled)

    def hear(self, event: Event, now: float) -> None:
        """One event from the socket."""
        prompt_id: str | None = getattr(event, "prompt_id", None)
        if isinstance(event, Executing):
            self._note(event)
        elif isinstance(event, Picture):
            prompt_id = self._current
        prompt = self._prompts.get(prompt_id) if prompt_id else None
        if prompt is None or prompt.track.settled:
            return
        prompt.heard = now
        track = progress.reduce(prompt.track, event)
        if isinstance(event, Picture | NodePicture) and track is prompt.track:
            prompt.preview = event.data
            prompt.wake()
        self.learn(prompt, track)
        if isinstance(event, Executing) and event.node is None:
            self._confirm(prompt)

    def learn(self, prompt: Prompt, track: Track) -> None:
        """New knowledge of a prompt; its watchers are woken if there is any in it."""
        if track is prompt.track:
            return
        prompt.track = track
        prompt.wake()
        if track.settled:
            prompt.preview = None
            self._endings.append(prompt.id)
            if len(self._endings) > _KEPT_ENDINGS:
                oldest = self._prompts.get(self._endings.popleft())
                if oldest is not None and oldest.track.settled:  # else it is followed anew
                    self.forget(oldest)

    def disconnected(self) -> None:
        """The socket is gone: nothing is heard of any prompt."""
        self._current = self._greeted = None
        for prompt in list(self.active()):
            prompt.heard = -math.inf
            if prompt.ended_at is not None:
                prompt.ended_at = -math.inf  # nothing of it is on its way any more
            self.learn(prompt, progress.disconnect(prompt.track))

    def fold(self, queue: Queue, plans: Mapping[str, Plan], now: float, *, heard: bool) -> list[Prompt]:
        """The server's queue, laid over all prompts; those come back that are not in it and should be.

        `heard`: the socket has been open since before the queue was asked for.
        """
        places, running = queue.places(), {entry.prompt_id for entry in queue.running}
        gone = []
        for prompt in list(self.active()):
            if prompt.id in plans:
                self.learn(prompt, progress.replan(prompt.track, plans[prompt.id]))
            if place := places.get(prompt.id):
                prompt.absent_since = None
                self.learn(prompt, progress.wait(prompt.track, place, heard=heard and prompt.ours))
            elif prompt.id in running:
                prompt.absent_since = None
                if heard and prompt.ours:
                    prompt.heard = now
                self.learn(prompt, progress.start(prompt.track))
            elif not (prompt.posting or prompt.confirming or self._arriving(prompt, now)):
                gone.append(prompt)
        self._resume(running)
        return gone

    def conclude(self, prompt: Prompt, record: Record, now: float, *, heard: bool = False) -> None:
        """The server's record of it.

        The records are quicker than a large picture: if one may still come over the socket (`heard`: it is open, and
        has not said yet that the prompt is over), its success waits for it, but not for ever.
        """
        prompt.absent_since = None
        if heard and record.outcome is Outcome.SUCCEEDED and prompt.ours and prompt.track.streaming:
            if prompt.ended_at is None:
                prompt.ended_at = now
            if self._arriving(prompt, now):
                return
            self.learn(prompt, progress.disconnect(prompt.track))
        self.learn(prompt, conclude(prompt.track, record))

    def absent(self, prompt: Prompt, now: float) -> None:
        """The server was asked, and knows it neither in its queue nor in its records.

        If we cancelled it while it waited, that is how it looks. If its events said how it ended, they stand.
        Otherwise it is lost, if it is still absent when asked again.
        """
        if prompt.track.ended is not None:
            self.learn(prompt, progress.settle(prompt.track, prompt.track.ended))
        elif prompt.cancelled:
            self.learn(prompt, progress.settle(prompt.track, Cancelled()))
        elif prompt.absent_since is None:
            prompt.absent_since = now
        elif now - prompt.absent_since >= self._patience:
            self.learn(prompt, progress.settle(prompt.track, Lost()))

    def need(self, now: float) -> Need:
        """What the prompts that have not ended want."""
        active = waiting = overdue = False
        for prompt in self.active():
            active = True
            waiting = waiting or not (prompt.track.started or prompt.posting)
            overdue = overdue or self._overdue(prompt, now)
            if waiting and overdue:
                break
        return Need(active, waiting, overdue)

    def _overdue(self, prompt: Prompt, now: float) -> bool:
        if prompt.posting or prompt.confirming:
            return False
        if prompt.ended_at is not None:
            return not self._arriving(prompt, now)
        if prompt.absent_since is not None:
            return True
        if prompt.track.ended is not None:
            return now - prompt.heard >= _GRACE
        return prompt.track.started and now - prompt.heard >= self._silence

    def _arriving(self, prompt: Prompt, now: float) -> bool:
        return prompt.ended_at is not None and now - prompt.ended_at < self._silence

    def _note(self, event: Executing) -> None:
        """Which prompt is being executed on this connection; a greeting does not say."""
        if event.prompt_id is None:
            self._greeted = event.node
        else:
            self._greeted = None
            self._current = event.prompt_id if event.node is not None else None

    def _resume(self, running: set[str]) -> None:
        """If one prompt runs, the greeting of the connection spoke of it."""
        if self._greeted is not None and self._current is None and len(running) == 1:
            self._current, node = running.pop(), self._greeted
            self._greeted = None
            prompt = self._prompts.get(self._current)
            if prompt is not None:
                self.learn(prompt, progress.resume(prompt.track, node))
