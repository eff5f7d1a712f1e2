"""The composition root: from settings to a running application. Nothing else in the house builds a room's parts."""

from bot.app.composition import RUN, TERMINAL, Easel, OpenConsole, compose, console, open_renderer, telegram
from bot.app.examining import TelegramAccount, ask_telegram
from bot.app.logs import set_up_log
from bot.app.reading import read_settings
from bot.app.reloading import Reloaded
from bot.app.translation import database_of, inputs_of, library_of, line_of, server_of

__all__ = [
    "RUN",
    "TERMINAL",
    "Easel",
    "OpenConsole",
    "Reloaded",
    "TelegramAccount",
    "ask_telegram",
    "compose",
    "console",
    "database_of",
    "inputs_of",
    "library_of",
    "line_of",
    "open_renderer",
    "read_settings",
    "server_of",
    "set_up_log",
    "telegram",
]
