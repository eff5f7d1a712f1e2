"""Who and where, in the words of the house. Pure."""

from __future__ import annotations

import string
import unicodedata

from telegram import Chat, Message, User

from bot.jobs.model import Person, Place

PLATFORM = "telegram"
LONGEST_NAME = 64
"""Telegram's own limit for a first name."""

_INVISIBLE = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_JOINER = "\u200d"  # holds emoji together


def number(given: int) -> str:
    """An id as a text. Raises TypeError for what is no whole number: the library takes any JSON for one."""
    if type(given) is not int:
        raise TypeError(f"no id, but a {type(given).__name__}")
    return str(given)


def place(chat: Chat) -> Place:
    """The chat and all of it."""
    return Place(PLATFORM, number(chat.id))


def place_of(message: Message) -> Place:
    """The chat and, where it has topics, the topic. A reply in a group has a thread too, which is none."""
    topic = number(message.message_thread_id) if message.is_topic_message and message.message_thread_id else None
    return Place(PLATFORM, number(message.chat.id), topic)


def person(user: User) -> Person:
    """Somebody with an account."""
    name = tidy(f"{user.first_name or ''} {user.last_name or ''}") or tidy(user.username or "")
    language = None if user.language_code is None else sound(user.language_code)
    return Person(f"{PLATFORM}:{number(user.id)}", name or str(user.id), language)


def spokesman(chat: Chat) -> Person:
    """A chat that speaks as itself: a channel, or a group for an administrator who stays anonymous."""
    return Person(f"{PLATFORM}:{number(chat.id)}", tidy(chat.title or "") or str(chat.id))


def tidy(name: str) -> str:
    """A name for one line of a text: nothing in it turns or breaks the line."""
    seen = "".join(char if char == _JOINER or unicodedata.category(char)[0] != "C" else " " for char in sound(name))
    return " ".join(seen.split())[:LONGEST_NAME].strip(_JOINER + " ")


def plain(text: str) -> str:
    """A text without what nobody sees at its ends."""
    return sound(text).strip(_INVISIBLE + string.whitespace)


def sound(text: str) -> str:
    """A text that every database and every request can hold: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()
