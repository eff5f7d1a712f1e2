"""Telegram at a terminal: `easel run` and `easel doctor` beside a Bot API server of our own."""

from __future__ import annotations

import asyncio
import json
import os
import signal

import pytest

from tests.telegram_api import BotApi
from tests.telegram_api.asking import get_me

STRANGER = "999999:AAbb-ccDD_eeffgghhiijjkkllmmnnooppqq"
"""A token that the server does not know."""


@pytest.fixture
async def telegram():
    async with BotApi() as api:
        yield api


@pytest.fixture
def house(terminal, comfyui):
    """Settings with that ComfyUI, a console at any port, and this in [telegram]."""

    def furnish(**said: object) -> None:
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in said.items())
        terminal.settings(comfyui.url, more=f"[telegram]\n{lines}")

    return furnish


def of(api: BotApi, token: str | None = None) -> dict[str, str]:
    """The environment of a bot there."""
    return {"EASEL_TELEGRAM__TOKEN": token or api.token, "EASEL_TELEGRAM__API_BASE": api.url}


def secret_of(token: str) -> str:
    return token.partition(":")[2]


# doctor


async def test_doctor_says_that_there_is_no_bot(terminal, comfyui):
    ran = await terminal.easel("doctor", "--server", comfyui.url)

    assert "· There is no bot on Telegram" in ran.out
    assert ran.code == 0


async def test_doctor_asks_telegram_about_the_bot_and_takes_nobody_s_messages(terminal, house, telegram):
    house()

    ran = await terminal.easel("doctor", **of(telegram))

    for said in (
        "✓ Telegram accepts the token of @easel_bot",
        "✓ @easel_bot can be added to groups",
        "✓ Of what is said in groups, Telegram tells @easel_bot only what is meant for it",
        "✓ Inline mode is on",
        "Everything is in order.",
    ):
        assert said in ran.out
    assert ran.code == 0, ran.out
    assert {call.method for call in telegram.calls} == {"getme", "getwebhookinfo"}


async def test_doctor_names_what_botfather_can_change(terminal, house, telegram):
    house()
    telegram.privacy.on = False
    telegram._methods["getme"] = lambda api, given: (
        get_me(api, given)
        | {
            "can_join_groups": False,
            "supports_inline_queries": False,
        }
    )

    ran = await terminal.easel("doctor", **of(telegram))

    for command in "/setjoingroups", "/setprivacy", "/setinline":
        assert f"send {command} to @BotFather" in ran.out
    assert ran.code == 0


async def test_doctor_says_that_the_token_is_refused_without_repeating_it(terminal, house, telegram):
    house()

    ran = await terminal.easel("doctor", **of(telegram, STRANGER))

    assert "✗ Telegram does not accept the bot's token" in ran.out
    assert "One thing needs your attention." in ran.out
    assert secret_of(STRANGER) not in ran.out + ran.err
    assert ran.code == 1


async def test_doctor_says_that_telegram_cannot_be_reached(terminal, house, unused_tcp_port):
    house(api_base=f"http://127.0.0.1:{unused_tcp_port}")

    ran = await terminal.easel("doctor", EASEL_TELEGRAM__TOKEN=STRANGER)

    assert "✗ Telegram cannot be reached: All connection attempts failed" in ran.out
    assert secret_of(STRANGER) not in ran.out + ran.err
    assert ran.code == 1


async def test_doctor_says_what_becomes_of_a_webhook_that_was_left_behind(terminal, house, telegram):
    house()
    telegram.webhook.url = "https://elsewhere.example.org/a-secret-path"

    ran = await terminal.easel("doctor", **of(telegram))

    assert "· Telegram calls elsewhere.example.org for @easel_bot at present" in ran.out
    assert "a-secret-path" not in ran.out
    assert ran.code == 0


@pytest.mark.skipif(os.name != "posix", reason="no such modes")
async def test_a_token_s_file_that_others_may_open_is_refused_with_the_remedy(terminal, house, telegram):
    house(token_file="token", api_base=telegram.url)
    (terminal.folder / "token").write_text(telegram.token)
    (terminal.folder / "token").chmod(0o644)

    for command in "doctor", "run":
        ran = await terminal.easel(command)
        assert "chmod 600" in ran.err
        assert secret_of(telegram.token) not in ran.out + ran.err
        assert ran.code == 2
    assert telegram.calls == []


# run


async def until_log(process: asyncio.subprocess.Process, word: str) -> str:
    """Read its log up to a line that has this word."""
    async with asyncio.timeout(60):
        while line := (await process.stderr.readline()).decode():
            if word in line:
                return line
    raise AssertionError(f"it ended before it logged {word!r}")


async def the_rest(process: asyncio.subprocess.Process) -> str:
    """Tell it to stop; all that it had still to say."""
    process.terminate()
    return await the_end(process)


async def the_end(process: asyncio.subprocess.Process) -> str:
    """All that it has still to say."""
    async with asyncio.timeout(20):
        out, err = await process.communicate()
    assert process.returncode == 0
    return (out + err).decode()


async def test_three_lines_of_settings_are_enough(terminal, comfyui, telegram, says):
    ann = telegram.person("Ann", language="en")
    (terminal.folder / "telegram-token").write_text(telegram.token)
    (terminal.folder / "telegram-token").chmod(0o600)
    (terminal.folder / "config.toml").write_text(
        f'telegram.token_file = "telegram-token"\naccess.operators = ["telegram:{ann.id}"]\n'
    )
    easel = await terminal.start(
        "run", "--server", comfyui.url, EASEL_TELEGRAM__API_BASE=telegram.url, EASEL_CONSOLE__PORT="0"
    )

    assert (await says(easel, "Telegram")).strip() == "Telegram: @easel_bot"
    ann.says("/imagine a fox --w 64 --h 64 --steps 2")
    async with asyncio.timeout(60):
        await ann.private.until(lambda: ann.private.photos)

    assert secret_of(telegram.token) not in await the_rest(easel)


async def test_run_says_who_the_bot_is_and_answers(terminal, house, telegram, says):
    house()
    ann = telegram.person("Ann", language="en")
    easel = await terminal.start("run", EASEL_ACCESS__ANYBODY="true", **of(telegram))

    assert "http://" in await says(easel, "Console")
    assert (await says(easel, "Telegram")).strip() == "Telegram: @easel_bot"
    ann.says("/help")
    async with asyncio.timeout(30):
        await ann.private.until(lambda: "/imagine" in ann.private.log().partition("\n")[2])

    assert secret_of(telegram.token) not in await the_rest(easel)


async def test_a_refused_token_is_told_and_the_console_goes_on(terminal, house, telegram, says):
    house()
    easel = await terminal.start("run", **of(telegram, STRANGER))
    address = (await says(easel, "http://")).split()[-1]

    assert "does not accept the bot's token" in await says(easel, "Telegram")
    assert await terminal.ask_console(address, "/imagine a fox --w 64 --h 64 --steps 2")
    assert secret_of(STRANGER) not in await the_rest(easel)


async def test_telegram_may_be_down_at_the_start(terminal, house, telegram, says):
    house()
    await telegram.stop()
    easel = await terminal.start("run", **of(telegram))
    address = (await says(easel, "http://")).split()[-1]

    assert "cannot be reached" in await says(easel, "Telegram")
    assert await terminal.ask_console(address, "/imagine a fox --w 64 --h 64 --steps 2")
    await telegram.start()
    assert (await says(easel, "Telegram")).strip() == "Telegram: @easel_bot"

    assert secret_of(telegram.token) not in await the_rest(easel)


async def test_it_is_said_in_the_language_of_the_terminal(terminal, house, telegram, says):
    house()
    easel = await terminal.start("run", LC_ALL="zh_CN.UTF-8", **of(telegram, STRANGER))

    assert "控制台：" in await says(easel, "http://")
    assert "令牌" in await says(easel, "Telegram")
    await the_rest(easel)


@pytest.mark.parametrize("level", ["debug", "info"])
async def test_no_output_holds_the_token_however_much_is_said(terminal, house, telegram, says, level):
    house()
    ann = telegram.person("Ann", language="en")
    easel = await terminal.start("run", EASEL_LOG__LEVEL=level, EASEL_ACCESS__ANYBODY="true", **of(telegram))
    await says(easel, "@easel_bot")
    telegram.faults.fail(html=True)
    telegram.faults.cut()
    ann.says("/help")
    async with asyncio.timeout(60):
        await ann.private.until(lambda: "/imagine" in ann.private.log().partition("\n")[2])

    said = await the_rest(easel)

    assert secret_of(telegram.token) not in said
    assert "HTTP Request" not in said
    assert "Traceback" not in said


async def test_telegram_may_call_instead_of_being_asked(terminal, house, telegram, says, unused_tcp_port):
    url = "https://easel.example.org/telegram"
    telegram.webhook.proxies["https://easel.example.org"] = f"http://127.0.0.1:{unused_tcp_port}"
    house(webhook_url=url, webhook_port=unused_tcp_port, webhook_secret="a-secret")
    ann = telegram.person("Ann", language="en")
    before = await terminal.easel("doctor", **of(telegram))
    easel = await terminal.start("run", EASEL_ACCESS__ANYBODY="true", **of(telegram))
    await says(easel, "@easel_bot")

    ann.says("/help")
    async with asyncio.timeout(30):
        await ann.private.until(lambda: "/imagine" in ann.private.log().partition("\n")[2])
    after = await terminal.easel("doctor", **of(telegram))

    assert telegram.counts["getupdates"] == 0
    assert f"· Telegram does not call {url} yet" in before.out
    assert f"✓ Telegram calls {url}" in after.out
    assert "a-secret" not in await the_rest(easel)


async def test_what_is_being_sent_when_it_is_told_to_stop_is_sent(terminal, house, telegram, says):
    house()
    ann = telegram.person("Ann", language="en")
    easel = await terminal.start("run", EASEL_ACCESS__ANYBODY="true", **of(telegram))
    await says(easel, "@easel_bot")
    gate = telegram.faults.hold(method="sendMessage")
    ann.says("/help")
    async with asyncio.timeout(30):
        await telegram.until(lambda: gate.held)

    easel.terminate()
    await until_log(easel, "stopping")
    gate.release()
    await the_end(easel)

    assert "/imagine" in ann.private.log().partition("\n")[2]


async def test_whoever_asks_twice_to_stop_waits_for_no_answer_any_more(terminal, house, telegram, says):
    house()
    ann = telegram.person("Ann", language="en")
    easel = await terminal.start("run", EASEL_ACCESS__ANYBODY="true", **of(telegram))
    await says(easel, "@easel_bot")
    gate = telegram.faults.hold(method="sendMessage")
    ann.says("/help")
    async with asyncio.timeout(30):
        await telegram.until(lambda: gate.held)

    easel.terminate()
    await until_log(easel, "stopping")
    said = await the_rest(easel)
    gate.release()

    assert "Traceback" not in said


async def test_jobs_of_telegram_wait_while_there_is_no_token(terminal, house, telegram, says, slow_comfyui):
    house()
    ann = telegram.person("Ann", language="en")
    words = ("run", "--server", slow_comfyui.url)
    first = await terminal.start(*words, EASEL_ACCESS__ANYBODY="true", **of(telegram))
    await says(first, "@easel_bot")
    ann.says("/imagine a fox --w 64 --h 64 --steps 4")
    async with asyncio.timeout(60):
        await ann.private.until(lambda: len(ann.private.messages) > 1)
    await the_rest(first)

    without = await terminal.start(*words)
    assert "platform=telegram" in await until_log(without, "jobs wait")
    await the_rest(without)

    again = await terminal.start(*words, EASEL_ACCESS__ANYBODY="true", **of(telegram))
    async with asyncio.timeout(60):
        await ann.private.until(lambda: ann.private.photos)
    await the_rest(again)


async def test_what_only_a_restart_changes_of_telegram_is_said(terminal, house, telegram, says):
    house(keep_status=False)
    easel = await terminal.start("run", **of(telegram))
    await says(easel, "@easel_bot")

    house(keep_status=True)
    with (terminal.folder / "config.toml").open("a") as settings:
        settings.write("[chat]\ngroup_previews = true\n")
    easel.send_signal(signal.SIGHUP)

    assert "from the next start on: [telegram], [chat]" in await says(easel, "again")
    await the_rest(easel)
