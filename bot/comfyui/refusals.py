"""Why a ComfyUI server will not run a graph, or a part of it: the body of its refusal, read. Pure.

A refusal is HTTP 400 ``{"error": {type, message, details, extra_info}, "node_errors": {id: {errors, ...}}}``; the
same `node_errors` in an HTTP 200 name outputs that were dropped while the rest runs (ComfyUI 0.3.64 to 0.28.0).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import msgspec

from bot.comfyui.plan import title_of
from bot.comfyui.wire import one_line, read

_NEAREST = 5
KINDS = (
    "missing_node_type",
    "prompt_no_outputs",
    "required_input_missing",
    "value_not_in_list",
    "value_bigger_than_max",
    "value_smaller_than_min",
    "invalid_input_type",
    "return_type_mismatch",
    "custom_validation_failed",
)
"""The kinds of problem that have a text of their own."""


@dataclass(frozen=True, slots=True)
class NodeError:
    """One problem with one node; with no node if the graph as a whole is the problem.

    `kind` is the server's name of it (``value_not_in_list``), `field` the input, `value` what it got. `allowed` holds
    the nearest of the values it would take, where the server lists them (not over 20), `minimum` and `maximum` its
    bounds. `message` is in the server's own words.
    """

    kind: str
    node: str = ""
    title: str = ""
    class_type: str = ""
    field: str = ""
    value: str = ""
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    message: str = ""

    @property
    def code(self) -> str:
        """Fluent message id: ``node-error-`` and the kind; ``node-error-other`` for a kind without a text."""
        return "node-error-" + (self.kind.replace("_", "-") if self.kind in KINDS else "other")

    @property
    def details(self) -> dict[str, object]:
        """The fields by name, as arguments for the text; None where there is nothing to say."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: None if value in ("", ()) else value for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Submitted:
    """An accepted prompt: its `number` in the queue, and what of its graph will not run.

    `dropped` are the problems, `dropped_outputs` the ids of the output nodes that give nothing because of them.
    """

    number: float
    dropped: tuple[NodeError, ...] = ()
    dropped_outputs: frozenset[str] = frozenset()


def read_refusal(body: bytes, graph: Mapping[str, Any]) -> tuple[NodeError, ...]:
    """The problems that the body of an HTTP 400 names; at least one.

    Raises:
        UndecodableError: It is no refusal of ComfyUI's.
    """
    refusal = read(body, _REFUSAL)
    found = refusal.node_errors if isinstance(refusal.node_errors, dict) else {}
    return tuple(_problems(found, graph)) or (_whole(refusal.error, graph),)


def read_acceptance(body: bytes, graph: Mapping[str, Any]) -> Submitted:
    """The body of an HTTP 200 to POST /prompt.

    Raises:
        UndecodableError: It is none.
    """
    accepted = read(body, _ACCEPTANCE)
    outputs = frozenset(output for refused in accepted.node_errors.values() for output in refused.dependent_outputs)
    return Submitted(accepted.number, tuple(_problems(accepted.node_errors, graph)), outputs)


class _Error(msgspec.Struct):
    type: str = ""
    message: str = ""
    details: str = ""
    extra_info: dict[str, Any] = {}


class _Refused(msgspec.Struct):
    errors: list[_Error] = []
    dependent_outputs: list[str] = []
    class_type: str = ""


class _Refusal(msgspec.Struct):
    error: _Error
    node_errors: dict[str, _Refused] | list[Any] = {}


class _Acceptance(msgspec.Struct):
    prompt_id: str
    number: float
    node_errors: dict[str, _Refused] = {}


_REFUSAL = msgspec.json.Decoder(_Refusal)
_ACCEPTANCE = msgspec.json.Decoder(_Acceptance)


def _problems(node_errors: Mapping[str, _Refused], graph: Mapping[str, Any]) -> Iterator[NodeError]:
    for node, refused in node_errors.items():
        for error in refused.errors:
            yield _problem(error, node, graph, refused.class_type)


def _problem(error: _Error, node: str, graph: Mapping[str, Any], class_type: str) -> NodeError:
    field, config = error.extra_info.get("input_name") or "", error.extra_info.get("input_config")
    value = error.extra_info.get("received_value")
    options, bounds = _choices(config)
    details = "" if error.details == field else error.details
    return NodeError(
        kind=error.type,
        node=node,
        title=_title(node, graph) or class_type,
        class_type=class_type,
        field=str(field),
        value="" if value is None else one_line(str(value), 80),
        allowed=_nearest(str(value), options) if error.type == "value_not_in_list" else (),
        minimum=bounds[0],
        maximum=bounds[1],
        message=one_line(": ".join(part for part in (error.message, details) if part)),
    )


def _whole(error: _Error, graph: Mapping[str, Any]) -> NodeError:
    """A refusal without node errors. Older servers call an unknown node class an ``invalid_prompt``."""
    named = error.extra_info.get("node_id") or next(iter(re.findall(r"Node ID '#(.+)'", error.details)), "")
    if not named:
        details = "" if error.details == error.message else error.details
        return NodeError(error.type, message=one_line(": ".join(part for part in (error.message, details) if part)))
    node = graph.get(named)
    class_type = str(node.get("class_type") or "") if isinstance(node, Mapping) else ""
    kind = "missing_node_type" if class_type else "missing_class_type"
    return NodeError(kind, named, _title(named, graph), class_type, message=one_line(error.message))


def _title(node: str, graph: Mapping[str, Any]) -> str:
    found = graph.get(node)
    return title_of(found) if isinstance(found, Mapping) else ""


def _choices(config: Any) -> tuple[list[str], tuple[float | None, float | None]]:
    """The choices and the bounds of an input: ``[["a", "b"], {...}]`` or ``["INT", {"min": 1, "max": 2}]``."""
    match config:
        case [list(options), *_] | [str(), {"options": list(options)}, *_]:
            return [str(option) for option in options], (None, None)
        case [str(), dict(said), *_]:
            return [], (_number(said.get("min")), _number(said.get("max")))
        case _:
            return [], (None, None)


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _nearest(value: str, options: list[str]) -> tuple[str, ...]:
    if len(options) <= _NEAREST:
        return tuple(options)
    return tuple(difflib.get_close_matches(value, options, n=_NEAREST, cutoff=0.0))
