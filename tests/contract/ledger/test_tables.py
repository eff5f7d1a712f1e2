"""The tables: what the migrations make is what the code expects, and no question walks through all jobs."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, insert, text

from bot.jobs.ledger import migrations
from bot.jobs.ledger.codec import identity_of, state_of
from bot.jobs.ledger.database import Database
from bot.jobs.ledger.errors import LedgerTooNew
from bot.jobs.ledger.sql import open_store
from bot.jobs.ledger.tables import JOBS, MEDIA, METADATA
from bot.jobs.model import Act, ChatSettings, Picture, Place, Showing, State


def indexes(connection) -> dict[str, str]:
    """Every index, as the database would say it."""
    if connection.dialect.name == "sqlite":
        statement = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    else:
        statement = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
    return {name: " ".join(said.split()) for name, said in connection.execute(text(statement))}


async def test_the_migrated_tables_are_those_that_the_code_expects(stores) -> None:
    def differences(connection) -> list:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA)

    def made_anew(connection) -> dict[str, str]:
        METADATA.drop_all(connection)
        METADATA.create_all(connection)
        return indexes(connection)

    engine = (await stores("run")).ledger._database.engine
    async with engine.begin() as connection:
        assert await connection.run_sync(differences) == []
        migrated = await connection.run_sync(indexes)
        migrated.pop("alembic_version_pkc", None)
        expected = await connection.run_sync(made_anew)
        expected.pop("alembic_version_pkc", None)
        assert migrated == expected


def test_the_newest_migration_is_the_version_that_the_code_asks_for() -> None:
    assert ScriptDirectory(migrations.__path__[0]).get_heads() == [migrations.HEAD]


async def test_a_ledger_stays_when_it_is_opened_again(url, make) -> None:
    async with open_store(url, holder="run") as store:
        await store.ledger.add(job := make.job())
    async with open_store(url, holder="run") as store:
        assert await store.ledger.get(job.id) == job


async def test_a_ledger_of_the_first_version_is_brought_up_to_date_with_all_that_it_keeps(
    url, make, monkeypatch
) -> None:
    def begun(connection) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(migrations, "HEAD", "0001")
            migrations.migrate(connection)

    picture = Picture("a" * 64, "o.png", "image/png", 1, 1, 1)
    done = {"state": State.DONE, "told": True, "pictures": (picture,)}
    jobs = [
        make.job("many", place=Place("test", "room", "thread"), result_messages=("1", "2", "1"), **done),
        make.job("none", status_message="3"),
        make.job("one", place=make.attic, result_messages=("1",), **done),
        *(make.job(result_messages=(f"{number}",), **done) for number in range(100, 1100)),
    ]
    database = Database(url)
    await database.make()
    async with database.writing() as connection:
        await connection.run_sync(begun)
        rows = [{**identity_of(job), **state_of(job), "holder": "run", "process": "dead"} for job in jobs]
        await connection.execute(insert(JOBS), rows)
        known = [(job, message) for job in jobs for message in dict.fromkeys(job.result_messages)]
        await connection.execute(
            text("INSERT INTO results (platform, chat, message, job) VALUES (:platform, :chat, :message, :job)"),
            [
                {"platform": job.place.platform, "chat": job.place.chat, "message": message, "job": job.id}
                for job, message in known
            ],
        )
        await connection.execute(insert(MEDIA), [{"sha256": picture.sha256, "job": "one"}])
    await database.close()

    async with open_store(url, holder="run") as store:
        ledger = store.ledger
        assert [await ledger.get(job.id) for job in jobs] == jobs
        assert [await ledger.of_message(job.place, message) for job, message in known] == [job for job, _ in known]
        assert sorted(await ledger.showings("many"), key=repr) == [
            Showing(make.room, "1", 1),
            Showing(make.room, "2", 2),
        ]
        assert await ledger.showings("none") == []
        assert await ledger.uses(picture.sha256)
        await ledger.keep_uploads("bot", "one", {"1/photo": "p"})
        await ledger.forget("one")
        assert await ledger.of_message(make.attic, "1") is None
    async with open_store(url, holder="run") as store:
        assert await store.ledger.get("many") == jobs[0]


async def test_a_newer_easels_ledger_is_left_alone(url) -> None:
    async with open_store(url, holder="run") as store, store.ledger._database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerTooNew) as caught:
        async with open_store(url, holder="run"):
            pass
    assert caught.value.version == "9999"


async def test_no_question_walks_through_every_job_and_every_index_serves_one(tmp_path, make) -> None:
    asked: list[tuple[str, tuple]] = []
    url, person, place = f"sqlite:///{tmp_path}/easel.sqlite", make.ada.id, make.room
    async with open_store(url, holder="dead") as store:
        await store.ledger.add(make.job())
    async with open_store(url, holder="run") as store:
        ledger, engine = store.ledger, store.ledger._database.engine

        def note(_connection, _cursor, statement, arguments, _context, many) -> None:
            asked.append((statement, tuple(arguments[0] if many else arguments)))

        event.listen(engine.sync_engine, "before_cursor_execute", note)
        await ledger.add(job := make.job(result_messages=("1",), pictures=()))
        await ledger.put(job)
        await ledger.get(job.id)
        await ledger.adopt({place.platform})
        await ledger.unfinished()
        await ledger.waiting(person)
        await ledger.newest(person, place)
        await ledger.of_owner(person, 1)
        await ledger.of_place(place, 1)
        await ledger.of_message(place, "1")
        await ledger.of_request(place, "1")
        await ledger.show(job.id, place, ["1"])
        await ledger.showings(job.id)
        await ledger.keep_uploads("bot", job.id, {"1/photo": "p"})
        await ledger.uploads("bot", job.id)
        await ledger.move_chat(place, "hall")
        await ledger.owners(["p"])
        await ledger.spent(person, 1.0)
        await ledger.uses("a" * 64)
        await ledger.forget(job.id)
        await ledger.prune(1.0)
        await store.register.look_up(person, place)
        await store.register.move_chat(place, "hall", None, ChatSettings(), Act(1.0, "test", "migrate", place.subject))
        await store.register.acts(9)
        event.remove(engine.sync_engine, "before_cursor_execute", note)
        plans = ""
        async with engine.connect() as connection:
            for statement, arguments in asked:
                if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
                    plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", arguments)
                    plans += "".join(f"{row[3]}\n" for row in plan)
    # through the open jobs only, and through the newest acts
    walks = [line for line in plans.splitlines() if line.startswith("SCAN")]
    assert walks == ["SCAN jobs USING INDEX jobs_open_owner", "SCAN acts"]
    ours = {str(index.name) for table in METADATA.tables.values() for index in table.indexes}
    assert {name for name in ours if name not in plans} == set()
