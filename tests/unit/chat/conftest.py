"""A chat room with Easel in it, over a renderer that does what the test says."""

# ruff: noqa: ARG002 - the port names the place; this platform has one

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.chat.card import Result, StatusCard
from bot.chat.conversation import Conversation, Manners
from bot.chat.pacing import Budgets
from bot.chat.ports import Incoming
from bot.comfyui.progress import Lost, Queued, Running
from bot.images.fit import CONSOLE
from bot.jobs.catalog import Catalog
from bot.jobs.ledger.memory import MemoryLedger
from bot.jobs.media import MediaStore
from bot.jobs.model import Action, Job, Person, Place, State
from bot.jobs.recipes import Limits
from bot.jobs.service import JobService
from bot.pool.pool import Pool
from bot.pool.testing import FakeRenderer
from bot.workflows.errors import NoSuchWorkflow
from bot.workflows.graph import Graph
from bot.workflows.options import Kind, Option, Role
from bot.workflows.workflow import Workflow

PROMPT = Option(Role.PROMPT, Kind.TEXT, ("prompt",), required=True)
SEED = Option(Role.SEED, Kind.INTEGER, ("seed",), minimum=0)
STEPS = Option(Role.STEPS, Kind.INTEGER, ("steps",), default=20, minimum=1, maximum=50)
WIDTH = Option(Role.WIDTH, Kind.INTEGER, ("w",), default=1024, minimum=16, multiple_of=8)
HEIGHT = Option(Role.HEIGHT, Kind.INTEGER, ("h",), default=1024, minimum=16, multiple_of=8)
DENOISE = Option(Role.DENOISE, Kind.NUMBER, ("denoise",), default=0.6, minimum=0, maximum=1)
IMAGE = Option(Role.IMAGE, Kind.IMAGE, (), required=True)
CHINESE = {"zh-CN": {"title": "放大"}}


def workflow(name: str, title: str, *options: Option, **more: Any) -> Workflow:
    return Workflow(name, title, "", Graph({}), options, {}, ("9",), **more)


class Shelf:
    """A library whose workflows lie in memory."""

    def __init__(self, *workflows: Workflow) -> None:
        self.workflows = {workflow.name: workflow for workflow in workflows}

    def get(self, name: str) -> Workflow:
        if name not in self.workflows:
            raise NoSuchWorkflow(name, None)
        return self.workflows[name]

    def all(self) -> tuple[Workflow, ...]:
        return tuple(self.workflows.values())


class HesitantLedger(MemoryLedger):
    """A ledger that lets others run before and after each write, as a database does."""

    async def add(self, job: Job) -> bool:
        await hesitate()
        return await super().add(job)

    async def put(self, job: Job) -> None:
        await hesitate()
        await super().put(job)
        await hesitate()


async def hesitate() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


class FakeFrontEnd:
    """A platform with one chat. `messages` is what can be seen there now, `troubles` what the next calls run into."""

    platform = "test"
    picture_limits = CONSOLE
    budgets = Budgets()

    def __init__(self) -> None:
        self.messages: dict[str, str] = {}
        self.replies: dict[str, str | None] = {}
        self.cards: dict[str, StatusCard] = {}
        self.results: dict[str, Result] = {}
        self.posted: list[str] = []
        self.troubles: list[Exception] = []
        self.calls = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.looked = asyncio.Condition()
        self._ids = iter(range(1, 1000))

    async def say(self, place: Place, text: str, *, reply_to: str | None) -> str:
        return await self._new(text, reply_to)

    async def show(self, place: Place, card: StatusCard, *, reply_to: str | None) -> str:
        message = await self._new(self._card(card), reply_to)
        self.cards[message] = card
        return message

    async def update(self, place: Place, message: str, card: StatusCard) -> None:
        await self._busy()
        self.messages[message] = self._card(card)
        self.cards[message] = card
        await self._look()

    async def post(self, place: Place, result: Result, *, reply_to: str | None, status: str | None) -> tuple[str, ...]:
        buttons = " ".join(f"[{button.label}]" for button in result.buttons)
        message = await self._new(" | ".join((f"<{result.title}>", *result.lines, buttons)), reply_to)
        self.results[message] = result
        self.posted.append(message)
        if status is not None:
            self.messages.pop(status)
        await self._look()
        return (message,)

    async def remove(self, place: Place, message: str) -> None:
        await self._busy()
        self.messages.pop(message)
        await self._look()

    def _card(self, card: StatusCard) -> str:
        progress = () if card.progress is None else (f"{card.progress:.0%}",)
        buttons = (" ".join(f"[{button.label}]" for button in card.buttons),) if card.buttons else ()
        return " | ".join((card.title, *card.lines, *progress, *buttons))

    async def _new(self, text: str, reply_to: str | None) -> str:
        await self._busy()
        message = f"m{next(self._ids)}"
        self.messages[message] = text
        self.replies[message] = reply_to
        await self._look()
        return message

    async def _busy(self) -> None:
        self.calls += 1
        await self._look()
        await self.gate.wait()
        if self.troubles:
            trouble = self.troubles.pop(0)
            await self._look()
            raise trouble

    async def _look(self) -> None:
        async with self.looked:
            self.looked.notify_all()


@dataclass
class Room:
    """The chat, and who is in it."""

    front: FakeFrontEnd
    conversation: Conversation
    service: JobService
    renderer: FakeRenderer
    shelf: Shelf
    number: int = 0

    ada: ClassVar = Person("test:ada", "Ada", "en")
    bob: ClassVar = Person("test:bob", "Bob", "en-GB")
    lin: ClassVar = Person("test:lin", "林", "zh-hans")
    eve: ClassVar = Person("test:eve", "Eve")
    place: ClassVar = Place("test", "room")
    lost: ClassVar = Lost()

    async def says(
        self, text: str, *, by: Person | None = None, pictures: tuple[bytes, ...] = (), to: str | None = None
    ) -> Job | None:
        """Somebody says this, in reply to a message perhaps."""
        self.number += 1
        incoming = Incoming(by or self.ada, self.place, f"said {self.number}", text, pictures, to)
        return await self.conversation.receive(incoming)

    async def presses(self, action: Action, job: str, *, by: Person | None = None) -> str | None:
        return await self.conversation.press(by or self.ada, self.place, job, action)

    async def sees(self, *fragments: str) -> str:
        """The id of the message that shows all of these, as soon as there is one."""
        found = await self.until(lambda: self.showing(*fragments))
        return found[0]

    def showing(self, *fragments: str) -> list[str]:
        return [id_ for id_, text in self.front.messages.items() if all(fragment in text for fragment in fragments)]

    async def until(self, wanted: Callable[[], Any]) -> Any:
        """What that gives, as soon as it gives something."""
        try:
            async with asyncio.timeout(5), self.front.looked:
                return await self.front.looked.wait_for(wanted)
        except TimeoutError:
            raise AssertionError(f"the chat shows {list(self.front.messages.values())}") from None

    @property
    def log(self) -> list[str]:
        """What can be seen in the chat now."""
        return list(self.front.messages.values())

    async def reach(self, job: Job, state: State) -> None:
        """The job is in that state, whatever the chat shows."""
        async with asyncio.timeout(5), aclosing(self.service.follow(job)) as updates:
            async for update in updates:
                if update.job.state is state:
                    return
        raise AssertionError(f"it never was {state}")

    @staticmethod
    async def settled() -> None:
        """Let every task run until it waits for something."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def draws(self, number: int, picture: bytes | None = None) -> None:
        """The server finishes the prompt of that number."""
        prompt = await self.renderer.prompt(number)
        prompt.tell(self.renderer.picture(picture or self.png()))

    async def gets(
        self, text: str, *, picture: bytes | None = None, pictures: tuple[bytes, ...] = ()
    ) -> tuple[Job, str]:
        """Somebody asks for a picture and has it: the job, and the message with the result."""
        number = len(self.renderer.prompts) + 1
        job = await self.says(text, pictures=pictures)
        assert job is not None, self.log
        await self.draws(number, picture)
        await self.reach(job, State.DONE)
        return job, await self.sees(job.id, "<")

    @staticmethod
    def png(colour: str = "teal", *, text: dict[str, str] | None = None) -> bytes:
        file, about = io.BytesIO(), PngInfo()
        for key, value in (text or {}).items():
            about.add_text(key, value)
        Image.new("RGB", (48, 32), colour).save(file, "PNG", pnginfo=about)
        return file.getvalue()

    @staticmethod
    def drawing(step: int, overall: float) -> Running:
        return Running(node="KSampler", index=2, nodes=5, step=step, steps=20, overall=overall)

    @staticmethod
    def waiting(position: int, of: int) -> Queued:
        return Queued(position, of)


@pytest.fixture(params=[MemoryLedger, HesitantLedger])
async def enter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Opens a room, with other manners if wanted."""
    async with AsyncExitStack() as stack:

        async def open_room(**manners: Any) -> Room:
            renderer = FakeRenderer()
            shelf = Shelf(
                workflow("paint", "Paint", PROMPT, WIDTH, HEIGHT, SEED, STEPS),
                workflow("repaint", "Repaint", PROMPT, IMAGE, SEED, DENOISE),
                workflow("upscale", "Enlarge", IMAGE, command="upscale", translations=CHINESE),
            )
            pool = Pool([renderer])
            service = JobService(
                ledger=request.param(),
                media=MediaStore(tmp_path),
                pool=pool,
                catalog=Catalog(shelf, pool, defaults=["paint"], defaults_with_image=["repaint"]),
                limits=Limits(pixels=2_000_000, batch=4),
                random=Random(7),
                clock=map(float, count(1000)).__next__,
            )
            front = FakeFrontEnd()
            await stack.enter_async_context(service)
            conversation = await stack.enter_async_context(Conversation(front, service, Manners(**manners)))
            return Room(front, conversation, service, renderer, shelf)

        yield open_room


@pytest.fixture
async def room(enter: Callable[..., Any]) -> Room:
    return await enter()
