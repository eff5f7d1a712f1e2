"""What the documents tell people to type is typed here, as it stands there."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import textwrap
import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.app import library_of
from bot.chat.commands import find
from bot.chat.texts import texts_for
from bot.config import Settings, load
from bot.config.errors import SecretExposed, SettingsNotToml, UnknownSetting, WrongSetting
from bot.jobs.policy.errors import NotAllowedHere
from bot.standin.server import StandIn
from bot.standin.settings import Settings as StandInSettings
from bot.telegram.errors import (
    AnotherPoller,
    MayNotSend,
    SentFileGone,
    SentFileTooLarge,
    TelegramUnreachable,
    TokenRefused,
    WebhookNotOpen,
    WebhookNotReached,
    WebhookRefused,
)
from tests.telegram_api import TOKEN, BotApi

ROOT = Path(__file__).parents[3]
PAGE, README, EXAMPLE = (
    (ROOT / name).read_text("utf-8") for name in ("docs/telegram.md", "README.md", "config.example.toml")
)

PERSON, BOT, ELSEWHERE = 1234, "our_easel_bot", "http://192.168.1.20:8188"
"""What the page calls its newcomer, their bot and their ComfyUI."""

BOTFATHER = {"newbot", "setinline", "setprivacy", "token"}

TROUBLES = (
    TokenRefused(),
    AnotherPoller(),
    TelegramUnreachable(reason="no route"),
    WebhookNotOpen(host="127.0.0.1", port=8090, reason="taken"),
    WebhookRefused(url="https://a.example/b", reason="bad"),
    WebhookNotReached(url="https://a.example/b", reason="bad"),
    SecretExposed("config.toml", "telegram.token_file", "telegram-token"),
    WrongSetting("telegram-token", "telegram.token", expected="bot-token", limit=(), got="…", nearest=None),
    UnknownSetting("config.toml", "telegram.access", nearest=None),
    SettingsNotToml("config.toml", "Cannot declare ('access',) twice (at line 4, column 8)"),
    NotAllowedHere(chat="telegram/-100", person="telegram:1"),
    MayNotSend(what="photos"),
    SentFileTooLarge(allowed=20),
    SentFileGone(),
)


@pytest.fixture
async def quick_comfyui() -> AsyncIterator[StandIn]:
    async with StandIn(StandInSettings(speed=0.01)) as server:
        yield server


def blocks(text: str, kind: str) -> list[str]:
    """What stands between fences of that kind."""
    fenced = re.findall(rf"^ *```{kind}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(each) for each in fenced]


def spans(text: str) -> list[str]:
    """What is set as code within lines."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE))


def section(number_or_title: str) -> str:
    """A section of the page."""
    return next(each for each in re.split(r"^## ", PAGE, flags=re.MULTILINE) if each.startswith(number_or_title))


def files_in(tree: Mapping[str, Any]) -> Iterator[str]:
    """The files of secrets that settings name."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from files_in(value)
        elif key.endswith("_file"):
            yield value


@pytest.mark.parametrize("block", blocks(PAGE, "toml") + blocks(README, "toml"))
def test_every_block_of_settings_can_be_used(tmp_path, block):
    (tmp_path / "config.toml").write_text(block)
    for name in files_in(tomllib.loads(block)):
        (tmp_path / name).write_text(TOKEN)
        (tmp_path / name).chmod(0o600)

    assert load([tmp_path / "config.toml"], {}) != Settings()


def test_every_setting_that_the_page_names_is_one():
    named = {each.partition(" = ")[0] for each in spans(PAGE)}
    keys = {each.rpartition(".")[2] for each in named if re.fullmatch(r"[a-z]+(_[a-z]+)+|access\.[a-z]+", each)} - {BOT}

    assert "webhook_url" in keys
    assert {key for key in keys if not re.search(rf"^(# )?{key} = ", EXAMPLE, re.MULTILINE)} == set()


@pytest.mark.parametrize("text", [PAGE, README])
def test_every_command_that_is_named_is_one(text):
    typed = [*spans(text), *re.findall(r"^ {4}(/.*)$", text, re.MULTILINE)]
    words = {word for each in typed if each.startswith("/") for word in re.findall(r"(?:^| )/([a-z]+)", each)}
    known = {workflow.command for workflow in library_of(Settings()).all()} | (BOTFATHER if text is PAGE else set())

    assert "imagine" in words
    assert {word for word in words - known if find(word) is None} == set()


def test_what_the_page_quotes_is_what_easel_says():
    quotes = re.findall(r"^\| (.+?) \| .+ \|$", section("When something is wrong"), re.MULTILINE)[1:]
    said = [texts_for("en").explain(each) for each in TROUBLES]

    for quote, sentence in zip(quotes, said, strict=True):
        assert re.search(".*".join(map(re.escape, quote.split("…"))), sentence), sentence


def test_three_lines_are_three_lines():
    (settings,) = blocks(section("3."), "toml")

    assert len([line for line in settings.splitlines() if line]) == 3
    assert settings in blocks(README, "toml")


@pytest.mark.skipif(os.name != "posix", reason="the page's commands are those of a POSIX shell")
async def test_from_a_token_to_the_first_picture_in_a_group(terminal, quick_comfyui, says, stops):
    def configure(settings: str) -> None:
        (terminal.folder / "config.toml").write_text(f"{settings}\n{server}")

    (keep_token,), (look_and_run,) = blocks(section("1."), "sh"), blocks(section("2."), "sh")
    doctor, run = (line.removeprefix(".venv/bin/easel ") for line in look_and_run.splitlines())
    first, server = blocks(section("2."), "toml")
    server = server.replace(ELSEWHERE, quick_comfyui.url)
    (three_lines,) = blocks(section("3."), "toml")
    (draw,) = (each for each in spans(section("3.")) if each.startswith("/imagine"))
    allow, draw_large = (each for each in spans(section("4.")) if each.startswith(("/allow here", "/imagine")))

    async with BotApi(username=BOT) as telegram, asyncio.timeout(60):
        nell, max_ = telegram.person("Nell", user_id=PERSON), telegram.person("Max")
        foxes = telegram.supergroup("Foxes", max_, nell, bot="left")
        environ = {"EASEL_TELEGRAM__API_BASE": telegram.url, "EASEL_CONSOLE__PORT": "0"}

        shell = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", keep_token, cwd=terminal.folder, stdin=asyncio.subprocess.PIPE
        )
        await shell.communicate(f"{TOKEN}\n".encode())
        configure(first)
        looked = await terminal.easel(doctor, **environ)
        assert f"✓ Telegram accepts the token of @{BOT}" in looked.out
        assert looked.code == 0, looked.out
        easel = await terminal.start(run, **environ)
        assert (await says(easel, "Telegram")).strip() in spans(section("2."))

        nell.says("/start")
        refusal = await nell.private.until(lambda: nell.private.last if nell.private.last.by_bot else None)
        assert f"telegram:{PERSON}" in refusal.text
        assert f'"telegram:{PERSON}"' in three_lines
        configure(three_lines)
        easel.send_signal(signal.SIGHUP)
        await says(easel, "[access]")
        nell.says(draw)
        await nell.private.until(lambda: nell.private.photos)

        foxes.add_bot(nell)
        refused = max_.says(draw_large, foxes)
        (told,) = await foxes.until(lambda: foxes.replies_to(refused))
        assert f"/allow telegram/{foxes.id}" in told.text
        allowed = nell.says(allow, foxes)
        await foxes.until(lambda: foxes.replies_to(allowed))
        asked = max_.says(draw_large, foxes)
        result = await foxes.until(lambda: next(iter(foxes.photos), None))
        assert result.reply_to is asked
        assert "1920 × 1080" in result.text

        assert await stops(easel) == 0
