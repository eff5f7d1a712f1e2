"""Whether the suite also ran against the original."""

from __future__ import annotations

import os

import aiohttp
import pytest

REAL = os.environ.get("EASEL_REAL_COMFYUI")


@pytest.mark.real
@pytest.mark.skipif(
    REAL is None, reason="set EASEL_REAL_COMFYUI to the address of a real ComfyUI to run this suite over it too"
)
async def test_the_real_server_answers():
    async with aiohttp.ClientSession() as session, session.get(f"{REAL}/system_stats") as answer:
        assert (await answer.json())["system"]["comfyui_version"]
