"""Who gets a job, on what terms, and who may do what with it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.grammar.request import Adjustment, Request
from bot.images.probe import inspect
from bot.jobs.errors import NoSuchJob, NoSuchServer, NotYours
from bot.jobs.ledger.memory import MemoryRegister
from bot.jobs.model import Act, Job, Place, State
from bot.jobs.policy.errors import NotAllowedHere, NotOperator, Paused, PictureTooLarge, TooManyWaiting
from bot.jobs.policy.rules import Rules
from bot.jobs.policy.settings import Setting
from bot.jobs.questions import Usage
from bot.jobs.service import Submission
from bot.pool.errors import NobodyCan
from bot.pool.testing import FakeRenderer

# -- limits and rules -------------------------------------------------------------------------------------------------


async def test_limits_hold_whatever_comes_at_once(build) -> None:
    house = await build(FakeRenderer(), waiting=3)
    asked = await asyncio.gather(*(house.ask(f"fox {n}") for n in range(10)), return_exceptions=True)
    refused = [each for each in asked if isinstance(each, TooManyWaiting)]
    assert (len(refused), len(await house.ledger.unfinished())) == (7, 3)


async def test_one_persons_limit_is_not_anothers(build) -> None:
    house = await build(FakeRenderer(), waiting=1)
    await house.ask()
    await house.ask(by=house.bob)
    with pytest.raises(TooManyWaiting):
        await house.ask()


async def test_what_is_over_no_longer_counts_as_waiting(build) -> None:
    house = await build(FakeRenderer(), waiting=1)
    await house.done()
    await house.ask()


async def test_who_is_not_let_in_gets_no_job_and_leaves_no_picture(house, tmp_path) -> None:
    house.service.house.replace(Rules())
    with pytest.raises(NotAllowedHere):
        await house.ask("make it snowy", workflow="repaint", images=[house.png()])
    assert await house.ledger.unfinished() == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_while_it_is_paused_nobody_gets_a_job_and_those_there_are_go_on(house) -> None:
    job = await house.ask()
    await house.service.house.pause(house.operator)
    with pytest.raises(Paused):
        await house.ask()
    (await house.renderer.prompt()).tell(house.renderer.picture(house.png()))
    await house.reach(job, State.DELIVERING)


async def picture_of(house, job: Job) -> bytes:
    return await house.media.get(dict(job.recipe.images)["image"])


async def test_a_picture_that_comes_with_a_request_is_scaled_down_to_what_is_allowed(build) -> None:
    house = await build(FakeRenderer(), pixels=1000)
    job = await house.ask(workflow="repaint", images=[house.png(size=(60, 40))])
    assert inspect(await picture_of(house, job)).width == 38
    assert job.adjustments == (Adjustment("image", "60 × 40", "38 × 25"),)
    assert (await house.renderer.prompt()).images == {"image": await picture_of(house, job)}


@pytest.mark.parametrize(("pixels", "by"), [(1000, "ada"), (0, "ada"), (900, "operator")])
async def test_a_picture_that_is_allowed_as_it_is_stays_byte_for_byte(build, pixels: int, by: str) -> None:
    house = await build(FakeRenderer(), pixels=pixels)
    picture = house.png(size=(40, 25))
    job = await house.ask(workflow="repaint", images=[picture], by=getattr(house, by))
    assert await picture_of(house, job) == picture
    assert job.adjustments == ()


async def test_a_picture_that_was_made_or_kept_here_has_to_fit_the_limits_itself(build) -> None:
    house = await build(FakeRenderer(), pixels=1000)
    made = await house.done(house.png(size=(50, 50)), width=16, height=16)
    kept = await house.ask(workflow="repaint", images=[house.png(size=(40, 25))])
    for act in (house.service.vary, house.service.upscale):
        with pytest.raises(PictureTooLarge):
            await act(made.id, house.ada, house.here)
    house.service.house.replace(Rules(anybody=True, limits={"member": replace(house.limits, pixels=900)}))
    with pytest.raises(PictureTooLarge):
        await house.service.again(kept.id, house.ada, house.here)


async def test_what_no_server_can_run_is_refused_at_once(build) -> None:
    renderer = FakeRenderer()
    renderer.lacking = {"paint"}
    house = await build(renderer)
    with pytest.raises(NobodyCan):
        await house.ask()
    assert await house.ledger.unfinished() == []


async def test_a_server_that_is_away_is_no_reason_to_refuse(build) -> None:
    renderer = FakeRenderer()
    renderer.go_away()
    house = await build(renderer)
    job = await house.ask()
    assert (await house.ledger.get(job.id)).state is State.ACCEPTED


# -- what a chat has set ----------------------------------------------------------------------------------------------


async def settled(house, **settings: Any) -> None:
    for key, value in settings.items():
        await house.service.house.set_chat(house.operator, house.here, Setting(key, value))


@pytest.mark.parametrize(
    ("size", "asked", "made"),
    [
        ((640, 512), {}, (640, 512)),
        ((640, 512), {"width": 1024}, (1024, 1024)),
        ((640, 512), {"height": 768, "width": 768}, (768, 768)),
        ((640, 512), {"steps": 30}, (640, 512)),
        ((643, 3), {}, (640, 16)),
    ],
)
async def test_a_chats_size_is_used_where_the_request_names_none(house, size, asked, made) -> None:
    await settled(house, size=size)
    job = await house.ask(**asked)
    assert (job.recipe.value("width"), job.recipe.value("height")) == made


async def test_the_command_of_a_job_names_the_chats_size(house) -> None:
    await settled(house, size=(643, 509))
    job = await house.ask(seed=0)
    assert job.text == "/imagine a red fox --w 640 --h 512 --seed 0 --workflow paint"


async def test_a_workflow_without_a_size_gets_none(house) -> None:
    await settled(house, size=(640, 512))
    job = await house.ask(workflow="repaint", images=[house.png()])
    assert job.recipe.value("width") is None


async def test_repeating_a_job_keeps_its_size_whatever_the_chat_has_set_since(house) -> None:
    job = await house.done()
    await settled(house, size=(640, 512))
    again = await house.service.again(job.id, house.ada, house.here)
    assert again.recipe.value("width") == 1024


async def test_a_chats_workflow_is_the_first_on_its_menu(house) -> None:
    await settled(house, workflow="upscale")
    assert (await house.service.menu(house.here)).default == "upscale"
    assert (await house.service.menu(house.elsewhere)).default == "paint"
    assert (await house.service.menu()).default == "paint"


async def test_a_chat_may_want_its_pictures_covered(house) -> None:
    assert not (await house.ask()).spoiler
    await settled(house, spoiler=True)
    assert (await house.ask()).spoiler


async def test_a_job_keeps_the_message_that_asked_for_it_and_what_was_changed(house) -> None:
    request = Request("paint", "a red fox", (("width", 1928),))
    job = await house.service.submit(Submission(request, house.ada, house.here, message="message 1"))
    again = await house.service.again(job.id, house.ada, house.here, message="message 2")
    assert (job.request_message, again.request_message, again.parent) == ("message 1", "message 2", job.id)


# -- who sees and does what -------------------------------------------------------------------------------------------


async def test_a_job_is_seen_in_its_chat_by_its_owner_and_by_operators(house) -> None:
    job = await house.ask()
    service = house.service
    for by, place in [
        (house.bob, Place("test", "room", "another thread")),
        (house.ada, house.elsewhere),
        (house.operator, house.elsewhere),
    ]:
        assert (await service.job(job.id, by, place)).id == job.id
    for act in (service.job, service.again, service.vary, service.upscale, service.cancel, service.delete):
        with pytest.raises(NoSuchJob):
            await act(job.id, house.bob, house.elsewhere)
    with pytest.raises(NoSuchJob):
        await service.job(job.id, house.admin, house.elsewhere)


async def acts(house) -> list[Act]:
    return list(await house.service.house.acts(10))


@pytest.mark.parametrize("who", ["admin", "operator"])
async def test_admins_and_operators_may_cancel_and_delete_and_it_is_written_down(house, who) -> None:
    by = getattr(house, who)
    done, job = await house.done(), await house.ask()
    await house.service.cancel(job.id, by, house.here)
    await house.reach(job, State.CANCELLED)
    await house.service.delete(done.id, by, house.here)
    noted = [(act.actor, act.act, act.subject, act.detail) for act in await acts(house)]
    assert noted == [(by.id, "delete", done.id, "test:ada"), (by.id, "cancel", job.id, "test:ada")]


async def test_what_people_do_with_their_own_is_nobodys_business(house) -> None:
    done, job = await house.done(), await house.ask()
    await house.service.cancel(job.id, house.ada, house.elsewhere)
    await house.service.delete(done.id, house.ada, house.here)
    assert await acts(house) == []


async def test_others_may_neither_cancel_nor_delete(house) -> None:
    done, job = await house.done(), await house.ask()
    with pytest.raises(NotYours):
        await house.service.cancel(job.id, house.bob, house.here)
    with pytest.raises(NotYours):
        await house.service.delete(done.id, house.bob, house.here)
    assert await acts(house) == []


async def test_people_find_their_jobs_and_what_they_have_used(build) -> None:
    house = await build(FakeRenderer(), jobs_per_day=9)
    done, waiting = await house.done(), await house.ask()
    await house.ask(by=house.bob)
    assert [job.id for job in await house.service.mine(house.ada, 5)] == [waiting.id, done.id]
    assert [job.id for job in await house.service.mine(house.ada, 1)] == [waiting.id]
    usage = await house.service.usage(house.ada, house.here)
    assert usage == Usage(jobs=2, gpu_seconds=0.0, waiting=1, limits=house.limits)


# -- servers ----------------------------------------------------------------------------------------------------------


async def test_a_drained_server_gets_no_jobs_until_it_is_taken_back(build) -> None:
    left, right = FakeRenderer("left"), FakeRenderer("right")
    house = await build(left, right)
    await house.service.drain(house.operator, "left")
    await house.ask()
    await right.prompt()
    await house.service.undrain(house.operator, "left")
    await house.ask()
    await left.prompt()
    assert [act.act for act in await acts(house)] == ["undrain", "drain"]


async def test_a_drained_server_is_drained_after_the_next_start(build) -> None:
    register = MemoryRegister()
    first = await build(FakeRenderer("left"), FakeRenderer("right"), register=register)
    await first.service.drain(first.operator, "left")
    left, right = FakeRenderer("left"), FakeRenderer("right")
    house = await build(left, right, register=register)
    await house.ask()
    await right.prompt()


async def test_only_operators_drain_and_only_servers_that_there_are(house) -> None:
    with pytest.raises(NotOperator):
        await house.service.drain(house.admin, "fake")
    with pytest.raises(NoSuchServer) as caught:
        await house.service.undrain(house.operator, "gone")
    assert caught.value.details == {"server": "gone", "known": ("fake",)}


async def test_the_models_are_those_of_the_servers(house) -> None:
    house.renderer.folders = {"loras": ("a.safetensors",)}
    assert await house.service.models() == {"loras": ("a.safetensors",)}
