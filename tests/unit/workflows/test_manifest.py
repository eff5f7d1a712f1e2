from __future__ import annotations

import pytest

from bot.workflows.assembly import assemble
from bot.workflows.errors import (
    FlagTaken,
    NoOutput,
    NoSuchInput,
    NotToml,
    OptionLeadsNowhere,
    UnknownManifestKey,
    WrongManifestValue,
)
from bot.workflows.findings import SeveralCandidates
from bot.workflows.manifest import parse_manifest
from bot.workflows.options import Kind


@pytest.fixture
def workflow(read, txt2img):
    """The workflow of a graph (text to image, unless told otherwise) under a manifest."""

    def make(manifest: str = "", graph: str = txt2img):
        return assemble("fox", read(graph), parse_manifest(manifest, "fox.toml"))

    return make


def places(workflow):
    return {name: " ".join(map(str, targets)) for name, targets in workflow.targets.items()}


def test_without_a_manifest_everything_is_discovered(workflow):
    made = workflow()
    assert places(made) == {
        "prompt": "6.text",
        "negative": "7.text",
        "width": "5.width",
        "height": "5.height",
        "seed": "3.seed",
        "steps": "3.steps",
        "guidance": "3.cfg",
        "denoise": "3.denoise",
        "batch": "5.batch_size",
        "model": "4.ckpt_name",
    }
    assert made.outputs == ("9",)
    assert (made.name, made.title, made.command, made.adult) == ("fox", "fox", None, False)


def test_options_take_their_defaults_from_the_graph(workflow):
    defaults = {option.name: option.default for option in workflow().options}
    assert defaults == {
        "prompt": None,
        "negative": "blurry",
        "width": 512,
        "height": 512,
        "seed": None,
        "steps": 20,
        "guidance": 8.0,
        "denoise": 1.0,
        "batch": 1,
        "model": "sd15.safetensors",
    }


def test_only_the_prompt_must_be_given(workflow):
    assert [option.name for option in workflow().options if option.required] == ["prompt"]


def test_sizes_are_free(workflow):
    width = workflow().option("width")
    for size in (64, 1080, 1920, 1536, 4096):
        assert width.exact(size) == size
        assert size % width.multiple_of == 0


@pytest.mark.parametrize(
    ("latent", "pixels"),
    [
        ("EmptyLatentImage", 8),
        ("EmptySD3LatentImage", 8),
        ("EmptyFlux2LatentImage", 16),
        ("EmptyHunyuanImageLatent", 32),
    ],
)
def test_sizes_round_to_the_cells_of_the_latent(workflow, txt2img, latent, pixels):
    made = workflow(graph=txt2img.replace("EmptyLatentImage", latent))
    assert made.option("width").multiple_of == made.option("height").multiple_of == pixels


def test_a_size_from_a_number_elsewhere_rounds_as_the_latent_it_reaches(workflow, txt2img):
    graph = (
        txt2img.replace("EmptyLatentImage width=512", "EmptyFlux2LatentImage width=@20") + "20 PrimitiveInt value=512"
    )
    made = workflow(graph=graph)
    assert places(made)["width"] == "20.value"
    assert made.option("width").multiple_of == 16


def test_bounds_are_wide_enough_for_what_the_graph_has(workflow, txt2img):
    made = workflow(graph=txt2img.replace("steps=20", "steps=400").replace("cfg=8", "cfg=45.5"))
    assert made.option("steps").maximum == 400
    assert made.option("guidance").maximum == 45.5


def test_a_role_placed_by_hand_goes_there_and_nowhere_else(workflow):
    made = workflow('[roles]\nprompt = ["6.text", "7.text"]\nnegative = []\noutput = "8"')
    assert places(made)["prompt"] == "6.text 7.text"
    assert "negative" not in made.targets
    assert made.option("negative") is None
    assert made.outputs == ("8",)


def test_a_role_may_be_placed_on_a_link(workflow, txt2img):
    graph = txt2img.replace("steps=20", "steps=@20") + "20 Oracle a=1 b=2"
    made = workflow('[roles]\nsteps = "3.steps"', graph)
    assert made.option("steps").default is None
    assert made.option("steps").required is False


def test_ids_and_inputs_may_hold_colons_and_dots(workflow, txt2img):
    graph = txt2img + "12:3.a Settings values.low=0.5"
    assert places(workflow('[roles]\nlow = "12:3.a.values.low"\n[options.low]', graph))["low"] == "12:3.a.values.low"


def test_placing_a_role_by_hand_settles_the_doubt_about_it(workflow, txt2img):
    graph = (
        txt2img.replace("text='a fox'", "text=@20").replace('text="a fox"', "text=@20")
        + "20 Join string1=one string2=two"
    )
    assert [type(warning) for warning in workflow("", graph).warnings] == [SeveralCandidates]
    assert workflow('[roles]\nprompt = "20.string1"', graph).warnings == ()


def test_an_option_is_as_the_manifest_says(workflow):
    option = workflow(
        """
        [options.steps]
        default = 12
        minimum = 4
        maximum = 30
        multiple_of = 2
        flags = ["s"]
        help = "How long to think"
        """
    ).option("steps")
    assert (option.default, option.minimum, option.maximum, option.multiple_of) == (12, 4, 30, 2)
    assert (option.flags, option.help) == (("s",), "How long to think")


def test_choices_make_a_choice(workflow):
    option = workflow('[options.model]\nchoices = ["sd15.safetensors", "other.safetensors"]').option("model")
    assert option.kind is Kind.CHOICE
    assert option.choices == ("sd15.safetensors", "other.safetensors")


def test_nobody_sets_a_hidden_option_and_its_default_stands(workflow):
    made = workflow("[options.denoise]\nhidden = true\ndefault = 0.9\n[options.batch]\nhidden = true")
    assert made.option("denoise") is made.option("batch") is None
    assert made.graph.api()["3"]["inputs"]["denoise"] == 0.9
    assert made.graph.api()["5"]["inputs"]["batch_size"] == 1


@pytest.mark.parametrize(
    ("settings", "kind", "default"),
    [
        ("", Kind.INTEGER, 1),  # as it stands in the graph
        ('kind = "number"', Kind.NUMBER, 1.0),
        ("default = 0.8", Kind.NUMBER, 0.8),
        ("maximum = 2.0", Kind.NUMBER, 1.0),
        ("default = 3", Kind.INTEGER, 3),
    ],
)
def test_an_option_of_the_workflows_own(workflow, txt2img, settings, kind, default):
    graph = txt2img + "20 LoraLoader lora_name=glow.safetensors strength_model=1"
    made = workflow(f'[roles]\nglow = "20.strength_model"\n[options.glow]\n{settings}', graph)
    assert (made.options[-1].name, made.options[-1].flags) == ("glow", ("glow",))
    assert (made.options[-1].kind, made.options[-1].default) == (kind, default)


def test_texts_may_be_in_several_languages(workflow):
    made = workflow(
        """
        title = { en = "Fox", zh-CN = "狐狸" }
        description = "Draws a fox"
        [options.steps]
        help = { en = "Patience", zh-CN = "耐心" }
        """
    )
    chinese = made.in_language("zh-CN")
    assert (made.title, made.option("steps").help) == ("Fox", "Patience")
    assert (chinese.title, chinese.description, chinese.option("steps").help) == ("狐狸", "Draws a fox", "耐心")
    assert made.in_language("fr").title == "Fox"


def test_two_pictures_are_two_options(workflow, txt2img):
    graph = txt2img.replace("EmptyLatentImage width=512 height=512 batch_size=1", "VAEEncode pixels=@20 vae=@4.2") + (
        "20 ImageStitch image1=@21 image2=@22\n21 LoadImage image=a.png\n22 LoadImage image=b.png"
    )
    made = workflow(graph=graph)
    assert [option.name for option in made.images] == ["image", "image2"]
    assert (places(made)["image"], places(made)["image2"]) == ("21.image", "22.image")


def test_a_picture_that_carries_its_own_mask_is_asked_for_once(workflow, txt2img):
    graph = txt2img.replace(
        "EmptyLatentImage width=512 height=512 batch_size=1", "VAEEncodeForInpaint pixels=@20 vae=@4.2 mask=@20.1"
    )
    assert [option.name for option in workflow(graph=graph + "20 LoadImage image=a.png").images] == ["image"]


@pytest.mark.parametrize(
    ("manifest", "key", "value", "expected"),
    [
        ("adult = 'yes'", "adult", "yes", "switch"),
        ("title = 5", "title", "5", "languages"),
        ("title = { zh-CN = '狐狸' }", "title", "{'zh-CN': '狐狸'}", "languages"),
        ("command = '/Fox'", "command", "/Fox", "command"),
        ("command = 5", "command", "5", "command"),
        ("roles = 5", "roles", "5", "table"),
        ("[options]\nsteps = 5", "options.steps", "5", "table"),
        ("[roles]\nprompt = 6", "roles.prompt", "6", "list"),
        ("[roles]\nprompt = [6]", "roles.prompt", "6", "text"),
        ("[options.steps]\nminimum = 'few'", "options.steps.minimum", "few", "number"),
        ("[options.steps]\nminimum = true", "options.steps.minimum", "True", "number"),
        ("[options.steps]\nmultiple_of = 0", "options.steps.multiple_of", "0", "whole-number"),
        ("[options.steps]\nkind = 'int'", "options.steps.kind", "int", "kind"),
        ("[options.steps]\nflags = ['--s']", "options.steps.flags", "--s", "flag"),
        ("[options.steps]\nflags = 's'", "options.steps.flags", "s", "list"),
        ("[options.steps]\ndefault = 50\nmaximum = 40", "options.steps.default", "50", "default"),
        ("[options.steps]\nmaximum = 10", "options.steps.default", "20", "default"),
        ("[options.steps]\ndefault = 'many'", "options.steps.default", "many", "default"),
        ("[options.steps]\ndefault = [1]", "options.steps.default", "[1]", "default"),
        ("[roles]\nwidth = '6.text'", "roles.width", "a fox", "default"),
        ("[roles]\nown = '3.model'\n[options.own]", "options.own.kind", "", "kind"),
    ],
)
def test_a_value_of_the_wrong_form_is_named_with_its_place(workflow, manifest, key, value, expected):
    with pytest.raises(WrongManifestValue) as raised:
        workflow(manifest)
    assert raised.value.details == {"file": "fox.toml", "key": key, "value": value, "expected": expected}


@pytest.mark.parametrize(
    ("manifest", "error"),
    [
        ("titel = 'Fox'", UnknownManifestKey("fox.toml", "titel", "title")),
        ("[options.steps]\nminimun = 3", UnknownManifestKey("fox.toml", "options.steps.minimun", "minimum")),
        ("xyzzy = 1", UnknownManifestKey("fox.toml", "xyzzy", None)),
        ("[roles]\npromt = '6.text'", UnknownManifestKey("fox.toml", "roles.promt", "prompt")),
        ("[roles]\nprompt = '6.txt'", NoSuchInput("fox.toml", "roles.prompt", "6.txt", "6.text")),
        ("[roles]\nprompt = '6text'", NoSuchInput("fox.toml", "roles.prompt", "6text", "6.text")),
        ("[roles]\noutput = '99'", NoSuchInput("fox.toml", "roles.output", "99", "9")),
        ("[roles]\noutput = []", NoOutput("fox.json")),
        ("[options.stepz]", OptionLeadsNowhere("fox.toml", "stepz", "steps")),
        ("[options.steps]\nflags = ['seed']", FlagTaken("fox.toml", "steps", "seed")),
        ("[options.steps]\nflags = ['size']", FlagTaken("fox.toml", "steps", "size")),
    ],
)
def test_a_name_that_leads_nowhere_is_answered_with_what_was_meant(workflow, manifest, error):
    with pytest.raises(type(error)) as raised:
        workflow(manifest)
    assert raised.value.details == error.details


def test_a_slip_of_syntax_is_named_with_its_line():
    with pytest.raises(NotToml) as raised:
        parse_manifest("title = 'Fox'\ncommand = fox\n", "fox.toml")
    assert raised.value.file == "fox.toml"
    assert "line 2" in raised.value.reason
