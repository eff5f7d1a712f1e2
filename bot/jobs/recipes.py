"""From a request to a recipe, and back to a request that a person could type. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from bot.grammar.request import Request
from bot.grammar.values import fits, used
from bot.jobs.errors import WrongPictures
from bot.jobs.model import Recipe
from bot.workflows.binding import complete
from bot.workflows.options import Role
from bot.workflows.workflow import Workflow


def make_recipe(request: Request, workflow: Workflow, images: Mapping[str, str], random: Random) -> Recipe:
    """Every value made exact. `images` maps the workflow's image options to SHA-256s.

    A seed the request does not name is drawn from `random`; seed 0 is a seed.

    Raises:
        EaselError: What `bot.workflows.binding.complete` raises.
    """
    given = dict(request.values)
    if request.prompt:
        given[Role.PROMPT] = request.prompt
    values = complete(workflow, given, random)
    return Recipe(workflow=workflow.name, values=tuple(values.items()), images=tuple(images.items()))


def sized(request: Request, workflow: Workflow, size: tuple[int, int] | None) -> Request:
    """With the width and height that a chat has set, where the request names neither and the workflow has both.

    They go to the nearest that the workflow takes, as if typed. One that takes no such size keeps its own, and so does
    one that computes it, from its picture say.
    """
    sides = [workflow.option(role) for role in (Role.WIDTH, Role.HEIGHT)]
    given = dict(request.values)
    for option, pixels in zip(sides, size or (), strict=False):
        if option is None or option.default is None or option.name in dict(request.values):
            return request
        given[option.name] = used(option, pixels)
        if not fits(option, given[option.name]):
            return request
    ordered = tuple((option.name, given[option.name]) for option in workflow.options if option.name in given)
    return replace(request, values=ordered)


def assign_images(workflow: Workflow, images: Sequence[str]) -> dict[str, str]:
    """Pictures (their SHA-256s) to the workflow's image options, in the order in which they were attached.

    Raises:
        WrongPictures: Fewer than required, or more than there are places.
    """
    options = workflow.images
    required = sum(option.required for option in options)
    if not required <= len(images) <= len(options):
        raise WrongPictures(workflow=workflow.name, given=len(images), taken=len(options))
    return {option.name: image for option, image in zip(options, images, strict=False)}


def as_request(recipe: Recipe, workflow: Workflow) -> Request:
    """What a person would type to get this recipe again: every value but those the workflow has anyway."""
    defaults = {option.name: option.default for option in workflow.options}
    return Request(
        workflow=recipe.workflow,
        prompt=recipe.prompt,
        values=tuple(
            (name, value)
            for name, value in recipe.values
            if name != Role.PROMPT and (name == Role.SEED or value != defaults.get(name))
        ),
    )


def with_new_seed(request: Request) -> Request:
    """The same wish without a seed, so that a new one is drawn."""
    return replace(request, values=tuple(pair for pair in request.values if pair[0] != Role.SEED))
