"""The room as JSON for the page."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from bot.chat.card import StatusCard
from bot.console.messages import Finished, Message, Said, Shown, Side, Told
from bot.console.room import Dropped, Event, Put, Room, SideChanged

_NUMBER = re.compile(r"[0-9]{1,18}")


def encode(value: Any) -> str:
    """JSON text; dataclasses become objects of their fields, bytes Base64."""
    return msgspec.json.encode(value).decode()


def room_json(room: Room) -> dict[str, Any]:
    """Everything the room shows, and the mark from which to go on."""
    return {
        "mark": mark(room, room.number),
        "messages": [message_json(message) for message in room.messages],
        "side": room.side,
    }


def event_json(event: Event) -> tuple[str, Side | dict[str, Any]]:
    """An event's name and its data."""
    match event:
        case Put(message=message):
            return "put", message_json(message)
        case Dropped(id=message):
            return "drop", {"id": message}
        case SideChanged(side=side):
            return "side", side


def message_json(message: Message) -> dict[str, Any]:
    """One message; `kind` says which other fields there are."""
    return {"id": message.id, "number": message.number, "reply_to": message.reply_to, **_content(message)}


def mark(room: Room, number: int) -> str:
    """An event's id on the wire. Those of another room, or of an earlier process, are told apart."""
    return f"{room.epoch}-{number}"


def read_mark(room: Room, text: str) -> int | None:
    """The event number of a mark; None: not of this room."""
    epoch, _, number = text.rpartition("-")
    return read_number(number) if epoch == room.epoch else None


def read_number(text: str) -> int | None:
    """A whole number as the page writes it; None: anything else."""
    return int(text) if _NUMBER.fullmatch(text) else None


def _content(message: Message) -> dict[str, Any]:
    match message.content:
        case Said() as said:
            return {"kind": "said", "text": said.text, "of": said.of, "pictures": _pictures(said.pictures)}
        case Told() as told:
            return {"kind": "told", "text": told.text}
        case StatusCard() as card:
            return {
                "kind": "status",
                "job": card.job,
                "tone": card.tone,
                "title": card.title,
                "lines": card.lines,
                "progress": card.progress,
                "preview": card.preview,
                "actions": [button.action for button in card.buttons],
                "final": card.final,
            }
        case Finished() as result:
            return {
                "kind": "finished",
                "job": result.job,
                "title": result.title,
                "lines": result.lines,
                "pictures": _pictures(result.pictures),
                "actions": result.actions,
                "spoiler": result.spoiler,
            }


def _pictures(pictures: tuple[Shown, ...]) -> list[dict[str, Any]]:
    return [
        {
            "id": shown.id,
            "width": shown.width,
            "height": shown.height,
            "original": shown.original is not None,
        }
        for shown in pictures
    ]
