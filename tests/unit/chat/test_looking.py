"""Commands that look: the answers as people read them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.jobs.model import State
from bot.jobs.policy.limits import Limits, Rank

# -- the queue --------------------------------------------------------------------------------------------------------


async def test_the_queue_names_servers_where_there_are_several_and_says_what_to_expect(enter) -> None:
    room = await enter(servers=("gpu-1", "gpu-2"))
    for n in range(3):
        await room.gets(f"/imagine fox {n} --w 512 --h 512")
    job = await room.says("/imagine my fox")
    await room.reach(job, State.QUEUED)
    answer = await room.asks("/queue")
    assert f"→ {job.id} · Ada · waiting" in answer
    assert "gpu-1: " in answer
    assert "gpu-2: " in answer


async def test_what_waits_in_another_chat_is_only_counted(room) -> None:
    job = await room.says("/imagine a secret", by=room.ops, place=room.away)
    await room.reach(job, State.QUEUED)
    answer = await room.asks("/queue", by=room.bob)
    assert "  a job of another chat · waiting" in answer
    assert job.id not in answer
    assert "Ops" not in answer
    assert f"→ {job.id} · Ops" in await room.asks("/queue", by=room.ops)


async def test_an_operator_sees_everybodys_jobs_only_where_nobody_else_reads_along(room) -> None:
    job = await room.says("/imagine a secret", place=room.alone)
    await room.reach(job, State.QUEUED)
    answer = await room.asks("/queue", by=room.ops)
    assert "  a job of another chat · waiting" in answer
    assert not any(secret in answer for secret in (job.id, "Ada"))
    assert f"  {job.id} · Ada · waiting" in await room.asks("/queue", by=room.ops, place=room.alone)


# -- one job ----------------------------------------------------------------------------------------------------------


async def test_show_posts_a_result_again_in_answer_to_whoever_asks(room) -> None:
    job, result = await room.gets("/imagine a red fox --seed 0")
    answer = await room.asks(f"/show {job.id}", by=room.lin)
    assert answer.startswith("<a red fox>")
    assert "[再来一张]" in answer
    assert len(room.showing("<a red fox>")) == 2
    assert (await room.ledger.get(job.id)).result_messages == (result,)


async def test_show_tells_how_a_job_stands(room) -> None:
    job = await room.says("/imagine a red fox --w 1001")
    (await room.renderer.prompt()).tell(room.drawing(3, 0.25))
    await room.sees("step 3 of 20")
    assert await room.asks("/show") == (
        f"Job {job.id}: Drawing: step 3 of 20\nwidth: 1001 became 1000, which the model needs."
    )
    await room.says("/cancel")
    await room.sees("Cancelled")
    assert await room.asks("/show") == f"Job {job.id}: Cancelled"


async def test_show_of_a_picture_that_is_gone_says_so(room) -> None:
    job, _ = await room.gets("/imagine a red fox")
    await room.media.remove((await room.ledger.get(job.id)).pictures[0].sha256)
    assert await room.asks("/show") == "The picture is no longer kept here."


@pytest.mark.parametrize("said", ["/show {job}", "/info {job}", "/again {job}", "/cancel {job}"])
async def test_a_job_of_another_chat_is_nobodys_business_here(room, said: str) -> None:
    job = await room.says("/imagine a secret", by=room.ops, place=room.away)
    answer = await room.asks(said.format(job=job.id), by=room.bob)
    assert (
        answer == f"There is no job {job.id} here. Ids look like k7m2qd; /mine lists yours, and /queue those that wait."
    )
    assert len(room.renderer.prompts) <= 1


async def test_info_tells_how_long_a_gpu_worked_on_it(room) -> None:
    await room.says("/imagine a red fox --seed 0")
    (await room.renderer.prompt()).tell(room.drawing(3, 0.25))
    await room.sees("step 3 of 20")
    room.seconds += 7.5
    await room.draws(1)
    await room.sees("<a red fox>", "seed 0 · 7.5 s")
    answer = await room.asks("/info")
    assert "server: fake\nGPU time: 7.5 s\n\nTo make it again, send:\n/imagine a red fox --seed 0" in answer


async def test_mine_lists_ones_own_newest_jobs_and_tells_what_was_asked_elsewhere_to_nobody_else(room) -> None:
    other = await room.says("/imagine a secret", by=room.ops, place=room.away)
    await room.reach(other, State.QUEUED)
    job = await room.says("/imagine a red fox", by=room.ops)
    await room.draws(2)
    await room.reach(job, State.DONE)
    await room.says("/imagine not mine", by=room.bob)
    assert await room.asks("/mine", by=room.ops) == (
        f"Your newest jobs\n{job.id} · done · a red fox\n{other.id} · waiting · in another chat"
    )
    assert await room.asks("/mine", by=room.ops, place=room.alone) == (
        f"Your newest jobs\n{job.id} · done · a red fox\n{other.id} · waiting · a secret"
    )


async def test_mine_ends_with_the_tenth(room) -> None:
    for n in range(12):
        await room.says(f"/imagine fox {n}")
    answer = await room.asks("/mine")
    assert [line.rpartition(" ")[2] for line in answer.splitlines()[1:]] == [f"{n}" for n in range(11, 1, -1)]


async def test_who_has_made_nothing_reads_so(room) -> None:
    assert await room.asks("/mine") == "You have made nothing yet."
    assert await room.asks("/mine", by=room.lin) == "您还没有任务。"


# -- what there is ----------------------------------------------------------------------------------------------------


async def test_models_are_told_by_kind_and_can_be_searched(room) -> None:
    room.renderer.folders = {"checkpoints": ("sdxl.safetensors", "flux.safetensors"), "loras": ("fox.safetensors",)}
    assert await room.asks("/models") == ("checkpoints: flux.safetensors, sdxl.safetensors\nloras: fox.safetensors")
    assert await room.asks("/models FLUX") == "checkpoints: flux.safetensors"
    assert await room.asks("/models lora") == "loras: fox.safetensors"
    assert await room.asks("/models owl") == "No model has “owl” in its name."


async def test_a_long_list_of_models_is_cut(room) -> None:
    room.renderer.folders = {"loras": tuple(f"lora-{n:03}" for n in range(100))}
    answer = await room.asks("/models")
    assert answer.endswith("lora-029 and 70 more")


async def test_servers_that_tell_nothing_have_no_models(room) -> None:
    assert await room.asks("/models") == "No server tells what models it has."


async def test_usage_counts_the_last_day_against_the_limits(enter) -> None:
    limits = {Rank.MEMBER: Limits(waiting=3, jobs_per_day=20, gpu_seconds_per_day=3600)}
    room = await enter(rules={"limits": limits})
    await room.says("/imagine a red fox")
    (await room.renderer.prompt()).tell(room.drawing(3, 0.25))
    await room.sees("step 3 of 20")
    room.seconds += 90
    await room.draws(1)
    await room.sees("<a red fox>")
    await room.says("/imagine a blue owl")
    assert await room.asks("/usage") == (
        "Your last 24 hours\njobs: 2 of 20\nGPU time: 1 min 30 s of 1 h\nnot ended yet: 1 of 3"
    )
    assert await room.asks("/usage", by=room.ops) == ("Your last 24 hours\njobs: 0\nGPU time: 0 s\nnot ended yet: 0")
    assert await room.asks("/usage", by=room.lin) == (
        "您最近 24 小时\n任务：0，上限 20\nGPU 用时：0 秒，上限 1 小时\n尚未结束：0，上限 3"
    )


# -- help -------------------------------------------------------------------------------------------------------------


async def test_help_shows_members_nothing_of_operators_and_operators_everything(room) -> None:
    for person in (room.ada, room.meg):
        answer = await room.asks("/help", by=person)
        assert "/settings [KEY] [VALUE] – How this chat is set" in answer
        assert "/ban" not in answer
    answer = await room.asks("/help", by=room.ops)
    for command in ("/allow WHO", "/deny", "/ban", "/unban", "/servers", "/drain", "/pause", "/resume", "/audit"):
        assert command in answer
    assert "/reload" not in answer  # there is nothing to reload


@pytest.mark.parametrize("said", ["/help cancel", "/help /cancel", "/help CANCEL please"])
async def test_help_explains_one_command(room, said: str) -> None:
    answer = await room.asks(said)
    assert answer.splitlines()[:2] == ["/cancel [ID]", "Stop a job of yours"]


async def test_help_explains_a_workflow_by_its_command_or_its_name(room) -> None:
    assert await room.asks("/help upscale", by=room.lin) == "/upscale: 放大\n请附上一张图片，或回复一张图片。"
    answer = await room.asks("/help paint")
    assert answer.startswith("paint: Paint\n--prompt: What you want to see\n")
    assert "--steps 1–50 (20): More steps take longer" in answer
    assert "--seed: The same number" in answer


async def test_what_a_workflow_does_stands_below_imagine_in_help(room) -> None:
    room.shelf.workflows["mend"] = replace(
        room.shelf.workflows["repaint"], name="mend", command="mend", description="Mends a picture."
    )
    lines = (await room.asks("/help")).splitlines()
    at = lines.index("/imagine WORDS – Make a picture from words")
    assert lines[at + 1 : at + 3] == ["/upscale – Enlarge", "/mend WORDS – Mends a picture"]


async def test_help_suggests_the_nearest_that_this_person_may_say(room) -> None:
    assert await room.asks("/help cancle") == "There is no command /cancle. Did you mean /cancel?"
    assert await room.asks("/unbann") == "There is no command /unbann. Type /help to see what there is."
    assert await room.asks("/unbann", by=room.ops) == "There is no command /unbann. Did you mean /unban?"
    assert await room.asks("/help ban") == "There is no command /ban. Type /help to see what there is."


async def test_workflows_that_may_not_be_used_here_are_not_shown(enter) -> None:
    room = await enter()
    room.shelf.workflows["lewd"] = room.workflow("lewd", "Lewd", adult=True, command="lewd")
    for said in ("/workflows", "/help"):
        assert "lewd" not in await room.asks(said)
    assert "Did you mean" not in await room.asks("/lewdd")
    await room.says("/settings adult on", by=room.ops)
    assert "/lewd – Lewd" in await room.asks("/help")


async def test_workflows_that_the_limits_leave_out_are_not_shown(enter) -> None:
    room = await enter(rules={"limits": {Rank.MEMBER: Limits(workflows=frozenset({"paint"}))}})
    assert "repaint" not in await room.asks("/workflows")
    assert "repaint" in await room.asks("/workflows", by=room.ops)
