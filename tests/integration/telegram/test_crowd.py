"""Two hundred people in five groups, on a Telegram that holds us to its limits, in minutes that pass quickly.

How long each of them waits is for `make bench ARGS=crowd` to tell.
"""

from __future__ import annotations

import re

import pytest
import pytest_asyncio

from benchmarks.crowd import Crowd, Scene, play
from benchmarks.measure import most_within

SCENE = Scene(minutes=4.0, batches=3, pace=20.0)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def crowd(tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    return await play(SCENE, tmp_path_factory.mktemp("crowd"))


def test_nothing_is_ever_refused_as_too_fast(crowd: Crowd) -> None:
    assert crowd.api.floods == []


def test_no_group_has_more_messages_in_any_minute_than_telegram_counts_as_many(crowd: Crowd) -> None:
    assert all(0 < most_within(60.0, crowd.sent(group)) <= 20 for group in crowd.groups)


def test_every_request_is_answered_by_its_own_pictures_once_and_its_status_message_is_gone(crowd: Crowd) -> None:
    for asked in crowd.asked:
        (seed,) = re.findall(r"--seed (\d+)", asked.message.text)
        texts = "\n".join(answer.text for answer in [*asked.answers, *asked.controls])
        assert ([answer.photo is not None for answer in asked.answers], re.findall(r"seed (\d+)", texts)) == (
            [True] * asked.pictures,
            [seed],
        )


def test_nobody_gets_a_picture_that_nobody_asked_for(crowd: Crowd) -> None:
    for chat in {asked.chat for asked in crowd.asked}:
        assert len(chat.photos) == sum(asked.pictures for asked in crowd.asked if asked.chat is chat)


def test_no_result_waits_for_anything_less_urgent(crowd: Crowd) -> None:
    assert crowd.overtaken == []
