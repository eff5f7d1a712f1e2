"""Uploads, downloads, and what the image nodes make of them."""

from __future__ import annotations

import json
import uuid

import aiohttp
import pytest


def form(name, data, **fields):
    """A multipart body with names as they are, as a browser would send them."""
    body = aiohttp.FormData(quote_fields=False)
    body.add_field("image", data, filename=name, content_type="image/png")
    for field, value in fields.items():
        body.add_field(field, value)
    return body


@pytest.fixture
def name():
    return f"{uuid.uuid4().hex}.png"


class TestUploads:
    async def test_the_answer_says_where_it_is(self, comfy, graphs, name):
        reply = await comfy.ask("POST", "/upload/image", data=form(name, graphs.png("red")))
        assert (reply.status, reply.json) == (200, {"name": name, "subfolder": "", "type": "input"})

    async def test_the_same_bytes_keep_their_name_and_others_get_a_number(self, comfy, graphs, name):
        names = []
        for colour in ("red", "red", "blue", "green", "blue"):
            reply = await comfy.ask("POST", "/upload/image", data=form(name, graphs.png(colour)))
            names.append(reply.json["name"])
        first, second = name.replace(".png", " (1).png"), name.replace(".png", " (2).png")
        assert names == [name, name, first, second, first]

    async def test_overwrite_replaces(self, comfy, graphs, name):
        await comfy.ask("POST", "/upload/image", data=form(name, graphs.png("red")))
        reply = await comfy.ask("POST", "/upload/image", data=form(name, graphs.png("blue"), overwrite="true"))
        assert reply.json["name"] == name
        shown = await comfy.get("/view", filename=name, type="input")
        assert shown.picture.getpixel((0, 0)) == (0, 0, 255)

    async def test_subfolder_and_type_are_honoured(self, comfy, graphs, name):
        reply = await comfy.ask(
            "POST", "/upload/image", data=form(name, graphs.png("red"), subfolder="contract/sub", type="temp")
        )
        assert reply.json == {"name": name, "subfolder": "contract/sub", "type": "temp"}
        assert (await comfy.get("/view", filename=name, subfolder="contract/sub", type="temp")).status == 200

    @pytest.mark.parametrize(
        ("filename", "fields", "status"),
        [
            ("../x.png", {}, 400),
            ("a/../../x.png", {}, 400),
            ("x.png", {"subfolder": "../../etc"}, 400),
            ("no-such-folder/x.png", {}, 500),
            (".", {}, 500),
            ("x.png", {"type": "bogus"}, 500),
            ("..\\x.png", {}, 200),
            ("%2e%2e%2fx.png", {}, 200),
        ],
    )
    async def test_a_name_that_leads_elsewhere_is_refused(self, comfy, graphs, filename, fields, status):
        reply = await comfy.ask("POST", "/upload/image", data=form(filename, graphs.png("red"), **fields))
        assert reply.status == status

    async def test_no_picture_at_all_is_400(self, comfy):
        body = aiohttp.FormData()
        body.add_field("x", "1", content_type="text/plain")
        assert (await comfy.ask("POST", "/upload/image", data=body)).status == 400

    async def test_what_is_no_picture_is_kept_and_fails_when_it_is_loaded(self, comfy, graphs, name):
        await comfy.ask("POST", "/upload/image", data=form(name, b"no picture"))
        _, events = await comfy.run(graphs.plain() | {"1": graphs.node("LoadImage", image=name)})
        (error,) = [event.data for event in events if event.type == "execution_error"]
        assert (error["node_type"], error["exception_type"]) == ("LoadImage", "PIL.UnidentifiedImageError")

    async def test_a_mask_is_laid_over_its_original(self, comfy, graphs, name):
        await comfy.ask("POST", "/upload/image", data=form(name, graphs.png("red")))
        mask = graphs.png((0, 0, 0, 100), mode="RGBA")
        original = json.dumps({"filename": name, "type": "input", "subfolder": ""})
        data = form(f"mask_{name}", mask, original_ref=original)
        assert (await comfy.ask("POST", "/upload/mask", data=data)).json["name"] == f"mask_{name}"
        shown = await comfy.get("/view", filename=f"mask_{name}", type="input")
        assert shown.picture.convert("RGBA").getpixel((0, 0)) == (255, 0, 0, 100)


class TestLoadImage:
    @pytest.mark.parametrize(
        ("fields", "value"),
        [({}, "{}"), ({"subfolder": "contract/in"}, "contract/in/{}"), ({"type": "output"}, "{} [output]")],
    )
    async def test_it_finds_uploads_by_subfolder_and_type(self, comfy, graphs, name, fields, value):
        await comfy.ask("POST", "/upload/image", data=form(name, graphs.png((1, 2, 3), (20, 10)), **fields))
        prompt_id, _ = await comfy.run(graphs.plain() | {"1": graphs.node("LoadImage", image=value.format(name))})
        saved = (await comfy.record(prompt_id))["outputs"]["2"]["images"][0]
        picture = (await comfy.get("/view", **saved)).picture
        assert (picture.size, picture.getpixel((0, 0))) == ((20, 10), (1, 2, 3))

    async def test_a_changed_file_under_the_same_name_is_not_cached(self, comfy, graphs, name):
        graph = graphs.plain() | {"1": graphs.node("LoadImage", image=name)}
        for colour, cached in (("red", []), ("red", ["1", "2"]), ("blue", [])):
            await comfy.ask("POST", "/upload/image", data=form(name, graphs.png(colour), overwrite="true"))
            _, events = await comfy.run(graph)
            assert next(event.data["nodes"] for event in events if event.type == "execution_cached") == cached

    async def test_image_nodes_do_what_they_say(self, comfy, graphs, name):
        await comfy.ask("POST", "/upload/image", data=form(name, graphs.png((255, 0, 0))))
        graph = {
            "1": graphs.node("LoadImage", image=name),
            "2": graphs.node("ImageInvert", image=["1", 0]),
            "3": graphs.node(
                "ImageScale", image=["2", 0], upscale_method="lanczos", width=24, height=12, crop="disabled"
            ),
            "4": graphs.node("SaveImage", images=["3", 0], filename_prefix="contract/inverted"),
        }
        prompt_id, _ = await comfy.run(graph)
        saved = (await comfy.record(prompt_id))["outputs"]["4"]["images"][0]
        assert saved["subfolder"] == "contract"
        picture = (await comfy.get("/view", **saved)).picture
        assert (picture.size, picture.getpixel((5, 5))) == ((24, 12), (0, 255, 255))


class TestView:
    @pytest.fixture
    async def saved(self, comfy, graphs):
        prompt_id, _ = await comfy.run(graphs.plain(colour=0x336699))
        return (await comfy.record(prompt_id))["outputs"]["2"]["images"][0]

    async def test_it_gives_the_file_by_name_with_its_type(self, comfy, saved):
        reply = await comfy.get("/view", filename=saved["filename"])  # type is output unless said otherwise
        assert reply.headers["Content-Type"] == "image/png"
        assert reply.headers["Content-Disposition"] == f'filename="{saved["filename"]}"'
        assert (reply.picture.format, reply.picture.getpixel((0, 0))) == ("PNG", (0x33, 0x66, 0x99))

    async def test_a_saved_picture_carries_its_graph(self, comfy, graphs):
        graph = graphs.plain()
        prompt_id, _ = await comfy.run(graph, extra_data={"extra_pnginfo": {"workflow": {"nodes": []}}})
        saved = (await comfy.record(prompt_id))["outputs"]["2"]["images"][0]
        texts = (await comfy.get("/view", **saved)).picture.text
        assert json.loads(texts["prompt"])["1"]["class_type"] == "EmptyImage"
        assert json.loads(texts["workflow"]) == {"nodes": []}

    @pytest.mark.parametrize(
        ("preview", "media", "kind"),
        [("webp;90", "image/webp", "WEBP"), ("jpeg;50", "image/jpeg", "JPEG"), ("bogus", "image/webp", "WEBP")],
    )
    async def test_a_preview_is_another_format(self, comfy, saved, preview, media, kind):
        reply = await comfy.get("/view", **saved, preview=preview)
        assert (reply.headers["Content-Type"], reply.picture.format) == (media, kind)

    async def test_channels_are_picked(self, comfy, saved):
        rgb = (await comfy.get("/view", **saved, channel="rgb")).picture
        alpha = (await comfy.get("/view", **saved, channel="a")).picture
        assert (rgb.mode, "prompt" in rgb.text) == ("RGB", False)
        assert (alpha.mode, alpha.getpixel((0, 0))) == ("RGBA", (0, 0, 0, 255))

    async def test_an_annotated_name_overrules_the_type(self, comfy, graphs, name):
        await comfy.ask("POST", "/upload/image", data=form(name, graphs.png("red")))
        assert (await comfy.get("/view", filename=f"{name} [input]")).status == 200

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ({}, 404),
            ({"filename": "not-there.png"}, 404),
            ({"filename": "not-there.png", "subfolder": "zz"}, 404),
            ({"filename": "../../x.png"}, 400),
            ({"filename": "/etc/passwd"}, 400),
            ({"filename": "x.png", "type": "bogus"}, 400),
            ({"filename": "x.png", "subfolder": "../.."}, 403),
        ],
    )
    async def test_what_is_not_there_is_404_and_what_leads_elsewhere_400_or_403(self, comfy, query, status):
        assert (await comfy.get("/view", **query)).status == status

    async def test_a_preview_node_writes_to_temp(self, comfy, graphs):
        prompt_id, _ = await comfy.run(graphs.plain("PreviewImage"))
        shown = (await comfy.record(prompt_id))["outputs"]["2"]["images"][0]
        assert shown["type"] == "temp"
        assert shown["filename"].startswith("ComfyUI_temp_")
        assert (await comfy.get("/view", **shown)).status == 200


class TestNaming:
    async def test_files_count_on_below_their_prefix(self, comfy, graphs):
        prefix = f"contract/{uuid.uuid4().hex}"
        names = []
        for _ in range(2):
            prompt_id, _ = await comfy.run(graphs.plain(prefix=prefix, batch=2))
            names += [saved["filename"] for saved in (await comfy.record(prompt_id))["outputs"]["2"]["images"]]
        stem = prefix.removeprefix("contract/")
        assert names == [f"{stem}_{number:05}_.png" for number in (1, 2, 3, 4)]

    async def test_size_and_batch_number_are_expanded(self, comfy, graphs):
        stem = uuid.uuid4().hex
        prompt_id, _ = await comfy.run(graphs.plain(prefix=f"{stem}%width%x%height%b%batch_num%", batch=2))
        saved = (await comfy.record(prompt_id))["outputs"]["2"]["images"]
        assert [each["filename"] for each in saved] == [f"{stem}64x64b0_00001_.png", f"{stem}64x64b1_00002_.png"]

    async def test_a_prefix_that_leads_elsewhere_fails_while_running(self, comfy, graphs):
        _, events = await comfy.run(graphs.plain(prefix="../../x"))
        (error,) = [event.data for event in events if event.type == "execution_error"]
        assert "Saving image outside the output folder is not allowed" in error["exception_message"]
