"""A workflow held against a server's ``/object_info``: what the server would refuse, before it is asked.

Follows the server's own validation (ComfyUI 0.3.75, ``execution.validate_prompt``): every node's class must exist;
values and links are checked in what the outputs reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import PureWindowsPath
from typing import Any

from bot.workflows.findings import (
    Finding,
    MissingChoice,
    MissingInput,
    MissingNode,
    NotAnOutput,
    OutOfBounds,
    WrongInput,
)
from bot.workflows.graph import Link, Node, Target
from bot.workflows.nearest import nearest
from bot.workflows.options import Kind
from bot.workflows.workflow import Workflow


def check(workflow: Workflow, object_info: Mapping[str, Any]) -> tuple[Finding, ...]:
    """What that server has not, or would not take. Empty: the workflow can run there.

    Pictures are not looked for, they are uploaded with each request. Where a custom node describes itself in a way
    that nobody understands, nothing more is said of it: the server will refuse what it cannot run.
    """
    return tuple(_findings(workflow, object_info))


def _findings(workflow: Workflow, classes: Mapping[str, Any]) -> Iterator[Finding]:
    graph = workflow.graph
    for node in graph.nodes.values():
        if node.class_type not in classes:
            yield MissingNode(node.id, node.title, node.class_type, nearest(node.class_type, classes))
    for output in workflow.outputs:
        yield from _understood(_output(graph.nodes[output], classes))
    attached = {t for option in workflow.options if option.kind is Kind.IMAGE for t in workflow.targets[option.name]}
    reached = graph.ancestors(workflow.outputs)
    for node in graph.nodes.values():
        if node.id in reached and node.class_type in classes:
            yield from _understood(_inputs(node, workflow, classes, attached))


def _understood(findings: Iterator[Finding]) -> Iterator[Finding]:
    """As far as the server's description of the node makes sense."""
    with suppress(LookupError, TypeError, ValueError, AttributeError):
        yield from findings


def _output(node: Node, classes: Mapping[str, Any]) -> Iterator[Finding]:
    if not classes.get(node.class_type, {}).get("output_node", True):
        yield NotAnOutput(node.id, node.title, node.class_type)


def _inputs(node: Node, workflow: Workflow, classes: Mapping[str, Any], attached: set[Target]) -> Iterator[Finding]:
    groups = classes[node.class_type].get("input", {})
    for group in ("required", "optional"):
        for name, spec in (groups.get(group) or {}).items():
            if name not in node.inputs:
                if group == "required" and not _grows(spec):
                    yield MissingInput(node.id, node.title, name)
                continue
            value = node.inputs[name]
            if isinstance(value, Link):
                yield from _link(node, name, spec, _made(workflow.graph.nodes[value.node], value, classes))
            elif Target(node.id, name) not in attached:
                yield from _literal(node, name, spec, value)


def _grows(spec: Any) -> bool:
    """Inputs of the newer kinds (``COMFY_AUTOGROW_V3``) stand in the graph under names of their own."""
    return isinstance(spec[0], str) and spec[0].startswith("COMFY_")


def _made(source: Node, link: Link, classes: Mapping[str, Any]) -> Any:
    """The type that a link brings; None where the class is unknown or does not say."""
    made = classes.get(source.class_type, {}).get("output")
    if made is None:
        return None
    return made[link.slot] if 0 <= link.slot < len(made) else "nothing"


def _link(node: Node, name: str, spec: Any, made: Any) -> Iterator[Finding]:
    wanted = spec[0]
    if not (isinstance(wanted, str) and isinstance(made, str)) or _grows(spec) or made.startswith("COMFY_"):
        return
    wants, brings = ({part.strip() for part in types.split(",")} for types in (wanted, made))
    if not (wants & brings or "*" in wants | brings):
        yield WrongInput(node.id, node.title, name, wanted, made)


def _literal(node: Node, name: str, spec: Any, value: Any) -> Iterator[Finding]:
    kind = spec[0]
    settings = spec[1] if len(spec) > 1 and isinstance(spec[1], dict) else {}
    if isinstance(value, list):  # the server takes any list for a link, and this one leads nowhere
        yield MissingInput(node.id, node.title, name)
    elif isinstance(kind, list) or kind == "COMBO":
        choices = kind if isinstance(kind, list) else settings.get("options", [])
        free = "remote" in settings or settings.get("multiselect") or isinstance(value, dict)
        if not free and value not in choices:
            yield MissingChoice(node.id, node.title, name, str(value), _most_like(str(value), choices))
    elif kind in ("INT", "FLOAT"):
        low, high = settings.get("min"), settings.get("max")
        number = _as_number(value)
        if number is None:
            yield WrongInput(node.id, node.title, name, kind, "STRING" if isinstance(value, str) else "nothing")
        elif (low is not None and number < low) or (high is not None and number > high):
            yield OutOfBounds(node.id, node.title, name, number, low, high)


def _as_number(value: Any) -> int | float | None:
    """A literal as the server reads it: it turns strings into numbers too."""
    if isinstance(value, int | float):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _most_like(value: str, choices: list[Any]) -> str | None:
    """The choice most like the value, told by the file's name: folders and slashes differ between machines."""
    names = {_file_name(choice): choice for choice in choices if isinstance(choice, str)}
    like = get_close_matches(_file_name(value), names, n=1, cutoff=0.5)
    return names[like[0]] if like else None


def _file_name(path: str) -> str:
    return PureWindowsPath(path).name.casefold()
