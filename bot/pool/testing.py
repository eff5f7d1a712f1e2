"""A renderer for tests: it draws nothing, and does what a test tells it when the test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass, field

from bot.comfyui.errors import OutcomeUnknown, OutputGone
from bot.comfyui.progress import Cancelled, Output, OutputFile, OutputFrame, Queued, Running, State, Succeeded, Update
from bot.pool.renderer import Load, Task
from bot.workflows.workflow import Workflow

_PATIENCE = 5.0
"""Seconds until a prompt that never comes is a test's failure."""


@dataclass(eq=False)
class FakePrompt:
    """A task that was submitted. Nothing happens to it but what `tell` says."""

    task: Task
    images: Mapping[str, bytes]
    told: asyncio.Queue[Update] = field(default_factory=asyncio.Queue)
    ended: bool = False

    def tell(self, *states: State, preview: bytes | None = None) -> None:
        """Let its watcher see these, one after the other."""
        for state in states:
            self.told.put_nowait(Update(state, preview))
            self.ended = self.ended or not isinstance(state, Queued | Running)


class FakeRenderer:
    """A `bot.pool.renderer.Renderer`.

    `prompts` are all that were submitted. `problem` is raised by whatever is asked of it, `refusal` by the next
    `submit` alone, which takes the task all the same if it is an `OutcomeUnknown`. `files` are the bytes by file name;
    `lacking` the workflows that it cannot run. `gate`, while it is cleared, holds up every `submit`.
    """

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.prompts: list[FakePrompt] = []
        self.cancelled: list[str] = []
        self.files: dict[str, bytes] = {}
        self.problem: Exception | None = None
        self.refusal: Exception | None = None
        self.lacking: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()
        self._submitted = asyncio.Condition()

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

    async def load(self) -> Load:
        """See `Renderer.load`."""
        self._complain()
        waiting = sum(not prompt.ended for prompt in self.prompts)
        return Load(running=min(waiting, 1), pending=max(waiting - 1, 0))

    async def submit(self, task: Task, images: Mapping[str, bytes]) -> None:
        """See `Renderer.submit`."""
        await self.gate.wait()
        self._complain()
        refusal, self.refusal = self.refusal, None
        if refusal is None or isinstance(refusal, OutcomeUnknown):
            self.prompts.append(FakePrompt(task, images))
            async with self._submitted:
                self._submitted.notify_all()
        if refusal is not None:
            raise refusal

    async def watch(self, task: Task) -> AsyncGenerator[Update, None]:
        """See `Renderer.watch`."""
        prompt = next(prompt for prompt in self.prompts if prompt.task is task)
        while True:
            update = await prompt.told.get()
            self._complain()
            yield update
            if not isinstance(update.state, Queued | Running):
                return

    async def cancel(self, prompt_id: str) -> bool:
        """See `Renderer.cancel`."""
        self._complain()
        self.cancelled.append(prompt_id)
        prompt = next((prompt for prompt in self.prompts if prompt.task.prompt_id == prompt_id), None)
        if prompt is None or prompt.ended:
            return False
        prompt.tell(Cancelled())
        return True

    async def fetch(self, output: Output) -> bytes:
        """See `Renderer.fetch`."""
        self._complain()
        match output:
            case OutputFile(filename=name) if name in self.files:
                return self.files[name]
            case OutputFrame(data=data):
                return data
        raise OutputGone(server=self.name, filename=getattr(output, "filename", ""))

    async def runnable(self, workflows: Collection[Workflow]) -> frozenset[str]:
        """See `Renderer.runnable`."""
        self._complain()
        return frozenset(workflow.name for workflow in workflows) - self.lacking

    def _complain(self) -> None:
        if self.problem is not None:
            raise self.problem
