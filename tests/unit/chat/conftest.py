"""A chat room with Easel in it, over a renderer that does what the test says."""

# ruff: noqa: ARG002 - the port names the place; this platform has one

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack, aclosing, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.chat.card import Result, StatusCard, Words
from bot.chat.conversation import Conversation, Manners
from bot.chat.pacing import Budgets
from bot.chat.ports import Fetch, Incoming
from bot.chat.presence import Board
from bot.comfyui.progress import Lost, Queued, Running, Succeeded, Update
from bot.images.fit import CONSOLE, PlatformLimits
from bot.jobs.catalog import Catalog
from bot.jobs.estimates import Estimates
from bot.jobs.house import House
from bot.jobs.ledger.memory import MemoryLedger, MemoryRegister
from bot.jobs.media import MediaStore
from bot.jobs.model import Action, Job, Person, Place, State
from bot.jobs.policy.limits import Limits, Rank
from bot.jobs.policy.rules import Rules
from bot.jobs.service import JobService
from bot.pool.placement import Terms
from bot.pool.pool import Member, Pool
from bot.pool.renderer import Task
from bot.pool.testing import FakeRenderer
from bot.workflows.errors import NoSuchWorkflow
from bot.workflows.graph import Graph
from bot.workflows.options import Kind, Option, Role
from bot.workflows.workflow import Workflow

PROMPT = Option(Role.PROMPT, Kind.TEXT, ("prompt",), required=True)
SEED = Option(Role.SEED, Kind.INTEGER, ("seed",), minimum=0, maximum=2**64 - 1)
STEPS = Option(Role.STEPS, Kind.INTEGER, ("steps",), default=20, minimum=1, maximum=50)
WIDTH = Option(Role.WIDTH, Kind.INTEGER, ("w",), default=1024, minimum=16, multiple_of=8)
HEIGHT = Option(Role.HEIGHT, Kind.INTEGER, ("h",), default=1024, minimum=16, multiple_of=8)
DENOISE = Option(Role.DENOISE, Kind.NUMBER, ("denoise",), default=0.6, minimum=0, maximum=1)
IMAGE = Option(Role.IMAGE, Kind.IMAGE, (), required=True)
CHINESE = {"zh-CN": {"title": "放大"}}


def workflow(name: str, title: str, *options: Option, **more: Any) -> Workflow:
    return Workflow(name, title, "", Graph({}), options, {option.name: () for option in options}, ("9",), **more)


def at_hand(data: bytes) -> Fetch:
    async def fetch() -> bytes:
        return data

    return fetch


class Shelf:
    """A library whose workflows lie in memory."""

    def __init__(self, *workflows: Workflow) -> None:
        self.workflows = {workflow.name: workflow for workflow in workflows}

    def get(self, name: str) -> Workflow:
        if name.lower() not in self.workflows:
            raise NoSuchWorkflow(name, None)
        return self.workflows[name.lower()]

    def all(self) -> tuple[Workflow, ...]:
        return tuple(self.workflows.values())


class KeptLedger(MemoryLedger):
    """A ledger that is still there at the next start, and that can be watched."""

    def __init__(self) -> None:
        super().__init__()
        self.written = asyncio.Condition()

    async def put(self, job: Job) -> None:
        await super().put(job)
        async with self.written:
            self.written.notify_all()

    async def adopt(self, platforms: Collection[str]) -> Sequence[Job]:
        return [job for job in self._jobs.values() if job.open and job.place.platform in platforms]


class HesitantLedger(KeptLedger):
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


class LastingRenderer(FakeRenderer):
    """A server that goes on while Easel is away: a prompt can be watched by whoever knows its id."""

    async def watch(self, task: Task) -> AsyncGenerator[Update, None]:
        for prompt in self.prompts:
            if prompt.task.prompt_id == task.prompt_id:
                async for update in super().watch(prompt.task):
                    yield update
                return
        yield Update(Lost())


@dataclass(eq=False)
class Hand:
    """One of the pool's timers."""

    call: Callable[[], None]

    def cancel(self) -> None:
        self.call = lambda: None


class FakeFrontEnd:
    """A platform. `messages` is what can be seen there now, `troubles` what the next calls run into.

    It knows what it has posted, as a platform with nonces does: asked again, it answers with what is there. Of several
    pictures each is a message, and then comes the one with the buttons.
    """

    platform = "test"
    budgets = Budgets()

    def __init__(self, picture_limits: PlatformLimits = CONSOLE) -> None:
        self.picture_limits = picture_limits
        self.messages: dict[str, str] = {}
        self.places: dict[str, Place] = {}
        self.replies: dict[str, str | None] = {}
        self.cards: dict[str, StatusCard] = {}
        self.results: dict[str, Result] = {}
        self.posted: list[str] = []
        self.known: dict[tuple[str, str, str | None], tuple[str, ...]] = {}
        self.troubles: list[Exception] = []
        self.calls = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.looked = asyncio.Condition()
        self._ids = iter(range(1, 1000))

    def is_private(self, place: Place) -> bool:
        return place == Room.alone

    async def say(self, place: Place, words: Words, *, reply_to: str | None) -> str:
        return await self._new(place, "\n".join(filter(None, (words.text, words.command))), reply_to)

    async def show(self, place: Place, card: StatusCard, *, reply_to: str | None) -> str:
        key = ("status", card.job, reply_to)
        if key not in self.known:
            self.known[key] = (await self._new(place, self._card(card), reply_to),)
            self.cards[self.known[key][0]] = card
        return self.known[key][0]

    async def update(self, place: Place, message: str, card: StatusCard) -> None:
        await self._busy()
        self.messages[message] = self._card(card)
        self.cards[message] = card
        await self._look()

    async def post(self, place: Place, result: Result, *, reply_to: str | None, status: str | None) -> tuple[str, ...]:
        buttons = " ".join(f"[{button.label}]" for button in result.buttons)
        key = ("result", result.job, reply_to)
        if key not in self.known:
            album = result.pictures if len(result.pictures) > 1 else ()
            each = [await self._new(place, f"({picture.name})", reply_to) for picture in album]
            text = " | ".join((f"<{result.title}>", *result.lines, *filter(None, (buttons,))))
            self.known[key] = (*each, await self._new(place, text, reply_to))
        messages = self.known[key]
        self.results[messages[-1]] = result
        self.posted.append(messages[-1])
        if status is not None:
            self.messages.pop(status, None)
        await self._look()
        return messages

    async def remove(self, place: Place, message: str) -> None:
        await self._busy()
        self.messages.pop(message)
        await self._look()

    def _card(self, card: StatusCard) -> str:
        progress = () if card.progress is None else (f"{card.progress:.0%}",)
        buttons = (" ".join(f"[{button.label}]" for button in card.buttons),) if card.buttons else ()
        return " | ".join((card.title, *card.lines, *progress, *buttons))

    async def _new(self, place: Place, text: str, reply_to: str | None) -> str:
        await self._busy()
        message = f"m{next(self._ids)}"
        self.messages[message] = text
        self.places[message] = place
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
    """The chat, who is in it, and the house behind it, which can be left and entered again."""

    front: FakeFrontEnd
    renderers: Sequence[FakeRenderer]
    shelf: Shelf
    ledger: KeptLedger
    media: MediaStore
    rules: Rules
    options: dict[str, Any]
    register: MemoryRegister = field(default_factory=MemoryRegister)
    now: float = 1000.0
    seconds: float = 0.0
    number: int = 0
    hands: list[Hand] = field(default_factory=list)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    ada: ClassVar = Person("test:ada", "Ada", "en")
    bob: ClassVar = Person("test:bob", "Bob", "en-GB")
    lin: ClassVar = Person("test:lin", "林", "zh-hans")
    eve: ClassVar = Person("test:eve", "Eve")
    meg: ClassVar = Person("test:meg", "Meg", "en", admin=True)
    ops: ClassVar = Person("test:ops", "Ops", "en")
    place: ClassVar = Place("test", "room")
    away: ClassVar = Place("test", "elsewhere")
    alone: ClassVar = Place("test", "alone")
    lost: ClassVar = Lost()
    workflow: ClassVar = staticmethod(workflow)

    @property
    def renderer(self) -> FakeRenderer:
        return self.renderers[0]

    def clock(self) -> float:
        self.now += 1.0
        return self.now

    def later(self, seconds: float, call: Callable[[], None]) -> Hand:
        self.hands.append(Hand(call))
        return self.hands[-1]

    async def looks(self) -> None:
        """As much time passes as the pool waits until it looks at its servers again."""
        hands, self.hands = self.hands, []
        for hand in hands:
            hand.call()
        await self.settled()

    async def enter(self) -> None:
        """Open the house, over whatever the ledger has."""
        members = [Member(renderer.name, Terms(), partial(nullcontext, renderer)) for renderer in self.renderers]
        pool = await self.stack.enter_async_context(Pool(members, later=self.later))
        house = House(self.register, self.rules, clock=lambda: self.now)
        await house.load()
        self.service = JobService(
            ledger=self.ledger,
            house=house,
            media=self.media,
            pool=pool,
            catalog=Catalog(self.shelf, pool, defaults=["paint"], defaults_with_image=["repaint"]),
            estimates=Estimates(),
            platforms=["test"],
            random=Random(7),
            clock=self.clock,
            monotonic=lambda: self.seconds,
        )
        await self.stack.enter_async_context(self.service)
        self.conversation = Conversation(self.front, self.service, clock=lambda: self.now, **self.options)
        await self.stack.enter_async_context(self.conversation)

    async def leave(self) -> None:
        await self.stack.aclose()

    async def restart(self) -> None:
        """The process ends, and another one starts."""
        await self.leave()
        await self.enter()

    async def says(
        self,
        text: str,
        *,
        by: Person | None = None,
        pictures: tuple[bytes, ...] = (),
        to: str | None = None,
        place: Place | None = None,
        album: bool = False,
        edits: int | None = None,
    ) -> Job | None:
        """Somebody says this, in reply to a message perhaps, or by editing what was said as that number."""
        self.number += edits is None
        said = f"said {edits or self.number}"
        fetches = tuple(map(at_hand, pictures))
        incoming = Incoming(
            by or self.ada, place or self.place, said, text, fetches, to, album=album, edited=edits is not None
        )
        return await self.conversation.receive(incoming)

    async def asks(self, text: str, **more: Any) -> str:
        """Somebody says this, and the answer to it."""
        await self.says(text, **more)
        said = f"said {self.number}"
        answers = await self.until(
            lambda: [text for id_, text in self.front.messages.items() if self.front.replies[id_] == said]
        )
        return answers[0]

    async def presses(
        self,
        action: Action,
        job: str,
        *,
        by: Person | None = None,
        place: Place | None = None,
        message: str | None = None,
    ) -> str | None:
        return await self.conversation.press(by or self.ada, place or self.place, job, action, message)

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

    async def told(self, job: Job) -> Job:
        """The job, as soon as its chat is known to have seen how it ended."""
        async with asyncio.timeout(5), self.ledger.written:
            await self.ledger.written.wait_for(lambda: self.ledger._jobs[job.id].told)
        return await self.ledger.get(job.id)

    @staticmethod
    async def settled() -> None:
        """Let every task run until it waits for something."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def draws(self, number: int, *pictures: bytes) -> None:
        """The server finishes the prompt of that number."""
        prompt = await self.renderer.prompt(number)
        files = [self.renderer.picture(picture).outputs for picture in pictures or (self.png(),)]
        prompt.tell(Succeeded(tuple(chain.from_iterable(files))))

    async def gets(
        self, text: str, *, picture: bytes | None = None, made: tuple[bytes, ...] = (), pictures: tuple[bytes, ...] = ()
    ) -> tuple[Job, str]:
        """Somebody asks for a picture or several and has them: the job, and the message with the result's buttons."""
        number = len(self.renderer.prompts) + 1
        job = await self.says(text, pictures=pictures)
        assert job is not None, self.log
        await self.draws(number, *(made or ((picture,) if picture else ())))
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


@pytest.fixture(params=[KeptLedger, HesitantLedger])
async def enter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Opens a room: with other manners, rules or servers if wanted."""
    async with AsyncExitStack() as stack:

        async def open_room(
            *,
            rules: dict[str, Any] | None = None,
            servers: Sequence[str] = ("fake",),
            reload: Any = None,
            board: Board | None = None,
            limits: PlatformLimits = CONSOLE,
            **manners: Any,
        ) -> Room:
            wanted: dict[str, Any] = {
                "operators": frozenset({Room.ops.id}),
                "chats": frozenset({Room.place.subject, Room.alone.subject}),
                "limits": {Rank.MEMBER: Limits(waiting=0, pixels=2_000_000, batch=4)},
            }
            room = Room(
                front=FakeFrontEnd(limits),
                renderers=[LastingRenderer(name) for name in servers],
                shelf=Shelf(
                    workflow("paint", "Paint", PROMPT, WIDTH, HEIGHT, SEED, STEPS),
                    workflow("repaint", "Repaint", PROMPT, IMAGE, SEED, DENOISE),
                    workflow("upscale", "Enlarge", IMAGE, command="upscale", translations=CHINESE),
                ),
                ledger=request.param(),
                media=MediaStore(tmp_path),
                rules=Rules(**(wanted | (rules or {}))),
                options={"manners": Manners(**manners), "reload": reload, "board": board},
            )
            stack.push_async_callback(room.leave)
            await room.enter()
            return room

        yield open_room


@pytest.fixture
async def room(enter: Callable[..., Any]) -> Room:
    return await enter()
