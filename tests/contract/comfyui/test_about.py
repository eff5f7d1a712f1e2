"""What the server says of itself, and who may ask."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest


async def test_system_stats_name_version_and_devices(comfy):
    stats = (await comfy.get("/system_stats")).json
    assert stats["system"]["comfyui_version"] == comfy.version
    assert {"ram_total", "ram_free", "python_version", "argv"} <= set(stats["system"])
    assert {"name", "type", "index", "vram_total", "vram_free"} <= set(stats["devices"][0])


@pytest.mark.parametrize(
    "path", ["/prompt", "/queue", "/history", "/features", "/models", "/system_stats", "/object_info/SaveImage"]
)
async def test_every_route_is_also_under_api(comfy, path):
    plain, below = await comfy.get(path), await comfy.get(f"/api{path}")
    assert (plain.status, below.status) == (200, 200)
    assert type(plain.json) is type(below.json)


async def test_object_info_describes_one_class_or_all(comfy):
    one = (await comfy.get("/object_info/KSampler")).json
    assert list(one) == ["KSampler"]
    inputs = one["KSampler"]["input"]["required"]
    kind, options = inputs["seed"]
    assert (kind, options["min"], options["max"]) == ("INT", 0, 2**64 - 1)
    assert "dpmpp_3m_sde" in inputs["sampler_name"][0]
    assert "karras" in inputs["scheduler"][0]
    assert one["KSampler"]["input_order"]["required"] == list(inputs)
    assert (one["KSampler"]["output"], one["KSampler"]["output_node"]) == (["LATENT"], False)
    assert set(one) <= set((await comfy.get("/object_info")).json)


async def test_an_unknown_class_is_an_empty_object(comfy):
    reply = await comfy.get("/object_info/Nope")
    assert (reply.status, reply.json) == (200, {})


async def test_models_are_listed_by_folder(comfy):
    folders = (await comfy.get("/models")).json
    assert {"checkpoints", "loras", "vae", "upscale_models"} <= set(folders)
    listed = (await comfy.get("/models/checkpoints")).json
    info = (await comfy.get("/object_info/CheckpointLoaderSimple")).json["CheckpointLoaderSimple"]
    assert sorted(listed) == sorted(info["input"]["required"]["ckpt_name"][0])
    assert (await comfy.get("/models/nope")).status == 404


async def test_an_uploaded_picture_is_offered(comfy):
    info = (await comfy.get("/object_info/LoadImage")).json["LoadImage"]
    choices, options = info["input"]["required"]["image"]
    assert isinstance(choices, list)
    assert options == {"image_upload": True}


async def test_what_is_not_there_is_404_to_get_and_405_to_post(comfy):
    assert (await comfy.get("/nothing/here")).status == 404
    assert (await comfy.post("/nothing/here", {})).status == 405


@pytest.mark.parametrize("path", ["/queue", "/free", "/history"])
async def test_a_post_that_needs_a_body_is_a_500_without_one(comfy, path):
    assert (await comfy.post(path)).status == 500


async def test_a_page_from_elsewhere_may_not_use_a_server_on_loopback(comfy):
    own = f"http://{urlsplit(comfy.url).netloc}"
    for origin, status in ((own, 200), ("http://evil.example", 403), (own.replace("127.0.0.1", "localhost"), 403)):
        reply = await comfy.ask("GET", "/prompt", headers={"Origin": origin})
        assert (origin, reply.status) == (origin, status)
    cross = await comfy.ask("GET", "/prompt", headers={"Sec-Fetch-Site": "cross-site"})
    assert cross.status == (403 if comfy.modern else 200)
