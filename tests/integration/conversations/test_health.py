"""What is told where Telegram does not want us, that everything else goes on, and that people are heard again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from tests.talks import PATIENCE, Easel, ready, seen
from tests.telegram_api import Message

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL = "--w 64 --h 64 --steps 2 --seed 7"
UP = "Telegram: @easel_bot"
AWAY = "Telegram: Telegram cannot be reached: All connection attempts failed. Easel keeps trying."
RIVAL = "Telegram: Another program receives this bot's messages, so some of them do not arrive here."
REFUSED = "Telegram: Telegram does not accept the bot's token."


@dataclass(slots=True)
class Console:
    """The web console of an Easel, as its page talks to it."""

    address: URL
    http: aiohttp.ClientSession

    async def says(self, text: str) -> str | None:
        """Say something there; the job that it started."""
        form = aiohttp.FormData({"text": text}, default_to_multipart=True)
        headers = {"Origin": str(self.address.origin())}
        async with self.http.post(self.address.join(URL("/api/messages")), data=form, headers=headers) as answer:
            return (await answer.json())["job"]

    async def shows(self, **wanted: Any) -> dict[str, Any]:
        """The last message there, once it is like that."""
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.http.get(self.address.join(URL("/api/room"))) as answer:
                    last = (await answer.json())["messages"][-1]
                if wanted.items() <= last.items():
                    return last
                await asyncio.sleep(0.02)

    async def platforms(self) -> str:
        """What `/servers` says of the chat platforms."""
        await self.says("/servers")
        return (await self.shows(kind="told"))["text"].rpartition("\n\n")[2]

    async def says_that(self, state: str) -> None:
        """Until `/servers` says that of the chat platforms."""
        async with asyncio.timeout(PATIENCE):
            while not (await self.platforms()).startswith(state):
                pass

    async def draws(self) -> None:
        """A picture, there."""
        await self.shows(kind="finished", job=await self.says(f"/imagine a lake {SMALL}"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def easel(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Easel]:
    """One that has not waited for Telegram to be there."""
    async with ready(tmp_path_factory.mktemp("easel")) as easel:
        easel.program = "tests.hasty"
        yield easel


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def console(easel: Easel) -> AsyncIterator[Console]:
    """Its console; it is started for that, while Telegram is away."""
    await easel.telegram.stop()
    await easel.start(AWAY)
    address = URL((await easel.says("Console: ")).partition("Console: ")[2])
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http, http.get(address):
        yield Console(address, http)


async def card(asked: Message) -> Message:
    """The status message of what was asked for."""
    return await seen(
        asked.chat, lambda: next((one for one in asked.chat.replies_to(asked) if "Cancel" in one.buttons), None)
    )


async def test_telegram_may_be_away_at_the_start(easel, console, ann):
    said = ann.says(f"/imagine a fox {SMALL}")
    away = await console.platforms()
    await console.draws()

    await easel.telegram.start()
    shown = await easel.result(said)

    assert away.startswith(AWAY)
    assert shown.text.startswith("a fox")
    await console.says_that(UP)


async def test_another_program_with_our_token_is_named_until_it_is_gone(easel, console, ann, operator):
    faults, before = easel.telegram.faults, len(easel.log)
    with easel.holding():
        drawn = ann.says(f"/imagine a fox {SMALL}")
        await card(drawn)
        faults.rival = True
        await easel.says("telegram trouble", "AnotherPoller", after=before)
        await easel.says(RIVAL, after=before)
    shown = await easel.result(drawn)
    said = ann.says(f"/imagine a tower {SMALL}")
    await console.says_that(RIVAL)
    await console.draws()
    unheard = ann.private.replies_to(said)

    faults.rival = False
    heard = await easel.result(said)
    async with asyncio.timeout(PATIENCE):  # it takes a while, for two programs end each other's polls in turn
        while not (await easel.answer(operator.says("/servers"))).text.endswith("@\u2060easel_bot"):
            pass

    assert unheard == []
    assert ann.private.answers == [shown, heard]
    await console.says_that(UP)
    await easel.says("telegram connected", after=before)


async def test_a_token_that_is_revoked_is_named_until_it_is_good_again(easel, console, ann, operator):
    faults, before = easel.telegram.faults, len(easel.log)
    with easel.holding():
        drawn = ann.says(f"/imagine a fox {SMALL}")
        await card(drawn)
        faults.revoke_token()
        await easel.says("telegram trouble", "TokenRefused", after=before)
        await easel.says(REFUSED, after=before)
    said = ann.says(f"/imagine a tower {SMALL}")
    await console.says_that(REFUSED)
    await console.draws()

    faults.restore_token()
    shown = [await easel.result(one) for one in (drawn, said)]
    servers = await easel.answer(operator.says("/servers"))

    assert set(ann.private.answers) == set(shown)
    assert servers.text.endswith("Telegram: @\u2060easel_bot")
