"""The log says everything in one format, and nothing secret."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import warnings

import httpx
import pytest
import structlog
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.app.logs import set_up_log
from bot.config import Settings

TOKEN = "123456789:AAbb-ccDD_eeffgghhiijjkkllmmnnooppqq"
PASSWORD = "the password of a server"


@pytest.fixture(autouse=True)
def as_before():
    """What a log sets up is the process's; pytest's own comes back."""
    root, hook, show = logging.getLogger(), sys.excepthook, warnings.showwarning
    handlers, level = list(root.handlers), root.level
    yield
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    root.handlers[:], sys.excepthook, warnings.showwarning = handlers, hook, show
    root.setLevel(level)


@pytest.fixture(params=["text", "json"])
def form(request):
    return request.param


@pytest.fixture
def lines(form, capsys):
    """Set up a log of settings with secrets; what it has said since."""

    def said() -> list[str]:
        return capsys.readouterr().err.splitlines()

    def set_up(level="info", *, quiet=False):
        settings = Settings.model_validate(
            {
                "log": {"level": level, "format": form},
                "telegram": {"token": TOKEN},
                "servers": [{"name": "gpu", "url": "http://gpu", "username": "easel", "password": PASSWORD}],
            }
        )
        set_up_log(settings, quiet=quiet)
        return said

    return set_up


def fault():
    msg = f"POST https://api.telegram.org/bot{TOKEN}/getMe with {PASSWORD}"
    raise RuntimeError(msg)


def ours():
    structlog.get_logger().info("said", url=f"https://h/bot{TOKEN}", word=PASSWORD)


def ours_with_traceback():
    try:
        fault()
    except RuntimeError:
        structlog.get_logger().exception("failed", word=PASSWORD)


def a_library_s():
    logging.getLogger("telegram.Bot").warning("%s refused %s", f"https://h/bot{TOKEN}", PASSWORD)


def a_library_s_with_traceback():
    try:
        fault()
    except RuntimeError:
        logging.getLogger("aiohttp.server").exception("Error handling request of %s", PASSWORD)


def a_warning():
    warnings.warn(f"{TOKEN} {PASSWORD}", UserWarning, stacklevel=1)


def a_task_s():
    async def forgotten():
        asyncio.get_running_loop().call_soon(fault)
        await asyncio.sleep(0)

    asyncio.run(forgotten())


def last_words():
    try:
        fault()
    except RuntimeError:
        sys.excepthook(*sys.exc_info())


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    "say",
    [ours, ours_with_traceback, a_library_s, a_library_s_with_traceback, a_warning, a_task_s, last_words],
    ids=lambda say: say.__name__,
)
def test_no_line_holds_a_secret(say, lines, form):
    said = lines()
    say()
    every = said()
    assert every
    assert TOKEN[10:] not in "".join(every)
    assert PASSWORD not in "".join(every)
    assert "…" in "".join(every)
    if form == "json":
        assert all(isinstance(json.loads(line), dict) for line in every)
    if "traceback" in say.__name__:
        assert "RuntimeError" in "".join(every)


def test_libraries_speak_in_the_format_of_the_rest(lines, form):
    said = lines()
    structlog.get_logger().warning("ours", answer=42)
    logging.getLogger("aiohttp.server").warning("theirs")
    ours, theirs = said()
    if form == "json":
        assert (json.loads(ours)["answer"], json.loads(theirs)["logger"]) == (42, "aiohttp.server")
        assert json.loads(ours).keys() - {"answer"} == json.loads(theirs).keys() - {"logger"}
    else:
        assert "answer=42" in ours
        assert "theirs" in theirs
        assert "aiohttp.server" in theirs
        assert ours.index("warning") == theirs.index("warning")


@pytest.mark.parametrize(("level", "count"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_the_level_of_the_settings_is_everybody_s(level, count, lines):
    said = lines(level)
    for logger in structlog.get_logger(), logging.getLogger("aiohttp.server"):
        for method in ("debug", "info", "warning", "error"):
            getattr(logger, method)("said")
        assert len(said()) == count


def test_a_command_that_speaks_for_itself_logs_only_errors(lines):
    said = lines(quiet=True)
    structlog.get_logger().warning("said")
    logging.getLogger("aiohttp.server").warning("said")
    assert said() == []


@pytest.mark.parametrize("level", ["debug", "info"])
async def test_requests_are_no_lines_but_only_what_becomes_of_them(level, lines):
    said = lines(level)
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    async with httpx.AsyncClient(transport=transport) as client:
        await client.get(f"https://api.telegram.org/bot{TOKEN}/getMe")
    with pytest.raises(TelegramError):
        HTTPXRequest.parse_json_payload(b"<html>Bad Gateway</html>")
    assert not any("HTTP" in line or "html" in line for line in said())


def test_the_secrets_of_settings_read_later_are_kept_out_once_they_are_learnt(capsys):
    redactor = set_up_log(Settings())
    redactor.learn(Settings.model_validate({"telegram": {"webhook_secret": "a-new-secret"}}))
    structlog.get_logger().info("said", word="a-new-secret")
    assert "a-new-secret" not in capsys.readouterr().err
