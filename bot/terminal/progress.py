"""A job's progress in a terminal: a live bar where there is one, a line for each change where there is none."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.chat.card import StatusCard, Tone
from bot.chat.status import card
from bot.chat.texts import Texts
from bot.jobs.runner import JobUpdate


class ProgressView:
    """Shows one job after another. A context manager."""

    def __init__(self, console: Console, texts: Texts) -> None:
        self._console = console
        self._texts = texts
        self._said = ""
        self._live = (
            Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.fields[note]}", markup=False),
                TimeElapsedColumn(),
                console=console,
            )
            if console.is_terminal
            else None
        )
        self._task = self._live.add_task("", total=None, note="") if self._live else None

    def __enter__(self) -> Self:
        """Start drawing."""
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the last state on the screen."""
        if self._live:
            self._live.stop()

    def show(self, update: JobUpdate) -> None:
        """Draw the newest state."""
        self._draw(card(update, self._texts, actions=()))

    def done(self) -> None:
        """Draw the end of a job whose pictures are here."""
        self._draw(StatusCard("", Tone.DONE, self._texts.say("card-done"), final=True))

    def _draw(self, shown: StatusCard) -> None:
        if self._live is not None and self._task is not None:
            self._live.update(
                self._task,
                description=shown.title,
                total=None if shown.progress is None and not shown.final else 1.0,
                completed=1.0 if shown.final else shown.progress or 0.0,
                note=_note(shown),
            )
        elif shown.title != self._said:
            self._said = shown.title
            self._console.print(shown.title, soft_wrap=True)


def _note(shown: StatusCard) -> str:
    return shown.lines[0] if shown.lines and not shown.final else ""
