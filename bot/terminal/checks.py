"""What `easel doctor` looks at."""

from __future__ import annotations

import errno
import importlib.util
import platform
import shutil
import socket
import uuid
from collections.abc import AsyncGenerator, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from bot.app import RUN, TelegramAccount, ask_telegram, database_of, line_of, open_renderer, server_of
from bot.chat.texts import Texts
from bot.config import ServerSettings, Settings
from bot.config.errors import CannotListen
from bot.config.settings import PacingSettings, RateSettings
from bot.errors import EaselError
from bot.jobs.ledger.errors import LedgerInUse
from bot.jobs.ledger.sql import open_store
from bot.terminal.files import check_writable
from bot.workflows.errors import UnwritableFolder
from bot.workflows.library import Library

_LITTLE_SPACE = 1_000_000_000
"""Bytes that pictures need within days."""


class Verdict(StrEnum):
    """How a check came out. NOTE: worth knowing, nothing to mend."""

    WELL = "✓"
    NOTE = "·"
    ILL = "✗"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; `remedies` stand below it."""

    verdict: Verdict
    said: str
    remedies: tuple[str, ...] = ()


def check_machine(settings: Settings, texts: Texts) -> Iterator[Check]:
    """Python, the console's port, and what can be read of phones' pictures."""
    yield Check(Verdict.WELL, texts.say("doctor-python", version=platform.python_version()))
    yield _port(settings.console.host, settings.console.port, texts)
    heic = importlib.util.find_spec("pillow_heif") is not None
    yield Check(Verdict.WELL if heic else Verdict.NOTE, texts.say("doctor-heic" if heic else "doctor-no-heic"))


def check_workflows(settings: Settings, library: Library, texts: Texts) -> Iterator[Check]:
    """How many there are, what is wrong with the rest, and whether the settings name others."""
    yield Check(Verdict.WELL, texts.say("doctor-workflows", count=len(library.all())))
    for problem in library.problems():
        yield Check(Verdict.ILL, problem.file, (texts.explain(problem.error),))
    ranks = {
        "limits": settings.limits,
        "limits.admin": settings.limits.admin,
        "limits.operator": settings.limits.operator,
    }
    workflows = {f"{key}.workflows": each.workflows or () for key, each in ranks.items()}
    workflows |= {f"servers.{server.name}.workflows": server.workflows for server in settings.servers}
    for key, name in _strangers(workflows, {workflow.name for workflow in library.all()}):
        yield Check(Verdict.ILL, texts.say("doctor-unknown-workflow", key=key, workflow=name))
    tags = {f"{key}.server_tags": each.server_tags or () for key, each in ranks.items()}
    for key, tag in _strangers(tags, {tag for server in settings.servers for tag in server.tags}):
        yield Check(Verdict.ILL, texts.say("doctor-unknown-tag", key=key, tag=tag))


def check_rules(settings: Settings, texts: Texts) -> Iterator[Check]:
    """Who gets in, what is blocked, and whether a platform is spoken to more often than it bears."""
    access, content = settings.access, settings.content
    if access.anybody:
        yield Check(Verdict.NOTE, texts.say("doctor-anybody"))
    elif access.operators or access.people or access.chats:
        operators, people, chats = map(len, (access.operators, access.people, access.chats))
        yield Check(Verdict.WELL, texts.say("doctor-access", operators=operators, people=people, chats=chats))
    else:
        yield Check(Verdict.NOTE, texts.say("doctor-nobody"))
    if content.blocked_words or content.blocked_patterns:
        words, patterns = len(content.blocked_words), len(content.blocked_patterns)
        yield Check(Verdict.WELL, texts.say("doctor-blocked", words=words, patterns=patterns))
    for key in _hasty(settings.pacing):
        yield Check(Verdict.NOTE, texts.say("doctor-hasty", key=key))


async def check_data(settings: Settings, texts: Texts) -> AsyncGenerator[Check, None]:
    """Whether pictures and jobs can be kept, and whether another Easel is at work on them."""
    folder = settings.data.folder.absolute()
    try:
        check_writable(folder)
    except UnwritableFolder as error:
        yield Check(Verdict.ILL, texts.explain(error))
        return
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free
    text, verdict = ("doctor-full", Verdict.ILL) if free < _LITTLE_SPACE else ("doctor-folder", Verdict.WELL)
    yield Check(verdict, texts.say(text, folder=str(folder), gigabytes=round(free / 1e9, 1)))
    for holder in (RUN, f"doctor-{uuid.uuid4()}"):
        try:
            async with open_store(database_of(settings), holder=holder) as store:
                open_jobs = len(await store.ledger.unfinished())
        except LedgerInUse:
            yield Check(Verdict.NOTE, texts.say("doctor-at-work"))
            continue
        except EaselError as error:
            yield Check(Verdict.ILL, texts.explain(error))
        else:
            yield Check(Verdict.WELL, texts.say("doctor-store", where=_where(settings), count=open_jobs))
        return


async def check_telegram(settings: Settings, texts: Texts) -> AsyncGenerator[Check, None]:
    """Whether Telegram takes the token, what its bot is told and may do, and how messages come."""
    line = line_of(settings)
    if line is None:
        yield Check(Verdict.NOTE, texts.say("doctor-no-telegram"))
        return
    try:
        bot = await ask_telegram(line)
    except EaselError as error:
        yield Check(Verdict.ILL, texts.explain(error))
        return
    yield Check(Verdict.WELL, texts.say("doctor-telegram", name=bot.name))
    for is_well, said, else_said in (
        (bot.joins_groups, "doctor-groups", "doctor-no-groups"),
        (not bot.reads_all, "doctor-privacy", "doctor-no-privacy"),
        (bot.inline, "doctor-inline", "doctor-no-inline"),
    ):
        verdict = Verdict.WELL if is_well else Verdict.NOTE
        yield Check(verdict, texts.say(said if is_well else else_said, name=bot.name))
    webhook = _webhook(bot, line.webhook.url if line.webhook else "", texts)
    if webhook is not None:
        yield webhook


async def check_server(
    entry: ServerSettings, settings: Settings, library: Library, texts: Texts
) -> AsyncGenerator[Check, None]:
    """Whether it answers, whether its socket opens, and what it can run."""
    name = entry.name
    async with open_renderer(server_of(entry, settings)) as renderer:
        try:
            stats = await renderer.client.system_stats()
            findings = await renderer.findings(library.all())
        except EaselError as error:
            yield Check(Verdict.ILL, texts.explain(error))
            return
        version = str(stats.get("system", {}).get("comfyui_version", "?"))
        yield Check(Verdict.WELL, texts.say("doctor-server", server=name, url=entry.url, version=version))
        if await renderer.client.connect():
            yield Check(Verdict.WELL, texts.say("doctor-socket", server=name))
        else:
            yield Check(Verdict.ILL, texts.say("doctor-no-socket", server=name))
    able = tuple(name for name, lacks in findings.items() if not lacks and name in (entry.workflows or findings))
    if able:
        yield Check(Verdict.WELL, texts.say("doctor-runs", server=name, workflows=able))
    else:
        yield Check(Verdict.ILL, texts.say("doctor-runs-none", server=name))
    for workflow, lacks in findings.items():
        if lacks:
            remedies = tuple(texts.explain(finding) for finding in lacks)
            yield Check(Verdict.NOTE, texts.say("doctor-lacks", workflow=workflow, server=name), remedies)


def _strangers(named: Mapping[str, Iterable[str]], known: Collection[str]) -> Iterator[tuple[str, str]]:
    """By key of the settings, the names there that nobody has."""
    return ((key, name) for key, names in named.items() for name in names if name not in known)


def _where(settings: Settings) -> str:
    """The database without its secrets."""
    url = urlsplit(database_of(settings))
    if not settings.data.database:
        return url.path.removeprefix("/")
    socket_folder = parse_qs(url.query).get("host", ["localhost"])[0]
    return f"{url.hostname or socket_folder}{url.path}"


def _webhook(bot: TelegramAccount, wanted: str, texts: Texts) -> Check | None:
    """How Telegram calls the bot, or None where it does not and need not."""
    if bot.webhook != wanted:
        text = "doctor-webhook-later" if wanted else "doctor-webhook-left"
        return Check(Verdict.NOTE, texts.say(text, name=bot.name, url=wanted, host=urlsplit(bot.webhook).hostname))
    if bot.failing is not None:
        return Check(Verdict.ILL, texts.say("doctor-webhook-failing", url=wanted, reason=bot.failing))
    return Check(Verdict.WELL, texts.say("doctor-webhook", url=wanted)) if wanted else None


def _port(host: str, port: int, texts: Texts) -> Check:
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return Check(Verdict.NOTE, texts.say("doctor-port-taken", port=port))
        return Check(Verdict.ILL, texts.explain(CannotListen.because(error, host, port)))
    return Check(Verdict.WELL, texts.say("doctor-port", port=port))


def _hasty(pacing: PacingSettings) -> Iterator[str]:
    """The keys of rates that are above the defaults, which are what the platforms allow."""
    for platform_name in PacingSettings.model_fields:
        said, usual = (getattr(each, platform_name) for each in (pacing, PacingSettings()))
        for key, rate in said:
            if isinstance(rate, RateSettings) and rate.per_second > getattr(usual, key).per_second:
                yield f"pacing.{platform_name}.{key}"
