"""Settings: what an operator may decide, and how files and the environment say it."""

from bot.config.loading import load
from bot.config.settings import ServerSettings, Settings

__all__ = ["ServerSettings", "Settings", "load"]
