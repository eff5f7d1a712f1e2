"""Lists as they read, of what is rare in a chat."""

from __future__ import annotations

from dataclasses import replace

from bot.chat.listing import audit_text, mine_text, queue_text, servers_text
from bot.chat.presence import Presence
from bot.chat.texts import texts_for
from bot.comfyui.errors import ServerUnreachable
from bot.jobs.model import Act, Job, Person, Picture, Place, QueueLine, Recipe, State, Times, Wait
from bot.pool.placement import Terms
from bot.pool.pool import ServerStatus
from bot.pool.renderer import Load

TEXTS = texts_for("en")
ADA = Person("test:ada", "Ada")
JOB = Job("k7m2qd", ADA, Place("test", "room"), "/imagine", Recipe("paint", ()), Times(1.0), server="gpu-1")
SERVERS = (ServerStatus("gpu-1", Load(running=1, pending=2)), ServerStatus("gpu-2", None))


def waiting(job: str, position: int, wait: Wait | None = None, **changes) -> QueueLine:
    return QueueLine(replace(JOB, id=job, state=State.QUEUED, **changes), position, wait=wait)


def test_the_queue_tells_of_each_job_where_it_stands_on_which_server_and_for_how_long() -> None:
    lines = (
        QueueLine(replace(JOB, id="aaaaaa", state=State.DELIVERING)),
        QueueLine(replace(JOB, id="bbbbbb", state=State.RUNNING), progress=0.42, wait=Wait(5, 5)),
        QueueLine(replace(JOB, id="cccccc", state=State.RUNNING)),
        waiting("dddddd", 1, Wait(40, 60)),
        waiting("eeeeee", 2, Wait(50, 50), server="gpu-2"),
        waiting("ffffff", 3, owner=Person("test:bob", "B\n  ob" + "b" * 90)),
        QueueLine(replace(JOB, id="gggggg", server=None)),
        QueueLine(replace(JOB, id="hhhhhh", state=State.RUNNING), progress=0.42, silent=("gpu-1",)),
        waiting("kkkkkk", 4, cancelling=True),
    )
    assert queue_text(lines, SERVERS, ADA, TEXTS, visible=lambda job: job.id != "eeeeee").splitlines() == [
        "The queue",
        "→ aaaaaa · Ada · sending the picture · gpu-1",
        "→ bbbbbb · Ada · drawing, 42 % · gpu-1",
        "→ cccccc · Ada · drawing · gpu-1",
        "→ dddddd · Ada · waiting, place 1 · about 40–60 s · gpu-1",
        "→ a job of another chat · waiting, place 2 · about 50 s · gpu-2",
        "  ffffff · B ob" + "b" * 35 + "… · waiting, place 3 · gpu-1",
        "→ gggggg · Ada · waiting for a server",
        "→ hhhhhh · Ada · waiting for its server to answer · gpu-1",
        "→ kkkkkk · Ada · being cancelled · gpu-1",
        "",
        "gpu-1: 1 running, 2 waiting",
        "gpu-2: does not answer",
    ]


def test_of_a_server_everything_is_told_that_whoever_runs_it_needs() -> None:
    servers = (
        ServerStatus("gpu-1", Load(running=1, pending=2), runs=frozenset({"sdxl", "flux"})),
        ServerStatus(
            "gpu-2",
            None,
            ServerUnreachable(server="gpu-2", reason="refused"),
            away_for=200.0,
            drained=True,
            runs=frozenset({"flux"}),
            terms=Terms(max_pending=4, tags=frozenset({"fast", "big"})),
        ),
    )
    first, second = servers_text(servers, (), TEXTS).split("\n\n")
    assert first == "gpu-1: 1 running, 2 waiting\n  can run: flux, sdxl"
    lines = second.splitlines()
    assert lines[0] == "gpu-2: has not answered for 3 min 20 s"
    assert "gpu-2" in lines[1]
    assert lines[2:] == [
        "  gets no new jobs (/resume and its name)",
        "  takes 4 waiting jobs at most",
        "  tags: big, fast",
    ]
    assert servers_text((), (), TEXTS).startswith("There is no server.")


def test_a_platform_is_told_by_its_name_or_by_what_keeps_people_from_reaching_it() -> None:
    platforms = (
        Presence("discord", trouble=ServerUnreachable(server="gateway", reason="refused")),
        Presence("matrix"),
        Presence("telegram", "@easel_bot"),
    )
    *_, discord, matrix, telegram = servers_text((), platforms, TEXTS).splitlines()
    assert discord.startswith("Discord: ")
    assert "gateway" in discord
    assert (matrix, telegram) == ("Matrix: connecting", "Telegram: @easel_bot")
    assert servers_text((), platforms, texts_for("zh")).endswith("Matrix：正在连接\nTelegram：@easel_bot")


def test_an_act_is_one_line_of_the_log() -> None:
    acts = (Act(90_000.0, "test:ops", "ban", "test:bob", "1 d"), Act(60.0, "test:ops", "pause", "easel"))
    assert audit_text(acts, TEXTS) == (
        "What was done lately, in UTC\n"
        "1970-01-02 01:00 test:ops ban test:bob (1 d)\n"
        "1970-01-01 00:01 test:ops pause easel"
    )


def test_of_a_picture_that_no_chat_would_take_one_reads_how_to_get_it() -> None:
    made = Picture("0" * 64, "a.png", "image/png", 64, 64, 100)
    jobs = [replace(JOB, state=State.FAILED, pictures=(made,)), replace(JOB, id="bbbbbb", state=State.FAILED)]
    assert mine_text(jobs, TEXTS, readable=lambda _: True).splitlines()[1:] == [
        "k7m2qd · could not be posted, /show has it · paint",
        "bbbbbb · no picture · paint",
    ]
