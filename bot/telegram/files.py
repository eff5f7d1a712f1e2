"""Pictures that people send, fetched from Telegram. Nothing else is ever fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import structlog
from telegram import Bot, File
from telegram.constants import FileSizeLimit
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.chat.ports import Fetch
from bot.images.errors import TooManyBytes
from bot.images.probe import InputLimits
from bot.telegram.attachments import Kind, RemoteFile
from bot.telegram.errors import NoStillPicture, SentFileGone, SentFileNotFetched, SentFileTooLarge
from bot.telegram.refusals import Meaning, meaning, silence

log = structlog.get_logger()

_WAITS = (1.0, 3.0, 9.0)
_LONGEST_WAIT = 30.0
_LONGEST = 120.0
"""Seconds for one file in all: while somebody waits for it, what else they say waits as well."""
_MEGABYTE = 1_000_000
_CLOUD = FileSizeLimit.FILESIZE_DOWNLOAD.value
_READ_TIMEOUT = 30.0
"""Seconds without a byte."""


class Files:
    """Fetches what Telegram told of.

    `limits` bounds what people may send; the cloud's Bot API server gives bots 20 MB (Bot API 10.0, getFile), one with
    ``--local`` whatever there is, by its path. A size that Telegram tells is enough to fetch nothing.
    """

    def __init__(
        self,
        bot: Bot,
        limits: InputLimits,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        longest: float = _LONGEST,
    ) -> None:
        self._bot = bot
        self._limits = limits
        self._longest = longest
        self._sleep = sleep

    def fetch(self, file: RemoteFile) -> Fetch:
        """Gives its bytes when called.

        It raises NoStillPicture, TooManyBytes, SentFileTooLarge, SentFileGone or SentFileNotFetched.
        """
        return partial(self._fetch, file)

    async def _fetch(self, file: RemoteFile) -> bytes:
        if file.kind is Kind.OTHER:
            raise NoStillPicture
        self._check(file.size)
        try:
            async with asyncio.timeout(self._longest):
                return await self._patiently(file)
        except TimeoutError as late:
            log.warning("picture not fetched", error="it took too long")
            raise SentFileNotFetched from late

    async def _patiently(self, file: RemoteFile) -> bytes:
        waits = iter(_WAITS)
        while True:
            try:
                return await self._once(file)
            except TelegramError as error:
                await self._wait(error, next(waits, None))

    async def _wait(self, error: TelegramError, wait: float | None) -> None:
        """Until it makes sense to try again; raises what to tell where it does not, or no longer: `wait` is None."""
        match meaning(error):
            case Meaning.TOO_LARGE:
                raise SentFileTooLarge(_CLOUD / _MEGABYTE) from error
            case Meaning.SLOW_DOWN | Meaning.TROUBLE:
                asked = silence(error) if isinstance(error, RetryAfter) else 0.0
                if wait is None or asked > _LONGEST_WAIT:
                    log.warning("picture not fetched", error=str(error))
                    raise SentFileNotFetched from error
                await self._sleep(max(wait, asked))
            case _:
                log.info("picture gone", error=str(error))
                raise SentFileGone from error

    async def _once(self, file: RemoteFile) -> bytes:
        found = await self._bot.get_file(file.file_id)
        self._check(found.file_size)
        path = found.file_path
        if not path:
            raise SentFileGone
        if self._bot.local_mode and Path(path).is_absolute():
            return await asyncio.to_thread(self._read, Path(path))
        return await self._download(found, path)

    async def _download(self, found: File, path: str) -> bytes:
        """From the Bot API server and from nowhere else; the library would open any path that is a file here."""
        base = self._bot.base_file_url
        address = path if path.startswith(f"{base}/") else f"{base}/{path}"
        there = File(found.file_id, found.file_unique_id, found.file_size, address)
        there.set_bot(self._bot)
        try:
            return bytes(await there.download_as_bytearray(read_timeout=_READ_TIMEOUT))
        except InvalidToken as error:  # what the library makes of 404; getFile has just taken the token
            log.warning("Bot API server has no such file", path=path.removeprefix(base))
            raise SentFileGone from error

    def _read(self, path: Path) -> bytes:
        try:
            self._check(path.stat().st_size)
            return path.read_bytes()
        except OSError as error:
            log.warning("file of the Bot API server cannot be read", path=str(path), error=str(error))
            raise SentFileGone from error

    def _check(self, size: int | None) -> None:
        if size is None:
            return
        if size > self._limits.max_bytes:
            allowed = self._limits.max_bytes / _MEGABYTE
            raise TooManyBytes(megabytes=round(size / _MEGABYTE, 1), allowed=round(allowed, 1))
        if size > _CLOUD and not self._bot.local_mode:
            raise SentFileTooLarge(_CLOUD / _MEGABYTE)
