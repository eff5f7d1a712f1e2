"""What can go wrong with a job."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from bot.errors import EaselError


class JobError(EaselError):
    """Root of this room's errors."""


@dataclass(eq=False)
class ImpossibleTransition(JobError):
    """A state change that the transition table does not have: a fault of ours."""

    job: str
    before: str
    after: str


@dataclass(eq=False)
class NoSuchJob(JobError):
    """Nobody knows that id."""

    job: str


@dataclass(eq=False)
class NoJobYet(JobError):
    """Somebody means their newest job in a chat, and has none there."""


@dataclass(eq=False)
class NotYours(JobError):
    """Only the owner may do that."""

    job: str


@dataclass(eq=False)
class AlreadyOver(JobError):
    """It has ended; there is nothing to cancel."""

    job: str


@dataclass(eq=False)
class RunsElsewhere(JobError):
    """Another process that uses the same ledger runs it."""

    job: str


@dataclass(eq=False)
class NotOverYet(JobError):
    """It has not ended, so it cannot be deleted."""

    job: str


@dataclass(eq=False)
class NothingToWorkWith(JobError):
    """The job has no picture yet, so none can be varied, enlarged or edited."""

    job: str


@dataclass(eq=False)
class NoSuchPicture(JobError):
    """The job has so many pictures (`count`, at least one), and none of that number (`pick`, from 1)."""

    job: str
    pick: int
    count: int


@dataclass(eq=False)
class CannotDo(JobError):
    """No workflow here can do this action."""

    action: str


@dataclass(eq=False)
class TooLarge(JobError):
    """More pixels than the operator allows. `side` is that of the largest square that is allowed."""

    width: int
    height: int
    allowed: int
    side: int = field(init=False)

    def __post_init__(self) -> None:
        """Derive the side."""
        self.side = math.isqrt(self.allowed)


@dataclass(eq=False)
class TooManyPictures(JobError):
    """More pictures at once than the operator allows."""

    asked: int
    allowed: int


@dataclass(eq=False)
class WrongPictures(JobError):
    """The workflow takes another number of pictures."""

    workflow: str
    given: int
    taken: int


@dataclass(eq=False)
class NodeFailed(JobError):
    """The server ran the workflow and a node failed."""

    node: str
    reason: str


@dataclass(eq=False)
class NothingCameOut(JobError):
    """The workflow ended well, without a picture."""

    workflow: str


@dataclass(eq=False)
class JobLost(JobError):
    """The server forgot the job each time it was sent."""

    server: str
    attempts: int


@dataclass(eq=False)
class ServerGone(JobError):
    """The servers that the job waited for have not answered for so many minutes."""

    servers: tuple[str, ...]
    minutes: int


@dataclass(eq=False)
class NoSuchServer(JobError):
    """The settings name no such server. `known` are those they name."""

    server: str
    known: tuple[str, ...]


@dataclass(eq=False)
class PictureGone(JobError):
    """The media store no longer has it."""

    sha256: str


@dataclass(eq=False)
class CannotKeep(JobError):
    """The media store could not write a picture. `reason` is the operating system's."""

    reason: str


@dataclass(eq=False)
class Stopping(JobError):
    """Easel is shutting down and takes no new jobs."""


@dataclass(eq=False)
class InternalFault(JobError):
    """A fault of ours. The log has the rest under this job's id."""

    job: str
