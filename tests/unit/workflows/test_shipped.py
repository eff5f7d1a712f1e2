"""The graphs that come with Easel."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from bot.workflows.binding import bind, complete
from bot.workflows.checking import check
from bot.workflows.findings import MissingChoice
from bot.workflows.options import Kind, Role

ROOT = Path(__file__).parents[3]
RECORDED = ROOT.parent / "shared" / "comfyui" / "object_info.json"
NAMES = sorted(file.stem for file in (ROOT / "workflows").glob("*.json"))
LOADERS = {"ckpt_name", "unet_name", "clip_name1", "clip_name2", "vae_name", "model_name"}


def test_all_of_them_load(shipped):
    assert shipped.problems() == ()
    assert [workflow.name for workflow in shipped.all()] == NAMES
    assert set(NAMES) >= {"flux", "flux-fp8", "flux-img2img", "flux-kontext", "flux-websocket"}
    assert set(NAMES) >= {"sdxl", "sdxl-img2img", "upscale"}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_about_them_is_in_doubt(shipped, name):
    workflow = shipped.get(name)
    assert workflow.warnings == ()
    assert workflow.description
    assert workflow.in_language("zh-CN").description != workflow.description


@pytest.mark.parametrize("name", NAMES)
def test_a_server_with_their_models_can_run_them(shipped, object_info, name):
    assert check(shipped.get(name), object_info) == ()


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded object_info.json of a whole ComfyUI is not beside us")
@pytest.mark.parametrize("name", NAMES)
def test_a_whole_comfyui_misses_nothing_but_their_models(shipped, name):
    findings = check(shipped.get(name), json.loads(RECORDED.read_text("utf-8")))
    assert all(isinstance(finding, MissingChoice) and finding.input in LOADERS for finding in findings)


@pytest.mark.parametrize("name", NAMES)
def test_they_are_as_comfyui_exports_them(name):
    text = (ROOT / "workflows" / f"{name}.json").read_text("utf-8")
    graph = json.loads(text)
    assert text == json.dumps(graph, indent=2, ensure_ascii=False) + "\n"
    for node in graph.values():
        assert list(node) == ["inputs", "class_type", "_meta"]
        assert list(node["_meta"]) == ["title"]


@pytest.mark.parametrize("name", NAMES)
def test_what_people_set_arrives(shipped, object_info, name):
    workflow = shipped.get(name)
    wanted = {"prompt": 'a "fox"\n🦊', "seed": 0, "width": 1920, "height": 1080, "steps": 7, "batch": 3}
    values = {key: value for key, value in wanted.items() if workflow.option(key)}
    graph = bind(workflow, complete(workflow, values, Random(1)), {option.name: "in.png" for option in workflow.images})
    for key, value in values.items():
        assert [graph.value(target) for target in workflow.targets[key]] == [value]
    assert graph.ancestors(workflow.outputs) == set(graph.nodes)


def places(workflow):
    return {name: " ".join(map(str, targets)) for name, targets in workflow.targets.items()}


def test_flux_is_wired_as_described(shipped):
    found = places(shipped.get("flux"))
    assert (found["prompt"], found["width"], found["height"], found["batch"]) == (
        "47.text",
        "46.width",
        "46.height",
        "46.batch_size",
    )
    assert shipped.get("flux").outputs == ("63",)
    assert "negative" not in found


def test_flux_fp8_is_wired_as_described(shipped):
    found = places(shipped.get("flux-fp8"))
    assert (found["prompt"], found["width"], found["seed"]) == ("6.text", "27.width", "31.seed")
    assert found["guidance"] == "35.guidance"
    assert shipped.get("flux-fp8").outputs == ("9",)


def test_sdxl_samples_as_described(shipped):
    sampler = shipped.get("sdxl").graph.nodes["3"].inputs
    assert (sampler["sampler_name"], sampler["scheduler"]) == ("dpmpp_3m_sde", "karras")
    assert (sampler["steps"], sampler["cfg"]) == (22, 6.2)
    assert shipped.get("sdxl").option("negative").default
    changed = shipped.get("sdxl-img2img")
    assert (changed.option("denoise").default, changed.option("guidance").default) == (0.6, 8.0)
    assert shipped.get("flux-img2img").option("denoise").default == 0.75


def test_those_that_work_on_a_picture_ask_for_one(shipped):
    takers = {workflow.name for workflow in shipped.all() if any(option.required for option in workflow.images)}
    assert takers == {"flux-img2img", "flux-kontext", "sdxl-img2img", "upscale"}


def test_only_the_websocket_one_leaves_nothing_on_the_servers_disk(shipped):
    assert [workflow.name for workflow in shipped.all() if workflow.over_websocket] == ["flux-websocket"]


def test_commands_and_what_an_upscaler_needs(shipped):
    assert {w.command: w.name for w in shipped.all() if w.command} == {"edit": "flux-kontext", "upscale": "upscale"}
    assert shipped.get("upscale").option(Role.PROMPT) is None
    assert [option.kind for option in shipped.get("upscale").options] == [Kind.IMAGE, Kind.CHOICE]
