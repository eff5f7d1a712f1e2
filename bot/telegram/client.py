"""The library's client, as it suits us."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram import Bot
from telegram.request import HTTPXRequest

from bot.telegram.polling import UpdatesRequest
from bot.telegram.settings import LineSettings

_CONNECTIONS = 100
"""At most one message is on its way to each chat; uploads take their time."""
_CONNECT = 10.0
_ANSWER = 30.0
_UPLOAD = 180.0


@asynccontextmanager
async def open_bot(settings: LineSettings) -> AsyncIterator[Bot]:
    """A bot that can be called until the block ends. Nothing is asked of Telegram yet, and nothing can fail."""
    os.environ["PTB_TIMEDELTA"] = "true"  # else the library warns at each 429, of what it is going to change
    sends = HTTPXRequest(
        connection_pool_size=_CONNECTIONS,
        connect_timeout=_CONNECT,
        pool_timeout=_ANSWER,
        read_timeout=_ANSWER,
        write_timeout=_ANSWER,
        media_write_timeout=_UPLOAD,
        proxy=settings.proxy,
    )
    polls = UpdatesRequest(
        connection_pool_size=2,  # the last confirmation does not wait for a question that was given up
        connect_timeout=_CONNECT,
        pool_timeout=_ANSWER,
        write_timeout=_ANSWER,
        proxy=settings.proxy,
    )
    async with sends, polls:
        yield Bot(
            settings.token,
            base_url=f"{settings.api_base}/bot",
            base_file_url=f"{settings.file_base}/bot",
            request=sends,
            get_updates_request=polls,
            local_mode=settings.local_files,
        )
