from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workflows.assembly import assemble
from bot.workflows.binding import bind, complete
from bot.workflows.errors import (
    MissingPicture,
    MissingValue,
    UnknownOption,
    ValueNotAChoice,
    ValueOutOfBounds,
    WrongValueKind,
)
from bot.workflows.graph import Graph
from bot.workflows.manifest import parse_manifest
from bot.workflows.options import Kind, Option


@pytest.fixture(scope="session")
def workflow(read, txt2img):
    return assemble("fox", read(txt2img))


@pytest.fixture(scope="session")
def edit(read):
    """Starts from a picture; one prompt for two encoders."""
    return assemble(
        "edit",
        read(
            """
            3 KSampler seed=5 steps=20 cfg=8 denoise=0.5 model=@4 positive=@6 negative=@7 latent_image=@5
            4 CheckpointLoaderSimple ckpt_name=sd15.safetensors
            5 VAEEncode pixels=@10 vae=@4.2
            6 CLIPTextEncodeFlux clip_l=a t5xxl=b guidance=3 clip=@4.1
            7 ConditioningZeroOut conditioning=@6
            8 VAEDecode samples=@3 vae=@4.2
            9 SaveImage images=@8
            10 LoadImage image=example.png
            """
        ),
    )


def inputs(graph: Graph, node: str) -> dict:
    """What ComfyUI would read: over the wire and back."""
    return json.loads(json.dumps(graph.api()))[node]["inputs"]


@given(st.text())
def test_whatever_people_type_arrives_as_they_typed_it(workflow, text):
    graph = bind(workflow, complete(workflow, {"prompt": text, "negative": text}, Random(1)))
    assert inputs(graph, "6") == {"text": text, "clip": ["4", 1]}
    assert inputs(graph, "7") == {"text": text, "clip": ["4", 1]}


@pytest.mark.parametrize(
    "text",
    [
        '"], "class_type": "Evil',
        "{{seed}} %seed% $(rm) \\",
        "a\nb\r\n\tc",
        "🦊 狐狸 \u202e",
        '["4", 0]',
        "{}",
        "\\u0041",
        "",
    ],
)
def test_nothing_in_a_prompt_is_more_than_text(workflow, text):
    graph = bind(workflow, complete(workflow, {"prompt": text}, Random(1)))
    assert inputs(graph, "6")["text"] == text
    assert [node.class_type for node in graph.nodes.values()] == [n.class_type for n in workflow.graph.nodes.values()]


_VALUES = {
    "negative": st.text(),
    "width": st.integers(64, 4096),
    "height": st.integers(64, 4096),
    "seed": st.integers(0, 2**64 - 1),
    "steps": st.integers(1, 150),
    "guidance": st.floats(0, 30),
    "denoise": st.floats(0, 1),
    "batch": st.integers(1, 8),
    "model": st.text(min_size=1),
}


@given(st.fixed_dictionaries({"prompt": st.text()}, optional=_VALUES))
def test_a_value_that_is_bound_can_be_read_where_its_role_is(workflow, values):
    recipe = complete(workflow, values, Random(1))
    graph = bind(workflow, recipe)
    for name, value in recipe.items():
        assert [graph.value(target) for target in workflow.targets[name]] == [value]
    assert values.items() <= recipe.items()


def test_nothing_but_the_roles_is_changed(workflow):
    graph = bind(workflow, complete(workflow, {"prompt": "a cat", "seed": 5}, Random(1))).api()
    expected = workflow.graph.api()
    expected["6"]["inputs"]["text"] = "a cat"
    assert graph == expected


def test_a_recipe_holds_every_value(workflow):
    recipe = complete(workflow, {"prompt": "a cat", "width": 768}, Random(1))
    assert list(recipe) == [option.name for option in workflow.options]
    assert (recipe["width"], recipe["height"], recipe["steps"]) == (768, 512, 20)


def test_seed_zero_is_a_seed(workflow):
    recipe = complete(workflow, {"prompt": "a cat", "seed": 0}, Random(1))
    assert recipe["seed"] == 0
    assert inputs(bind(workflow, recipe), "3")["seed"] == 0


def test_each_recipe_without_a_seed_gets_a_new_one(workflow):
    random = Random(1)
    seeds = {complete(workflow, {"prompt": "a cat"}, random)["seed"] for _ in range(50)}
    assert len(seeds) == 50
    assert all(0 <= seed < 2**53 for seed in seeds)


def test_the_same_recipe_gives_the_same_graph(workflow):
    recipe = complete(workflow, {"prompt": "a cat"}, Random(1))
    assert bind(workflow, recipe).api() == bind(workflow, complete(workflow, recipe, Random(2))).api()


def test_a_graph_is_not_run_with_the_seed_or_the_prompt_it_was_saved_with(workflow):
    recipe = complete(workflow, {"prompt": "a cat"}, Random(1))
    for name in ("seed", "prompt"):
        with pytest.raises(MissingValue) as raised:
            bind(workflow, {key: value for key, value in recipe.items() if key != name})
        assert raised.value.option == name


def test_a_recipe_needs_a_prompt_where_the_workflow_takes_one(workflow):
    with pytest.raises(MissingValue) as raised:
        complete(workflow, {}, Random(1))
    assert raised.value.option == "prompt"


def test_one_value_may_go_to_several_places(edit):
    graph = bind(edit, complete(edit, {"prompt": "a cat"}, Random(1)), {"image": "sub/in (1).png"})
    assert (inputs(graph, "6")["clip_l"], inputs(graph, "6")["t5xxl"]) == ("a cat", "a cat")
    assert inputs(graph, "10")["image"] == "sub/in (1).png"


def test_a_picture_must_come_where_the_workflow_works_on_one(edit):
    with pytest.raises(MissingPicture):
        bind(edit, complete(edit, {"prompt": "a cat"}, Random(1)))


def test_a_picture_is_not_a_value_and_a_value_no_picture(edit):
    with pytest.raises(UnknownOption):
        complete(edit, {"prompt": "a cat", "image": "/etc/passwd"}, Random(1))
    with pytest.raises(UnknownOption):
        bind(edit, complete(edit, {"prompt": "a cat"}, Random(1)), {"image": "a.png", "seed": "1"})


def test_an_unknown_option_is_answered_with_the_nearest(workflow):
    with pytest.raises(UnknownOption) as raised:
        complete(workflow, {"prompt": "a cat", "widht": 512}, Random(1))
    assert (raised.value.option, raised.value.nearest) == ("widht", "width")


def test_a_computed_input_stays_computed_until_somebody_sets_it(read, txt2img):
    graph = read(txt2img.replace("steps=20", "steps=@20") + "20 Oracle a=1 b=2")
    workflow = assemble("fox", graph, parse_manifest('[roles]\nsteps = "3.steps"', "fox.toml"))
    recipe = complete(workflow, {"prompt": "a cat"}, Random(1))
    assert "steps" not in recipe
    assert inputs(bind(workflow, recipe), "3")["steps"] == ["20", 0]
    assert inputs(bind(workflow, {**recipe, "steps": 9}), "3")["steps"] == 9


WHOLE = Option("n", Kind.INTEGER, ("n",), minimum=1, maximum=8)
NUMBER = Option("x", Kind.NUMBER, ("x",), minimum=0, maximum=1)
SEED = Option("seed", Kind.INTEGER, ("seed",), minimum=0, maximum=2**64 - 1)
TEXT = Option("text", Kind.TEXT, ("text",))
SWITCH = Option("on", Kind.SWITCH, ("on",))
CHOICE = Option("mood", Kind.CHOICE, ("mood",), choices=("calm", "wild"))
FREE = Option("model", Kind.CHOICE, ("model",))


@pytest.mark.parametrize(
    ("option", "value", "exact"),
    [
        (WHOLE, 8, 8),
        (WHOLE, 3.0, 3),
        (NUMBER, 1, 1.0),
        (NUMBER, 0.25, 0.25),
        (SEED, 2**64 - 1, 2**64 - 1),
        (TEXT, "", ""),
        (SWITCH, False, False),
        (CHOICE, "calm", "calm"),
        (FREE, "anything.safetensors", "anything.safetensors"),
    ],
)
def test_a_value_that_fits_is_taken(option, value, exact):
    taken = option.exact(value)
    assert (taken, type(taken)) == (exact, type(exact))


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        (WHOLE, 9, ValueOutOfBounds),
        (WHOLE, 0, ValueOutOfBounds),
        (WHOLE, 2.5, WrongValueKind),
        (WHOLE, True, WrongValueKind),
        (WHOLE, "3", WrongValueKind),
        (NUMBER, 1.01, ValueOutOfBounds),
        (NUMBER, float("nan"), ValueOutOfBounds),
        (NUMBER, float("inf"), ValueOutOfBounds),
        (NUMBER, False, WrongValueKind),
        (SEED, 2**64, ValueOutOfBounds),
        (SEED, -1, ValueOutOfBounds),
        (TEXT, 5, WrongValueKind),
        (TEXT, ["4", 0], WrongValueKind),
        (SWITCH, 1, WrongValueKind),
        (CHOICE, "clam", ValueNotAChoice),
        (FREE, None, WrongValueKind),
    ],
)
def test_a_value_that_does_not_fit_is_refused(option, value, error):
    with pytest.raises(error):
        option.exact(value)
