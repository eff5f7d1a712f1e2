"""The folders of workflows, as they are on disk at the moment somebody asks."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from bot.errors import EaselError
from bot.workflows.assembly import load_workflow
from bot.workflows.errors import CommandTaken, ManifestWithoutGraph, NoSuchWorkflow, UnreadableFile
from bot.workflows.nearest import nearest
from bot.workflows.workflow import Workflow

Signature = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be used, and why. `file` is its name."""

    file: str
    error: EaselError


@dataclass(frozen=True, slots=True)
class _Entry:
    signature: Signature
    found: Workflow | Problem


class Library:
    """The workflows of some folders, and single `files`; a later one stands for an earlier one of the same name.

    A call looks at the files' dates and sizes, if the last look is `lasts` seconds ago, and reads what has changed. A
    broken file is a `Problem` and hides nothing but itself.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        files: Sequence[Path] = (),
        *,
        lasts: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folders = tuple(folders)
        self._files = tuple(files)
        self._entries: dict[Path, _Entry] = {}
        self._workflows: dict[str, Workflow] = {}
        self._problems: tuple[Problem, ...] = ()
        self._lasts = lasts
        self._clock = clock
        self._look_at = -math.inf

    def get(self, name: str) -> Workflow:
        """The workflow of that name, case aside. Raises `NoSuchWorkflow`."""
        self._refresh()
        folded = {known.casefold(): known for known in self._workflows}
        known = name if name in self._workflows else folded.get(name.casefold())
        if known is None:
            raise NoSuchWorkflow(name, nearest(name, self._workflows))
        return self._workflows[known]

    def all(self) -> tuple[Workflow, ...]:
        """Every workflow that can be used, by name."""
        self._refresh()
        return tuple(self._workflows.values())

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the rest."""
        self._refresh()
        return self._problems

    def _refresh(self) -> None:
        now = self._clock()
        if now < self._look_at:
            return
        self._look_at = now + self._lasts
        problems: list[Problem] = []
        found: dict[str, Workflow] = {}
        entries: dict[Path, _Entry] = {}
        for file in (*chain.from_iterable(self._listed(folder, problems) for folder in self._folders), *self._files):
            entries[file] = entry = self._entry(file)
            if isinstance(entry.found, Problem):
                problems.append(entry.found)
            else:
                found[file.stem] = entry.found
        self._entries = entries
        self._workflows = {}
        self._problems = (*problems, *self._settle_commands(found))

    def _listed(self, folder: Path, problems: list[Problem]) -> list[Path]:
        """The graphs of a folder, and as problems what is no use there."""
        try:
            files = sorted(folder.iterdir())
        except OSError as error:
            problems.append(Problem(str(folder), UnreadableFile(str(folder), error.strerror or "")))
            return []
        for file in files:
            graph = file.with_suffix(".json")
            if file.suffix == ".toml" and graph not in files:
                problems.append(Problem(file.name, ManifestWithoutGraph(file.name, graph.name)))
        return [file for file in files if file.suffix == ".json"]

    def _entry(self, file: Path) -> _Entry:
        signature = tuple(_signature(path) for path in (file, file.with_suffix(".toml")))
        known = self._entries.get(file)
        if known and known.signature == signature:
            return known
        try:
            return _Entry(signature, load_workflow(file))
        except EaselError as error:
            return _Entry(signature, Problem(getattr(error, "file", file.name), error))

    def _settle_commands(self, found: dict[str, Workflow]) -> Iterator[Problem]:
        """Take the workflows in; of two that want one command, the first by name has it."""
        owners: dict[str, str] = {}
        for name, workflow in sorted(found.items()):
            taken = workflow
            if workflow.command:
                owner = owners.setdefault(workflow.command, name)
                if owner != name:
                    taken = replace(workflow, command=None)
                    file = f"{name}.toml"
                    yield Problem(file, CommandTaken(file, workflow.command, owner))
            self._workflows[name] = taken


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
