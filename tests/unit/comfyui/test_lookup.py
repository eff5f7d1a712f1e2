"""Many records: one question each, or all that the server remembers page by page."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from bot.comfyui.errors import BadAnswer, ServerUnreachable
from bot.comfyui.lookup import MANY, PAGE, look_up
from bot.comfyui.records import Outcome, Record

SUCCESS = Record(Outcome.SUCCEEDED, 0, msgspec.Raw(b"null"))


class Books:
    """A server's records, in memory. `spoilt` and `away` are ids whose records cannot be read or had."""

    def __init__(self, kept: list[str], *, spoilt: str = "", away: str = "") -> None:
        self.kept, self.spoilt, self.away = kept, spoilt, away
        self.asked: Counter[str] = Counter()

    async def record(self, prompt_id: str) -> Record | None:
        self.asked["one"] += 1
        if prompt_id == self.away:
            raise ServerUnreachable("s", "away")
        if prompt_id == self.spoilt:
            raise BadAnswer("s", "history")
        return SUCCESS if prompt_id in self.kept else None

    async def histories(self, offset: int, most: int) -> dict[str, Record]:
        self.asked["page"] += 1
        page = self.kept[offset : offset + most]
        if self.away in page:
            raise ServerUnreachable("s", "away")
        if self.spoilt in page:
            raise BadAnswer("s", "history")
        return dict.fromkeys(page, SUCCESS)


def ids(count: int) -> list[str]:
    return [f"p{number}" for number in range(count)]


async def found(books: Books, wanted: list[str]) -> dict[str, bool]:
    """Whether a record was told, by id; each must be told once."""
    told: dict[str, bool] = {}

    def tell(prompt_id: str, record: Record | None) -> None:
        assert prompt_id not in told
        told[prompt_id] = record is not None

    assert await look_up(books, wanted, tell) is None
    return told


@pytest.mark.parametrize(
    ("kept", "wanted", "asked"),
    [
        (ids(10), [], {}),
        (ids(10), ["p1", "x"], {"one": 2}),
        (ids(1000), ids(MANY - 1), {"one": MANY - 1}),
        ([], ids(MANY), {"page": 1}),
        (ids(1000), ids(MANY), {"page": 2}),
        (ids(2 * PAGE), [*ids(2 * PAGE), "x"], {"page": 3}),
        (ids(PAGE + 1), [f"x{number}" for number in range(MANY)], {"page": 2}),
    ],
)
async def test_very_many_are_picked_from_pages_and_few_asked_for_one_by_one(kept, wanted, asked):
    books = Books(kept)
    assert await found(books, wanted) == {prompt_id: prompt_id in set(kept) for prompt_id in wanted}
    assert books.asked == asked


async def test_a_record_that_cannot_be_read_spoils_no_other():
    for count in (3, MANY, MANY + PAGE):
        spoilt = f"p{count - 1}"
        told = await found(Books(ids(count), spoilt=spoilt), ids(count))
        assert [prompt_id for prompt_id, known in told.items() if not known] == [spoilt]
        assert len(told) == count


async def test_trouble_is_handed_back_and_nothing_told_of_those_it_concerns():
    told: list[str] = []
    trouble = await look_up(Books(ids(3), away="p1"), ids(3), lambda prompt_id, _record: told.append(prompt_id))
    assert isinstance(trouble, ServerUnreachable)
    assert told == ["p0", "p2"]
    told.clear()
    trouble = await look_up(Books(ids(MANY), away="p0"), ids(MANY), lambda prompt_id, _record: told.append(prompt_id))
    assert isinstance(trouble, ServerUnreachable)
    assert told == []
