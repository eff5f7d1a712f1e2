"""What people are told when it is not understood. Every sentence is written out in both languages."""

from __future__ import annotations

from importlib.resources import files

import pytest
from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import fluent_number

from bot.grammar import errors
from bot.grammar.parser import Menu, parse, parse_changes
from bot.grammar.request import Request
from bot.workflows.options import Kind, Option

E = errors
KNOWN = ("--w", "--h", "--seed", "--steps", "--guidance", "--n", "--workflow", "--ar", "--size")
LISTED = ("flux", "sdxl", "sdxl-img2img", "turbo", "upscale", "merge")

# what was typed, how many pictures came with it, the error, English, Chinese
CHATS = [
    (
        "a fox --wdith 512",
        0,
        E.UnknownFlag("wdith", "flux", "width", (), KNOWN),
        r"There is no “--wdith” for flux. Did you mean “--width”? If it belongs to your prompt, write “\--wdith”.",
        r"flux 没有“--wdith”这个选项。您是想写“--width”吗？如果它是提示词的一部分，请写成“\--wdith”。",
    ),
    (
        "a fox —running in snow",
        0,
        E.UnknownFlag("running", "flux", None, (), KNOWN),
        (
            "There is no “--running” for flux, which has: "
            "--w, --h, --seed, --steps, --guidance, --n, --workflow, --ar, --size. "
            r"If it belongs to your prompt, write “\--running”."
        ),
        (
            "flux 没有“--running”这个选项。可用的选项有："
            "--w、--h、--seed、--steps、--guidance、--n、--workflow、--ar、--size。"
            r"如果它是提示词的一部分，请写成“\--running”。"
        ),
    ),
    (
        "a fox --no text, watermark",
        0,
        E.UnknownFlag("no", "flux", None, ("sdxl", "sdxl-img2img"), KNOWN),
        (
            "“--no” does not work with flux, but it does with: sdxl, sdxl-img2img. "
            "Leave it out, or choose another workflow with “--workflow”."
        ),
        "flux 不支持“--no”，支持它的工作流有：sdxl、sdxl-img2img。请去掉它，或用“--workflow”换一个工作流。",
    ),
    (
        "a fox --workflow fluks",
        0,
        E.UnknownWorkflow("fluks", "flux", LISTED),
        "There is no workflow “fluks”. Did you mean “flux”?",
        "没有名为“fluks”的工作流。您是想写“flux”吗？",
    ),
    (
        "a fox --workflow midjourney",
        0,
        E.UnknownWorkflow("midjourney", None, LISTED),
        "There is no workflow “midjourney”. You can choose from: flux, sdxl, sdxl-img2img, turbo, upscale, merge.",
        "没有名为“midjourney”的工作流。可以选择：flux、sdxl、sdxl-img2img、turbo、upscale、merge。",
    ),
    (
        "a fox --workflow --w 512",
        0,
        E.FlagWithoutValue("workflow", "flux"),
        "“--workflow” needs a value after it, for example: --workflow flux",
        "“--workflow”后面需要一个值，例如：--workflow flux",
    ),
    (
        "a fox --w",
        0,
        E.FlagWithoutValue("w", "1024"),
        "“--w” needs a value after it, for example: --w 1024",
        "“--w”后面需要一个值，例如：--w 1024",
    ),
    (
        "a fox --steps, in snow",
        0,
        E.FlagWithoutValue("steps", "28"),
        "“--steps” needs a value after it, for example: --steps 28",
        "“--steps”后面需要一个值，例如：--steps 28",
    ),
    (
        "a fox --ar --w 512",
        0,
        E.FlagWithoutValue("ar", "16:9"),
        "“--ar” needs a value after it, for example: --ar 16:9",
        "“--ar”后面需要一个值，例如：--ar 16:9",
    ),
    (
        "a fox --wf sdxl --no",
        0,
        E.FlagWithoutValue("no", "…"),
        "“--no” needs a value after it, for example: --no …",
        "“--no”后面需要一个值，例如：--no …",
    ),
    (
        "a fox --wf sdxl --tiling=",
        0,
        E.FlagWithoutValue("tiling", "yes"),
        "“--tiling” needs a value after it, for example: --tiling yes",
        "“--tiling”后面需要一个值，例如：--tiling yes",
    ),
    (
        "a fox --w wide",
        0,
        E.NotNumeric("w", "wide", "1024"),
        "“--w” needs a number, and “wide” is not clearly one. For example: --w 1024",
        "“--w”需要一个数字，而“wide”无法确定是哪个数字。例如：--w 1024",
    ),
    (
        "a fox --w 1,920",
        0,
        E.NotNumeric("w", "1,920", "1024"),
        "“--w” needs a number, and “1,920” is not clearly one. For example: --w 1024",
        "“--w”需要一个数字，而“1,920”无法确定是哪个数字。例如：--w 1024",
    ),
    (
        "a fox --steps 28.5",
        0,
        E.NotWhole("steps", "28.5"),
        "“--steps” needs a whole number, not 28.5.",
        "“--steps”需要整数，不能是 28.5。",
    ),
    (
        "a fox --seed -1",
        0,
        E.OutOfBounds("seed", "-1", 0, 2**64 - 1),
        "“--seed” can be from 0 to 18446744073709551615, not -1. If you leave it out, a fitting value is used.",
        "“--seed”的范围是 0 到 18446744073709551615，不能是 -1。不写它，就会使用合适的值。",
    ),
    (
        "a fox --denoise 1.5",
        1,
        E.OutOfBounds("denoise", "1.5", 0, 1),
        "“--denoise” can be from 0 to 1, not 1.5. If you leave it out, a fitting value is used.",
        "“--denoise”的范围是 0 到 1，不能是 1.5。不写它，就会使用合适的值。",
    ),
    (
        "a fox --size 1024x9999",
        0,
        E.OutOfBounds("size", "9999", 64, 4096),
        "“--size” can be from 64 to 4096, not 9999. If you leave it out, a fitting value is used.",
        "“--size”的范围是 64 到 4096，不能是 9999。不写它，就会使用合适的值。",
    ),
    (
        "a fox --wf sdxl --clip 1",
        0,
        E.OutOfBounds("clip", "1", None, 0),
        "“--clip” can be 0 or less, not 1. If you leave it out, a fitting value is used.",
        "“--clip”不能大于 0，您写的是 1。不写它，就会使用合适的值。",
    ),
    (
        "a fox --wf sdxl --sampler eular",
        0,
        E.NoSuchChoice("sampler", "eular", "euler", ("euler", "dpmpp_2m", "Heun Slow")),
        "“--sampler” cannot be “eular”. Did you mean “euler”?",
        "“--sampler”不能是“eular”。您是想写“euler”吗？",
    ),
    (
        "a fox --wf sdxl --sampler best",
        0,
        E.NoSuchChoice("sampler", "best", None, ("euler", "dpmpp_2m", "Heun Slow")),
        "“--sampler” cannot be “best”. It can be: euler, dpmpp_2m, Heun Slow.",
        "“--sampler”不能是“best”。可以是：euler、dpmpp_2m、Heun Slow。",
    ),
    (
        "a fox --wf sdxl --tiling=maybe",
        0,
        E.NotYesOrNo("tiling", "maybe"),
        "“--tiling” is on or off, so “maybe” does not fit. Write “--tiling” for on, “--tiling=no” for off.",
        "“--tiling”只有开和关，不能是“maybe”。要打开就写“--tiling”，要关闭就写“--tiling=no”。",
    ),
    (
        "a fox --image fox.png",
        1,
        E.PictureIsAttached("image"),
        "“--image” is a picture, which cannot be typed. Attach the picture to your message, or reply to it.",
        "“--image”是一张图片，不能用文字输入。请把图片附在消息里，或者回复那张图片。",
    ),
    (
        "a fox --w 512 --width 768",
        0,
        E.RepeatedFlag("width", "512", "768"),
        "You set “--width” twice, to 512 and to 768. Keep one of them.",
        "“--width”写了两次，分别是 512 和 768。请只保留一个。",
    ),
    (
        "a fox --ar 16:9 --ar 1:1",
        0,
        E.RepeatedFlag("ar", "16:9", "1:1"),
        "You set “--ar” twice, to 16:9 and to 1:1. Keep one of them.",
        "“--ar”写了两次，分别是 16:9 和 1:1。请只保留一个。",
    ),
    (
        "a fox --size 512x512 --size 768x768",
        0,
        E.RepeatedFlag("size", "512x512", "768x768"),
        "You set “--size” twice, to 512x512 and to 768x768. Keep one of them.",
        "“--size”写了两次，分别是 512x512 和 768x768。请只保留一个。",
    ),
    (
        "a fox --wf flux --wf sdxl",
        0,
        E.RepeatedFlag("wf", "flux", "sdxl"),
        "You set “--wf” twice, to flux and to sdxl. Keep one of them.",
        "“--wf”写了两次，分别是 flux 和 sdxl。请只保留一个。",
    ),
    (
        "a fox --ar 16:9 --w 1920 --height 1080",
        0,
        E.FightingFlags(("--ar", "--w", "--height")),
        "You set the size in more than one way: --ar, --w, --height. Keep one way.",
        "您用了不止一种方式设定图片大小：--ar、--w、--height。请只保留一种。",
    ),
    (
        "a fox --ar 16:9 --size 1024x768",
        0,
        E.FightingFlags(("--ar", "--size")),
        "You set the size in more than one way: --ar, --size. Keep one way.",
        "您用了不止一种方式设定图片大小：--ar、--size。请只保留一种。",
    ),
    (
        "a fox --size 1024x768 --w 1024",
        0,
        E.FightingFlags(("--size", "--w")),
        "You set the size in more than one way: --size, --w. Keep one way.",
        "您用了不止一种方式设定图片大小：--size、--w。请只保留一种。",
    ),
    (
        "a fox --size 1024",
        0,
        E.MalformedSize("1024"),
        "“1024” is not a size. Write width x height in pixels, for example: --size 1024x768",
        "“1024”不是图片大小。请写成“宽x高”（像素），例如：--size 1024x768",
    ),
    (
        "a fox --ar 16:0",
        0,
        E.MalformedRatio("16:0"),
        "“16:0” is not a shape. Write width : height, for example: --ar 16:9",
        "“16:0”不是宽高比。请写成“宽:高”，例如：--ar 16:9",
    ),
    (
        "a fox --ar 100:1",
        0,
        E.RatioOutOfBounds("100:1", 4096, 41, "64×64", "4096×4096"),
        (
            "--ar 100:1 would come to 4096×41 pixels. Pictures here can be from 64×64 to 4096×4096. "
            "Choose a shape nearer to a square, or another size."
        ),
        (
            "--ar 100:1 会得到 4096×41 像素的图片，而这里的图片大小必须在 64×64 到 4096×4096 之间。"
            "请选择更接近正方形的宽高比，或者换一个大小。"
        ),
    ),
    (
        "a fox --ar 16:9 --h 4096",
        0,
        E.RatioOutOfBounds("16:9", 7282, 4096, "64×64", "4096×4096"),
        (
            "--ar 16:9 would come to 7282×4096 pixels. Pictures here can be from 64×64 to 4096×4096. "
            "Choose a shape nearer to a square, or another size."
        ),
        (
            "--ar 16:9 会得到 7282×4096 像素的图片，而这里的图片大小必须在 64×64 到 4096×4096 之间。"
            "请选择更接近正方形的宽高比，或者换一个大小。"
        ),
    ),
    (
        "/imagine --w 512",
        0,
        E.MissingPrompt("flux"),
        "Say what you want to see, for example: /imagine a lighthouse at dusk",
        "请写出您想看到的画面，例如：/imagine 黄昏时的灯塔",
    ),
    (
        "make it big --workflow upscale",
        1,
        E.TakesNoPrompt("upscale"),
        (
            "upscale works without a prompt. Send the command again without one, "
            "or choose another workflow with “--workflow”."
        ),
        "upscale 不需要提示词。请去掉提示词再发一次，或用“--workflow”换一个工作流。",
    ),
    (
        "fox " * 2500,
        0,
        E.PromptTooLong(9999, 8000),
        "Your prompt has 9999 characters. The most is 8000; please shorten it.",
        "您的提示词有 9999 个字符，最多 8000 个，请缩短一些。",
    ),
    (
        "a fox --wf sdxl --no " + "x" * 8001,
        0,
        E.ValueTooLong("no", 8001, 8000),
        "The text after “--no” has 8001 characters. The most is 8000; please shorten it.",
        "“--no”后面的文字有 8001 个字符，最多 8000 个，请缩短一些。",
    ),
    (
        "--workflow upscale",
        0,
        E.NeedsPicture("upscale", 1, 0),
        "upscale starts from a picture. Attach one to your message, or reply to one.",
        "upscale 需要一张图片。请把图片附在消息里，或者回复一张图片。",
    ),
    (
        "both of them --workflow merge",
        0,
        E.NeedsPicture("merge", 2, 0),
        "merge starts from 2 pictures, and there are none. Attach them to one message.",
        "merge 需要 2 张图片，现在有 0 张。请把它们附在同一条消息里。",
    ),
    (
        "both of them --workflow merge",
        1,
        E.NeedsPicture("merge", 2, 1),
        "merge starts from 2 pictures, and there is 1. Attach them to one message.",
        "merge 需要 2 张图片，现在有 1 张。请把它们附在同一条消息里。",
    ),
    (
        "a fox --workflow flux",
        1,
        E.ExtraPictures("flux", 1, 0, ("sdxl-img2img", "upscale", "merge")),
        (
            "flux works without a picture, and you gave 1. Send the command without one, "
            "or choose another workflow with “--workflow”: sdxl-img2img, upscale, merge."
        ),
        (
            "flux 不使用图片，您发了 1 张。请不带图片再发一次，"
            "或用“--workflow”换一个工作流：sdxl-img2img、upscale、merge。"
        ),
    ),
    (
        "a fox",
        2,
        E.ExtraPictures("sdxl-img2img", 2, 1, ("merge",)),
        (
            "sdxl-img2img takes one picture, and you gave 2. Send one, "
            "or choose another workflow with “--workflow”: merge."
        ),
        "sdxl-img2img 最多使用 1 张图片，您发了 2 张。请减少图片，或用“--workflow”换一个工作流：merge。",
    ),
    (
        "a fox --workflow merge",
        3,
        E.ExtraPictures("merge", 3, 2, ()),
        "merge takes up to 2 pictures, and you gave 3. Send fewer.",
        "merge 最多使用 2 张图片，您发了 3 张。请减少图片。",
    ),
]


def sentence(error: E.GrammarError, language: str) -> str:
    bundle = FluentBundle([language], use_isolating=False)
    text = (files("bot") / "locales" / language / "grammar.ftl").read_text("utf-8")
    bundle.add_resource(FluentResource(text))
    comma = "、" if language == "zh-CN" else ", "
    arguments = {}
    for name, value in error.details.items():
        match value:
            case None:
                arguments[name] = ""
            case tuple():
                arguments[name] = comma.join(value)
            case int() | float():
                arguments[name] = fluent_number(value, useGrouping=False)
            case _:
                arguments[name] = value
    message = bundle.get_message(error.code)
    assert message.value is not None
    said, faults = bundle.format_pattern(message.value, arguments)
    assert not faults
    return str(said)


@pytest.mark.parametrize("chat", CHATS, ids=[chat[0][:40] for chat in CHATS])
def test_one_clear_sentence_says_what_is_wrong_and_what_to_do(said, chat):
    text, images, error, english, chinese = chat
    with pytest.raises(type(error)) as caught:
        said(text, images=images)
    assert caught.value.details == error.details
    assert sentence(caught.value, "en") == english
    assert sentence(caught.value, "zh-CN") == chinese


@pytest.mark.parametrize(
    ("error", "english", "chinese"),
    [
        (
            E.UnknownWorkflow("", None, ()),
            "There are no workflows here yet. Please tell whoever runs this bot.",
            "这里还没有任何工作流，请告诉机器人的管理者。",
        ),
        (
            E.OutOfBounds("shift", "-3", 0.5, None),
            "“--shift” can be 0.5 or more, not -3. If you leave it out, a fitting value is used.",
            "“--shift”不能小于 0.5，您写的是 -3。不写它，就会使用合适的值。",
        ),
    ],
)
def test_wordings_for_rarer_workflows(error, english, chinese):
    assert sentence(error, "en") == english
    assert sentence(error, "zh-CN") == chinese


def test_every_error_of_the_grammar_is_among_these_chats():
    assert {type(error) for _, _, error, _, _ in CHATS} == set(E.GrammarError.__subclasses__())


def test_without_any_workflow_that_is_the_answer():
    with pytest.raises(E.UnknownWorkflow) as caught:
        parse("a fox", Menu({}, "flux"))
    assert caught.value.hint == "none"


def test_the_example_of_a_workflow_is_empty_where_there_is_none():
    with pytest.raises(E.FlagWithoutValue) as caught:
        parse("a fox --workflow", Menu({}, ""))
    assert caught.value.example == "…"


def test_a_reply_to_a_job_whose_workflow_is_gone_says_so(menu):
    with pytest.raises(E.UnknownWorkflow) as caught:
        parse_changes("--steps 9", menu, Request("flux-dev", "a fox"))
    assert caught.value.details["nearest"] == "flux"


@pytest.mark.parametrize(
    ("reply", "base", "images", "error"),
    [
        ("--workflow flux", Request("upscale", ""), None, E.MissingPrompt),
        ("--workflow upscale", Request("flux", "a fox"), 0, E.NeedsPicture),
        ("bigger --workflow upscale", Request("flux", "a fox"), 1, E.TakesNoPrompt),
    ],
)
def test_a_reply_is_held_to_the_same_rules(menu, reply, base, images, error):
    with pytest.raises(error):
        parse_changes(reply, menu, base, images=images)


def test_a_prompt_that_nobody_can_see_is_none(said):
    with pytest.raises(E.MissingPrompt):
        said("\u200b \u200e")


@pytest.mark.parametrize(
    "typed", ["1" * 401, "nan", "inf", "1e3", "0x10", "1_000", "½", ".", "-", "１，９２０", "1，920只狐狸"]
)
def test_what_only_a_programmer_would_call_a_number_is_none(said, typed):
    with pytest.raises(E.NotNumeric):
        said(f"--guidance {typed}")


def test_a_long_text_is_named_by_its_beginning(said):
    with pytest.raises(E.NotNumeric) as caught:
        said(f"a fox --w {'wide' * 100}")
    assert caught.value.value == ("wide" * 10)[:39] + "…"


def test_of_many_choices_a_dozen_is_named():
    model = Option("model", Kind.CHOICE, ("model",), choices=tuple(f"model{n}" for n in range(30)))
    with pytest.raises(E.NoSuchChoice) as caught:
        parse("--model xyz", Menu({"a": (model,)}, "a"))
    assert caught.value.choices == (*model.choices[:12], "…")
