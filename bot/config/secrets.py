"""What must not be shown: the secrets of settings, and whatever looks like a bot's token. Pure."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

from bot.config.settings import Settings

HIDDEN = "…"
"""What stands in the place of a secret."""

BOT_TOKEN = r"\d{6,}(?::|%3[Aa])[A-Za-z0-9_-]{30,}"  # noqa: S105 - the shape of one, as Telegram's are
"""A bot's token, also as it stands in an address."""


def without_tokens(text: str) -> str:
    """The text without anything that looks like a bot's token, wherever somebody put it by mistake."""
    return re.sub(BOT_TOKEN, HIDDEN, text)


def secrets_of(settings: Settings) -> Iterator[str]:
    """Every secret, and the parts and forms of it in which it might be written somewhere. Some may be empty."""
    yield from _values(settings)
    for address in (settings.data.database, settings.telegram.proxy):
        if address:
            yield unquote(urlsplit(address.get_secret_value()).password or "")
    if settings.telegram.token:
        yield settings.telegram.token.get_secret_value().partition(":")[2]
    for server in settings.servers:
        if server.password:  # as basic authentication sends it
            yield b64encode(f"{server.username}:{server.password.get_secret_value()}".encode()).decode()
        for header in server.headers.values():  # of "Bearer 12345" the second word
            yield header.get_secret_value().rpartition(" ")[2]


def _values(value: Any) -> Iterator[str]:
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case BaseModel():
            for _, inner in value:
                yield from _values(inner)
        case Mapping():
            for inner in value.values():
                yield from _values(inner)
        case tuple():
            for inner in value:
                yield from _values(inner)
