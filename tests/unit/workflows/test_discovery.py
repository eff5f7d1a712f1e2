"""One small graph for each pattern that people's graphs are made of."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workflows.discovery import discover
from bot.workflows.findings import (
    ComputedValue,
    FixedSize,
    InlinePicture,
    NoPlace,
    SeveralCandidates,
    UncertainOutput,
)
from bot.workflows.graph import Graph, Link


@dataclass(frozen=True)
class Case:
    says: str
    graph: str
    roles: dict[str, str | None]
    """By role the inputs, parted by spaces, in their order; None: there must be no such role. Others may be there."""
    warnings: tuple[Any, ...] = field(default=())


# The same end for most: a picture decoded and saved.
END = "8 VAEDecode samples=@3 vae=@4.2\n9 SaveImage images=@8\n4 CheckpointLoaderSimple ckpt_name=a.safetensors\n"
EMPTY = "5 EmptyLatentImage width=512 height=512 batch_size=1\n"
TEXTS = "6 CLIPTextEncode text=fox clip=@4.1\n7 CLIPTextEncode text=blurry clip=@4.1\n"
KSAMPLER = "3 KSampler seed=1 steps=20 cfg=8 denoise=1 model=@4 positive=@6 negative=@7 latent_image=@5\n"

SAMPLERS = [
    Case(
        "KSampler",
        END + EMPTY + TEXTS + KSAMPLER,
        {
            "prompt": "6.text",
            "negative": "7.text",
            "width": "5.width",
            "height": "5.height",
            "batch": "5.batch_size",
            "seed": "3.seed",
            "steps": "3.steps",
            "guidance": "3.cfg",
            "denoise": "3.denoise",
            "model": "4.ckpt_name",
            "image": None,
            "lora": None,
        },
    ),
    Case(
        "a sampler nobody has heard of, by its inputs alone",
        END + EMPTY + TEXTS + KSAMPLER.replace("KSampler", "WarpDrive//Mk2"),
        {"prompt": "6.text", "negative": "7.text", "seed": "3.seed", "steps": "3.steps", "width": "5.width"},
    ),
    Case(
        "KSamplerAdvanced, base and refiner: words and steps on both, the seed where noise is added, no denoise",
        END
        + EMPTY
        + TEXTS
        + """
        2 KSamplerAdvanced add_noise=enable noise_seed=1 steps=25 cfg=8 start_at_step=0 end_at_step=20
            model=@4 positive=@6 negative=@7 latent_image=@5
        3 KSamplerAdvanced add_noise=disable noise_seed=0 steps=25 cfg=8 start_at_step=20 end_at_step=10000
            model=@12 positive=@15 negative=@7 latent_image=@2
        12 CheckpointLoaderSimple ckpt_name=refiner.safetensors
        15 CLIPTextEncode text="a fine fox" clip=@12.1
        """,
        {
            "prompt": "6.text 15.text",
            "negative": "7.text",
            "seed": "2.noise_seed",
            "steps": "2.steps 3.steps",
            "guidance": "2.cfg 3.cfg",
            "width": "5.width",
            "denoise": None,
            "model": None,  # two of them
        },
    ),
    Case(
        "SamplerCustom: steps and denoise from the scheduler",
        END
        + EMPTY
        + TEXTS
        + """
        3 SamplerCustom add_noise=true noise_seed=1 cfg=3 model=@4 positive=@6 negative=@7 sampler=@13 sigmas=@14
            latent_image=@5
        13 KSamplerSelect sampler_name=euler
        14 BasicScheduler scheduler=normal steps=28 denoise=0.5 model=@4
        """,
        {"seed": "3.noise_seed", "steps": "14.steps", "denoise": "14.denoise", "guidance": "3.cfg"},
    ),
    Case(
        "a second sampler that adds no noise has an inert seed",
        END
        + EMPTY
        + TEXTS
        + """
        2 SamplerCustom add_noise=true noise_seed=1 cfg=3 positive=@6 negative=@7 sigmas=@14 latent_image=@5
        3 SamplerCustom add_noise=false noise_seed=0 cfg=3 positive=@6 negative=@7 sigmas=@14.1 latent_image=@2
        14 SplitSigmas step=3 sigmas=@15
        15 BasicScheduler scheduler=normal steps=28 denoise=1
        """,
        {"seed": "2.noise_seed", "steps": "15.steps"},
    ),
    Case(
        "a sampler without a negative side has no negative",
        END
        + EMPTY
        + TEXTS
        + """
        3 GuidedSampler seed=1 steps=20 positive=@20 latent_image=@5
        20 ControlNetApplyAdvanced strength=1 positive=@6 negative=@7 image=@21
        21 LoadImage image=in.png
        """,
        {"prompt": "6.text", "negative": None},
    ),
    Case(
        "SamplerCustomAdvanced with BasicGuider: FluxGuidance, seed from the noise, no negative",
        END
        + EMPTY
        + """
        3 SamplerCustomAdvanced noise=@10 guider=@11 sampler=@13 sigmas=@14 latent_image=@5
        10 RandomNoise noise_seed=1
        11 BasicGuider model=@4 conditioning=@12
        12 FluxGuidance guidance=3.5 conditioning=@6
        6 CLIPTextEncode text=fox clip=@4.1
        13 KSamplerSelect sampler_name=euler
        14 SplitSigmas step=3 sigmas=@15
        15 BasicScheduler scheduler=simple steps=20 denoise=1 model=@4
        """,
        {
            "prompt": "6.text",
            "negative": None,
            "seed": "10.noise_seed",
            "steps": "15.steps",
            "denoise": "15.denoise",
            "guidance": "12.guidance",
            "model": "4.ckpt_name",
        },
    ),
    Case(
        "CFGGuider, and noise that is switched off",
        END
        + EMPTY
        + TEXTS
        + """
        3 SamplerCustomAdvanced noise=@10 guider=@11 sampler=@13 sigmas=@14 latent_image=@5
        10 DisableNoise
        11 CFGGuider cfg=4 model=@4 positive=@6 negative=@7
        14 Flux2Scheduler steps=20 width=1024 height=1024
        """
        + "13 KSamplerSelect sampler_name=euler",
        {"prompt": "6.text", "negative": "7.text", "guidance": "11.cfg", "seed": None, "steps": "14.steps"},
    ),
    Case(
        "DualCFGGuider: the first conditioning is the prompt",
        END
        + EMPTY
        + TEXTS
        + """
        3 SamplerCustomAdvanced noise=@10 guider=@11 sampler=@13 sigmas=@14 latent_image=@5
        10 RandomNoise noise_seed=1
        11 DualCFGGuider cfg_conds=5 cfg_cond2_negative=2 model=@4 cond1=@12 cond2=@17 negative=@7
        17 CLIPTextEncode text="a picture" clip=@4.1
        12 InstructPixToPixConditioning positive=@6 negative=@7 vae=@4.2 pixels=@16
        13 KSamplerSelect sampler_name=euler
        14 BasicScheduler steps=28 denoise=1 model=@4
        16 LoadImage image=in.png
        """,
        {"prompt": "6.text", "negative": "7.text", "guidance": "11.cfg_conds", "image": "16.image"},
    ),
    Case(
        "two stages: a seed for each, denoise of the second only",
        END
        + EMPTY
        + TEXTS
        + """
        2 KSampler seed=1 steps=12 cfg=8 denoise=1 model=@4 positive=@6 negative=@7 latent_image=@5
        3 KSampler seed=2 steps=14 cfg=8 denoise=0.5 model=@4 positive=@6 negative=@7 latent_image=@10
        10 LatentUpscaleBy scale_by=1.5 samples=@2
        """,
        {"seed": "2.seed 3.seed", "steps": "2.steps 3.steps", "denoise": "3.denoise", "width": "5.width"},
    ),
    Case(
        "a second stage of a fixed size is warned of",
        END
        + EMPTY
        + TEXTS
        + """
        2 KSampler seed=1 steps=12 cfg=8 denoise=1 model=@4 positive=@6 negative=@7 latent_image=@5
        3 KSampler seed=2 steps=14 cfg=8 denoise=0.5 model=@4 positive=@6 negative=@7 latent_image=@10
        10 LatentUpscale|Hires width=1152 height=1152 samples=@2
        """,
        {"width": "5.width", "height": "5.height"},
        (FixedSize("width", "10", "Hires"),),
    ),
    Case(
        "a detailer behind the sampler shares nothing but the seed",
        EMPTY
        + TEXTS
        + KSAMPLER
        + """
        4 CheckpointLoaderSimple ckpt_name=a.safetensors
        8 VAEDecode samples=@3 vae=@4.2
        32 FaceDetailer seed=7 steps=10 cfg=5 denoise=0.4 image=@8 model=@4 positive=@33 negative=@7
        33 CLIPTextEncode text="a detailed face" clip=@4.1
        9 SaveImage images=@32
        36 SaveImage images=@8
        """,
        {
            "prompt": "6.text",
            "seed": "3.seed 32.seed",
            "steps": "3.steps",
            "denoise": "3.denoise",
            "output": "9 36",
        },
    ),
    Case(
        "a sampler that only makes the control picture is left alone",
        END
        + EMPTY
        + TEXTS
        + """
        3 KSampler seed=1 steps=20 cfg=8 denoise=1 model=@4 positive=@20 negative=@20.1 latent_image=@5
        20 ControlNetApplyAdvanced strength=1 positive=@6 negative=@7 control_net=@21 image=@22
        21 ControlNetLoader control_net_name=depth.safetensors
        22 VAEDecode samples=@23 vae=@4.2
        23 KSampler seed=2 steps=1 cfg=1 denoise=1 model=@4 positive=@24 negative=@24 latent_image=@25
        24 LotusConditioning
        25 VAEEncode pixels=@26 vae=@4.2
        26 LoadImage image=in.png
        """,
        {"prompt": "6.text", "seed": "3.seed", "steps": "3.steps", "image": "26.image"},
    ),
]

CONDITIONING = [
    Case(
        "any node may stand between sampler and text",
        END
        + EMPTY
        + TEXTS
        + KSAMPLER.replace("positive=@6 negative=@7", "positive=@20 negative=@20.1")
        + """
        20 SomebodysApply strength=1 positive=@21 negative=@7 image=@23
        21 ReferenceLatent conditioning=@22 latent=@24
        22 FluxGuidance guidance=2.5 conditioning=@6
        23 LoadImage image=in.png
        24 VAEEncode pixels=@23 vae=@4.2
        """,
        {"prompt": "6.text", "negative": "7.text", "guidance": "22.guidance", "image": "23.image"},
    ),
    Case(
        "a negative that is zeroed out is none",
        END
        + EMPTY
        + TEXTS
        + KSAMPLER.replace("negative=@7", "negative=@20")
        + "20 ConditioningZeroOut conditioning=@7",
        {"prompt": "6.text", "negative": None},
    ),
    Case(
        "one text on both sides is the prompt",
        END + EMPTY + "6 CLIPTextEncode text=fox clip=@4.1\n" + KSAMPLER.replace("negative=@7", "negative=@6"),
        {"prompt": "6.text", "negative": None},
    ),
    Case(
        "FluxGuidance on the negative side alone is not the guidance",
        END
        + EMPTY
        + TEXTS
        + KSAMPLER.replace("negative=@7", "negative=@20")
        + "20 FluxGuidance guidance=3 conditioning=@7",
        {"guidance": "3.cfg", "negative": "7.text"},
    ),
    Case(
        "an encoder with a text for each text model is set as one",
        END
        + EMPTY
        + """
        3 KSampler seed=1 steps=20 cfg=1 denoise=1 model=@4 positive=@6 negative=@7 latent_image=@5
        6 CLIPTextEncodeFlux clip_l=fox t5xxl="a fox" guidance=3.5 clip=@4.1
        7 CLIPTextEncodeSDXL text_g=blurry text_l=bad width=1024 height=1024 clip=@4.1
        """,
        {"prompt": "6.clip_l 6.t5xxl", "negative": "7.text_g 7.text_l", "guidance": "6.guidance", "width": "5.width"},
    ),
    Case(
        "regions of one prompt are set together",
        END
        + EMPTY
        + KSAMPLER.replace("positive=@6", "positive=@20")
        + TEXTS
        + """
        20 ConditioningCombine conditioning_1=@6 conditioning_2=@21
        21 ConditioningSetArea width=256 height=256 x=0 y=0 strength=1 conditioning=@22
        22 CLIPTextEncode text="a tree" clip=@4.1
        """,
        {"prompt": "6.text 22.text"},
    ),
    Case(
        "a loader that holds everything",
        """
        3 KSampler seed=1 steps=20 cfg=8 denoise=1 model=@12 positive=@12.1 negative=@12.2 latent_image=@12.3
        8 VAEDecode samples=@3 vae=@12.4
        9 SaveImage images=@8
        12 "Efficient Loader" ckpt_name=a.safetensors lora_name=b.safetensors positive=fox negative=blurry
            empty_latent_width=768 empty_latent_height=512 batch_size=1
        """,
        {
            "prompt": "12.positive",
            "negative": "12.negative",
            "width": "12.empty_latent_width",
            "height": "12.empty_latent_height",
            "model": "12.ckpt_name",
            "lora": "12.lora_name",
        },
    ),
    Case(
        "through a pipe",
        """
        3 PipeSampler seed=1 steps=20 cfg=8 denoise=1 basic_pipe=@12 latent_image=@5
        5 EmptyLatentImage width=512 height=512 batch_size=1
        12 ToBasicPipe model=@4 clip=@4.1 vae=@4.2 positive=@6 negative=@7
        4 CheckpointLoaderSimple ckpt_name=a.safetensors
        8 VAEDecode samples=@3 vae=@4.2
        9 SaveImage images=@8
        """
        + TEXTS,
        {"prompt": "6.text", "negative": "7.text", "seed": "3.seed"},
    ),
]

TEXT_ONLY = END + EMPTY + KSAMPLER + "7 CLIPTextEncode text=blurry clip=@4.1\n6 CLIPTextEncode text=@20 clip=@4.1\n"

PLUMBING = [
    Case("a primitive string", TEXT_ONLY + "20 PrimitiveStringMultiline value=fox", {"prompt": "20.value"}),
    Case(
        "through a preview that keeps a copy of what it showed",
        TEXT_ONLY + "20 ShowText text=@21 text2=fox\n21 PrimitiveString value=fox",
        {"prompt": "21.value"},
    ),
    Case(
        "the part that a person writes is linked in; the fixed part stands in the node",
        TEXT_ONLY
        + '20 StringConcatenate string_a="masterpiece, " string_b=@21 delimiter=""\n21 PrimitiveString value=fox',
        {"prompt": "21.value"},
    ),
    Case(
        "a system prompt is not the prompt",
        TEXT_ONLY
        + """
        20 StringConcatenate string_a=@21 string_b=@22 delimiter=""
        21 "PrimitiveString|System Prompt" value="You write prompts. You are very good at it."
        22 PrimitiveString value=fox
        """,
        {"prompt": "22.value"},
    ),
    Case(
        "what replaces a placeholder is the prompt",
        TEXT_ONLY + '20 StringReplace string="Draw {it} well" find={it} replace=@21\n21 PrimitiveString value=fox',
        {"prompt": "21.value"},
    ),
    Case(
        "what is tidied up is the prompt",
        TEXT_ONLY + "20 StringReplace string=@21 find=\"'\" replace='\"'\n21 PrimitiveString value=fox",
        {"prompt": "21.value"},
    ),
    Case(
        "an empty part beside a written one",
        TEXT_ONLY + "20 StringFunction action=append text_a=fox text_b=''",
        {"prompt": "20.text_a"},
    ),
    Case(
        "two forms of one text are set together",
        TEXT_ONLY
        + '20 WildcardProcessor wildcard_text=fox populated_text=fox mode=populate Select="Select a wildcard"',
        {"prompt": "20.wildcard_text 20.populated_text"},
    ),
    Case(
        "the user's part of what a language model rewrites",
        TEXT_ONLY
        + """
        20 TextGenerate prompt=@21 max_length=512 clip=@4.1
        21 StringConcatenate string_a=@22 string_b=@23 delimiter=""
        22 "PrimitiveString|System Prompt" value="You write prompts. You are very good at it."
        23 "PrimitiveString|User Prompt" value=fox
        """,
        {"prompt": "23.value"},
    ),
    Case(
        "two parts that may both be meant: one is chosen, with a warning",
        TEXT_ONLY + '20 JoinStrings string1="a red fox" string2="in snow"',
        {"prompt": "20.string1"},
        (SeveralCandidates("prompt", "20.string1", ("20.string2",)),),
    ),
    Case(
        "a text that comes from no text",
        TEXT_ONLY + "20 Interrogator|Describe image=@21 model=wd14\n21 LoadImage image=in.png",
        {"prompt": None},
        (ComputedValue("prompt", "6", "CLIPTextEncode"), NoPlace("prompt")),
    ),
]

SWITCH = "30 PrimitiveBoolean|Turbo value=true\n"
SWITCHES = [
    Case(
        "of a switch, the branch that is on",
        END
        + EMPTY
        + TEXTS
        + KSAMPLER.replace("steps=20 cfg=8", "steps=@20 cfg=@21")
        + SWITCH
        + """
        20 ComfySwitchNode switch=@30 on_false=@22 on_true=@23
        21 ComfySwitchNode switch=false on_false=@24 on_true=@25
        22 PrimitiveInt value=30
        23 PrimitiveInt value=8
        24 PrimitiveFloat value=4
        25 PrimitiveFloat value=1
        """,
        {"steps": "23.value", "guidance": "24.value"},
    ),
    Case(
        "a switch among prompts, and pictures behind the branch that is off are not asked for",
        END
        + EMPTY
        + KSAMPLER.replace("positive=@6", "positive=@20")
        + TEXTS
        + SWITCH
        + """
        20 ComfySwitchNode switch=@30 on_false=@21 on_true=@6
        21 TextEncodeEdit prompt="make it blue" clip=@4.1 image=@22
        22 LoadImage image=in.png
        """,
        {"prompt": "6.text", "image": None},
    ),
    Case(
        "a numbered switch",
        TEXT_ONLY + "20 ImpactSwitch select=2 input1=@21 input2=@22\n21 Text text=one\n22 Text text=two",
        {"prompt": "22.text"},
    ),
    Case(
        "the first of any",
        TEXT_ONLY + "20 AnySwitch any_01=@21 any_02=@22\n21 Text text=one\n22 Text text=two",
        {"prompt": "21.text"},
    ),
    Case(
        "a switch that something unknown throws",
        TEXT_ONLY
        + """
        20 ComfySwitchNode switch=@23 on_false=@21 on_true=@22
        21 Text text=one
        22 Text text=other
        23 Oracle a=1 b=2
        """,
        {"prompt": "22.text"},
        (SeveralCandidates("prompt", "22.text", ("21.text",)),),
    ),
]


def _latent(lines: str) -> str:
    return END + TEXTS + KSAMPLER + lines


SIZES = [
    *(
        Case(
            f"{name} says the size",
            _latent(f"5 {name} width=1024 height=768 batch_size=2"),
            {"width": "5.width", "height": "5.height", "batch": "5.batch_size"},
        )
        for name in ("EmptySD3LatentImage", "EmptyFlux2LatentImage", "EmptyHunyuanImageLatent", "EmptyNextYearsLatent")
    ),
    Case(
        "a size from numbers elsewhere",
        _latent(
            """
            5 EmptyLatentImage width=@20.1 height=@21 batch_size=1
            20 ComfyMathExpression expression="max(a, 256)" values.a=@22
            21 PrimitiveInt value=512
            22 PrimitiveInt value=512
            """
        ),
        {"width": "22.value", "height": "21.value"},
    ),
    Case(
        "a size that is the picture's",
        _latent(
            """
            5 EmptyLatentImage width=@20 height=@20.1 batch_size=1
            20 GetImageSize image=@21
            21 ImageScaleToTotalPixels megapixels=1 upscale_method=lanczos image=@22
            22 LoadImage image=in.png
            """
        ),
        {"width": None, "height": None, "batch": "5.batch_size"},
    ),
    Case(
        "a size from a picker is not guessed at",
        _latent(
            """
            5 EmptyLatentImage width=@20 height=@20.1 batch_size=1
            20 "ResolutionSelector|Pick a size" aspect_ratio="1:1 (Square)" megapixels=1 multiple=8
            """
        ),
        {"width": None, "height": None},
        (ComputedValue("width", "20", "Pick a size"), ComputedValue("height", "20", "Pick a size")),
    ),
    Case(
        "image to image: the size is the picture's, repeated in a batch",
        _latent(
            """
            5 RepeatLatentBatch amount=2 samples=@20
            20 VAEEncode pixels=@21 vae=@4.2
            21 LoadImage image=in.png
            """
        ),
        {"width": None, "batch": "5.amount", "image": "21.image"},
    ),
    Case(
        "a picture brought to a size first",
        _latent(
            """
            5 VAEEncode pixels=@20 vae=@4.2
            20 ImageScale upscale_method=lanczos width=768 height=512 crop=center image=@21
            21 LoadImage image=in.png
            """
        ),
        {"width": "20.width", "height": "20.height"},
    ),
    Case(
        "two sizes that meet: one is chosen, with a warning",
        _latent(
            """
            5 LatentComposite samples_to=@20 samples_from=@21 x=0 y=0
            20 EmptyLatentImage width=1024 height=1024 batch_size=1
            21 EmptyLatentImage width=512 height=512 batch_size=1
            """
        ),
        {"width": "20.width", "height": "20.height", "batch": "20.batch_size"},
        (SeveralCandidates("width", "20.width", ("21.width",)),),
    ),
    Case(
        "a node that prepares conditioning and latent at once",
        END
        + TEXTS
        + """
        3 KSampler seed=1 steps=20 cfg=8 denoise=1 model=@4 positive=@5 negative=@5.1 latent_image=@5.2
        5 WanImageToVideo width=640 height=480 length=81 batch_size=1 positive=@6 negative=@7 vae=@4.2 start_image=@20
        20 LoadImage image=in.png
        """,
        {"width": "5.width", "height": "5.height", "prompt": "6.text", "negative": "7.text", "image": "20.image"},
    ),
]

PICTURES = [
    Case(
        "several pictures, in the order in which a person would attach them",
        _latent(
            """
            5 VAEEncode pixels=@20 vae=@4.2
            20 ImageStitch direction=right image1=@22 image2=@21
            21 LoadImage image=b.png
            22 LoadImage image=a.png
            23 LoadImage image=unused.png
            """
        ),
        {"image": "22.image 21.image"},
    ),
    Case(
        "the transparency of a picture as its mask",
        _latent("5 VAEEncodeForInpaint pixels=@20 vae=@4.2 mask=@20.1\n20 LoadImage image=in.png"),
        {"image": "20.image", "mask": "20.image"},
    ),
    Case(
        "a mask of its own",
        _latent(
            """
            5 SetLatentNoiseMask samples=@20 mask=@21
            20 VAEEncode pixels=@22 vae=@4.2
            21 LoadImageMask image=mask.png channel=red
            22 LoadImage image=in.png
            """
        ),
        {"image": "22.image", "mask": "21.image"},
    ),
    Case(
        "a picture that is made a mask",
        _latent(
            """
            5 SetLatentNoiseMask samples=@20 mask=@21
            20 VAEEncode pixels=@22 vae=@4.2
            21 ImageToMask channel=red image=@23
            22 LoadImage image=in.png
            23 LoadImage image=mask.png
            """
        ),
        {"image": "22.image", "mask": "23.image"},
    ),
    Case(
        "a picture the server made before is nobody's to send",
        _latent("5 VAEEncode pixels=@20 vae=@4.2\n20 LoadImageOutput image='out.png [output]'"),
        {"image": None},
    ),
    Case(
        "a picture that stands in the graph itself",
        _latent("5 VAEEncode pixels=@20 vae=@4.2\n20 ETN_LoadImageBase64|Inline image=aGVsbG8="),
        {"image": "20.image"},
        (InlinePicture("image", "20", "Inline"),),
    ),
    Case(
        "an upscaler without any sampler",
        """
        1 LoadImage image=in.png
        2 UpscaleModelLoader model_name=4x.pth
        3 ImageUpscaleWithModel upscale_model=@2 image=@1
        4 SaveImage images=@3
        """,
        {"image": "1.image", "prompt": None, "seed": None, "batch": None, "output": "4"},
    ),
]

OUTPUTS = [
    Case(
        "over the WebSocket",
        END.replace("SaveImage", "SaveImageWebsocket") + EMPTY + TEXTS + KSAMPLER,
        {"output": "9", "prompt": "6.text"},
    ),
    Case(
        "previews beside a saved picture do not count",
        END + EMPTY + TEXTS + KSAMPLER + "10 PreviewImage images=@8",
        {"output": "9"},
    ),
    Case(
        "a preview, where nothing is saved",
        END.replace("SaveImage", "PreviewImage") + EMPTY + TEXTS + KSAMPLER,
        {"output": "9", "prompt": "6.text"},
    ),
    Case(
        "the final one of several comes first, and one that feeds another counts",
        END + EMPTY + TEXTS + KSAMPLER + "10 ImageScaleBy scale_by=2 image=@9\n11 SaveImage images=@10",
        {"output": "11 9"},
    ),
    Case(
        "an output unknown by name is taken with a warning",
        END.replace("SaveImage", "VideoCombine") + EMPTY + TEXTS + KSAMPLER,
        {"output": "9", "prompt": "6.text"},
        (UncertainOutput("output", ("9",)),),
    ),
    Case(
        "saved latents and texts are no pictures",
        END + EMPTY + TEXTS + KSAMPLER + "10 SaveLatent samples=@3\n11 SaveText text=@6",
        {"output": "9"},
    ),
]

MODELS = [
    Case(
        "the loader behind LoRA and patches",
        END
        + EMPTY
        + TEXTS
        + KSAMPLER.replace("model=@4", "model=@20")
        + """
        20 ModelSamplingFlux max_shift=1 model=@21
        21 LoraLoader lora_name=style.safetensors strength_model=1 strength_clip=1 model=@4 clip=@4.1
        """,
        {"model": "4.ckpt_name", "lora": "21.lora_name"},
    ),
    Case(
        "of several LoRAs none is meant",
        END
        + EMPTY
        + TEXTS
        + KSAMPLER.replace("model=@4", "model=@20")
        + """
        20 LoraLoaderModelOnly lora_name=a.safetensors strength_model=1 model=@21
        21 LoraLoaderModelOnly lora_name=b.safetensors strength_model=1 model=@4
        """,
        {"model": "4.ckpt_name", "lora": None},
    ),
    Case(
        "a model behind a guider",
        """
        3 SamplerCustomAdvanced noise=@10 guider=@11 sampler=@13 sigmas=@14 latent_image=@5
        4 UnetLoaderGGUF unet_name=flux1-dev-Q8_0.gguf
        8 VAEDecode samples=@3
        9 SaveImage images=@8
        10 RandomNoise noise_seed=1
        11 BasicGuider model=@4 conditioning=@6
        14 BasicScheduler steps=28 denoise=1 model=@4
        13 KSamplerSelect sampler_name=euler
        6 CLIPTextEncode text=fox clip=@7
        7 CLIPLoader clip_name=t5.safetensors
        """
        + EMPTY,
        {"model": "4.unet_name", "prompt": "6.text"},
    ),
]

CASES = [*SAMPLERS, *CONDITIONING, *PLUMBING, *SWITCHES, *SIZES, *PICTURES, *OUTPUTS, *MODELS]


def _joined(graph: str) -> str:
    """Lines that go on, indented deeper, are part of the line before."""
    lines: list[str] = []
    for line in graph.splitlines():
        goes_on = line.strip() and lines and not line.split()[0].strip('"').replace(":", "").isdigit()
        if goes_on:
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    return "\n".join(lines)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_roles_are_found(case, read):
    found = discover(read(_joined(case.graph)))
    roles = {str(role): " ".join(map(str, targets)) for role, targets in found.targets.items()}
    roles["output"] = " ".join(found.outputs)
    assert {role: roles.get(role) for role in case.roles} == case.roles
    assert found.warnings == case.warnings


def test_subgraph_ids_are_ids_like_others(read):
    inner = (END + EMPTY + TEXTS + KSAMPLER).replace("@", "@12:").split("\n")
    graph = "\n".join(line if line.startswith("9") else f"12:{line}" for line in inner if line)
    found = discover(read(graph))
    assert [str(target) for target in found.targets["prompt"]] == ["12:6.text"]
    assert [str(target) for target in found.targets["width"]] == ["12:5.width"]
    assert found.outputs == ("9",)


def test_a_long_row_of_conditioning_is_followed_to_its_text():
    row = {str(n): {"inputs": {"conditioning": [str(n + 1), 0]}, "class_type": "Pass"} for n in range(100, 5_000)}
    row["5000"] = {"inputs": {"text": "fox", "clip": ["4", 1]}, "class_type": "CLIPTextEncode"}
    row |= {
        "3": {"inputs": {"seed": 1, "positive": ["100", 0], "negative": ["100", 0]}, "class_type": "KSampler"},
        "4": {"inputs": {"ckpt_name": "a"}, "class_type": "CheckpointLoaderSimple"},
        "9": {"inputs": {"images": ["3", 0]}, "class_type": "SaveImage"},
    }
    found = discover(Graph.parse(json.dumps(row)))
    assert [str(target) for target in found.targets["prompt"]] == ["5000.text"]


def test_two_thousand_samplers_in_a_row_are_no_trouble():
    row: dict[str, Any] = {
        "0": {"inputs": {"width": 512, "height": 512, "batch_size": 1}, "class_type": "EmptyLatentImage"}
    }
    for n in range(1, 2_000):
        row[f"{n}t"] = {"inputs": {"text": "fox", "clip": ["4", 1]}, "class_type": "CLIPTextEncode"}
        inputs = {"seed": n, "denoise": 1, "positive": [f"{n}t", 0], "latent_image": [str(n - 1), 0]}
        row[str(n)] = {"inputs": inputs, "class_type": "KSampler"}
    row["save"] = {"inputs": {"images": ["1999", 0]}, "class_type": "SaveImage"}
    found = discover(Graph.parse(json.dumps(row)))
    assert len(found.targets["seed"]) == 1_999
    assert [str(target) for target in found.targets["denoise"]] == ["1999.denoise"]
    assert [str(target) for target in found.targets["width"]] == ["0.width"]


_LINES = [shlex.split(line) for case in CASES for line in _joined(case.graph).splitlines() if line.strip()]
_CLASSES = st.sampled_from(sorted({line[1] for line in _LINES}))
_NAMES = st.sampled_from(sorted({word.partition("=")[0] for line in _LINES for word in line if "=" in word}))
_IDS = st.sampled_from([str(n) for n in range(8)])
_VALUES = st.tuples(_IDS, st.integers(0, 2)).map(list) | st.none() | st.booleans() | st.integers() | st.text(max_size=4)
_TANGLES = st.dictionaries(
    _IDS,
    st.fixed_dictionaries(
        {"class_type": _CLASSES, "inputs": st.dictionaries(_NAMES, _VALUES | st.floats(allow_nan=False), max_size=8)}
    ),
    min_size=1,
)


def test_a_name_that_ends_in_more_digits_than_python_reads_is_a_name():
    link = ["2", 0]
    document = {
        "1": {"inputs": {"images": link, "9" * 5_000: link, "select": 1}, "class_type": "SaveImage"},
        "2": {"inputs": {"1" * 5_000: link, "select": 1}, "class_type": "Switch"},
    }
    assert discover(Graph.parse(json.dumps(document))).outputs == ("1",)


@given(_TANGLES)
def test_of_any_tangle_only_literals_that_are_there_are_found(document):
    graph = Graph.parse(json.dumps(document))
    found = discover(graph)
    assert set(found.outputs) <= set(graph.nodes)
    for targets in found.targets.values():
        assert len(set(targets)) == len(targets)
        for target in targets:
            value = graph.nodes[target.node].inputs[target.input]
            assert not isinstance(value, Link)
            assert isinstance(value, str | int | float)
