"""`easel imagine` at a terminal."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from pathlib import Path

import aiohttp
from PIL import Image


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


SMALL = ("--w", "64", "--h", "64", "--steps", "3")


async def test_a_prompt_becomes_a_picture_and_a_results_file(terminal, comfyui):
    ran = await terminal.easel("imagine", "a red fox, snow", *SMALL, "--seed", "0", "--server", comfyui.url)

    results = json.loads((terminal.folder / "out" / "results.json").read_text())
    picture = terminal.folder / results["files"][0]["path"]
    assert ran.code == 0
    assert size(picture) == (64, 64)
    assert picture.name in ran.out
    assert set(results) == {"job", "recipe", "prompt_id", "server", "files", "timings"}
    assert results["recipe"]["workflow"] == "flux"
    assert results["recipe"]["prompt"] == "a red fox, snow"
    assert results["recipe"]["seed"] == 0
    assert results["recipe"]["steps"] == 3
    assert results["files"][0] | {"path": ""} == {
        "path": "",
        "width": 64,
        "height": 64,
        "bytes": picture.stat().st_size,
        "sha256": hashlib.sha256(picture.read_bytes()).hexdigest(),
    }
    assert results["timings"]["total_s"] >= results["timings"]["run_s"] >= 0


async def test_the_file_is_kept_as_the_server_made_it(terminal, comfyui):
    await terminal.easel("imagine", "a fox", *SMALL, "--server", comfyui.url)

    (made,) = comfyui.folder("output").rglob("*.png")
    (kept,) = (terminal.folder / "out").glob("*.png")
    assert kept.read_bytes() == made.read_bytes()


async def test_json_goes_to_stdout_alone_and_progress_to_stderr(terminal, comfyui):
    ran = await terminal.easel("imagine", "a fox", *SMALL, "--json", "--server", comfyui.url, "--out", "elsewhere")

    document = json.loads(ran.out)
    assert document == json.loads((terminal.folder / "elsewhere" / "results.json").read_text())
    assert re.search(r"step \d of 3", ran.err)


async def test_an_output_that_knows_few_characters_loses_none_of_the_results(terminal, comfyui):
    ran = await terminal.easel(
        "imagine", "一只 🦊", *SMALL, "--json", "--server", comfyui.url, PYTHONIOENCODING="ascii"
    )
    plain = await terminal.easel("imagine", "a fox", *SMALL, "--server", comfyui.url, PYTHONIOENCODING="ascii")

    assert json.loads(ran.out)["recipe"]["prompt"] == "一只 🦊"
    assert plain.code == 0, plain.err
    assert "64 ? 64" in plain.out


async def test_steps_are_told_in_order(terminal, comfyui):
    ran = await terminal.easel("imagine", "a fox", *SMALL, "--server", comfyui.url)

    steps = [int(step) for step in re.findall(r"step (\d) of 3", ran.out)]
    assert steps
    assert steps == sorted(set(steps))


async def test_flags_may_be_part_of_the_quoted_text(terminal, comfyui):
    ran = await terminal.easel("imagine", "a fox --w 64 --h 96 --steps 2 --seed 5", "--json", "--server", comfyui.url)

    document = json.loads(ran.out)
    assert document["recipe"]["prompt"] == "a fox"
    assert (document["files"][0]["width"], document["files"][0]["height"]) == (64, 96)


async def test_a_flag_value_with_spaces_stays_one_value(terminal, comfyui):
    ran = await terminal.easel(
        "imagine",
        "a fox",
        "--no",
        "text, blurry water",
        *SMALL,
        "--workflow",
        "sdxl",
        "--json",
        "--server",
        comfyui.url,
    )

    assert json.loads(ran.out)["recipe"]["negative"] == "text, blurry water"


async def test_a_picture_is_redrawn(terminal, comfyui):
    Image.effect_noise((1400, 1000), 80).save(terminal.folder / "photo.png")  # over 1 MB

    ran = await terminal.easel(
        "imagine", "in winter", "--steps", "2", "--image", "photo.png", "--json", "--server", comfyui.url
    )

    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["recipe"]["workflow"] == "flux-img2img"


async def test_a_size_the_model_cannot_take_is_rounded_and_said(terminal, comfyui):
    ran = await terminal.easel("imagine", "a fox --w 70 --h 64 --steps 1", "--server", comfyui.url)

    assert "width: 70 became 72" in ran.out


async def test_an_exported_file_is_a_workflow(terminal, comfyui):
    graph = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 32, "height": 32, "batch_size": 1, "color": 255}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "square"}},
    }
    (terminal.folder / "blue square.json").write_text(json.dumps(graph))

    ran = await terminal.easel("imagine", "--workflow", "blue square.json", "--json", "--server", comfyui.url)

    (picture,) = (terminal.folder / "out").glob("*.png")
    assert ran.code == 0, ran.err
    assert size(picture) == (32, 32)


async def test_previews_are_kept_in_a_folder_of_their_own(terminal, comfyui):
    ran = await terminal.easel("imagine", "a fox", *SMALL, "--previews", "--server", comfyui.url)

    assert ran.code == 0
    previews = list((terminal.folder / "out" / "temp").iterdir())
    assert previews
    assert all(min(size(preview)) > 0 for preview in previews)


async def test_bad_input_ends_with_2_and_one_sentence(terminal, comfyui):
    for words, said in (
        (("a fox", "--widht", "64"), "--width"),
        (("a fox", "--w", "wide"), "--w"),
        (("a fox", "--w", "9999999"), "4096"),
        (("a fox", "--image", "nowhere.png"), "nowhere.png"),
        (("a fox", "--workflow", "fluxx"), "flux"),
    ):
        ran = await terminal.easel("imagine", *words, "--server", comfyui.url)
        assert ran.code == 2, words
        assert said in ran.err
        assert "Traceback" not in ran.err
    assert not (terminal.folder / "out").exists()


async def test_a_workflow_file_that_cannot_be_used_is_told_as_such(terminal, comfyui):
    (terminal.folder / "half.json").write_text("{")
    (terminal.folder / "editor.json").write_text(json.dumps({"nodes": [], "links": [], "version": 0.4}))

    for file, said in (("half.json", "not JSON"), ("editor.json", "Export (API)"), ("none.json", "cannot be read")):
        ran = await terminal.easel("imagine", "a fox", "--workflow", file, "--server", comfyui.url)
        assert ran.code == 2
        assert file in ran.err
        assert said in ran.err


async def test_a_folder_that_takes_no_files_is_named_before_a_server_works_for_it(terminal, comfyui):
    (terminal.folder / "taken").write_text("no folder")

    for command in (("imagine", "a fox", "--server", comfyui.url), ("demo", "--once", "--port", "0")):
        ran = await terminal.easel(*command, "--out", "taken/below")
        assert ran.code == 2
        assert ran.out == ""
        assert "taken/below" in ran.err
        assert "Traceback" not in ran.err


async def test_a_path_is_shown_whole_and_as_it_is(terminal, comfyui):
    folder = "a [bold]long[/bold] :smile: name " + "of a folder " * 6 + "in which pictures lie"

    ran = await terminal.easel("imagine", "a fox", *SMALL, "--server", comfyui.url, "--out", folder, COLUMNS="40")

    (picture,) = (terminal.folder / folder).glob("*.png")
    assert f"{folder}/{picture.name}" in ran.out


async def test_a_refused_graph_ends_with_3_and_names_what_is_missing(terminal, comfyui):
    ran = await terminal.easel("imagine", "a fox", "--model", "nowhere.gguf", "--server", comfyui.url)

    assert ran.code == 3
    assert "nowhere.gguf" in ran.err


async def test_no_server_ends_with_4_and_says_what_to_check(terminal, unused_tcp_port):
    ran = await terminal.easel("imagine", "a fox", "--server", f"http://127.0.0.1:{unused_tcp_port}")

    assert ran.code == 4
    assert "cannot be reached" in ran.err
    assert "Traceback" not in ran.err


async def test_the_operator_has_no_limits_but_those_in_the_settings(terminal, comfyui):
    words = ("imagine", "a fox", "--w", "128", "--h", "64", "--steps", "1", "--server", comfyui.url)

    free = await terminal.easel(*words, EASEL_LIMITS__MAX_PIXELS="4096")
    bound = await terminal.easel(*words, EASEL_LIMITS__OPERATOR__MAX_PIXELS="4096")

    assert free.code == 0, free.err
    assert bound.code == 2
    assert "128 × 64" in bound.err


async def test_a_workflow_that_no_server_can_run_ends_with_3_and_names_what_is_missing(terminal, comfyui):
    graph = {
        "1": {"class_type": "PaintWithLight", "inputs": {"width": 32}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    (terminal.folder / "light.json").write_text(json.dumps(graph))

    ran = await terminal.easel("imagine", "--workflow", "light.json", "--server", comfyui.url)

    assert ran.code == 3
    assert "PaintWithLight" in ran.err


async def test_ctrl_c_cancels_the_job_on_the_server(terminal, slow_comfyui, says, ctrl_c):
    process = await terminal.start(
        "imagine", "a fox", "--w", "64", "--h", "64", "--steps", "50", "--server", slow_comfyui.url
    )
    await says(process, "Drawing")

    code = await ctrl_c(process)

    assert code == 130
    async with asyncio.timeout(30), aiohttp.ClientSession() as session:
        while True:  # a server stops at its next step
            async with session.get(f"{slow_comfyui.url}/api/jobs") as answer:
                (job,) = (await answer.json())["jobs"]
            if job["status"] != "in_progress":
                break
    assert job["status"] == "cancelled"


async def test_it_speaks_chinese_where_the_terminal_does(terminal, comfyui):
    ran = await terminal.easel("imagine", "a fox", *SMALL, "--server", comfyui.url, LC_ALL="zh_CN.UTF-8")

    assert "正在绘制" in ran.out
