"""Takes requests in: who asks, what exactly, within which limits; then it is a job in the ledger."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from random import Random
from weakref import WeakValueDictionary

from bot.grammar.formatting import format as format_request
from bot.grammar.request import Adjustment, Request
from bot.images.convert import shrink
from bot.images.errors import ImageError
from bot.images.probe import inspect
from bot.jobs.catalog import Catalog
from bot.jobs.house import House
from bot.jobs.ledger.port import Ledger
from bot.jobs.media import MediaStore, content_id
from bot.jobs.model import Job, Person, Place, State, Times
from bot.jobs.policy.allowance import DAY
from bot.jobs.policy.rules import Guest
from bot.jobs.recipes import assign_images, make_recipe, sized
from bot.pool.placement import Wish
from bot.pool.pool import Pool
from bot.workflows.options import Role
from bot.workflows.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Submission:
    """One request with who asked, where, and the pictures that came with it.

    `images` are bytes ready for a server (`bot.images.convert.normalise`). `parent` is the job it came from. `message`
    is what the platform calls the message that asked.
    """

    request: Request
    owner: Person
    place: Place
    images: Sequence[bytes] = ()
    parent: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """A picture to start from: what the media store calls it, and its size in pixels.

    `data` are its bytes if they are new, and `sent` is its size before it was made to fit the limits. `covered`: it
    belongs to a job whose pictures are posted covered.
    """

    sha256: str
    size: tuple[int, int]
    data: bytes | None = field(default=None, repr=False)
    sent: tuple[int, int] | None = None
    covered: bool = False

    @classmethod
    def new(cls, data: bytes, max_pixels: int) -> Input:
        """One that came with a request, scaled down to so many pixels if it has more; 0: it may have any."""
        sent = _size(data)
        if 0 < max_pixels < sent[0] * sent[1]:
            data = shrink(data, max_pixels)
        return cls(content_id(data), _size(data), data, sent)

    @classmethod
    def kept(cls, sha256: str, data: bytes, *, covered: bool) -> Input:
        """One that the media store has: it came with an earlier request, or was made here."""
        return cls(sha256, _size(data), covered=covered)

    @property
    def adjustments(self) -> tuple[Adjustment, ...]:
        """What people are told of it."""
        if self.sent in (None, self.size):
            return ()
        return (Adjustment(Role.IMAGE.value, _told(self.sent), _told(self.size)),)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A job that is in the ledger, and what running it needs."""

    job: Job
    workflow: Workflow
    guest: Guest


class Intake:
    """Accepts requests. `held` counts the pictures of those that are being accepted."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        house: House,
        media: MediaStore,
        pool: Pool,
        catalog: Catalog,
        random: Random,
        clock: Callable[[], float],
        ids: Callable[[], str],
    ) -> None:
        self._ledger = ledger
        self._house = house
        self._media = media
        self._pool = pool
        self._catalog = catalog
        self._random = random
        self._clock = clock
        self._ids = ids
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.held: Counter[str] = Counter()

    async def accept(self, submission: Submission, inputs: Sequence[Input] | None = None) -> Accepted:
        """Check a request, make its recipe and write it down. Nothing leaves this process.

        Args:
            submission: What is asked.
            inputs: What to start from, if it goes on with an earlier job. Else it is the submission's own pictures,
                scaled down to what is allowed, and the size that the chat has set is used where the request names
                none.

        Raises:
            EaselError: It may not be accepted; nothing is kept of it.
        """
        guest = await self._house.admit(submission.owner, submission.place)
        workflow = self._catalog.get(submission.request.workflow)
        if inputs is None:
            pixels = guest.limits.pixels
            inputs = [await asyncio.to_thread(Input.new, data, pixels) for data in submission.images]
            submission = replace(submission, request=sized(submission.request, workflow, guest.settings.size))
        job = self._drafted(submission, workflow, inputs)
        covered = any(each.covered for each in inputs)
        job = replace(job, spoiler=covered or self._house.spoiler(guest, job.recipe, workflow))
        sizes = [each.size for each in inputs]
        self._house.check(guest, submission.owner, submission.place, job.recipe, workflow, inputs=sizes)
        await self._pool.check(Wish(workflow, tags=guest.limits.server_tags))
        with self._holding(inputs):
            for each in inputs:
                if each.data is not None:
                    await self._media.put(each.data)
            return Accepted(await self._added(job, guest), workflow, guest)

    def _drafted(self, submission: Submission, workflow: Workflow, inputs: Sequence[Input]) -> Job:
        """The job that a submission makes of these pictures."""
        request = submission.request
        images = assign_images(workflow, [each.sha256 for each in inputs])
        return Job(
            id=self._ids(),
            owner=submission.owner,
            place=submission.place,
            text=format_request(request, workflow.options),
            recipe=make_recipe(request, workflow, images, self._random),
            times=Times(accepted=self._clock()),
            parent=submission.parent,
            adjustments=(*request.adjustments, *chain.from_iterable(each.adjustments for each in inputs)),
            request_message=submission.message,
        )

    async def _added(self, job: Job, guest: Guest) -> Job:
        """The job, in the ledger. One of a person after the other: their limits hold whatever comes at once."""
        owner = job.owner.id
        async with self._turns.setdefault(owner, asyncio.Lock()):
            now = self._clock()
            waiting, spent = await self._ledger.waiting(owner), await self._ledger.spent(owner, now - DAY)
            replaced = await self._replaced(job)
            if replaced is not None:
                waiting, spent = waiting - 1, [each for each in spent if each.at != replaced.times.accepted]
            self._house.afford(guest, waiting=waiting, spent=spent, now=now)
            while not await self._ledger.add(job):
                job = replace(job, id=self._ids())
        return job

    async def _replaced(self, job: Job) -> Job | None:
        """The job whose place this one takes: what its message asked for before it was edited, and has not begun."""
        if job.request_message is None:
            return None
        before = await self._ledger.of_request(job.place, job.request_message)
        if before is None or before.owner.id != job.owner.id or before.cancelling:
            return None
        return before if before.state in (State.ACCEPTED, State.QUEUED) else None

    @contextmanager
    def _holding(self, inputs: Sequence[Input]) -> Iterator[None]:
        names = Counter(each.sha256 for each in inputs)
        self.held.update(names)
        try:
            yield
        finally:
            self.held -= names  # drops what is held no more


def _told(size: tuple[int, int]) -> str:
    return "{} × {}".format(*size)


def _size(data: bytes) -> tuple[int, int]:
    try:
        info = inspect(data)
    except ImageError:  # a film that was made here: its server knows what to do with it
        return (0, 0)
    return (info.width, info.height)
