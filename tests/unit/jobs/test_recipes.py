from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar.request import Request
from bot.jobs.errors import WrongPictures
from bot.jobs.recipes import as_request, assign_images, make_recipe, with_new_seed
from bot.workflows.errors import UnknownOption
from bot.workflows.graph import Graph
from bot.workflows.options import Kind, Option
from bot.workflows.workflow import Workflow

WORKFLOW = Workflow(
    name="paint",
    title="Paint",
    description="",
    graph=Graph({}),
    options=(
        Option("prompt", Kind.TEXT, ("prompt",), required=True),
        Option("negative", Kind.TEXT, ("no",), default="blurry"),
        Option("width", Kind.INTEGER, ("w",), default=1024),
        Option("seed", Kind.INTEGER, ("seed",)),
        Option("guidance", Kind.NUMBER, ("guidance",), default=3.5),
        Option("tiling", Kind.SWITCH, ("tiling",), default=False),
        Option("image", Kind.IMAGE, (), required=True),
        Option("mask", Kind.IMAGE, ()),
    ),
    targets={},
    outputs=("9",),
)
IMAGE = Option("image", Kind.IMAGE, (), required=True)
WITHOUT_PROMPT = Workflow("upscale", "Upscale", "", Graph({}), (IMAGE,), {}, ())

values = st.fixed_dictionaries(
    {},
    optional={
        "negative": st.text(max_size=5),
        "width": st.sampled_from([512, 1024]),
        "seed": st.integers(0, 2**64 - 1),
        "guidance": st.sampled_from([0.0, 3.5, 7.25]),
        "tiling": st.booleans(),
    },
)


@given(prompt=st.text(min_size=1), values=values, luck=st.integers())
def test_what_a_person_would_type_to_repeat_a_recipe_gives_that_recipe(prompt: str, values, luck: int) -> None:
    recipe = make_recipe(Request("paint", prompt, tuple(values.items())), WORKFLOW, {"image": "sha"}, Random(luck))
    again = make_recipe(as_request(recipe, WORKFLOW), WORKFLOW, {"image": "sha"}, Random(luck + 1))
    assert again == recipe


def test_a_recipe_holds_every_value_and_the_pictures() -> None:
    recipe = make_recipe(Request("paint", "a fox", (("seed", 0),)), WORKFLOW, {"image": "sha"}, Random(7))
    assert dict(recipe.values) == {
        "prompt": "a fox",
        "negative": "blurry",
        "width": 1024,
        "seed": 0,
        "guidance": 3.5,
        "tiling": False,
    }
    assert recipe.images == (("image", "sha"),)


def test_a_request_says_no_more_than_is_needed() -> None:
    recipe = make_recipe(Request("paint", "a fox", (("seed", 0), ("width", 512))), WORKFLOW, {}, Random(7))
    assert as_request(recipe, WORKFLOW) == Request("paint", "a fox", (("width", 512), ("seed", 0)))


def test_without_its_seed_a_request_gets_a_new_one_and_keeps_the_rest() -> None:
    request = with_new_seed(Request("paint", "a fox", (("width", 512), ("seed", 0))))
    assert request == Request("paint", "a fox", (("width", 512),))
    seeds = {make_recipe(request, WORKFLOW, {}, Random(luck)).seed for luck in range(5)}
    assert len(seeds) == 5


def test_a_workflow_without_a_place_for_words_needs_none_and_takes_none() -> None:
    assert make_recipe(Request("upscale", ""), WITHOUT_PROMPT, {}, Random(7)).prompt == ""
    with pytest.raises(UnknownOption):
        make_recipe(Request("upscale", "a fox"), WITHOUT_PROMPT, {}, Random(7))


@pytest.mark.parametrize(
    ("pictures", "places"),
    [(("a",), {"image": "a"}), (("a", "b"), {"image": "a", "mask": "b"})],
)
def test_pictures_take_their_places_in_the_order_they_were_attached(pictures, places) -> None:
    assert assign_images(WORKFLOW, pictures) == places


@pytest.mark.parametrize("pictures", [(), ("a", "b", "c")])
def test_too_few_pictures_and_too_many_are_refused(pictures) -> None:
    with pytest.raises(WrongPictures) as caught:
        assign_images(WORKFLOW, pictures)
    assert caught.value.details == {"workflow": "paint", "given": len(pictures), "taken": 2}
