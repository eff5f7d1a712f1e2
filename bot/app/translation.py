"""Settings in the words of the rooms that they are for. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import bot
from bot.chat.manners import Manners
from bot.chat.schedule import Budgets, Rate
from bot.comfyui.server import Server, Timeouts
from bot.config import ServerSettings, Settings
from bot.config.settings import LimitChanges, RateSettings
from bot.images.probe import InputLimits
from bot.jobs.policy.content import Content
from bot.jobs.policy.limits import UNLIMITED, Limits, Rank
from bot.jobs.policy.rules import Rules
from bot.pool.placement import Terms
from bot.telegram.settings import LineSettings, Webhook
from bot.workflows.library import Library

SHIPPED_WORKFLOWS = Path(bot.__file__).parent.parent / "workflows"

DATABASE_FILE = "easel.sqlite"
AT_HOME = ("console:operator", "terminal:operator")

_LIMITS = {"max_pixels": "pixels", "max_steps": "steps", "max_batch": "batch"}
"""The limits that settings call otherwise."""


def library_of(settings: Settings, extra: Sequence[Path] = ()) -> Library:
    """The shipped workflows, the operator's folders over them, and single files over those."""
    return Library([SHIPPED_WORKFLOWS, *settings.workflows.folders], files=extra, lasts=1.0)


def server_of(entry: ServerSettings, settings: Settings) -> Server:
    """One ``[[servers]]`` entry as the client wants it."""
    password = entry.password.get_secret_value() if entry.password else ""
    return Server(
        name=entry.name,
        url=entry.url,
        verify_tls=entry.verify_tls,
        headers={name: value.get_secret_value() for name, value in entry.headers.items()},
        basic_auth=(entry.username, password) if entry.username else None,
        timeouts=Timeouts(
            connect=entry.connect_timeout,
            request=entry.request_timeout,
            silence=entry.silence_timeout,
            poll=entry.poll_interval,
        ),
        max_output_bytes=settings.pictures.max_output_bytes,
    )


def key_of(server: Server) -> Hashable:
    """Equal for servers that are reached in the same way."""
    values = {field.name: getattr(server, field.name) for field in fields(server)}
    return tuple((values | {"headers": tuple(sorted(server.headers.items()))}).values())


def limits_of(settings: Settings) -> dict[Rank, Limits]:
    """What each rank may do. An admin's limits are everybody's but for what is said of them; an operator has none."""
    everybody = _limits(Limits(), settings.limits)
    return {
        Rank.MEMBER: everybody,
        Rank.ADMIN: _limits(everybody, settings.limits.admin),
        Rank.OPERATOR: _limits(UNLIMITED, settings.limits.operator),
    }


def _limits(base: Limits, changes: LimitChanges) -> Limits:
    said: dict[str, Any] = {
        _LIMITS.get(name, name): frozenset(value) if isinstance(value, tuple) else value
        for name in LimitChanges.model_fields
        if (value := getattr(changes, name)) is not None
    }
    return replace(base, **said)


def rules_of(settings: Settings) -> Rules:
    """Who may do what. Whoever can reach the console or a terminal runs this Easel.

    Raises:
        BadPattern: A blocked word or pattern fits every text.
    """
    access, content = settings.access, settings.content
    return Rules(
        operators=frozenset((*access.operators, *AT_HOME)),
        people=frozenset(access.people),
        chats=frozenset(access.chats),
        limits=limits_of(settings),
        content=Content(
            words=content.blocked_words,
            patterns=content.blocked_patterns,
            spoiler=content.spoiler,
            spoiler_words=content.spoiler_words,
        ),
        anybody=access.anybody,
    )


def terms_of(entry: ServerSettings) -> Terms:
    """What a server may be given."""
    return Terms(
        max_pending=entry.max_pending,
        weight=entry.weight,
        tags=frozenset(entry.tags),
        workflows=frozenset(entry.workflows),
    )


def database_of(settings: Settings) -> str:
    """The URL of the database: that of the settings, else of a SQLite file in the data folder."""
    if settings.data.database:
        return settings.data.database.get_secret_value()
    return f"sqlite:///{settings.data.folder.absolute() / DATABASE_FILE}"


def media_folder_of(settings: Settings) -> Path:
    """Where pictures lie."""
    return settings.data.folder / "pictures"


def budgets_of(settings: Settings, platform: str) -> Budgets:
    """How often a platform, one of those in `PacingSettings`, may be spoken to."""
    said: dict[str, Any] = {
        name: (Rate(value.messages, value.seconds),) if isinstance(value, RateSettings) else value
        for name, value in getattr(settings.pacing, platform)
    }
    if "overall" in said:
        (rate,) = said["overall"]
        said["overall"] = rate.spread
    if platform == "telegram":
        said["is_group"] = _is_telegram_group
    return Budgets(**said)


def _is_telegram_group(chat: str) -> bool:
    """The Bot API's ids of groups and channels are below zero, those of people above."""
    return chat.startswith("-")


def inputs_of(settings: Settings) -> InputLimits:
    """What pictures are taken in."""
    return InputLimits(max_bytes=settings.pictures.max_input_bytes, max_pixels=settings.pictures.max_input_pixels)


def manners_of(settings: Settings) -> Manners:
    """How a conversation behaves."""
    return Manners(
        language=settings.chat.language,
        embed_recipe=settings.pictures.embed_recipe,
        previews=settings.chat.previews,
        group_previews=settings.chat.group_previews,
        inputs=inputs_of(settings),
    )


def line_of(settings: Settings) -> LineSettings | None:
    """The connection to Telegram, if there is to be one."""
    said = settings.telegram
    if said.token is None:
        return None
    secret = said.webhook_secret.get_secret_value() if said.webhook_secret else None
    return LineSettings(
        token=said.token.get_secret_value(),
        api_base=said.api_base.rstrip("/"),
        file_base=(said.file_base or f"{said.api_base.rstrip('/')}/file").rstrip("/"),
        local_files=said.local_files,
        proxy=said.proxy.get_secret_value() if said.proxy else None,
        webhook=Webhook(said.webhook_url, said.webhook_host, said.webhook_port, secret) if said.webhook_url else None,
        keep_status=said.keep_status,
    )
