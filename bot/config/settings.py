"""Every setting with its type, bounds and default.

`config.example.toml` says the same to the operator; a test holds the two together. Amounts carry their unit in the
name or the docstring; a file's relative paths are relative to that file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
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


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+|[0-9A-Fa-f:]+", value):
        raise PydanticCustomError("host", "no host name")
    return value


def _name(value: str) -> str:
    if not re.fullmatch(r"\w[\w .-]{0,63}", value):
        raise PydanticCustomError("name", "no name")
    return value


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


def _some(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if not value:
        raise PydanticCustomError("not-empty", "nothing in it")
    return value


Whole: TypeAlias = Annotated[int, BeforeValidator(_no_switch)]
Seconds: TypeAlias = Annotated[float, BeforeValidator(_no_switch), Field(gt=0, allow_inf_nan=False)]
Url: TypeAlias = Annotated[str, AfterValidator(_url)]
Host: TypeAlias = Annotated[str, AfterValidator(_host)]
Name: TypeAlias = Annotated[str, AfterValidator(_name)]
Username: TypeAlias = Annotated[str, AfterValidator(_username)]
Headers: TypeAlias = Annotated[dict[str, SecretStr], AfterValidator(_headers)]
Token: TypeAlias = Annotated[SecretStr, Field(min_length=16)]


class Section(BaseModel):
    """A table of the file. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSettings(Section):
    """One ComfyUI, a ``[[servers]]`` table. See `bot.comfyui.server.Server`; times are in seconds."""

    name: Name
    url: Url
    verify_tls: bool = True
    username: Username | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    headers: Headers = {}
    header_files: dict[str, Path] = {}
    connect_timeout: Seconds = 10.0
    request_timeout: Seconds = 60.0
    silence_timeout: Seconds = 15.0
    poll_interval: Seconds = 2.0


class WorkflowSettings(Section):
    """Where workflows are, and which are used where a request names none, the first that the servers can run."""

    folders: tuple[Path, ...] = ()
    default: Annotated[tuple[str, ...], AfterValidator(_some)] = ("flux", "flux-fp8", "sdxl")
    default_with_image: tuple[str, ...] = ("flux-img2img", "sdxl-img2img")


class LimitSettings(Section):
    """What one request may ask for. `max_pixels`: width times height of one picture."""

    max_pixels: Annotated[Whole, Field(ge=4096)] = 4_194_304
    max_batch: Annotated[Whole, Field(ge=1)] = 8


class PictureSettings(Section):
    """Pictures in and out. `max_input_pixels` ends where Pillow's own guard against bombs begins to warn."""

    max_input_bytes: Annotated[Whole, Field(ge=1)] = 20_000_000
    max_input_pixels: Annotated[Whole, Field(ge=1, le=89_478_485)] = 40_000_000
    max_output_bytes: Annotated[Whole, Field(ge=1)] = 268_435_456
    embed_recipe: bool = True


class ConsoleSettings(Section):
    """The web console. `port` 0: any that is free. `names`: host names it is reached under besides `host`."""

    host: Host = "127.0.0.1"
    port: Annotated[Whole, Field(ge=0, le=65535)] = 8080
    names: tuple[Host, ...] = ()
    token: Token | None = None
    token_file: Path | None = None


class ChatSettings(Section):
    """How Easel speaks in chats. `language`: where the person's own is not known."""

    language: Literal["en", "zh-CN"] = "en"
    previews: bool = True


class LogSettings(Section):
    """The log, on the standard error stream."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Settings(Section):
    """Everything. Made by `bot.config.load`; the defaults alone are a working set."""

    servers: Annotated[tuple[ServerSettings, ...], AfterValidator(_some)] = (
        ServerSettings(name="local", url="http://127.0.0.1:8188"),
    )
    workflows: WorkflowSettings = WorkflowSettings()
    limits: LimitSettings = LimitSettings()
    pictures: PictureSettings = PictureSettings()
    console: ConsoleSettings = ConsoleSettings()
    chat: ChatSettings = ChatSettings()
    log: LogSettings = LogSettings()
