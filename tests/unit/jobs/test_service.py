"""What front ends may rely on, told as what happens to a job."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from dataclasses import replace

import pytest

from bot.comfyui.errors import OutcomeUnknown, RefusedGraph, ServerError, ServerUnreachable
from bot.comfyui.progress import (
    Cancelled,
    Failed,
    Lost,
    OutputFile,
    OutputFrame,
    Queued,
    Succeeded,
    SucceededWithNothing,
)
from bot.comfyui.refusals import NodeError
from bot.grammar.request import Request
from bot.images.errors import CannotFit
from bot.jobs.attempts import MAX_TRIES
from bot.jobs.errors import (
    AlreadyOver,
    CannotDo,
    ImpossibleTransition,
    NoSuchJob,
    NoSuchPicture,
    NothingToWorkWith,
    NotOverYet,
    NotYours,
    PictureGone,
    Stopping,
    TooLarge,
    TooManyPictures,
    WrongPictures,
)
from bot.jobs.ledger.errors import LedgerUnavailable
from bot.jobs.media import content_id
from bot.jobs.model import Action, Failure, Job, State
from bot.jobs.service import VARY_DENOISE
from bot.workflows.errors import MissingValue, NoSuchWorkflow

# -- from the request to the chat -------------------------------------------------------------------------------------


async def test_a_job_waits_runs_is_delivered_and_done(house) -> None:
    job = await house.ask("a red fox", seed=0)
    prompt = await house.renderer.prompt()

    prompt.tell(house.waiting)
    assert (await house.reach(job, house.waiting)).job.state is State.QUEUED

    prompt.tell(house.drawing(3, 0.2), preview=b"preview")
    runs = await house.reach(job, State.RUNNING)
    assert (runs.progress, runs.preview) == (house.drawing(3, 0.2), b"preview")

    prompt.tell(house.renderer.picture(house.png(size=(48, 32))))
    made = (await house.reach(job, State.DELIVERING)).job
    (picture,) = made.pictures
    assert (picture.media_type, picture.width, picture.height) == ("image/png", 48, 32)
    assert await house.media.get(picture.sha256) == house.png(size=(48, 32))

    await house.service.delivered(job.id, ["message 7"])
    done = await house.service.job(job.id, house.ada, house.here)
    assert (done.state, done.result_messages, done.recipe.seed) == (State.DONE, ("message 7",), 0)
    assert done.times.accepted < done.times.queued < done.times.started < done.times.made < done.times.ended


async def test_the_ledger_has_a_job_and_its_prompt_before_the_server_hears_of_it(house) -> None:
    house.renderer.gate.clear()
    job = await house.ask()
    assert (await house.ledger.get(job.id)).state is State.ACCEPTED
    house.renderer.gate.set()
    prompt = await house.renderer.prompt()
    known = await house.ledger.get(job.id)
    assert (known.prompt_id, known.server, known.attempt) == (prompt.task.prompt_id, "fake", 1)


async def test_a_job_may_skip_what_nobody_saw(house) -> None:
    job = await house.made()
    assert job.times.started is None


async def test_the_server_gets_every_value_and_the_pictures(house) -> None:
    await house.ask("make it snowy", workflow="repaint", images=[house.png("red")], seed=5)
    prompt = await house.renderer.prompt()
    assert prompt.task.values == {"prompt": "make it snowy", "seed": 5, "denoise": 0.6}
    assert prompt.images == {"image": house.png("red")}


async def test_a_seed_that_is_not_given_is_drawn_and_known(house) -> None:
    first, second = await house.ask(), await house.ask()
    assert isinstance(first.recipe.seed, int)
    assert first.recipe.seed != second.recipe.seed


async def test_the_wanted_outputs_come_in_the_workflows_order_and_others_only_without_them(house) -> None:
    house.shelf.workflows["paint"] = house.changed(house.shelf.get("paint"), outputs=("12", "9"))
    house.renderer.files |= {"a.png": house.png("red"), "b.png": house.png("blue"), "c.png": house.png("green")}
    job = await house.ask()
    outputs = (OutputFile("3", "c.png"), OutputFile("9", "a.png"), OutputFile("12", "b.png"))
    (await house.renderer.prompt(1)).tell(Succeeded(outputs))
    assert [p.name for p in (await house.reach(job, State.DELIVERING)).job.pictures] == ["b.png", "a.png"]

    other = await house.ask()
    (await house.renderer.prompt(2)).tell(Succeeded((OutputFile("3", "c.png"),)))
    assert [p.name for p in (await house.reach(other, State.DELIVERING)).job.pictures] == ["c.png"]


async def test_a_result_that_is_no_picture_is_kept_as_a_file(house) -> None:
    job = await house.made(b"\0\0\0\x1cftypisom a film")
    (film,) = job.pictures
    assert (film.media_type, film.width, film.size) == ("application/octet-stream", 0, 19)


async def test_a_picture_from_the_socket_is_named_after_its_node(house) -> None:
    job = await house.ask()
    (await house.renderer.prompt()).tell(Succeeded((OutputFrame("9", "png", house.png()),)))
    assert [p.name for p in (await house.reach(job, State.DELIVERING)).job.pictures] == ["9.png"]


async def test_a_job_that_cannot_be_posted_has_failed_of_it(house) -> None:
    job = await house.made()
    await house.service.undeliverable(job.id, CannotFit(allowed=100))
    failed = (await house.reach(job, State.FAILED)).job
    assert failed.failure.code == "error-cannot-fit"


async def test_delivering_twice_is_impossible(house) -> None:
    job = await house.done()
    with pytest.raises(ImpossibleTransition):
        await house.service.delivered(job.id, ["again"])
    with pytest.raises(ImpossibleTransition):
        await house.service.undeliverable(job.id, CannotFit(allowed=1))
    assert (await house.service.job(job.id, house.ada, house.here)).result_messages == (f"result of {job.id}",)


async def test_a_taken_id_is_drawn_again(house) -> None:
    house.service._intake._ids = iter(["k7m2qd", "k7m2qd", "k7m2qe"]).__next__
    assert [(await house.ask()).id for _ in range(2)] == ["k7m2qd", "k7m2qe"]


# -- following --------------------------------------------------------------------------------------------------------


async def test_following_after_the_end_shows_the_end(house) -> None:
    job = await house.done()
    assert [update.job.state async for update in house.service.follow(job)] == [State.DONE]


async def test_following_a_job_that_ends_before_the_first_look_shows_the_end(house) -> None:
    job = await house.ask()
    updates = house.service.follow(job)
    (await house.renderer.prompt()).tell(Failed("KSampler", "no memory"))
    await house.reach(job, State.FAILED)
    assert [update.job.state async for update in updates] == [State.FAILED]


async def test_a_noted_status_message_is_lost_in_no_race(house) -> None:
    house.renderer.gate.clear()
    job = await house.ask()
    await house.service.shown(job.id, "status 1")
    house.renderer.gate.set()
    (await house.renderer.prompt()).tell(house.drawing(1, 0.1))
    running = (await house.reach(job, State.RUNNING)).job
    assert (running.status_message, running.attempt) == ("status 1", 1)
    (await house.renderer.prompt()).tell(Cancelled())
    await house.reach(job, State.CANCELLED)
    await house.service.shown(job.id, "status 2")
    assert await house.service.job_of_message(house.here, "status 2") == await house.service.job(
        job.id, house.ada, house.here
    )


async def test_what_followers_keep_of_a_made_job_holds_no_picture(house) -> None:
    job = await house.ask()
    prompt = await house.renderer.prompt()
    prompt.tell(house.drawing(3, 0.2), preview=b"preview")
    await house.reach(job, State.RUNNING)
    prompt.tell(Succeeded((OutputFrame("9", "png", house.png()),)))
    update = await house.reach(job, State.DELIVERING)
    assert (update.progress, update.preview) == (None, None)


# -- what goes wrong on servers ---------------------------------------------------------------------------------------


async def test_a_lost_prompt_is_sent_again_under_a_new_id(house) -> None:
    job = await house.ask()
    (await house.renderer.prompt(1)).tell(house.waiting, Lost())
    (await house.renderer.prompt(2)).tell(house.drawing(3, 0.4), Lost())
    (await house.renderer.prompt(3)).tell(house.renderer.picture(house.png()))
    made = (await house.reach(job, State.DELIVERING)).job
    assert made.attempt == 3
    ids = [prompt.task.prompt_id for prompt in house.renderer.prompts]
    assert len(set(ids)) == 3
    assert made.prompt_id == ids[-1]
    assert len({str(prompt.task.values) for prompt in house.renderer.prompts}) == 1


async def test_a_prompt_that_is_always_lost_fails(house) -> None:
    job = await house.ask()
    for number in (1, 2, 3):
        (await house.renderer.prompt(number)).tell(Lost())
    failed = (await house.reach(job, State.FAILED)).job
    assert failed.failure.code == "error-job-lost"
    assert dict(failed.failure.details) == {"server": "fake", "attempts": 3}


FRAME = OutputFrame("9", "png", b"a frame")


@pytest.mark.parametrize("end", [SucceededWithNothing(frames_lost=True), Succeeded((FRAME,), frames_lost=True)])
async def test_pictures_that_the_socket_lost_are_made_once_more(house, end) -> None:
    job = await house.ask()
    (await house.renderer.prompt(1)).tell(end)
    (await house.renderer.prompt(2)).tell(Succeeded((FRAME, FRAME)))
    assert len((await house.reach(job, State.DELIVERING)).job.pictures) == 2


async def test_some_pictures_are_better_than_none_when_the_socket_loses_them_each_time(house) -> None:
    job = await house.ask()
    for number in (1, 2, 3):
        (await house.renderer.prompt(number)).tell(Succeeded((FRAME,), frames_lost=True))
    assert len((await house.reach(job, State.DELIVERING)).job.pictures) == 1


async def test_a_file_that_is_gone_is_made_anew(house) -> None:
    job = await house.ask()
    (await house.renderer.prompt(1)).tell(Succeeded((OutputFile("9", "deleted.png"),)))
    second = await house.renderer.prompt(2)
    assert [prompt.task.fresh for prompt in house.renderer.prompts] == [False, True]
    second.tell(house.renderer.picture(house.png()))
    await house.reach(job, State.DELIVERING)


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (Failed("KSampler", "out of memory"), "error-node-failed"),
        (SucceededWithNothing(), "error-nothing-came-out"),
    ],
)
async def test_a_prompt_that_ends_badly_fails_its_job(house, end, code: str) -> None:
    job = await house.ask()
    (await house.renderer.prompt()).tell(end)
    assert (await house.reach(job, State.FAILED)).job.failure.code == code


async def test_a_prompt_that_somebody_deleted_on_the_server_is_cancelled(house) -> None:
    job = await house.ask()
    (await house.renderer.prompt()).tell(Cancelled())
    await house.reach(job, State.CANCELLED)


async def test_a_server_that_is_down_when_a_job_comes_is_tried_again(house) -> None:
    house.renderer.refusal = ServerUnreachable(server="fake", reason="refused")
    job = await house.ask()
    await house.time.passes(60)
    (await house.renderer.prompt()).tell(house.renderer.picture(house.png()))
    made = (await house.reach(job, State.DELIVERING)).job
    assert made.attempt == 1


async def test_a_server_that_answers_nonsense_fails_the_job_with_its_words_in_the_end(house, monkeypatch) -> None:
    tries = 0

    async def broken(*_: object) -> None:
        nonlocal tries
        tries += 1
        raise ServerError(server="fake", status=500, reason="no")

    monkeypatch.setattr(house.renderer, "submit", broken)
    job = await house.ask()
    await house.time.passes(600)
    failed = (await house.reach(job, State.FAILED)).job
    assert (failed.failure.code, tries) == ("error-server-error", MAX_TRIES)


async def test_an_unknown_outcome_is_watched_and_not_sent_again_while_it_may_be_there(house) -> None:
    house.renderer.refusal = OutcomeUnknown(server="fake", prompt_id="…")
    job = await house.ask()
    prompt = await house.renderer.prompt()
    prompt.tell(house.renderer.picture(house.png()))
    assert (await house.reach(job, State.DELIVERING)).job.attempt == 1


async def test_a_fault_of_ours_fails_only_its_own_job(house) -> None:
    healthy = await house.ask()
    prompt = await house.renderer.prompt()
    house.renderer.refusal = ZeroDivisionError()
    faulty = await house.ask()
    failed = (await house.reach(faulty, State.FAILED)).job
    assert failed.failure == Failure("error-internal-fault", (("job", faulty.id),))
    prompt.tell(house.renderer.picture(house.png()))
    await house.reach(healthy, State.DELIVERING)


async def test_a_job_outlives_its_workflow_but_is_not_made_again(house) -> None:
    job = await house.ask()
    del house.shelf.workflows["paint"]
    (await house.renderer.prompt()).tell(house.renderer.picture(house.png()))
    await house.reach(job, State.DELIVERING)
    with pytest.raises(NoSuchWorkflow):
        await house.service.again(job.id, house.ada, house.here)


async def test_a_refused_graph_fails_the_job_with_each_problem(house) -> None:
    problem = NodeError("value_bigger_than_max", "46", "Empty Latent", field="width", value="99999", maximum=16384)
    house.renderer.refusal = RefusedGraph(server="fake", problems=(problem,))
    job = await house.ask()
    assert (await house.reach(job, State.FAILED)).job.failure == Failure(
        "error-refused-graph", (("server", "fake"), ("problems", (Failure.of(problem),)))
    )


async def test_a_ledger_that_cannot_be_written_leaves_nobody_waiting(house, monkeypatch) -> None:
    job = await house.ask()
    await house.reach(job, State.QUEUED)

    async def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(house.ledger, "put", full)
    (await house.renderer.prompt()).tell(house.renderer.picture(house.png()))
    assert await last_state(house.service.follow(job)) is State.QUEUED


async def test_an_input_that_is_gone_when_its_turn_comes_fails_the_job(house, monkeypatch) -> None:
    put = house.ledger.put

    async def put_and_lose(job: Job) -> None:
        await house.media.remove(content_id(house.png("red")))
        await put(job)

    monkeypatch.setattr(house.ledger, "put", put_and_lose)
    job = await house.ask(workflow="repaint", images=[house.png("red")])
    assert (await house.reach(job, State.FAILED)).job.failure.code == "error-picture-gone"


async def test_an_input_that_is_gone_is_no_new_job(house) -> None:
    job = await house.done(workflow="repaint", images=[house.png("red")])
    await house.media.remove(content_id(house.png("red")))
    with pytest.raises(PictureGone):
        await house.service.again(job.id, house.ada, house.here)


# -- cancelling -------------------------------------------------------------------------------------------------------


async def test_cancelling_before_the_server_has_it_cancels_it_there_as_soon_as_it_has(house) -> None:
    house.renderer.gate.clear()
    job = await house.ask()
    await house.service.cancel(job.id, house.ada, house.here)
    house.renderer.gate.set()
    await house.reach(job, State.CANCELLED)
    assert house.renderer.cancelled == [prompt.task.prompt_id for prompt in house.renderer.prompts]


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING])
async def test_cancelling_takes_it_from_the_server(house, state: State) -> None:
    job = await house.ask()
    prompt = await house.renderer.prompt()
    prompt.tell(house.waiting if state is State.QUEUED else house.drawing(1, 0.1))
    await house.reach(job, state)
    await house.service.cancel(job.id, house.ada, house.here)
    await house.reach(job, State.CANCELLED)
    assert house.renderer.cancelled == [prompt.task.prompt_id]


async def test_what_was_finished_while_it_was_being_cancelled_is_not_delivered(house) -> None:
    job = await house.ask()
    prompt = await house.renderer.prompt()
    prompt.ended = True
    await house.reach(job, State.QUEUED)
    await house.service.cancel(job.id, house.ada, house.here)
    prompt.tell(house.renderer.picture(house.png()))
    await house.reach(job, State.CANCELLED)


@pytest.mark.parametrize("end", [State.DELIVERING, State.FAILED])
async def test_it_is_too_late_to_cancel_what_is_being_written_down(house, monkeypatch, end: State) -> None:
    put = house.ledger.put
    cancelling: list[asyncio.Task[None]] = []

    async def slowly(job: Job) -> None:
        if job.state is end:
            cancelling.append(asyncio.create_task(house.service.cancel(job.id, house.ada, house.here)))
            for _ in range(10):
                await asyncio.sleep(0)
        await put(job)

    monkeypatch.setattr(house.ledger, "put", slowly)
    job = await house.ask()
    ends = {State.DELIVERING: house.renderer.picture(house.png()), State.FAILED: Failed("KSampler", "no")}
    (await house.renderer.prompt()).tell(ends[end])
    await house.reach(job, end)
    with pytest.raises(AlreadyOver):
        await cancelling[0]
    assert house.renderer.cancelled == []


async def test_a_cancelled_job_that_its_server_lost_is_not_sent_again(house) -> None:
    job = await house.ask()
    prompt = await house.renderer.prompt()
    prompt.ended = True
    await house.reach(job, State.QUEUED)
    await house.service.cancel(job.id, house.ada, house.here)
    prompt.tell(Lost())
    await house.reach(job, State.CANCELLED)
    assert len(house.renderer.prompts) == 1


async def test_a_job_is_cancelled_although_its_server_does_not_answer_just_then(house) -> None:
    job = await house.ask()
    prompt = await house.renderer.prompt()
    await house.reach(job, State.QUEUED)
    house.renderer.problem = ServerUnreachable(server="fake", reason="away")
    await house.service.cancel(job.id, house.ada, house.here)
    assert (await house.ledger.get(job.id)).cancelling
    house.renderer.problem = None
    prompt.tell(house.renderer.picture(house.png()))
    await house.reach(job, State.CANCELLED)


async def test_whenever_a_job_is_cancelled_it_ends_once_and_as_was_said(house) -> None:
    ends: set[State] = set()
    for moment in range(150):
        states: list[State] = []

        async def follow(job: Job, states: list[State] = states) -> None:
            async for update in house.service.follow(job):
                if update.job.state not in states:
                    states.append(update.job.state)
                if update.job.state is State.DELIVERING:
                    await house.service.delivered(job.id, ["1"])

        async def draw(number: int = len(house.renderer.prompts) + 1) -> None:
            prompt = await house.renderer.prompt(number)
            prompt.tell(house.waiting, house.drawing(1, 0.1))
            await asyncio.sleep(0)
            prompt.tell(house.renderer.picture(house.png()))

        job = await house.ask()
        following, drawing = asyncio.create_task(follow(job)), asyncio.create_task(draw())
        for _ in range(moment):
            await asyncio.sleep(0)
        try:
            await house.service.cancel(job.id, house.ada, house.here)
        except AlreadyOver:
            expected = State.DONE
        else:
            expected = State.CANCELLED
        await asyncio.wait_for(following, 5)
        drawing.cancel()
        assert states[-1] is expected, (moment, states)
        assert [state for state in states if state.final] == [expected], (moment, states)
        ends.add(expected)
    assert ends == {State.DONE, State.CANCELLED}


async def test_only_the_owner_may_cancel(house) -> None:
    job = await house.ask()
    with pytest.raises(NotYours):
        await house.service.cancel(job.id, house.bob, house.here)
    (await house.renderer.prompt()).tell(house.renderer.picture(house.png()))
    await house.reach(job, State.DELIVERING)


async def test_it_is_too_late_to_cancel_what_is_on_its_way_or_over(house) -> None:
    for job in (await house.made(), await house.done()):
        with pytest.raises(AlreadyOver):
            await house.service.cancel(job.id, house.ada, house.here)
    with pytest.raises(NoSuchJob):
        await house.service.cancel("nobody", house.ada, house.here)


# -- once more --------------------------------------------------------------------------------------------------------


async def test_again_is_the_same_with_a_new_seed(house) -> None:
    job = await house.done(prompt="a red fox", seed=0, steps=30)
    again = await house.service.again(job.id, house.bob, house.here)
    assert (again.owner, again.parent) == (house.bob, job.id)
    assert again.recipe.seed not in (None, 0)
    assert {**dict(again.recipe.values), "seed": 0} == dict(job.recipe.values)


async def test_again_with_changes_keeps_its_seed(house) -> None:
    job = await house.done(prompt="a red fox", seed=0)
    changes = Request("paint", "a red fox", (("seed", 0), ("steps", 40)))
    again = await house.service.again(job.id, house.ada, house.here, changes)
    assert dict(again.recipe.values) == {**dict(job.recipe.values), "steps": 40}


async def test_again_starts_from_the_same_pictures_as_far_as_the_workflow_takes_any(house) -> None:
    job = await house.done(workflow="repaint", images=[house.png("red")])
    again = await house.service.again(job.id, house.ada, house.here)
    assert again.recipe.images == job.recipe.images == (("image", content_id(house.png("red"))),)
    painted = await house.service.again(job.id, house.ada, house.here, Request("paint", "a red fox"))
    assert painted.recipe.images == ()


async def test_a_variation_starts_near_the_picture_with_a_new_seed(house) -> None:
    job = await house.done(house.png("red"), prompt="a red fox", seed=0)
    varied = await house.service.vary(job.id, house.ada, house.here)
    assert varied.recipe.workflow == "repaint"
    assert varied.recipe.images == (("image", content_id(house.png("red"))),)
    assert (varied.recipe.prompt, varied.recipe.value("denoise")) == ("a red fox", VARY_DENOISE)
    assert varied.recipe.seed not in (None, 0)


async def test_upscaling_takes_the_picture_to_the_workflow_with_that_command(house) -> None:
    job = await house.done(house.png("red"))
    larger = await house.service.upscale(job.id, house.ada, house.here)
    assert larger.recipe.workflow == "upscale"
    assert larger.recipe.images == (("image", content_id(house.png("red"))),)


async def test_work_goes_on_from_the_picture_that_was_picked_among_those_that_are_pictures(house) -> None:
    red, blue = house.png("red"), house.png("blue")
    house.renderer.files |= {"film": b"\0\0\0\x1cftypisom a film", "red": red, "blue": blue}
    job = await house.ask()
    outputs = tuple(OutputFile("9", name) for name in ("film", "red", "blue"))
    (await house.renderer.prompt()).tell(Succeeded(outputs))
    await house.reach(job, State.DELIVERING)
    request = Request("repaint", "snow")
    started_from = [
        (await house.service.work_on(job.id, house.ada, house.here, request, **pick)).recipe.images
        for pick in ({}, {"pick": 1}, {"pick": 2})
    ]
    assert started_from == [(("image", content_id(picture)),) for picture in (red, red, blue)]
    for pick in (-1, 0, 3):
        with pytest.raises(NoSuchPicture) as caught:
            await house.service.work_on(job.id, house.ada, house.here, request, pick=pick)
        assert (caught.value.pick, caught.value.count) == (pick, 2)


async def test_a_job_without_a_picture_is_nothing_to_work_with(house) -> None:
    job = await house.ask()
    for act in (house.service.vary, house.service.upscale):
        with pytest.raises(NothingToWorkWith):
            await act(job.id, house.ada, house.here)


async def test_what_no_workflow_does_cannot_be_done(house) -> None:
    job = await house.done()
    del house.shelf.workflows["repaint"], house.shelf.workflows["upscale"]
    for act, action in ((house.service.vary, "vary"), (house.service.upscale, "upscale")):
        with pytest.raises(CannotDo) as caught:
            await act(job.id, house.ada, house.here)
        assert caught.value.action == action


async def test_the_command_repeats_the_job_exactly(house) -> None:
    job = await house.done(prompt="a red fox", seed=0, steps=30)
    assert house.service.command_of(job) == "/imagine a red fox --seed 0 --steps 30 --workflow paint"


# -- what can be done with a job --------------------------------------------------------------------------------------


async def test_buttons_fit_the_state(house) -> None:
    job = await house.ask()
    seen = {}
    prompt = await house.renderer.prompt()
    seen[State.QUEUED] = (await house.reach(job, State.QUEUED)).job
    prompt.tell(house.drawing(1, 0.1))
    seen[State.RUNNING] = (await house.reach(job, State.RUNNING)).job
    prompt.tell(house.renderer.picture(house.png()))
    seen[State.DELIVERING] = (await house.reach(job, State.DELIVERING)).job
    await house.service.delivered(job.id, ["1"])
    seen[State.DONE] = await house.service.job(job.id, house.ada, house.here)
    assert {state: house.service.actions(known) for state, known in seen.items()} == {
        State.QUEUED: (Action.CANCEL,),
        State.RUNNING: (Action.CANCEL,),
        State.DELIVERING: (),
        State.DONE: (
            Action.AGAIN,
            Action.VARY,
            Action.UPSCALE,
            Action.EDIT,
            Action.INFO,
            Action.FILE,
            Action.DELETE,
        ),
    }
    assert house.service.actions(job) == (Action.CANCEL,)


async def test_a_job_that_came_to_nothing_can_be_tried_again(house) -> None:
    job = await house.ask()
    (await house.renderer.prompt()).tell(Cancelled())
    cancelled = (await house.reach(job, State.CANCELLED)).job
    assert house.service.actions(cancelled) == (Action.AGAIN, Action.EDIT)


async def test_what_could_not_be_posted_can_still_be_shown_and_worked_with(house) -> None:
    job = await house.made(house.png("red"))
    await house.service.undeliverable(job.id, CannotFit(allowed=100))
    failed = await house.service.job(job.id, house.ada, house.elsewhere)
    assert (failed.state, failed.has_result) == (State.FAILED, True)
    assert house.service.actions(failed) == house.service.actions(await house.done())
    larger = await house.service.upscale(job.id, house.ada, house.elsewhere)
    assert larger.recipe.images == (("image", content_id(house.png("red"))),)


async def test_what_cannot_work_is_no_button(house) -> None:
    painted = await house.done()
    larger = await house.done(workflow="upscale", prompt="", images=[house.png()])
    film = await house.done(b"a film")
    assert house.service.actions(larger) == (Action.AGAIN, Action.UPSCALE, Action.INFO, Action.FILE, Action.DELETE)
    assert house.service.actions(film) == (Action.AGAIN, Action.EDIT, Action.INFO, Action.DELETE)
    del house.shelf.workflows["repaint"], house.shelf.workflows["upscale"]
    assert house.service.actions(painted) == (Action.AGAIN, Action.EDIT, Action.INFO, Action.FILE, Action.DELETE)


# -- deleting ---------------------------------------------------------------------------------------------------------


async def test_a_deleted_job_is_forgotten_with_its_pictures(house) -> None:
    job = await house.done(house.png("red"))
    await house.service.delete(job.id, house.ada, house.here)
    with pytest.raises(NoSuchJob):
        await house.service.job(job.id, house.ada, house.here)
    with pytest.raises(PictureGone):
        await house.media.get(content_id(house.png("red")))


async def test_a_picture_that_another_job_has_as_well_survives(house) -> None:
    job = await house.done(house.png("red"))
    await house.service.upscale(job.id, house.bob, house.here)
    await house.service.delete(job.id, house.ada, house.here)
    assert await house.media.get(content_id(house.png("red")))


async def test_a_job_is_deleted_although_nobody_can_tell_whether_others_need_its_pictures(house, monkeypatch) -> None:
    async def unavailable(sha256: str) -> bool:
        raise LedgerUnavailable(reason="full", detail="")

    job = await house.done(house.png("red"))
    monkeypatch.setattr(house.ledger, "uses", unavailable)
    shown = await house.service.delete(job.id, house.ada, house.here)
    assert [each.message for each in shown] == [f"result of {job.id}"]
    assert await house.media.get(content_id(house.png("red")))


async def test_only_the_owner_may_delete_and_only_what_is_over(house) -> None:
    done, waiting = await house.done(), await house.ask()
    with pytest.raises(NotYours):
        await house.service.delete(done.id, house.bob, house.here)
    with pytest.raises(NotOverYet):
        await house.service.delete(waiting.id, house.ada, house.here)


# -- limits, and what is refused before there is a job ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "error", "fields"),
    [
        (
            {"width": 2000, "height": 1008},
            TooLarge,
            {"width": 2000, "height": 1008, "allowed": 2_000_000, "side": 1414},
        ),
        ({"batch": 5}, TooManyPictures, {"asked": 5, "allowed": 4}),
        ({"workflow": "repaint"}, WrongPictures, {"workflow": "repaint", "given": 0, "taken": 1}),
        ({"workflow": "sculpt"}, NoSuchWorkflow, {"name": "sculpt", "nearest": None}),
        ({"prompt": ""}, MissingValue, {"workflow": "paint", "option": "prompt"}),
    ],
)
async def test_a_request_over_the_limits_is_no_job(house, asked, error, fields) -> None:
    with pytest.raises(error) as caught:
        await house.ask(**asked)
    assert caught.value.details == fields
    assert await house.ledger.unfinished() == []


async def test_the_limits_themselves_are_allowed(house) -> None:
    job = await house.ask(width=2000, height=1000, batch=4)
    assert (job.recipe.value("width"), job.recipe.value("batch")) == (2000, 4)


async def test_pictures_of_a_refused_request_are_not_kept(house) -> None:
    with pytest.raises(WrongPictures):
        await house.ask(images=[house.png("red")])
    with pytest.raises(PictureGone):
        await house.media.get(content_id(house.png("red")))


# -- the queue --------------------------------------------------------------------------------------------------------


async def test_the_queue_shows_the_farthest_first_and_then_the_servers_order(house) -> None:
    jobs = [await house.ask(f"fox {n}") for n in range(5)]
    for number, states in enumerate(
        [(Queued(2, 2),), (house.drawing(5, 0.3),), (Queued(1, 2),), (house.renderer.picture(house.png()),), ()], 1
    ):
        (await house.renderer.prompt(number)).tell(*states)
    await house.reach(jobs[1], State.RUNNING)
    await house.reach(jobs[3], State.DELIVERING)
    lines = await house.service.queue()
    assert [line.job.recipe.prompt for line in lines] == ["fox 3", "fox 1", "fox 2", "fox 0", "fox 4"]
    assert [(line.position, line.progress) for line in lines] == [
        (None, None),
        (None, 0.3),
        (1, None),
        (2, None),
        (None, None),
    ]


async def test_of_the_queue_only_others_jobs_are_read_from_the_ledger(house, monkeypatch) -> None:
    ours = await house.ask()
    others = replace(ours, id="theirs", owner=house.bob)
    asked = []

    async def unfinished_elsewhere():
        asked.append("others")
        return [others]

    monkeypatch.setattr(house.ledger, "unfinished", None)
    monkeypatch.setattr(house.ledger, "unfinished_elsewhere", unfinished_elsewhere)
    (await house.renderer.prompt()).tell(Queued(1, 1))
    await house.reach(ours, Queued(1, 1))
    lines = await house.service.queue()
    assert [(line.job.id, line.position) for line in lines] == [(ours.id, 1), ("theirs", None)]
    assert asked == ["others"]


async def test_what_is_over_is_not_in_the_queue(house) -> None:
    await house.done()
    assert await house.service.queue() == ()


async def test_a_waiting_job_weighs_little_whatever_its_pictures_weigh(house) -> None:
    await house.ask(workflow="repaint", images=[house.noise(0)])
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    jobs = [await house.ask(workflow="repaint", images=[house.noise(n)]) for n in range(1, 51)]
    for number, job in enumerate(jobs, 2):
        (await house.renderer.prompt(number)).images = {}  # the test's own copy
        await house.reach(job, State.QUEUED)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (after - before) / len(jobs) < 20_000 < len(house.noise(1))


# -- stopping ---------------------------------------------------------------------------------------------------------


async def test_a_stopping_service_takes_no_jobs_and_sends_followers_home(house) -> None:
    delivering, waiting = await house.made(), await house.ask()
    await house.reach(waiting, State.QUEUED)
    ends = [asyncio.create_task(last_state(house.service.follow(job))) for job in (waiting, delivering)]
    await asyncio.sleep(0)
    await house.service.__aexit__(None, None, None)
    assert await asyncio.gather(*ends) == [State.QUEUED, State.DELIVERING]
    with pytest.raises(Stopping):
        await house.ask()
    assert house.renderer.cancelled == []
    assert {job.id for job in await house.ledger.unfinished()} == {waiting.id, delivering.id}


async def last_state(updates) -> State:
    return [update.job.state async for update in updates][-1]


async def test_whoever_leaves_the_service_leaves_none_of_its_tasks_behind(house) -> None:
    job = await house.ask()
    (await house.renderer.prompt()).tell(house.drawing(1, 0.1))
    await house.reach(job, State.RUNNING)
    ours = ("job ", "line ", "patience")
    assert {task.get_name() for task in asyncio.all_tasks()} >= {f"job {job.id}", "line fake", "patience"}
    await house.service.__aexit__(None, None, None)
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith(ours)]
