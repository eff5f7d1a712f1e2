"""What Telegram means by refusing something. Pure.

The descriptions are those of tdlib/telegram-bot-api (Client.cpp, Bot API 10.0) and tdlib/td, from which they come;
SCREAMING_CODES are passed on from Telegram itself. The library takes "Bad Request: " away and writes the rest with one
capital, so letters are compared without their case, anywhere in the description: of an album it is said within "failed
to send message #2 with the error message "…"".
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum, auto

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError


class Meaning(Enum):
    """What is to be made of a refusal."""

    AS_WANTED = auto()
    """The message is like that already."""
    GONE = auto()
    """There is no such message that could be changed or deleted by us."""
    STAYS = auto()
    """The message is there, and cannot be deleted any more: after 48 hours (Bot API 10.0, deleteMessage)."""
    NO_TEXT = auto()
    """The message that was to be edited is a picture: it has a caption in the place of a text."""
    SLOW_DOWN = auto()
    TROUBLE = auto()
    """The network's, the server's or the token's: the same may go well later. Whether it was done is not known."""
    MIGRATED = auto()
    """The group has another id from now on."""
    TOPIC_GONE = auto()
    REPLY_GONE = auto()
    """There is no such message to reply to."""
    FILE_GONE = auto()
    """A file_id that is no longer good, or of another kind of file."""
    NO_PHOTO = auto()
    """It is not taken as a photo. As a document it may be."""
    TOO_LARGE = auto()
    UNREACHABLE = auto()
    """We are not in that chat, or there is nobody in it any more."""
    MAY_NOT_SEND_PHOTOS = auto()
    MAY_NOT_SEND_DOCUMENTS = auto()
    MAY_NOT_SPEAK = auto()
    TOPIC_CLOSED = auto()
    REFUSED = auto()
    """Whatever else. It would be refused again."""


_DESCRIPTIONS: tuple[tuple[Meaning, tuple[str, ...]], ...] = (
    (Meaning.AS_WANTED, ("message is not modified", "message_not_modified")),
    (
        Meaning.GONE,
        (
            "message to edit not found",
            "message to delete not found",
            "message can't be edited",
            "message_id_invalid",
            "message_author_required",
            "message_edit_time_expired",
            "message identifier is not specified",
        ),
    ),
    (Meaning.STAYS, ("message can't be deleted", "message_delete_forbidden")),
    (Meaning.NO_TEXT, ("there is no text in the message to edit",)),
    (Meaning.TOPIC_CLOSED, ("topic_closed",)),
    (Meaning.TOPIC_GONE, ("message thread not found", "topic_deleted", "topic_id_invalid")),
    (Meaning.REPLY_GONE, ("message to be replied not found", "reply message not found", "reply_message_id_invalid")),
    (
        Meaning.FILE_GONE,
        (
            "wrong file identifier",
            "wrong file_id",
            "wrong remote file id",
            "invalid file_id",
            "invalid file id",
            "invalid remote file id",
            "can't use file of type",
            "file_reference_",
            "file_id_invalid",
            "failed to get http url content",  # a file_id that is none is taken for an address
            "wrong http url specified",
        ),
    ),
    (
        Meaning.NO_PHOTO,
        (
            "photo_invalid",
            "photo_ext_invalid",
            "photo_save_file_invalid",
            "photo has unsupported extension",
            "image_process_failed",
            "too big for a photo",
            "of the photo is too big",
        ),
    ),
    (Meaning.TOO_LARGE, ("request entity too large", "file is too big", "is too big; the maximum size")),
    (
        Meaning.UNREACHABLE,
        (
            "chat not found",
            "chat_id is empty",
            "chat_id_invalid",
            "peer_id_invalid",
            "channel_private",
            "user not found",
            "user is deactivated",
            "chat was deleted",
            "chat was deactivated",
            "bot was kicked",
            "bot was blocked",
            "user_is_blocked",
            "bot is not a member",
            "bot can't initiate conversation",
            "can't send messages to bots",
            "can't send messages to the bot",
            "have no access to the chat",
            "can't access the chat",
        ),
    ),
    (Meaning.MAY_NOT_SEND_PHOTOS, ("not enough rights to send photos", "chat_send_photos_forbidden")),
    (Meaning.MAY_NOT_SEND_DOCUMENTS, ("not enough rights to send documents", "chat_send_docs_forbidden")),
    (
        Meaning.MAY_NOT_SEND_PHOTOS,
        ("chat_send_media_forbidden", "not enough rights to send media", "not enough rights to send animations"),
    ),
    (
        Meaning.MAY_NOT_SPEAK,
        (
            "not enough rights to send text messages",
            "chat_send_plain_forbidden",
            "have no rights to send a message",
            "have no write access to the chat",
            "chat_write_forbidden",
            "chat_restricted",
            "chat_guest_send_forbidden",
            "user_banned_in_channel",
            "user_restricted",
            "need administrator rights in the channel chat",
            "not enough rights",
            "chat_admin_required",
        ),
    ),
)
"""The first that is found in a description counts."""

_UNTOLD = ("sent message was immediately deleted",)
"""Said as a server's error, of what was done all the same: a moderating bot, say, allows no such message."""

_KINDS: dict[type[TelegramError], Meaning] = {
    RetryAfter: Meaning.SLOW_DOWN,
    ChatMigrated: Meaning.MIGRATED,
    InvalidToken: Meaning.TROUBLE,  # an operator can make it good, and nothing must be lost meanwhile
}


def silence(error: RetryAfter) -> float:
    """For how many seconds Telegram wants to hear nothing."""
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)


def meaning(error: TelegramError) -> Meaning:
    """What an error of the library says, whatever was tried."""
    if type(error) in _KINDS:
        return _KINDS[type(error)]
    said = error.message.lower()
    found = next((each for each, texts in _DESCRIPTIONS if any(text in said for text in texts)), None)
    if isinstance(error, BadRequest):
        return found or Meaning.REFUSED
    if isinstance(error, Forbidden):
        return found or Meaning.UNREACHABLE
    if found is Meaning.TOO_LARGE:  # a 413, which the library has no class for
        return found
    unmakeable = isinstance(error.__cause__, ValueError | TypeError)
    return Meaning.REFUSED if unmakeable or any(text in said for text in _UNTOLD) else Meaning.TROUBLE
