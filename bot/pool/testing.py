"""A renderer for tests: it draws nothing, and does what a test tells it when the test tells it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass, field

from bot.comfyui.errors import OutcomeUnknown, OutputGone, ServerUnreachable
from bot.comfyui.progress import Cancelled, Output, OutputFile, OutputFrame, Queued, Running, State, Succeeded, Update
from bot.comfyui.records import Entry, Queue
from bot.errors import EaselError
from bot.pool.renderer import Order, Task, append, models_of
from bot.workflows.findings import Finding, MissingNode
from bot.workflows.workflow import Workflow

_PATIENCE = 30.0
"""Seconds until a prompt that never comes is a test's failure: more than a busy disk takes to keep a picture."""


@dataclass(eq=False)
class FakePrompt:
    """A task that was submitted with that number. Nothing happens to it but what `tell` says."""

    task: Task
    images: Mapping[str, bytes]
    number: float
    told: asyncio.Queue[Update] = field(default_factory=asyncio.Queue)
    ended: bool = False

    def tell(self, *states: State, preview: bytes | None = None) -> None:
        """Let its watcher see these, one after the other."""
        for state in states:
            self.told.put_nowait(Update(state, preview))
            self.ended = self.ended or not isinstance(state, Queued | Running)


class FakeRenderer:
    """A `bot.pool.renderer.Renderer`.

    `prompts` are all that were submitted; the first that has not ended runs, by number among those that wait.
    `others` stand in its queue too, as somebody else's. `problem` is raised by whatever is asked of it (`go_away` and
    `come_back` set it), `troubles` by the method of that name alone, `hiccup` by the next question, and `refusal` by
    the next `submit`, which takes the task all the same if it is an `OutcomeUnknown`. `files` are the bytes by file
    name, `folders` the models; `lacking` the workflows that it cannot run. `gate`, while it is cleared, holds up every
    `submit`. `asked` counts the questions by the name of the method.
    """

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.prompts: list[FakePrompt] = []
        self.others: list[Entry] = []
        self.cancelled: list[str] = []
        self.files: dict[str, bytes] = {}
        self.folders: dict[str, tuple[str, ...]] = {}
        self.problem: Exception | None = None
        self.refusal: Exception | None = None
        self.troubles: dict[str, Exception] = {}
        self.hiccup: Exception | None = None
        self.lacking: set[str] = set()
        self.holds: frozenset[str] = frozenset()
        self.asked: Counter[str] = Counter()
        self.gate = asyncio.Event()
        self.gate.set()
        self._counter = 0
        self._running: FakePrompt | None = None
        self._submitted = asyncio.Condition()

    def go_away(self) -> None:
        """It does not answer from now on. What was submitted stays as it is."""
        self.problem = ServerUnreachable(server=self.name, reason="refused")

    def come_back(self) -> None:
        """It answers again."""
        self.problem = None

    @property
    def trouble(self) -> EaselError | None:
        """See `Renderer.trouble`."""
        return self.problem if isinstance(self.problem, EaselError) else None

    @property
    def seen(self) -> Queue:
        """See `Renderer.seen`."""
        waiting = sorted((p for p in self.prompts if not p.ended), key=lambda p: (p.number, p.task.prompt_id))
        if self._running is None or self._running.ended:
            self._running = next(iter(waiting), None)
        running = () if self._running is None else (_entry(self._running),)
        pending = [*self.others, *(_entry(prompt) for prompt in waiting if prompt is not self._running)]
        return Queue(running, tuple(sorted(pending, key=lambda entry: (entry.number, entry.prompt_id))))

    async def prompt(self, number: int = 1) -> FakePrompt:
        """The prompt of that number, counted from 1, as soon as it is submitted."""
        async with asyncio.timeout(_PATIENCE), self._submitted:
            await self._submitted.wait_for(lambda: len(self.prompts) >= number)
        return self.prompts[number - 1]

    def picture(self, data: bytes, *, node: str = "9") -> Succeeded:
        """The end of a prompt that saved this picture."""
        name = f"easel_{len(self.files) + 1:05}_.png"
        self.files[name] = data
        return Succeeded((OutputFile(node, name),))

    async def queue(self) -> Queue:
        """See `Renderer.queue`."""
        self._answer("queue")
        return self.seen

    async def submit(self, task: Task, images: Mapping[str, bytes], order: Order = append) -> None:
        """See `Renderer.submit`."""
        await self.gate.wait()
        self._answer("submit")
        refusal, self.refusal = self.refusal, None
        if refusal is None or isinstance(refusal, OutcomeUnknown):
            async with self._submitted:
                self._take(task, images, order(self.seen))
                self._submitted.notify_all()
        if refusal is not None:
            raise refusal

    async def watch(self, task: Task) -> AsyncGenerator[Update, None]:
        """See `Renderer.watch`."""
        prompt = next(prompt for prompt in self.prompts if prompt.task is task)
        while True:
            update = await prompt.told.get()
            self._answer("watch")
            yield update
            if not isinstance(update.state, Queued | Running):
                return

    async def cancel(self, prompt_id: str) -> bool:
        """See `Renderer.cancel`."""
        self._answer("cancel")
        self.cancelled.append(prompt_id)
        prompt = next((prompt for prompt in self.prompts if prompt.task.prompt_id == prompt_id), None)
        if prompt is None or prompt.ended:
            return False
        prompt.tell(Cancelled())
        return True

    async def fetch(self, output: Output) -> bytes:
        """See `Renderer.fetch`."""
        self._answer("fetch")
        match output:
            case OutputFile(filename=name) if name in self.files:
                return self.files[name]
            case OutputFrame(data=data):
                return data
        raise OutputGone(server=self.name, filename=getattr(output, "filename", ""))

    async def findings(self, workflows: Collection[Workflow]) -> Mapping[str, tuple[Finding, ...]]:
        """See `Renderer.findings`."""
        self._answer("findings")
        lacking = MissingNode(node="1", title="Paint", class_type="Paint", nearest=None)
        return {workflow.name: (lacking,) if workflow.name in self.lacking else () for workflow in workflows}

    async def models(self) -> Mapping[str, tuple[str, ...]]:
        """See `Renderer.models`."""
        self._answer("models")
        return self.folders

    def _take(self, task: Task, images: Mapping[str, bytes], number: float | None) -> None:
        if number is None:
            number, self._counter = self._counter, self._counter + 1
        self.prompts.append(FakePrompt(task, images, number))
        self.holds = models_of(task.workflow, task.values)

    def _answer(self, question: str) -> None:
        self.asked[question] += 1
        hiccup, self.hiccup = self.hiccup, None
        problem = self.problem or self.troubles.get(question) or hiccup
        if problem is not None:
            raise problem


def _entry(prompt: FakePrompt) -> Entry:
    return Entry(prompt.number, prompt.task.prompt_id)
