"""The tables as they began."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN: dict[str, Any] = {"sqlite_where": sa.text("open = 1"), "postgresql_where": sa.text("open")}


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "acts",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="acts_key"),
    )
    op.create_table(
        "chats",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "chat", name="chats_key"),
    )
    op.create_table(
        "decisions",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("until", sa.Float()),
        sa.PrimaryKeyConstraint("subject", name="decisions_key"),
    )
    op.create_table(
        "jobs",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("owner_language", sa.String()),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("thread", sa.String()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("parent", sa.String()),
        sa.Column("adjustments", sa.Text(), nullable=False),
        sa.Column("spoiler", sa.Boolean(), nullable=False),
        sa.Column("accepted", sa.Float(), nullable=False),
        sa.Column("queued", sa.Float()),
        sa.Column("started", sa.Float()),
        sa.Column("made", sa.Float()),
        sa.Column("ended", sa.Float()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("server", sa.String()),
        sa.Column("prompt_id", sa.String()),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("left", sa.String()),
        sa.Column("cancelling", sa.Boolean(), nullable=False),
        sa.Column("pictures", sa.Text(), nullable=False),
        sa.Column("gpu_seconds", sa.Float(), nullable=False),
        sa.Column("failure", sa.Text()),
        sa.Column("request_message", sa.String()),
        sa.Column("status_message", sa.String()),
        sa.Column("result_messages", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="jobs_key"),
        sa.UniqueConstraint("id", name="jobs_id"),
    )
    op.create_index("jobs_accepted", "jobs", ["accepted"])
    op.create_index("jobs_open_platform", "jobs", ["platform"], **_OPEN)
    op.create_index("jobs_open_owner", "jobs", ["owner"], **_OPEN)
    op.create_index("jobs_owner_accepted", "jobs", ["owner", "accepted"])
    op.create_index("jobs_owner_number", "jobs", ["owner", "number"])
    op.create_index("jobs_platform_chat_number", "jobs", ["platform", "chat", "number"])
    op.create_index("jobs_platform_chat_request_message", "jobs", ["platform", "chat", "request_message"])
    op.create_index("jobs_platform_chat_status_message", "jobs", ["platform", "chat", "status_message"])
    op.create_index("jobs_prompt_id", "jobs", ["prompt_id"])
    op.create_table(
        "spent",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("gpu_seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="spent_key"),
    )
    op.create_index("spent_at", "spent", ["at"])
    op.create_index("spent_owner_at", "spent", ["owner", "at"])
    op.create_table(
        "switches",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="switches_key"),
    )
    op.create_table(
        "media",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="media_of_jobs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sha256", "job", name="media_key"),
    )
    op.create_index("media_job", "media", ["job"])
    op.create_table(
        "results",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="results_of_jobs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("platform", "chat", "message", "job", name="results_key"),
    )
    op.create_index("results_job", "results", ["job"])
