"""Easel ends and starts again, and the chat goes on where it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.chat.pacing import SlowDown
from bot.comfyui.progress import Failed
from bot.images.errors import CannotFit
from bot.jobs.model import Action, State


@pytest.mark.parametrize("state", [State.ACCEPTED, State.QUEUED, State.RUNNING])
async def test_a_job_goes_on_in_its_old_card_and_its_picture_answers_the_old_wish(room, state: State) -> None:
    if state is State.ACCEPTED:
        room.renderer.gate.clear()
    job = await room.says("/imagine a red fox --w 1001")
    message = await room.sees("Sending to the server" if state is State.ACCEPTED else "Waiting in the queue")
    if state is State.RUNNING:
        (await room.renderer.prompt()).tell(room.drawing(3, 0.25))
        await room.sees("step 3 of 20")

    await room.leave()
    room.renderer.gate.set()
    await room.enter()
    (await room.renderer.prompt()).tell(room.drawing(4, 0.5))
    assert await room.sees("step 4 of 20", "width: 1001 became 1000", "[Cancel]") == message
    await room.draws(1)
    result = await room.sees("<a red fox>", "width: 1001 became 1000")
    assert room.front.replies[result] == "said 1"
    await room.until(lambda: list(room.front.messages) == [result])
    assert (await room.told(job)).result_messages == (result,)
    assert len(room.renderer.prompts) == 1


async def test_a_picture_that_was_made_when_easel_ended_is_posted_at_the_next_start(room) -> None:
    job = await room.says("/imagine a red fox")
    await room.sees("Waiting in the queue")
    await room.conversation.__aexit__(None, None, None)
    await room.draws(1)
    await room.reach(job, State.DELIVERING)
    await room.restart()
    result = await room.sees("<a red fox>")
    assert room.front.replies[result] == "said 1"
    await room.until(lambda: len(room.log) == 1)
    assert (await room.told(job)).state is State.DONE


async def test_a_picture_arrives_although_its_workflow_is_gone_without_buttons_that_could_not_work(room) -> None:
    job = await room.says("/imagine a red fox")
    await room.sees("Waiting in the queue")
    await room.leave()
    del room.shelf.workflows["paint"]
    await room.enter()
    await room.draws(1)
    await room.sees("<a red fox>", "[Vary] [Upscale] [Delete]")
    assert (await room.told(job)).state is State.DONE


async def test_a_picture_that_was_posted_when_easel_died_is_not_posted_twice(room) -> None:
    job, result = await room.gets("/imagine a red fox")
    done = await room.told(job)
    await room.leave()
    await room.ledger.put(replace(done, state=State.DELIVERING, told=False, result_messages=()))
    await room.enter()
    assert (await room.told(job)).result_messages == (result,)
    assert list(room.front.messages) == room.showing("<a red fox>") == [result]


@pytest.mark.parametrize(
    ("ends", "shown"),
    [("fails", "No picture | The server stopped at “KSampler”"), ("is cancelled", "Cancelled | [Again] [Edit]")],
)
async def test_how_a_job_ended_is_told_at_the_next_start_in_its_old_card(room, ends: str, shown: str) -> None:
    job = await room.says("/imagine a red fox")
    message = await room.sees("Waiting in the queue")
    await room.conversation.__aexit__(None, None, None)
    if ends == "fails":
        (await room.renderer.prompt()).tell(room.drawing(3, 0.25), Failed("KSampler", "out of memory"))
        await room.reach(job, State.FAILED)
    else:
        await room.service.cancel(job.id, room.ada, room.place)
        await room.reach(job, State.CANCELLED)
    assert room.log == ["Waiting in the queue | [Cancel]"]
    assert not (await room.ledger.get(job.id)).told

    await room.restart()
    assert await room.sees(shown) == message
    await room.told(job)
    calls = room.front.calls
    await room.restart()
    await room.settled()
    assert room.front.calls == calls


async def test_a_job_that_ended_before_it_had_a_card_gets_one_that_answers_the_wish(room) -> None:
    room.front.troubles = [SlowDown(3600.0)]
    job = await room.says("/imagine a red fox")
    await room.until(lambda: not room.front.troubles)
    await room.service.cancel(job.id, room.ada, room.place)
    await room.reach(job, State.CANCELLED)
    assert room.log == []

    await room.restart()
    message = await room.sees("Cancelled")
    assert room.front.replies[message] == "said 1"
    assert (await room.told(job)).status_message == message


async def test_buttons_work_after_a_restart(room) -> None:
    job, _ = await room.gets("/imagine a red fox --seed 0")
    await room.restart()
    assert await room.presses(Action.EDIT, job.id) == "/imagine a red fox --seed 0 --workflow paint"
    await room.presses(Action.AGAIN, job.id)
    await room.draws(2)
    await room.until(lambda: len(room.showing("<a red fox>")) == 2)


async def test_a_card_goes_on_in_the_language_of_its_owner_or_else_of_the_chat(room) -> None:
    await room.says("/settings language zh-CN", by=room.meg)
    await room.sees("language is now zh-CN in this chat.")
    await room.says("/imagine a red fox", by=room.eve)
    await room.says("/imagine a blue owl", by=room.bob)
    await room.sees("正在排队")
    await room.sees("Waiting in the queue")
    await room.restart()
    for number in (1, 2):
        (await room.renderer.prompt(number)).tell(room.drawing(3, 0.25))
    await room.sees("正在绘制：第 3 步，共 20 步", "[取消]")
    await room.sees("Drawing: step 3 of 20", "[Cancel]")


# -- and while nothing restarts ---------------------------------------------------------------------------------------


async def test_that_a_chat_has_seen_the_end_is_known_once_it_has(room) -> None:
    job = await room.says("/imagine a red fox")
    await room.sees("Waiting in the queue")
    room.front.troubles = [SlowDown(0.0), SlowDown(0.0)]
    await room.says("/cancel")
    await room.sees("Cancelled")
    assert room.front.troubles == []
    assert (await room.told(job)).state is State.CANCELLED


async def test_an_end_that_the_platform_refuses_for_good_is_not_tried_for_ever(room) -> None:
    job = await room.says("/imagine a red fox")
    await room.sees("Waiting in the queue")
    prompt = await room.renderer.prompt()
    room.front.troubles = [CannotFit(allowed=1)]
    prompt.tell(Failed("KSampler", "out of memory"))
    assert (await room.told(job)).state is State.FAILED
    assert room.showing("No picture") == []


async def test_a_first_card_that_lands_after_the_picture_is_made_posts_no_second_picture(room) -> None:
    room.front.gate.clear()
    job = await room.says("/imagine a red fox")
    await room.until(lambda: room.front.calls == 1)
    await room.draws(1)
    await room.reach(job, State.DELIVERING)
    room.front.gate.set()
    await room.sees("<a red fox>")
    await room.told(job)
    await room.settled()
    assert len(room.front.posted) == len(room.log) == 1
