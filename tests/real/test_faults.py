"""What goes wrong with a real ComfyUI, and what people are told."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from bot.chat.texts import texts_for
from bot.pool.errors import NobodyCan

pytestmark = pytest.mark.real


def salt() -> int:
    return secrets.randbits(30)


async def test_cancelling_a_waiting_job_takes_it_out_of_the_queue(studio):
    running = await studio.ask("slow", seed=salt())
    waiting = await studio.ask("slow", seed=salt())
    await studio.until(running, "running")
    await studio.until(waiting, "queued")

    await studio.easel.service.cancel(waiting.id, studio.person, studio.place)

    ended, _ = await studio.end_of(waiting)
    assert ended.state == "cancelled"
    finished, _ = await studio.end_of(running)
    assert finished.state == "delivering"


async def test_cancelling_a_running_job_stops_it_and_not_the_next(studio):
    running = await studio.ask("slow", seed=salt())
    waiting = await studio.ask("slow", seed=salt())
    await studio.until(running, "running", step=2)

    await studio.easel.service.cancel(running.id, studio.person, studio.place)

    ended, _ = await studio.end_of(running)
    assert ended.state == "cancelled"
    finished, _ = await studio.end_of(waiting)
    assert finished.state == "delivering"


async def test_a_missing_model_is_refused_with_its_name(studio):
    with pytest.raises(NobodyCan) as refusal:
        await studio.ask("refused", "a cat")
    assert "nowhere.safetensors" in texts_for("en").explain(refusal.value)


async def test_a_failing_node_is_named_by_its_title(studio):
    job, _ = await studio.end_of(await studio.ask("failing", seed=salt()))

    said = texts_for("en").explain(job.failure)
    assert job.state == "failed"
    assert "Break" in said
    assert "lab failure on purpose" in said


async def test_a_job_survives_every_connection_being_cut(comfyui, studio_on, wired):
    wire = await wired(comfyui.url)
    studio = await studio_on(wire.url)
    job = await studio.ask("slow", seed=salt())
    await studio.until(job, "running", step=3)

    wire.cut()

    ended, _ = await studio.end_of(job)
    assert ended.state == "delivering"
    assert ended.attempt == 1


async def test_a_websocket_picture_that_was_lost_with_the_socket_is_made_again(comfyui, studio_on, wired, ran):
    wire = await wired(comfyui.url)
    studio = await studio_on(wire.url)
    blocker = await studio.ask("slow", seed=salt())
    job = await studio.ask("tiny-websocket", "a fox", seed=salt())
    await studio.until(blocker, "running", step=2)
    await studio.until(job, "queued")
    job = await studio.easel.service.job(job.id, studio.person, studio.place)
    wire.pulled = True
    wire.cut()

    await ran(comfyui.url, job.prompt_id)
    wire.pulled = False

    ended, _ = await studio.end_of(job)
    assert ended.state == "delivering"
    assert ended.attempt == 2
    assert len(ended.pictures) == 1


async def test_a_server_killed_in_the_middle_and_started_again_runs_the_job_again(own_comfyui, studio_on, restarted):
    studio = await studio_on(own_comfyui.url)
    job = await studio.ask("slow", seed=salt())
    await studio.until(job, "running", step=3)

    own_comfyui.kill()
    await asyncio.to_thread(restarted, own_comfyui)

    ended, _ = await studio.end_of(job)
    assert ended.state == "delivering"
    assert ended.attempt == 2
