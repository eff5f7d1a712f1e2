"""What it takes to reach one ComfyUI server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Timeouts:
    """All in seconds."""

    connect: float = 10.0
    request: float = 60.0
    silence: float = 15.0
    """Active jobs and not one event for this long: ask the server's records; twice in a row: a new socket."""
    poll: float = 2.0
    """How often the records are asked while the socket is down."""


@dataclass(frozen=True, slots=True)
class Server:
    """One ComfyUI, as settings name it.

    `url` may hold a path prefix (``https://host/comfyui/``); every route and the WebSocket go below it. A user and
    password in it count as `basic_auth`.
    `verify_tls` false accepts a self-signed certificate. `headers` and `basic_auth` (user, password) go with
    every request, for the proxy before a server that has no authentication of its own.
    """

    name: str
    url: str = field(repr=False)
    verify_tls: bool = True
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    basic_auth: tuple[str, str] | None = field(default=None, repr=False)
    timeouts: Timeouts = field(default_factory=Timeouts)
    max_output_bytes: int = 256 * 1024 * 1024
