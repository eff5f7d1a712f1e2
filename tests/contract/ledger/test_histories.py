"""Whatever has happened, every ledger says the same of it as the plainest one."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.jobs.errors import NoSuchJob
from bot.jobs.ledger.memory import MemoryLedger
from bot.jobs.ledger.port import Ledger
from bot.jobs.model import Job, Person, Picture, Place, Recipe, State, Times

IDS, OWNERS, CHATS = ("a", "b", "c"), ("ada", "bob"), ("room", "attic")
MOMENTS, MESSAGES = (1.0, 2.0, 3.0), ("1", "2", "3")
PICTURES = tuple(Picture(sha256, f"{sha256}.png", "image/png", 1, 1, 1) for sha256 in ("p", "q"))


@dataclass(frozen=True)
class Add:
    id: str
    owner: str
    chat: str
    accepted: float


@dataclass(frozen=True)
class Put:
    id: str
    state: State
    told: bool
    status: str | None
    result: str | None
    picture: Picture | None
    gpu_seconds: float


@dataclass(frozen=True)
class Forget:
    id: str


@dataclass(frozen=True)
class Show:
    id: str
    chat: str
    messages: tuple[str, ...]


@dataclass(frozen=True)
class Upload:
    id: str
    handle: str


@dataclass(frozen=True)
class MoveChat:
    old: str
    new: str


@dataclass(frozen=True)
class Prune:
    before: float


A_JOB = st.sampled_from(IDS)
HISTORIES = st.lists(
    st.one_of(
        st.builds(Add, A_JOB, st.sampled_from(OWNERS), st.sampled_from(CHATS), st.sampled_from(MOMENTS)),
        st.builds(
            Put,
            A_JOB,
            st.sampled_from(State),
            st.booleans(),
            st.none() | st.sampled_from(MESSAGES),
            st.none() | st.sampled_from(MESSAGES),
            st.none() | st.sampled_from(PICTURES),
            st.sampled_from((0.0, 1.5)),
        ),
        st.builds(Forget, A_JOB),
        st.builds(Show, A_JOB, st.sampled_from(CHATS), st.lists(st.sampled_from(MESSAGES)).map(tuple)),
        st.builds(Upload, A_JOB, st.sampled_from(MESSAGES)),
        st.sampled_from((MoveChat("room", "attic"), MoveChat("attic", "room"))),
        st.builds(Prune, st.sampled_from(MOMENTS)),
    ),
    max_size=15,
)


async def done(ledger: Ledger, step: Add | Put | Forget | Show | Upload | MoveChat | Prune) -> object:
    """What the ledger answers to one step."""
    match step:
        case Add(id_, owner, chat, accepted):
            recipe = Recipe("paint", (), (("image", f"in of {id_}"),))
            return await ledger.add(Job(id_, Person(owner, owner), Place("test", chat), "", recipe, Times(accepted)))
        case Put(id_):
            try:
                await ledger.put(changed(await ledger.get(id_), step))
            except NoSuchJob as error:
                return error.job
        case Forget(id_):
            await ledger.forget(id_)
        case Show(id_, chat, messages):
            await ledger.show(id_, Place("test", chat), messages)
        case Upload(id_, handle):
            await ledger.keep_uploads("bot", id_, {"1/photo": handle})
        case MoveChat(old, new):
            await ledger.move_chat(Place("test", old), new)
        case Prune(before):
            return await ledger.prune(before)
    return None


def changed(job: Job, put: Put) -> Job:
    """The job, further on: its pictures and messages only become more."""
    return Job(
        job.id,
        job.owner,
        job.place,
        job.text,
        job.recipe,
        Times(job.times.accepted, made=9.0 if put.picture else job.times.made),
        state=put.state,
        server="gpu",
        prompt_id=f"prompt of {job.id}",
        pictures=(*job.pictures, put.picture) if put.picture else job.pictures,
        gpu_seconds=job.gpu_seconds + put.gpu_seconds,
        status_message=put.status,
        result_messages=(*job.result_messages, put.result) if put.result else job.result_messages,
        told=put.told,
    )


async def told(ledger: Ledger) -> dict[str, object]:
    """What the ledger answers to every question."""
    places = [Place("test", chat, "thread") for chat in CHATS]
    hashes = [*(picture.sha256 for picture in PICTURES), *(f"in of {id_}" for id_ in IDS)]
    return {
        "unfinished": list(await ledger.unfinished()),
        "waiting": [await ledger.waiting(owner) for owner in OWNERS],
        "newest": [await ledger.newest(owner, place) for owner in OWNERS for place in places],
        "of owner": [list(await ledger.of_owner(owner, 2)) for owner in OWNERS],
        "of place": [list(await ledger.of_place(place, 2)) for place in places],
        "of message": [await ledger.of_message(place, message) for place in places for message in MESSAGES],
        "showings": [sorted(await ledger.showings(id_), key=repr) for id_ in IDS],
        "uploads": [await ledger.uploads("bot", id_) for id_ in IDS],
        "owners": await ledger.owners([f"prompt of {id_}" for id_ in IDS]),
        "runs": list(await ledger.runs(9)),
        "spent": [sorted(await ledger.spent(owner, 2.0), key=repr) for owner in OWNERS],
        "uses": [await ledger.uses(sha256) for sha256 in hashes],
    }


async def emptied(ledger: Ledger) -> None:
    """Every job forgotten, and every cost."""
    for id_ in IDS:
        await ledger.forget(id_)
    await ledger.prune(float("inf"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
async def test_every_question_has_the_answer_of_the_plainest_ledger(ledger, history) -> None:
    await emptied(ledger)
    plain = MemoryLedger()
    for step in history:
        assert await done(ledger, step) == await done(plain, step)
    assert await told(ledger) == await told(plain)
