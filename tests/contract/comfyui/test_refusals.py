"""What `POST /prompt` refuses, with which words, and what it accepts all the same."""

from __future__ import annotations

import uuid

import pytest

TROUBLE = "500 Internal Server Error\n\nServer got itself in trouble"


def changed(graph, node, **inputs):
    """The graph with other inputs of one node; None takes one away."""
    kept = {name: value for name, value in (graph[node]["inputs"] | inputs).items() if value is not Missing}
    return graph | {node: {"class_type": graph[node]["class_type"], "inputs": kept}}


class Missing:
    """An input that is not there."""


@pytest.mark.parametrize(
    ("node", "inputs", "problem"),
    [
        ("2", {"images": Missing}, ("required_input_missing", "images")),
        ("2", {"images": ["1"]}, ("bad_linked_input", "images")),
        ("2", {"images": ["99", 0]}, ("exception_during_validation", "'99'")),
        ("2", {"images": ["1", 3]}, ("exception_during_validation", "tuple index out of range")),
        ("1", {"width": 0}, ("value_smaller_than_min", "width")),
        ("1", {"width": 99999}, ("value_bigger_than_max", "width")),
        (
            "1",
            {"width": "wide"},
            ("invalid_input_type", "width, wide, invalid literal for int() with base 10: 'wide'"),
        ),
    ],
    ids=["missing", "half-a-link", "no-such-node", "no-such-slot", "too-small", "too-big", "no-number"],
)
async def test_a_bad_input_is_named_at_its_node(comfy, graphs, node, inputs, problem):
    reply = await comfy.submit(changed(graphs.plain(), node, **inputs))
    assert reply.status == 400
    answer = reply.json
    assert answer["error"]["type"] == "prompt_outputs_failed_validation"
    assert answer["error"]["message"] == "Prompt outputs failed validation"
    assert list(answer["node_errors"]) == [node]
    blamed = answer["node_errors"][node]
    assert (blamed["dependent_outputs"], blamed["class_type"]) == (["2"], {"1": "EmptyImage", "2": "SaveImage"}[node])
    (error,) = blamed["errors"]
    assert (error["type"], error["details"]) == problem
    told = f"{error['message']}: {error['details']}"
    assert answer["error"]["details"] == (told if node == "2" else "")  # only the outputs' own errors are repeated


async def test_a_bad_link_further_up_is_named_where_it_is(comfy, graphs):
    graph = graphs.plain() | {"1": graphs.node("ImageInvert", image=["99", 0])}
    answer = (await comfy.submit(graph)).json
    (error,) = answer["node_errors"]["1"]["errors"]
    assert (error["type"], error["details"]) == ("exception_during_inner_validation", "'99'")
    assert error["extra_info"]["linked_node"] == ["1", 0]
    assert answer["node_errors"]["1"]["dependent_outputs"] == ["2"]


async def test_a_link_to_the_wrong_type_is_named_with_both_types(comfy, graphs):
    graph = graphs.plain() | {"1": graphs.node("EmptyLatentImage", width=64, height=64, batch_size=1)}
    answer = (await comfy.submit(graph)).json
    (error,) = answer["node_errors"]["2"]["errors"]
    assert error["type"] == "return_type_mismatch"
    assert error["details"] == "images, received_type(LATENT) mismatch input_type(IMAGE)"
    assert error["extra_info"]["linked_node"] == ["1", 0]


async def test_a_model_that_is_not_there_is_told_with_those_that_are(comfy):
    graph = await comfy.diffusion()
    known = graph["4"]["inputs"]["ckpt_name"]
    answer = (await comfy.submit(changed(graph, "4", ckpt_name="nope.safetensors"))).json
    (error,) = answer["node_errors"]["4"]["errors"]
    assert error["type"] == "value_not_in_list"
    assert error["details"].startswith("ckpt_name: 'nope.safetensors' not in [")
    assert known in error["extra_info"]["input_config"][0]
    assert error["extra_info"]["received_value"] == "nope.safetensors"
    assert answer["node_errors"]["4"]["dependent_outputs"] == ["9"]


async def test_a_long_list_of_choices_is_only_counted(comfy):
    answer = (await comfy.submit(changed(await comfy.diffusion(), "3", sampler_name="bogus"))).json
    (error,) = answer["node_errors"]["3"]["errors"]
    assert error["details"].startswith("sampler_name: 'bogus' not in (list of length ")
    assert error["extra_info"]["input_config"] is None


async def test_a_picture_that_is_not_there_is_an_invalid_image_file(comfy, graphs):
    graph = graphs.plain() | {"1": graphs.node("LoadImage", image="nope.png")}
    answer = (await comfy.submit(graph)).json
    (error,) = answer["node_errors"]["1"]["errors"]
    assert (error["type"], error["details"]) == ("custom_validation_failed", "image - Invalid image file: nope.png")


async def test_an_unknown_node_is_told_in_the_words_of_the_version(comfy, graphs):
    graph = graphs.plain() | {"7": graphs.node("NoSuchNode", x=1)}
    reply = await comfy.submit(graph)
    error = reply.json["error"]
    assert (reply.status, reply.json["node_errors"], error["details"]) == (400, {}, "Node ID '#7'")
    if comfy.modern:
        assert error["type"] == "missing_node_type"
        assert error["extra_info"] == {"node_id": "7", "class_type": "NoSuchNode", "node_title": "NoSuchNode"}
    else:
        assert error["type"] == "invalid_prompt"
        assert error["message"] == "Cannot execute because node NoSuchNode does not exist."


async def test_a_node_without_a_class_is_told_in_the_words_of_the_version(comfy):
    error = (await comfy.submit({"1": {"inputs": {}}})).json["error"]
    assert error["type"] == ("missing_node_type" if comfy.modern else "invalid_prompt")
    assert error["details"] == "Node ID '#1'"


@pytest.mark.parametrize("more", [{}, {"partial_execution_targets": ["zz"]}], ids=["none", "none-of-the-targets"])
async def test_a_graph_without_an_output_is_refused(comfy, graphs, more):
    graph = graphs.plain() if more else {"1": graphs.plain()["1"]}
    reply = await comfy.submit(graph, **more)
    assert (reply.status, reply.json["error"]["type"]) == (400, "prompt_no_outputs")


async def test_a_body_without_a_prompt_is_refused(comfy):
    for body in ({"client_id": "x"}, []):
        reply = await comfy.post("/prompt", body)
        assert (reply.status, reply.json["error"]["type"]) == (400, "no_prompt")


@pytest.mark.parametrize("more", [{"number": "x"}, {"number": None}, {"extra_data": None}, {"prompt": None}], ids=str)
async def test_a_body_that_makes_no_sense_is_a_500_in_plain_text(comfy, graphs, more):
    reply = await comfy.post("/prompt", {"prompt": graphs.plain()} | more)
    assert (reply.status, reply.body.decode()) == (500, TROUBLE)
    assert reply.headers["Content-Type"].startswith("text/plain")


async def test_a_body_that_is_no_json_is_a_500(comfy):
    assert (await comfy.ask("POST", "/prompt", data=b"{nope")).status == 500


@pytest.mark.parametrize("prompt_id", ["my-id", str(uuid.uuid4()).upper(), uuid.uuid4().hex])
async def test_an_id_that_is_no_canonical_uuid_is_refused_by_newer_servers_only(comfy, graphs, prompt_id):
    reply = await comfy.submit(graphs.plain(), prompt_id=prompt_id)
    if comfy.modern:
        assert (reply.status, reply.json["error"]["type"]) == (400, "invalid_prompt_id")
    else:
        assert (reply.status, reply.json["prompt_id"]) == (200, prompt_id)


async def test_one_bad_output_of_two_is_dropped_and_the_rest_runs(comfy, graphs):
    graph = graphs.plain() | {"3": graphs.node("SaveImage", images=["9", 0], filename_prefix="contract")}
    async with comfy.ear() as ear:
        reply = await comfy.submit(graph, ear.client_id)
        assert (reply.status, list(reply.json["node_errors"])) == (200, ["3"])
        assert reply.json["node_errors"]["3"]["dependent_outputs"] == ["3"]
        events = await ear.whole(reply.json["prompt_id"])
    assert [event.data["node"] for event in events if event.type == "executed"] == ["2"]
    assert "execution_success" in {event.type for event in events}


async def test_only_the_targets_run(comfy, graphs):
    graph = graphs.plain() | {"3": graphs.node("PreviewImage", images=["1", 0])}
    _, events = await comfy.run(graph, partial_execution_targets=["3"])
    assert [event.data["node"] for event in events if event.type == "executed"] == ["3"]


async def test_numbers_as_text_are_taken_as_numbers(comfy, graphs):
    prompt_id, _ = await comfy.run(changed(graphs.plain(), "1", width="48"))
    picture = (await comfy.record(prompt_id))["outputs"]["2"]["images"][0]
    assert (await comfy.get("/view", **picture)).picture.size == (48, 64)


async def test_an_input_nobody_asked_for_is_ignored(comfy, graphs):
    _, events = await comfy.run(changed(graphs.plain(), "1", extra=1))
    assert "execution_success" in {event.type for event in events}
