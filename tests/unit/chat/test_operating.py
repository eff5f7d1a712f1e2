"""Who may do what: strangers, members, admins, operators, as they read it."""

from __future__ import annotations

from typing import ClassVar

import pytest

from bot.chat.presence import Board, Presence
from bot.errors import EaselError
from bot.jobs.errors import NotYours
from bot.jobs.model import Action, State
from bot.jobs.policy.errors import Banned, NotAllowedHere

OPERATORS_ONLY = (
    "/allow here",
    "/deny here",
    "/ban test:bob",
    "/unban test:bob",
    "/servers",
    "/drain fake",
    "/pause",
    "/resume",
    "/reload",
    "/audit",
)


# -- strangers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["/imagine a red fox", "/help", "/queue", "/start", "hello", "/allow here"])
async def test_a_stranger_is_told_what_an_operator_needs_to_let_them_in(room, said: str) -> None:
    answer = await room.asks(said, by=room.bob, place=room.away)
    assert answer == (
        "Easel is not open to you here yet. An operator can change that\n"
        "for this chat: /allow test/elsewhere\n"
        "for you alone: /allow test:bob"
    )
    assert room.renderer.prompts == []


async def test_a_strangers_buttons_do_nothing(room) -> None:
    job, _ = await room.gets("/imagine a red fox")
    for action in Action:
        with pytest.raises(NotAllowedHere):
            await room.presses(action, job.id, by=room.bob, place=room.away)


async def test_an_operator_lets_a_chat_in_and_shuts_it_out_again(room) -> None:
    assert await room.asks("/allow here", by=room.ops, place=room.away) == "test/elsewhere may now use Easel."
    assert await room.says("/imagine a red fox", by=room.bob, place=room.away)
    assert await room.asks("/deny test/elsewhere", by=room.ops) == "test/elsewhere may not use Easel any more."
    assert "not open to this chat" in await room.asks("/imagine a red fox", by=room.bob, place=room.away)


async def test_an_operator_lets_one_person_in(room) -> None:
    assert await room.asks("/allow test:bob", by=room.ops) == "test:bob may now use Easel."
    assert await room.says("/imagine a red fox", by=room.bob, place=room.away)
    assert await room.says("/imagine a red fox", by=room.lin, place=room.away) is None


# -- members ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", OPERATORS_ONLY)
async def test_only_operators_run_the_house(room, said: str) -> None:
    for person in (room.ada, room.meg):
        assert await room.asks(said, by=person) == "Only an operator can do that."
    assert list(await room.service.house.acts(10)) == []


async def test_who_may_cancel(room) -> None:
    jobs = [await room.says("/imagine a red fox") for _ in range(3)]
    assert "belongs to somebody else" in await room.asks(f"/cancel {jobs[0].id}", by=room.bob)
    for job, person in zip(jobs, (room.ada, room.meg, room.ops), strict=True):
        await room.says(f"/cancel {job.id}", by=person)
        await room.reach(job, State.CANCELLED)
    await room.until(lambda: len(room.showing("Cancelled | [Again]")) == 3)
    audit = await room.asks("/audit", by=room.ops)
    assert f"test:meg cancel {jobs[1].id} (test:ada)" in audit
    assert f"test:ops cancel {jobs[2].id} (test:ada)" in audit
    assert jobs[0].id not in audit


async def test_an_operator_hears_of_a_job_that_is_cancelled_in_another_chat(room) -> None:
    job = await room.says("/imagine a red fox")
    await room.sees("Waiting in the queue")
    answer = await room.asks(f"/cancel {job.id}", by=room.ops, place=room.away)
    assert answer == f"Job {job.id} is being cancelled. Its own chat shows how it ends."
    await room.sees("Cancelled | [Again] [Edit]")


async def test_who_may_delete(room) -> None:
    jobs = [(await room.gets(f"/imagine fox {n}"))[0] for n in range(3)]
    with pytest.raises(NotYours):
        await room.presses(Action.DELETE, jobs[0].id, by=room.bob)
    for job, person in zip(jobs, (room.ada, room.meg, room.ops), strict=True):
        await room.presses(Action.DELETE, job.id, by=person)
    await room.until(lambda: room.log == [])


# -- bans -------------------------------------------------------------------------------------------------------------


async def test_a_ban_of_hours_says_how_long_and_ends_by_itself(room) -> None:
    assert await room.asks("/ban test:bob 3", by=room.ops) == "test:bob is now banned for 3 h."
    room.now += 3600
    answer = await room.asks("/imagine a red fox", by=room.bob)
    assert answer.startswith("You are banned here for another 2 h")
    with pytest.raises(Banned):
        await room.presses(Action.AGAIN, "k7m2qd", by=room.bob)
    room.now += 2 * 3600
    assert await room.says("/imagine a red fox", by=room.bob)


async def test_a_ban_of_whoever_made_the_job_replied_to(room) -> None:
    await room.says("/imagine something rude", by=room.bob)
    message = await room.sees("Waiting in the queue")
    assert await room.asks("/ban 12", by=room.ops, to=message) == "test:bob is now banned for 12 h."
    assert await room.asks("/unban", by=room.ops, to=message) == "test:bob is not banned any more."
    assert await room.asks("/ban", by=room.ops, to=message) == (
        "test:bob is now banned, until somebody lifts it with /unban."
    )
    assert await room.asks("/ban test:lin 7 d", by=room.ops, to=message) == "test:lin is now banned for 7 d."
    assert await room.asks("/allow", by=room.ops, to=message) == "test:bob may now use Easel."
    assert await room.says("/imagine a red fox", by=room.bob)


async def test_a_chat_can_be_banned(room) -> None:
    assert await room.asks("/ban 这里 30 min", by=room.ops) == "test/room is now banned for 30 min."
    assert (await room.asks("/help")).startswith("This chat is banned for another 30 min.")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/ban", "Something is missing. Write: /ban WHO [HOURS]. Type /help ban for more."),
        ("/allow", "Something is missing. Write: /allow WHO. Type /help allow for more."),
        ("/ban bob", "“bob” is neither a person nor a chat."),
        ("/ban test:bob soon", "“soon” is no length of time"),
        ("/unban test:bob", "test:bob is not banned."),
        ("/ban test:ops", "test:ops is an operator and cannot be shut out."),
        ("/drain", "Something is missing. Write: /drain SERVER."),
        ("/drain gpu-9", "gpu-9"),
    ],
)
async def test_what_an_operator_gets_wrong_changes_nothing(room, said: str, answer: str) -> None:
    assert answer in await room.asks(said, by=room.ops)
    assert list(await room.service.house.acts(10)) == []


# -- running the house ------------------------------------------------------------------------------------------------


async def test_pause_takes_no_new_jobs_and_resume_does(room) -> None:
    job = await room.says("/imagine a red fox")
    assert await room.asks("/pause", by=room.ops) == (
        "Easel takes no new jobs now. What was accepted goes on. /resume ends this."
    )
    assert (await room.asks("/imagine a blue owl")).startswith("An operator has paused Easel")
    await room.draws(1)
    await room.reach(job, State.DONE)
    assert await room.asks("/resume", by=room.ops) == "Easel takes new jobs again."
    assert await room.says("/imagine a blue owl")


async def test_drain_and_resume_of_a_server(enter) -> None:
    room = await enter(servers=("gpu-1", "gpu-2"))
    assert "can run: paint, repaint, upscale" in await room.asks("/servers", by=room.ops)  # which nobody asked before
    assert await room.asks("/drain gpu-1", by=room.ops) == "gpu-1 gets no new jobs now. What it has goes on."
    assert "gpu-1: 0 running, 0 waiting\n  gets no new jobs" in await room.asks("/servers", by=room.ops)
    job = await room.says("/imagine a red fox")
    await room.reach(job, State.QUEUED)
    assert (await room.ledger.get(job.id)).server == "gpu-2"
    assert await room.asks("/resume gpu-1", by=room.ops) == "gpu-1 gets new jobs again."
    assert "no new jobs" not in await room.asks("/servers", by=room.ops)


async def test_operators_see_how_the_platforms_are(enter) -> None:
    board = Board()
    room = await enter(board=board)
    assert await room.asks("/servers", by=room.ops) == "fake: 0 running, 0 waiting\n  can run: paint, repaint, upscale"
    board.set(Presence("telegram", "@easel_bot"))
    assert (await room.asks("/servers", by=room.ops)).endswith("\n\nTelegram: @easel_bot")
    board.set(Presence("telegram", "@easel_bot", NotYours(job="k7m2qd")))
    assert "\n\nTelegram: Job k7m2qd belongs to somebody else." in await room.asks("/servers", by=room.ops)


async def test_reload_tells_what_has_changed_and_is_in_the_audit_log(enter) -> None:
    class Changed:
        code = "now-undrained"
        details: ClassVar = {"server": "gpu-3"}

    async def reload() -> Changed:
        return Changed()

    room = await enter(reload=reload)
    assert "/reload – Read the settings file again" in await room.asks("/help", by=room.ops)
    assert await room.asks("/reload", by=room.ops) == "gpu-3 gets new jobs again."
    assert "test:ops reload easel" in await room.asks("/audit", by=room.ops, place=room.alone)


async def test_settings_that_cannot_be_read_again_are_told_and_so_is_that_there_are_none(enter) -> None:
    async def reload() -> EaselError:
        raise NotYours(job="k7m2qd")

    room = await enter(reload=reload)
    assert "k7m2qd" in await room.asks("/reload", by=room.ops)
    assert await room.asks("/audit", by=room.ops, place=room.alone) == "Nothing has been done yet."
    room = await enter()
    assert await room.asks("/reload", by=room.ops) == "There are no settings here that could be read again."


async def test_the_audit_log_has_every_act_newest_first(room) -> None:
    for said in ("/pause", "/resume", "/ban test:bob 24", "/unban test:bob", "/settings spoiler on"):
        await room.says(said, by=room.ops)
    _, *lines = (await room.asks("/audit", by=room.ops, place=room.alone)).splitlines()
    assert [line.split(" ", 2)[2] for line in lines] == [
        "test:ops settings test/room (spoiler on)",
        "test:ops unban test:bob",
        "test:ops ban test:bob (1 d)",
        "test:ops resume easel",
        "test:ops pause easel",
    ]
    assert lines[0].startswith("1970-01-01 00:16")


async def test_where_others_read_along_the_audit_log_tells_what_concerns_their_chat(room) -> None:
    await room.says("/pause", by=room.ops)
    await room.says("/resume", by=room.ops)
    here, elsewhere = [await room.says("/imagine a fox", place=place) for place in (room.place, room.alone)]
    for job in (here, elsewhere):
        await room.says(f"/cancel {job.id}", by=room.ops)
        await room.reach(job, State.CANCELLED)
    await room.says("/settings spoiler on", by=room.meg)
    await room.says("/settings spoiler on", place=room.alone)
    title, first, second, _, more = (await room.asks("/audit", by=room.ops)).splitlines()
    assert title == "What was done lately, in UTC"
    assert first.endswith("test:meg settings test/room (spoiler on)")
    assert second.endswith(f"test:ops cancel {here.id} (test:ada)")
    assert more.startswith("Only what concerns this chat is told here.")


# -- how a chat is set ------------------------------------------------------------------------------------------------


async def test_everybody_sees_how_the_chat_is_set_and_how_it_would_be_otherwise(room) -> None:
    await room.says("/settings size 1024x768", by=room.meg)
    await room.says("/settings jobs-per-day 5", by=room.meg)
    answer = await room.asks("/settings")
    assert answer.splitlines() == [
        "How this chat is set",
        "language: en",
        "workflow: paint",
        "size: 1024x768 (elsewhere as the workflow has it)",
        "spoiler: off",
        "previews: off",
        "adult: off",
        "waiting: no limit",
        "jobs-per-day: 5, set by an admin (elsewhere no limit)",
        "gpu-seconds-per-day: no limit",
        "cooldown: no limit",
        "pixels: 2000000",
        "steps: 100",
        "batch: 4",
        "",
        "Admins change it with /settings KEY VALUE; the value default takes it back.",
    ]


async def test_in_a_chat_of_ones_own_everybody_sets_it_but_for_what_operators_allow(room) -> None:
    answer = await room.asks("/settings previews", place=room.alone)
    assert answer == (
        "How this chat is set\npreviews: on\n\nChange it with /settings KEY VALUE; the value default takes it back."
    )
    assert await room.asks("/settings size 512x512", place=room.alone) == "size is now 512x512 in this chat."
    assert await room.asks("/settings adult on", place=room.alone) == "Only an operator can do that."
    assert await room.asks("/settings spoiler on", by=room.lin, place=room.alone) == "本聊天的 spoiler 现在是 on。"


async def test_admins_and_operators_set_the_chat_and_members_do_not(room) -> None:
    assert await room.asks("/settings spoiler on") == (
        "Only an admin of this chat or an operator can change its settings."
    )
    assert await room.asks("/settings spoiler on", by=room.meg) == "spoiler is now on in this chat."
    assert await room.asks("/settings spoiler on", by=room.meg) == "It is set like that already."
    assert await room.asks("/settings spoiler default", by=room.ops) == "spoiler is now the same as elsewhere."
    assert await room.asks("/settings size 512 x 512", by=room.ops) == "size is now 512x512 in this chat."


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/settings spoilers on", "Did you mean spoiler?"),
        ("/settings spoiler perhaps", "“perhaps” does not fit the setting spoiler. Write on or off"),
        ("/settings workflow pant", "pant"),
        ("/settings pixels 9000000", "pixels can be 2000000 or less here, and not 0, which is no limit."),
        ("/settings steps 0", "steps can be 100 or less here"),
        ("/settings size 2000x2000", "2000 × 2000 has more pixels than are allowed here: 2000000"),
    ],
)
async def test_what_a_chat_cannot_be_set_to_is_said(room, said: str, answer: str) -> None:
    assert answer in await room.asks(said, by=room.meg)


async def test_one_setting_is_told_alone(room) -> None:
    await room.says("/settings steps 30", by=room.meg)
    assert await room.asks("/settings steps") == (
        "How this chat is set\nsteps: 30, set by an admin (elsewhere 100)\n\n"
        "Admins change it with /settings KEY VALUE; the value default takes it back."
    )
    assert "Did you mean spoiler?" in await room.asks("/settings spoilers")


async def test_an_operator_allows_a_chat_more_and_its_admins_less_of_it(room) -> None:
    async def limits() -> list[str]:
        lines = (await room.asks("/settings")).splitlines()
        return [line for line in lines if line.startswith(("steps", "batch", "pixels"))]

    assert await room.asks("/settings steps 200", by=room.ops) == "steps is now 200 in this chat."
    assert await room.asks("/settings batch 0", by=room.ops) == "batch has no limit in this chat now."
    assert await limits() == [
        "pixels: 2000000",
        "steps: 200, set by an operator (elsewhere 100)",
        "batch: no limit, set by an operator (elsewhere 4)",
    ]
    assert await room.asks("/settings steps 150", by=room.meg) == "steps is now 150 in this chat."
    assert await room.asks("/settings pixels 1024x1024", by=room.meg) == "pixels is now 1048576 in this chat."
    assert (await room.asks("/settings steps 201", by=room.meg)).startswith("steps can be 200 or less here")
    assert await limits() == [
        "pixels: 1048576, set by an admin (elsewhere 2000000)",
        "steps: 150, set by an admin (an operator allows 200 here, elsewhere 100)",
        "batch: no limit, set by an operator (elsewhere 4)",
    ]
    assert await room.asks("/settings steps default", by=room.meg) == "steps is now 200 in this chat."
    await room.says("/settings steps 150", by=room.meg)
    assert await room.asks("/settings steps 120", by=room.ops) == "steps is now 120 in this chat."
    assert await room.asks("/settings steps default", by=room.ops) == "steps is now the same as elsewhere."
    assert "steps: 100" in await limits()


async def test_what_an_operator_allows_a_chat_holds_for_what_is_asked_there(room) -> None:
    for _ in range(2):
        await room.says("/settings pixels 512x512", by=room.ops)
        assert "allowed here: 262144" in await room.asks("/imagine a fox --w 1024 --h 1024", by=room.meg)
        assert (await room.asks("/settings pixels 1024x1024", by=room.meg)).startswith("pixels can be 262144 or less")
        await room.restart()
    await room.says("/settings pixels 0", by=room.ops)
    assert await room.says("/imagine a fox --w 4096 --h 4096")


async def test_a_workflow_is_set_by_its_own_name_however_it_is_typed(room) -> None:
    assert await room.asks("/settings workflow RePaint", by=room.meg) == "workflow is now repaint in this chat."


async def test_a_chats_settings_show_in_what_is_made_there(room) -> None:
    for said in (
        "/settings size 512x768",
        "/settings spoiler on",
        "/settings previews off",
        "/settings workflow paint",
    ):
        await room.says(said, by=room.meg)
    job = await room.says("/imagine a red fox")
    assert (job.recipe.value("width"), job.recipe.value("height")) == (512, 768)
    (await room.renderer.prompt()).tell(room.drawing(3, 0.25), preview=b"preview")
    message = await room.sees("step 3 of 20")
    assert room.front.cards[message].preview is None
    await room.draws(1)
    assert room.front.results[await room.sees("<a red fox>")].spoiler


async def test_the_chats_language_is_for_whoever_names_none(room) -> None:
    await room.says("/settings language zh", by=room.meg)
    assert await room.asks("/cancel", by=room.eve) == (await room.asks("/cancel", by=room.lin))
    assert (await room.asks("/cancel", by=room.bob)).startswith("You have made nothing here yet.")
    await room.says("/ban test:eve", by=room.ops)
    assert (await room.asks("/help", by=room.eve)).startswith("您已被禁止使用")
