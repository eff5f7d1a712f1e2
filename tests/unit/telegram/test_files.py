"""Pictures that people send, fetched from a Bot API server on loopback."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.errors import EaselError
from bot.images.errors import TooManyBytes
from bot.images.probe import InputLimits
from bot.telegram.attachments import Kind, RemoteFile
from bot.telegram.client import open_bot
from bot.telegram.errors import NoStillPicture, SentFileGone, SentFileNotFetched, SentFileTooLarge
from bot.telegram.files import Files
from bot.telegram.settings import LineSettings
from tests.telegram_api import BotApi


def png(side: int = 32) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "red").save(out, "PNG")
    return out.getvalue()


class Telegram:
    """A Bot API server and what fetches from it; `slept` is for how long it would have waited."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.slept: list[float] = []

    async def opens(self, limits: InputLimits | None = None, *, local: Path | None = None, told: bool = True) -> Files:
        """`told` False: nobody has told us that the server is a local one."""
        self.api = await self._stack.enter_async_context(BotApi(local=local))
        settings = LineSettings(
            self.api.token,
            api_base=self.api.url,
            file_base=f"{self.api.url}/file",
            local_files=local is not None and told,
        )
        bot = await self._stack.enter_async_context(open_bot(settings))
        return Files(bot, limits or InputLimits(), sleep=self._sleep)

    def keeps(self, data: bytes, *, size: int | None = None) -> RemoteFile:
        """A document that somebody sent, with the size that Telegram tells of it."""
        document = self.api.files.document(data, "fox.png")
        return RemoteFile(document.file_id, document.file.unique, size, Kind.DOCUMENT)

    @property
    def called(self) -> list[str]:
        return [call.method.lower() for call in self.api.calls]

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    async with AsyncExitStack() as stack:
        yield Telegram(stack)


def kept_in(folder: Path) -> list[Path]:
    return list(folder.rglob("*.png"))


async def refused(files: Files, file: RemoteFile) -> EaselError:
    with pytest.raises(EaselError) as raised:
        await files.fetch(file)()
    return raised.value


async def test_a_file_comes_byte_for_byte_and_only_when_it_is_wanted(telegram: Telegram) -> None:
    files = await telegram.opens()
    data = png()
    fetch = files.fetch(telegram.keeps(data))
    assert telegram.called == []
    assert await fetch() == data
    assert telegram.called == ["getfile", "file"]
    assert telegram.slept == []


@pytest.mark.parametrize(
    ("limit", "size", "error"),
    [
        (1_000_000, 1_000_001, TooManyBytes(1.0, 1.0)),
        (50_000_000, 20_000_001, SentFileTooLarge(20.0)),
        (20_000_000, 99_000_000, TooManyBytes(99.0, 20.0)),
    ],
)
async def test_what_telegram_says_is_too_large_is_not_even_asked_for(
    telegram: Telegram, limit: int, size: int, error: EaselError
) -> None:
    files = await telegram.opens(InputLimits(max_bytes=limit))
    wrong = await refused(files, telegram.keeps(png(), size=size))
    assert (type(wrong), wrong.details) == (type(error), error.details)
    assert telegram.called == []


async def test_what_only_the_server_knows_to_be_too_large_is_not_downloaded(telegram: Telegram) -> None:
    files = await telegram.opens(InputLimits(max_bytes=100))
    assert isinstance(await refused(files, telegram.keeps(b"x" * 101)), TooManyBytes)
    files = await telegram.opens(InputLimits(max_bytes=99_000_000))
    assert isinstance(await refused(files, telegram.keeps(bytes(21 << 20))), SentFileTooLarge)
    assert telegram.called == ["getfile"]


async def test_a_file_that_telegram_has_no_more_is_gone(telegram: Telegram) -> None:
    files = await telegram.opens()
    kept = telegram.keeps(png())
    telegram.api.files.forget(kept.file_id)
    assert isinstance(await refused(files, kept), SentFileGone)
    assert telegram.slept == []


async def test_what_moves_is_refused_without_a_look(telegram: Telegram) -> None:
    files = await telegram.opens()
    assert isinstance(await refused(files, RemoteFile("v", "uv", 10, Kind.OTHER)), NoStillPicture)
    assert telegram.called == []


@pytest.mark.parametrize("method", ["getFile", "file"])
async def test_trouble_is_waited_out(telegram: Telegram, method: str) -> None:
    files = await telegram.opens()
    telegram.api.faults.cut(method=method)
    telegram.api.faults.fail(method=method)
    telegram.api.faults.fail(method=method, html=True)
    assert await files.fetch(telegram.keeps(png()))() == png()
    assert telegram.slept == [1.0, 3.0, 9.0]


async def test_a_file_is_waited_for_no_longer_than_people_wait_for_an_answer(telegram: Telegram) -> None:
    files = Files((await telegram.opens())._bot, InputLimits(), longest=0)
    telegram.api.faults.hold(method="file")
    assert isinstance(await refused(files, telegram.keeps(png())), SentFileNotFetched)


async def test_trouble_that_stays_is_told(telegram: Telegram) -> None:
    files = await telegram.opens()
    telegram.api.faults.fail(99, method="getFile")
    assert isinstance(await refused(files, telegram.keeps(png())), SentFileNotFetched)
    assert telegram.called == ["getfile"] * 4


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_silence_is_kept_for_as_long_as_telegram_asks(telegram: Telegram) -> None:
    files = await telegram.opens()
    telegram.api.faults.flood(7, method="getFile")
    assert await files.fetch(telegram.keeps(png()))() == png()
    assert telegram.slept == [7.0]


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_nobody_waits_for_minutes(telegram: Telegram) -> None:
    files = await telegram.opens()
    telegram.api.faults.flood(300, method="getFile")
    assert isinstance(await refused(files, telegram.keeps(png())), SentFileNotFetched)
    assert telegram.slept == []


async def test_of_a_local_server_the_file_itself_is_read(telegram: Telegram, tmp_path: Path) -> None:
    files = await telegram.opens(InputLimits(max_bytes=50_000_000), local=tmp_path)
    data = bytes(21 << 20)
    assert await files.fetch(telegram.keeps(data, size=len(data)))() == data
    assert telegram.called == ["getfile"]
    small = Files(files._bot, InputLimits(max_bytes=100))
    assert isinstance(await refused(small, telegram.keeps(b"x" * 101)), TooManyBytes)


async def test_no_path_is_opened_here_that_a_server_elsewhere_names(telegram: Telegram, tmp_path: Path) -> None:
    files = await telegram.opens(local=tmp_path, told=False)
    kept = telegram.keeps(png())
    assert isinstance(await refused(files, kept), SentFileGone)
    assert kept_in(tmp_path)  # it was there to be read


async def test_a_file_of_the_same_name_here_is_not_taken_for_it(
    telegram: Telegram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = await telegram.opens()
    kept = telegram.keeps(png())
    told: dict[str, Any] = telegram.api.files.get(kept.file_id)
    trap = tmp_path / told["file_path"]
    trap.parent.mkdir()
    trap.write_bytes(b"a secret of this machine")
    monkeypatch.chdir(tmp_path)
    assert await files.fetch(kept)() == png()


async def test_a_local_file_that_is_not_there_is_gone(telegram: Telegram, tmp_path: Path) -> None:
    files = await telegram.opens(local=tmp_path)
    gate = telegram.api.faults.hold(method="getFile", after=True)
    async with asyncio.TaskGroup() as group:
        fetching = group.create_task(refused(files, telegram.keeps(png())))
        await telegram.api.until(lambda: gate.held)
        for path in kept_in(tmp_path):
            path.unlink()
        gate.release()
    assert isinstance(fetching.result(), SentFileGone)
    with pytest.raises(SentFileGone):
        files._read(tmp_path / "gone-between-the-look-and-the-reading.png")
