"""How long the socket rests between attempts."""

from __future__ import annotations

from random import Random

import pytest

from bot.comfyui.socket import pause


@pytest.mark.parametrize(("failures", "longest"), [(0, 0.25), (1, 0.5), (3, 2), (6, 15), (10_000, 15)])
def test_pauses_double_up_to_a_cap_and_are_spread(failures, longest):
    pauses = {pause(failures, Random(seed)) for seed in range(100)}
    assert len(pauses) > 50
    assert longest / 2 <= min(pauses) <= max(pauses) <= longest
