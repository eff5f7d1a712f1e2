"""What stays from one command to the next, and commands beside each other."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.jobs.ledger.sql import Store, open_store
from bot.jobs.model import Place, State

SMALL = ("--w", "64", "--h", "64", "--steps", "2")
LONG = ("--w", "64", "--h", "64", "--steps", "50")
OPERATOR = "terminal:operator"


@pytest.fixture
def ledger(terminal):
    """Look into the ledger that commands with a config.toml in that folder write to."""

    @asynccontextmanager
    async def ledger(folder: Path = terminal.folder / "data") -> AsyncIterator[Store]:
        url = f"sqlite:///{folder / 'easel.sqlite'}"
        async with open_store(url, holder="test") as store:
            yield store

    return ledger


async def jobs_at(url: str) -> list[dict[str, Any]]:
    """What a ComfyUI says it has or had to do."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/api/jobs") as answer:
        return (await answer.json())["jobs"]


async def until_job(url: str, status: str) -> None:
    async with asyncio.timeout(30):
        while status not in [job["status"] for job in await jobs_at(url)]:
            pass


async def test_every_picture_is_remembered(terminal, comfyui, ledger):
    terminal.settings(comfyui.url)

    first = await terminal.easel("imagine", "a fox", *SMALL, "--json")
    second = await terminal.easel("imagine", "an owl", *SMALL, "--json", "--out", "owls")

    assert (first.code, second.code) == (0, 0), first.err + second.err
    async with ledger() as store:
        owl, fox = await store.ledger.of_owner(OPERATOR, 10)
    assert [owl.id, fox.id] == [json.loads(ran.out)["job"] for ran in (second, first)]
    assert (owl.recipe.prompt, fox.recipe.prompt) == ("an owl", "a fox")
    assert owl.place == Place("terminal", str(terminal.folder / "owls"))
    assert [(job.state, job.told) for job in (owl, fox)] == [(State.DONE, True)] * 2


async def test_data_lie_beside_the_settings_and_else_in_the_home_of_data(terminal, comfyui, ledger):
    (terminal.folder / "etc").mkdir()
    terminal.settings(comfyui.url).rename(terminal.folder / "etc" / "mine.toml")

    beside = await terminal.easel("imagine", "a fox", *SMALL, "-c", "etc/mine.toml")
    at_home = await terminal.easel("imagine", "a fox", *SMALL, "--server", comfyui.url)

    assert (beside.code, at_home.code) == (0, 0)
    for folder in ("etc/data", "kept/easel"):
        async with ledger(terminal.folder / folder) as store:
            assert len(await store.ledger.of_owner(OPERATOR, 10)) == 1
    assert not (terminal.folder / "data").exists()


async def test_a_refused_request_is_remembered_as_failed(terminal, comfyui, ledger):
    terminal.settings(comfyui.url)

    ran = await terminal.easel("imagine", "a fox", *SMALL, "--model", "nowhere.gguf")

    assert ran.code == 3
    async with ledger() as store:
        (job,) = await store.ledger.of_owner(OPERATOR, 10)
    assert (job.state, job.told, job.open) == (State.FAILED, True, False)


async def test_a_picture_is_made_beside_a_running_easel(terminal, comfyui, says, stops):
    terminal.settings(comfyui.url)
    serving = await terminal.start("run")
    await says(serving, "http://")

    ran = await terminal.easel("imagine", "a fox", *SMALL)

    assert ran.code == 0, ran.err
    assert await stops(serving) == 0


async def test_a_second_easel_on_the_same_data_is_refused(terminal, comfyui, says, stops):
    terminal.settings(comfyui.url)
    serving = await terminal.start("run")
    await says(serving, "http://")

    second = await terminal.easel("run")

    assert second.code == 2
    assert "already works" in second.err
    assert "Traceback" not in second.err
    assert "http://" not in second.out
    assert await stops(serving) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stopped_easel_lets_go_of_its_data(terminal, comfyui, says, stops, number):
    terminal.settings(comfyui.url)
    for _ in range(2):
        serving = await terminal.start("run")
        await says(serving, "http://")
        assert await stops(serving, number) == 0


async def test_a_killed_easel_lets_go_of_its_data(terminal, comfyui, says, stops):
    terminal.settings(comfyui.url)
    serving = await terminal.start("run")
    await says(serving, "http://")
    assert await stops(serving, signal.SIGKILL) == -signal.SIGKILL

    serving = await terminal.start("run")
    await says(serving, "http://")
    assert await stops(serving) == 0


async def test_a_job_of_a_killed_easel_goes_on_in_the_next(terminal, slow_comfyui, says, stops, ledger):
    terminal.settings(slow_comfyui.url)
    serving = await terminal.start("run")
    address = (await says(serving, "http://")).split()[-1]
    job = await terminal.ask_console(address, "/imagine a fox --w 64 --h 64 --steps 6")
    await until_job(slow_comfyui.url, "in_progress")
    await stops(serving, signal.SIGKILL)

    serving = await terminal.start("run")
    await says(serving, "http://")

    async with asyncio.timeout(30), ledger() as store:
        while (await store.ledger.get(job)).open:
            pass
        assert (await store.ledger.get(job)).state is State.DONE
    assert await stops(serving) == 0
    assert len(await jobs_at(slow_comfyui.url)) == 1


async def test_servers_know_a_restarted_easel_again_and_an_imagine_as_somebody_else(terminal, comfyui, says, stops):
    terminal.settings(comfyui.url)
    for count in (1, 2):
        serving = await terminal.start("run")
        address = (await says(serving, "http://")).split()[-1]
        await terminal.ask_console(address, f"/imagine a fox --w 64 --h 64 --steps 2 --seed {count}")
        async with asyncio.timeout(30):
            while [job["status"] for job in await jobs_at(comfyui.url)].count("completed") < count:
                pass
        await stops(serving)
    await terminal.easel("imagine", "a fox", *SMALL)

    async with aiohttp.ClientSession() as session, session.get(f"{comfyui.url}/history") as answer:
        first, second, third = [each["prompt"][3]["client_id"] for each in (await answer.json()).values()]
    assert first == second != third


async def test_what_a_killed_imagine_left_behind_is_cancelled(terminal, slow_comfyui, says, stops, ledger):
    terminal.settings(slow_comfyui.url)
    killed = await terminal.start("imagine", "a fox", *LONG)
    await says(killed, "Drawing")
    await stops(killed, signal.SIGKILL)

    ran = await terminal.easel("imagine", "an owl", *SMALL)

    assert ran.code == 0, ran.err
    assert "Drawing" in ran.out
    async with ledger() as store:
        owl, fox = await store.ledger.of_owner(OPERATOR, 10)
    assert (owl.state, fox.state, fox.open) == (State.DONE, State.CANCELLED, False)
    assert sorted(job["status"] for job in await jobs_at(slow_comfyui.url)) == ["cancelled", "completed"]


async def test_settings_are_read_again_on_a_hangup(terminal, comfyui, says, stops, unused_tcp_port):
    terminal.settings(f"http://127.0.0.1:{unused_tcp_port}")
    serving = await terminal.start("run")
    address = (await says(serving, "http://")).split()[-1]

    terminal.settings(f"http://127.0.0.1:{unused_tcp_port}", comfyui.url, more="[limits]\nwaiting = 1\n")
    serving.send_signal(signal.SIGHUP)
    told = await says(serving, "again")
    await terminal.ask_console(address, "/imagine a fox --w 64 --h 64 --steps 2")

    assert "New servers: gpu2." in told
    assert "In effect now: [limits]." in told
    await until_job(comfyui.url, "completed")
    assert await stops(serving) == 0


async def test_what_only_a_restart_changes_is_said(terminal, comfyui, says, stops):
    terminal.settings(comfyui.url)
    serving = await terminal.start("run")
    await says(serving, "http://")

    terminal.settings(comfyui.url, more="[data]\nkeep_days = 1\n")
    serving.send_signal(signal.SIGHUP)

    assert "from the next start on: [data]" in await says(serving, "again")
    assert await stops(serving) == 0


async def test_settings_that_became_wrong_change_nothing(terminal, comfyui, says, stops):
    good = terminal.settings(comfyui.url)
    text = good.read_text()
    serving = await terminal.start("run")
    address = (await says(serving, "http://")).split()[-1]

    good.write_text(text.replace("port", "prot"))
    serving.send_signal(signal.SIGHUP)
    async with asyncio.timeout(30):
        while "stays as it was" not in (line := (await serving.stderr.readline()).decode()):
            assert line
    assert "console.port" in line
    await terminal.ask_console(address, "/imagine a fox --w 64 --h 64 --steps 2")
    await until_job(comfyui.url, "completed")
    assert await stops(serving) == 0
