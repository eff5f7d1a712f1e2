"""Samplers and what feeds them. A sampler paints, step by step."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from bot.standin import painting
from bot.standin.nodes.spec import (
    SEED,
    Frame,
    Input,
    NodeClass,
    Step,
    choice,
    integer,
    link,
    node,
    number,
    switch,
    traits,
)
from bot.standin.nodes.values import Conditioning, Guider, Latent, Model, Sigmas

_MODEL, _CONDITIONING, _LATENT = link("MODEL"), link("CONDITIONING"), link("LATENT")
_SIGMAS = link("SIGMAS")
_STEPS = integer(20, 1, 10000)
_CFG = Input("FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0, "step": 0.1, "round": 0.01})
_DENOISE = number(1.0, 0.0, 1.0)
_SAMPLERS = (
    *("euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "heun", "heunpp2", "exp_heun_2_x0"),
    *("exp_heun_2_x0_sde", "dpm_2", "dpm_2_ancestral", "lms", "dpm_fast", "dpm_adaptive", "dpmpp_2s_ancestral"),
    *("dpmpp_2s_ancestral_cfg_pp", "dpmpp_sde", "dpmpp_sde_gpu", "dpmpp_2m", "dpmpp_2m_cfg_pp", "dpmpp_2m_sde"),
    *("dpmpp_2m_sde_gpu", "dpmpp_2m_sde_heun", "dpmpp_2m_sde_heun_gpu", "dpmpp_3m_sde", "dpmpp_3m_sde_gpu", "ddpm"),
    *("lcm", "ipndm", "ipndm_v", "deis", "res_multistep", "res_multistep_cfg_pp", "res_multistep_ancestral"),
    *("res_multistep_ancestral_cfg_pp", "gradient_estimation", "gradient_estimation_cfg_pp", "er_sde", "seeds_2"),
    *("seeds_3", "sa_solver", "sa_solver_pece", "ddim", "uni_pc", "uni_pc_bh2"),
)
_SAMPLER = choice(*_SAMPLERS)
_SCHEDULER = choice(
    *("simple", "sgm_uniform", "karras", "exponential", "ddim_uniform", "beta", "normal"),
    *("linear_quadratic", "kl_optimal"),
)


async def _sample(
    step: Step, guider: Guider, latent: Latent, *, seed: int, sigmas: Sigmas, styles: tuple[str, ...] = ()
) -> Latent:
    """Paint every picture of the batch; the first is shown as it develops."""
    recipes = [
        painting.Recipe(
            prompt=guider.positive.text,
            negative=guider.negative.text,
            seed=seed,
            index=index,
            width=latent.width,
            height=latent.height,
            steps=sigmas.steps,
            strength=guider.cfg if guider.positive.guidance is None else guider.positive.guidance,
            denoise=sigmas.denoise,
            unfinished=sigmas.end,
            styles=(*guider.model.parts, *styles),
            base=base,
            mask=latent.mask if base else None,
            reference=guider.positive.references[0] if guider.positive.references else None,
        )
        for index, base in enumerate(latent.pictures)
    ]
    sketch = await asyncio.to_thread(painting.Sketch, recipes[0]) if step.previews else None
    for done in range(1, sigmas.steps + 1):
        await step.sleep(step.settings.speed)
        shown = await asyncio.to_thread(sketch.at, done / sigmas.steps) if sketch else None
        await step.tick(done, sigmas.steps, Frame("JPEG", shown) if shown else None)
    label = step.settings.label
    pictures = [await asyncio.to_thread(painting.paint, recipe, label) for recipe in recipes]
    return replace(latent, pictures=tuple(pictures))


@traits(title="KSampler")
@node(
    "KSampler",
    "model/sampling",
    "LATENT",
    model=_MODEL,
    seed=SEED,
    steps=_STEPS,
    cfg=_CFG,
    sampler_name=_SAMPLER,
    scheduler=_SCHEDULER,
    positive=_CONDITIONING,
    negative=_CONDITIONING,
    latent_image=_LATENT,
    denoise=_DENOISE,
)
async def _ksampler(
    step: Step,
    *,
    model: Model,
    seed: int,
    steps: int,
    cfg: float,
    sampler_name: str,
    scheduler: str,
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    denoise: float,
) -> tuple[Any, ...]:
    guider = Guider(model, positive, negative, cfg)
    sigmas = Sigmas(steps, denoise)
    return (await _sample(step, guider, latent_image, seed=seed, sigmas=sigmas, styles=(sampler_name, scheduler)),)


@traits(title="KSampler (Advanced)")
@node(
    "KSamplerAdvanced",
    "model/sampling",
    "LATENT",
    model=_MODEL,
    add_noise=choice("enable", "disable"),
    noise_seed=SEED,
    steps=_STEPS,
    cfg=_CFG,
    sampler_name=_SAMPLER,
    scheduler=_SCHEDULER,
    positive=_CONDITIONING,
    negative=_CONDITIONING,
    latent_image=_LATENT,
    start_at_step=integer(0, 0, 10000),
    end_at_step=integer(10000, 0, 10000),
    return_with_leftover_noise=choice("disable", "enable"),
)
async def _ksampler_advanced(
    step: Step,
    *,
    model: Model,
    noise_seed: int,
    steps: int,
    cfg: float,
    positive: Conditioning,
    negative: Conditioning,
    latent_image: Latent,
    start_at_step: int,
    end_at_step: int,
    return_with_leftover_noise: str,
    **rest: str,
) -> tuple[Any, ...]:
    start, end = min(start_at_step, steps), min(end_at_step, steps)
    if end <= start:
        return (latent_image,)
    leftover = 1 - end / steps if return_with_leftover_noise == "enable" else 0.0
    sigmas = Sigmas(end - start, 1 - start / steps, leftover)
    guider = Guider(model, positive, negative, cfg)
    styles = (rest["sampler_name"], rest["scheduler"], rest["add_noise"])
    return (await _sample(step, guider, latent_image, seed=noise_seed, sigmas=sigmas, styles=styles),)


@traits(newer=True, output_names=("output", "denoised_output"))
@node(
    "SamplerCustom",
    "model/sampling/custom",
    "LATENT LATENT",
    model=_MODEL,
    add_noise=switch(default=True),
    noise_seed=SEED,
    cfg=_CFG,
    positive=_CONDITIONING,
    negative=_CONDITIONING,
    sampler=link("SAMPLER"),
    sigmas=_SIGMAS,
    latent_image=_LATENT,
)
async def _sampler_custom(
    step: Step,
    *,
    model: Model,
    noise_seed: int,
    cfg: float,
    positive: Conditioning,
    negative: Conditioning,
    sampler: str,
    sigmas: Sigmas,
    latent_image: Latent,
    **_rest: Any,
) -> tuple[Any, ...]:
    guider = Guider(model, positive, negative, cfg)
    painted = await _sample(step, guider, latent_image, seed=noise_seed, sigmas=sigmas, styles=(sampler,))
    return painted, painted


@traits(newer=True, output_names=("output", "denoised_output"))
@node(
    "SamplerCustomAdvanced",
    "model/sampling/custom",
    "LATENT LATENT",
    noise=link("NOISE"),
    guider=link("GUIDER"),
    sampler=link("SAMPLER"),
    sigmas=_SIGMAS,
    latent_image=_LATENT,
)
async def _sampler_custom_advanced(
    step: Step, *, noise: int, guider: Guider, sampler: str, sigmas: Sigmas, latent_image: Latent
) -> tuple[Any, ...]:
    painted = await _sample(step, guider, latent_image, seed=noise, sigmas=sigmas, styles=(sampler,))
    return painted, painted


@traits(newer=True)
@node("RandomNoise", "model/sampling/noise", "NOISE", noise_seed=SEED)
def _random_noise(_: Step, noise_seed: int) -> tuple[Any, ...]:
    return (noise_seed,)


@traits(newer=True)
@node("DisableNoise", "model/sampling/noise", "NOISE")
def _disable_noise(_: Step) -> tuple[Any, ...]:
    return (0,)


@traits(title="Basic Guider", newer=True)
@node("BasicGuider", "model/sampling/guiders", "GUIDER", model=_MODEL, conditioning=_CONDITIONING)
def _basic_guider(_: Step, model: Model, conditioning: Conditioning) -> tuple[Any, ...]:
    return (Guider(model, conditioning, Conditioning(), 1.0),)


@traits(title="CFG Guider", newer=True)
@node(
    "CFGGuider",
    "model/sampling/guiders",
    "GUIDER",
    model=_MODEL,
    positive=_CONDITIONING,
    negative=_CONDITIONING,
    cfg=_CFG,
)
def _cfg_guider(_: Step, model: Model, positive: Conditioning, negative: Conditioning, cfg: float) -> tuple[Any, ...]:
    return (Guider(model, positive, negative, cfg),)


@traits(title="Dual CFG Guider", newer=True)
@node(
    "DualCFGGuider",
    "model/sampling/guiders",
    "GUIDER",
    model=_MODEL,
    cond1=_CONDITIONING,
    cond2=_CONDITIONING,
    negative=_CONDITIONING,
    cfg_conds=_CFG,
    cfg_cond2_negative=_CFG,
    style=choice("regular", "nested"),
)
def _dual_cfg_guider(
    _: Step,
    *,
    model: Model,
    cond1: Conditioning,
    cond2: Conditioning,
    negative: Conditioning,
    cfg_conds: float,
    **_rest: Any,
) -> tuple[Any, ...]:
    return (Guider(model, cond1.joined(cond2), negative, cfg_conds),)


@traits(newer=True)
@node("KSamplerSelect", "model/sampling/samplers", "SAMPLER", sampler_name=_SAMPLER)
def _ksampler_select(_: Step, sampler_name: str) -> tuple[Any, ...]:
    return (sampler_name,)


@traits(newer=True)
@node(
    "BasicScheduler",
    "model/sampling/schedulers",
    "SIGMAS",
    model=_MODEL,
    scheduler=_SCHEDULER,
    steps=_STEPS,
    denoise=_DENOISE,
)
def _basic_scheduler(_: Step, steps: int, denoise: float, **_rest: Any) -> tuple[Any, ...]:
    return (Sigmas(steps, denoise),)


@traits(newer=True, output_names=("high_sigmas", "low_sigmas"))
@node("SplitSigmas", "model/sampling/sigmas", "SIGMAS SIGMAS", sigmas=_SIGMAS, step=integer(0, 0, 10000))
def _split_sigmas(_: Step, sigmas: Sigmas, **given: int) -> tuple[Any, ...]:
    return _split(sigmas, min(given["step"], sigmas.steps))


@traits(newer=True, output_names=("high_sigmas", "low_sigmas"))
@node("SplitSigmasDenoise", "model/sampling/sigmas", "SIGMAS SIGMAS", sigmas=_SIGMAS, denoise=_DENOISE)
def _split_sigmas_denoise(_: Step, sigmas: Sigmas, denoise: float) -> tuple[Any, ...]:
    return _split(sigmas, round(sigmas.steps * (1 - denoise)))


def _split(sigmas: Sigmas, at: int) -> tuple[Sigmas, Sigmas]:
    level = sigmas.denoise * (1 - at / sigmas.steps) if sigmas.steps else 0.0
    return Sigmas(at, sigmas.denoise, level), Sigmas(sigmas.steps - at, level, sigmas.end)


def _only_steps(_: Step, steps: int, denoise: float = 1.0, **_rest: Any) -> tuple[Any, ...]:
    return (Sigmas(steps, denoise),)


def _scheduler(name: str, **inputs: Input) -> NodeClass:
    return NodeClass(name, "model/sampling/schedulers", ("SIGMAS",), inputs, _only_steps, newer=True)


_SHAPE = number(0.6, 0.0, 50.0)

NODES = (
    _ksampler,
    _ksampler_advanced,
    _sampler_custom,
    _sampler_custom_advanced,
    _random_noise,
    _disable_noise,
    _basic_guider,
    _cfg_guider,
    _dual_cfg_guider,
    _ksampler_select,
    _basic_scheduler,
    _split_sigmas,
    _split_sigmas_denoise,
    _scheduler(
        "KarrasScheduler",
        steps=_STEPS,
        sigma_max=number(14.614642, 0.0, 5000.0),
        sigma_min=number(0.0291675, 0.0, 5000.0),
        rho=number(7.0, 0.0, 100.0),
    ),
    _scheduler("BetaSamplingScheduler", model=_MODEL, steps=_STEPS, alpha=_SHAPE, beta=_SHAPE),
    _scheduler("SDTurboScheduler", model=_MODEL, steps=integer(1, 1, 10), denoise=_DENOISE),
    _scheduler(
        "AlignYourStepsScheduler",
        model_type=choice("SD1", "SDXL", "SVD"),
        steps=integer(10, 1, 10000),
        denoise=_DENOISE,
    ),
)
