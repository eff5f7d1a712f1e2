"""Refusals, read: which node, which field, which value, what is allowed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.comfyui.refusals import NodeError, read_acceptance, read_refusal
from bot.comfyui.wire import UndecodableError

GRAPH = {
    "3": {"class_type": "KSampler", "inputs": {}, "_meta": {"title": "The sampler"}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {}},
    "2": {"class_type": "NoSuchNode", "inputs": {}},
}


def refusal(kind: str, node_errors: Any = None, *, message: str = "", details: str = "", **extra: Any) -> bytes:
    error = {"type": kind, "message": message, "details": details, "extra_info": extra}
    return json.dumps({"error": error, "node_errors": node_errors or {}}).encode()


def at(node: str, kind: str, message: str, details: str, **extra: Any) -> dict[str, Any]:
    error = {"type": kind, "message": message, "details": details, "extra_info": extra}
    return {node: {"errors": [error], "dependent_outputs": ["9"], "class_type": "KSampler"}}


FAILED = "prompt_outputs_failed_validation"


def test_a_value_out_of_bounds_comes_with_the_bounds():
    found = at(
        "3",
        "value_smaller_than_min",
        "Value 0 smaller than min of 1",
        "steps",
        input_name="steps",
        input_config=["INT", {"min": 1, "max": 10000}],
        received_value=0,
    )
    (problem,) = read_refusal(refusal(FAILED, found), GRAPH)
    assert problem == NodeError(
        kind="value_smaller_than_min",
        node="3",
        title="The sampler",
        class_type="KSampler",
        field="steps",
        value="0",
        minimum=1,
        maximum=10000,
        message="Value 0 smaller than min of 1",
    )


@pytest.mark.parametrize(
    "config", [lambda names: [names, {"tooltip": "a model"}], lambda names: ["COMBO", {"options": names}]]
)
def test_a_value_that_is_not_in_a_list_comes_with_the_nearest_that_are(config):
    names = [f"model{number}.safetensors" for number in range(12)] + ["flux1-dev.safetensors"]
    found = at("4", "value_not_in_list", "Value not in list", "", input_name="ckpt_name", received_value="flux-dev.sft")
    found["4"]["errors"][0]["extra_info"]["input_config"] = config(names)
    (problem,) = read_refusal(refusal(FAILED, found), GRAPH)
    assert problem.allowed[0] == "flux1-dev.safetensors"
    assert len(problem.allowed) == 5
    assert (problem.title, problem.node) == ("CheckpointLoaderSimple", "4")
    assert (problem.field, problem.value) == ("ckpt_name", "flux-dev.sft")


def test_a_short_list_is_given_whole_and_in_its_order():
    found = at("3", "value_not_in_list", "", "", input_name="x", received_value="q", input_config=[["b", "a"], {}])
    assert read_refusal(refusal(FAILED, found), GRAPH)[0].allowed == ("b", "a")


def test_a_long_list_that_the_server_leaves_out_is_no_obstacle():
    found = at("3", "value_not_in_list", "", "", input_name="x", received_value="q", input_config=None)
    assert read_refusal(refusal(FAILED, found), GRAPH)[0].allowed == ()


@pytest.mark.parametrize(
    "body",
    [
        refusal("missing_node_type", message="Node 'NoSuchNode' not found.", details="Node ID '#2'", node_id="2"),
        refusal(
            "invalid_prompt", message="Cannot execute because node NoSuchNode does not exist.", details="Node ID '#2'"
        ),
    ],
    ids=["0.28.0", "0.3.75"],
)
def test_an_unknown_node_is_named_by_old_and_new_servers_alike(body):
    (problem,) = read_refusal(body, GRAPH)
    assert (problem.kind, problem.node, problem.class_type) == ("missing_node_type", "2", "NoSuchNode")


def test_a_node_without_a_class_is_another_problem():
    (problem,) = read_refusal(refusal("invalid_prompt", message="No class.", details="Node ID '#7'"), GRAPH)
    assert (problem.kind, problem.node, problem.message) == ("missing_class_type", "7", "No class.")


@pytest.mark.parametrize("node_errors", [{}, []])
def test_a_refusal_of_the_whole_graph_is_a_problem_without_a_node(node_errors):
    (problem,) = read_refusal(refusal("prompt_no_outputs", node_errors, message="Prompt has no outputs"), GRAPH)
    assert (problem.kind, problem.node, problem.message) == ("prompt_no_outputs", "", "Prompt has no outputs")


def test_an_accepted_prompt_says_what_of_it_will_not_run():
    found = at("3", "custom_validation_failed", "Custom validation failed", "image - Invalid image file: x.png")
    submitted = read_acceptance(json.dumps({"prompt_id": "p", "number": 7.5, "node_errors": found}).encode(), GRAPH)
    assert (submitted.number, submitted.dropped_outputs) == (7.5, {"9"})
    assert submitted.dropped[0].message == "Custom validation failed: image - Invalid image file: x.png"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": "Not Found"}', b'{"detail": 1}'])
def test_what_something_else_answers_is_no_refusal(body):
    with pytest.raises(UndecodableError):
        read_refusal(body, GRAPH)
