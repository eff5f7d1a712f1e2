"""Jobs as values: who, where, what exactly, and how far it has come."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from bot.errors import Explainable
from bot.grammar.request import Adjustment
from bot.jobs.errors import ImpossibleTransition
from bot.workflows.options import Role, Value

RECIPE_VERSION = 1
MAX_PROMPTS = 20
"""How many prompts may be made of one job in all, whatever became of them: one that takes its server or this process
down each time must not do so for ever."""
_ID_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that reads as something else: 0/o, 1/l/i


def new_id() -> str:
    """A short job id that people can read aloud and type, such as ``k7m2qd``."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(6))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks. `id` is unique across platforms (``telegram:1234``); `language` a BCP 47 tag.

    `admin`: an administrator of the chat they speak in, as the platform says. It is of the moment, not of the person.
    """

    id: str
    name: str
    language: str | None = None
    admin: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where they ask: a chat of a platform, and the thread in it.

    `adult`: the platform marks it as a place for adults.
    """

    platform: str
    chat: str
    thread: str | None = None
    adult: bool = field(default=False, compare=False)

    @property
    def subject(self) -> str:
        """What operators call the chat when they allow or ban it, such as ``telegram/-100123``."""
        return f"{self.platform}/{self.chat}"

    def same_chat(self, other: Place) -> bool:
        """Whether both are in one chat, whatever the thread."""
        return (self.platform, self.chat) == (other.platform, other.chat)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A request made exact: running it twice gives the same picture.

    `values` holds every option of the workflow, the prompt and the seed included; `images` maps an image option
    to the SHA-256 of its bytes in the media store.
    """

    workflow: str
    values: tuple[tuple[str, Value], ...]
    images: tuple[tuple[str, str], ...] = ()
    version: int = RECIPE_VERSION

    def value(self, name: str) -> Value | None:
        """One value by option name, None if the workflow has no such option."""
        return dict(self.values).get(name)

    @property
    def prompt(self) -> str:
        """The prompt, empty where the workflow takes none."""
        return str(self.value(Role.PROMPT) or "")

    @property
    def seed(self) -> int | None:
        """The seed that is used, None where nothing in the workflow is random."""
        seed = self.value(Role.SEED)
        return None if seed is None else int(seed)


@dataclass(frozen=True, slots=True)
class Picture:
    """One finished picture in the media store, exactly as the server made it.

    `name` is the file name the server gave it, `width` and `height` are pixels, `size` is bytes.
    """

    sha256: str
    name: str
    media_type: str
    width: int
    height: int
    size: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed, as an error's code and fields, so that a ledger can keep it and any language tell it."""

    code: str
    arguments: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, error: Explainable) -> Failure:
        """The failure that this error is; what is explainable within it becomes a failure too."""
        return cls(error.code, tuple((name, _plain(value)) for name, value in error.details.items()))

    @property
    def details(self) -> dict[str, Any]:
        """The fields by name, as arguments for the text."""
        return dict(self.arguments)


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    return Failure.of(value) if isinstance(value, Explainable) else value


class State(StrEnum):
    """How far a job has come."""

    ACCEPTED = "accepted"
    """In the ledger; not on a server yet."""
    QUEUED = "queued"
    RUNNING = "running"
    DELIVERING = "delivering"
    """The pictures are here; the chat does not have them yet."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return not TRANSITIONS[self]


TRANSITIONS: dict[State, frozenset[State]] = {
    State.ACCEPTED: frozenset({State.QUEUED, State.FAILED, State.CANCELLED}),
    # back to accepted: the server lost it, another attempt follows
    State.QUEUED: frozenset({State.ACCEPTED, State.RUNNING, State.DELIVERING, State.FAILED, State.CANCELLED}),
    State.RUNNING: frozenset({State.ACCEPTED, State.DELIVERING, State.FAILED, State.CANCELLED}),
    # cancelled: whoever asked has gone, and nobody is left to deliver it to
    State.DELIVERING: frozenset({State.DONE, State.FAILED, State.CANCELLED}),
    State.DONE: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds since the epoch; None: not happened."""

    accepted: float
    queued: float | None = None
    started: float | None = None
    made: float | None = None
    ended: float | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a recipe for somebody.

    `text` is the request as a command. `parent` is the job it was made from.
    `attempt` counts the prompts made of it, `prompt_id` is the newest one's, written before it is sent to `server`;
    None: no server has it. `left` is the server it was taken away from because that one went away; as long as that is
    `server` too, its prompt is given up. `cancelling`: somebody wants it stopped.
    `pictures` are there from `State.DELIVERING` on. `gpu_seconds` is how long servers have worked on it.
    `request_message`, `status_message` and `result_messages` are what the front end calls the messages.
    `told`: its chat has seen how it ended. `spoiler`: its pictures are posted covered.
    """

    id: str
    owner: Person
    place: Place
    text: str
    recipe: Recipe
    times: Times
    state: State = State.ACCEPTED
    parent: str | None = None
    server: str | None = None
    prompt_id: str | None = None
    attempt: int = 0
    left: str | None = None
    cancelling: bool = False
    pictures: tuple[Picture, ...] = ()
    gpu_seconds: float = 0.0
    failure: Failure | None = None
    adjustments: tuple[Adjustment, ...] = ()
    spoiler: bool = False
    request_message: str | None = None
    status_message: str | None = None
    result_messages: tuple[str, ...] = ()
    told: bool = False

    @property
    def open(self) -> bool:
        """Whether somebody still has to do something about it: run it, deliver it, or say how it ended."""
        return not (self.state.final and self.told)

    @property
    def media(self) -> frozenset[str]:
        """The SHA-256s of every picture it has in the media store: inputs and results."""
        return frozenset((*dict(self.recipe.images).values(), *(picture.sha256 for picture in self.pictures)))

    @property
    def stills(self) -> tuple[Picture, ...]:
        """The results that are pictures, and no films or sounds, in their order."""
        return tuple(picture for picture in self.pictures if picture.width)

    @property
    def picture(self) -> Picture | None:
        """The first of them."""
        return next(iter(self.stills), None)

    @property
    def has_result(self) -> bool:
        """Whether it is over and its pictures are here; also those that could not be posted."""
        return self.state.final and bool(self.pictures)

    def in_chat(self, chat: str) -> Job:
        """This job after its chat has got that id; what the old one called its messages means nothing there."""
        place = replace(self.place, chat=chat)
        return replace(self, place=place, request_message=None, status_message=None, result_messages=())

    def moved(self, state: State, now: float, **changes: Any) -> Job:
        """This job in its next state, with the time of it noted.

        Raises:
            ImpossibleTransition: The transition table has no such step.
        """
        if state not in TRANSITIONS[self.state]:
            raise ImpossibleTransition(job=self.id, before=self.state.value, after=state.value)
        return replace(self, state=state, times=_noted(self.times, state, now), **changes)


def _noted(times: Times, state: State, now: float) -> Times:
    match state:
        case State.QUEUED:
            return replace(times, queued=now)
        case State.RUNNING:
            return replace(times, started=now)
        case State.DELIVERING:
            return replace(times, made=now)
        case State.DONE | State.FAILED | State.CANCELLED:
            return replace(times, ended=now)
        case State.ACCEPTED:
            return replace(times, queued=None, started=None)


@dataclass(frozen=True, slots=True)
class Showing:
    """A message of a chat that shows a job's result: the `number`-th of those that were posted together, from 1."""

    place: Place
    message: str
    number: int


class Action(StrEnum):
    """What a button does to a job."""

    CANCEL = "cancel"
    AGAIN = "again"
    VARY = "vary"
    UPSCALE = "upscale"
    EDIT = "edit"
    INFO = "info"
    FILE = "file"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds that something is expected to take: between the two; equal where enough was measured."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One job that waits or runs, for the list of the queue. `silent`: it waits for these servers to answer again."""

    job: Job
    position: int | None = None
    progress: float | None = None
    wait: Wait | None = None
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What a chat has set for itself; None: as everywhere.

    `size` is width and height in pixels of a request that names neither. Of the limits, fields of
    `bot.jobs.policy.limits.Limits` by name, `granted` are those that operators gave the chat, in place of the house's
    own, and `limits` those that its admins made tighter still.
    """

    language: str | None = None
    workflow: str | None = None
    size: tuple[int, int] | None = None
    spoiler: bool | None = None
    previews: bool | None = None
    adult: bool = False
    limits: tuple[tuple[str, float], ...] = ()
    granted: tuple[tuple[str, float], ...] = ()


class Standing(StrEnum):
    """What operators have decided of a person or a chat."""

    ALLOWED = "allowed"
    DENIED = "denied"
    """A chat or a person that the settings allow, and an operator no longer."""
    BANNED = "banned"


@dataclass(frozen=True, slots=True)
class Decision:
    """A standing, and until when it lasts (seconds since the epoch; None: until it is lifted)."""

    standing: Standing
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the audit log: at `at` (seconds since the epoch) `actor` did `act` to `subject`."""

    at: float
    actor: str
    act: str
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one accepted job has cost its owner: when, and how many GPU-seconds so far. It outlives the job."""

    at: float
    gpu_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run: a finished job's recipe on a server took so many seconds."""

    server: str
    recipe: Recipe
    seconds: float
