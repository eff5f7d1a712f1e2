"""Each update in a task of its own, until it is handled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeAlias

import structlog
from telegram import Update

from bot.chat.parting import part

log = structlog.get_logger()

Take: TypeAlias = Callable[[Update], Awaitable[None]]
"""Handles an update: when it returns, what came of the update is safe."""

KINDS = (
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CHANNEL_POST,
    Update.EDITED_CHANNEL_POST,
    Update.CALLBACK_QUERY,
    Update.INLINE_QUERY,
    Update.MY_CHAT_MEMBER,
)
"""The updates that we want (Bot API, getUpdates and setWebhook: allowed_updates)."""

PATIENCE = 3.0
"""Seconds. What is not handled at the end is told again at the next start."""


class Handling:
    """Owns the tasks. An async context manager: left, it waits `patience` seconds for them, then cancels the rest."""

    def __init__(self, take: Take, *, patience: float = PATIENCE) -> None:
        self._take = take
        self._patience = patience
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Ready."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let what is being handled finish, so that nothing is half done."""
        if late := await part(self._tasks, self._patience):
            log.warning("updates not handled before the end", updates=late)

    def start(self, update: Update, handled: Callable[[int], None] = lambda _: None) -> asyncio.Task[None]:
        """Handle an update; `handled` is told its id then, and not if that was cancelled."""
        task = asyncio.create_task(self._handle(update, handled), name=f"update {update.update_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def idle(self) -> None:
        """Return once everything is handled that has been started by now."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _handle(self, update: Update, handled: Callable[[int], None]) -> None:
        try:
            await self._take(update)
        except Exception:  # the boundary where a fault of ours must not be met again with each retelling
            log.exception("update failed by a fault of ours", update=update.update_id)
        handled(update.update_id)


def legible(told: Any) -> Mapping[str, Any] | None:
    """An update as Telegram told it, for `Update.de_json`; one with nothing but its id where that could not read it.

    So one that nobody can read is confirmed like any other, instead of being told again for ever with all that comes
    after it. None: it has not even an id.
    """
    match told:
        case {"update_id": int(number)} if not isinstance(number, bool):
            pass
        case _:
            log.warning("update without an id")
            return None
    try:
        Update.de_json(told, None)
    except Exception as error:  # noqa: BLE001 - the library checks nothing, so whatever its code stumbles over
        log.warning("update cannot be read", update=number, error=repr(error))
        return {"update_id": number}
    return dict(told)
