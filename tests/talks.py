"""`easel run` as an operator runs it, between a Telegram and a ComfyUI of the tests' own.

What is asserted is what a chat shows. The budgets are wide here, so that a conversation does not take the minutes that
Telegram would have it take; that they are kept is `tests/integration/telegram/test_crowd.py`'s to show.
"""

from __future__ import annotations

import asyncio
import difflib
import inspect
import io
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from PIL import Image

from bot.standin.server import StandIn
from bot.standin.settings import Settings as StandInSettings
from tests.telegram_api import TOKEN, BotApi, Chat, Limits, Message

T = TypeVar("T")

OPERATOR_ID = 77
PATIENCE = 30.0
"""Seconds until a test gives up; nothing is ever asserted of time."""

BUTTONS = "[Again] [Vary] [Upscale] [Edit] [Info] [File] [Delete]"
BUTTONS_ZH = "[再来一张] [变化] [放大] [编辑] [信息] [原图] [删除]"
"""Under a result, as `Easel.told` writes them."""

_VARYING = (
    (re.compile(r" · \d+(\.\d+)? [s秒]\b|\n *(GPU time: |GPU 用时：)\d+(\.\d+)? [s秒]"), ""),
    (re.compile(r"(, | · )about [\d–]+ s\b|(，| · )约 [\d–]+ 秒"), ""),
    (re.compile(r"(?P<before>--seed |seed: |seed |种子 )\d{7,}"), r"\g<before>?"),
    (re.compile(r"[▰▱]{12} \d+\s%"), "[bar]"),
    (re.compile(r"(?P<before>drawing, |绘制中，)\d+ %"), r"\g<before>? %"),
    (re.compile(r"(?P<before> · (seed|种子) [\d?]+) · [^\"\n]*…\""), r'\g<before> …"'),
    (re.compile(r" +$", re.MULTILINE), ""),
)
_DATA = re.compile(r"[a-z]+:([0-9a-z]+)")
_KNOWN = "SELECT 1 FROM results WHERE chat = ? AND message = ?"

SETTINGS = """
[[servers]]
name = "gpu"
url = "{comfyui}"

[console]
port = 0

[telegram]
api_base = "{telegram}"

[access]
operators = ["telegram:{operator}"]
anybody = true

[limits]
waiting = 50

[pacing.telegram]
per_chat = {{ messages = 100, seconds = 1.0 }}
per_group = {{ messages = 1000, seconds = 1.0 }}
overall = {{ messages = 1000, seconds = 1.0 }}
edit_interval = 0.02
reserve = 0.0
{more}
"""


@dataclass
class Easel:
    """One process after another, over the same folder.

    `template` becomes the settings, `environ` goes on top of them; the token is in there. `program` is what runs.
    """

    folder: Path
    telegram: BotApi
    comfyui: StandIn
    more: str = ""
    template: str = SETTINGS
    environ: Mapping[str, str] = field(default_factory=lambda: {"EASEL_TELEGRAM__TOKEN": TOKEN})
    program: str = "bot"
    process: asyncio.subprocess.Process | None = None
    log: list[str] = field(default_factory=list)
    _said: asyncio.Event = field(default_factory=asyncio.Event)
    _reading: asyncio.Task[None] | None = None

    async def start(self, until: str = "telegram connected") -> None:
        """Start it, and wait until its log says that."""
        settings = self.template.format(
            comfyui=self.comfyui.url, telegram=self.telegram.url, operator=OPERATOR_ID, more=self.more
        )
        (self.folder / "config.toml").write_text(settings)
        environ = {name: value for name, value in os.environ.items() if not name.startswith("EASEL_")}
        environ |= {"LC_ALL": "C.UTF-8", "HOME": str(self.folder), "PYTHONWARNINGS": "error", "COLUMNS": "200"}
        environ |= {"PYTHONPATH": str(Path(__file__).parents[1]), **self.environ}
        before = len(self.log)
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self.program,
            "run",
            cwd=self.folder,
            env=environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._reading = asyncio.create_task(self._read(self.process))
        await self.says(until, after=before)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send it a signal, and wait for its end. Whatever it printed holds no token and no traceback."""
        assert self.process is not None
        assert self._reading is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            await self.process.wait()
            await self._reading
        said = "\n".join(self.log)
        assert self.telegram.token not in said
        assert "Traceback" not in said, said

    async def says(self, *words: str, after: int = 0) -> str:
        """The first line of the log that has all these words, of those `after` so many others."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not (found := [line for line in self.log[after:] if all(word in line for word in words)]):
                    self._said.clear()
                    await self._said.wait()
        except TimeoutError:
            raise AssertionError(f"{words} not said in:\n" + "\n".join(self.log[after:])) from None
        return found[0]

    @contextmanager
    def holding(self, *, step: int = 0) -> Iterator[None]:
        """Its ComfyUI works on nothing until the block ends; or on one picture, as far as that step of it."""
        if step:
            self.comfyui.faults.stall("SamplerCustomAdvanced", at=step)
        else:
            self.comfyui.faults.stall()
        try:
            yield
        finally:
            self.comfyui.faults.resume()

    def told(self, chat: Chat, *, everything: bool = False) -> str:
        """The log of a chat, as far as it is the same each time.

        Jobs are called job-1, job-2 and so on as they come up in it. A seed that nobody chose is a question mark, as is
        how far the queue says a drawing is; a bar is [bar]; how long a picture took or will take is left out.
        """
        log = chat.log(everything=everything)
        for part, instead in _VARYING:
            log = part.sub(instead, log)
        at = {job: log.find(job) for job in self._jobs() if job in log}
        for number, job in enumerate(sorted(at, key=at.__getitem__), 1):
            log = log.replace(job, f"job-{number}")
        return log

    async def reads(self, chat: Chat, log: str, *, everything: bool = False) -> None:
        """Wait until a chat reads like that, as `told` has it."""
        wanted = inspect.cleandoc(log)
        try:
            async with asyncio.timeout(PATIENCE):
                await chat.until(lambda: self.told(chat, everything=everything) == wanted)
        except TimeoutError:
            there = self.told(chat, everything=everything)
            differences = "\n".join(difflib.ndiff(wanted.splitlines(), there.splitlines()))
            raise AssertionError(f"{differences}\n\nIt reads:\n{there}") from None

    async def answer(self, message: Message) -> Message:
        """The first answer to a message that stays: a text, or a result."""
        return await seen(message.chat, lambda: next(iter(_settled(message)), None))

    async def result(self, message: Message) -> Message:
        """The first picture that answers a message, once Easel has written down that it is there."""
        return (await self.results(message, 1))[0]

    async def results(self, message: Message, count: int) -> list[Message]:
        """So many pictures that answer a message, as `result`."""

        def there() -> list[Message] | None:
            photos = [one for one in _settled(message) if one.photo is not None]
            return photos if len(photos) >= count else None

        photos = await seen(message.chat, there)
        await self.until_known(photos[-1])
        return photos

    async def until_known(self, message: Message) -> None:
        """Until the ledger has that message as one of a result; nobody replies sooner than that."""
        async with asyncio.timeout(PATIENCE):
            with closing(sqlite3.connect(self.folder / "data" / "easel.sqlite")) as ledger:
                while not ledger.execute(_KNOWN, (str(message.chat.id), str(message.id))).fetchone():  # noqa: ASYNC110 - SQLite tells nobody
                    await asyncio.sleep(0.01)

    def _jobs(self) -> set[str]:
        """Every job that anybody saw a button of."""
        messages = (message for chat in self.telegram.world.chats.values() for message in chat.history)
        shown = (
            button for message in messages for version in message.versions for row in version.keyboard for button in row
        )
        return {data[1] for button in shown if (data := _DATA.fullmatch(button.data or ""))}

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            self.log.append(line.decode().rstrip())
            self._said.set()


@asynccontextmanager
async def ready(
    folder: Path, *, more: str = "", step: float = 0.01, environ: Mapping[str, str] | None = None, **telegram: object
) -> AsyncIterator[Easel]:
    """An Easel that can be started, between its Telegram and its ComfyUI; it is stopped in the end.

    `step`: seconds that one step of a picture takes. `environ`: more settings, as environment variables.
    """
    api = BotApi(limits=Limits(flood=False), **telegram)  # type: ignore[arg-type]
    async with api, StandIn(StandInSettings(speed=step)) as comfyui:
        api.world.person("Otto", user_id=OPERATOR_ID)
        easel = Easel(folder, api, comfyui, more, environ={"EASEL_TELEGRAM__TOKEN": api.token, **(environ or {})})
        try:
            yield easel
        finally:
            if easel.process is not None:
                await easel.stop()


@asynccontextmanager
async def serving(
    folder: Path, *, more: str = "", step: float = 0.01, environ: Mapping[str, str] | None = None, **telegram: object
) -> AsyncIterator[Easel]:
    """As `ready`, and started."""
    async with ready(folder, more=more, step=step, environ=environ, **telegram) as easel:
        await easel.start()
        yield easel


def picture(width: int = 64, height: int = 48, colour: str = "orange") -> bytes:
    """A PNG of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()


async def seen(chat: Chat, what: Callable[[], T]) -> T:
    """What that returns, once it is true; with the chat's log in the failure where it never is."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await chat.until(what)
    except TimeoutError:
        raise AssertionError(f"not seen in:\n{chat.log(everything=True)}") from None


def _settled(message: Message) -> list[Message]:
    return [one for one in message.chat.replies_to(message) if one.by_bot and "Cancel" not in one.buttons]
