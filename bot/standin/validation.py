"""What `POST /prompt` accepts: the refusals of the transcript validation, word for word where a client may look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.standin.folders import Folders
from bot.standin.nodes import CATALOGUE, NodeClass
from bot.standin.queue import Graph
from bot.standin.schedule import is_link

_MALFORMED = (KeyError, IndexError, TypeError)
"""What following a link to nowhere raises; ComfyUI puts it into its answer."""

_LISTED = 20
"""A longer list of choices is left out of the refusal."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`outputs` to run; if there is none, the `error` to answer with. Errors of single nodes stand beside either."""

    outputs: tuple[str, ...] = ()
    error: Mapping[str, Any] | None = None
    node_errors: Mapping[str, Any] = field(default_factory=dict)


def problem(kind: str, message: str, details: str = "", **extra_info: Any) -> dict[str, Any]:
    """One error as ComfyUI writes it."""
    return {"type": kind, "message": message, "details": details, "extra_info": extra_info}


def validate(graph: Graph, folders: Folders, *, modern: bool, targets: list[str] | None = None) -> Verdict:
    """Judge a graph and turn its literal values into their types, in place. `targets` narrows the outputs down.

    Raises TypeError or AttributeError for a graph that is no mapping of mappings: ComfyUI's 500.
    """
    outputs: list[str] = []
    for node_id, node in graph.items():
        if "class_type" not in node:
            return Verdict(error=_no_class(node_id, modern=modern))
        class_type = node["class_type"]
        if class_type not in CATALOGUE:
            return Verdict(error=_unknown_class(node_id, node, modern=modern))
        if CATALOGUE[class_type].output_node and (targets is None or node_id in targets):
            outputs.append(node_id)
    if not outputs:
        return Verdict(error=problem("prompt_no_outputs", "Prompt has no outputs"))
    return _Judge(graph, folders).verdict(outputs)


def _no_class(node_id: str, *, modern: bool) -> dict[str, Any]:
    if not modern:
        message = "Cannot execute because a node is missing the class_type property."
        return problem("invalid_prompt", message, f"Node ID '#{node_id}'")
    message = f"Node 'ID #{node_id}' has no class_type. The workflow may be corrupted or a custom node is missing."
    about = {"node_id": node_id, "class_type": None, "node_title": None}
    return problem("missing_node_type", message, f"Node ID '#{node_id}'", **about)


def _unknown_class(node_id: str, node: Mapping[str, Any], *, modern: bool) -> dict[str, Any]:
    class_type = node["class_type"]
    if not modern:
        message = f"Cannot execute because node {class_type} does not exist."
        return problem("invalid_prompt", message, f"Node ID '#{node_id}'")
    title = node.get("_meta", {}).get("title", class_type)
    message = f"Node '{title}' not found. The custom node may not be installed."
    about = {"node_id": node_id, "class_type": class_type, "node_title": title}
    return problem("missing_node_type", message, f"Node ID '#{node_id}'", **about)


class _Judge:
    """Judges nodes from the outputs backwards, each once."""

    def __init__(self, graph: Graph, folders: Folders) -> None:
        self._graph = graph
        self._folders = folders
        self._errors: dict[str, list[dict[str, Any]]] = {}
        self._sound: dict[str, bool] = {}

    def verdict(self, outputs: list[str]) -> Verdict:
        good: list[str] = []
        blamed: dict[str, dict[str, Any]] = {}
        told: list[str] = []
        for output in outputs:
            try:
                sound = self._judge(output)
            except _MALFORMED as raised:
                sound = self._sound[output] = False
                about = {"exception_type": type(raised).__name__, "traceback": []}
                self._errors[output] = [
                    problem("exception_during_validation", "Exception when validating node", str(raised), **about)
                ]
            if sound:
                good.append(output)
                continue
            told += [f"{error['message']}: {error['details']}" for error in self._errors.get(output, ())]
            for node_id, errors in self._errors.items():
                if errors and self._reaches(output, node_id):
                    entry = blamed.setdefault(
                        node_id,
                        {"errors": errors, "dependent_outputs": [], "class_type": self._graph[node_id]["class_type"]},
                    )
                    entry["dependent_outputs"].append(output)
        if good:
            return Verdict(outputs=tuple(good), node_errors=blamed)
        failed = problem("prompt_outputs_failed_validation", "Prompt outputs failed validation", "\n".join(told))
        return Verdict(error=failed, node_errors=blamed)

    def _reaches(self, output: str, node_id: str) -> bool:
        seen, stack = set[str](), [output]
        while stack:
            current = stack.pop()
            if current == node_id:
                return True
            if current not in seen and current in self._graph:
                seen.add(current)
                values = self._graph[current].get("inputs", {}).values()
                stack += [value[0] for value in values if is_link(value)]
        return False

    def _judge(self, node_id: str) -> bool:
        """Whether the node and all that feeds it are sound. Raises what a malformed graph makes it raise."""
        if node_id in self._sound:
            return self._sound[node_id]
        self._sound[node_id] = False  # a cycle is unsound, and nobody's fault in particular (0.3.75)
        node = CATALOGUE[self._graph[node_id]["class_type"]]
        errors = self._errors[node_id] = []
        sound = True
        for name, wanted in node.inputs.items():
            config = wanted.config(self._folders, listed=not node.newer)
            if name not in self._graph[node_id]["inputs"]:
                if not wanted.optional:
                    errors.append(problem("required_input_missing", "Required input is missing", name, input_name=name))
                continue
            value = self._graph[node_id]["inputs"][name]
            if isinstance(value, list):
                sound = self._judge_link(errors, name, config, wanted.type, value) and sound
            else:
                self._judge_value(node_id, errors, name, config, node)
        self._sound[node_id] = sound and not errors
        return self._sound[node_id]

    def _judge_link(
        self, errors: list[dict[str, Any]], name: str, config: list[Any], wanted: str, value: list[Any]
    ) -> bool:
        """Note what is wrong with the link itself; whether the node it comes from is sound."""
        about = {"input_name": name, "input_config": config}
        if len(value) != 2:  # noqa: PLR2004
            message = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            errors.append(problem("bad_linked_input", message, name, **about, received_value=value))
            return True
        received = CATALOGUE[self._graph[value[0]]["class_type"]].outputs[value[1]]
        if wanted not in {received, "*"} and not (wanted == "COMBO" and received == "STRING"):
            details = f"{name}, received_type({received}) mismatch input_type({wanted})"
            message = "Return type mismatch between linked nodes"
            errors.append(
                problem("return_type_mismatch", message, details, **about, received_type=received, linked_node=value)
            )
            return True
        source = value[0]
        try:
            return self._judge(source)
        except _MALFORMED as raised:
            about |= {"exception_message": str(raised), "exception_type": type(raised).__name__, "traceback": []}
            message = "Exception when validating inner node"
            kind = "exception_during_inner_validation"
            self._errors[source] = [problem(kind, message, str(raised), **about, linked_node=value)]
            self._sound[source] = False
            return False

    def _judge_value(
        self, node_id: str, errors: list[dict[str, Any]], name: str, config: list[Any], node: NodeClass
    ) -> None:
        inputs = self._graph[node_id]["inputs"]
        wanted, value = node.inputs[name], inputs[name]
        about = {"input_name": name, "input_config": config, "received_value": value}
        convert = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}.get(wanted.type)
        if convert is not None:
            try:
                value = inputs[name] = convert(value)
            except (TypeError, ValueError, OverflowError) as raised:
                message = f"Failed to convert an input value to a {wanted.type} value"
                details = f"{name}, {value}, {raised}"
                errors.append(problem("invalid_input_type", message, details, **about, exception_message=str(raised)))
                return
        about["received_value"] = value
        low, high = wanted.options.get("min"), wanted.options.get("max")
        if low is not None and value < low:
            errors.append(problem("value_smaller_than_min", f"Value {value} smaller than min of {low}", name, **about))
        elif high is not None and value > high:
            errors.append(problem("value_bigger_than_max", f"Value {value} bigger than max of {high}", name, **about))
        elif name in node.check:
            if (wrong := node.check[name](self._folders, value)) is not None:
                message = "Custom validation failed for node"
                errors.append(problem("custom_validation_failed", message, f"{name} - {wrong}", input_name=name))
        elif wanted.choices is not None and value not in (choices := wanted.choices(self._folders)):
            long = len(choices) > _LISTED
            listed = f"(list of length {len(choices)})" if long else str(choices)
            about["input_config"] = None if long else config
            errors.append(
                problem("value_not_in_list", "Value not in list", f"{name}: {value!r} not in {listed}", **about)
            )
