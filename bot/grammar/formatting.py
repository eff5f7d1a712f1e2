"""A request, as somebody would type it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.grammar.menu import Own, Vocabulary
from bot.grammar.request import Request
from bot.grammar.tokens import escape, quote
from bot.workflows.options import Option, Value


def format(request: Request, options: Sequence[Option] = ()) -> str:  # noqa: A001 - the counterpart of parse
    """A command that parses to the same request, adjustments aside: those were made already.

    With the workflow's `options` it has their preferred flags, else their names, which `parse` knows as well.
    Texts come back stripped, as `parse` gives them.
    """
    vocabulary = Vocabulary(options)
    words = ["/imagine", escape(request.prompt)] if request.prompt else ["/imagine"]
    words += [f"--{vocabulary.spelling(name)}{_written(value)}" for name, value in request.values]
    words += [f"--{Own.PICK} {request.pick}"] if request.pick else []
    return " ".join([*words, f"--workflow {quote(request.workflow)}"])


def _written(value: Value) -> str:
    """What stands behind a flag's name."""
    match value:
        case bool():
            return "" if value else "=no"
        case float():
            return f" {Decimal(repr(value)):f}"
        case int():
            return f" {value}"
        case str():
            return f" {quote(value)}"
