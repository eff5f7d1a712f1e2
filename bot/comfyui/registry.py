"""The prompts that one client follows: events and records go in, watchers are woken. No I/O."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.comfyui import progress
from bot.comfyui.events import Event, Executing, NodePicture, Picture
from bot.comfyui.plan import Plan
from bot.comfyui.progress import Cancelled, Lost, Queued, Track, Update
from bot.comfyui.pulse import Need
from bot.comfyui.records import Entry, Outcome, Queue, Record, conclude

_KEPT_ENDINGS = 64
"""How many ended prompts are kept for a watcher that comes late; older ones the server's records still know."""
_GRACE = 1.0
"""Seconds from ``execution_success`` to ``executing null`` before the latter counts as lost."""


@dataclass(slots=True)
class Stats:
    """Counters of one client's life: frames that came, connections, and how often the queue was asked for."""

    events: int = 0
    unknown: int = 0
    malformed: int = 0
    reconnects: int = 0
    queue_reads: int = 0
    """Lists of everybody's prompts."""
    count_asks: int = 0
    """Their mere number, which costs next to nothing."""


@dataclass(slots=True, eq=False)
class Prompt:
    """One prompt. `ours`: submitted with this client id, so that its events come to us. `heard`: when one last did.

    `planless`: the server was asked for its graph, in vain.
    `ended_at` is when the records first said that it has succeeded, while pictures of it may still be on their way.
    """

    id: str
    track: Track
    ours: bool = False
    posting: bool = False
    cancelled: bool = False
    confirming: bool = False
    planless: bool = False
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
    """All prompts by id. `confirm` is called with one that the server calls over; `now` are seconds of one clock.

    What is asked often costs the same for one prompt as for very many.
    """

    def __init__(self, *, silence: float, patience: float, confirm: Callable[[Prompt], None]) -> None:
        self._silence = silence
        self._patience = patience
        self._confirm = confirm
        self._prompts: dict[str, Prompt] = {}
        self._active: dict[str, Prompt] = {}
        """Those that have not ended."""
        self._waiting: dict[str, Prompt] = {}
        """Those of them that are in the queue, for all we know."""
        self._watched: dict[str, Prompt] = {}
        """Those of them that may become overdue."""
        self.unplanned: set[str] = set()
        """Those of them whose graph is not known."""
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
        self._sort(prompt)
        return prompt

    def forget(self, prompt: Prompt) -> None:
        """Its end has been told, or it never began."""
        if self._prompts.get(prompt.id) is prompt:
            del self._prompts[prompt.id]
            self._sort(prompt)

    @property
    def idle(self) -> bool:
        """Whether there is none that has not ended."""
        return not self._active

    def active(self) -> tuple[Prompt, ...]:
        """Those that have not ended."""
        return tuple(self._active.values())

    def post(self, prompt: Prompt) -> None:
        """It is being submitted: that the server does not know it means nothing."""
        prompt.ours = prompt.posting = True
        self._sort(prompt)

    def posted(self, prompt: Prompt) -> None:
        """Its submission is over, whatever became of it."""
        prompt.posting = False
        self._sort(prompt)

    def give_up_plan(self, prompt_id: str) -> None:
        """The server was asked for its graph, and gave none that could be read."""
        prompt = self._active[prompt_id]
        prompt.planless = True
        self._sort(prompt)

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
        self._sort(prompt)
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
        for prompt in self._active.values():
            prompt.heard = -math.inf
            if prompt.ended_at is not None:
                prompt.ended_at = -math.inf  # nothing of it is on its way any more
            prompt.track = progress.disconnect(prompt.track)  # nothing that a watcher is told

    def fold(self, queue: Queue, plans: Mapping[str, Plan], now: float, *, heard: bool) -> list[Prompt]:
        """The server's queue, laid over all prompts but for their places; those come back that should be in it.

        `heard`: the socket has been open since before the queue was asked for.
        """
        pending, running = {entry.prompt_id for entry in queue.pending}, {entry.prompt_id for entry in queue.running}
        gone = []
        for prompt in self.active():
            if prompt.id in plans:
                self.learn(prompt, progress.replan(prompt.track, plans[prompt.id]))
            if prompt.id in pending:
                self._seen(prompt)
                self.learn(prompt, progress.wait(prompt.track, prompt.track.queued, heard=heard and prompt.ours))
            elif prompt.id in running:
                self._seen(prompt)
                if heard and prompt.ours:
                    prompt.heard = now
                self.learn(prompt, progress.start(prompt.track))
            elif not (prompt.posting or prompt.confirming or self._arriving(prompt, now)):
                gone.append(prompt)
        self._resume(running)
        return gone

    def misses(self, queue: Queue) -> bool:
        """Whether one of those that should be in the queue is not."""
        there = {entry.prompt_id for entry in (*queue.running, *queue.pending)}
        return not self._waiting.keys() <= there

    def place(self, entries: Iterable[Entry], before: int, of: int, *, heard: bool) -> bool:
        """The places of some of everybody's waiting prompts, of which so many run `before` them.

        Whether there is one among them whose graph is not known. `heard`: as in `fold`.
        """
        lacking = False
        for place, entry in enumerate(entries, start=before + 1):
            prompt = self._waiting.get(entry.prompt_id)
            if prompt is not None:
                lacking = lacking or entry.prompt_id in self.unplanned
                self.learn(prompt, progress.wait(prompt.track, Queued(place, of), heard=heard and prompt.ours))
        return lacking

    def conclude(self, prompt: Prompt, record: Record, now: float, *, heard: bool = False) -> None:
        """The server's record of it.

        The records are quicker than a large picture: if one may still come over the socket (`heard`: it is open, and
        has not said yet that the prompt is over), its success waits for it, but not for ever.
        """
        self._seen(prompt)
        if heard and record.outcome is Outcome.SUCCEEDED and prompt.ours and prompt.track.streaming:
            if prompt.ended_at is None:
                prompt.ended_at = now
                self._sort(prompt)
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
            self._sort(prompt)
        elif now - prompt.absent_since >= self._patience:
            self.learn(prompt, progress.settle(prompt.track, Lost()))

    def need(self, now: float) -> Need:
        """What the prompts that have not ended want."""
        overdue = any(self._overdue(prompt, now) for prompt in self._watched.values())
        return Need(active=bool(self._active), waiting=bool(self._waiting), overdue=overdue)

    def _sort(self, prompt: Prompt) -> None:
        """Keep the shelves: who is to be looked at for what. To be called after every change of what they go by."""
        track, known = prompt.track, self._prompts.get(prompt.id) is prompt
        active = known and not track.settled
        _shelve(self._active, prompt, there=active)
        _shelve(self._waiting, prompt, there=active and not (track.started or prompt.posting))
        begun = track.started or track.ended is not None
        suspect = begun or prompt.absent_since is not None or prompt.ended_at is not None
        _shelve(self._watched, prompt, there=active and suspect)
        if active and not (track.plan.titles or prompt.planless):
            self.unplanned.add(prompt.id)
        elif known or prompt.id not in self._prompts:
            self.unplanned.discard(prompt.id)

    def _seen(self, prompt: Prompt) -> None:
        """The server knows it."""
        if prompt.absent_since is not None:
            prompt.absent_since = None
            self._sort(prompt)

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


def _shelve(shelf: dict[str, Prompt], prompt: Prompt, *, there: bool) -> None:
    if there:
        shelf[prompt.id] = prompt
    elif shelf.get(prompt.id) is prompt:
        del shelf[prompt.id]
