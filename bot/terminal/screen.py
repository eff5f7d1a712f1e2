"""Where a command writes."""

from __future__ import annotations

from typing import NoReturn

from rich.console import Console


class Screen(Console):
    """A console that shows text as it is: what looks like rich's markup or emoji codes may be a prompt or a path."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, highlight=False, emoji=False)

    def on_broken_pipe(self) -> NoReturn:
        """Nobody reads any further. Rich would end the program here and now, whatever else it has to close.

        Raises:
            BrokenPipeError: The one that rich has caught. Where nobody catches it, the program ends without a word.
        """
        raise  # noqa: PLE0704 - rich calls this while it handles that error


def open_screen(*, stderr: bool = False) -> Console:
    """Where people read: stdout, or stderr."""
    return Screen(stderr=stderr)
