"""What people type, and what is understood."""

from __future__ import annotations

import pytest

from bot.grammar.parser import Menu, parse, parse_changes
from bot.grammar.request import Adjustment, Request
from bot.workflows.options import Kind, Option


@pytest.mark.parametrize(
    ("text", "prompt", "values"),
    [
        ("a red fox, snow", "a red fox, snow", {}),
        ("/imagine a red fox", "a red fox", {}),
        ("/imagine@EaselBot a red fox", "a red fox", {}),
        ("／IMAGINE a red fox", "a red fox", {}),
        ("/imagine /imagine", "/imagine", {}),
        ("/imagined worlds", "/imagined worlds", {}),
        ("  a fox  ", "a fox", {}),
        # flags anywhere
        ("a fox --w 1920 --h 1080", "a fox", {"width": 1920, "height": 1080}),
        ("--w 1920 a fox --h 1080 in snow", "a fox in snow", {"width": 1920, "height": 1080}),
        ("a fox\n--w 1920\nin snow", "a fox\nin snow", {"width": 1920}),
        ("a fox --w=1920 in snow", "a fox in snow", {"width": 1920}),
        ("a fox --w= 1920", "a fox", {"width": 1920}),
        ("a fox --w:1920", "a fox", {"width": 1920}),
        ("a fox --WIDTH 1920", "a fox", {"width": 1920}),
        ("a fox --width 1920", "a fox", {"width": 1920}),
        ("a fox --w 1920, --h 1080", "a fox", {"width": 1920, "height": 1080}),
        ('a fox --w "1920"', "a fox", {"width": 1920}),
        ("a fox --w 1920 --w 1920", "a fox", {"width": 1920}),
        # numbers
        ("a fox --seed 0", "a fox", {"seed": 0}),
        ("a fox --seed 18446744073709551615", "a fox", {"seed": 2**64 - 1}),
        ("a fox --steps +28", "a fox", {"steps": 28}),
        ("a fox --steps 28.0", "a fox", {"steps": 28}),
        ("a fox --guidance 3.5", "a fox", {"guidance": 3.5}),
        ("a fox --guidance 3,5", "a fox", {"guidance": 3.5}),
        ("a fox --guidance 0,625", "a fox", {"guidance": 0.625}),
        ("a fox --guidance .5", "a fox", {"guidance": 0.5}),
        ("a fox --guidance 4.", "a fox", {"guidance": 4.0}),
        ("a fox --cfg 4", "a fox", {"guidance": 4}),
        # sizes
        ("a fox --size 1024x768", "a fox", {"width": 1024, "height": 768}),
        ("a fox --size 1024×768 in snow", "a fox in snow", {"width": 1024, "height": 768}),
        ("a fox --size 1024*768", "a fox", {"width": 1024, "height": 768}),
        ("a fox --size 1024 X 768, in snow", "a fox in snow", {"width": 1024, "height": 768}),
        ("a fox --size '1024x768' in snow", "a fox in snow", {"width": 1024, "height": 768}),
        ("a fox --w 1536 --h 1536", "a fox", {"width": 1536, "height": 1536}),
        # Chinese
        ("一只红狐狸，雪", "一只红狐狸，雪", {}),
        ("一只红狐狸，雪 －－ｗ　１９２０", "一只红狐狸，雪", {"width": 1920}),
        ("一只红狐狸，雪--w＝１９２０，--h 1080", "一只红狐狸，雪", {"width": 1920, "height": 1080}),
        ("一只狐狸 --w 1920，雪地", "一只狐狸 雪地", {"width": 1920}),
        ("一只狐狸 --ar １６：９", "一只狐狸", {"width": 1368, "height": 768}),
        ("一只狐狸 --size １０２４＊７６８", "一只狐狸", {"width": 1024, "height": 768}),
        ("愿中国青年都摆脱冷气。——鲁迅", "愿中国青年都摆脱冷气。——鲁迅", {}),
        ("狐狸——奔跑", "狐狸——奔跑", {}),
        # what phones make of two hyphens
        ("a fox —w 1920", "a fox", {"width": 1920}),
        ("a fox –w 1920", "a fox", {"width": 1920}),
        ("a fox ——w 1920", "a fox", {"width": 1920}),
        ("a fox −−w 1920", "a fox", {"width": 1920}),
        ("a fox —-w 1920", "a fox", {"width": 1920}),
        # prose
        ("a fox — running", "a fox — running", {}),
        ("a fox -- running", "a fox -- running", {}),
        ("streets, 1990—2000", "streets, 1990—2000", {}),
        ("the well-known—and red—fox", "the well-known—and red—fox", {}),
        ("a fox -w", "a fox -w", {}),
        ("--2000", "--2000", {}),
        ("rock 'n' roll, the '90s", "rock 'n' roll, the '90s", {}),
        # to be taken as typed
        (r"a sign \--w", "a sign --w", {}),
        (r"a sign \—w", "a sign —w", {}),
        (r"a sign \\--w", r"a sign \--w", {}),
        (r"a path\--w", r"a path\--w", {}),
        (r"一个牌子\--w", "一个牌子--w", {}),
        ('a sign "--open now --w 5" --w 512', 'a sign "--open now --w 5"', {"width": 512}),
        ("一块牌子“营业 --w 5”，--w 512", "一块牌子“营业 --w 5”，", {"width": 512}),
        (r'a 5" fox, \"big --w 512', 'a 5" fox, "big', {"width": 512}),
        ('"OPEN" --w 512', '"OPEN"', {"width": 512}),
        # characters that nobody sees, and those that hold an emoji together
        ("a 👩‍🚀 ❤️ fox --w 1920", "a 👩‍🚀 ❤️ fox", {"width": 1920}),
        ("a fox \u200b--w 1920", "a fox \u200b", {"width": 1920}),
        ("a fox \u200f--w\u200e \u200e1920\u200f", "a fox \u200f", {"width": 1920}),
        ("a\u200bfox\u202e", "a\u200bfox\u202e", {}),
        # never code, never markup
        ('{"6": {"inputs": {}}} <b>{seed}</b> %s ../../etc', '{"6": {"inputs": {}}} <b>{seed}</b> %s ../../etc', {}),
        ("--prompt a fox --w 1920", "a fox", {"width": 1920}),
    ],
)
def test_in_the_default_workflow_this_text_means(said, text, prompt, values):
    assert said(text) == Request("flux", prompt, tuple(values.items()))


@pytest.mark.parametrize(
    ("text", "prompt", "values"),
    [
        ("a fox --no text, watermark", "a fox", {"negative": "text, watermark"}),
        ("--no text, watermark --w 512 a fox", "a fox", {"width": 512, "negative": "text, watermark"}),
        ('--no "text, watermark" a fox', "a fox", {"negative": "text, watermark"}),
        ("--no 'text -- big' a fox", "a fox", {"negative": "text -- big"}),
        ("--no 'text --w 5' a fox", "a fox", {"negative": "text --w 5"}),
        ('--no="text --w 5" a fox', "a fox", {"negative": "text --w 5"}),
        ("--no “text --w 5” a fox", "a fox", {"negative": "text --w 5"}),
        ("--no=「文字，水印」 狐狸", "狐狸", {"negative": "文字，水印"}),
        ("狐狸 --no：文字，水印", "狐狸", {"negative": "文字，水印"}),
        ('a fox --no "text", watermark', "a fox", {"negative": '"text", watermark'}),
        ("a fox --no the '90s", "a fox", {"negative": "the '90s"}),
        (r"a fox --no dogs \--w", "a fox", {"negative": "dogs --w"}),
        ('a fox --no ""', "a fox", {"negative": ""}),
        ("a fox --no text\n and 🦊 --w 512", "a fox", {"width": 512, "negative": "text\n and 🦊"}),
        ("--sampler EULER a fox", "a fox", {"sampler": "euler"}),
        ("--sampler euler, a fox", "a fox", {"sampler": "euler"}),
        ("--sampler ｅｕｌｅｒ，狐狸", "狐狸", {"sampler": "euler"}),
        ("--sampler dpmpp-2m a fox", "a fox", {"sampler": "dpmpp_2m"}),
        ("--sampler heun slow fox", "fox", {"sampler": "Heun Slow"}),
        ('--sampler "heun slow" fox', "fox", {"sampler": "Heun Slow"}),
        ("--lora my_style.safetensors a fox", "a fox", {"lora": "my_style.safetensors"}),
        ('--lora "my style" a fox', "a fox", {"lora": "my style"}),
        ("--tiling a fox", "a fox", {"tiling": True}),
        ("--tiling=yes a fox", "a fox", {"tiling": True}),
        ("--tiling=no a fox", "a fox", {"tiling": False}),
        ("--tiling＝关，狐狸", "狐狸", {"tiling": False}),
        ('--tiling "OPEN" sign', '"OPEN" sign', {"tiling": True}),
        ("a fox --shift -1.5", "a fox", {"shift": -1.5}),
        ("a fox --shift –1.5", "a fox", {"shift": -1.5}),
        ("a fox --shift －１．５", "a fox", {"shift": -1.5}),
        ("a fox --clip-skip -2", "a fox", {"clip_skip": -2}),
    ],
)
def test_in_a_workflow_with_more_flags_this_text_means(menu, text, prompt, values):
    assert parse(f"--workflow sdxl {text}", menu) == Request("sdxl", prompt, tuple(values.items()))


@pytest.mark.parametrize(
    ("text", "images", "workflow"),
    [
        ("a fox", 0, "flux"),
        ("a fox", 1, "sdxl-img2img"),
        ("a fox --workflow sdxl", 0, "sdxl"),
        ("--wf SDXL a fox", 0, "sdxl"),
        ("a fox --workflow=sdxl-img2img, in snow", 1, "sdxl-img2img"),
        ("a fox --workflow merge", 2, "merge"),
        ("--workflow upscale", 1, "upscale"),
        ("a fox --wf sdxl --workflow sdxl", 0, "sdxl"),
    ],
)
def test_the_workflow_is_the_one_named_or_the_default_for_what_is_attached(said, text, images, workflow):
    assert said(text, images=images).workflow == workflow


def test_without_a_default_for_pictures_the_default_stands(menu):
    one = Menu(menu.workflows, default="sdxl-img2img")
    assert parse("a fox", one, images=1).workflow == "sdxl-img2img"


@pytest.mark.parametrize(
    ("text", "size", "adjusted"),
    [
        ("--w 1920 --h 1080", (1920, 1080), []),
        ("--w 1925", (1928, None), [("width", 1925, 1928)]),
        ("--w 1924", (1928, None), [("width", 1924, 1928)]),
        ("--size 1923x767", (1920, 768), [("width", 1923, 1920), ("height", 767, 768)]),
        ("--ar 1:1", (1024, 1024), []),
        ("--ar 16:9", (1368, 768), []),
        ("--ar 9/16", (768, 1368), []),
        ("--ar 16x9", (1368, 768), []),
        ("--ar 1.85:1", (1392, 752), []),
        ("--ar 32:1", (4096, 128), []),
        ("--ar 16:9 --w 1920", (1920, 1080), []),
        ("--ar 16:9 --h 1080", (1920, 1080), []),
        ("--ar 16:9 --w 1925", (1928, 1088), [("width", 1925, 1928)]),
    ],
)
def test_sizes_become_what_the_model_can_use_and_what_was_typed_and_changed_is_told(said, text, size, adjusted):
    request = said(f"a fox {text}")
    assert (request.value("width"), request.value("height")) == size
    assert request.adjustments == tuple(Adjustment(*change) for change in adjusted)


@pytest.mark.parametrize(
    ("option", "typed", "becomes"),
    [
        ({"multiple_of": 64, "minimum": 100, "maximum": 1000}, 100, 128),
        ({"multiple_of": 64, "minimum": 100, "maximum": 1000}, 1000, 960),
        ({"multiple_of": 64}, 3, 64),
        ({"multiple_of": 64, "minimum": 70, "maximum": 100}, 90, 90),
        ({"multiple_of": 2, "minimum": -9, "maximum": 9}, -7, -6),
    ],
)
def test_rounding_stays_within_the_bounds(option, typed, becomes):
    tile = Option("tile", Kind.INTEGER, ("tile",), **option)
    assert parse(f"--tile {typed}", Menu({"a": (tile,)}, "a")).value("tile") == becomes


def test_a_workflow_without_default_size_gets_its_shape_at_a_megapixel():
    sides = (Option("width", Kind.INTEGER, ("w",)), Option("height", Kind.INTEGER, ("h",)))
    assert dict(parse("--ar 4:1", Menu({"a": sides}, "a")).values) == {"width": 2048, "height": 512}


def test_a_workflow_may_have_its_own_idea_of_a_flag_of_the_grammar():
    factor = Option("size", Kind.NUMBER, ("size",))
    sides = (Option("width", Kind.INTEGER, ("w",)), Option("height", Kind.INTEGER, ("h",)), factor)
    assert parse("--size 2", Menu({"a": sides}, "a")).value("size") == 2


def test_values_come_in_the_order_of_the_workflow(said):
    assert [name for name, _ in said("--n 2 --seed 7 --h 512 --w 512 a fox").values] == [
        "width",
        "height",
        "seed",
        "batch",
    ]


EARLIER = Request("sdxl", "a red fox", (("width", 1536), ("seed", 7), ("steps", 40), ("sampler", "dpmpp_2m")))


@pytest.mark.parametrize(
    ("reply", "workflow", "prompt", "values"),
    [
        ("", "sdxl", "a red fox", {"width": 1536, "seed": 7, "steps": 40, "sampler": "dpmpp_2m"}),
        ("--steps 20", "sdxl", "a red fox", {"width": 1536, "seed": 7, "steps": 20, "sampler": "dpmpp_2m"}),
        (
            "--seed 8 a blue fox",
            "sdxl",
            "a blue fox",
            {"width": 1536, "seed": 8, "steps": 40, "sampler": "dpmpp_2m"},
        ),
        (
            "/imagine --ar 16:9",
            "sdxl",
            "a red fox",
            {"width": 1368, "height": 768, "seed": 7, "steps": 40, "sampler": "dpmpp_2m"},
        ),
        ("--workflow flux", "flux", "a red fox", {"width": 1536, "seed": 7, "steps": 40}),
        # no 1536 pixels, no 40 steps, no such sampler there
        ("--workflow turbo", "turbo", "a red fox", {}),
        ("--workflow turbo --sampler lcm", "turbo", "a red fox", {"sampler": "lcm"}),
        ("--workflow upscale", "upscale", "", {}),
    ],
)
def test_a_reply_changes_only_what_it_names(menu, reply, workflow, prompt, values):
    assert parse_changes(reply, menu, EARLIER) == Request(workflow, prompt, tuple(values.items()))


def test_what_another_workflow_rounds_differently_is_told(menu):
    earlier = Request("flux", "a fox", (("width", 1000),))
    assert parse_changes("--workflow turbo", menu, earlier) == Request(
        "turbo", "a fox", (("width", 1024),), (Adjustment("width", 1000, 1024),)
    )
