"""What a night can bring, on real processes with a real SQLite file: everybody gets their picture, once."""

from __future__ import annotations

import resource
import sqlite3
from pathlib import Path

import pytest

from bot.chat.texts import texts_for
from bot.jobs.ledger.errors import LedgerUnavailable, Trouble
from bot.standin.server import StandIn
from bot.standin.settings import Settings
from tests.chaos.__main__ import storm
from tests.chaos.storm import Storm
from tests.postgres import Postgres

QUICK = Settings(speed=0.01, label="")
SLOW = Settings(speed=0.25, label="")


async def test_killed_again_and_again_it_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    report = await storm(25, seed=7, folder=tmp_path)
    assert (report.lost, report.doubled, report.stuck) == ([], [], [])
    assert report.kills == 25
    assert report.jobs > 10


@pytest.mark.postgres
async def test_nor_does_it_on_postgres(tmp_path: Path, postgres: Postgres) -> None:
    report = await storm(15, seed=8, folder=tmp_path, database=await postgres.new())
    assert (report.lost, report.doubled, report.stuck) == ([], [], [])


@pytest.mark.parametrize(
    ("moment", "doubled", "stuck"),
    [("before result", 0, 0), ("after result", 1, 0), ("before status", 0, 0), ("after status", 0, 1)],
)
async def test_where_the_platform_cannot_tell_a_death_doubles_the_one_message_that_it_had_just_taken(
    tmp_path: Path, moment: str, doubled: int, stuck: int
) -> None:
    async with StandIn(QUICK) as standin, Storm(tmp_path, (standin,), seed=1, forgetful=True).brewing() as brewing:
        brewing.ask()
        await brewing.life(moment=moment)
        await brewing.calm()
    report = brewing.report
    assert (report.kills, report.lost, len(report.doubled), len(report.stuck)) == (1, [], doubled, stuck)
    assert not any("ran" in case for case in report.doubled)


@pytest.mark.parametrize("moment", ["before result", "after result", "before status", "after status"])
async def test_where_the_platform_can_tell_a_death_doubles_nothing(tmp_path: Path, moment: str) -> None:
    async with StandIn(QUICK) as standin, Storm(tmp_path, (standin,), seed=1).brewing() as brewing:
        brewing.ask()
        await brewing.life(moment=moment)
        await brewing.calm()
    report = brewing.report
    assert (report.kills, report.lost, report.doubled, report.stuck) == (1, [], [], [])


async def test_a_server_that_restarts_and_forgets_is_given_its_jobs_again(tmp_path: Path) -> None:
    async with StandIn(SLOW) as standin, Storm(tmp_path, (standin,), seed=1).brewing() as brewing:
        for _ in range(4):
            brewing.ask()
        await brewing.bot.start()
        await standin.until(lambda: standin.running is not None and len(standin.pending) == 3)
        await standin.faults.restart()
        await brewing.calm()
    assert (brewing.report.lost, brewing.report.stuck) == ([], [])


async def test_jobs_of_a_server_that_is_gone_move_to_another_and_their_card_says_so(tmp_path: Path) -> None:
    async with (
        StandIn(SLOW) as first,
        StandIn(SLOW) as second,
        Storm(tmp_path, (first, second), seed=1).brewing(grace=0.5) as brewing,
    ):
        for _ in range(6):
            brewing.ask()
        await brewing.bot.start()
        await first.until(lambda: bool(first.running))
        await first.faults.kill()
        await brewing.calm()
    assert (brewing.report.lost, brewing.report.doubled, brewing.report.stuck) == ([], [], [])
    assert any("s1" in text for text in brewing.peer.seen)


async def test_the_only_server_may_be_gone_as_long_as_it_likes(tmp_path: Path) -> None:
    async with StandIn(SLOW) as standin, Storm(tmp_path, (standin,), seed=1).brewing(grace=0.2) as brewing:
        for _ in range(3):
            brewing.ask()
        await brewing.bot.start()
        await standin.until(lambda: bool(standin.running))
        await standin.faults.kill()
        await brewing.peer.until(lambda: any("s1" in text for text in brewing.peer.seen))
        brewing.ask()
        await brewing.peer.until(lambda: len(brewing.peer.messages) == 4)
        await standin.faults.start()
        await brewing.calm()
    assert (brewing.report.lost, brewing.report.stuck) == ([], [])


async def test_a_socket_that_says_nothing_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with StandIn(SLOW) as standin, Storm(tmp_path, (standin,), seed=1).brewing() as brewing:
        standin.faults.silent()
        brewing.ask()
        await brewing.bot.start()
        await brewing.calm()
    assert (brewing.report.lost, brewing.report.doubled, brewing.report.stuck) == ([], [], [])


async def test_while_the_database_is_locked_jobs_hold_still_and_newcomers_are_told(tmp_path: Path) -> None:
    async with StandIn(SLOW) as standin, Storm(tmp_path, (standin,), seed=1).brewing() as brewing:
        accepted = brewing.ask()
        await brewing.bot.start()
        await standin.until(lambda: bool(standin.running))
        with sqlite3.connect(brewing.ledger, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            refused = brewing.ask()
            await brewing.peer.until(lambda: bool(brewing.peer.answers(refused)))
            other.execute("ROLLBACK")
        other.close()
        await brewing.peer.until(lambda: any(a.kind == "result" for a in brewing.peer.answers(accepted)))
        again = brewing.ask()
        await brewing.peer.until(lambda: any(a.kind == "result" for a in brewing.peer.answers(again)))
    (answer,) = brewing.peer.answers(refused)
    assert answer.kind == "text"
    assert "Try again" in answer.text


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can bound another process's files")
async def test_a_disk_that_takes_no_more_refuses_new_jobs_in_a_sentence_and_loses_none(tmp_path: Path) -> None:
    async with StandIn(SLOW) as standin, Storm(tmp_path, (standin,), seed=1).brewing() as brewing:
        accepted = brewing.ask()
        await brewing.bot.start()
        await standin.until(lambda: bool(standin.running))
        full = max(file.stat().st_size for file in brewing.ledger.parent.glob("easel.sqlite*"))
        pid = brewing.bot.pid
        assert pid is not None
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (full, hard))
        refused = brewing.ask()
        await brewing.peer.until(lambda: bool(brewing.peer.answers(refused)))
        assert brewing.bot.alive
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
        await brewing.peer.until(lambda: any(a.kind == "result" for a in brewing.peer.answers(accepted)))
        again = brewing.ask()
        await brewing.peer.until(lambda: any(a.kind == "result" for a in brewing.peer.answers(again)))
    (answer,) = brewing.peer.answers(refused)
    assert answer.kind == "text"
    assert answer.text == texts_for("en").explain(LedgerUnavailable(Trouble.DISK, "disk I/O error"))
