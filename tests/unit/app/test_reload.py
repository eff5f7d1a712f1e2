"""Settings that are read again while Easel runs. Nothing answers at the servers' addresses; nobody has to."""

from __future__ import annotations

import pytest

from bot.app import compose
from bot.app.reloading import NotReloaded, Reloaded
from bot.config import Settings
from bot.config.errors import BadSettings, MissingSetting
from bot.jobs.model import Person
from bot.jobs.policy.errors import BadPattern
from bot.jobs.policy.limits import Rank

OPERATOR = Person("console:operator", "")


class Files:
    """What the settings' files say at this moment."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.now = self.says("a")
        self.problem: BadSettings | None = None

    def says(self, *servers: str, **sections) -> Settings:
        named = [{"name": name, "url": "http://127.0.0.1:9"} for name in servers]
        self.now = Settings.model_validate({"servers": named, "data": {"folder": self.folder}, **sections})
        return self.now

    def read(self) -> Settings:
        if self.problem is not None:
            raise self.problem
        return self.now


@pytest.fixture
def files(tmp_path) -> Files:
    return Files(tmp_path)


@pytest.fixture
async def easel(files):
    async with compose(files.now, reread=files.read) as easel:
        yield easel


async def servers(easel) -> dict[str, bool]:
    return {status.name: status.drained for status in await easel.service.servers()}


async def test_servers_and_rules_take_effect(easel, files):
    files.says("b", "c", access={"operators": ["test:ada"]}, limits={"waiting": 1}, console={"port": 0})
    assert await easel.reload() == Reloaded(
        added=("b", "c"), removed=("a",), rules=("[access]", "[limits]"), restart=("[console]",)
    )
    assert list(await servers(easel)) == ["b", "c"]
    assert easel.service.house.rank(Person("test:ada", "")) is Rank.OPERATOR
    assert easel.service.house.rules.limits[Rank.MEMBER].waiting == 1


async def test_reading_the_same_again_changes_nothing(easel):
    assert await easel.reload() == Reloaded()


async def test_a_server_that_was_drained_comes_back_drained(easel, files):
    await easel.service.drain(OPERATOR, "a")
    files.says("b")
    await easel.reload()
    files.says("a", "b")
    await easel.reload()
    assert await servers(easel) == {"a": True, "b": False}


async def test_a_server_that_was_drained_in_an_earlier_life_is_when_it_is_added(files):
    async with compose(files.now) as before:
        await before.service.drain(OPERATOR, "a")
    async with compose(files.says("b"), reread=files.read) as after:
        files.says("a", "b")
        await after.reload()
        assert await servers(after) == {"a": True, "b": False}


async def test_bad_settings_change_nothing(easel, files):
    files.problem = BadSettings((MissingSetting("F", "servers.b.url"),))
    with pytest.raises(NotReloaded) as refused:
        await easel.reload()
    assert refused.value.problems == files.problem.problems
    assert list(await servers(easel)) == ["a"]


async def test_rules_that_cannot_be_kept_change_nothing(easel, files):
    files.says("b", content={"blocked_words": ["\u200b"]})
    with pytest.raises(BadPattern):
        await easel.reload()
    assert list(await servers(easel)) == ["a"]
