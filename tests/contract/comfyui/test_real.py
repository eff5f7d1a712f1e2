"""Whether the suite also ran against the original."""

from __future__ import annotations

import os

import pytest


@pytest.mark.real
@pytest.mark.skipif(
    "EASEL_REAL_COMFYUI" not in os.environ,
    reason="set EASEL_REAL_COMFYUI to the address of a real ComfyUI to run this suite over it too",
)
async def test_the_real_server_takes_part(comfy):
    if comfy.standin is None:
        assert (await comfy.get("/system_stats")).json["system"]["comfyui_version"] == comfy.version
