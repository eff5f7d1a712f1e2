"""What the operator says of the connection to Telegram."""

from __future__ import annotations

from dataclasses import dataclass, field

API = "https://api.telegram.org"
"""Telegram's own Bot API server."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Telegram calls us instead of being asked.

    `url` is what Telegram calls, whole, as a proxy with TLS offers it. We listen on `host` and `port` for what that
    proxy passes on, whatever the path. `secret` (1 to 256 of A-Z, a-z, 0-9, _ and -) proves that it is Telegram who
    calls; None: a new one at each start.
    """

    url: str
    host: str
    port: int
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LineSettings:
    """The connection.

    `token` is the bot's, as @BotFather gave it. `api_base` and `file_base` are the addresses before ``/botTOKEN``, for
    a Bot API server of one's own; `local_files`: it runs with ``--local``, here, and hands out paths of files.
    `proxy` is the URL of an HTTP or SOCKS proxy, None: that of the environment, if it names one. `webhook`: None, we
    ask for updates. `keep_status`: a finished job's status message stays, with its last line.
    """

    token: str = field(repr=False)
    api_base: str = API
    file_base: str = f"{API}/file"
    local_files: bool = False
    proxy: str | None = field(default=None, repr=False)
    webhook: Webhook | None = None
    keep_status: bool = False
