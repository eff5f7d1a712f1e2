"""The other commands at a terminal, and settings."""

from __future__ import annotations

import asyncio
import json
import re
import socket

import aiohttp
import pytest

from tests.postgres import running


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("demo",),
        ("run",),
        ("imagine",),
        ("doctor",),
        ("workflows",),
        ("workflows", "import"),
        ("workflows", "check"),
    ],
)
async def test_every_command_explains_itself(terminal, words):
    ran = await terminal.easel(*words, "--help")

    assert ran.code == 0
    assert "Usage" in ran.out
    assert "!" not in ran.out


async def test_the_demo_draws_a_picture_and_ends(terminal):
    ran = await terminal.easel("demo", "--port", "0")

    results = json.loads((terminal.folder / "out" / "results.json").read_text())
    assert ran.code == 0, ran.err
    assert "step 24 of 24" in ran.out
    assert re.search(r"http://127\.0\.0\.1:\d+/\?token=", ran.out)
    assert str(results["files"][0]["path"]) in ran.out
    assert (terminal.folder / results["files"][0]["path"]).exists()


async def test_a_taken_port_is_no_obstacle_to_the_demo(terminal):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = await terminal.easel("demo", "--port", str(port))

    assert ran.code == 0
    assert f"Port {port} is taken" in ran.out


async def test_run_serves_the_console_until_it_is_told_to_stop(terminal, comfyui, says, ctrl_c):
    (terminal.folder / "config.toml").write_text(
        f'[console]\nport = 0\n[[servers]]\nname = "gpu"\nurl = "{comfyui.url}"\n'
    )
    process = await terminal.start("run")
    address = (await says(process, "http://")).split()[-1]

    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        assert answer.status == 200
        assert "Easel" in await answer.text()
    assert await ctrl_c(process) == 0


async def test_settings_that_cannot_be_used_end_with_2_and_name_file_key_and_remedy(terminal):
    (terminal.folder / "config.toml").write_text('[console]\nprot = 1\n[[servers]]\nname = "gpu"\nurl = "gpu"\n')

    ran = await terminal.easel("run")

    assert ran.code == 2
    assert "config.toml" in ran.err
    assert "console.prot" in ran.err
    assert "console.port" in ran.err
    assert "servers.gpu.url" in ran.err
    assert "Traceback" not in ran.err


async def test_an_address_that_cannot_be_listened_on_is_told(terminal):
    (terminal.folder / "config.toml").write_text('[console]\nhost = "192.0.2.1"\n')  # for documentation, nobody's own

    ran = await terminal.easel("run")
    examined = await terminal.easel("doctor")

    assert ran.code == 2
    assert "cannot listen on 192.0.2.1, port 8080" in ran.err
    assert "Traceback" not in ran.err
    assert "cannot listen on 192.0.2.1" in examined.out


async def test_settings_overlay_each_other_and_the_environment_is_on_top(terminal, comfyui):
    (terminal.folder / "live.toml").write_text('[[servers]]\nname = "gpu"\nurl = "http://127.0.0.1:9"\n')
    (terminal.folder / "test.toml").write_text(f'[[servers]]\nname = "gpu"\nurl = "{comfyui.url}"\n')
    words = ("imagine", "a fox", "--w", "128", "--h", "64", "--steps", "1", "-c", "live.toml", "-c", "test.toml")

    assert (await terminal.easel(*words)).code == 0
    assert (await terminal.easel(*words, EASEL_LIMITS__OPERATOR__MAX_STEPS="1")).code == 0
    assert (await terminal.easel(*words, EASEL_LIMITS__OPERATOR__MAX_BATCH="1")).code == 0
    assert (await terminal.easel(*words, EASEL_LIMITS__OPERATOR__MAX_PIXELS="4096")).code == 2


async def test_a_bad_server_address_on_the_command_line_is_named(terminal):
    ran = await terminal.easel("imagine", "a fox", "--server", "gpu:8188")

    assert ran.code == 2
    assert "--server" in ran.err


async def test_the_shipped_workflows_are_listed_and_shown(terminal):
    listed = await terminal.easel("workflows", "list")
    shown = await terminal.easel("workflows", "show", "flux")

    assert [name in listed.out for name in ("flux", "flux-fp8", "flux-kontext", "sdxl-img2img", "upscale")] == [
        True
    ] * 5
    assert "--w, --width" in shown.out
    assert "46.width" in shown.out
    assert (await terminal.easel("workflows", "show", "fluxx")).code == 2


async def test_an_exported_graph_is_imported_with_a_manifest_to_review(terminal):
    graph = {
        "3": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 20, "cfg": 7.0, "sampler_name": "euler",
              "scheduler": "normal", "denoise": 1.0, "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0],
              "latent_image": ["5", 0]}},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "mine.safetensors"}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512, "batch_size": 1}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a cat", "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "x"}},
    }  # fmt: skip
    (terminal.folder / "mine.json").write_text(json.dumps(graph))

    ran = await terminal.easel("workflows", "import", "mine.json", "--out", "kept")
    again = await terminal.easel("workflows", "import", "mine.json", "--out", "kept")

    assert ran.code == 0
    assert "6.text" in (terminal.folder / "kept" / "mine.toml").read_text()
    assert "stays as it is" in again.out


async def test_a_graph_saved_for_the_editor_is_refused_with_what_to_do(terminal):
    (terminal.folder / "ui.json").write_text(json.dumps({"nodes": [], "links": [], "version": 0.4}))

    ran = await terminal.easel("workflows", "import", "ui.json", "--out", "kept")

    assert ran.code == 2
    assert "Export (API)" in ran.err


async def test_check_says_what_a_server_can_run(terminal, comfyui, unused_tcp_port):
    every = await terminal.easel("workflows", "check", "--server", comfyui.url)
    none = await terminal.easel("workflows", "check", "flux", "--server", f"http://127.0.0.1:{unused_tcp_port}")

    assert every.code == 0, every.out
    assert "can run flux-kontext" in every.out
    assert none.code == 4


async def test_doctor_finds_a_healthy_server_healthy(terminal, comfyui):
    ran = await terminal.easel("doctor", "--server", comfyui.url)

    assert ran.code == 0, ran.out
    assert "ComfyUI 0.28.0" in ran.out
    assert "WebSocket" in ran.out
    assert "Everything is in order." in ran.out


async def test_doctor_names_a_server_that_does_not_answer_and_a_broken_workflow(terminal, unused_tcp_port):
    (terminal.folder / "mine").mkdir()
    (terminal.folder / "mine" / "broken.json").write_text("{")
    (terminal.folder / "config.toml").write_text(
        f'[workflows]\nfolders = ["mine"]\n[[servers]]\nname = "gpu"\nurl = "http://127.0.0.1:{unused_tcp_port}"\n'
    )

    ran = await terminal.easel("doctor")

    assert ran.code == 1
    assert "broken.json" in ran.out
    assert "gpu cannot be reached" in ran.out
    assert "2 things need your attention" in ran.out


@pytest.mark.postgres
async def test_doctor_names_the_database_by_its_host(terminal, comfyui):
    terminal.settings(comfyui.url)
    with running() as postgres:
        ran = await terminal.easel("doctor", EASEL_DATA__DATABASE=(url := postgres.url("postgres")))
    assert f"Jobs are kept in {url.partition('host=')[2]}/postgres; all have ended" in ran.out


async def test_doctor_looks_at_data_rules_and_names(terminal, comfyui):
    terminal.settings(
        comfyui.url,
        more="""
[access]
people = ["telegram:1234"]
[content]
blocked_words = ["rude"]
[limits]
workflows = ["flux", "fluxx"]
server_tags = ["large"]
[pacing.telegram]
overall = { messages = 31, seconds = 1 }
""",
    )
    ran = await terminal.easel("doctor")

    for said in (
        f"Pictures are kept in {terminal.folder / 'data'}; ",
        f"Jobs are kept in {terminal.folder / 'data' / 'easel.sqlite'}; all have ended",
        "[access] lets in: operators 0, people 1, chats 0",
        "[content] blocks: words 1, patterns 0",
        "pacing.telegram.overall is more",
        "limits.workflows names the workflow fluxx",
        "limits.server_tags names the tag large",
        "2 things need your attention",
    ):
        assert said in ran.out
    assert ran.code == 1


async def test_doctor_says_that_nobody_may_use_it_yet_and_that_everybody_may(terminal, comfyui):
    closed = await terminal.easel("doctor", "--server", comfyui.url)
    wide_open = await terminal.easel("doctor", "--server", comfyui.url, EASEL_ACCESS__ANYBODY="true")

    assert "[access] names nobody" in closed.out
    assert "every stranger" in wide_open.out
    assert (closed.code, wide_open.code) == (0, 0)


async def test_a_report_that_is_read_no_further_ends_quietly(terminal, comfyui, says):
    terminal.settings(comfyui.url)
    doctor = await terminal.start("doctor")
    await says(doctor, "Jobs are kept")  # what comes next must be asked of the server first

    terminal.close_output(doctor)

    async with asyncio.timeout(30):
        assert await doctor.stderr.read() == b""
        await doctor.wait()


async def test_doctor_examines_a_house_in_which_easel_is_at_work(terminal, comfyui, says, stops):
    terminal.settings(comfyui.url)
    serving = await terminal.start("run")
    await says(serving, "http://")

    ran = await terminal.easel("doctor")

    assert "An Easel is running on these data" in ran.out
    assert "all have ended" in ran.out
    assert ran.code == 0
    assert await stops(serving) == 0


async def test_doctor_names_data_that_cannot_be_kept(terminal, comfyui):
    (terminal.folder / "data").write_text("no folder")
    terminal.settings(comfyui.url)

    no_folder = await terminal.easel("doctor")
    no_database = await terminal.easel(
        "doctor", EASEL_DATA__FOLDER="kept", EASEL_DATA__DATABASE="postgresql://easel:hunter2@127.0.0.1:9/easel"
    )

    assert (no_folder.code, no_database.code) == (1, 1)
    assert str(terminal.folder / "data") in no_folder.out
    assert "hunter2" not in no_database.out + no_database.err
    assert "Traceback" not in no_folder.err + no_database.err
    assert "One thing needs your attention" in no_database.out
