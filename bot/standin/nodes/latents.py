"""Latents: empty ones, from and to pictures, resized and joined."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PIL import ImageFilter

from bot.standin.nodes.spec import SIZE, NodeClass, Step, choice, integer, link, node, number, traits
from bot.standin.nodes.values import Images, Latent

_LATENT, _IMAGE, _MASK, _VAE = link("LATENT"), link("IMAGE"), link("MASK"), link("VAE")
_METHOD = choice("nearest-exact", "bilinear", "area", "bicubic", "bislerp")
_CROP = choice("disabled", "center")


def _empty(_: Step, width: int, height: int, batch_size: int, **_rest: Any) -> tuple[Any, ...]:
    return (Latent(width, height, (None,) * batch_size),)


def _empty_latent(name: str, default: int, step: int, title: str | None = None, smallest: int = 16) -> NodeClass:
    side = integer(default, smallest, SIZE, step)
    inputs = {"width": side, "height": side, "batch_size": integer(1, 1, 4096)}
    return NodeClass(name, "model/latent", ("LATENT",), inputs, _empty, title=title)


@traits(title="VAE Decode", heavy=True)
@node("VAEDecode", "model/latent", "IMAGE", samples=_LATENT, vae=_VAE)
def _vae_decode(_: Step, samples: Latent, **_rest: Any) -> tuple[Any, ...]:
    return (samples.decoded(),)


_TILES = {"tile_size": integer(512, 64, 4096, 32), "overlap": integer(64, 0, 4096, 32)}
_TILES |= {"temporal_size": integer(64, 8, 4096, 4), "temporal_overlap": integer(8, 4, 4096, 4)}


@traits(title="VAE Decode (Tiled)", heavy=True)
@node("VAEDecodeTiled", "model/latent", "IMAGE", samples=_LATENT, vae=_VAE, **_TILES)
def _vae_decode_tiled(_: Step, samples: Latent, **_rest: Any) -> tuple[Any, ...]:
    return (samples.decoded(),)


def _encoded(pixels: Images) -> Latent:
    return Latent(*pixels[0].size, pixels)


@traits(title="VAE Encode")
@node("VAEEncode", "model/latent", "LATENT", pixels=_IMAGE, vae=_VAE)
def _vae_encode(_: Step, pixels: Images, **_rest: Any) -> tuple[Any, ...]:
    return (_encoded(pixels),)


@traits(title="VAE Encode (Tiled)")
@node("VAEEncodeTiled", "model/latent", "LATENT", pixels=_IMAGE, vae=_VAE, **_TILES)
def _vae_encode_tiled(_: Step, pixels: Images, **_rest: Any) -> tuple[Any, ...]:
    return (_encoded(pixels),)


@traits(title="VAE Encode (for Inpainting)", heavy=True)
@node(
    "VAEEncodeForInpaint",
    "model/latent",
    "LATENT",
    pixels=_IMAGE,
    vae=_VAE,
    mask=_MASK,
    grow_mask_by=integer(6, 0, 64, 1),
)
def _vae_encode_for_inpaint(_: Step, pixels: Images, mask: Images, grow_mask_by: int, **_rest: Any) -> tuple[Any, ...]:
    latent = _encoded(pixels)
    grown = mask[0].resize((latent.width, latent.height)).filter(ImageFilter.MaxFilter(grow_mask_by // 2 * 2 + 1))
    return (replace(latent, mask=grown),)


@traits(title="Set Latent Noise Mask")
@node("SetLatentNoiseMask", "model/latent", "LATENT", samples=_LATENT, mask=_MASK)
def _set_latent_noise_mask(_: Step, samples: Latent, mask: Images) -> tuple[Any, ...]:
    return (replace(samples, mask=mask[0].resize((samples.width, samples.height))),)


@traits(title="Upscale Latent", heavy=True)
@node(
    "LatentUpscale",
    "model/latent",
    "LATENT",
    samples=_LATENT,
    upscale_method=_METHOD,
    width=integer(512, 0, SIZE, 8),
    height=integer(512, 0, SIZE, 8),
    crop=_CROP,
)
def _latent_upscale(_: Step, samples: Latent, width: int, height: int, **_rest: Any) -> tuple[Any, ...]:
    wide = width or max(8, round(samples.width * height / samples.height)) if height else width
    high = height or max(8, round(samples.height * width / samples.width)) if width else height
    return (samples.resized(wide, high) if wide and high else samples,)


@traits(title="Upscale Latent By", heavy=True)
@node(
    "LatentUpscaleBy",
    "model/latent",
    "LATENT",
    samples=_LATENT,
    upscale_method=_METHOD,
    scale_by=number(1.5, 0.01, 8.0),
)
def _latent_upscale_by(_: Step, samples: Latent, scale_by: float, **_rest: Any) -> tuple[Any, ...]:
    return (samples.resized(max(1, round(samples.width * scale_by)), max(1, round(samples.height * scale_by))),)


@traits(title="Repeat Latent Batch")
@node("RepeatLatentBatch", "model/latent/batch", "LATENT", samples=_LATENT, amount=integer(1, 1, 64))
def _repeat_latent_batch(_: Step, samples: Latent, amount: int) -> tuple[Any, ...]:
    return (replace(samples, pictures=samples.pictures * amount),)


@traits(title="Get Latent From Batch")
@node(
    "LatentFromBatch",
    "model/latent/batch",
    "LATENT",
    samples=_LATENT,
    batch_index=integer(0, -SIZE, SIZE),
    length=integer(1, 1, 64),
)
def _latent_from_batch(_: Step, samples: Latent, batch_index: int, length: int) -> tuple[Any, ...]:
    start = min(batch_index % len(samples.pictures) if batch_index < 0 else batch_index, len(samples.pictures) - 1)
    return (replace(samples, pictures=samples.pictures[start : start + length]),)


NODES = (
    _empty_latent("EmptyLatentImage", 512, 8, "Empty Latent Image"),
    _empty_latent("EmptySD3LatentImage", 1024, 16),
    _empty_latent("EmptyFlux2LatentImage", 1024, 16, "Empty Flux 2 Latent"),
    _empty_latent("EmptyHunyuanImageLatent", 2048, 32, smallest=64),
    _vae_decode,
    _vae_decode_tiled,
    _vae_encode,
    _vae_encode_tiled,
    _vae_encode_for_inpaint,
    _set_latent_noise_mask,
    _latent_upscale,
    _latent_upscale_by,
    _repeat_latent_batch,
    _latent_from_batch,
)
