"""From words to conditioning, and the nodes that lie between them and the sampler."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PIL import Image

from bot.standin.nodes.spec import (
    SIZE,
    NodeClass,
    Step,
    choice,
    integer,
    link,
    node,
    number,
    optional,
    switch,
    text,
    traits,
)
from bot.standin.nodes.values import Conditioning, Images, Latent

_CONDITIONING, _IMAGE = link("CONDITIONING"), link("IMAGE")
_PROMPT = text(multiline=True)
_PERCENT = number(0.0, 0.0, 1.0, 0.001)
_BOTH = {"output_names": ("positive", "negative")}


@traits(title="CLIP Text Encode (Prompt)")
@node("CLIPTextEncode", "model/conditioning", "CONDITIONING", text=_PROMPT, clip=link("CLIP"))
def _clip_text_encode(_: Step, text: str, **_rest: Any) -> tuple[Any, ...]:
    return (Conditioning(text),)


@traits(newer=True)
@node(
    "CLIPTextEncodeFlux",
    "model/conditioning/flux",
    "CONDITIONING",
    clip=link("CLIP"),
    clip_l=_PROMPT,
    t5xxl=_PROMPT,
    guidance=number(3.5, 0.0, 100.0, 0.1),
)
def _clip_text_encode_flux(_: Step, clip_l: str, t5xxl: str, guidance: float, **_rest: Any) -> tuple[Any, ...]:
    return (Conditioning(t5xxl or clip_l, guidance),)


@traits(title="CLIP Text Encode (SDXL)", newer=True)
@node(
    "CLIPTextEncodeSDXL",
    "model/conditioning",
    "CONDITIONING",
    clip=link("CLIP"),
    width=integer(1024, 0, SIZE),
    height=integer(1024, 0, SIZE),
    crop_w=integer(0, 0, SIZE),
    crop_h=integer(0, 0, SIZE),
    target_width=integer(1024, 0, SIZE),
    target_height=integer(1024, 0, SIZE),
    text_g=_PROMPT,
    text_l=_PROMPT,
)
def _clip_text_encode_sdxl(_: Step, text_g: str, text_l: str, **_rest: Any) -> tuple[Any, ...]:
    return (Conditioning(text_g or text_l),)


@traits(title="CLIP Text Encode (SD3)", newer=True)
@node(
    "CLIPTextEncodeSD3",
    "model/conditioning",
    "CONDITIONING",
    clip=link("CLIP"),
    clip_l=_PROMPT,
    clip_g=_PROMPT,
    t5xxl=_PROMPT,
    empty_padding=choice("none", "empty_prompt"),
)
def _clip_text_encode_sd3(_: Step, clip_l: str, clip_g: str, t5xxl: str, **_rest: Any) -> tuple[Any, ...]:
    return (Conditioning(t5xxl or clip_g or clip_l),)


@traits(newer=True)
@node(
    "FluxGuidance",
    "model/conditioning/flux",
    "CONDITIONING",
    conditioning=_CONDITIONING,
    guidance=number(3.5, 0.0, 100.0, 0.1),
)
def _flux_guidance(_: Step, conditioning: Conditioning, guidance: float) -> tuple[Any, ...]:
    return (replace(conditioning, guidance=guidance),)


@traits(title="Conditioning Zero Out")
@node("ConditioningZeroOut", "model/conditioning/transform", "CONDITIONING", conditioning=_CONDITIONING)
def _conditioning_zero_out(_: Step, conditioning: Conditioning) -> tuple[Any, ...]:
    return (replace(conditioning, text=""),)


@traits(title="Set Reference Latent", newer=True)
@node(
    "ReferenceLatent",
    "model/conditioning",
    "CONDITIONING",
    conditioning=_CONDITIONING,
    latent=optional(link("LATENT")),
)
def _reference_latent(_: Step, conditioning: Conditioning, latent: Latent | None = None) -> tuple[Any, ...]:
    pictures = tuple(picture for picture in latent.pictures if picture) if latent else ()
    return (replace(conditioning, references=conditioning.references + pictures),)


@traits(title="Conditioning (Combine)")
@node(
    "ConditioningCombine",
    "model/conditioning/transform",
    "CONDITIONING",
    conditioning_1=_CONDITIONING,
    conditioning_2=_CONDITIONING,
)
def _conditioning_combine(_: Step, conditioning_1: Conditioning, conditioning_2: Conditioning) -> tuple[Any, ...]:
    return (conditioning_1.joined(conditioning_2),)


def _to_from(_: Step, conditioning_to: Conditioning, conditioning_from: Conditioning, **_rest: Any) -> tuple[Any, ...]:
    return (conditioning_to.joined(conditioning_from),)


@traits(title="Apply ControlNet", **_BOTH)
@node(
    "ControlNetApplyAdvanced",
    "model/conditioning/controlnet",
    "CONDITIONING CONDITIONING",
    positive=_CONDITIONING,
    negative=_CONDITIONING,
    control_net=link("CONTROL_NET"),
    image=_IMAGE,
    strength=number(1.0, 0.0, 10.0),
    start_percent=_PERCENT,
    end_percent=number(1.0, 0.0, 1.0, 0.001),
    vae=optional(link("VAE")),
)
def _control_net_apply_advanced(
    _: Step, positive: Conditioning, negative: Conditioning, **_rest: Any
) -> tuple[Any, ...]:
    return positive, negative


@traits(title="CLIP Vision Encode")
@node(
    "CLIPVisionEncode",
    "model/conditioning",
    "CLIP_VISION_OUTPUT",
    clip_vision=link("CLIP_VISION"),
    image=_IMAGE,
    crop=choice("center", "none"),
)
def _clip_vision_encode(_: Step, image: Images, **_rest: Any) -> tuple[Any, ...]:
    return (image,)


@traits(title="Apply Style Model")
@node(
    "StyleModelApply",
    "model/conditioning",
    "CONDITIONING",
    conditioning=_CONDITIONING,
    style_model=link("STYLE_MODEL"),
    clip_vision_output=link("CLIP_VISION_OUTPUT"),
    strength=number(1.0, 0.0, 10.0, 0.001),
    strength_type=choice("multiply", "attn_bias"),
)
def _style_model_apply(_: Step, conditioning: Conditioning, **_rest: Any) -> tuple[Any, ...]:
    return (conditioning,)


@traits(title="InpaintModelConditioning", output_names=("positive", "negative", "latent"))
@node(
    "InpaintModelConditioning",
    "model/conditioning",
    "CONDITIONING CONDITIONING LATENT",
    positive=_CONDITIONING,
    negative=_CONDITIONING,
    vae=link("VAE"),
    pixels=_IMAGE,
    mask=link("MASK"),
    noise_mask=switch(default=True),
)
def _inpaint_model_conditioning(
    _: Step,
    positive: Conditioning,
    negative: Conditioning,
    pixels: Images,
    mask: Images,
    *,
    noise_mask: bool,
    **_rest: Any,
) -> tuple[Any, ...]:
    size = pixels[0].size
    held: Image.Image | None = mask[0].resize(size) if noise_mask else None
    return positive, negative, Latent(*size, pixels, held)


def _joiner(name: str, title: str, **inputs: Any) -> NodeClass:
    links = {"conditioning_to": _CONDITIONING, "conditioning_from": _CONDITIONING}
    return NodeClass(name, "model/conditioning/transform", ("CONDITIONING",), links | inputs, _to_from, title=title)


NODES = (
    _clip_text_encode,
    _clip_text_encode_flux,
    _clip_text_encode_sdxl,
    _clip_text_encode_sd3,
    _flux_guidance,
    _conditioning_zero_out,
    _reference_latent,
    _conditioning_combine,
    _control_net_apply_advanced,
    _clip_vision_encode,
    _style_model_apply,
    _inpaint_model_conditioning,
    _joiner("ConditioningConcat", "Conditioning (Concat)"),
    _joiner("ConditioningAverage", "Conditioning (Average)", conditioning_to_strength=number(1.0, 0.0, 1.0)),
)
