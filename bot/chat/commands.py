"""Which command a message is, and the table of commands. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.chat.texts import Texts
from bot.jobs.policy.limits import Rank

_COMMAND = re.compile(r"\s*[/／](?P<word>[^\s@/／]+)(?:@\S+)?(?:\s+(?P<rest>.*))?\s*\Z", re.DOTALL)
_RANKS = (Rank.MEMBER, Rank.ADMIN, Rank.OPERATOR)


class Command(StrEnum):
    """What people may say to Easel, besides the commands that workflows bring."""

    IMAGINE = "imagine"
    AGAIN = "again"
    CANCEL = "cancel"
    QUEUE = "queue"
    SHOW = "show"
    INFO = "info"
    MINE = "mine"
    WORKFLOWS = "workflows"
    MODELS = "models"
    USAGE = "usage"
    SETTINGS = "settings"
    HELP = "help"
    ALLOW = "allow"
    DENY = "deny"
    BAN = "ban"
    UNBAN = "unban"
    SERVERS = "servers"
    DRAIN = "drain"
    PAUSE = "pause"
    RESUME = "resume"
    RELOAD = "reload"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table: a command, and the rank from which on one may say it.

    `usage` is the id of the text that shows how it is written, such as ``/cancel [ID]``. `help` is that of what it
    does: a first line short enough for a platform's menu, then whatever else there is to know.
    """

    command: Command
    rank: Rank = Rank.MEMBER

    @property
    def usage(self) -> str:
        """A text's id."""
        return f"usage-{self.command}"

    @property
    def help(self) -> str:
        """A text's id."""
        return f"help-{self.command}"

    def summary(self, texts: Texts) -> str:
        """What it does, in one line."""
        return texts.say(self.help).partition("\n")[0]


COMMANDS = (
    Entry(Command.IMAGINE),
    Entry(Command.AGAIN),
    Entry(Command.CANCEL),
    Entry(Command.QUEUE),
    Entry(Command.SHOW),
    Entry(Command.INFO),
    Entry(Command.MINE),
    Entry(Command.WORKFLOWS),
    Entry(Command.MODELS),
    Entry(Command.USAGE),
    Entry(Command.SETTINGS),
    Entry(Command.HELP),
    Entry(Command.ALLOW, Rank.OPERATOR),
    Entry(Command.DENY, Rank.OPERATOR),
    Entry(Command.BAN, Rank.OPERATOR),
    Entry(Command.UNBAN, Rank.OPERATOR),
    Entry(Command.SERVERS, Rank.OPERATOR),
    Entry(Command.DRAIN, Rank.OPERATOR),
    Entry(Command.PAUSE, Rank.OPERATOR),
    Entry(Command.RESUME, Rank.OPERATOR),
    Entry(Command.RELOAD, Rank.OPERATOR),
    Entry(Command.AUDIT, Rank.OPERATOR),
)
"""Every command, in the order in which help lists them."""

_BY_WORD = {str(entry.command): entry for entry in COMMANDS}
_START = "start"  # what a chat on Telegram begins with


@dataclass(frozen=True, slots=True)
class Spoken:
    """A command word (lower case, without slash and bot name) and what follows it."""

    word: str
    rest: str


def split(text: str) -> Spoken:
    """The command of a message. Text without a slash is an `imagine`."""
    match = _COMMAND.match(text)
    if match is None:
        return Spoken(Command.IMAGINE, text.strip())
    return Spoken(match["word"].lower(), (match["rest"] or "").strip())


def find(word: str) -> Entry | None:
    """The entry of that command; ``start`` is help."""
    return _BY_WORD.get(Command.HELP if word == _START else word)


def for_rank(rank: Rank) -> tuple[Entry, ...]:
    """What somebody of that rank may say."""
    return tuple(entry for entry in COMMANDS if _RANKS.index(entry.rank) <= _RANKS.index(rank))
