"""Where a command writes."""

from __future__ import annotations

from rich.console import Console


def open_screen(*, stderr: bool = False) -> Console:
    """A console that shows text as it is: what looks like rich's markup or emoji codes may be a prompt or a path."""
    return Console(stderr=stderr, markup=False, highlight=False, emoji=False)
