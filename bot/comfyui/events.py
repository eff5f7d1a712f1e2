"""What a ComfyUI server says over its WebSocket, decoded. Pure and total: any frame gives an event, none an exception.

A text frame is JSON ``{"type", "data"}``; the events here are its `data`, named as the server names the type. A
binary frame begins with a big-endian u32 that says what follows (ComfyUI 0.3.64 to 0.28.0, recorded):

=  ==========================================================================
1  u32 format (1 JPEG, 2 PNG), picture: a preview without metadata, or a result
   of SaveImageWebsocket
3  u32 length, node id, text: what a node writes under itself
4  u32 length, JSON metadata, picture: a preview, or a result of
   SaveImageWebsocket, once ``supports_preview_metadata`` is negotiated
=  ==========================================================================
"""

from __future__ import annotations

import struct
from typing import Any, TypeAlias

import msgspec

from bot.comfyui.wire import UndecodableError, read

HELLO = '{"type":"feature_flags","data":{"supports_preview_metadata":true}}'
"""Must be the first text message of a client, or the server ignores it."""


class _Data(msgspec.Struct, frozen=True):
    """The `data` of one type of message. Keys that are not listed are ignored."""


class _ExecInfo(_Data, frozen=True):
    queue_remaining: int = 0


class _QueueInfo(_Data, frozen=True):
    exec_info: _ExecInfo = _ExecInfo()


class Status(_Data, frozen=True):
    """The queue changed (sent to every socket). `sid` is only in the greeting of a new connection."""

    status: _QueueInfo = _QueueInfo()
    sid: str | None = None

    @property
    def remaining(self) -> int:
        """Prompts pending and running, everybody's."""
        return self.status.exec_info.queue_remaining


class FeatureFlags(_Data, frozen=True):
    """The server's answer to `HELLO`."""


class ExecutionStart(_Data, frozen=True):
    """The prompt left the queue and is being executed."""

    prompt_id: str


class ExecutionCached(_Data, frozen=True):
    """These nodes will not run: their results are remembered."""

    prompt_id: str
    nodes: tuple[str, ...] = ()


class Executing(_Data, frozen=True):
    """A node begins. `node` None: the prompt is over, however it ended, and its history is there.

    On a new connection it comes without `prompt_id`, for a node that began some time ago.
    """

    node: str | None = None
    display_node: str | None = None
    prompt_id: str | None = None


class Progress(_Data, frozen=True):
    """Step `value` of `max` in one node."""

    value: float
    max: float
    node: str | None = None
    prompt_id: str | None = None


class NodeProgress(_Data, frozen=True):
    """One node in a `ProgressState`: ``running`` or ``finished`` (``pending`` ones are not sent)."""

    value: float = 0
    max: float = 1
    state: str = ""
    display_node_id: str | None = None


class ProgressState(_Data, frozen=True):
    """All nodes of a prompt that have begun."""

    prompt_id: str
    nodes: dict[str, NodeProgress] = {}


class Executed(_Data, frozen=True):
    """An output node has finished, or was cached and repeats what it gave before."""

    prompt_id: str
    node: str
    output: dict[str, Any] | None = None


class ExecutionSuccess(_Data, frozen=True):
    """The prompt is done; its history may take another millisecond."""

    prompt_id: str


class ExecutionError(_Data, frozen=True):
    """A node raised."""

    prompt_id: str
    node_id: str | None = None
    node_type: str | None = None
    exception_message: str = ""
    exception_type: str = ""


class ExecutionInterrupted(_Data, frozen=True):
    """The prompt was stopped."""

    prompt_id: str


class Picture(_Data, frozen=True):
    """A picture without a word on where it belongs: to what is being executed now. `format` is ``jpeg`` or ``png``."""

    format: str
    data: bytes


class NodePicture(_Data, frozen=True):
    """A picture of one node of one prompt: a preview, or the result of a SaveImageWebsocket."""

    prompt_id: str
    node: str
    format: str
    data: bytes


class NodeText(_Data, frozen=True):
    """What a node writes under itself in ComfyUI's page."""

    node: str
    text: str


class Unknown(_Data, frozen=True):
    """A type of message that is none of ours (custom nodes send their own)."""

    type: str


class Malformed(_Data, frozen=True):
    """A frame that cannot be what it says it is."""

    reason: str


Event: TypeAlias = (
    Status
    | FeatureFlags
    | ExecutionStart
    | ExecutionCached
    | Executing
    | Progress
    | ProgressState
    | Executed
    | ExecutionSuccess
    | ExecutionError
    | ExecutionInterrupted
    | Picture
    | NodePicture
    | NodeText
    | Unknown
    | Malformed
)

_DECODERS: dict[str, msgspec.json.Decoder[Event]] = {
    name: msgspec.json.Decoder(data)
    for name, data in {
        "status": Status,
        "feature_flags": FeatureFlags,
        "execution_start": ExecutionStart,
        "execution_cached": ExecutionCached,
        "executing": Executing,
        "progress": Progress,
        "progress_state": ProgressState,
        "executed": Executed,
        "execution_success": ExecutionSuccess,
        "execution_error": ExecutionError,
        "execution_interrupted": ExecutionInterrupted,
    }.items()
}


class _Message(msgspec.Struct):
    type: str
    data: msgspec.Raw = msgspec.Raw(b"{}")


class _Metadata(msgspec.Struct):
    prompt_id: str
    node_id: str
    image_type: str = "image/jpeg"


_MESSAGE = msgspec.json.Decoder(_Message)
_METADATA = msgspec.json.Decoder(_Metadata)
_PICTURE, _TEXT, _PICTURE_WITH_METADATA = 1, 3, 4
_FORMATS = {1: "jpeg", 2: "png"}
_U32 = struct.Struct(">I")


def decode(frame: str | bytes) -> Event:
    """The event in one frame: a text frame as `str`, a binary frame as `bytes`. Never raises."""
    try:
        return _text(frame) if isinstance(frame, str) else _binary(frame)
    except (UndecodableError, UnicodeError, struct.error) as error:
        return Malformed(str(error))


def _text(frame: str) -> Event:
    message = read(frame, _MESSAGE)
    decoder = _DECODERS.get(message.type)
    return Unknown(message.type) if decoder is None else read(message.data, decoder)


def _binary(frame: bytes) -> Event:
    kind, word = _U32.unpack_from(frame)[0], _U32.unpack_from(frame, 4)[0]
    if kind == _PICTURE:
        if word not in _FORMATS:
            return Malformed(f"picture format {word}")
        return Picture(_FORMATS[word], frame[8:])
    if kind not in (_TEXT, _PICTURE_WITH_METADATA):
        return Unknown(f"binary {kind}")
    head, rest = frame[8 : 8 + word], frame[8 + word :]
    if len(head) < word:
        return Malformed(f"{word} bytes announced, {len(head)} there")
    if kind == _TEXT:
        return NodeText(head.decode(), rest.decode("utf-8", "replace"))
    metadata = read(head, _METADATA)
    return NodePicture(metadata.prompt_id, metadata.node_id, metadata.image_type.removeprefix("image/"), rest)
