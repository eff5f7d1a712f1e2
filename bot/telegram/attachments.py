"""What pictures there are with a message, as Telegram tells of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from telegram import Animation, Document, ExternalReplyInfo, Message, PhotoSize, Sticker, Video, VideoNote

_Medium: TypeAlias = PhotoSize | Document | Sticker | Animation | Video | VideoNote


class Kind(StrEnum):
    """What a file is. `OTHER`: nothing that a picture could be taken from, such as a video or a moving sticker."""

    PHOTO = "photo"
    DOCUMENT = "document"
    STICKER = "sticker"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that Telegram keeps. `size` is in bytes, None where Telegram does not say."""

    file_id: str
    file_unique_id: str
    size: int | None
    kind: Kind


def attached(message: Message) -> tuple[RemoteFile, ...]:
    """The file that somebody sends us. One of a kind that is of no use was meant to be used all the same."""
    found = visible(message)
    if not found and message.document is not None:
        return (_remote(message.document, Kind.OTHER),)
    return found


def visible(source: Message | ExternalReplyInfo) -> tuple[RemoteFile, ...]:
    """What there is to see in a message: a picture, or what moves. Its spoken words and other documents are not."""
    if source.photo:
        return (_remote(max(source.photo, key=lambda size: size.width * size.height), Kind.PHOTO),)
    moving = source.animation or source.video or source.video_note  # before documents: an animation is one besides
    if moving is not None:
        return (_remote(moving, Kind.OTHER),)
    if source.sticker is not None:
        moves = source.sticker.is_animated or source.sticker.is_video
        return (_remote(source.sticker, Kind.OTHER if moves else Kind.STICKER),)
    if source.document is not None and (source.document.mime_type or "").lower().startswith("image/"):
        return (_remote(source.document, Kind.DOCUMENT),)
    return ()


def is_other_content(message: Message) -> bool:
    """Whether somebody sent something that is neither words nor anything to see."""
    sent = (message.voice, message.audio, message.contact, message.location, message.venue)
    played = (message.poll, message.dice, message.game)
    return any((*sent, *played))


def _remote(file: _Medium, kind: Kind) -> RemoteFile:
    size = file.file_size if isinstance(file.file_size, int) else None  # the library takes any JSON for one
    return RemoteFile(str(file.file_id), str(file.file_unique_id), size, kind)
