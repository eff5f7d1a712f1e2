"""From the command line to settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

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
