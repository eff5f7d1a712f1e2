"""The door: what can be typed after `easel`."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot import __version__
from bot.app import read_settings, set_up_log
from bot.chat.texts import Texts, texts_for
from bot.config import Settings
from bot.config.errors import BadSettings
from bot.errors import EaselError
from bot.grammar.tokens import quote
from bot.terminal import demo as demo_
from bot.terminal import doctor as doctor_
from bot.terminal import run as run_
from bot.terminal import workflows as workflows_
from bot.terminal.imagine import BAD_INPUT, Wanted, complain
from bot.terminal.imagine import imagine as imagine_
from bot.workflows.assembly import load_workflow

STOPPED = 130
"""The exit code of a command that Ctrl-C kept from its end, as shells have it. What serves until then ends with 0."""

_PARTING = 15.0
_SERVED_PARTING = 8.0
"""Seconds that a stopped command may take to clean up, and one that serves: who runs it as a service grants it ten."""

app = typer.Typer(
    name="easel",
    help="Your community's own ComfyUI in its chats.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help"]},  # -h and --h are a height
)
workflows = typer.Typer(help="List, show, import and check workflows.", no_args_is_help=True)
app.add_typer(workflows, name="workflows")

Config = Annotated[
    list[Path] | None,
    typer.Option(
        "--config", "-c", help="Settings file; several overlay each other. Default: config.toml, if it is there."
    ),
]
Server = Annotated[str | None, typer.Option("--server", help="Address of a ComfyUI, instead of the settings' servers.")]
Out = Annotated[Path, typer.Option("--out", help="Folder for pictures and results.json.")]


@app.command()
def demo(
    out: Out = Path("out"),
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the console; if it is taken, a free one.")
    ] = 8080,
    once: Annotated[bool, typer.Option("--once", help="Exit after the first picture.")] = False,
) -> None:
    """The whole product with no token and no GPU: a stand-in ComfyUI and the web console."""
    stay = sys.stdout.isatty() and not once
    _exit(demo_.demo(out=out, port=port, stay=stay, texts=_texts()), stopped=0)


@app.command()
def run(config: Config = None, server: Server = None) -> None:
    """Serve the bots and the web console from the settings, until Ctrl-C or SIGTERM.

    SIGHUP reads the settings again: servers, access, limits and blocked words take effect at once.
    """
    settings = _read(config, server)
    redactor = set_up_log(settings)

    def reread() -> Settings:
        again = read_settings(config, os.environ, server)
        redactor.learn(again)
        return again

    _exit(run_.run(settings, _texts(), reread), stopped=0, parting=_SERVED_PARTING)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def imagine(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="PROMPT [FLAGS]", help="Flags of the workflow: --w 1920 --seed 0"),
    ] = None,
    image: Annotated[
        list[Path] | None, typer.Option("--image", help="A picture to start from. May be repeated.")
    ] = None,
    workflow: Annotated[
        str | None, typer.Option("--workflow", help="Name of a workflow, or a FILE.json exported from ComfyUI.")
    ] = None,
    server: Server = None,
    out: Out = Path("out"),
    previews: Annotated[bool, typer.Option("--previews", help="Keep the live previews in OUT/temp/.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Results JSON on stdout, progress on stderr.")] = False,
    config: Config = None,
) -> None:
    """One picture from the terminal.

    Exit codes: 0 done, 2 bad input, 3 the server refused it or failed, 4 no server can be reached, 130 stopped.
    """
    settings = _settings(config, server)
    named, files = _workflow(workflow)
    wanted = Wanted(_typed(words or []) + named, tuple(image or ()), out, previews=previews, as_json=as_json)
    _exit(imagine_(settings, wanted, _texts(), files))


@workflows.command("list")
def list_(config: Config = None) -> None:
    """Every workflow, and what is wrong with those that cannot be read."""
    raise typer.Exit(workflows_.list_all(_settings(config), _texts()))


@workflows.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="One of those that easel workflows list names.")],
    config: Config = None,
) -> None:
    """One workflow: its options, and where each value goes."""
    raise typer.Exit(workflows_.show(_settings(config), name, _texts()))


@workflows.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Graphs exported from ComfyUI: Workflow > Export (API).")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the graph and its manifest.")] = Path("workflows"),
    force: Annotated[bool, typer.Option("--force", help="Write a manifest anew that is there already.")] = False,
) -> None:
    """Find a graph's roles and write a manifest to review."""
    raise typer.Exit(workflows_.import_files(files, out, _texts(), force=force))


@workflows.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Workflows to check; all if none is named.")] = None,
    server: Server = None,
    config: Config = None,
) -> None:
    """Hold workflows against what each server has: missing nodes, models and values, with the nearest there is."""
    settings = _settings(config, server)
    _exit(workflows_.check(settings, tuple(names or ()), _texts()))


@app.command()
def doctor(config: Config = None, server: Server = None) -> None:
    """Everything that could be wrong, checked, each with its remedy."""
    settings = _settings(config, server)
    _exit(doctor_.doctor(settings, _texts()))


def main() -> None:
    """The entry point of the `easel` program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a log on Windows may have no ✓
    app()


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    if version:
        Console().print(f"easel {__version__}", highlight=False)
        raise typer.Exit


def _texts() -> Texts:
    language = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "en")
    return texts_for(language)


def _settings(config: list[Path] | None, server: str | None = None) -> Settings:
    """The settings of a command that itself says how things stand, and a log to fit."""
    settings = _read(config, server)
    set_up_log(settings, quiet=True)
    return settings


def _read(config: list[Path] | None, server: str | None) -> Settings:
    try:
        return read_settings(config, os.environ, server)
    except BadSettings as error:
        for problem in error.problems:
            complain(problem, _texts())
        raise typer.Exit(BAD_INPUT) from None


def _typed(words: list[str]) -> str:
    """What the shell split, as one line of the grammar: a flag's value that holds spaces is one value again."""
    said = []
    for before, word in zip(["", *words], words, strict=False):
        is_value = before.startswith("--") and "=" not in before
        said.append(quote(word) if is_value and " " in word else word)
    return " ".join(said)


def _workflow(named: str | None) -> tuple[str, tuple[Path, ...]]:
    """The flag for the grammar, and the file to load if a file was named."""
    if named is None:
        return "", ()
    path = Path(named)
    if path.suffix.lower() == ".json":
        try:
            load_workflow(path)  # to the library a broken file is only a name that it has not
        except EaselError as error:
            complain(error, _texts())
            raise typer.Exit(BAD_INPUT) from None
        return f" --workflow {quote(path.stem)}", (path,)
    return f" --workflow {quote(named)}", ()


def _exit(work: Coroutine[Any, Any, int], *, stopped: int = STOPPED, parting: float = _PARTING) -> None:
    """Run to the end and exit with its code, or with 2 where it raises an error that people can be told about.

    Ctrl-C and SIGTERM cancel it, it cleans up, and the code is `stopped`. After `parting` seconds, or when it is told
    once more, everything that it still waits for is cancelled, too.
    """

    async def with_signals() -> int:
        task, waiting = asyncio.create_task(work), asyncio.current_task()
        loop = asyncio.get_running_loop()

        def stop() -> None:
            for each in asyncio.all_tasks() - {waiting} if task.cancelling() else {task}:
                each.cancel()
            loop.call_later(parting, stop)

        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, stop)
            except NotImplementedError:  # Windows: Ctrl-C raises KeyboardInterrupt by itself
                break
        try:
            return await task
        except asyncio.CancelledError:
            return stopped
        except EaselError as error:
            complain(error, _texts())
            return BAD_INPUT

    try:
        code = asyncio.run(with_signals())
    except KeyboardInterrupt:
        code = stopped
    raise typer.Exit(code)
