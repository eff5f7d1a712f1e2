"""Reading the settings again: what takes effect, what waits, and how it is told."""

from __future__ import annotations

import pytest

from bot.app.reloading import LIVE, NotReloaded, Reloaded, difference, in_effect
from bot.chat.texts import texts_for
from bot.config import Settings
from bot.config.errors import UnknownSetting


def settings(*servers, **sections):
    named = [{"name": name, "url": url} for name, url in servers] or [{"name": "a", "url": "http://a"}]
    return Settings.model_validate({"servers": named, **sections})


def test_servers_are_told_apart_by_name():
    old = settings(("a", "http://a"), ("b", "http://b"), ("c", "http://c"))
    new = settings(("d", "http://d"), ("c", "http://other"), ("a", "http://a"))
    assert difference(old, new) == Reloaded(added=("d",), removed=("b",), changed=("c",))


def test_a_secret_that_changes_changes_its_server():
    first, second = (
        Settings.model_validate({"servers": [{"name": "a", "url": "http://a", "password": word}]})
        for word in ("one", "two")
    )
    assert difference(first, second) == Reloaded(changed=("a",))


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ({}, Reloaded()),
        ({"access": {"anybody": True}}, Reloaded(rules=("[access]",))),
        ({"limits": {"admin": {"waiting": 9}}}, Reloaded(rules=("[limits]",))),
        ({"content": {"spoiler": True}}, Reloaded(rules=("[content]",))),
        ({"console": {"port": 1}, "data": {"folder": "d"}}, Reloaded(restart=("[data]", "[console]"))),
        (
            {"telegram": {"token": "1234:ABC"}, "chat": {"group_previews": True}},
            Reloaded(restart=("[telegram]", "[chat]")),
        ),
    ],
)
def test_a_section_takes_effect_or_waits_for_a_restart(sections, told):
    assert difference(settings(), settings(**sections)) == told


def test_what_waits_for_a_restart_is_told_each_time_until_then():
    old, new = settings(), settings(access={"anybody": True}, console={"port": 1})
    now = in_effect(old, new)
    assert (now.access, now.console) == (new.access, old.console)
    assert difference(now, new) == Reloaded(restart=("[console]",))


def test_every_section_that_takes_effect_is_one():
    assert set(Settings.model_fields) >= LIVE


def test_it_reads_as_sentences():
    told = Reloaded(("a",), ("b", "c"), ("d",), ("[limits]",), ("[data]",))
    wrong = NotReloaded((UnknownSetting("F", "data.foldr", "data.folder"),))
    english, chinese = (
        [texts_for(language).explain(each) for each in (told, Reloaded(restart=("[data]",)), Reloaded(), wrong)]
        for language in ("en", "zh-CN")
    )
    assert english == [
        (
            "The settings have been read again. New servers: a. Changed servers: d. "
            "Servers that finish what they have and then leave: b, c. In effect now: [limits]. "
            "Changed too, but only from the next start on: [data]."
        ),
        "The settings have been read again. Changed too, but only from the next start on: [data].",
        "The settings have been read again. Nothing in them has changed.",
        (
            "Everything stays as it was, because the settings cannot be used. "
            "F: there is no setting data.foldr. Did you mean data.folder?"
        ),
    ]
    assert chinese == [
        (
            "已重新读取设置。新增的服务器：a。有改动的服务器：d。完成手头任务后移除的服务器：b、c。"
            "已生效：[limits]。同样有改动，但下次启动才生效：[data]。"
        ),
        "已重新读取设置。同样有改动，但下次启动才生效：[data]。",
        "已重新读取设置，内容没有变化。",
        "设置无法使用，一切保持原样。F：没有 data.foldr 这个设置项。您是不是想写 data.folder？",
    ]
