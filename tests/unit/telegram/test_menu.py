from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats

from bot.chat.commands import COMMANDS, Command
from bot.jobs.policy.limits import Limits, Rank
from bot.jobs.policy.rules import Rules
from bot.telegram.client import open_bot
from bot.telegram.menu import menus, set_menus
from bot.telegram.settings import LineSettings
from bot.workflows.graph import Graph
from bot.workflows.workflow import Workflow
from tests.telegram_api import BotApi

NO_RULES = Rules()


def workflow(command: str | None, description: str = "Makes it larger.", **more: Any) -> Workflow:
    return Workflow(command or "paint", "Larger", description, Graph({}), (), {}, (), command=command, **more)


UPSCALE = workflow("upscale", translations={"zh-CN": {"description": "把图片放大。"}})


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with open_bot(LineSettings(api.token, api.url, f"{api.url}/file")) as bot:
        yield bot


async def test_everybody_sees_what_everybody_may_say_in_their_own_language(api: BotApi, bot: Bot) -> None:
    ann, wang, karl = api.person("Ann"), api.person("Wang", language="zh-hans"), api.person("Karl", language="de")
    foxes = api.group("Foxes", ann)

    await set_menus(bot, menus([UPSCALE], NO_RULES))

    members = [str(entry.command) for entry in COMMANDS if entry.rank is Rank.MEMBER]
    assert list(api.menu.seen_by(ann)) == ["imagine", "upscale", *members[1:]]
    assert api.menu.seen_by(ann)["imagine"] == "Make a picture from words"
    assert api.menu.seen_by(ann)["upscale"] == "Makes it larger"
    assert api.menu.seen_by(ann, foxes) == api.menu.seen_by(ann)
    assert api.menu.seen_by(karl) == api.menu.seen_by(ann)
    assert api.menu.seen_by(wang)["imagine"] == "用文字生成图片"
    assert api.menu.seen_by(wang)["upscale"] == "把图片放大"


async def test_operators_see_theirs_in_their_own_chat_with_us_and_nowhere_else(api: BotApi, bot: Bot) -> None:
    ann, olga = api.person("Ann"), api.person("Olga")
    olga.says("hello")
    foxes = api.group("Foxes", ann, olga)
    rules = Rules(operators=frozenset({f"telegram:{olga.id}", "console", "discord:7", "telegram:-100123"}))

    await set_menus(bot, menus([], rules))

    assert list(api.menu.seen_by(olga)) == [str(entry.command) for entry in COMMANDS]
    assert "ban" not in api.menu.seen_by(ann)
    assert "ban" not in api.menu.seen_by(olga, foxes)


async def test_an_operator_who_never_spoke_to_us_is_no_obstacle(api: BotApi, bot: Bot) -> None:
    ann = api.person("Ann")
    silent = api.person("Silent")
    rules = Rules(operators=frozenset({f"telegram:{silent.id}", "telegram:999999"}))

    await set_menus(bot, menus([], rules))

    assert "imagine" in api.menu.seen_by(ann)


async def test_what_is_not_offered_here_is_not_in_it(api: BotApi, bot: Bot) -> None:
    olga = api.person("Olga")
    olga.says("hello")

    await set_menus(bot, menus([], Rules(operators=frozenset({f"telegram:{olga.id}"})), leave_out=[Command.RELOAD]))

    assert "reload" not in api.menu.seen_by(olga)
    assert "audit" in api.menu.seen_by(olga)


@pytest.mark.parametrize(
    ("extra", "rules"),
    [
        (workflow(None), NO_RULES),
        (workflow("nude", adult=True), NO_RULES),
        (workflow("queue"), NO_RULES),
        (workflow("start"), NO_RULES),
        (workflow("other"), Rules(limits={Rank.MEMBER: Limits(workflows=frozenset({"upscale"}))})),
    ],
    ids=["without a command", "for adults", "as a command of ours", "as Telegram's own", "not allowed"],
)
def test_some_workflows_are_in_no_menu(extra: Workflow, rules: Rules) -> None:
    assert menus([extra, UPSCALE], rules) == menus([UPSCALE], rules)


def test_a_menu_keeps_telegrams_limits() -> None:
    many = [workflow(f"command_{n}", "very " * 100) for n in range(200)]

    for menu in menus(many, NO_RULES):
        assert len(menu.commands) <= 100
        assert all(len(command.command) <= 32 for command in menu.commands)
        assert all(1 <= len(command.description) <= 256 for command in menu.commands)
    assert menus(many, NO_RULES)[0].commands[1].description.endswith("very…")


def test_a_description_of_several_lines_becomes_one() -> None:
    (first, *_) = menus([workflow("larger", "Makes it\n  larger.")], NO_RULES)

    assert BotCommand("larger", "Makes it larger") in first.commands


async def test_menus_that_are_as_they_should_be_are_left_alone(api: BotApi, bot: Bot) -> None:
    await set_menus(bot, menus([UPSCALE], NO_RULES))
    changes = api.menu.changes

    await set_menus(bot, menus([UPSCALE], NO_RULES))
    assert api.menu.changes == changes

    await set_menus(bot, menus([], NO_RULES))
    assert api.menu.changes == changes + 2


async def test_what_somebody_set_before_us_does_not_hide_ours(api: BotApi, bot: Bot) -> None:
    ann = api.person("Ann")
    await bot.set_my_commands([BotCommand("play", "Old")], BotCommandScopeAllPrivateChats())

    await set_menus(bot, menus([], NO_RULES))

    assert "imagine" in api.menu.seen_by(ann)


async def test_a_telegram_in_trouble_is_no_obstacle(api: BotApi, bot: Bot) -> None:
    ann = api.person("Ann")
    api.faults.fail(1, method="setMyCommands")

    await set_menus(bot, menus([], NO_RULES))

    assert api.menu.seen_by(ann) == {}
    assert api.counts["setmycommands"] == 1  # people wait to be heard, and each try may take half a minute
    await set_menus(bot, menus([], NO_RULES))
    assert "imagine" in api.menu.seen_by(ann)
