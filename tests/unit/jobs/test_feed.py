from __future__ import annotations

import asyncio

from bot.jobs.feed import Feed


async def everything(feed: Feed[int]) -> list[int]:
    return [value async for value in feed.follow()]


async def test_a_follower_sees_the_newest_value_and_every_change_it_is_awake_for() -> None:
    feed = Feed(1)
    follower = asyncio.create_task(everything(feed))
    for value in (2, 3):
        await asyncio.sleep(0)
        feed.publish(value)
    await asyncio.sleep(0)
    feed.close()
    assert await follower == [1, 2, 3]


async def test_a_slow_follower_sees_the_newest_and_skips_the_rest() -> None:
    feed = Feed(1)
    updates = feed.follow()
    assert await anext(updates) == 1
    for value in (2, 3, 4):
        feed.publish(value)
    feed.close()
    assert [value async for value in updates] == [4]


async def test_followers_are_independent_of_each_other() -> None:
    feed = Feed(1)
    early = feed.follow()
    await anext(early)
    feed.publish(2)
    late = feed.follow()
    assert (await anext(early), await anext(late)) == (2, 2)


async def test_who_comes_after_the_end_sees_the_last_value() -> None:
    feed = Feed(1)
    feed.publish(2)
    feed.close()
    assert await everything(feed) == [2]


async def test_closing_wakes_those_who_wait() -> None:
    feed = Feed(1)
    follower = asyncio.create_task(everything(feed))
    await asyncio.sleep(0)
    feed.close()
    assert await follower == [1]


async def test_an_equal_value_is_told_as_well() -> None:
    feed = Feed(1)
    updates = feed.follow()
    await anext(updates)
    feed.publish(1)
    assert await anext(updates) == 1
