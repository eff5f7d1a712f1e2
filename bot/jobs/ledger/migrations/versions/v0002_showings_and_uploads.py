"""Which of the messages posted together shows which result, and what platforms call the files that were sent there."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_AT_ONCE = 1000


def upgrade() -> None:
    """Make the results anew from the jobs, which have their messages in order; and the uploads."""
    op.drop_table("results")
    results = op.create_table(
        "results",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="results_of_jobs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("platform", "chat", "message", "job", name="results_key"),
    )
    op.create_index("results_job", "results", ["job"])
    _fill(results)
    op.create_table(
        "uploads",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="uploads_of_jobs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", "account", "name", name="uploads_key"),
    )


def _fill(results: sa.Table) -> None:
    names = ("number", "id", "platform", "chat", "result_messages")
    jobs = sa.table("jobs", *(sa.column(name) for name in names))
    some = sa.select(jobs).where(jobs.c.number > sa.bindparam("after")).order_by(jobs.c.number).limit(_AT_ONCE)
    connection, after = op.get_bind(), 0
    while rows := connection.execute(some, {"after": after}).all():
        after = rows[-1].number
        shown = [
            {"platform": row.platform, "chat": row.chat, "message": message, "job": row.id, "number": number}
            for row in rows
            for message, number in _numbered(json.loads(row.result_messages)).items()
        ]
        if shown:
            connection.execute(sa.insert(results), shown)


def _numbered(messages: list[str]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for number, message in enumerate(messages, start=1):
        numbers.setdefault(message, number)
    return numbers
