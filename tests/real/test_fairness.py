"""Everybody's turn on a real ComfyUI: in the order in which it says that it ran them."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from bot.comfyui.client import Client
from bot.comfyui.progress import Running, Succeeded
from bot.comfyui.server import Server
from bot.jobs.fairness import WEB, Share, number
from bot.jobs.model import Person
from bot.pool.renderer import ComfyRenderer, Task
from bot.workflows.library import Library
from bot.workflows.workflow import Target

pytestmark = pytest.mark.real

SLOW = Library([], files=[Path(__file__).parent / "workflows" / "slow.json"])
HOLDS = 3.0
"""Seconds that the first prompt runs, while the others take their places behind it."""


def nap(seconds: float):
    slow = SLOW.get("slow")
    return replace(slow, graph=slow.graph.with_values({Target("2", "seconds"): seconds, Target("2", "ticks"): 1}))


@dataclass
class Counter:
    """One server at which people queue. `names` says whose each prompt is, and which of theirs."""

    url: str
    renderer: ComfyRenderer
    session: aiohttp.ClientSession
    shares: dict[str, Share] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)

    async def ours(self, owner: str, *, weight: float = 1.0, seconds: float = 0.05) -> Task:
        share = Share(owner, weight)
        task = Task(str(uuid.uuid4()), nap(seconds), {"seed": secrets.randbits(30)})
        await self.renderer.submit(task, {}, partial(self._order, share))
        self.tasks.append(task)
        self._name(task.prompt_id, share)
        return task

    async def web(self) -> None:
        """What the server's own page posts."""
        graph = nap(0.05).graph.with_values({Target("2", "salt"): secrets.randbits(30)})
        async with self.session.post(f"{self.url}/prompt", json={"prompt": graph.api(), "client_id": "page"}) as answer:
            assert answer.status == 200
            self._name((await answer.json())["prompt_id"], WEB)

    async def busy(self, owner: str) -> None:
        """The owner's first runs."""
        task = await self.ours(owner, seconds=HOLDS)
        async with asyncio.timeout(30):
            async for update in self.renderer.watch(task):
                if isinstance(update.state, Running):
                    return

    async def said(self) -> list[str]:
        """The order that the server's queue is in."""
        queue = await self.renderer.queue()
        return [self.names[entry.prompt_id] for entry in (*queue.running, *queue.pending)]

    async def ran(self) -> list[str]:
        """The order in which the server has run them, once it has run all."""
        async with asyncio.timeout(60):
            for task in self.tasks:
                updates = [update async for update in self.renderer.watch(task)]
                assert isinstance(updates[-1].state, Succeeded)
            while True:
                async with self.session.get(f"{self.url}/history") as answer:
                    ran = [self.names[prompt] for prompt in await answer.json() if prompt in self.names]
                if len(ran) == len(self.names):
                    return ran
                await asyncio.sleep(0.05)

    def _order(self, share: Share, queue):
        return number(queue, share, lambda prompt: self.shares.get(prompt, WEB))

    def _name(self, prompt_id: str, share: Share) -> None:
        nth = sum(name.startswith(share.owner) for name in self.names.values()) + 1
        self.names[prompt_id] = f"{share.owner}{nth}"
        if share is not WEB:
            self.shares[prompt_id] = share


@pytest.fixture
async def counter(comfyui) -> AsyncIterator[Counter]:
    async with Client(Server("real", comfyui.url)) as client, aiohttp.ClientSession() as session:
        yield Counter(comfyui.url, ComfyRenderer(client), session)


async def test_of_one_who_queues_ten_and_one_who_queues_one_the_latter_runs_second(counter):
    await counter.busy("A")
    for _ in range(9):
        await counter.ours("A")

    await counter.ours("B")

    order = ["A1", "B1", *[f"A{nth}" for nth in range(2, 11)]]
    assert await counter.said() == order
    assert await counter.ran() == order


async def test_the_web_page_is_one_more_person(counter):
    await counter.busy("A")
    await counter.web()
    await counter.ours("A")
    await counter.web()

    await counter.ours("B")
    await counter.ours("B")
    await counter.web()
    await counter.ours("C")

    order = ["A1", "web1", "B1", "C1", "A2", "web2", "B2", "web3"]
    assert await counter.said() == order
    assert await counter.ran() == order


async def test_what_is_appended_and_what_the_web_page_posts_share_one_counter(counter):
    await counter.busy("A")
    await counter.ours("A")
    await counter.ours("B")
    await counter.ours("C")
    await counter.web()
    await counter.ours("A")
    await counter.web()

    order = ["A1", "B1", "C1", "A2", "web1", "A3", "web2"]
    assert await counter.said() == order
    assert await counter.ran() == order


async def test_a_weight_of_two_gets_two_to_everybodys_one(counter):
    await counter.busy("A")
    for _ in range(3):
        await counter.ours("A")

    for _ in range(4):
        await counter.ours("D", weight=2.0)

    order = ["A1", "D1", "D2", "A2", "D3", "D4", "A3", "A4"]
    assert await counter.said() == order
    assert await counter.ran() == order


async def test_many_at_once_all_find_a_place_of_their_own(counter):
    await counter.busy("A")
    await counter.ours("A")

    people = [f"person {index:02}/" for index in range(30)]
    await asyncio.gather(*(counter.ours(person) for person in people))

    said = await counter.said()
    assert said[:1] + said[-1:] == ["A1", "A2"]
    assert sorted(said[1:-1]) == [f"{person}1" for person in people]
    assert await counter.ran() == said


async def test_jobs_have_their_turn_and_see_their_true_place(studio):
    bob = replace(studio, person=Person("terminal:operator", "Bob"))
    first = await studio.ask("slow", seed=secrets.randbits(30))
    await studio.until(first, "running")
    hers = [await studio.ask("slow", seed=secrets.randbits(30)) for _ in range(3)]
    for place, job in enumerate(hers, start=1):
        await at_place(studio, job, place)

    his = await bob.ask("slow", seed=secrets.randbits(30))

    await at_place(studio, his, 1)
    for place, job in enumerate(hers, start=2):
        await at_place(studio, job, place)
    await bob.until(his, "running")
    for job in hers:
        assert (await studio.easel.service.job(job.id, studio.person, studio.place)).state == "queued"
        await studio.easel.service.cancel(job.id, studio.person, studio.place)


async def at_place(studio, job, place: int) -> None:
    """Until its followers are told that it is there."""
    async with asyncio.timeout(30):
        async for update in studio.easel.service.follow(job):
            if getattr(update.progress, "position", None) == place:
                return
