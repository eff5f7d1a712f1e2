"""What is known of one prompt, from its events: a pure reducer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file on the server, as ``/view`` wants it. `media` is the key it stood under (``images``, ``gifs``...)."""

    node: str
    filename: str
    subfolder: str = ""
    type: str = "output"
    media: str = "images"


@dataclass(frozen=True, slots=True)
class OutputFrame:
    """A picture that came over the WebSocket (SaveImageWebsocket); the server keeps no copy."""

    node: str
    format: str
    data: bytes = field(repr=False)


Output: TypeAlias = OutputFile | OutputFrame


@dataclass(frozen=True, slots=True)
class Queued:
    """Waiting. `position` 1 is next to run; `of` counts everybody's waiting prompts. None: not known yet."""

    position: int | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """Being executed: node `index` of `nodes`, `step` of `steps` in it (0 of 0: it reports none).

    `node` is the node's title. `overall` is 0..1 over the whole graph and never falls.
    """

    node: str
    index: int
    nodes: int
    step: int
    steps: int
    overall: float


@dataclass(frozen=True, slots=True)
class Succeeded:
    """Done, with at least one output."""

    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class SucceededWithNothing:
    """Done, and nothing came out. `frames_lost`: the graph sends pictures over the socket, and it was down."""

    frames_lost: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """A node raised. `node` is its title, `reason` the server's own words (one line)."""

    node: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Deleted from the queue, or interrupted."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The server no longer knows the prompt: it was restarted, or its history was cleared."""


Ended: TypeAlias = Succeeded | SucceededWithNothing | Failed | Cancelled | Lost
State: TypeAlias = Queued | Running | Ended


@dataclass(frozen=True, slots=True)
class Update:
    """One thing a watcher is told: the newest state, and the newest preview picture (JPEG or PNG) if there is one."""

    state: State
    preview: bytes | None = field(default=None, repr=False)
