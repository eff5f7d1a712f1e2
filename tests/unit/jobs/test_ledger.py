from __future__ import annotations

import pytest

from bot.jobs.errors import NoSuchJob
from bot.jobs.ledger.memory import MemoryLedger
from bot.jobs.model import Job, Person, Place, Recipe, State, Times

ADA = Person("test:ada", "Ada")
ROOM = Place("test", "room")


def job(id_: str, **changes) -> Job:
    kept = {"owner": ADA, "place": ROOM, "recipe": Recipe("paint", ()), **changes}
    return Job(id=id_, text="", times=Times(1.0), **kept)


async def test_beyond_its_size_a_ledger_in_memory_drops_what_nobody_waits_for_and_nothing_else() -> None:
    ledger = MemoryLedger(keep=3)
    for each in (job("a"), job("b", state=State.DONE), job("c", state=State.DONE, told=True), job("d"), job("e")):
        assert await ledger.add(each)
    assert [each.id for each in await ledger.of_owner(ADA.id, 9)] == ["e", "d", "b", "a"]
    with pytest.raises(NoSuchJob):
        await ledger.get("c")
