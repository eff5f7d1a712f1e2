"""The queue is ComfyUI's heap, its quirks included."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.standin.queue import Entry, PromptQueue


def entry(number, prompt_id="a", graph=None):
    return Entry(number, prompt_id, graph or {}, {}, [])


@pytest.fixture
def changes():
    return []


@pytest.fixture
def queue(changes):
    return PromptQueue(10, lambda: changes.append(1))


@given(numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
async def test_prompts_run_by_number_then_id_whatever_their_order(numbers):
    queue = PromptQueue(10, lambda: None)
    for index, number in enumerate(numbers):
        queue.put(entry(number, str(index)))
    taken = [await queue.get() for _ in numbers]
    assert taken == sorted(taken, key=lambda each: (each.number, each.prompt_id))


async def test_who_waits_for_a_prompt_gets_the_next_one_put(queue):
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.put(entry(1))
    assert await waiting == entry(1)
    assert (queue.running, queue.remaining) == (entry(1), 1)


async def test_every_change_of_the_count_is_told(queue, changes):
    queue.put(entry(1))
    await queue.get()
    queue.done(entry(1), {})
    queue.put(entry(2, "b"))
    assert queue.delete("b")
    queue.clear()
    assert len(changes) == 7  # the deletion of the only one that waits is told twice


async def test_a_pair_with_one_number_and_id_is_queued_and_raises(queue, changes):
    queue.put(entry(1, "a", {"x": {}}))
    with pytest.raises(TypeError):
        queue.put(entry(1, "a", {"y": {}}))
    assert queue.remaining == 2
    assert len(changes) == 1  # and nobody is told of the second


def test_only_a_plain_prompt_advances_the_counter(queue):
    assert [queue.next_number(), queue.next_number(front=True), queue.next_number()] == [0, -1, 2]


async def test_the_later_of_two_with_one_id_stays_in_the_history(queue):
    queue.done(entry(1), {"outputs": 1})
    queue.done(entry(2), {"outputs": 2})
    assert queue.history == {"a": {"prompt": [2, "a", {}, {}, []], "outputs": 2}}


@pytest.mark.parametrize(
    ("max_items", "offset", "ids"),
    [(None, -1, "abcde"), (2, -1, "de"), (2, 0, "ab"), (2, 3, "de"), (9, -1, "abcde"), (0, -1, "")],
)
async def test_the_history_is_given_in_pages(queue, max_items, offset, ids):
    for prompt_id in "abcde":
        queue.done(entry(1, prompt_id), {})
    assert "".join(queue.recent(max_items, offset)) == ids


async def test_an_unknown_prompt_cannot_be_deleted(queue, changes):
    assert not queue.delete("nobody")
    assert changes == []
