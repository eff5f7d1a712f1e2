"""What can go wrong with the record of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.jobs.errors import JobError


class Trouble(StrEnum):
    """What keeps a ledger from being read or written. A text selects its words by it."""

    FULL = "full"
    """No room on the disk."""
    LOCKED = "locked"
    """Another program keeps it locked."""
    LOST = "lost"
    """The database server does not answer, or hung up."""
    DENIED = "denied"
    """We may not read or write it."""
    BROKEN = "broken"
    """What is there is not what was written."""
    DISK = "disk"
    """The disk failed to read or write."""
    CLOSED = "closed"
    """Easel is shutting down."""
    OLD = "old"
    """The database program is older than what Easel needs."""
    OTHER = "other"


@dataclass(eq=False)
class LedgerUnavailable(JobError):
    """The ledger cannot be read or written just now; nothing of what it holds is lost.

    `reason` is a `Trouble`. `detail` is the database's own words, for the operator.
    """

    reason: str
    detail: str


@dataclass(eq=False)
class LedgerInUse(JobError):
    """A living process of that name uses the ledger already."""

    holder: str


@dataclass(eq=False)
class LedgerTooNew(JobError):
    """A newer Easel made the ledger, and this one does not understand it. `version` is that of its tables."""

    version: str


@dataclass(eq=False)
class NoLedgerThere(JobError):
    """The address names no database that Easel can use. It is shown without its password."""

    address: str
