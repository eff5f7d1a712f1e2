"""The commands that Telegram shows while somebody types a slash."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import structlog
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)
from telegram.constants import BotCommandLimit
from telegram.error import TelegramError

from bot.chat.commands import Command, find, for_rank
from bot.chat.describing import sayings
from bot.chat.texts import LANGUAGES, Texts, texts_for
from bot.jobs.model import ChatSettings
from bot.jobs.policy.errors import PolicyError
from bot.jobs.policy.limits import Limits, Rank
from bot.jobs.policy.requests import check_workflow
from bot.jobs.policy.rules import Rules
from bot.telegram.people import PLATFORM
from bot.telegram.refusals import Meaning, meaning
from bot.workflows.workflow import Workflow

log = structlog.get_logger()

_MOST = BotCommandLimit.MAX_COMMAND_NUMBER.value
_LONGEST = BotCommandLimit.MAX_DESCRIPTION.value

_NARROWER = (
    BotCommandScopeAllPrivateChats(),
    BotCommandScopeAllGroupChats(),
    BotCommandScopeAllChatAdministrators(),
)
"""Scopes that hide the default one, where somebody set their commands before us."""


@dataclass(frozen=True, slots=True)
class Menu:
    """What a scope shows in a language. `language` is Telegram's code; None: whoever has no menu of their own.

    Without commands the scope shows those of the next wider one.
    """

    scope: BotCommandScope
    language: str | None
    commands: tuple[BotCommand, ...]


def menus(workflows: Sequence[Workflow], rules: Rules, *, leave_out: Collection[Command] = ()) -> list[Menu]:
    """Every menu: everybody's where nothing narrower is set, and in an operator's own chat what operators may say.

    What workflows bring is in it where it may be used without further ado: not what is for adults alone.
    """
    operators = [BotCommandScopeChat(chat) for chat in sorted(_private_chats(rules.operators))]
    made = []
    for language in LANGUAGES:
        texts, code = texts_for(language), None if language == LANGUAGES[0] else language.partition("-")[0]
        everybodys, theirs = (
            _commands(rank, _usable(workflows, rules.limits_of(rank, ChatSettings())), texts, leave_out)
            for rank in (Rank.MEMBER, Rank.OPERATOR)
        )
        made.append(Menu(BotCommandScopeDefault(), code, everybodys))
        made += [Menu(scope, code, ()) for scope in _NARROWER]
        made += [Menu(scope, code, theirs) for scope in operators]
    return made


async def set_menus(bot: Bot, menus: Iterable[Menu]) -> None:
    """Have Telegram show these. One that cannot be set is as it was: nobody needs a menu to be heard.

    Where Telegram is in trouble, or wants silence, so are all that would follow.
    """
    for menu in menus:
        try:
            known = await bot.get_my_commands(menu.scope, menu.language)
            if menu.commands and known != menu.commands:
                await bot.set_my_commands(menu.commands, menu.scope, menu.language)
            elif known and not menu.commands:
                await bot.delete_my_commands(menu.scope, menu.language)
        except TelegramError as error:  # such as an operator who has never spoken to the bot
            log.info("menu not set", scope=menu.scope.to_dict(), language=menu.language, error=error.message)
            if meaning(error) in (Meaning.TROUBLE, Meaning.SLOW_DOWN):
                return


def _commands(
    rank: Rank, workflows: Sequence[Workflow], texts: Texts, leave_out: Collection[Command]
) -> tuple[BotCommand, ...]:
    entries = [entry for entry in for_rank(rank) if entry.command not in leave_out]
    return tuple(BotCommand(each.word, _line(each.summary)) for each in sayings(entries, workflows, texts)[:_MOST])


def _line(summary: str) -> str:
    line = " ".join(summary.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


def _usable(workflows: Iterable[Workflow], limits: Limits) -> list[Workflow]:
    return [each for each in workflows if each.command and find(each.command) is None and _may_use(each, limits)]


def _may_use(workflow: Workflow, limits: Limits) -> bool:
    try:
        check_workflow(workflow, limits, adult=False)
    except PolicyError:
        return False
    return True


def _private_chats(people: Iterable[str]) -> set[int]:
    """A person's chat with us has the person's id."""
    ids = (person.removeprefix(f"{PLATFORM}:") for person in people if person.startswith(f"{PLATFORM}:"))
    return {int(each) for each in ids if each.isdecimal()}
