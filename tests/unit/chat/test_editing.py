"""Somebody edits what they said."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.chat.editing import WINDOW, Edit, Wordings, meaning
from bot.chat.pacing import SlowDown
from bot.chat.ports import Incoming
from bot.images.errors import CannotFit
from bot.jobs.ledger.errors import LedgerUnavailable, Trouble
from bot.jobs.model import Action, Job, Person, Place, Recipe, State, Times
from bot.jobs.policy.limits import Limits, Rank

ADA, PLACE = Person("test:ada", "Ada"), Place("test", "room")
JOB = Job("k7m2qd", ADA, PLACE, "/imagine a fox", Recipe("paint", ()), Times(accepted=1000.0))


@pytest.mark.parametrize(
    ("state", "soon", "late"),
    [
        (State.ACCEPTED, Edit.REPLACE, Edit.IGNORE),
        (State.QUEUED, Edit.REPLACE, Edit.IGNORE),
        (State.RUNNING, Edit.IGNORE, Edit.IGNORE),
        (State.DELIVERING, Edit.IGNORE, Edit.IGNORE),
        (State.DONE, Edit.IGNORE, Edit.IGNORE),
        (State.FAILED, Edit.ANSWER, Edit.IGNORE),
        (State.CANCELLED, Edit.ANSWER, Edit.IGNORE),
    ],
)
def test_what_an_edit_means_depends_on_how_far_the_job_has_come_and_on_the_time(state, soon: Edit, late: Edit) -> None:
    job = replace(JOB, state=state)
    assert meaning(job, 1000.0) is meaning(job, 1000.0 + WINDOW) is soon
    assert meaning(job, 990.0) is soon  # the clock was set back
    assert meaning(job, 1000.1 + WINDOW) is late


def test_an_edit_of_what_made_no_job_or_one_that_is_being_cancelled_is_another_try() -> None:
    assert meaning(None, 1e9) is Edit.ANSWER
    assert meaning(replace(JOB, state=State.RUNNING, cancelling=True), 1000.0) is Edit.ANSWER


def test_only_the_newest_wording_of_a_message_is_repeated_by_the_same() -> None:
    wordings = Wordings()

    def says(text: str, message: str = "1", place: Place = PLACE, **more) -> bool:
        return wordings.repeats(Incoming(ADA, place, message, text, **more))

    assert [says("a"), says("a"), says("b"), says("a"), says("a")] == [False, True, False, False, True]
    assert not says("a", "2")
    assert not says("a", place=replace(PLACE, chat="elsewhere"))
    assert not says("a", pictures=(None,))  # which may be another one now
    for n in range(3, 2000):
        says("a", str(n))
    assert not says("a"), "old messages are forgotten"


# -- as the chat sees it ----------------------------------------------------------------------------------------------


async def test_an_edit_before_it_is_drawn_takes_the_place_of_the_wish_and_its_card_goes(room) -> None:
    first = await room.says("/imagine a red fix")
    old = await room.sees("Waiting in the queue")
    second = await room.says("/imagine a red fox", edits=1)
    assert second.recipe.prompt == "a red fox"
    await room.told(first)
    assert (await room.ledger.get(first.id)).state is State.CANCELLED
    (new,) = room.front.messages
    assert new != old
    assert room.front.replies[new] == "said 1"
    await room.draws(2)
    await room.sees("<a red fox>")
    assert len(room.log) == 1


async def test_an_edit_may_be_edited_again(room) -> None:
    await room.says("/imagine one fox")
    await room.says("/imagine two foxes", edits=1)
    last = await room.says("/imagine three foxes", edits=1)
    await room.reach(last, State.QUEUED)
    await room.draws(len(room.renderer.prompts))
    await room.sees("<three foxes>")
    await room.until(lambda: len(room.log) == 1)
    await room.told(last)
    jobs = await room.service.mine(room.ada, 9)
    assert [(job.id == last.id, job.state) for job in jobs] == [
        (True, State.DONE),
        (False, State.CANCELLED),
        (False, State.CANCELLED),
    ]


@pytest.mark.parametrize("said", ["/imagine a red fox", " /imagine  a red fox"])
async def test_an_edit_of_a_wish_that_is_drawn_or_done_changes_nothing_and_says_nothing(room, said: str) -> None:
    await room.says("/imagine a fox")
    (await room.renderer.prompt()).tell(room.drawing(3, 0.25))
    await room.sees("step 3 of 20")
    assert await room.says(said, edits=1) is None
    await room.draws(1)
    await room.sees("<a fox>")
    assert await room.says(f"{said}, sleeping", edits=1) is None
    await room.settled()
    assert len(room.log) == 1
    assert len(room.renderer.prompts) == 1


async def test_an_edit_that_comes_late_changes_nothing_and_says_nothing(room) -> None:
    await room.says("/imagine a fox")
    await room.sees("Waiting in the queue")
    room.now += WINDOW + 1
    assert await room.says("/imagine a red fox", edits=1) is None
    await room.settled()
    assert room.log == ["Waiting in the queue | [Cancel]"]


async def test_an_edit_that_changes_no_word_changes_nothing(room) -> None:
    job = await room.says("/imagine a fox")
    await room.sees("Waiting in the queue")
    assert await room.says("/imagine a fox", edits=1) is None
    await room.says("/imagin a fox")
    await room.sees("Did you mean /imagine?")
    assert await room.says("/imagin a fox", edits=2) is None
    await room.settled()
    assert len(room.log) == 2
    assert [each.id for each in await room.service.mine(room.ada, 9)] == [job.id]


async def test_an_edit_of_what_was_refused_is_answered_like_a_new_message(room) -> None:
    await room.says("/imagine a fox --steps 99")
    await room.sees("50")
    room.now += 3600
    job = await room.says("/imagine a fox --steps 40", edits=1)
    assert job.recipe.value("steps") == 40
    assert room.front.replies[await room.sees("Waiting in the queue")] == "said 1"


async def test_an_edit_that_is_refused_is_said_and_the_wish_goes_on(room) -> None:
    await room.says("/imagine a fox")
    await room.sees("Waiting in the queue")
    assert await room.says("/imagine a fox --steps 99", edits=1) is None
    assert room.front.replies[await room.sees("“--steps”")] == "said 1"
    await room.draws(1)
    await room.sees("<a fox>")


async def test_an_edit_that_asks_for_something_else_leaves_the_wish_alone(room) -> None:
    await room.says("/imagine a fox")
    await room.says("/workflows", edits=1)
    await room.sees("Choose one with --workflow NAME.")
    await room.draws(1)
    await room.sees("<a fox>")


async def test_an_edit_may_make_of_a_wish_that_it_is_cancelled(room) -> None:
    job = await room.says("/imagine a fox")
    await room.sees("Waiting in the queue")
    assert await room.says("/cancel", edits=1) is None
    await room.sees("Cancelled")
    await room.reach(job, State.CANCELLED)


async def test_an_edit_after_cancelling_is_a_new_wish(room) -> None:
    job = await room.says("/imagine a fox")
    await room.presses(Action.CANCEL, job.id)
    await room.sees("Cancelled")
    assert await room.says("/imagine an owl", edits=1)
    await room.sees("Waiting in the queue")
    await room.sees("Cancelled")


async def test_other_pictures_under_the_same_words_are_another_wish(room) -> None:
    first = await room.says("/imagine make it snowy", pictures=(room.png("red"),))
    second = await room.says("/imagine make it snowy", pictures=(room.png("blue"),), edits=1)
    assert second.recipe.images != first.recipe.images
    await room.told(first)


async def test_of_a_wish_that_nobody_has_seen_yet_nothing_is_left(room) -> None:
    room.front.gate.clear()
    first = await room.says("/imagine a red fix")
    await room.until(lambda: room.front.calls == 1)
    await room.says("/imagine a red fox", edits=1)
    room.front.gate.set()
    await room.told(first)
    await room.until(lambda: len(room.log) == 1)


@pytest.mark.parametrize("limits", [Limits(waiting=1), Limits(jobs_per_day=1), Limits(cooldown=30)])
async def test_a_wish_that_is_replaced_counts_for_no_limit(enter, limits: Limits) -> None:
    room = await enter(rules={"limits": {Rank.MEMBER: limits}})
    await room.says("/imagine a fox")
    assert await room.says("/imagine a red fox", edits=1)
    assert await room.says("/imagine another fox") is None


async def test_an_old_card_that_cannot_be_taken_away_holds_up_nothing(room) -> None:
    first = await room.says("/imagine a red fix")
    await room.sees("Waiting in the queue")
    await room.settled()
    room.front.troubles = [SlowDown(0.0), CannotFit(allowed=1), CannotFit(allowed=1)]
    await room.says("/imagine a red fox", edits=1)
    await room.told(first)
    await room.draws(2)
    await room.sees("<a red fox>")


# -- crashes and other troubles ---------------------------------------------------------------------------------------


async def test_an_edit_that_is_told_again_after_a_crash_makes_one_picture(room) -> None:
    await room.says("/imagine a red fix")
    second = await room.says("/imagine a red fox", edits=1)
    await room.sees("Waiting in the queue")
    await room.restart()
    third = await room.says("/imagine a red fox", edits=1)
    await room.told(second)
    await room.draws(len(room.renderer.prompts))
    await room.reach(third, State.DONE)
    assert len(room.showing("<a red fox>")) == 1


async def test_of_a_wish_that_was_replaced_when_we_died_the_card_goes_at_the_next_start(room) -> None:
    first = await room.says("/imagine a red fix")
    await room.sees("Waiting in the queue")
    await room.conversation.__aexit__(None, None, None)
    await room.says("/imagine a red fox", edits=1)
    await room.reach(first, State.CANCELLED)
    await room.restart()
    await room.told(first)
    assert len(room.showing("Waiting in the queue")) == len(room.log) == 1


async def test_a_wish_that_cannot_be_cancelled_goes_on_beside_the_new_one(room, monkeypatch) -> None:
    async def cancel(*_: object) -> None:
        raise LedgerUnavailable(Trouble.FULL, "disk full")

    await room.says("/imagine a red fix")
    monkeypatch.setattr(room.service, "cancel", cancel)
    assert await room.says("/imagine a red fox", edits=1)
    for number in (1, 2):
        await room.draws(number)
    await room.sees("<a red fix>")
    await room.sees("<a red fox>")


async def test_where_nobody_can_tell_what_took_its_place_the_card_says_that_it_is_cancelled(room, monkeypatch) -> None:
    first = await room.says("/imagine a red fix")
    await room.sees("Waiting in the queue")
    await room.says("/imagine a red fox")

    async def of_request(*_: object) -> Job:
        raise LedgerUnavailable(Trouble.FULL, "disk full")

    monkeypatch.setattr(room.ledger, "of_request", of_request)
    await room.service.cancel(first.id, room.ada, room.place)
    await room.sees("Cancelled")
    await asyncio.wait_for(room.told(first), 5)
