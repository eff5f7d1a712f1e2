"""The stand-in runs what Easel ships, and describes its nodes as the real server does."""

from __future__ import annotations

import io
import json
from pathlib import Path

import aiohttp
import pytest
from PIL import Image, ImageChops, ImageStat

from bot.standin import StandIn
from bot.standin.folders import Folders
from bot.standin.nodes import CATALOGUE
from bot.standin.settings import MODELS

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "workflows").glob("*.json"))
RECORDED = json.loads((ROOT / "tests" / "data" / "object_info.json").read_text(encoding="utf-8"))


def smaller(graph):
    """The same graph with sizes that do not take a test's time."""
    for node in graph.values():
        for name in ("width", "height"):
            if isinstance(node["inputs"].get(name), int):
                node["inputs"][name] = 128
        if "megapixels" in node["inputs"]:
            node["inputs"]["megapixels"] = 0.02
    return graph


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
async def test_every_shipped_workflow_runs(client, path):
    record = await client.run(smaller(json.loads(path.read_text(encoding="utf-8"))))
    assert record["status"]["status_str"] == "success", record["status"]["messages"][-1]


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_node_is_described_as_on_the_real_server(name, tmp_path):
    own, real = CATALOGUE[name].info(Folders(tmp_path, MODELS)), RECORDED[name]
    for group in ("required", "optional"):
        inputs = own["input"].get(group, {})
        for input_name, (kind, *options) in inputs.items():
            real_kind, *real_options = (real["input"].get(group) or real["input"]["required"])[input_name]
            assert isinstance(kind, list) == isinstance(real_kind, list), input_name
            assert isinstance(kind, list) or kind == real_kind, input_name
            bounds = [{key: each.get(key) for key in ("min", "max", "default")} for each in (*options, {})[:1]]
            assert bounds == [
                {key: each.get(key) for key in ("min", "max", "default")} for each in (*real_options, {})[:1]
            ]
    assert (own["output"], own["output_node"]) == (real["output"], real["output_node"])


def test_every_class_gives_a_value_for_each_of_its_outputs_a_name():
    for known in CATALOGUE.values():
        assert known.output_names is None or len(known.output_names) == len(known.outputs), known.name


def opened(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


def difference(first, second):
    return sum(ImageStat.Stat(ImageChops.difference(first, second)).mean) / 3


async def test_the_same_graph_makes_the_same_file_on_any_server(client, graphs, talk):
    (first,) = await client.saved(graphs.diffusion())
    async with StandIn() as other, aiohttp.ClientSession() as session:
        (second,) = await talk(other, session).saved(graphs.diffusion())
    assert first == second


async def test_prompt_seed_and_size_show(client, graphs):
    (reference,) = await client.saved(graphs.diffusion())
    for changes in ({"text": "a red fox in the snow"}, {"seed": 2}):
        (other,) = await client.saved(graphs.diffusion(**changes))
        assert difference(opened(other), opened(reference)) > 1
    (large,) = await client.saved(graphs.diffusion(width=128))
    assert opened(large).size == (128, 64)


async def test_a_second_sampler_over_an_enlarged_latent_keeps_the_first_ones_picture(client, graphs):
    graph = graphs.diffusion()
    graph["40"] = graphs.node(
        "LatentUpscale", samples=["3", 0], upscale_method="nearest-exact", width=128, height=128, crop="disabled"
    )
    graph["41"] = {
        "class_type": "KSampler",
        "inputs": graph["3"]["inputs"] | {"latent_image": ["40", 0], "denoise": 0.3, "seed": 9},
    }
    graph["8"]["inputs"]["samples"] = ["41", 0]
    (fixed,) = await client.saved(graph)
    (plain,) = await client.saved(graphs.diffusion())
    assert opened(fixed).size == (128, 128)
    assert difference(opened(fixed), opened(plain).resize((128, 128))) < 40


async def test_a_lora_shows_a_little(client, graphs):
    graph = graphs.diffusion()
    (plain,) = await client.saved(graph)
    graph["30"] = graphs.node(
        "LoraLoader",
        model=["4", 0],
        clip=["4", 1],
        lora_name="add_detail.safetensors",
        strength_model=1,
        strength_clip=1,
    )
    graph["3"]["inputs"]["model"] = ["30", 0]
    (styled,) = await client.saved(graph)
    assert 0 < difference(opened(styled), opened(plain)) < 20


async def test_an_upscale_model_enlarges_by_the_factor_in_its_name(client, graphs):
    for name, factor in (("4x-UltraSharp.pth", 4), ("2x_NMKD-UpgifLiteV2_210k.pth", 2), ("RealESRGAN_x4plus.pth", 4)):
        (picture,) = await client.saved(
            {
                "1": graphs.node("EmptyImage", width=20, height=10, batch_size=1, color=7),
                "2": graphs.node("UpscaleModelLoader", model_name=name),
                "3": graphs.node("ImageUpscaleWithModel", upscale_model=["2", 0], image=["1", 0]),
                "4": graphs.node("SaveImage", images=["3", 0], filename_prefix="up"),
            }
        )
        assert opened(picture).size == (20 * factor, 10 * factor)


def chain(graphs, *steps):
    """EmptyImage, then each step's node on the one before, then PreviewImage."""
    graph = {"0": graphs.node("EmptyImage", width=96, height=64, batch_size=1, color=0x204060)}
    for index, (name, inputs) in enumerate(steps, start=1):
        links = {key: [str(index - 1), 0] for key in inputs.pop("on", ("image",))}
        graph[str(index)] = graphs.node(name, **inputs, **links)
    graph["end"] = graphs.node("PreviewImage", images=[str(len(steps)), 0])
    return graph


@pytest.mark.parametrize(
    ("steps", "size"),
    [
        ([("ImageScaleBy", {"upscale_method": "bicubic", "scale_by": 0.5})], (48, 32)),
        ([("ImageScale", {"upscale_method": "area", "width": 48, "height": 0, "crop": "disabled"})], (48, 32)),
        ([("ImageScale", {"upscale_method": "area", "width": 32, "height": 32, "crop": "center"})], (32, 32)),
        ([("ImageScaleToMaxDimension", {"upscale_method": "lanczos", "largest_size": 48})], (48, 32)),
        ([("ImageScaleToTotalPixels", {"upscale_method": "lanczos", "megapixels": 0.01})], (125, 84)),
        ([("FluxKontextImageScale", {})], (1248, 832)),
        ([("ImageCrop", {"width": 500, "height": 10, "x": 90, "y": 4})], (6, 10)),
        ([("ImagePadForOutpaint", {"left": 8, "top": 0, "right": 8, "bottom": 16, "feathering": 8})], (112, 80)),
        (
            [
                (
                    "ImageStitch",
                    {
                        "on": ("image1", "image2"),
                        "direction": "right",
                        "match_image_size": True,
                        "spacing_width": 4,
                        "spacing_color": "red",
                    },
                )
            ],
            (196, 64),
        ),
        (
            [
                ("ImageToMask", {"channel": "blue"}),
                ("InvertMask", {"on": ("mask",)}),
                ("GrowMask", {"on": ("mask",), "expand": 2, "tapered_corners": True}),
                ("MaskToImage", {"on": ("mask",)}),
            ],
            (96, 64),
        ),
    ],
    ids=lambda value: value[0][0] if isinstance(value, list) else "",
)
async def test_image_nodes_give_the_size_they_should(client, graphs, steps, size):
    (picture,) = await client.saved(chain(graphs, *steps))
    assert opened(picture).size == size


async def test_an_inpainting_graph_paints_only_inside_the_mask(client, graphs, standin):
    picture = Image.new("RGBA", (64, 64), (10, 200, 30, 255))
    picture.paste((10, 200, 30, 0), (32, 0, 64, 64))  # what is transparent is to be painted
    picture.save(standin.folder("input") / "hole.png")
    graph = graphs.diffusion()
    graph["20"] = graphs.node("LoadImage", image="hole.png")
    graph["21"] = graphs.node("VAEEncodeForInpaint", pixels=["20", 0], vae=["4", 2], mask=["20", 1], grow_mask_by=2)
    graph["3"]["inputs"]["latent_image"] = ["21", 0]
    painted = opened((await client.saved(graph))[0])
    assert painted.getpixel((5, 10)) == (10, 200, 30)
    assert difference(painted.crop((44, 0, 64, 50)), Image.new("RGB", (20, 50), (10, 200, 30))) > 10


async def test_advanced_samplers_hand_over_with_leftover_noise(client, graphs):
    graph = graphs.diffusion()
    links = {key: graph["3"]["inputs"][key] for key in ("model", "positive", "negative")}
    shared = {"steps": 4, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "noise_seed": 1, **links}
    first = {"add_noise": "enable", "start_at_step": 0, "end_at_step": 2, "return_with_leftover_noise": "enable"}
    second = {"add_noise": "disable", "start_at_step": 2, "end_at_step": 10000, "return_with_leftover_noise": "disable"}
    graph["3"] = graphs.node("KSamplerAdvanced", latent_image=["5", 0], **shared, **first)
    (noisy,) = await client.saved(graph)
    graph["33"] = graphs.node("KSamplerAdvanced", latent_image=["3", 0], **shared, **second)
    graph["8"]["inputs"]["samples"] = ["33", 0]
    (clean,) = await client.saved(graph)
    (whole,) = await client.saved(graphs.diffusion())
    assert difference(opened(clean), opened(whole)) < difference(opened(noisy), opened(whole))
