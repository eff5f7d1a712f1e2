"""Loaders of models, text encoders, VAEs and LoRAs, and the nodes that patch a model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.standin.nodes.spec import (
    SIZE,
    Input,
    NodeClass,
    Step,
    choice,
    file,
    integer,
    link,
    node,
    number,
    optional,
    switch,
    traits,
)
from bot.standin.nodes.values import Model, Upscaler

_MODEL, _CLIP = link("MODEL"), link("CLIP")
_STRENGTH = number(1.0, -100.0, 100.0)
_TYPES = (
    *("stable_diffusion", "stable_cascade", "sd3", "stable_audio", "mochi", "ltxv", "pixart", "cosmos", "lumina2"),
    *("wan", "hidream", "chroma", "ace", "omnigen2", "qwen_image", "hunyuan_image", "flux2", "ovis"),
)
_PAIRS = ("sdxl", "sd3", "flux", "hunyuan_video", "hidream", "hunyuan_image", "hunyuan_video_15", "kandinsky5", "ltxv")
_DEVICE = optional(choice("default", "cpu"))


@traits(title="Load Checkpoint")
@node("CheckpointLoaderSimple", "model/loaders", "MODEL CLIP VAE", ckpt_name=file("checkpoints"))
def _checkpoint_loader(_: Step, ckpt_name: str) -> tuple[Any, ...]:
    return Model((ckpt_name,)), Model((ckpt_name,)), Model((ckpt_name,))


@traits(title="Load Diffusion Model")
@node(
    "UNETLoader",
    "model/loaders",
    "MODEL",
    unet_name=file("diffusion_models"),
    weight_dtype=choice("default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2"),
)
def _unet_loader(_: Step, unet_name: str, weight_dtype: str) -> tuple[Any, ...]:
    return (Model((unet_name, weight_dtype)),)


@traits(title="Load VAE")
@node("VAELoader", "model/loaders", "VAE", vae_name=file("vae", "taesd", "taesdxl", "taesd3", "taef1"))
def _vae_loader(_: Step, vae_name: str) -> tuple[Any, ...]:
    return (Model((vae_name,)),)


@traits(title="Load LoRA (Model and CLIP)")
@node(
    "LoraLoader",
    "model/loaders",
    "MODEL CLIP",
    model=_MODEL,
    clip=_CLIP,
    lora_name=file("loras"),
    strength_model=_STRENGTH,
    strength_clip=_STRENGTH,
)
def _lora_loader(
    _: Step, model: Model, clip: Model, lora_name: str, strength_model: float, strength_clip: float
) -> tuple[Any, ...]:
    return model.with_part(f"{lora_name}:{strength_model}"), clip.with_part(f"{lora_name}:{strength_clip}")


@traits(title="Load LoRA")
@node(
    "LoraLoaderModelOnly",
    "model/loaders",
    "MODEL",
    model=_MODEL,
    lora_name=file("loras"),
    strength_model=_STRENGTH,
)
def _lora_loader_model_only(_: Step, model: Model, lora_name: str, strength_model: float) -> tuple[Any, ...]:
    return (model.with_part(f"{lora_name}:{strength_model}"),)


@traits(title="Load Upscale Model", newer=True)
@node("UpscaleModelLoader", "model/loaders", "UPSCALE_MODEL", model_name=file("upscale_models"))
def _upscale_model_loader(_: Step, model_name: str) -> tuple[Any, ...]:
    factor = re.search(r"(\d)x|x(\d)", model_name, re.IGNORECASE)
    return (Upscaler(model_name, int(factor[1] or factor[2]) if factor else 4),)


@traits(title="CLIP Set Last Layer")
@node("CLIPSetLastLayer", "model/conditioning", "CLIP", clip=_CLIP, stop_at_clip_layer=integer(-1, -24, -1, 1))
def _clip_set_last_layer(_: Step, clip: Model, stop_at_clip_layer: int) -> tuple[Any, ...]:
    return (clip.with_part(f"layer{stop_at_clip_layer}"),)


def _gather(_: Step, **names: str) -> tuple[Any, ...]:
    """Whatever was named, as one model."""
    return (Model(tuple(value for name, value in names.items() if name != "device")),)


def _patch(_: Step, model: Model, **values: Any) -> tuple[Any, ...]:
    """The model with a note of how it was patched."""
    return (model.with_part(",".join(f"{name}={value}" for name, value in values.items())),)


def _text_encoders(name: str, count: int, folder: str, types: Sequence[str], title: str) -> NodeClass:
    names = ["clip_name"] if count == 1 else [f"clip_name{index + 1}" for index in range(count)]
    inputs: dict[str, Input] = {entry: file(folder) for entry in names}
    if types:
        inputs["type"] = choice(*types)
    if types and folder != "clip_gguf":
        inputs["device"] = _DEVICE
    gguf = folder == "clip_gguf"
    category = "bootleg" if gguf else "model/loaders"
    return NodeClass(name, category, ("CLIP",), inputs, _gather, title=title, newer=not types and not gguf)


def _simple_loader(name: str, output: str, title: str, **inputs: Input) -> NodeClass:
    category = "bootleg" if "GGUF" in name else "model/loaders"
    return NodeClass(name, category, (output,), inputs, _gather, title=title)


def _patcher(name: str, **inputs: Input) -> NodeClass:
    return NodeClass(name, "model/patch", ("MODEL",), {"model": _MODEL, **inputs}, _patch, title=name)


_DTYPE = choice("default", "target", "float32", "float16", "bfloat16", default="default")

NODES = (
    _checkpoint_loader,
    _unet_loader,
    _vae_loader,
    _lora_loader,
    _lora_loader_model_only,
    _upscale_model_loader,
    _clip_set_last_layer,
    _text_encoders("CLIPLoader", 1, "text_encoders", _TYPES, "Load CLIP"),
    _text_encoders("DualCLIPLoader", 2, "text_encoders", _PAIRS, "Load CLIP (Dual)"),
    _text_encoders("TripleCLIPLoader", 3, "text_encoders", (), "Load CLIP (Triple)"),
    _text_encoders("QuadrupleCLIPLoader", 4, "text_encoders", (), "Load CLIP (Quadruple)"),
    _text_encoders("CLIPLoaderGGUF", 1, "clip_gguf", _TYPES, "CLIPLoader (GGUF)"),
    _text_encoders("DualCLIPLoaderGGUF", 2, "clip_gguf", _PAIRS, "DualCLIPLoader (GGUF)"),
    _text_encoders("TripleCLIPLoaderGGUF", 3, "clip_gguf", (), "TripleCLIPLoader (GGUF)"),
    _simple_loader("UnetLoaderGGUF", "MODEL", "Unet Loader (GGUF)", unet_name=file("unet_gguf")),
    _simple_loader(
        "UnetLoaderGGUFAdvanced",
        "MODEL",
        "Unet Loader (GGUF/Advanced)",
        unet_name=file("unet_gguf"),
        dequant_dtype=_DTYPE,
        patch_dtype=_DTYPE,
        patch_on_device=switch(default=False),
    ),
    _simple_loader("ControlNetLoader", "CONTROL_NET", "Load ControlNet Model", control_net_name=file("controlnet")),
    _simple_loader("CLIPVisionLoader", "CLIP_VISION", "Load CLIP Vision", clip_name=file("clip_vision")),
    _simple_loader("StyleModelLoader", "STYLE_MODEL", "Load Style Model", style_model_name=file("style_models")),
    _patcher("ModelSamplingDiscrete", sampling=choice("eps", "v_prediction", "lcm", "x0"), zsnr=switch(default=False)),
    _patcher("ModelSamplingSD3", shift=number(3.0, 0.0, 100.0)),
    _patcher("ModelSamplingAuraFlow", shift=number(1.73, 0.0, 100.0)),
    _patcher(
        "ModelSamplingFlux",
        max_shift=number(1.15, 0.0, 100.0),
        base_shift=number(0.5, 0.0, 100.0),
        width=integer(1024, 16, SIZE, 8),
        height=integer(1024, 16, SIZE, 8),
    ),
    _patcher("RescaleCFG", multiplier=number(0.7, 0.0, 1.0)),
    traits(title="Differential Diffusion")(_patcher("DifferentialDiffusion", strength=optional(number(1.0, 0.0, 1.0)))),
)
