"""What can go wrong between us and one ComfyUI server. `server` is its name in the settings, never its address."""

from __future__ import annotations

from dataclasses import dataclass

from bot.comfyui.refusals import NodeError
from bot.errors import EaselError


class ComfyError(EaselError):
    """Root of this room's errors."""

    server: str


@dataclass(eq=False)
class ServerUnreachable(ComfyError):
    """No connection could be made, so nothing was sent."""

    server: str
    reason: str


@dataclass(eq=False)
class TlsFailed(ComfyError):
    """The server's certificate was not accepted, or it speaks no TLS. Nothing was sent."""

    server: str
    reason: str


@dataclass(eq=False)
class ConnectionLost(ComfyError):
    """The connection broke after the request was sent, or while the answer came."""

    server: str
    reason: str


@dataclass(eq=False)
class ServerTimeout(ComfyError):
    """No answer within that many seconds."""

    server: str
    seconds: float


@dataclass(eq=False)
class Unauthorised(ComfyError):
    """What stands before the server wants other credentials (HTTP 401 or 403)."""

    server: str
    status: int


@dataclass(eq=False)
class ServerError(ComfyError):
    """Any other HTTP status that is no success. `reason` is the answer's first line."""

    server: str
    status: int
    reason: str


@dataclass(eq=False)
class BadAnswer(ComfyError):
    """The answer is not what ComfyUI answers on that route: the address is another program's, or it is half broken."""

    server: str
    route: str


@dataclass(eq=False)
class RefusedGraph(ComfyError):
    """The server will not run this graph. Each of `problems` has a text of its own."""

    server: str
    problems: tuple[NodeError, ...]


@dataclass(eq=False)
class OutcomeUnknown(ComfyError):
    """The answer to a POST /prompt was lost and the prompt is not to be found; it may still appear.

    Never send the same `prompt_id` again: a repeated one runs twice and can kill the server's worker.
    """

    server: str
    prompt_id: str


@dataclass(eq=False)
class OutputGone(ComfyError):
    """The server has no such file (any more)."""

    server: str
    filename: str


@dataclass(eq=False)
class OutputTooLarge(ComfyError):
    """The file has more bytes than the server's settings allow."""

    server: str
    filename: str
    limit: int


@dataclass(eq=False)
class UploadTooLarge(ComfyError):
    """The server, or what stands before it, takes no file of that many bytes (HTTP 413)."""

    server: str
    size: int
