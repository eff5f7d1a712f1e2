"""Every setting with its type, bounds and default.

`config.example.toml` says the same to the operator; a test holds the two together. Amounts carry their unit in the
name or the docstring; a file's relative paths are relative to that file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from bot.config.kinds import (
    NOT_EMPTY,
    Amount,
    BotToken,
    ChatId,
    Database,
    Headers,
    Host,
    Name,
    Pattern,
    PersonId,
    Proxy,
    Seconds,
    SecondsOrNone,
    Share,
    Token,
    Url,
    Username,
    WebhookSecret,
    Weight,
    Whole,
    Word,
)


class Section(BaseModel):
    """A table of the file. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSettings(Section):
    """One ComfyUI, a ``[[servers]]`` table. See `bot.comfyui.server.Server`; times are in seconds.

    `max_pending` is how many of our jobs may wait in its queue, 0: any number. Of two servers, one with twice the
    `weight` gets twice the work. `workflows` are the only ones it may run, none named: all.
    """

    name: Name
    url: Url
    verify_tls: bool = True
    username: Username | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    headers: Headers = {}
    header_files: dict[str, Path] = {}
    max_pending: Amount = 0
    weight: Weight = 1.0
    tags: tuple[Word, ...] = ()
    workflows: tuple[Word, ...] = ()
    connect_timeout: Seconds = 10.0
    request_timeout: Seconds = 60.0
    silence_timeout: Seconds = 15.0
    poll_interval: Seconds = 2.0


class PoolSettings(Section):
    """A server that does not answer: after how many seconds its jobs move on, and after how many they are given up."""

    grace: Seconds = 120.0
    patience: Seconds = 3600.0


class DataSettings(Section):
    """What Easel remembers, and where.

    `folder` holds the pictures, and the jobs as well unless `database` is the address of a Postgres. Where nobody
    says it, whoever loads the settings does (`bot.config.load`). 0 days or bytes: nothing is ever deleted.
    """

    folder: Path = Path("data")
    database: Database | None = None
    database_file: Path | None = None
    keep_days: Amount = 90
    keep_bytes: Amount = 20_000_000_000


class AccessSettings(Section):
    """Who may use it. Everybody else is refused, with the id to put here. `anybody` opens it to all."""

    operators: tuple[PersonId, ...] = ()
    people: tuple[PersonId, ...] = ()
    chats: tuple[ChatId, ...] = ()
    anybody: bool = False


class LimitChanges(Section):
    """What one rank may do, as far as that differs from everybody's. See `LimitSettings`."""

    waiting: Amount | None = None
    jobs_per_day: Amount | None = None
    gpu_seconds_per_day: SecondsOrNone | None = None
    cooldown: SecondsOrNone | None = None
    max_pixels: Amount | None = None
    max_steps: Amount | None = None
    max_batch: Amount | None = None
    workflows: tuple[Word, ...] | None = None
    server_tags: tuple[Word, ...] | None = None
    weight: Weight | None = None


class LimitSettings(LimitChanges):
    """How much one person may ask for. 0 or an empty list: no limit. The words are `bot.jobs.policy.limits.Limits`'s.

    `admin` is for administrators of a chat. `operator` differs not from everybody's limits, but from none.
    """

    waiting: Amount = 5
    jobs_per_day: Amount = 0
    gpu_seconds_per_day: SecondsOrNone = 0.0
    cooldown: SecondsOrNone = 0.0
    max_pixels: Amount = 4_194_304
    max_steps: Amount = 100
    max_batch: Amount = 8
    workflows: tuple[Word, ...] = ()
    server_tags: tuple[Word, ...] = ()
    weight: Weight = 1.0
    admin: LimitChanges = LimitChanges()
    operator: LimitChanges = LimitChanges()


class ContentSettings(Section):
    """What nobody may ask for, and what is shown behind a veil. Upper and lower case are the same."""

    blocked_words: tuple[Word, ...] = ()
    blocked_patterns: tuple[Pattern, ...] = ()
    spoiler: bool = False
    spoiler_words: tuple[Word, ...] = ()


class WorkflowSettings(Section):
    """Where workflows are, and which are used where a request names none, the first that the servers can run."""

    folders: tuple[Path, ...] = ()
    default: Annotated[tuple[str, ...], NOT_EMPTY] = ("flux", "flux-fp8", "sdxl")
    default_with_image: tuple[str, ...] = ("flux-img2img", "sdxl-img2img")


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


TELEGRAM_API = "https://api.telegram.org"


class TelegramSettings(Section):
    """The bot on Telegram; there is one if there is a `token`, which no settings file may hold.

    `api_base` is the address of a Bot API server, without ``/botTOKEN``; `file_base` that of its files, likewise, by
    default ``/file`` below the former. `local_files`: the server runs with ``--local`` on this machine.

    With a `webhook_url` Telegram calls that, and a proxy hands it on to `webhook_host` and `webhook_port`. Without a
    `webhook_secret` there is a new one at each start. `keep_status`: a status message stays beside its result.
    """

    token: BotToken | None = None
    token_file: Path | None = None
    api_base: Url = TELEGRAM_API
    file_base: Url | None = None
    local_files: bool = False
    proxy: Proxy | None = None
    webhook_url: Url | None = None
    webhook_host: Host = "127.0.0.1"
    webhook_port: Annotated[Whole, Field(ge=1, le=65535)] = 8090
    webhook_secret: WebhookSecret | None = None
    webhook_secret_file: Path | None = None
    keep_status: bool = False

    @field_validator("webhook_url")
    @classmethod
    def _encrypted(cls, url: str | None, info: ValidationInfo) -> str | None:
        """Only a Bot API server of one's own calls a webhook without TLS."""
        if url and not url.startswith("https://") and info.data.get("api_base", TELEGRAM_API) == TELEGRAM_API:
            raise PydanticCustomError("https", "no https")
        return url


class ChatSettings(Section):
    """How Easel speaks in chats. `language`: where the person's own is not known.

    `previews` are for chats with one person, `group_previews` for all others.
    """

    language: Literal["en", "zh-CN"] = "en"
    previews: bool = True
    group_previews: bool = False


class RateSettings(Section):
    """At most so many messages and edits in any so many seconds."""

    messages: Annotated[Whole, Field(ge=1)]
    seconds: Seconds

    @property
    def per_second(self) -> float:
        """How many that is in one second, in the long run."""
        return self.messages / self.seconds


def _at_most(messages: int, *, in_seconds: float) -> RateSettings:
    return RateSettings(messages=messages, seconds=in_seconds)


class TelegramPacing(Section):
    """Telegram Bot API 10.0: edits count as messages, and a group is held to its own rate besides that of a chat.

    `edit_interval` is seconds between two edits of one status message. `reserve` is the share of each rate that
    status edits leave to all else; answers and first cards leave half of it to results.
    """

    per_chat: RateSettings = _at_most(1, in_seconds=1.0)
    per_group: RateSettings = _at_most(20, in_seconds=60.0)
    overall: RateSettings = _at_most(30, in_seconds=1.0)
    edit_interval: SecondsOrNone = 2.0
    reserve: Share = 0.25


class DiscordPacing(Section):
    """Discord API v10. The words are `TelegramPacing`'s; the rate of a channel is what is seen, not what is told."""

    per_chat: RateSettings = _at_most(5, in_seconds=5.0)
    overall: RateSettings = _at_most(50, in_seconds=1.0)
    edit_interval: SecondsOrNone = 2.5
    reserve: Share = 0.25


class ConsolePacing(Section):
    """Nobody limits us here; more often than 25 times a second an eye sees nothing new."""

    per_chat: RateSettings = _at_most(1, in_seconds=0.04)


class PacingSettings(Section):
    """How often each platform may be spoken to."""

    telegram: TelegramPacing = TelegramPacing()
    discord: DiscordPacing = DiscordPacing()
    console: ConsolePacing = ConsolePacing()


class LogSettings(Section):
    """The log, on the standard error stream."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Settings(Section):
    """Everything. Made by `bot.config.load`; the defaults alone are a working set."""

    servers: Annotated[tuple[ServerSettings, ...], NOT_EMPTY] = (
        ServerSettings(name="local", url="http://127.0.0.1:8188"),
    )
    pool: PoolSettings = PoolSettings()
    data: DataSettings = DataSettings()
    access: AccessSettings = AccessSettings()
    limits: LimitSettings = LimitSettings()
    content: ContentSettings = ContentSettings()
    workflows: WorkflowSettings = WorkflowSettings()
    pictures: PictureSettings = PictureSettings()
    console: ConsoleSettings = ConsoleSettings()
    telegram: TelegramSettings = TelegramSettings()
    chat: ChatSettings = ChatSettings()
    pacing: PacingSettings = PacingSettings()
    log: LogSettings = LogSettings()
