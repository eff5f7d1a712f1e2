"""What comes out of nodes."""

from __future__ import annotations

import pytest

from bot.comfyui.outputs import OutputFile, OutputText, all_outputs, outputs_of


@pytest.mark.parametrize(
    ("output", "found"),
    [
        (
            {"images": [{"filename": "a.png", "subfolder": "x", "type": "temp"}]},
            (OutputFile("9", "a.png", "x", "temp"),),
        ),
        ({"images": [{"filename": "a.png"}], "animated": [True]}, (OutputFile("9", "a.png"),)),
        ({"gifs": [{"filename": "a.mp4", "format": "video/h264"}]}, (OutputFile("9", "a.mp4", media="gifs"),)),
        ({"audio": [{"filename": "a.flac"}]}, (OutputFile("9", "a.flac", media="audio"),)),
        ({"3d": [{"filename": "a.glb"}]}, (OutputFile("9", "a.glb", media="3d"),)),
        ({"text": ["a cat"]}, (OutputText("9", "a cat"),)),
        ({"text": "a cat"}, (OutputText("9", "a cat"),)),
        ({"images": [{"filename": "a.png"}], "a_images": [{"filename": "a.png"}]}, (OutputFile("9", "a.png"),)),
        ({"images": [{"filename": ""}, {"filename": None}, None, 3, "x"], "seed": [7]}, ()),
        ({"images": {"filename": "a.png", "subfolder": None, "type": None}}, (OutputFile("9", "a.png"),)),
        ({}, ()),
    ],
)
def test_a_node_gave(output, found):
    assert outputs_of("9", output) == found


def test_all_nodes_are_looked_at_and_nonsense_is_passed_over():
    assert all_outputs({"1": None, "9": {"images": [{"filename": "a.png"}]}}) == (OutputFile("9", "a.png"),)
