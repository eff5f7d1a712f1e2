"""Brings the tables of a database to what this Easel needs."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bot.jobs.ledger.errors import LedgerTooNew

HEAD = "0002"
"""The newest version of the tables: the revision of the newest module in `versions`."""


def migrate(connection: Connection) -> None:
    """Bring the tables up to `HEAD`, within the connection's transaction.

    Raises:
        LedgerTooNew: A newer Easel made them.
    """
    found = _version(connection)
    if found == HEAD:
        return
    # only now: Alembic takes a while to import, and is needed once in a database's life
    from alembic.config import Config  # noqa: PLC0415
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    scripts = ScriptDirectory(str(Path(__file__).parent))
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise LedgerTooNew(version=found)
    with EnvironmentContext(
        Config(),
        scripts,
        fn=lambda revision, _: scripts._upgrade_revs(HEAD, revision),  # noqa: SLF001 - as Alembic's own manual has it
    ) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
