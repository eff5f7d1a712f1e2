"""Updates as Telegram sends them: dicts for `Update.de_json`, made of as little as a test is about."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, TypeAlias

import pytest
from telegram import Update

from bot.telegram.updates import Event, Me, read

Json: TypeAlias = dict[str, Any]

ME = Me(id=700, username="EaselBot")
US: Json = {"id": 700, "is_bot": True, "first_name": "Easel", "username": "EaselBot"}
ANN: Json = {"id": 11, "is_bot": False, "first_name": "Ann", "last_name": "Lee", "language_code": "zh-hans"}
BOB: Json = {"id": 12, "is_bot": False, "first_name": "Bob"}
PRIVATE: Json = {"id": 11, "type": "private", "first_name": "Ann"}
GROUP: Json = {"id": -100500, "type": "supergroup", "title": "Foxes"}
CHANNEL: Json = {"id": -100900, "type": "channel", "title": "Fox News"}

_numbers = count(1)


def message(text: str | None = None, *, chat: Json = GROUP, by: Json | None = ANN, **more: Any) -> Json:
    """A Message of the Bot API; `by` None: without a sender."""
    told: Json = {"message_id": next(_numbers), "date": 1_700_000_000, "chat": chat} | more
    if by is not None:
        told["from"] = by
    if text is not None:
        told["text"] = text
    return told


def ours(text: str | None = None, **more: Any) -> Json:
    """A Message of ours."""
    return message(text, by=US, **more)


def update(kind: str, told: Json) -> Update:
    """An Update with that in it."""
    return Update.de_json({"update_id": next(_numbers), kind: told}, None)


def photo(name: str = "p", size: int = 1000) -> list[Json]:
    """A photo in three sizes."""
    return [
        {"file_id": f"{name}{n}", "file_unique_id": f"u{name}{n}", "width": w, "height": w, "file_size": size}
        for n, w in (("s", 90), ("x", 800), ("m", 320))
    ]


def file(name: str, **more: Any) -> Json:
    """Any other file."""
    return {"file_id": name, "file_unique_id": f"u{name}", "file_size": 1000} | more


def sticker(name: str = "s", *, animated: bool = False, video: bool = False) -> Json:
    """A sticker."""
    kind = {"type": "regular", "width": 512, "height": 512, "is_animated": animated, "is_video": video}
    return file(name, **kind)


def video(name: str = "v") -> Json:
    """A video, and but for its name also an animation."""
    return file(name, width=640, height=480, duration=3, mime_type="video/mp4")


@pytest.fixture
def heard() -> Callable[..., Event | None]:
    """What a message means: `heard("/imagine a fox", reply_to_message=…)`."""

    def hear(text: str | None = None, *, kind: str = "message", **more: Any) -> Event | None:
        return read(update(kind, message(text, **more)), ME)

    return hear
