"""One Easel serves a whole file of tests; each test has people and chats of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.talks import OPERATOR_ID, Easel, serving
from tests.telegram_api import BotApi, Chat, Person


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def easel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Easel]:
    """An Easel for all tests of a file; a file that names MORE settings, or an ENVIRON, has them."""
    more, environ = getattr(request.module, "MORE", ""), getattr(request.module, "ENVIRON", {})
    async with serving(tmp_path_factory.mktemp("easel"), more=more, environ=environ) as easel:
        yield easel


@pytest.fixture
def telegram(easel: Easel) -> BotApi:
    return easel.telegram


@pytest.fixture
def operator(telegram: BotApi) -> Person:
    return telegram.world.people[OPERATOR_ID]


@pytest.fixture
def ann(telegram: BotApi) -> Person:
    return telegram.person("Ann")


@pytest.fixture
def bob(telegram: BotApi) -> Person:
    return telegram.person("Bob")


@pytest.fixture
def li(telegram: BotApi) -> Person:
    """Somebody whose Telegram is in Chinese."""
    return telegram.person("李", language="zh-hans")


@pytest.fixture
def foxes(telegram: BotApi, ann: Person, bob: Person) -> Chat:
    """A group that Ann made and Bob is in."""
    return telegram.supergroup("Foxes", ann, bob)
