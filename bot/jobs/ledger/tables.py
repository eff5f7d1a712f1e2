"""The tables of the ledger and the register. What is asked for is a column; what is only kept is JSON.

A change here needs a migration (`bot.jobs.ledger.migrations`); a test holds both against each other.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

METADATA = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s",
        "fk": "%(table_name)s_of_%(referred_table_name)s",
        "pk": "%(table_name)s_key",
    }
)

_Number = BigInteger().with_variant(Integer, "sqlite")
"""Counts rows in the order in which they came. SQLite counts by itself only what is called INTEGER."""

JOBS = Table(
    "jobs",
    METADATA,
    Column("number", _Number, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("owner", String, nullable=False),
    Column("owner_name", Text, nullable=False),
    Column("owner_language", String),
    Column("platform", String, nullable=False),
    Column("chat", String, nullable=False),
    Column("thread", String),
    Column("text", Text, nullable=False),
    Column("recipe", Text, nullable=False),
    Column("parent", String),
    Column("adjustments", Text, nullable=False),
    Column("spoiler", Boolean, nullable=False),
    Column("accepted", Float, nullable=False),
    Column("queued", Float),
    Column("started", Float),
    Column("made", Float),
    Column("ended", Float),
    Column("state", String, nullable=False),
    Column("server", String),
    Column("prompt_id", String),
    Column("attempt", Integer, nullable=False),
    Column("left", String),
    Column("cancelling", Boolean, nullable=False),
    Column("pictures", Text, nullable=False),
    Column("gpu_seconds", Float, nullable=False),
    Column("failure", Text),
    Column("request_message", String),
    Column("status_message", String),
    Column("result_messages", Text, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("holder", String, nullable=False),
    Column("process", String, nullable=False),
)
"""Every job. `open` is `Job.open`. `process` of the name `holder` runs it; only `open` ones are anybody's to run."""

# SQLite uses such an index only where a question repeats the words, and SQLAlchemy's for it are these
_OPEN: dict[str, Any] = {"sqlite_where": text("open = 1"), "postgresql_where": text("open")}

Index("jobs_open_platform", JOBS.c.platform, **_OPEN)
Index("jobs_open_owner", JOBS.c.owner, **_OPEN)
Index(None, JOBS.c.owner, JOBS.c.number)
Index(None, JOBS.c.owner, JOBS.c.accepted)
Index(None, JOBS.c.platform, JOBS.c.chat, JOBS.c.number)
Index(None, JOBS.c.platform, JOBS.c.chat, JOBS.c.request_message)
Index(None, JOBS.c.platform, JOBS.c.chat, JOBS.c.status_message)
Index(None, JOBS.c.prompt_id)
Index(None, JOBS.c.accepted)

RESULTS = Table(
    "results",
    METADATA,
    Column("platform", String, primary_key=True),
    Column("chat", String, primary_key=True),
    Column("message", String, primary_key=True),
    Column("job", String, ForeignKey(JOBS.c.id, ondelete="CASCADE"), primary_key=True, index=True),
    Column("number", Integer, nullable=False),
)
"""The messages that show a job's results. `number` is which of those posted together, from 1."""

UPLOADS = Table(
    "uploads",
    METADATA,
    Column("job", String, ForeignKey(JOBS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("account", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("handle", Text, nullable=False),
)
"""What an account of a platform calls a job's files that were sent there: a handle by each name."""

MEDIA = Table(
    "media",
    METADATA,
    Column("sha256", String, primary_key=True),
    Column("job", String, ForeignKey(JOBS.c.id, ondelete="CASCADE"), primary_key=True, index=True),
)
"""The pictures that a job has in the media store."""

SPENT = Table(
    "spent",
    METADATA,
    Column("number", _Number, primary_key=True),
    Column("owner", String, nullable=False),
    Column("at", Float, nullable=False, index=True),
    Column("gpu_seconds", Float, nullable=False),
)
"""What the jobs that were deleted have cost. The others' costs are in their own rows."""

Index(None, SPENT.c.owner, SPENT.c.at)

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("subject", String, primary_key=True),
    Column("standing", String, nullable=False),
    Column("until", Float),
)

CHATS = Table(
    "chats",
    METADATA,
    Column("platform", String, primary_key=True),
    Column("chat", String, primary_key=True),
    Column("settings", Text, nullable=False),
)

SWITCHES = Table(
    "switches",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

ACTS = Table(
    "acts",
    METADATA,
    Column("number", _Number, primary_key=True),
    Column("at", Float, nullable=False),
    Column("actor", String, nullable=False),
    Column("act", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", Text, nullable=False),
)
"""The audit log. It is only ever added to."""
