"""The methods that ask, and those that tell people something without a message."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.telegram_api import wire
from tests.telegram_api.parameters import Parameters
from tests.telegram_api.people import Answer
from tests.telegram_api.refusals import bad

if TYPE_CHECKING:
    from tests.telegram_api.chats import Chat
    from tests.telegram_api.server import BotApi

_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_ALERT = 200
_ACTIONS = frozenset({
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
})  # fmt: skip


def get_me(api: BotApi, _: Parameters) -> wire.Wire:
    """``getMe``."""
    return wire.user(api.world.bot) | {
        "can_join_groups": True,
        "can_read_all_group_messages": not api.world.privacy.on,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def answer_callback(api: BotApi, parameters: Parameters) -> bool:
    """``answerCallbackQuery``: once, and not too late."""
    press = api.world.presses.get(parameters.text("callback_query_id"))
    if press is None or press.answer.done() or api.clock() - press.pressed_at > api.limits.query_age:
        raise bad(_TOO_OLD)
    text = parameters.text("text")
    if api.limits.sizes and len(text) > _ALERT:
        raise bad("MESSAGE_TOO_LONG")
    press.answer.set_result(Answer(text, parameters.flag("show_alert")))
    api.pulse.beat()
    return True


def get_file(api: BotApi, parameters: Parameters) -> wire.Wire:
    """``getFile``."""
    file_id = parameters.text("file_id")
    if not file_id:
        raise bad("file_id not specified")
    return api.files.get(file_id)


def get_chat(api: BotApi, parameters: Parameters) -> wire.Wire:
    """``getChat``."""
    return wire.full_chat(_seen(api, parameters))


def get_chat_member(api: BotApi, parameters: Parameters) -> wire.Wire:
    """``getChatMember``; somebody who never was there has left."""
    chat = _seen(api, parameters)
    user_id = parameters.number("user_id")
    member = chat.member(user_id)
    if member is not None:
        return wire.member(member, chat)
    person = api.world.people.get(user_id)
    if person is None:
        raise bad("user not found" if user_id > 0 else "invalid user_id specified")
    return {"user": wire.user(person.user), "status": "member" if chat is person.private else "left"}


def get_chat_administrators(api: BotApi, parameters: Parameters) -> list[wire.Wire]:
    """``getChatAdministrators``: without other bots."""
    chat = _seen(api, parameters)
    if chat.kind == "private":
        raise bad("there are no administrators in the private chat")
    members = [member for member in chat.members.values() if not member.user.is_bot]
    return [wire.member(member, chat) for member in (*members, chat.bot) if member.rules]


def send_chat_action(api: BotApi, parameters: Parameters) -> bool:
    """``sendChatAction``."""
    chat = api.chat(parameters)
    chat.open_to_bot()
    action = parameters.text("action")
    if action not in _ACTIONS:
        raise bad("wrong parameter action in request")
    chat.actions.append(action)
    api.pulse.beat()
    return True


def leave_chat(api: BotApi, parameters: Parameters) -> bool:
    """``leaveChat``."""
    chat = api.chat(parameters)
    if chat.kind == "private":
        raise bad("chat member status can't be changed in private chats")
    chat.open_to_bot()
    chat.bot_leaves()
    return True


def _seen(api: BotApi, parameters: Parameters) -> Chat:
    chat = api.chat(parameters)
    chat.open_to_bot(read=True)
    return chat


METHODS: dict[str, Callable[[BotApi, Parameters], Any]] = {
    "getme": get_me,
    "answercallbackquery": answer_callback,
    "getfile": get_file,
    "getchat": get_chat,
    "getchatmember": get_chat_member,
    "getchatadministrators": get_chat_administrators,
    "sendchataction": send_chat_action,
    "leavechat": leave_chat,
}
