"""The lists of commands that a bot gives to Telegram, and which of them somebody sees where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tests.telegram_api.chats import Chat
from tests.telegram_api.parameters import Parameters
from tests.telegram_api.people import Person
from tests.telegram_api.refusals import bad

if TYPE_CHECKING:
    from tests.telegram_api.server import BotApi

Command = dict[str, str]
Scope = tuple[str, int, int]  # its type, its chat, its user

COMMANDS = 100
_NAME = re.compile(r"[a-z0-9_]+")
_NAME_LENGTH = 32
_DESCRIPTION_LENGTH = 256
_PLAIN = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
_OF_A_CHAT = frozenset({"chat", "chat_administrators", "chat_member"})


class Menu:
    """The lists by scope and language. `changes` counts how often one was set or deleted."""

    def __init__(self) -> None:
        self.lists: dict[tuple[Scope, str], list[Command]] = {}
        self.changes = 0

    def put(self, scope: Scope, language: str, commands: list[Command]) -> None:
        """Set that list; an empty one is none."""
        self.changes += 1
        if commands:
            self.lists[scope, language] = commands
        else:
            self.lists.pop((scope, language), None)

    def seen_by(self, person: Person, chat: Chat | None = None) -> dict[str, str]:
        """What somebody sees behind the slash, as Bot API says under "Determining list of commands"."""
        chat = chat or person.private
        language = person.user.language_code[:2]
        for scope in _scopes(person, chat):
            for tongue in (language, ""):
                if (commands := self.lists.get((scope, tongue))) is not None:
                    return {one["command"]: one["description"] for one in commands}
        return {}


def _scopes(person: Person, chat: Chat) -> Iterator[Scope]:
    if chat.kind == "private":
        yield ("chat", chat.id, 0)
        yield ("all_private_chats", 0, 0)
    else:
        member = chat.member(person.id)
        rules = member is not None and member.rules
        yield ("chat_member", chat.id, person.id)
        if rules:
            yield ("chat_administrators", chat.id, 0)
        yield ("chat", chat.id, 0)
        if rules:
            yield ("all_chat_administrators", 0, 0)
        yield ("all_group_chats", 0, 0)
    yield ("default", 0, 0)


def set_commands(api: BotApi, parameters: Parameters) -> bool:
    """``setMyCommands``."""
    given = parameters.object("commands", "commands") or []
    if not isinstance(given, list):
        raise bad("expected an Array of BotCommand")
    commands = [_command(one) for one in given]
    if len(commands) > COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    api.menu.put(_scope(api, parameters), _language(parameters), commands)
    return True


def get_commands(api: BotApi, parameters: Parameters) -> list[Command]:
    """``getMyCommands``: that very list."""
    return api.menu.lists.get((_scope(api, parameters), _language(parameters)), [])


def delete_commands(api: BotApi, parameters: Parameters) -> bool:
    """``deleteMyCommands``."""
    api.menu.put(_scope(api, parameters), _language(parameters), [])
    return True


def _command(given: Any) -> Command:
    if not isinstance(given, dict) or not all(isinstance(given.get(one), str) for one in ("command", "description")):
        raise bad("can't parse BotCommand: expected an Object")
    name, description = given["command"].strip().removeprefix("/"), given["description"].strip()
    if not name:
        raise bad("command must be non-empty")
    if len(name) > _NAME_LENGTH:
        raise bad(f"command length must not exceed {_NAME_LENGTH}")
    if not description:
        raise bad("command description must be non-empty")
    if len(description) > _DESCRIPTION_LENGTH:
        raise bad(f"command description length must not exceed {_DESCRIPTION_LENGTH}")
    if not _NAME.fullmatch(name):
        raise bad("BOT_COMMAND_INVALID")
    return {"command": name, "description": description}


def _scope(api: BotApi, parameters: Parameters) -> Scope:
    given = parameters.object("scope", "BotCommandScope")
    if given is None:
        return ("default", 0, 0)
    kind = given.get("type") if isinstance(given, dict) else None
    if kind in _PLAIN:
        return (kind, 0, 0)
    if kind not in _OF_A_CHAT:
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    chat = api.chat(Parameters(given))
    chat.open_to_bot(read=True)
    if kind != "chat" and chat.kind == "private":
        raise bad("can't use specified scope in private chats")
    return (kind, chat.id, int(given.get("user_id") or 0) if kind == "chat_member" else 0)


def _language(parameters: Parameters) -> str:
    language = parameters.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad("invalid language code specified")
    return language


METHODS: dict[str, Callable[[BotApi, Parameters], Any]] = {
    "setmycommands": set_commands,
    "getmycommands": get_commands,
    "deletemycommands": delete_commands,
}
