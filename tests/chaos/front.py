"""The bot's side of the chat platform of the chaos tests: a `bot.chat.ports.FrontEnd` over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from bot.chat.card import Result, StatusCard, Words
from bot.chat.pacing import Budgets
from bot.chat.ports import Incoming
from bot.images.fit import CONSOLE, PlatformLimits
from bot.jobs.model import Person, Place

PLATFORM = "chaos"


class PeerFrontEnd:
    """Speaks to one `tests.chaos.peer.ChatPeer`."""

    platform = PLATFORM

    def __init__(self, session: aiohttp.ClientSession, budgets: Budgets | None = None) -> None:
        self._session = session
        self._budgets = budgets or Budgets()

    @property
    def picture_limits(self) -> PlatformLimits:
        return CONSOLE

    @property
    def budgets(self) -> Budgets:
        return self._budgets

    async def updates(self) -> AsyncIterator[Incoming]:
        """What people write. A message is confirmed when the next one is asked for."""
        offset = 0
        while True:
            for update in await self._ask("GET", f"/updates?offset={offset}"):
                yield Incoming(
                    person=Person(update["person"], update["person"]),
                    place=Place(PLATFORM, update["chat"]),
                    message=update["message"],
                    text=update["text"],
                )
                offset = update["update"] + 1

    def is_private(self, place: Place) -> bool:
        return False

    async def say(self, place: Place, words: Words, *, reply_to: str | None) -> str:
        return await self._post(place, "text", "", words.text, reply_to)

    async def show(self, place: Place, card: StatusCard, *, reply_to: str | None) -> str:
        return await self._post(place, "status", card.job, _text(card), reply_to, final=card.final)

    async def update(self, place: Place, message: str, card: StatusCard) -> None:
        await self._ask("PATCH", f"/messages/{message}", text=_text(card), final=card.final)

    async def post(self, place: Place, result: Result, *, reply_to: str | None, status: str | None) -> tuple[str, ...]:
        pictures = " ".join(picture.sha256 for picture in result.pictures)
        return (await self._post(place, "result", result.job, pictures, reply_to, closes=status),)

    async def remove(self, place: Place, message: str) -> None:
        await self._ask("DELETE", f"/messages/{message}")

    async def _post(
        self,
        place: Place,
        kind: str,
        job: str,
        text: str,
        reply_to: str | None,
        *,
        final: bool = False,
        closes: str | None = None,
    ) -> str:
        answer = await self._ask(
            "POST",
            "/messages",
            kind=kind,
            key=f"{kind} {job}" if job else "",
            job=job,
            chat=place.chat,
            text=text,
            reply_to=reply_to,
            final=final,
            closes=closes,
        )
        return str(answer["id"])

    async def _ask(self, method: str, path: str, **body: Any) -> Any:
        async with self._session.request(method, path, json=body or None) as response:
            response.raise_for_status()
            return await response.json()


def _text(card: StatusCard) -> str:
    return " ".join((card.title, *card.lines))
