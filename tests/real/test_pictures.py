"""From a request to a picture on a real ComfyUI."""

from __future__ import annotations

import asyncio
import io
import secrets

import pytest
from PIL import Image

from bot.comfyui.progress import Running

pytestmark = pytest.mark.real


def picture(width: int = 96, height: int = 64) -> bytes:
    data = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(data, "PNG")
    return data.getvalue()


def size(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


async def pixels(studio, job) -> bytes:
    """The picture alone: the file also holds the graph, which differs anyway."""
    data = await studio.easel.service.media.get(job.pictures[0].sha256)
    with Image.open(io.BytesIO(data)) as made:
        return made.tobytes()


async def test_flux_draws_the_size_that_was_asked_for_and_counts_its_steps(studio):
    job = await studio.ask("tiny-flux", "a red fox", width=128, height=64, seed=secrets.randbits(31), steps=5)

    job, seen = await studio.end_of(job)

    assert job.state == "delivering"
    assert size(await studio.easel.service.media.get(job.pictures[0].sha256)) == (128, 64)
    steps = [
        (u.progress.step, u.progress.steps) for u in seen if isinstance(u.progress, Running) and u.progress.steps > 1
    ]
    assert steps
    assert steps == sorted(steps)
    assert {of for _, of in steps} == {5}
    overall = [u.progress.overall for u in seen if isinstance(u.progress, Running)]
    assert overall == sorted(overall)


async def test_the_same_recipe_gives_the_same_picture_and_another_seed_another(studio):
    first, _ = await studio.end_of(await studio.ask("tiny-flux", "a red fox", seed=0))
    again, _ = await studio.end_of(await studio.ask("tiny-flux", "a red fox", seed=0))
    other, _ = await studio.end_of(await studio.ask("tiny-flux", "a red fox", seed=1))

    assert first.recipe.seed == 0
    assert await pixels(studio, first) == await pixels(studio, again)
    assert await pixels(studio, first) != await pixels(studio, other)


async def test_a_cached_run_whose_file_was_deleted_is_saved_anew(studio, comfyui):
    first, _ = await studio.end_of(await studio.ask("tiny-sd", "a heron", seed=77))
    for file in (comfyui.data / "output" / "easel").glob("sd_*"):
        file.unlink()

    again, _ = await studio.end_of(await studio.ask("tiny-sd", "a heron", seed=77))

    assert again.state == "delivering"
    assert again.attempt == 2
    assert again.pictures[0].width == first.pictures[0].width


async def test_an_uploaded_picture_is_where_image_to_image_starts(studio):
    job = await studio.ask("tiny-img2img", "in snow", (picture(),), seed=secrets.randbits(31))

    job, _ = await studio.end_of(job)

    assert (job.pictures[0].width, job.pictures[0].height) == (96, 64)


async def test_a_lora_changes_the_picture(studio):
    seed = secrets.randbits(31)
    plain, _ = await studio.end_of(await studio.ask("tiny-sd", "a lighthouse", seed=seed))
    styled, _ = await studio.end_of(await studio.ask("tiny-lora", "a lighthouse", seed=seed))

    assert await pixels(studio, plain) != await pixels(studio, styled)


async def test_upscaling_makes_a_picture_four_times_as_wide(studio):
    job, _ = await studio.end_of(await studio.ask("tiny-upscale", "", (picture(),)))

    assert (job.pictures[0].width, job.pictures[0].height) == (384, 256)


async def test_a_batch_brings_every_picture(studio):
    job, _ = await studio.end_of(await studio.ask("tiny-flux", "three foxes", batch=3, seed=secrets.randbits(31)))

    assert len({picture.sha256 for picture in job.pictures}) == 3


async def test_a_picture_comes_over_the_websocket_and_stays_off_the_server_disk(studio, comfyui):
    def on_disk() -> set[object]:
        return {file for folder in ("output", "temp") for file in (comfyui.data / folder).rglob("*.png")}

    before = on_disk()
    job, _ = await studio.end_of(await studio.ask("tiny-websocket", "a fox", batch=2, seed=secrets.randbits(31)))

    assert [(p.width, p.height) for p in job.pictures] == [(64, 64)] * 2
    assert on_disk() == before


async def test_many_at_once_each_get_their_own_picture_over_one_websocket(studio):
    names = ["tiny-websocket", "tiny-flux", "tiny-sd"] * 3
    jobs = [await studio.ask(name, f"fox {i}", seed=i, batch=1) for i, name in enumerate(names)]

    ended = [job for job, _ in await asyncio.gather(*(studio.end_of(job) for job in jobs))]

    assert [job.state for job in ended] == ["delivering"] * 9
    assert len({job.pictures[0].sha256 for job in ended}) == 9
