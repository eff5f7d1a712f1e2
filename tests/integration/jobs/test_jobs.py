"""Jobs from request to pictures over HTTP and WebSocket, also when servers misbehave."""

from __future__ import annotations

import asyncio

import pytest

from bot.comfyui.progress import Queued
from bot.jobs.model import State
from bot.standin.settings import MODELS, Settings

# -- pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["0.28.0", "0.3.75"])
@pytest.mark.parametrize("workflow", ["flux", "flux-fp8", "flux-websocket", "sdxl"])
async def test_words_become_a_picture_of_the_size_asked_for(build, version, workflow: str) -> None:
    house = await build(Settings(version=version))
    job, (picture,) = await house.made(await house.ask(workflow, seed=0))
    assert picture.size == (128, 96)
    assert (job.server, job.attempt, job.recipe.seed) == ("gpu1", 1, 0)
    assert job.pictures[0].media_type == "image/png"


@pytest.mark.parametrize("workflow", ["flux-img2img", "flux-kontext", "sdxl-img2img"])
async def test_a_picture_and_words_become_a_picture(house, workflow: str) -> None:
    _, (picture,) = await house.made(await house.ask(workflow, images=[house.png()]))
    assert picture.size >= (64, 48)


async def test_a_result_can_be_varied_and_enlarged(house) -> None:
    job, (picture,) = await house.made(await house.ask("sdxl"))
    await house.service.delivered(job.id, ["1"])
    varied, _ = await house.made(await house.service.vary(job.id, house.ada, house.here))
    assert varied.recipe.images == (("image", job.pictures[0].sha256),)
    _, (larger,) = await house.made(await house.service.upscale(job.id, house.ada, house.here))
    assert larger.size > picture.size


async def test_a_batch_gives_as_many_pictures(house) -> None:
    _, pictures = await house.made(await house.ask("flux", batch=3))
    assert len(pictures) == 3


async def test_a_recipe_gives_the_same_picture_each_time_and_another_seed_another(house) -> None:
    first, _ = await house.made(await house.ask("flux", seed=0))
    other, _ = await house.made(await house.ask("flux", seed=1))
    again = await house.service.again(first.id, house.ada, house.here, house.service.request_of(first))
    same, _ = await house.made(again)
    assert same.prompt_id != first.prompt_id
    assert same.pictures[0].sha256 == first.pictures[0].sha256 != other.pictures[0].sha256


async def test_a_cached_run_whose_file_was_deleted_is_saved_anew(house) -> None:
    first, (picture,) = await house.made(await house.ask("flux", seed=0))
    for file in house.server.folder("output").rglob("*.png"):
        file.unlink()
    again, (anew,) = await house.made(await house.ask("flux", seed=0))
    assert anew.tobytes() == picture.tobytes()
    assert (first.attempt, again.attempt) == (1, 2)


async def test_the_same_picture_goes_up_once(house) -> None:
    for seed in (1, 2):
        await house.made(await house.ask("sdxl-img2img", images=[house.png()], seed=seed))
    assert house.server.calls["POST /upload/image"] == 1


# -- the queue --------------------------------------------------------------------------------------------------------


async def test_positions_are_true_positions_in_the_servers_queue(house) -> None:
    house.server.faults.stall()
    jobs = [await house.ask("flux", seed=0)]
    await house.reach(jobs[0], State.RUNNING)
    for position in (1, 2):
        jobs.append(await house.ask("flux", seed=position))
        await house.reach(jobs[-1], Queued(position, of=position))
    await house.reach(jobs[1], Queued(1, of=2))
    lines = await house.service.queue()
    assert [line.position for line in lines] == [None, 1, 2]
    assert [line.job.prompt_id for line in lines[1:]] == house.server.pending
    house.server.faults.resume()
    await asyncio.gather(*(house.made(job) for job in jobs))
    assert len(house.server.finished) == 3


async def test_who_asks_first_is_first_in_the_queue(house) -> None:
    house.server.faults.stall()
    jobs = [await house.ask("flux", seed=seed) for seed in range(20)]
    updates = [await house.reach(job, State.QUEUED, State.RUNNING) for job in jobs]
    assert [house.server.running, *house.server.pending] == [update.job.prompt_id for update in updates]


async def test_the_next_job_goes_to_the_server_with_less_to_do(build) -> None:
    house = await build(Settings(), Settings())
    house.servers[0].faults.stall()
    busy = await house.ask("flux", seed=1)
    await house.reach(busy, State.RUNNING)
    other, _ = await house.made(await house.ask("flux", seed=2))
    assert ((await house.service.job(busy.id, house.ada, house.here)).server, other.server) == ("gpu1", "gpu2")
    house.servers[0].faults.resume()
    await house.made(busy)


async def test_jobs_that_come_at_once_are_spread_over_the_servers(build) -> None:
    house = await build(Settings(), Settings())
    for server in house.servers:
        server.faults.stall()
    jobs = await asyncio.gather(*(house.ask("flux", seed=seed) for seed in range(10)))
    placed = [(await house.reach(job, State.QUEUED, State.RUNNING)).job.server for job in jobs]
    assert (placed.count("gpu1"), placed.count("gpu2")) == (5, 5)


@pytest.mark.parametrize(
    ("lacking", "default", "with_image"),
    [
        (set(), "flux", "flux-kontext"),
        ({"unet_gguf"}, "flux-fp8", "sdxl-img2img"),
        ({"checkpoints"}, "flux", "flux-kontext"),
    ],
)
async def test_the_default_workflow_is_one_that_the_server_has_the_models_for(
    build, lacking, default: str, with_image: str
) -> None:
    models = {folder: () if folder in lacking else names for folder, names in MODELS.items()}
    house = await build(Settings(models=models))
    menu = await house.service.menu()
    assert (menu.default, menu.default_with_image) == (default, with_image)


# -- cancelling -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["0.28.0", "0.3.75"])
async def test_cancelling_stops_the_job_on_the_server(build, version) -> None:
    house = await build(Settings(version=version))
    house.server.faults.stall("KSampler", at=1)
    runs, waits = await house.ask("flux-fp8", seed=1), await house.ask("flux-fp8", seed=2)
    await house.reach(runs, State.RUNNING)
    await house.reach(waits, State.QUEUED)

    await house.service.cancel(waits.id, house.ada, house.here)
    await house.reach(waits, State.CANCELLED)
    assert house.server.pending == []

    await house.service.cancel(runs.id, house.ada, house.here)
    house.server.faults.resume()
    await house.reach(runs, State.CANCELLED)
    assert house.server.running is None


# -- what goes wrong --------------------------------------------------------------------------------------------------


async def test_a_node_that_fails_is_named_by_its_title(house) -> None:
    house.server.faults.fail_node("KSampler", message="out of memory")
    failed = (await house.reach(await house.ask("flux-fp8"), State.FAILED)).job
    assert failed.failure.code == "error-node-failed"
    assert "out of memory" in dict(failed.failure.details)["reason"]


async def test_a_refused_graph_says_what_is_wrong_with_it(house) -> None:
    house.server.faults.refuse()
    failed = (await house.reach(await house.ask("flux"), State.FAILED)).job
    assert failed.failure.code == "error-refused-graph"


async def test_a_job_waits_for_a_server_that_is_down(house) -> None:
    await house.server.faults.kill()
    job = await house.ask("flux")
    await house.told(job, lambda update: update.silent == ("gpu1",))
    await house.server.faults.start()
    made, _ = await house.made(job)
    assert made.attempt == 1


async def test_a_job_goes_elsewhere_when_its_server_does_not_come_back(build) -> None:
    house = await build(Settings(), Settings())
    first, second = house.servers
    first.faults.stall("KSampler", at=1)
    job = await house.ask("flux-fp8", seed=1)
    assert (await house.reach(job, State.RUNNING)).job.server == "gpu1"
    await first.faults.kill()
    made, _ = await house.made(job)
    assert (made.server, made.left, made.attempt) == ("gpu2", "gpu1", 2)
    assert second.finished == [made.prompt_id]


async def test_a_lost_answer_is_no_second_prompt(house) -> None:
    house.server.faults.lose_answer()
    job, _ = await house.made(await house.ask("flux"))
    assert job.attempt == 1
    assert house.server.calls["POST /prompt"] == len(house.server.finished) == 1


async def test_a_picture_whose_download_breaks_is_fetched_again(house) -> None:
    house.server.faults.lose_answer(method="GET", path="/view", times=2)
    job, (picture,) = await house.made(await house.ask("flux"))
    assert (job.attempt, picture.size) == (1, (128, 96))


async def test_a_server_that_restarts_gets_the_job_again(house) -> None:
    house.server.faults.stall("KSampler", at=1)
    job = await house.ask("flux-fp8")
    await house.reach(job, State.RUNNING)
    await house.server.faults.restart()
    made, _ = await house.made(job)
    assert made.attempt == 2
    assert house.server.finished == [made.prompt_id]


async def test_a_picture_that_went_down_with_the_socket_is_made_once_more(house) -> None:
    house.server.faults.stall("SaveImageWebsocket")
    job = await house.ask("flux-websocket")
    await house.server.until(lambda: house.server.running is not None)
    await house.reach(job, State.RUNNING)
    house.server.faults.refuse_socket(None)
    house.server.faults.drop_socket()
    house.server.faults.resume()
    await house.server.until(lambda: len(house.server.finished) == 1)
    house.server.faults.clear()
    made, (picture,) = await house.made(job)
    assert (made.attempt, picture.size) == (2, (128, 96))


async def test_a_job_needs_no_event_to_be_made(house) -> None:
    house.server.faults.silent()
    _, (picture,) = await house.made(await house.ask("flux"))
    assert picture.size == (128, 96)


# -- starting again ---------------------------------------------------------------------------------------------------


async def test_the_next_start_goes_on_with_what_waits_and_runs(build) -> None:
    house = await build(Settings())
    house.server.faults.stall("KSampler", at=1)
    jobs = [await house.ask("flux-fp8", seed=seed) for seed in range(3)]
    await house.reach(jobs[0], State.RUNNING)
    for job in jobs[1:]:
        await house.reach(job, State.QUEUED)
    house = await build.start()
    assert [job.id for job in house.service.resumed("test")] == [job.id for job in jobs]
    house.server.faults.resume()
    made = [(await house.made(job))[0] for job in jobs]
    assert [job.attempt for job in made] == [1, 1, 1]
    assert house.server.finished == [job.prompt_id for job in made]
    assert house.server.calls["POST /prompt"] == 3


async def test_what_was_finished_while_nobody_looked_is_fetched(build) -> None:
    house = await build(Settings())
    house.server.faults.stall()
    job = await house.ask("flux")
    await house.reach(job, State.QUEUED, State.RUNNING)
    await build.stop()
    house.server.faults.resume()
    await house.server.until(lambda: len(house.server.finished) == 1)
    house = await build.start()
    made, (picture,) = await house.made(job)
    assert (made.attempt, picture.size) == (1, (128, 96))


async def test_what_its_server_forgot_while_nobody_looked_is_made_anew(build) -> None:
    house = await build(Settings())
    house.server.faults.stall()
    job = await house.ask("flux")
    await house.reach(job, State.QUEUED, State.RUNNING)
    await build.stop()
    await house.server.faults.restart()
    house = await build.start()
    made, _ = await house.made(job)
    assert (made.attempt, house.server.finished) == (2, [made.prompt_id])
