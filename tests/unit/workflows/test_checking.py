from __future__ import annotations

import copy
import json

import pytest

from bot.workflows.assembly import assemble
from bot.workflows.checking import check
from bot.workflows.findings import (
    MissingChoice,
    MissingInput,
    MissingNode,
    NotAnOutput,
    OutOfBounds,
    WrongInput,
)
from bot.workflows.graph import Graph
from bot.workflows.manifest import parse_manifest


@pytest.fixture
def findings(shipped, object_info):
    """What the server of `object_info` says to the shipped sdxl-img2img, after changes to either."""

    def run(nodes=(), classes=()):
        graph = shipped.get("sdxl-img2img").graph.api()
        for node, changes in dict(nodes).items():
            graph[node]["inputs"].update(changes)
        info = copy.deepcopy(object_info)
        for name, spec in dict(classes).items():
            if spec is None:
                del info[name]
            else:
                info[name].update(spec)
        return check(assemble("fox", Graph.parse(json.dumps(graph))), info)

    return run


def test_a_server_that_has_everything_is_fine(findings):
    assert findings() == ()


def test_a_missing_node_is_named_with_the_nearest(findings):
    assert findings(classes={"VAEDecode": None}) == (MissingNode("8", "VAE Decode", "VAEDecode", "VAEEncode"),)
    (missing,) = findings(classes={"KSampler": None, "KSamplerSelect": None})
    assert missing.nearest is None


@pytest.mark.parametrize(
    "odd",
    [
        {"input": None},
        {"input": {"required": {"samples": []}}},
        {"input": {"required": {"samples": None}}},
        {"input": {"required": ["samples"]}},
        {"output": 7, "output_node": None},
    ],
)
def test_a_node_that_describes_itself_oddly_is_left_to_the_server(findings, odd):
    assert findings(classes={"VAEDecode": odd}) == ()
    assert findings(classes={"VAEDecode": odd}, nodes={"4": {"ckpt_name": "gone"}})


@pytest.mark.parametrize("odd", [["INT", {"min": "0"}], ["COMBO", {"options": None}], [], None])
def test_a_value_that_is_described_oddly_is_left_to_the_server(findings, odd):
    assert findings(classes={"KSampler": {"input": {"required": {"steps": odd}}}}) == ()


def test_a_missing_model_is_named_with_the_nearest(findings):
    assert findings(nodes={"4": {"ckpt_name": "another.safetensor"}}) == (
        MissingChoice("4", "Load Checkpoint", "ckpt_name", "another.safetensor", "another.safetensors"),
    )


@pytest.mark.parametrize(
    ("wanted", "there", "nearest"),
    [
        (
            "flux\\flux1-dev.safetensors",
            ["flux/flux1-dev.safetensors", "sdxl.safetensors"],
            "flux/flux1-dev.safetensors",
        ),
        ("FLUX1-Dev.safetensors", ["flux1-dev.safetensors"], "flux1-dev.safetensors"),
        ("flux1-dev-Q8_0.gguf", ["flux1-dev-Q4_K_S.gguf", "clip_l.gguf"], "flux1-dev-Q4_K_S.gguf"),
        ("flux1-dev-Q8_0.gguf", ["ae.safetensors"], None),
        ("flux1-dev-Q8_0.gguf", [], None),
    ],
)
def test_the_nearest_model_is_told_by_its_file_name(findings, wanted, there, nearest):
    loader = {"input": {"required": {"ckpt_name": [there]}}}
    (missing,) = findings(nodes={"4": {"ckpt_name": wanted}}, classes={"CheckpointLoaderSimple": loader})
    assert (missing.value, missing.nearest) == (wanted, nearest)


def test_choices_may_come_in_the_newer_form(findings):
    loader = {"input": {"required": {"ckpt_name": ["COMBO", {"options": ["sd_xl_base_1.0.safetensors"]}]}}}
    assert findings(classes={"CheckpointLoaderSimple": loader}) == ()
    assert [type(f) for f in findings({"4": {"ckpt_name": "x"}}, {"CheckpointLoaderSimple": loader})] == [MissingChoice]


def test_numbers_out_of_bounds_are_named(findings):
    assert findings(nodes={"3": {"steps": 0, "denoise": 1.5}}) == (
        OutOfBounds("3", "KSampler", "steps", 0, 1, 10000),
        OutOfBounds("3", "KSampler", "denoise", 1.5, 0.0, 1.0),
    )


def test_the_largest_seed_is_within_bounds(findings):
    assert findings(nodes={"3": {"seed": 2**64 - 1}}) == ()
    assert [type(finding) for finding in findings(nodes={"3": {"seed": 2**64}})] == [OutOfBounds]


def test_a_number_in_quotes_is_one_to_the_server(findings):
    assert findings(nodes={"3": {"steps": "20"}}) == ()
    assert findings(nodes={"3": {"steps": "many"}}) == (WrongInput("3", "KSampler", "steps", "INT", "STRING"),)


def test_an_input_that_the_servers_node_needs_and_nothing_feeds(findings, object_info):
    needs = copy.deepcopy(object_info["VAEDecode"]["input"])
    needs["required"]["tile"] = ["INT", {"min": 1}]
    assert findings(classes={"VAEDecode": {"input": needs}}) == (MissingInput("8", "VAE Decode", "tile"),)
    needs["optional"] = {"tile": needs["required"].pop("tile")}
    assert findings(classes={"VAEDecode": {"input": needs}}) == ()


def test_a_link_to_a_node_that_is_not_there(findings):
    assert findings(nodes={"8": {"vae": ["99", 0]}}) == (MissingInput("8", "VAE Decode", "vae"),)


@pytest.mark.parametrize(
    ("link", "got"), [(["4", 0], "MODEL"), (["4", 7], "nothing"), (["6", 0], "CONDITIONING"), (["4", -1], "nothing")]
)
def test_a_link_of_another_type(findings, link, got):
    assert findings(nodes={"8": {"vae": link}}) == (WrongInput("8", "VAE Decode", "vae", "VAE", got),)


@pytest.mark.parametrize("made", ["VAE,MODEL", "*", "COMFY_MATCHTYPE_V3"])
def test_a_link_that_may_be_of_the_type(findings, made):
    assert findings(classes={"CheckpointLoaderSimple": {"output": ["MODEL", "CLIP", made]}}) == ()


def test_the_picture_somebody_sends_need_not_be_there_yet(findings):
    assert findings(nodes={"10": {"image": "not-uploaded.png"}}) == ()


def test_what_no_output_reaches_matters_only_by_its_class(shipped, object_info):
    graph = shipped.get("sdxl").graph.api()
    graph["20"] = {"inputs": {"steps": 0}, "class_type": "KSampler"}
    graph["21"] = {"inputs": {}, "class_type": "Oddity"}
    findings = check(assemble("fox", Graph.parse(json.dumps(graph))), object_info)
    assert findings == (MissingNode("21", "Oddity", "Oddity", None),)


def test_an_output_that_gives_nothing(shipped, object_info):
    graph = shipped.get("sdxl").graph
    workflow = assemble("fox", graph, parse_manifest('[roles]\noutput = "8"', "fox.toml"))
    assert check(workflow, object_info) == (NotAnOutput("8", "VAE Decode", "VAEDecode"),)
