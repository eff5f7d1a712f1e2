"""Every refusal that Telegram is known to give, as the library hands it on, and what is made of it."""

from __future__ import annotations

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.telegram.refusals import Meaning, meaning

BAD_REQUESTS = {
    Meaning.AS_WANTED: [
        "message is not modified: specified new message content and reply markup are exactly the same",
    ],
    Meaning.GONE: [
        "message to edit not found",
        "message to delete not found",
        "message can't be edited",
        "MESSAGE_ID_INVALID",
        "MESSAGE_AUTHOR_REQUIRED",
        "MESSAGE_EDIT_TIME_EXPIRED",
    ],
    Meaning.STAYS: ["message can't be deleted", "message can't be deleted for everyone", "MESSAGE_DELETE_FORBIDDEN"],
    Meaning.NO_TEXT: ["there is no text in the message to edit"],
    Meaning.TOPIC_GONE: ["message thread not found", "TOPIC_DELETED", "TOPIC_ID_INVALID"],
    Meaning.TOPIC_CLOSED: ["TOPIC_CLOSED"],
    Meaning.REPLY_GONE: ["message to be replied not found", "reply message not found"],
    Meaning.FILE_GONE: [
        "wrong file identifier/HTTP URL specified",
        "wrong remote file identifier specified: can't unserialize it. Wrong last symbol",
        "wrong file_id or the file is temporarily unavailable",
        "invalid file_id",
        "can't use file of type Document as Photo",
        "FILE_REFERENCE_EXPIRED",
        "failed to get HTTP URL content",
        'failed to send message #2 with the error message "Wrong file identifier/HTTP URL specified"',
    ],
    Meaning.NO_PHOTO: [
        "PHOTO_INVALID_DIMENSIONS",
        "IMAGE_PROCESS_FAILED",
        "PHOTO_SAVE_FILE_INVALID",
        "photo has unsupported extension. Use one of .jpg, .jpeg, .gif, .png, .tif or .bmp",
        "file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes",
        "width of the photo is too big",
        'failed to send message #3 with the error message "PHOTO_INVALID_DIMENSIONS"',
    ],
    Meaning.TOO_LARGE: [
        "file is too big",
        "file of size 2147483649 bytes is too big; the maximum size is 2147483648 bytes",
    ],
    Meaning.UNREACHABLE: [
        "chat not found",
        "private chat not found",
        "CHANNEL_PRIVATE",
        "PEER_ID_INVALID",
        "user not found",
        "have no access to the chat",
        "can't access the chat",
    ],
    Meaning.MAY_NOT_SEND_PHOTOS: ["not enough rights to send photos to the chat", "CHAT_SEND_PHOTOS_FORBIDDEN"],
    Meaning.MAY_NOT_SEND_DOCUMENTS: ["not enough rights to send documents to the chat", "CHAT_SEND_DOCS_FORBIDDEN"],
    Meaning.MAY_NOT_SPEAK: [
        "not enough rights to send text messages to the chat",
        "have no rights to send a message",
        "have no write access to the chat",
        "CHAT_WRITE_FORBIDDEN",
        "CHAT_SEND_PLAIN_FORBIDDEN",
        "CHAT_RESTRICTED",
        "need administrator rights in the channel chat",
        "USER_BANNED_IN_CHANNEL",
    ],
    Meaning.REFUSED: [
        "message text is empty",
        "can't parse MessageEntity: invalid entity",
        "BUTTON_DATA_INVALID",
        "message caption is too long",
        "",
    ],
}
FORBIDDEN = [
    "Forbidden: bot was kicked from the group chat",
    "Forbidden: bot was kicked from the supergroup chat",
    "Forbidden: bot was blocked by the user",
    "Forbidden: bot is not a member of the supergroup chat",
    "Forbidden: bot is not a member of the channel chat",
    "Forbidden: the group chat was deleted",
    "Forbidden: user is deactivated",
    "Forbidden: bot can't initiate conversation with a user",
    "Forbidden: bots can't send messages to bots",
    "Forbidden: something new",
]


@pytest.mark.parametrize(("expected", "said"), [(what, said) for what, all_ in BAD_REQUESTS.items() for said in all_])
def test_a_bad_request_means(expected: Meaning, said: str) -> None:
    assert meaning(BadRequest(f"Bad Request: {said}")) is expected


@pytest.mark.parametrize("said", FORBIDDEN)
def test_a_chat_that_is_forbidden_cannot_be_reached(said: str) -> None:
    assert meaning(Forbidden(said)) is Meaning.UNREACHABLE


def test_a_right_that_is_missing_is_named_however_it_is_said() -> None:
    assert meaning(Forbidden("Forbidden: CHAT_WRITE_FORBIDDEN")) is Meaning.MAY_NOT_SPEAK


@pytest.mark.parametrize(
    "error",
    [
        TimedOut(),
        TimedOut("Pool timeout: All connections in the connection pool are occupied."),
        NetworkError("httpx.ConnectError: All connection attempts failed"),
        NetworkError("Bad Gateway"),
        NetworkError("Internal Server Error: restart"),
        NetworkError("Unknown error in HTTP implementation: RuntimeError('closed')"),
        InvalidToken("Unauthorized"),
        InvalidToken("Not Found"),
        Conflict("Conflict: terminated by other getUpdates request"),
        TelegramError("Invalid server response"),
    ],
    ids=str,
)
def test_what_may_go_well_later_is_trouble(error: TelegramError) -> None:
    assert meaning(error) is Meaning.TROUBLE


@pytest.mark.parametrize("said", ["Request Entity Too Large", "Request Entity Too Large (413)"])
def test_what_is_too_large_for_the_server_is_too_large_for_ever(said: str) -> None:
    assert meaning(NetworkError(said)) is Meaning.TOO_LARGE


def test_what_a_moderating_bot_takes_away_at_once_is_not_sent_for_ever() -> None:
    said = "Internal Server Error: sent message was immediately deleted and can't be returned"
    assert meaning(NetworkError(said)) is Meaning.REFUSED


def test_a_request_that_cannot_be_made_is_not_made_for_ever() -> None:
    error = NetworkError("Unknown error in HTTP implementation: UnicodeEncodeError(…)")
    error.__cause__ = UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed")
    assert meaning(error) is Meaning.REFUSED


def test_flood_and_migration_are_told_apart_from_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    assert meaning(RetryAfter(7)) is Meaning.SLOW_DOWN
    assert meaning(ChatMigrated(-1007)) is Meaning.MIGRATED
