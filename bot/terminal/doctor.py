"""`easel doctor`: everything that could be wrong, checked, each with its remedy."""

from __future__ import annotations

import errno
import importlib.util
import platform
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.app import Easel, compose
from bot.chat.texts import Texts
from bot.comfyui.client import Client
from bot.config import Settings
from bot.config.errors import CannotListen
from bot.errors import EaselError
from bot.terminal.imagine import OK
from bot.terminal.screen import open_screen
from bot.workflows.checking import check


class Verdict(StrEnum):
    """How a check came out. NOTE: worth knowing, nothing to mend."""

    WELL = "✓"
    NOTE = "·"
    ILL = "✗"


_STYLES = {Verdict.WELL: "green", Verdict.NOTE: "yellow", Verdict.ILL: "red"}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; `remedies` stand below it."""

    verdict: Verdict
    said: str
    remedies: tuple[str, ...] = ()


async def doctor(settings: Settings, texts: Texts) -> int:
    """Print every check as it is made.

    Returns:
        0 if nothing is wrong, else 1.
    """
    screen = open_screen()
    ill = 0
    async with compose(settings) as easel:
        async for found in examine(easel, texts):
            ill += found.verdict is Verdict.ILL
            screen.print(f"{found.verdict} {found.said}", style=_STYLES[found.verdict], soft_wrap=True)
            for remedy in found.remedies:
                screen.print(f"    {remedy}", soft_wrap=True)
    screen.print(texts.say("doctor-ill", count=ill) if ill else texts.say("doctor-well"))
    return 1 if ill else OK


async def examine(easel: Easel, texts: Texts) -> AsyncIterator[Check]:
    """Every check, from the machine to the servers."""
    for here in _machine(easel, texts):
        yield here
    for client in easel.clients:
        async for found in _server(client, easel, texts):
            yield found


def _machine(easel: Easel, texts: Texts) -> Iterator[Check]:
    yield Check(Verdict.WELL, texts.say("doctor-python", version=platform.python_version()))
    yield _port(easel.settings.console.host, easel.settings.console.port, texts)
    heic = importlib.util.find_spec("pillow_heif") is not None
    yield Check(Verdict.WELL if heic else Verdict.NOTE, texts.say("doctor-heic" if heic else "doctor-no-heic"))
    yield Check(Verdict.WELL, texts.say("doctor-workflows", count=len(easel.library.all())))
    for problem in easel.library.problems():
        yield Check(Verdict.ILL, problem.file, (texts.explain(problem.error),))


def _port(host: str, port: int, texts: Texts) -> Check:
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return Check(Verdict.NOTE, texts.say("doctor-port-taken", port=port))
        return Check(Verdict.ILL, texts.explain(CannotListen.because(error, host, port)))
    return Check(Verdict.WELL, texts.say("doctor-port", port=port))


async def _server(client: Client, easel: Easel, texts: Texts) -> AsyncIterator[Check]:
    name = client.server.name
    try:
        stats = await client.system_stats()
        object_info = await client.object_info()
    except EaselError as error:
        yield Check(Verdict.ILL, texts.explain(error))
        return
    version = str(stats.get("system", {}).get("comfyui_version", "?"))
    yield Check(Verdict.WELL, texts.say("doctor-server", server=name, url=client.server.url, version=version))
    if await client.connect():
        yield Check(Verdict.WELL, texts.say("doctor-socket", server=name))
    else:
        yield Check(Verdict.ILL, texts.say("doctor-no-socket", server=name))
    findings = {workflow.name: check(workflow, object_info) for workflow in easel.library.all()}
    able = tuple(workflow for workflow, found in findings.items() if not found)
    if able:
        yield Check(Verdict.WELL, texts.say("doctor-runs", server=name, workflows=able))
    else:
        yield Check(Verdict.ILL, texts.say("doctor-runs-none", server=name))
    for workflow, found in findings.items():
        if found:
            remedies = tuple(texts.explain(finding) for finding in found)
            yield Check(Verdict.NOTE, texts.say("doctor-lacks", workflow=workflow, server=name), remedies)
