"""What a stand-in server is like: how fast, which version, where it listens, which models it claims to have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Version: TypeAlias = Literal["0.28.0", "0.3.75"]

MODELS: Mapping[str, tuple[str, ...]] = {
    "checkpoints": (
        "flux1-dev-fp8.safetensors",
        "flux1-schnell-fp8.safetensors",
        "sd_xl_base_1.0.safetensors",
        "sd_xl_refiner_1.0.safetensors",
        "v1-5-pruned-emaonly-fp16.safetensors",
    ),
    "loras": ("add_detail.safetensors", "pixel-art-xl.safetensors", "watercolor_flux.safetensors"),
    "vae": ("ae.safetensors", "sdxl_vae.safetensors"),
    "text_encoders": (
        "clip_g.safetensors",
        "clip_l.safetensors",
        "t5xxl_fp16.safetensors",
        "t5xxl_fp8_e4m3fn.safetensors",
        "t5xxl_fp8_e4m3fn_scaled.safetensors",
    ),
    "clip_gguf": ("t5-v1_1-xxl-encoder-Q8_0.gguf", "t5xxl-Q8_0.gguf"),
    "diffusion_models": (
        "flux1-dev-kontext_fp8_scaled.safetensors",
        "flux1-dev.safetensors",
        "flux1-fill-dev.safetensors",
        "flux1-schnell.safetensors",
    ),
    "unet_gguf": ("flux1-dev-Q8_0.gguf", "flux1-kontext-dev-Q8_0.gguf", "flux1-schnell-Q8_0.gguf"),
    "clip_vision": ("sigclip_vision_patch14_384.safetensors",),
    "style_models": ("flux1-redux-dev.safetensors",),
    "controlnet": ("diffusion_pytorch_model_promax.safetensors",),
    "upscale_models": (
        "2x_NMKD-UpgifLiteV2_210k.pth",
        "4x-UltraSharp.pth",
        "4x_foolhardy_Remacri.pth",
        "RealESRGAN_x4plus.pth",
        "RealESRGAN_x4plus.safetensors",
    ),
    "embeddings": (),
}
"""Folder to file names: common names of the field, among them those of the shipped workflows."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one stand-in behaves.

    `speed`: seconds a sampler takes per step; 0 never waits. `node_time`: seconds every node takes besides.
    `version` decides what differed between the recorded servers: 0.28.0 has the jobs API, insists on canonical
    prompt ids and honours ``preview_method``; 0.3.75 has and does none of it and words two refusals otherwise.
    `preview` off sends no preview frames. `port` 0 picks a free one. `label` is drawn into the corner of every
    painted picture ("" for none). `history` is how many finished prompts are remembered (ComfyUI: 10 000).
    """

    speed: float = 0.0
    node_time: float = 0.0
    version: Version = "0.28.0"
    preview: bool = True
    host: str = "127.0.0.1"
    port: int = 0
    label: str = "demo"
    history: int = 10_000
    models: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MODELS)

    @property
    def modern(self) -> bool:
        """Whether this is the newer of the two servers."""
        return self.version == "0.28.0"
