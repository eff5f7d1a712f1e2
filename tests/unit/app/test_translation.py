"""Settings become what each room wants."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.app.translation import budgets_of, database_of, limits_of, line_of, manners_of, rules_of, terms_of
from bot.chat.schedule import DISCORD, TELEGRAM, Budgets, Rate
from bot.config import Settings
from bot.config.settings import PacingSettings
from bot.jobs.model import Person
from bot.jobs.policy.content import Content
from bot.jobs.policy.limits import UNLIMITED, Limits, Rank
from bot.pool.placement import Terms
from bot.telegram.settings import LineSettings, Webhook


def settings(**sections):
    return Settings.model_validate(sections)


def test_the_defaults_of_the_settings_are_those_of_the_rules():
    assert limits_of(Settings()) == {Rank.MEMBER: Limits(), Rank.ADMIN: Limits(), Rank.OPERATOR: UNLIMITED}


def test_every_limit_of_everybody_arrives():
    said = {
        "waiting": 1,
        "jobs_per_day": 2,
        "gpu_seconds_per_day": 3.0,
        "cooldown": 4.0,
        "max_pixels": 5,
        "max_steps": 6,
        "max_batch": 7,
        "workflows": ["flux"],
        "server_tags": ["large"],
        "weight": 8.0,
    }
    wanted = Limits(1, 2, 3.0, 4.0, 5, 6, 7, frozenset({"flux"}), frozenset({"large"}), 8.0)
    assert limits_of(settings(limits=said))[Rank.MEMBER] == wanted
    assert limits_of(settings(limits=said))[Rank.ADMIN] == wanted


def test_an_admin_differs_from_everybody_and_an_operator_from_no_limits():
    limits = limits_of(
        settings(limits={"waiting": 2, "max_steps": 50, "admin": {"waiting": 0}, "operator": {"max_steps": 200}})
    )
    everybody = replace(Limits(), waiting=2, steps=50)
    assert limits == {
        Rank.MEMBER: everybody,
        Rank.ADMIN: replace(everybody, waiting=0),
        Rank.OPERATOR: replace(UNLIMITED, steps=200),
    }


def test_access_and_content_arrive():
    rules = rules_of(
        settings(
            access={"operators": ["telegram:1"], "people": ["discord:2"], "chats": ["telegram/-3"], "anybody": True},
            content={"blocked_words": ["a"], "blocked_patterns": ["b"], "spoiler": True, "spoiler_words": ["c"]},
        )
    )
    assert rules.operators >= {"telegram:1"}
    assert (rules.people, rules.chats, rules.anybody) == (frozenset({"discord:2"}), frozenset({"telegram/-3"}), True)
    assert rules.content == Content(words=("a",), patterns=("b",), spoiler=True, spoiler_words=("c",))


@pytest.mark.parametrize("person", ["console:operator", "terminal:operator"])
def test_whoever_reaches_the_console_or_a_terminal_is_an_operator(person):
    assert rules_of(Settings()).rank(Person(person, "")) is Rank.OPERATOR


def test_strangers_are_kept_out_unless_the_settings_say_otherwise():
    rules = rules_of(Settings())
    assert (rules.people, rules.chats, rules.anybody) == (frozenset(), frozenset(), False)


def test_a_server_s_terms_arrive():
    (server,) = settings(
        servers=[
            {"name": "a", "url": "http://a", "max_pending": 3, "weight": 2, "tags": ["x"], "workflows": ["flux"]},
        ]
    ).servers
    assert terms_of(server) == Terms(3, 2.0, frozenset({"x"}), frozenset({"flux"}))


def test_the_pacing_of_the_settings_is_that_of_the_platforms():
    assert budgets_of(Settings(), "telegram") == TELEGRAM
    assert budgets_of(Settings(), "discord") == DISCORD
    assert budgets_of(Settings(), "console") == Budgets(per_chat=(Rate(1, 0.04),))


@pytest.mark.parametrize("platform", PacingSettings.model_fields)
def test_a_platform_s_pacing_is_what_its_settings_say(platform):
    changed = settings(pacing={platform: {"per_chat": {"messages": 7, "seconds": 9}}})
    assert budgets_of(changed, platform).of("-1")[0] == Rate(7, 9.0)


def test_only_groups_of_telegram_are_held_to_the_rate_of_groups():
    budgets = budgets_of(Settings(), "telegram")
    assert (len(budgets.of("-100123")), len(budgets.of("1234"))) == (2, 1)


def test_jobs_are_kept_in_the_data_folder_or_in_the_database_of_the_settings():
    assert database_of(settings(data={"folder": "/d"})) == "sqlite:////d/easel.sqlite"
    assert database_of(settings(data={"folder": "d"})) == f"sqlite:///{Path('d').absolute()}/easel.sqlite"
    assert database_of(settings(data={"database": "postgresql://h/easel"})) == "postgresql://h/easel"


def test_without_a_token_there_is_no_telegram():
    assert line_of(settings(telegram={"webhook_url": "https://h/telegram"})) is None


def test_a_token_is_all_that_telegram_needs():
    assert line_of(settings(telegram={"token": "1234:ABC"})) == LineSettings("1234:ABC")


def test_what_is_said_of_telegram_arrives():
    said = {
        "token": "1234:ABC",
        "api_base": "http://bots:8081/",
        "local_files": True,
        "proxy": "socks5://me:word@proxy:1080",
        "webhook_url": "https://h/telegram",
        "webhook_host": "0.0.0.0",
        "webhook_port": 9000,
        "webhook_secret": "a-secret",
        "keep_status": True,
    }
    line = LineSettings(
        token="1234:ABC",
        api_base="http://bots:8081",
        file_base="http://bots:8081/file",
        local_files=True,
        proxy="socks5://me:word@proxy:1080",
        webhook=Webhook("https://h/telegram", "0.0.0.0", 9000, "a-secret"),
        keep_status=True,
    )
    assert line_of(settings(telegram=said)) == line
    assert line_of(settings(telegram={**said, "file_base": "http://files/"})) == replace(line, file_base="http://files")


def test_previews_are_for_one_person_unless_groups_are_to_have_them_too():
    usual, for_all = manners_of(Settings()), manners_of(settings(chat={"group_previews": True}))
    assert (usual.previews_in(private=True), usual.previews_in(private=False)) == (True, False)
    assert (for_all.previews_in(private=True), for_all.previews_in(private=False)) == (True, True)
