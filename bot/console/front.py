"""The console as a front end: what Easel says becomes messages of the room."""

# ruff: noqa: ARG002 - the port names the place; the console is one
from __future__ import annotations

import re
from pathlib import PurePosixPath

from bot.chat.card import Result, ResultPicture, StatusCard, Words
from bot.chat.pacing import Budgets
from bot.console.messages import Finished, Shown, Told
from bot.console.room import Room
from bot.images.fit import CONSOLE, PlatformLimits
from bot.jobs.model import Place

PLACE = Place("console", "console", adult=True)
"""The console is one chat, and only whoever runs Easel is in it."""

_SAFE_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


class ConsoleFrontEnd:
    """The `bot.chat.ports.FrontEnd` of a room. Message ids are the room's."""

    def __init__(self, room: Room, budgets: Budgets) -> None:
        self._room = room
        self._budgets = budgets

    @property
    def platform(self) -> str:
        """See `FrontEnd.platform`."""
        return PLACE.platform

    @property
    def picture_limits(self) -> PlatformLimits:
        """See `FrontEnd.picture_limits`."""
        return CONSOLE

    @property
    def budgets(self) -> Budgets:
        """See `FrontEnd.budgets`."""
        return self._budgets

    def is_private(self, place: Place) -> bool:
        """See `FrontEnd.is_private`."""
        return True

    async def say(self, place: Place, words: Words, *, reply_to: str | None) -> str:
        """See `FrontEnd.say`."""
        text = words.text if words.command is None else f"{words.text}\n{words.command}"
        return self._room.add(Told(text), reply_to).id

    async def show(self, place: Place, card: StatusCard, *, reply_to: str | None) -> str:
        """See `FrontEnd.show`. The room is filled anew before anybody goes on with the jobs of an earlier process."""
        for message in self._room.of_job(card.job):
            if isinstance(message.content, StatusCard):
                self._room.change(message.id, card)
                return message.id
        return self._room.add(card, reply_to).id

    async def update(self, place: Place, message: str, card: StatusCard) -> None:
        """See `FrontEnd.update`."""
        self._room.change(message, card)

    async def post(self, place: Place, result: Result, *, reply_to: str | None, status: str | None) -> tuple[str, ...]:
        """See `FrontEnd.post`. The result takes the status message's place, where the eye already is."""
        finished = Finished(
            job=result.job,
            title=result.title,
            lines=result.lines,
            pictures=tuple(self._shown(picture, result.job, n) for n, picture in enumerate(result.pictures, 1)),
            actions=tuple(button.action for button in result.buttons),
            spoiler=result.spoiler,
        )
        standing = self._standing(result.job, status, reply_to)
        if standing is None:
            return (self._room.add(finished, reply_to).id,)
        self._room.change(standing, finished)
        return (standing,)

    async def remove(self, place: Place, message: str) -> None:
        """See `FrontEnd.remove`."""
        self._room.drop(message)

    def _standing(self, job: str, status: str | None, reply_to: str | None) -> str | None:
        """The message whose place a result takes: the job's status message, or what became of it when posted before."""
        messages = self._room.of_job(job)
        return next((each.id for each in messages if each.id == status or each.reply_to == reply_to), None)

    def _shown(self, picture: ResultPicture, job: str, n: int) -> Shown:
        looks = not picture.as_document
        suffix = PurePosixPath(picture.name).suffix
        return Shown(
            id=self._room.picture_id(),
            name=f"easel-{job}-{n}{suffix if _SAFE_SUFFIX.fullmatch(suffix) else ''}",
            data=picture.data,
            media_type=picture.media_type,
            width=picture.width if looks else 0,
            height=picture.height if looks else 0,
            original=picture.sha256,
        )
