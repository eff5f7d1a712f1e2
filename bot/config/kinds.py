"""The kinds of values that settings have: types that refuse what cannot be used.

What they refuse with is pydantic's or one of our own types of error; `bot.config.loading` makes a problem of each.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlsplit

import regex  # type: ignore[import-untyped]  # it brings no types
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError


def _no_switch(value: Any) -> Any:
    """Pydantic takes true for 1; a person who writes ``port = true`` means something else."""
    if isinstance(value, bool):
        raise PydanticCustomError("number", "no number")
    return value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number
        usable = False
    # a name and a password in the address would end up in logs; they have keys of their own
    if not usable or parts.query or parts.fragment or "@" in parts.netloc or re.search(r"\s", value):
        raise PydanticCustomError("url", "no address")
    return value


def _database(value: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(value.get_secret_value())
        usable = parts.scheme == "postgresql" and len(parts.path) > 1 and parts.port != 0
    except ValueError:  # a port that is no number
        usable = False
    if not usable:
        raise PydanticCustomError("database", "no address of a database")
    return value


def _proxy(value: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(value.get_secret_value())
        usable = parts.scheme in ("http", "https", "socks5") and parts.hostname and parts.port
    except ValueError:  # a port that is no number
        usable = False
    if not usable or parts.path.strip("/") or parts.query or parts.fragment:
        raise PydanticCustomError("proxy", "no address of a proxy")
    return value


def _bot_token(value: SecretStr) -> SecretStr:
    token = value.get_secret_value().strip()  # it is pasted, and seldom alone
    if not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", token, re.ASCII):
        raise PydanticCustomError("bot-token", "no token")
    return SecretStr(token)


def _webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
        raise PydanticCustomError("webhook-secret", "another shape")
    return value


def _shaped(shape: str, kind: str) -> AfterValidator:
    """Text that has the shape as a whole, else an error of that type."""

    def validated(value: str) -> str:
        if not re.fullmatch(shape, value):
            raise PydanticCustomError(kind, "another shape")
        return value

    return AfterValidator(validated)


def _username(value: str) -> str:
    if ":" in value:  # where the password begins
        raise PydanticCustomError("username", "no user name")
    return value


def _headers(value: dict[str, SecretStr]) -> dict[str, SecretStr]:
    for name, secret in value.items():
        if not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name, re.ASCII):
            raise PydanticCustomError("headers", "no header names")
        if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", secret.get_secret_value()):
            raise PydanticCustomError("headers", "no header values")
    return value


def _pattern(value: str) -> str:
    try:
        fits_all = regex.compile(value, regex.IGNORECASE).search("") is not None
    except (regex.error, OverflowError, RecursionError) as error:
        place, reason = (getattr(error, "pos", None) or 0) + 1, getattr(error, "msg", str(error))
        raise PydanticCustomError("not-a-pattern", "no pattern", {"reason": reason, "place": place}) from None
    if fits_all:
        raise PydanticCustomError("pattern", "found in every text")
    return value


def _some(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if not value:
        raise PydanticCustomError("not-empty", "nothing in it")
    return value


NOT_EMPTY = AfterValidator(_some)

Whole: TypeAlias = Annotated[int, BeforeValidator(_no_switch)]
Amount: TypeAlias = Annotated[Whole, Field(ge=0)]
"""0 stands for no limit."""
Seconds: TypeAlias = Annotated[float, BeforeValidator(_no_switch), Field(gt=0, allow_inf_nan=False)]
SecondsOrNone: TypeAlias = Annotated[float, BeforeValidator(_no_switch), Field(ge=0, allow_inf_nan=False)]
"""0 stands for no limit."""
Share: TypeAlias = Annotated[float, BeforeValidator(_no_switch), Field(ge=0, le=1)]
Weight: TypeAlias = Annotated[float, BeforeValidator(_no_switch), Field(gt=0, allow_inf_nan=False)]
Url: TypeAlias = Annotated[str, AfterValidator(_url)]
Database: TypeAlias = Annotated[SecretStr, AfterValidator(_database)]
Proxy: TypeAlias = Annotated[SecretStr, AfterValidator(_proxy)]
Host: TypeAlias = Annotated[str, _shaped(r"[A-Za-z0-9_.-]+|[0-9A-Fa-f:]+", "host")]
Name: TypeAlias = Annotated[str, _shaped(r"\w[\w .-]{0,63}", "name")]
PersonId: TypeAlias = Annotated[str, _shaped(r"[a-z][a-z0-9]*:[^\s:/]\S{0,199}", "person")]
ChatId: TypeAlias = Annotated[str, _shaped(r"[a-z][a-z0-9]*/[^\s:/]\S{0,199}", "place")]
Username: TypeAlias = Annotated[str, AfterValidator(_username)]
Headers: TypeAlias = Annotated[dict[str, SecretStr], AfterValidator(_headers)]
Token: TypeAlias = Annotated[SecretStr, Field(min_length=16)]
BotToken: TypeAlias = Annotated[SecretStr, AfterValidator(_bot_token)]
"""What BotFather gives: the bot's id, a colon, and the secret."""
WebhookSecret: TypeAlias = Annotated[SecretStr, AfterValidator(_webhook_secret)]
"""Bot API 10.0, setWebhook, `secret_token`."""
Word: TypeAlias = Annotated[str, _shaped(r"(?s).*\S.*", "word")]
Pattern: TypeAlias = Annotated[str, AfterValidator(_pattern)]
