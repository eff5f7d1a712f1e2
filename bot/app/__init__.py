"""The composition root: from settings to a running application. Nothing else in the house builds a room's parts."""

from bot.app.composition import Easel, OpenConsole, compose, console
from bot.app.reading import read_settings, set_up_log
from bot.app.translation import library_of, server_of

__all__ = [
    "Easel",
    "OpenConsole",
    "compose",
    "console",
    "library_of",
    "read_settings",
    "server_of",
    "set_up_log",
]
