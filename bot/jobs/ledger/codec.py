"""Jobs as rows and back. Pure.

A row's JSON holds what Python's values are and JSON's are not: whole numbers beyond 64 bits and numbers that are none
are kept under ``number``, tuples as lists. NUL and lone surrogates, which no database keeps as text, become U+FFFD.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import msgspec
from sqlalchemy import Row

from bot.errors import Span
from bot.grammar.request import Adjustment
from bot.jobs.ledger.errors import LedgerUnavailable, Trouble
from bot.jobs.model import ChatSettings, Failure, Job, Person, Picture, Place, Recipe, Run, Spent, State, Times

_ENCODER = msgspec.json.Encoder()
_ANYTHING = msgspec.json.Decoder()
_PICTURES = msgspec.json.Decoder(tuple[Picture, ...])
_MESSAGES = msgspec.json.Decoder(tuple[str, ...])
_WHOLE = range(-(2**63), 2**64)
_LIMITS = ("limits", "granted")  # of a chat's settings


def text(value: str) -> str:
    """The text as every database can keep it."""
    return _mended(value).replace("\0", "\ufffd")


def identity_of(job: Job) -> dict[str, Any]:
    """The columns of a job that never change."""
    return {
        "id": job.id,
        "owner": job.owner.id,
        "platform": job.place.platform,
        "chat": job.place.chat,
        "accepted": job.times.accepted,
    }


def state_of(job: Job) -> dict[str, Any]:
    """The columns of a job that may change, without whose it is to run."""
    return {
        "owner_name": text(job.owner.name),
        "owner_language": job.owner.language,
        "thread": job.place.thread,
        "text": text(job.text),
        "recipe": _encoded(_packed_recipe(job.recipe)),
        "parent": job.parent,
        "adjustments": _encoded([(each.option, _packed(each.asked), _packed(each.used)) for each in job.adjustments]),
        "spoiler": job.spoiler,
        "queued": job.times.queued,
        "started": job.times.started,
        "made": job.times.made,
        "ended": job.times.ended,
        "state": job.state.value,
        "server": job.server,
        "prompt_id": job.prompt_id,
        "attempt": job.attempt,
        "left": job.left,
        "cancelling": job.cancelling,
        "pictures": _encoded(job.pictures),
        "gpu_seconds": job.gpu_seconds,
        "failure": None if job.failure is None else _encoded(_packed(job.failure)),
        "request_message": job.request_message,
        "status_message": job.status_message,
        "result_messages": _encoded(job.result_messages),
        "told": job.told,
        "open": job.open,
    }


def job_of(row: Row[Any]) -> Job:
    """The job again.

    Raises:
        LedgerUnavailable: The row is damaged.
    """
    with _whole(row.id):
        return Job(
            id=row.id,
            owner=Person(row.owner, row.owner_name, row.owner_language),
            place=Place(row.platform, row.chat, row.thread),
            text=row.text,
            recipe=_recipe_of(row.recipe),
            times=Times(row.accepted, row.queued, row.started, row.made, row.ended),
            state=State(row.state),
            parent=row.parent,
            server=row.server,
            prompt_id=row.prompt_id,
            attempt=row.attempt,
            left=row.left,
            cancelling=row.cancelling,
            pictures=_PICTURES.decode(row.pictures),
            gpu_seconds=row.gpu_seconds,
            failure=None if row.failure is None else _unpacked(_ANYTHING.decode(row.failure)),
            adjustments=tuple(
                Adjustment(option, _unpacked(asked), _unpacked(used))
                for option, asked, used in _ANYTHING.decode(row.adjustments)
            ),
            spoiler=row.spoiler,
            request_message=row.request_message,
            status_message=row.status_message,
            result_messages=_MESSAGES.decode(row.result_messages),
            told=row.told,
        )


def run_of(row: Row[Any]) -> Run:
    """A measured run, from `server`, `recipe` and `gpu_seconds`.

    Raises:
        LedgerUnavailable: The row is damaged.
    """
    with _whole(row.server):
        return Run(row.server, _recipe_of(row.recipe), row.gpu_seconds)


def spent_of(row: Row[Any]) -> Spent:
    """What a job has cost, from `at` and `gpu_seconds`."""
    return Spent(row.at, row.gpu_seconds)


def settings_json(settings: ChatSettings) -> str:
    """How a chat is set, as JSON."""
    return _encoded({**asdict(settings), **{name: _packed(getattr(settings, name)) for name in _LIMITS}})


def settings_of(kept: str) -> ChatSettings:
    """How a chat is set.

    Raises:
        LedgerUnavailable: The row is damaged.
    """
    with _whole("settings"):
        settings: dict[str, Any] = _ANYTHING.decode(kept)
        limits = {name: _unpacked(settings[name]) for name in _LIMITS if name in settings}
        return msgspec.convert({**settings, **limits}, ChatSettings)


@contextmanager
def _whole(what: str) -> Iterator[None]:
    """A row that we did not write so is damaged."""
    try:
        yield
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
        raise LedgerUnavailable(Trouble.BROKEN, f"{what}: {error}") from error


def _recipe_of(kept: str) -> Recipe:
    recipe = _ANYTHING.decode(kept)
    return Recipe(
        workflow=recipe["workflow"],
        values=tuple((name, _unpacked(value)) for name, value in recipe["values"]),
        images=tuple((name, sha256) for name, sha256 in recipe["images"]),
        version=recipe["version"],
    )


def _packed_recipe(recipe: Recipe) -> Mapping[str, object]:
    return {
        "version": recipe.version,
        "workflow": recipe.workflow,
        "values": [(name, _packed(value)) for name, value in recipe.values],
        "images": recipe.images,
    }


def _packed(value: object) -> object:
    match value:
        case None | bool() | str():
            return value
        case int() | float():
            return value if _in_json(value) else {"number": str(value)}
        case tuple() | list():
            return [_packed(item) for item in value]
        case Failure():
            return {"code": value.code, "arguments": [(name, _packed(item)) for name, item in value.arguments]}
        case Span():
            return {"span": _packed(value.seconds)}
        case _:
            return str(value)


def _in_json(number: float) -> bool:
    return number in _WHOLE if isinstance(number, int) else math.isfinite(number)


def _unpacked(value: Any) -> Any:
    match value:
        case list():
            return tuple(_unpacked(item) for item in value)
        case {"number": "inf" | "-inf" | "nan" as number}:
            return float(number)
        case {"number": number}:
            return int(number)
        case {"span": seconds}:
            return Span(_unpacked(seconds))
        case {"code": code, "arguments": arguments}:
            return Failure(code, tuple((name, _unpacked(item)) for name, item in arguments))
        case _:
            return value


def _encoded(value: object) -> str:
    try:
        return _ENCODER.encode(value).decode()
    except UnicodeEncodeError:  # a lone surrogate in some text of it
        return _mended(json.dumps(msgspec.to_builtins(value), ensure_ascii=False))


def _mended(value: str) -> str:
    if value.isascii():
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
