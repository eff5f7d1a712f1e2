"""The world as Bot API objects. Field by field as tdlib/telegram-bot-api writes them, Bot API 10.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.telegram_api.files import Document, Photo, Sticker
from tests.telegram_api.model import Button, Content, Message, User

if TYPE_CHECKING:
    from tests.telegram_api.chats import Chat, Member

Wire = dict[str, Any]

PERMISSIONS = (
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
    "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
    "can_add_web_page_previews", "can_react_to_messages", "can_edit_tag", "can_change_info", "can_invite_users",
    "can_pin_messages", "can_manage_topics",
)  # fmt: skip
RIGHTS = (
    "can_manage_chat", "can_change_info", "can_delete_messages", "can_invite_users", "can_restrict_members",
    "can_promote_members", "can_manage_video_chats", "can_post_stories", "can_edit_stories", "can_delete_stories",
)  # fmt: skip


def user(one: User) -> Wire:
    """A User."""
    answer: Wire = {"id": one.id, "is_bot": one.is_bot, "first_name": one.first_name}
    if one.username:
        answer["username"] = one.username
    if one.language_code:
        answer["language_code"] = one.language_code
    return answer


def chat(one: Chat) -> Wire:
    """A Chat."""
    answer: Wire = {"id": one.id}
    if one.person is not None:
        answer["first_name"] = one.person.first_name
        if one.person.username:
            answer["username"] = one.person.username
    else:
        answer["title"] = one.title
        if one.username:
            answer["username"] = one.username
    if one.is_forum:
        answer["is_forum"] = True
    answer["type"] = one.kind
    return answer


def full_chat(one: Chat) -> Wire:
    """A ChatFullInfo."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    answer = chat(one) | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }
    if one.kind in {"group", "supergroup"}:
        answer["permissions"] = dict.fromkeys(PERMISSIONS, True)
    linked = one.discussion or one.channel
    if linked is not None:
        answer["linked_chat_id"] = linked.id
    return answer


def member(one: Member, where: Chat) -> Wire:
    """A ChatMember of any status."""
    answer: Wire = {"user": user(one.user), "status": one.status}
    if one.status == "creator":
        answer["is_anonymous"] = one.anonymous
    elif one.status == "administrator":
        rights = dict.fromkeys(RIGHTS, True) | {"can_promote_members": False}
        if where.kind == "channel":
            rights |= {"can_post_messages": True, "can_edit_messages": True}
        else:
            rights |= {"can_pin_messages": True}
        if where.kind == "supergroup":
            rights |= {"can_manage_topics": where.is_forum}
        answer |= rights | dict(one.can) | {"can_be_edited": False, "is_anonymous": one.anonymous}
    elif one.status == "restricted":
        answer |= dict.fromkeys(PERMISSIONS, False) | dict(one.can) | {"is_member": True, "until_date": 0}
    elif one.status == "kicked":
        answer["until_date"] = 0
    return answer


def message(one: Message, bot: User, *, nested: bool = False) -> Wire:
    """A Message; the one it replies to comes along, but not the one that replied to."""
    answer: Wire = {"message_id": one.id}
    if one.sender is not None:
        answer["from"] = user(one.sender)
    if one.sender_chat is not None:
        answer["sender_chat"] = chat(one.sender_chat)
    answer |= {"chat": chat(one.chat), "date": one.date}
    if one.edited is not None:
        answer["edit_date"] = one.edited
    if one.origin is not None:
        answer["forward_origin"] = dict(one.origin)
    if one.automatic:
        answer["is_automatic_forward"] = True
    if one.album is not None:
        answer["media_group_id"] = one.album
    if one.via_bot:
        answer["via_bot"] = user(bot)
    return answer | _place(one, bot, nested=nested) | content(one.content)


def _place(one: Message, bot: User, *, nested: bool) -> Wire:
    """Its thread and what it replies to: in a topic that is, where nothing else is, the message that opened it."""
    answer: Wire = {}
    thread = one.chat.thread_of(one)
    if thread is not None:
        answer["message_thread_id"] = thread
    reply_to = one.reply_to
    if one.topic is not None:
        answer["is_topic_message"] = True
        if reply_to is None and one is not one.topic.opening:
            reply_to = one.topic.opening
    if reply_to is not None and not reply_to.deleted and not nested:
        answer["reply_to_message"] = message(reply_to, bot, nested=True)
    return answer


def content(one: Content) -> Wire:
    """The fields of a message that an edit changes."""
    if one.service is not None:
        return dict(one.service)
    answer: Wire = {}
    if one.media is None:
        answer["text"] = one.text
    elif one.text:
        answer["caption"] = one.text
    if one.entities:
        answer["entities" if one.media is None else "caption_entities"] = list(one.entities)
    if isinstance(one.media, Photo | Document | Sticker):
        answer[type(one.media).__name__.lower()] = one.media.wire()
    if one.spoiler:
        answer["has_media_spoiler"] = True
    if one.link_preview:
        answer["link_preview_options"] = dict(one.link_preview)
    if one.keyboard:
        answer["reply_markup"] = {"inline_keyboard": [[button(each) for each in row] for row in one.keyboard]}
    return answer


def button(one: Button) -> Wire:
    """An InlineKeyboardButton."""
    return {"text": one.text} | dict(one.raw)


def moved(where: Chat, by: User, date: int, old: Member, new: Member) -> Wire:
    """A ChatMemberUpdated."""
    return {
        "chat": chat(where),
        "from": user(by),
        "date": date,
        "old_chat_member": member(old, where),
        "new_chat_member": member(new, where),
    }


def channel_origin(where: Chat, original: Message) -> Mapping[str, Any]:
    """Where a forwarded post of a channel comes from."""
    return {"type": "channel", "date": original.date, "chat": chat(where), "message_id": original.id}


def user_origin(original: Message) -> Mapping[str, Any]:
    """Where a forwarded message of somebody comes from."""
    if original.sender_chat is not None:
        return {"type": "chat", "date": original.date, "sender_chat": chat(original.sender_chat)}
    if original.sender is None:
        return channel_origin(original.chat, original)
    return {"type": "user", "date": original.date, "sender_user": user(original.sender)}
