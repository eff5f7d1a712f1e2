"""What every ledger does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import Span
from bot.grammar.request import Adjustment
from bot.jobs.errors import NoSuchJob
from bot.jobs.ledger.port import Ledger
from bot.jobs.model import Failure, Job, Person, Picture, Place, Recipe, Run, Showing, Spent, State, Times

OFTEN = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NUMBERS = count(1)

ANY_TEXT = st.text(max_size=12)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
MOMENTS = st.floats(0, 1e11)
MAYBE = {text: st.none() | text for text in (TEXT, MOMENTS)}
VALUES = ANY_TEXT | st.integers() | st.floats(allow_nan=False) | st.booleans()
HASHES = st.text("0123456789abcdef", min_size=64, max_size=64)
FAILURES = st.recursive(
    st.builds(Failure, ANY_TEXT),
    lambda inner: st.builds(
        Failure,
        ANY_TEXT,
        st.lists(
            st.tuples(ANY_TEXT, st.none() | VALUES | st.builds(Span, MOMENTS) | inner | st.tuples(inner, VALUES)),
            max_size=3,
        ).map(tuple),
    ),
    max_leaves=4,
)
JOBS = st.builds(
    Job,
    id=st.just(""),
    owner=st.builds(Person, TEXT, TEXT, MAYBE[TEXT]),
    place=st.builds(Place, TEXT, TEXT, MAYBE[TEXT]),
    text=TEXT,
    recipe=st.builds(
        Recipe,
        ANY_TEXT,
        st.lists(st.tuples(ANY_TEXT, VALUES), max_size=4).map(tuple),
        st.lists(st.tuples(ANY_TEXT, HASHES), max_size=2).map(tuple),
        st.integers(1, 9),
    ),
    times=st.builds(Times, MOMENTS, *[MAYBE[MOMENTS]] * 4),
    state=st.sampled_from(State),
    parent=MAYBE[TEXT],
    server=MAYBE[TEXT],
    prompt_id=MAYBE[TEXT],
    attempt=st.integers(0, 2**31 - 1),
    left=MAYBE[TEXT],
    cancelling=st.booleans(),
    pictures=st.lists(st.builds(Picture, HASHES, ANY_TEXT, ANY_TEXT, *[st.integers(0, 2**53)] * 3), max_size=2).map(
        tuple
    ),
    gpu_seconds=MOMENTS,
    failure=st.none() | FAILURES,
    adjustments=st.lists(st.builds(Adjustment, ANY_TEXT, VALUES, VALUES), max_size=2).map(tuple),
    spoiler=st.booleans(),
    request_message=MAYBE[TEXT],
    status_message=MAYBE[TEXT],
    result_messages=st.lists(TEXT, max_size=3).map(tuple),
    told=st.booleans(),
)


def ids(jobs) -> list[str]:
    return [job.id for job in jobs]


async def filled(ledger: Ledger, *jobs: Job) -> None:
    for job in jobs:
        assert await ledger.add(job)


@OFTEN
@given(before=JOBS, after=JOBS)
async def test_any_job_comes_back_as_it_was_added_and_as_it_was_last_put(ledger, before, after) -> None:
    added = replace(before, id=f"any{next(NUMBERS)}")
    put = replace(
        after,
        id=added.id,
        owner=replace(after.owner, id=added.owner.id),
        place=replace(after.place, platform=added.place.platform, chat=added.place.chat),
        times=replace(after.times, accepted=added.times.accepted),
    )
    assert await ledger.add(added)
    assert repr(await ledger.get(added.id)) == repr(added)  # 1, 1.0 and True are equal, and not the same
    await ledger.put(put)
    assert repr(await ledger.get(added.id)) == repr(put)


async def test_what_holds_of_the_moment_only_is_no_part_of_a_kept_job(ledger, make) -> None:
    await filled(ledger, make.job("a", owner=replace(make.ada, admin=True), place=replace(make.room, adult=True)))
    assert await ledger.get("a") == make.job("a", accepted=1.0)


async def test_a_taken_id_is_refused_and_the_first_job_stays(ledger, make) -> None:
    await filled(ledger, make.job("a"))
    assert not await ledger.add(make.job("a", owner=make.bob))
    assert (await ledger.get("a")).owner == make.ada
    assert await ledger.spent(make.bob.id, 0.0) == []


async def test_of_many_who_want_one_id_at_once_exactly_one_gets_it(ledger, make) -> None:
    wanted = [make.job("same", owner=Person(f"test:{number}", "")) for number in range(50)]
    got = await asyncio.gather(*(ledger.add(job) for job in wanted))
    assert [await ledger.get("same")] == [job for job, added in zip(wanted, got, strict=True) if added]


async def test_hundreds_of_changes_at_once_are_all_kept(ledger, make) -> None:
    jobs = [make.job() for _ in range(200)]
    assert all(await asyncio.gather(*(ledger.add(job) for job in jobs)))
    moved = [job.moved(State.QUEUED, 9.0, prompt_id=f"p-{job.id}", attempt=1) for job in jobs]
    await asyncio.gather(*(ledger.put(job) for job in moved))
    assert await asyncio.gather(*(ledger.get(job.id) for job in jobs)) == moved


async def test_of_several_changes_of_one_job_the_last_stays(ledger, make) -> None:
    await filled(ledger, job := make.job())
    await asyncio.gather(*(ledger.put(replace(job, attempt=number)) for number in range(20)))
    assert (await ledger.get(job.id)).attempt == 19


async def test_nobody_knows_a_job_that_was_never_added_or_is_forgotten(ledger, make) -> None:
    await filled(ledger, make.job("a"))
    await ledger.forget("a")
    await ledger.forget("b")
    for attempt in (ledger.get("a"), ledger.put(make.job("a")), ledger.put(make.job("b"))):
        with pytest.raises(NoSuchJob) as caught:
            await attempt
        assert caught.value.job in {"a", "b"}


async def test_an_unknown_job_among_changes_fails_alone(ledger, make) -> None:
    await filled(ledger, known := make.job("known"))
    outcomes = await asyncio.gather(
        ledger.put(replace(known, attempt=1)), ledger.put(make.job("unknown")), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [type(None), NoSuchJob]
    assert (await ledger.get("known")).attempt == 1


async def test_a_forgotten_id_may_be_used_again(ledger, make) -> None:
    await filled(ledger, make.job("a", result_messages=("1",)))
    await ledger.forget("a")
    await filled(ledger, make.job("a", owner=make.bob))
    assert (await ledger.get("a")).owner == make.bob
    assert await ledger.of_message(make.room, "1") is None


async def test_unfinished_jobs_come_oldest_first_and_those_that_ended_not(ledger, make) -> None:
    await filled(ledger, *(make.job(state.value, state=state) for state in State), make.job("told", told=True))
    assert ids(await ledger.unfinished()) == ["accepted", "queued", "running", "delivering", "told"]
    assert await ledger.waiting(make.ada.id) == 5
    assert await ledger.waiting(make.bob.id) == 0


async def test_what_a_process_added_itself_is_not_adopted_by_it(ledger, make) -> None:
    await filled(ledger, make.job())
    assert list(await ledger.adopt({"test"})) == []


async def test_a_message_leads_to_its_newest_job_whatever_the_thread(ledger, make) -> None:
    await filled(
        ledger,
        make.job("status", status_message="1"),
        make.job("results", result_messages=("2", "3")),
        make.job("attic", place=make.attic, status_message="1", result_messages=("2",)),
        make.job("request", request_message="4"),
        make.job("again", status_message="3"),
        make.job("elsewhere", place=Place("other", "room"), status_message="2"),
    )
    thread = Place("test", "room", "thread")
    found = [await ledger.of_message(thread, message) for message in ("1", "2", "3", "4", "5")]
    assert [job and job.id for job in found] == ["status", "results", "again", None, None]


async def test_a_request_leads_to_its_newest_job(ledger, make) -> None:
    await filled(
        ledger,
        make.job("a", request_message="1"),
        make.job("b", request_message="1", place=Place("test", "room", "thread")),
        make.job("attic", place=make.attic, request_message="1"),
        make.job("status", status_message="2"),
    )
    found = [await ledger.of_request(make.room, message) for message in ("1", "2")]
    assert [job and job.id for job in found] == ["b", None]


async def test_a_message_that_was_replaced_leads_nowhere(ledger, make) -> None:
    await filled(ledger, job := make.job("a", status_message="1"))
    await ledger.put(replace(job, status_message="2", result_messages=("3",)))
    found = [await ledger.of_message(make.room, message) for message in ("1", "2", "3")]
    assert [job and job.id for job in found] == [None, "a", "a"]


async def test_a_result_that_is_shown_again_is_found_by_those_messages_too_wherever_they_are(ledger, make) -> None:
    await filled(ledger, job := make.job("a", state=State.DONE, result_messages=("1", "2")), make.job("b"))
    await ledger.show("a", Place("test", "attic", "thread"), ("1", "5"))
    await ledger.show("a", make.room, ("3", "2"))
    await ledger.show("unknown", make.room, ("9",))
    places = [(make.room, "2"), (make.room, "3"), (make.attic, "1"), (make.attic, "5"), (make.attic, "2")]
    assert [await ledger.of_message(*place) for place in places] == [job, job, job, job, None]
    assert await ledger.of_message(make.room, "9") is None
    assert sorted(await ledger.showings("a"), key=repr) == [
        Showing(make.attic, "1", 1),
        Showing(make.attic, "5", 2),
        Showing(make.room, "1", 1),
        Showing(make.room, "2", 2),
        Showing(make.room, "3", 1),
    ]
    await ledger.put(replace(job, result_messages=("1", "2", "4")))
    assert len(await ledger.showings("a")) == 6
    await ledger.forget("a")
    for nothing in ("a", "b", "unknown"):
        assert list(await ledger.showings(nothing)) == []
    assert await ledger.of_message(make.attic, "5") is None


async def test_what_an_account_calls_a_jobs_files_is_kept_with_the_job_and_goes_with_it(ledger, make) -> None:
    over = {"state": State.DONE, "told": True}
    await filled(ledger, make.job("a"), make.job("b"), make.job("old", accepted=0.5, **over))
    handle = "x" * 500
    await ledger.keep_uploads("bot", "a", {"1/photo": "p1", "2/photo": handle})
    await ledger.keep_uploads("bot", "a", {"1/photo": "newer", "1/document": "d1"})
    await ledger.keep_uploads("other", "a", {"1/photo": "q1"})
    await ledger.keep_uploads("bot", "old", {"1/photo": "o1"})
    await ledger.keep_uploads("bot", "unknown", {"1/photo": "u1"})
    await ledger.keep_uploads("bot", "b", {})
    assert await ledger.uploads("bot", "a") == {"1/photo": "newer", "1/document": "d1", "2/photo": handle}
    assert await ledger.uploads("other", "a") == {"1/photo": "q1"}
    await ledger.forget("a")
    assert await ledger.prune(before=1.0) == 1
    await ledger.keep_uploads("bot", "a", {"1/photo": "too late"})
    await filled(ledger, make.job("a"), make.job("old"))
    assert [await ledger.uploads("bot", each) for each in ("a", "b", "old", "unknown")] == [{}] * 4


async def test_a_chat_that_has_another_id_takes_its_jobs_along_and_its_messages_are_forgotten(ledger, make) -> None:
    known = {"request_message": "1", "status_message": "2", "result_messages": ("3",)}
    thread = Place("test", "room", "thread")
    jobs = [make.job("a", state=State.RUNNING, **known), make.job("b", place=thread, state=State.DONE, **known)]
    others = [make.job("c", place=make.attic, **known), make.job("d", place=Place("other", "room"), **known)]
    await filled(ledger, *jobs, *others)
    await ledger.show("c", make.room, ("7",))
    await ledger.show("a", make.attic, ("8",))
    for _ in range(2):
        await ledger.move_chat(thread, "hall")
    hall = Place("test", "hall")
    unnamed = {"request_message": None, "status_message": None, "result_messages": ()}
    moved = [replace(job, place=replace(job.place, chat="hall"), **unnamed) for job in jobs]
    assert [await ledger.get(job.id) for job in jobs] == moved
    assert [await ledger.get(job.id) for job in others] == others
    assert list(await ledger.of_place(hall, 9)) == [*reversed(moved)]
    assert list(await ledger.of_place(make.room, 9)) == []
    assert await ledger.newest(make.ada.id, hall) == moved[1]
    for message in ("1", "2", "3", "7"):
        for place in (make.room, hall):
            assert await ledger.of_message(place, message) is None
            assert await ledger.of_request(place, message) is None
    assert await ledger.of_message(make.attic, "8") == moved[0]
    assert await ledger.of_message(Place("other", "room"), "3") == others[1]


async def test_a_job_that_does_not_know_of_its_chats_new_id_is_put_there_without_the_old_messages(ledger, make) -> None:
    await filled(ledger, old := make.job("a", request_message="1"))
    await ledger.move_chat(make.room, "hall")
    await ledger.put(
        replace(old, state=State.DONE, gpu_seconds=2.0, status_message="2", result_messages=("3",), told=True)
    )
    moved = replace(
        old, place=Place("test", "hall"), request_message=None, state=State.DONE, gpu_seconds=2.0, told=True
    )
    assert await ledger.get("a") == moved
    assert list(await ledger.showings("a")) == []
    await ledger.put(known := replace(moved, status_message="1", result_messages=("2",)))
    assert await ledger.get("a") == known
    assert await ledger.of_message(Place("test", "hall"), "2") == known


async def test_jobs_of_a_person_and_of_a_chat_come_newest_first_and_not_more_than_asked(ledger, make) -> None:
    await filled(
        ledger,
        make.job("a"),
        make.job("b", owner=make.bob, place=Place("test", "room", "thread")),
        make.job("c", place=make.attic, accepted=0.5),
        make.job("d", place=Place("other", "room")),
    )
    assert ids(await ledger.of_owner(make.ada.id, 9)) == ["d", "c", "a"]
    assert ids(await ledger.of_owner(make.ada.id, 2)) == ["d", "c"]
    assert ids(await ledger.of_place(make.room, 9)) == ["b", "a"]
    assert ids(await ledger.of_place(make.room, 1)) == ["b"]
    newest = [await ledger.newest(owner.id, make.room) for owner in (make.ada, make.bob)]
    assert ids(newest) == ["a", "b"]
    assert await ledger.newest("test:eve", make.room) is None
    assert ids([await ledger.newest(make.bob.id, Place("test", "room", "other"))]) == ["b"]


async def test_prompts_are_their_jobs_owners_however_many_are_asked_for(ledger, make) -> None:
    await filled(ledger, make.job(prompt_id="p1"), make.job(prompt_id="p2", owner=make.bob), make.job(prompt_id=None))
    many = [f"unknown{number}" for number in range(3000)]
    assert await ledger.owners(["p1", *many, "p2"]) == {"p1": make.ada.id, "p2": make.bob.id}
    assert await ledger.owners([]) == {}


async def test_runs_are_those_that_made_pictures_and_were_measured(ledger, make) -> None:
    made = {"server": "gpu", "gpu_seconds": 3.0, "times": Times(1.0, made=5.0)}
    slow = Recipe("slow", (("steps", 99),))
    await filled(
        ledger,
        make.job(**made),
        make.job(**made | {"recipe": slow, "state": State.DELIVERING}),
        make.job(**made | {"times": Times(1.0)}),
        make.job(**made | {"server": None}),
        make.job(**made | {"gpu_seconds": 0.0}),
    )
    paint = make.job().recipe
    assert list(await ledger.runs(9)) == [Run("gpu", slow, 3.0), Run("gpu", paint, 3.0)]
    assert list(await ledger.runs(1)) == [Run("gpu", slow, 3.0)]


async def test_what_jobs_cost_is_known_also_of_those_that_were_forgotten(ledger, make) -> None:
    jobs = [make.job("c", accepted=30.0), make.job("a", accepted=10.0), make.job("b", accepted=20.0)]
    await filled(ledger, *jobs, make.job(owner=make.bob, accepted=20.0))
    for job in jobs:
        await ledger.put(replace(job, gpu_seconds=job.times.accepted / 10))
    await ledger.forget("b")
    await ledger.forget("b")
    await filled(ledger, make.job("b", accepted=25.0))
    assert list(await ledger.spent(make.ada.id, 20.0)) == [Spent(20.0, 2.0), Spent(25.0), Spent(30.0, 3.0)]


async def test_pruning_drops_the_old_that_nobody_waits_for_and_their_costs(ledger, make) -> None:
    over = {"state": State.DONE, "told": True}
    await filled(
        ledger,
        make.job("old", accepted=1.0, **over),
        make.job("deleted", accepted=2.0, **over),
        make.job("untold", accepted=3.0, state=State.DONE),
        make.job("running", accepted=4.0, state=State.RUNNING),
        make.job("new", accepted=5.0, **over),
    )
    await ledger.forget("deleted")
    assert await ledger.prune(before=5.0) == 1
    assert ids(await ledger.of_owner(make.ada.id, 9)) == ["new", "running", "untold"]
    assert Spent(5.0) in await ledger.spent(make.ada.id, 0.0)
    assert not {Spent(1.0), Spent(2.0)} & set(await ledger.spent(make.ada.id, 0.0))
    assert await ledger.prune(before=5.0) == 0


async def test_a_picture_is_in_use_as_long_as_a_job_has_it(ledger, make) -> None:
    picture = Picture("out", "o.png", "image/png", 1, 1, 1)
    await filled(
        ledger,
        asking := make.job("a", recipe=Recipe("repaint", (), (("image", "in"),))),
        make.job("b", pictures=(picture,)),
        make.job("c", recipe=Recipe("repaint", (), (("image", "out"),))),
    )
    await ledger.put(replace(asking, pictures=(replace(picture, sha256="late"),)))
    assert [await ledger.uses(each) for each in ("in", "out", "late", "other")] == [True, True, True, False]
    for job in "ab":
        await ledger.forget(job)
    assert [await ledger.uses(each) for each in ("in", "out", "late", "other")] == [False, True, False, False]
