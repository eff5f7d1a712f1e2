"""What a server's queue holds, without reading it each time: everybody's prompts on one server. Pure.

Theory of operation. ComfyUI tells every socket about every change of its queue, in the order of the changes, by one
``status`` with the number of prompts, pending plus running (0.3.64 to 0.28.0). A put raises it by one, an end or a
deletion lowers it by one, and a prompt that leaves the queue to be run leaves it as it was. So a change is explained
if we know whose it is: puts by our own accepted submits, ends by our prompts' events, deletions by our cancels, and
runs by the order of the queue, since the first that waits is the next to run. An end followed by a run explains
itself, whoever's it was, as long as at least two waited: deleting the *only* one that waits tells the same two
numbers (the server announces it twice).

Whatever is not explained, such as somebody else's put, whose place in the order nobody tells, puts the mirror in
doubt, and only a list of the server's takes it out again. Equal numbers alone never do: one put and one end that both
went unheard give the same number. What comes by name while a list is on its way is laid over it, and the list is
believed only if its length then fits the last number heard.
"""

from __future__ import annotations

import math
from collections import deque
from enum import Enum, auto

from bot.comfyui.lineup import Lineup
from bot.comfyui.records import Entry, Queue

_REMEMBERED = 1024


class _Fact(Enum):
    WAITS = auto()
    RUNS = auto()
    LEFT = auto()


class Mirror:
    """Everything that is said of the queue goes in, in the order in which it is heard."""

    def __init__(self) -> None:
        self._line = Lineup()
        self._told: set[str] = set()
        """Those that run and whose events come to us, their end among them."""
        self._ending: set[str] = set()
        """Those that run and whose end was announced."""
        self._posting: dict[str, float | None] = {}
        """Submits of ours without an answer that were seen nowhere yet, with the number they ask for."""
        self._vague: set[str] = set()
        """Those among them that may have been put and deleted again."""
        self._clock = 0
        self._facts: deque[tuple[int, _Fact, Entry]] = deque(maxlen=_REMEMBERED)
        self._learnt = 0
        self._puzzled = 0
        """When something was last heard that only what follows explains."""
        self._doubted: int | None = 0
        """When something was last heard that nothing explains, if no list has explained it since."""
        self._open = False
        self._heard: int | None = None
        """The last number heard."""
        self._owed = 0
        """Puts that we know of by name and that no ``status`` has told yet."""
        self._dropped = 0
        """Deletions of which the same is true."""
        self._arrived = 0
        """Puts that were told, by submits of ours without an answer."""
        self._departed = False
        """Whether one left of which is not known whether it ran or waited."""
        self._began = False
        """Whether one began to run that may be one of ours, whose name then follows."""

    @property
    def queue(self) -> Queue:
        """What is believed."""
        return self._line.queue

    @property
    def edition(self) -> int:
        """Grows with every change of what is believed."""
        return self._line.edition

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._line.waiting)

    def place(self, prompt_id: str) -> int | None:
        """How many are to run before it; None if it does not wait."""
        return self._line.place(prompt_id) if prompt_id in self._line.waiting else None

    def part(self, first: int, last: int) -> list[Entry]:
        """Those that wait, from place `first` to before `last`, counted from 0."""
        return self._line.part(first, last)

    @property
    def sure(self) -> bool:
        """Whether every change that was heard of is explained. For some milliseconds one may not be yet."""
        return self._doubted is None and not (self._departed or self._began)

    @property
    def settled(self) -> bool:
        """Whether, besides, every change of ours was heard of. If not for long, it never will be: see `lost`."""
        return self.sure and not (self._owed or self._dropped or self._arrived)

    def agrees(self, count: int) -> bool:
        """Whether the server's number of prompts, pending plus running, is what it should be by now."""
        known = len(self._line)
        return self.sure and known - len(self._ending) <= count <= known + len(self._posting)

    # The socket

    def opened(self, count: int) -> None:
        """A new connection's greeting: nothing that it did not say will be heard any more."""
        self._clock += 1
        self._open = True
        self._forget_counts(count)
        if count:
            self._doubt()
        else:
            self._replace(Queue())
            self._vague.update(self._posting)
            self._doubted = None

    def closed(self) -> None:
        """Nothing is heard."""
        self._clock += 1
        self._open = False
        self._forget_counts(None)
        self._doubt()

    def counted(self, count: int) -> None:
        """A ``status``: the queue has changed once and holds this number now, pending plus running."""
        self._clock += 1
        before, self._heard = self._heard, count
        if before is None:
            self._doubt()
        elif count == before:
            self._unchanged()
        elif abs(count - before) > _REMEMBERED:
            self._doubt()
        else:
            for _ in range(before, count):
                self._arrival()
            for _ in range(count, before):
                self._departure()
        self._weigh()

    def lost(self) -> None:
        """What is still to be heard will not come: the next list is where numbers are counted from."""
        self._clock += 1
        self._forget_counts(None)
        self._doubt()

    # By name

    def posting(self, prompt_id: str, number: float | None) -> None:
        """We are about to submit it, with that number if any."""
        self._clock += 1
        self._posting[prompt_id] = number

    def accepted(self, prompt_id: str, number: float) -> None:
        """The server's answer to our submit."""
        self._clock += 1
        if prompt_id in self._posting:
            self._account(prompt_id)
            self._wait(Entry(number, prompt_id))
        elif prompt_id in self._line.running:
            self._line.renumber(Entry(number, prompt_id))
        self._weigh()

    def unanswered(self, prompt_id: str) -> None:
        """Our submit was refused, or its answer lost."""
        self._clock += 1
        self._posting.pop(prompt_id, None)
        self._vague.discard(prompt_id)
        self._weigh()

    def started(self, prompt_id: str) -> None:
        """An event says that it runs."""
        if prompt_id in self._told:
            return
        self._clock += 1
        self._told.add(prompt_id)
        self._began = False
        if prompt_id in self._line.running:
            return
        if prompt_id in self._posting:
            number = self._posting[prompt_id]
            entry = Entry(-math.inf if number is None else number, prompt_id)
            self._account(prompt_id)
        elif prompt_id in self._line.waiting:
            if self._line.place(prompt_id) > self._owed:  # those before it that the server was not yet heard to have
                self._doubt()
            entry = self._line.remove(prompt_id)
        else:
            entry = Entry(-math.inf, prompt_id)
            self._doubt()
        if self._line.running and not self._depart():
            self._doubt()
        self._run(entry)
        self._weigh()

    def ending(self, prompt_id: str) -> None:
        """An event says how it ended; the queue is told of it a moment later."""
        self._clock += 1
        if prompt_id in self._line.running:
            self._ending.add(prompt_id)
        else:
            self._doubt()

    def ended(self, prompt_id: str) -> None:
        """An event says that it is over and done with."""
        self._clock += 1
        if prompt_id in self._posting:
            self._account(prompt_id)
            self._doubt()
        elif prompt_id in self._line.waiting:
            self._leave(self._line.remove(prompt_id))
            self._doubt()
        elif prompt_id in self._line.running:
            self._stop(prompt_id)
            if not self._depart():
                self._doubt()

    def cancelled(self, prompt_id: str) -> None:
        """The server said that it took it out of the queue, or stops it."""
        self._clock += 1
        if prompt_id in self._posting:
            self._account(prompt_id)
            self._leave(Entry(-math.inf, prompt_id))
        elif prompt_id in self._line.waiting:
            self._leave(self._line.remove(prompt_id))
        else:
            return
        if self._heard is not None and not self._depart():
            self._dropped += 1
        self._weigh()

    # The list

    def asking(self) -> int:
        """To be called before the list is asked for, and its result handed to `learn` with the answer."""
        self._clock += 1
        return self._clock

    def learn(self, queue: Queue, asked: int) -> None:
        """The server's list. A list that was asked for before the one last learnt is old news."""
        if asked < self._learnt:
            return
        self._learnt = asked
        complete = self._clock - asked < _REMEMBERED and max(self._doubted or 0, self._puzzled) <= asked
        self._replace(queue, asked)
        for prompt_id in list(self._posting):
            if prompt_id in self._line:
                self._account(prompt_id)
        self._vague.update(self._posting)
        self._clock += 1
        if self._heard is None and self._open and complete:
            self._heard = len(self._line)
        if complete and self._heard is not None and self._fits(len(self._line) - self._heard):
            self._doubted = None
        else:
            self._forget_counts(self._heard)
            self._doubt()

    # One change

    def _arrival(self) -> None:
        if self._owed:
            self._owed -= 1
        else:
            self._arrived += 1

    def _departure(self) -> None:
        if self._ending:
            self._stop(next(iter(self._ending)))
        elif self._dropped:
            self._dropped -= 1
        elif len(self._line.running) == 1 and not (self._line.waiting or self._arrived or self._told):
            self._stop(next(iter(self._line.running)))
        else:
            if not self.sure:
                self._doubt()
            self._departed, self._puzzled = True, self._clock
            self._vague.update(self._posting)

    def _unchanged(self) -> None:
        """One began to run; or something was deleted where nobody waits."""
        heard = len(self._line.waiting) - self._owed + self._arrived
        if self._doubted is not None or self._began or (self._departed and (self._told or not self._line.running)):
            self._doubt()
        elif not (self._line.waiting or self._arrived):
            return
        elif (self._line.running and not self._departed) or heard <= 0:
            self._doubt()
        elif heard > len(self._line.running) and not (self._owed or self._dropped or self._posting):
            self._departed = False
            self._run(self._line.remove(self._line.next.prompt_id))
        else:
            self._began, self._puzzled = True, self._clock

    # What is believed

    def _doubt(self) -> None:
        self._doubted = self._clock

    def _weigh(self) -> None:
        """Doubt what does not add up to the last number heard."""
        if self._heard is not None:
            expected = len(self._line) + self._arrived - self._departed - self._owed + self._dropped
            if self._heard != expected or self._arrived > len(self._posting):
                self._doubt()

    def _forget_counts(self, heard: int | None) -> None:
        self._heard = heard
        self._owed = self._dropped = self._arrived = 0
        self._departed = self._began = False

    def _fits(self, gap: int) -> bool:
        """Whether a list that holds so many more than were heard of can be explained by what is under way."""
        under_way = self._owed - self._dropped
        if gap != under_way or not gap:
            self._owed = self._dropped = 0
        self._departed = self._began = False
        self._arrived = 0
        return gap in (0, under_way)

    def _account(self, prompt_id: str) -> None:
        """A submit without an answer is known to be in the queue, or to have been."""
        del self._posting[prompt_id]
        if prompt_id in self._vague:
            self._vague.remove(prompt_id)
            self._doubt()
        if self._arrived:
            self._arrived -= 1
        elif self._heard is not None:
            self._owed += 1

    def _depart(self) -> bool:
        """Whether one has left of which it was not known which."""
        departed, self._departed = self._departed, False
        return departed

    def _replace(self, queue: Queue, since: float = math.inf) -> None:
        """Believe that, and what was heard of by name after `since`."""
        self._line.replace(queue)
        for when, fact, entry in self._facts:
            if when > since:
                self._lay_over(fact, entry)
        self._told &= self._line.running.keys()
        self._ending &= self._line.running.keys()

    def _lay_over(self, fact: _Fact, entry: Entry) -> None:
        """What was heard since, so that the list may or may not know it already."""
        prompt_id = entry.prompt_id
        if fact is _Fact.LEFT and prompt_id in self._line.waiting:
            self._line.remove(prompt_id)
        elif fact is _Fact.LEFT and prompt_id in self._line.running:
            self._line.stop(prompt_id)
        elif fact is _Fact.WAITS and prompt_id not in self._line:
            self._line.insert(entry)
        elif fact is _Fact.RUNS and prompt_id in self._line.waiting:
            self._line.run(self._line.remove(prompt_id))

    def _wait(self, entry: Entry) -> None:
        self._line.insert(entry)
        self._facts.append((self._clock, _Fact.WAITS, entry))

    def _run(self, entry: Entry) -> None:
        self._line.run(entry)
        self._told &= self._line.running.keys()
        self._ending.clear()
        self._facts.append((self._clock, _Fact.RUNS, entry))

    def _stop(self, prompt_id: str) -> None:
        self._told.discard(prompt_id)
        self._ending.discard(prompt_id)
        self._leave(self._line.stop(prompt_id))

    def _leave(self, entry: Entry) -> None:
        self._facts.append((self._clock, _Fact.LEFT, entry))
