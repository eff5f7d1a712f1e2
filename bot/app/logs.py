"""The log: everybody's lines in one format, on stderr, without secrets."""

from __future__ import annotations

import logging
import sys
from types import TracebackType

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.app.redaction import Redactor
from bot.config import Settings

_LEVELS = {
    **dict.fromkeys(("aiosqlite", "alembic", "httpcore", "httpx", "PIL"), logging.WARNING),
    "telegram.request.BaseRequest": logging.CRITICAL,
}
"""From which level on libraries are heard that tell every request, query or block they read, or that write down with
its traceback what they raise besides."""


def set_up_log(settings: Settings, *, quiet: bool = False) -> Redactor:
    """Log lines of Easel and of its libraries to stderr, as text or JSON, from the level of the settings on.

    `quiet`: only errors, unless the settings ask for debug. For commands that themselves say how things stand.

    Returns:
        What keeps secrets out of it. It has to learn those of settings that are read later.
    """
    said = "error" if quiet and settings.log.level != "debug" else settings.log.level
    level = logging.getLevelNamesMapping()[said.upper()]
    redactor = Redactor(settings)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _renderer(settings),
                _redacting(redactor),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(capture=True)
    for name, least in _LEVELS.items():
        logging.getLogger(name).setLevel(max(level, least))
    structlog.configure(
        processors=[*shared, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    sys.excepthook = _log_last_words
    return redactor


def _renderer(settings: Settings) -> Processor:
    if settings.log.format == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def _redacting(redactor: Redactor) -> Processor:
    """The last processor: what it is given is the line as it would be written."""

    def redact(_logger: WrappedLogger, _method: str, line: EventDict) -> str:
        return redactor(str(line))

    return redact


def _log_last_words(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """A `sys.excepthook`: Python's own would print the error with all that it says."""
    structlog.get_logger().critical("ended by a fault of ours", exc_info=(kind, error, traceback))
