"""`easel workflows list|show|import|check`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.app import library_of, open_renderer, server_of
from bot.chat.texts import Texts
from bot.config import Settings
from bot.errors import EaselError
from bot.terminal.imagine import BAD_INPUT, OK, REFUSED, UNREACHABLE, complain
from bot.terminal.screen import open_screen
from bot.workflows.findings import Finding
from bot.workflows.importing import import_file
from bot.workflows.options import Option


def list_all(settings: Settings, texts: Texts) -> int:
    """Print every workflow by name, then what is wrong with the files that cannot be used."""
    screen = open_screen()
    library = library_of(settings)
    table = Table(box=None, show_header=False, padding=(0, 2))
    for workflow in library.all():
        command = texts.say("workflows-command", command=workflow.command) if workflow.command else ""
        table.add_row(workflow.name, Text(workflow.title_in(texts.language)), command)
    screen.print(table)
    for problem in library.problems():
        complain(problem.error, texts)
    return BAD_INPUT if library.problems() else OK


def show(settings: Settings, name: str, texts: Texts) -> int:
    """Print one workflow's options, and where each value goes."""
    screen = open_screen()
    try:
        workflow = library_of(settings).get(name)
    except EaselError as error:
        complain(error, texts)
        return BAD_INPUT
    screen.print(f"{workflow.name}: {workflow.title_in(texts.language)}", style="bold", soft_wrap=True)
    if workflow.description:
        screen.print(workflow.description)
    if workflow.command:
        screen.print(texts.say("workflows-command", command=workflow.command))
    table = Table(box=None, show_header=False, padding=(0, 2))
    for option in workflow.options:
        flags = ", ".join(f"--{flag}" for flag in option.flags) or option.name
        targets = ", ".join(str(target) for target in workflow.targets.get(option.name, ()))
        table.add_row(flags, Text(_facts(option, texts)), f"→ {targets}")
    screen.print(table)
    screen.print(texts.say("workflows-outputs", outputs=workflow.outputs))
    _list_findings(screen, texts, workflow.warnings)
    return OK


def import_files(files: Sequence[Path], out: Path, texts: Texts, *, force: bool) -> int:
    """Copy each graph into the folder with a manifest to review."""
    screen = open_screen()
    code = OK
    for file in files:
        try:
            imported = import_file(file, out, force=force)
        except EaselError as error:
            complain(error, texts)
            code = BAD_INPUT
            continue
        text = "workflows-written" if imported.written else "workflows-kept"
        screen.print(texts.say(text, path=str(imported.manifest)), soft_wrap=True)
        _list_findings(screen, texts, imported.findings)
    return code


async def check(settings: Settings, names: Sequence[str], texts: Texts) -> int:
    """Hold workflows against every server's nodes and models.

    Returns:
        0 where every server that answers can run every one, 3 where something is missing, 4 where none answers.
    """
    screen = open_screen()
    library = library_of(settings)
    try:
        workflows = [library.get(name) for name in names] or library.all()
    except EaselError as error:
        complain(error, texts)
        return BAD_INPUT
    codes = []
    for entry in settings.servers:
        async with open_renderer(server_of(entry, settings)) as renderer:
            try:
                findings = await renderer.findings(workflows)
            except EaselError as error:
                complain(error, texts)
                codes.append(UNREACHABLE)
                continue
        lacks = [_check_one(screen, texts, entry.name, name, found) for name, found in findings.items()]
        codes.append(REFUSED if any(lacks) else OK)
    if all(code == UNREACHABLE for code in codes):
        return UNREACHABLE
    return REFUSED if REFUSED in codes else OK


def _check_one(screen: Console, texts: Texts, server: str, workflow: str, findings: tuple[Finding, ...]) -> bool:
    text = "workflows-lacks" if findings else "workflows-fine"
    screen.print(texts.say(text, server=server, workflow=workflow), style="red" if findings else "green")
    _list_findings(screen, texts, findings)
    return bool(findings)


def _facts(option: Option, texts: Texts) -> str:
    facts = [option.kind.value]
    if option.minimum is not None and option.maximum is not None:
        facts.append(texts.say("workflows-range", minimum=option.minimum, maximum=option.maximum))
    if option.default is not None:
        facts.append(texts.say("workflows-default", value=str(option.default)))
    if option.required:
        facts.append(texts.say("workflows-required"))
    return ", ".join(facts)


def _list_findings(screen: Console, texts: Texts, findings: Iterable[Finding]) -> None:
    for finding in findings:
        screen.print(f"  · {texts.explain(finding)}", soft_wrap=True)
