"""What people try who want to see or to have more than they may."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from bot.jobs.errors import NoSuchJob, NotYours, TooLarge
from bot.jobs.model import Action, State
from bot.jobs.policy.content import Content
from bot.jobs.policy.errors import AdultsOnly, Banned, BlockedWords, NotAllowedHere, TooManyWaiting, WorkflowNotAllowed
from bot.jobs.policy.limits import Limits, Rank

OPEN = {"anybody": True}


@pytest.fixture
async def town(enter) -> Any:
    """A house that is open to everybody, with limits and an adult workflow."""
    room = await enter(
        rules=OPEN
        | {
            "limits": {
                Rank.MEMBER: Limits(waiting=3, pixels=2_000_000, steps=40, workflows=frozenset({"paint", "nude"}))
            },
        }
    )
    paint = room.shelf.workflows["paint"]
    room.shelf.workflows["nude"] = replace(paint, name="nude", adult=True)
    return room


# -- jobs of others ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", Action)
async def test_the_id_of_another_chats_job_is_worth_nothing(enter, action: Action) -> None:
    room = await enter(rules=OPEN)
    job, message = await room.gets("/imagine a red fox")
    for person in (room.bob, room.meg):  # she is an admin, but not of that chat
        with pytest.raises(NoSuchJob) as refused:
            await room.presses(action, job.id, by=person, place=room.away)
        with pytest.raises(NoSuchJob) as unknown:
            await room.presses(action, "zzzzzz", by=person, place=room.away)
        assert type(refused.value) is type(unknown.value)
    said = await room.asks("/again --steps 9", by=room.bob, place=room.away, to="said 1")
    assert said.startswith("You have made nothing here yet.")
    assert (await room.ledger.get(job.id)).state is State.DONE
    assert message in room.front.messages


async def test_the_queue_tells_nothing_of_other_chats_but_that_somebody_waits(enter) -> None:
    room = await enter(rules=OPEN)
    job = await room.says("/imagine my secret", by=room.ada)
    await room.reach(job, State.QUEUED)
    told = await room.asks("/queue", by=room.meg, place=room.away)
    assert "a job of another chat" in told
    for secret in (job.id, "Ada", "secret"):
        assert secret not in told


async def test_another_members_buttons_repeat_and_do_not_stop_or_delete(room) -> None:
    done, _ = await room.gets("/imagine a red fox")
    job = await room.says("/imagine a blue owl")
    with pytest.raises(NotYours):
        await room.presses(Action.CANCEL, job.id, by=room.bob)
    with pytest.raises(NotYours):
        await room.presses(Action.DELETE, done.id, by=room.bob)
    await room.presses(Action.AGAIN, done.id, by=room.bob)
    assert (await room.service.newest_job(room.bob, room.place)).parent == done.id


# -- bans and denials -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", Action)
async def test_whoever_is_banned_presses_old_buttons_in_vain(room, action: Action) -> None:
    job, _ = await room.gets("/imagine a red fox")
    await room.says("/ban test:ada", by=room.ops)
    with pytest.raises(Banned):
        await room.presses(action, job.id)


async def test_what_a_chat_was_given_before_it_was_denied_comes_and_nothing_new(room) -> None:
    job = await room.says("/imagine a red fox")
    await room.asks("/deny here", by=room.ops)
    assert await room.says("/imagine a blue owl") is None
    with pytest.raises(NotAllowedHere):
        await room.presses(Action.CANCEL, job.id)
    await room.draws(1)
    await room.reach(job, State.DONE)


async def test_a_stranger_is_let_in_by_what_the_refusal_tells_and_shut_out_again(room) -> None:
    for hint in ("for this chat: ", "for you alone: "):
        refusal = await room.asks("/imagine a fox", by=room.bob, place=room.away)
        command = next(line.removeprefix(hint) for line in refusal.splitlines() if line.startswith(hint))
        await room.asks(command, by=room.ops)
        assert await room.says("/imagine a fox", by=room.bob, place=room.away)
        await room.asks(command.replace("/allow", "/deny"), by=room.ops)
        refusal = await room.asks("/imagine a fox", by=room.bob, place=room.away)
        assert refusal.endswith(command), "the one that helps, and no other"
        await room.asks(command, by=room.ops)
        assert await room.says("/imagine a fox", by=room.bob, place=room.away)
        await room.asks(command.replace("/allow", "/ban"), by=room.ops)
        await room.asks(command.replace("/allow", "/unban"), by=room.ops)


# -- limits -----------------------------------------------------------------------------------------------------------


async def test_no_way_to_a_job_leads_past_the_workflows_that_are_allowed(town) -> None:
    job, message = await town.gets("/imagine a red fox")
    town.shelf.workflows["sketch"] = replace(town.shelf.workflows["paint"], name="sketch")
    await town.says("/settings workflow sketch", by=town.ops)
    for said, to, workflow in (
        ("/imagine --workflow repaint make it snowy", message, "repaint"),
        ("make it snowy", message, "repaint"),
        ("/upscale", message, "upscale"),
        ("--workflow upscale", message, "upscale"),
        (f"/again {job.id} --workflow sketch", None, "sketch"),
        ("/imagine a fox", None, "sketch"),
    ):
        answer = await town.asks(said, to=to)
        assert answer.startswith(f"You may not use the workflow {workflow} here."), (said, answer)
    for action in (Action.VARY, Action.UPSCALE):
        with pytest.raises(WorkflowNotAllowed):
            await town.presses(action, job.id)
    assert len(town.renderer.prompts) == 1


async def test_no_way_to_a_job_leads_past_its_size(town) -> None:
    job, message = await town.gets("/imagine a red fox")
    for said, to in (
        (f"/again {job.id} --w 4096 --h 4096", None),
        ("--w 4096 --h 4096", message),
        ("/imagine a fox --w 4096 --h 4096", None),
    ):
        assert "more pixels than are allowed here" in await town.asks(said, to=to)
    big = await town.says("/imagine a fox --w 4096 --h 4096", by=town.ops)
    with pytest.raises(TooLarge):
        await town.presses(Action.AGAIN, big.id)


async def test_deleting_frees_nothing_and_cancelling_only_the_place_in_the_line(enter) -> None:
    room = await enter(rules={"limits": {Rank.MEMBER: Limits(jobs_per_day=2)}})
    for _ in range(2):
        job, _ = await room.gets("/imagine a red fox")
        await room.presses(Action.DELETE, job.id)
    answer = await room.asks("/imagine a red fox")
    assert answer.startswith("2 jobs in 24 hours are allowed, and you have had them. You can ask for the next in ")


async def test_all_ways_to_a_job_count_as_one(town) -> None:
    job, message = await town.gets("/imagine a red fox")
    await town.says("/imagine a blue owl")
    await town.presses(Action.AGAIN, job.id)
    await town.says("--steps 9", to=message)
    with pytest.raises(TooManyWaiting):
        await town.presses(Action.AGAIN, job.id)
    assert "3 jobs at a time are allowed" in await town.asks("/imagine a fox", place=town.away)


async def test_a_picture_too_large_to_go_on_with_is_refused_and_one_that_is_sent_is_scaled_down(room) -> None:
    file = io.BytesIO()
    Image.new("RGB", (2000, 1500)).save(file, "PNG")
    job = await room.says("/imagine make it snowy", pictures=(file.getvalue(),))
    assert job is not None
    assert await room.sees(
        "Your picture was scaled down from 2000 × 1500 to 1632 × 1224, the most that is allowed here."
    )
    await room.draws(1, file.getvalue())
    await room.reach(job, State.DONE)
    message = await room.sees("<make it snowy>")
    for said in ("/upscale", "make it rainy"):
        answer = await room.asks(said, to=message)
        assert answer.startswith("The picture to start from has 2000 × 1500 pixels, more than are allowed here"), answer
    await room.says("/imagine 雪", by=room.lin, pictures=(file.getvalue(),))
    assert await room.sees("您的图片已从 2000 × 1500 缩小到 1632 × 1224，即这里允许的上限。")


# -- words and covers -------------------------------------------------------------------------------------------------


async def test_no_way_to_a_job_leads_past_a_blocked_word(enter) -> None:
    room = await enter(rules={"content": Content(words=("gore",))})
    job, message = await room.gets("/imagine a red fox")
    for said, to in (
        ("/imagine GORE", None),
        ("/imagine ｇｏｒｅ", None),
        ("/imagine g\u200bo\u0336r\u00ade", None),
        (f"/again {job.id} much gore", None),
        ("much gore", message),
    ):
        answer = await room.asks(said, to=to)
        assert "“gore”" in answer, (said, answer)
    old = await room.says("/imagine a hidden word")
    room.service.house.replace(replace(room.rules, content=Content(words=("hidden",))))
    with pytest.raises(BlockedWords):
        await room.presses(Action.AGAIN, old.id)


async def test_what_is_made_from_a_covered_picture_is_covered(enter) -> None:
    room = await enter(rules={"content": Content(spoiler_words=("spider",))})
    job, message = await room.gets("/imagine a spider")
    assert room.front.results[message].spoiler
    for act in (Action.VARY, Action.UPSCALE, Action.AGAIN):
        await room.presses(act, job.id)
        made = await room.service.newest_job(room.ada, room.place)
        assert made.spoiler, act
    upscaled = await room.says("/upscale", to=message)
    assert upscaled.spoiler
    assert (await room.says(f"/again {upscaled.id}")).spoiler
    assert not (await room.says(f"/again {job.id} a red fox")).spoiler


async def test_a_result_shown_in_a_chat_that_covers_pictures_is_covered(enter) -> None:
    room = await enter(rules=OPEN)
    job, _ = await room.gets("/imagine a red fox")
    await room.says("/settings spoiler on", by=room.meg, place=room.away)
    await room.says(f"/show {job.id}", place=room.away)
    posted = await room.until(lambda: room.front.posted[1:])
    assert room.front.results[posted[0]].spoiler


# -- for adults -------------------------------------------------------------------------------------------------------


async def test_what_is_for_adults_is_neither_made_nor_shown_where_it_is_not_marked_so(town) -> None:
    cellar = replace(town.away, adult=True)
    assert "is for adults" in await town.asks("/imagine --workflow nude a statue")
    number = len(town.renderer.prompts) + 1
    job = await town.says("/imagine --workflow nude a statue", place=cellar)
    await town.draws(number)
    await town.reach(job, State.DONE)
    for said in (f"/show {job.id}", f"/again {job.id}", f"/again {job.id} --seed 5"):
        assert "is for adults" in await town.asks(said), said
    with pytest.raises(AdultsOnly):
        await town.presses(Action.AGAIN, job.id)
    assert await town.says(f"/again {job.id}", place=cellar)
    assert await town.asks("/settings adult on", by=town.meg) == "Only an operator can do that."
    await town.says("/settings adult on", by=town.ops)
    assert await town.says(f"/again {job.id}")


async def test_how_a_job_of_another_chat_was_made_is_told_without_a_reply_to_that_chats_message(enter) -> None:
    room = await enter(rules=OPEN)
    job, _ = await room.gets("/imagine a red fox")
    await room.presses(Action.INFO, job.id, place=room.away)
    assert room.front.replies[await room.sees(f"Job {job.id}, workflow paint")] is None
