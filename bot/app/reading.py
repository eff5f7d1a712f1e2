"""From the command line to settings, and the log that they ask for."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from platformdirs import user_data_path

from bot import config
from bot.config import ServerSettings, Settings
from bot.config.errors import BadSettings, WrongSetting

DEFAULT_SETTINGS = Path("config.toml")


def read_settings(files: Sequence[Path] | None, environ: Mapping[str, str], server: str | None = None) -> Settings:
    """The settings of these files, or of ``config.toml`` where none is named and it is there.

    `server` is an address that takes the place of every configured server. Where nothing else is said, data lie beside
    the first file, or without one in the user's own folder for such.

    Raises:
        BadSettings: Something in them is wrong.
    """
    if files is None:
        files = [DEFAULT_SETTINGS] if DEFAULT_SETTINGS.exists() else []
    data_folder = files[0].parent / "data" if files else user_data_path("easel", appauthor=False)
    settings = config.load(files, environ, data_folder=data_folder)
    return settings if server is None else settings.model_copy(update={"servers": (_server_at(server),)})


def _server_at(url: str) -> ServerSettings:
    try:
        return ServerSettings(name=urlsplit(url).hostname or "server", url=url)
    except ValueError:  # pydantic's own is one, too
        wrong = WrongSetting("--server", "url", expected="url", limit=(), got=url, nearest=None)
        raise BadSettings((wrong,)) from None


def set_up_log(settings: Settings, *, quiet: bool = False) -> None:
    """Log lines to stderr, as text or JSON, from the level of the settings on.

    `quiet`: only errors, unless the settings ask for debug. For commands that themselves say how things stand.
    """
    level = "error" if quiet and settings.log.level != "debug" else settings.log.level
    render = (
        structlog.processors.JSONRenderer()
        if settings.log.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
