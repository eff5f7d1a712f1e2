"""Every error of this room has a text in every language, and the text asks for nothing the error does not have."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import pytest

from bot.chat.texts import Texts
from bot.comfyui import errors
from bot.comfyui.errors import ComfyError, RefusedGraph
from bot.comfyui.refusals import KINDS, NodeError

VALUES = {"str": "words", "int": 7, "float": 2.5}
PROBLEM = NodeError(
    "value_not_in_list", "4", "Load", "Loader", "ckpt_name", "x.safetensors", ("y", "z"), 1, 9, "Not in list"
)


def example(kind: type[ComfyError]) -> ComfyError:
    if kind is RefusedGraph:
        return RefusedGraph("gpu", (PROBLEM,))
    return kind(**{field.name: VALUES[str(field.type)] for field in fields(kind)})


ERRORS = [
    example(kind)
    for kind in vars(errors).values()
    if isinstance(kind, type) and is_dataclass(kind) and issubclass(kind, ComfyError)
]
PROBLEMS = [
    NodeError(kind, "4", "Load", "Loader", "ckpt_name", "x.safetensors", allowed, 1, 9, "words")
    for kind in (*KINDS, "of a newer server")
    for allowed in ((), ("y", "z"))
]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(
    "told", [*ERRORS, *PROBLEMS, NodeError("no_prompt", message="words")], ids=lambda told: told.code
)
def test_it_has_a_text(language, told):
    text = Texts(language).explain(told)
    assert text
    assert "none" not in text


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_refusal_tells_each_problem_with_what_is_allowed(language):
    text = Texts(language).explain(RefusedGraph("gpu", (PROBLEM, NodeError("no_prompt", message="No prompt provided"))))
    assert all(word in text for word in ("gpu", "Load", "ckpt_name", "x.safetensors", "y", "z", "No prompt provided"))
