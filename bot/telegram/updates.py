"""A `telegram.Update` to what it means for us. Pure but for one log line.

Bot API 10.0. Who is meant: in a private chat everything is. In groups and channels a message is for us if it is a
command (`/cmd` or `/cmd@Us`, never `/cmd@Other`), begins with a mention of us, was sent through our inline mode, or
answers one of our messages with a flag or with what our Edit asked for. The rest is other people's talk, and None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

import structlog
from telegram import (
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberRestricted,
    ChatMemberUpdated,
    InlineQuery,
    Message,
    MessageEntity,
    Update,
)

from bot.grammar import tokens
from bot.jobs.model import Action, Person, Place
from bot.telegram.attachments import RemoteFile, attached, is_other_content, visible
from bot.telegram.keyboards import parse
from bot.telegram.people import PLATFORM, number, person, place, place_of, plain, spokesman

log = structlog.get_logger()

_MENTION = re.compile(r"@(?P<name>[A-Za-z0-9_]+)[\s,:，：、]*")
_COMMAND = re.compile(r"[/／](?P<word>[^\s@/／]+)(?:@(?P<bot>[A-Za-z0-9_]+))?(?P<rest>.*)", re.DOTALL)
_START = "start"
_JOB = re.compile(r"[0-9a-z]{1,32}")


@dataclass(frozen=True, slots=True)
class Me:
    """Who we are, as getMe says."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class Heard:
    """Somebody says something to us.

    `text` is without the mention of us and our name behind a command. `files` are attached to it (`attached`), or to
    the message replied to; that one is one of `ours` or somebody else's. `album` is the media group of the files.
    `admin` None: whoever wants to know must ask Telegram. `addressed`: nobody else can be meant; else it is a command
    that another bot may know.
    """

    person: Person
    place: Place
    message: str
    text: str
    reply_to: str | None = None
    files: tuple[RemoteFile, ...] = ()
    attached: bool = False
    ours: bool = False
    album: str | None = None
    edited: bool = False
    admin: bool | None = None
    addressed: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture of an album that says nothing to us; another one of the album may, or a reply to one."""

    place: Place
    message: str
    album: str
    files: tuple[RemoteFile, ...]


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody presses a button under the message. `offered`: the message has that button, as Telegram knows it."""

    query: str
    person: Person
    place: Place
    message: str
    action: Action
    job: str
    admin: bool | None = None
    offered: bool = True


@dataclass(frozen=True, slots=True)
class PressedNonsense:
    """A press with data that no button of ours has, or under a message that is not there."""

    query: str
    person: Person


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody types behind our name in any chat (inline mode). `chat_type` is Telegram's, if it says one."""

    query: str
    person: Person
    text: str
    chat_type: str | None


@dataclass(frozen=True, slots=True)
class Migrated:
    """A group has become a supergroup, under another id."""

    old: Place
    chat: str


@dataclass(frozen=True, slots=True)
class Joined:
    """We were added to a chat, or unblocked, by that person."""

    place: Place
    person: Person


@dataclass(frozen=True, slots=True)
class Left:
    """We were removed from a chat, or blocked."""

    place: Place


@dataclass(frozen=True, slots=True)
class Muted:
    """We are still there, and may not write."""

    place: Place


Event: TypeAlias = Heard | Seen | Pressed | PressedNonsense | Asked | Migrated | Joined | Left | Muted


def read(update: Update, me: Me) -> Event | None:
    """What an update means; None: nothing to us. It never raises."""
    try:
        return _read(update, me)
    except (TypeError, ValueError, AttributeError) as error:  # the library takes any JSON for any field, without a look
        log.warning("update is not as the Bot API says", update=update.update_id, error=repr(error))
        return None


def _read(update: Update, me: Me) -> Event | None:
    if (said := update.message or update.channel_post) is not None:
        return _message(said, me, edited=False)
    if (said := update.edited_message or update.edited_channel_post) is not None:
        return _message(said, me, edited=True)
    if update.callback_query is not None:
        return _press(update.callback_query)
    if update.inline_query is not None:
        return _question(update.inline_query)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    return None


def _message(message: Message, me: Me, *, edited: bool) -> Event | None:
    if message.migrate_to_chat_id:
        return Migrated(place(message.chat), number(message.migrate_to_chat_id))
    if message.migrate_from_chat_id:
        return Migrated(Place(PLATFORM, number(message.migrate_from_chat_id)), number(message.chat.id))
    return _heard(message, me, edited=edited)


def _heard(message: Message, me: Me, *, edited: bool) -> Heard | Seen | None:
    speaker, own = _speaker(message), attached(message)
    told = None if speaker is None else _told(message, me, has_files=bool(own), edited=edited)
    if speaker is None or told is None:
        if message.media_group_id and own:
            return Seen(place_of(message), number(message.message_id), str(message.media_group_id), own)
        return None
    replied = _replied(message)
    files, album = (own, message.media_group_id) if own else _of_reply(message, replied)
    return Heard(
        person=speaker.person,
        place=place_of(message),
        message=number(message.message_id),
        text=told.text,
        reply_to=None if replied is None else number(replied.message_id),
        files=files,
        attached=bool(own),
        ours=_is_ours(replied, me),
        album=str(album) if album and files else None,
        edited=edited,
        admin=speaker.admin,
        addressed=told.addressed,
    )


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Who speaks. `admin` as `Heard`."""

    person: Person
    admin: bool | None


def _speaker(message: Message) -> _Speaker | None:
    """None: another bot, a post that Telegram itself puts into the channel's group, or nobody.

    An anonymous admin speaks as the group, and whoever posts in a channel as the channel.
    """
    chat, sender = message.chat, message.sender_chat
    if message.is_automatic_forward or chat.is_direct_messages:
        return None
    if chat.type == Chat.CHANNEL:
        return _Speaker(spokesman(chat), admin=True)
    if sender is not None:
        return _Speaker(spokesman(sender), admin=sender.id == chat.id)
    if message.from_user is None or message.from_user.is_bot:
        return None
    return _Speaker(person(message.from_user), _admin(chat))


@dataclass(frozen=True, slots=True)
class _Told:
    """What was said. `addressed` as `Heard`."""

    text: str
    addressed: bool = True


@dataclass(frozen=True, slots=True)
class _Order:
    """A message that is a command; `bot` is the name behind it, `text` the command without."""

    text: str
    bot: str | None


def _told(message: Message, me: Me, *, has_files: bool, edited: bool) -> _Told | None:
    """What a message says to us; None: nothing."""
    private = message.chat.type == Chat.PRIVATE
    text = plain(message.text or message.caption or "")
    mention = _MENTION.match(text)
    mentioned = mention is not None and _same(mention["name"], me.username)
    if mention is not None and mentioned:
        text = text[mention.end() :]
    order = _order(text)
    ours = message.via_bot is not None and message.via_bot.id == me.id
    if message.forward_origin is not None or (ours and order is None):  # another's words, or a result that is shared
        if not private:
            return None
        text, order = ("", None) if has_files else (text, order)
    if order is not None and order.bot and not _same(order.bot, me.username):
        return None
    if order is not None:
        return _Told(order.text, addressed=private or mentioned or ours or order.bot is not None)
    if private:
        return _in_private(message, text, me, has_files=has_files, edited=edited)
    return _Told(text) if mentioned else _answer(message, text, me)


def _in_private(message: Message, text: str, me: Me, *, has_files: bool, edited: bool) -> _Told | None:
    """Everything there is meant for us, with or without words; what merely happened is not."""
    job = _asked_to_edit(_replied(message), me)
    if job is not None and text:
        return _Told(f"/again {job} {text}")
    return _Told(text) if text or (not edited and (has_files or is_other_content(message))) else None


def _answer(message: Message, text: str, me: Me) -> _Told | None:
    """What somebody in a group answers to a message of ours, if it is more than talk."""
    replied = _replied(message)
    if not text or not _is_ours(replied, me):
        return None
    job = _asked_to_edit(replied, me)
    if job is not None:
        return _Told(f"/again {job} {text}")
    before, flags = tokens.split(text)
    return _Told(text) if flags and not before.strip() else None


def _order(text: str) -> _Order | None:
    match = _COMMAND.match(text)
    if match is None:
        return None
    word, name, rest = match["word"], match["bot"], match["rest"]
    if rest and not name and not rest[0].isspace():
        return None  # a path, or a word that only begins like a command
    if word.lower() == _START:
        rest = ""  # a link's payload
    return _Order(f"/{word} {rest.strip()}".rstrip(), name)


def _replied(message: Message) -> Message | None:
    """The message that somebody chose to reply to. What is written in a topic replies to the topic's first message."""
    replied = message.reply_to_message
    if replied is None or replied.forum_topic_created is not None:
        return None
    if message.is_topic_message and replied.message_id == message.message_thread_id:
        return None
    return replied


def _is_ours(replied: Message | None, me: Me) -> bool:
    return replied is not None and replied.from_user is not None and replied.from_user.id == me.id


def _of_reply(message: Message, replied: Message | None) -> tuple[tuple[RemoteFile, ...], str | None]:
    """The files of what is replied to, be it in another chat, and their media group."""
    if replied is not None:
        return visible(replied), replied.media_group_id
    return (visible(message.external_reply) if message.external_reply is not None else ()), None


def _asked_to_edit(replied: Message | None, me: Me) -> str | None:
    """The job that a message of ours asks to change; None: it is some other message.

    That one (`TelegramFrontEnd.ask_edit`) is the only text of ours that marks a job's id as code and a command as pre.
    """
    if replied is None or not replied.text or not _is_ours(replied, me):
        return None
    marks = {entity.type: entity for entity in reversed(replied.entities)}
    mark = marks.get(MessageEntity.CODE)
    if mark is None or MessageEntity.PRE not in marks:
        return None
    units = replied.text.encode("utf-16-le", "surrogatepass")[2 * mark.offset : 2 * (mark.offset + mark.length)]
    job = units.decode("utf-16-le", "replace")
    return job if _JOB.fullmatch(job) else None


def _press(query: CallbackQuery) -> Pressed | PressedNonsense:
    who, under = person(query.from_user), query.message
    meant = parse(query.data or "")
    if meant is None or under is None:
        return PressedNonsense(str(query.id), who)
    action, job = meant
    known = under if isinstance(under, Message) else None
    keyboard = known.reply_markup.inline_keyboard if known is not None and known.reply_markup is not None else ()
    return Pressed(
        query=str(query.id),
        person=who,
        place=place(under.chat) if known is None else place_of(known),
        message=number(under.message_id),
        action=action,
        job=job,
        admin=_admin(under.chat),
        offered=any(button.callback_data == query.data for row in keyboard for button in row),
    )


def _question(query: InlineQuery) -> Asked:
    return Asked(str(query.id), person(query.from_user), plain(query.query), query.chat_type)


def _membership(update: ChatMemberUpdated) -> Joined | Left | Muted | None:
    where = place(update.chat)
    was, now = update.old_chat_member, update.new_chat_member
    if not _is_there(now):
        return Left(where)
    if isinstance(now, ChatMemberRestricted) and not now.can_send_messages:
        return Muted(where)
    return None if _is_there(was) else Joined(where, person(update.from_user))


def _is_there(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status not in {ChatMember.LEFT, ChatMember.BANNED}


def _admin(chat: Chat) -> bool | None:
    return False if chat.type == Chat.PRIVATE else None


def _same(name: str, username: str) -> bool:
    return name.lower() == username.lower()
