"""Settings in the words of the rooms that they are for. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import bot
from bot.chat.manners import Manners
from bot.comfyui.server import Server, Timeouts
from bot.config import ServerSettings, Settings
from bot.config.settings import LimitChanges
from bot.images.probe import InputLimits
from bot.jobs.policy.limits import UNLIMITED, Limits, Rank
from bot.workflows.library import Library

SHIPPED_WORKFLOWS = Path(bot.__file__).parent.parent / "workflows"

_LIMITS = {"max_pixels": "pixels", "max_steps": "steps", "max_batch": "batch"}
"""The limits that settings call otherwise."""


def library_of(settings: Settings, extra: Sequence[Path] = ()) -> Library:
    """The shipped workflows, the operator's folders over them, and single files over those."""
    return Library([SHIPPED_WORKFLOWS, *settings.workflows.folders], files=extra)


def server_of(entry: ServerSettings, max_output_bytes: int) -> Server:
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
        max_output_bytes=max_output_bytes,
    )


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


def inputs_of(settings: Settings) -> InputLimits:
    """What pictures are taken in."""
    return InputLimits(max_bytes=settings.pictures.max_input_bytes, max_pixels=settings.pictures.max_input_pixels)


def manners_of(settings: Settings) -> Manners:
    """How a conversation behaves."""
    return Manners(
        language=settings.chat.language,
        embed_recipe=settings.pictures.embed_recipe,
        previews=settings.chat.previews,
        inputs=inputs_of(settings),
    )
