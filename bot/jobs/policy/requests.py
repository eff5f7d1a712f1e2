"""What one request may ask for."""

from __future__ import annotations

from collections.abc import Iterable

from bot.jobs.errors import TooLarge, TooManyPictures
from bot.jobs.model import Recipe
from bot.jobs.policy.errors import AdultsOnly, PictureTooLarge, TooManySteps, WorkflowNotAllowed
from bot.jobs.policy.limits import Limits
from bot.workflows.options import Role
from bot.workflows.workflow import Workflow


def check_workflow(workflow: Workflow, limits: Limits, *, adult: bool) -> None:
    """Whether that workflow may be used in a place that is marked for adults, or is not.

    Raises:
        WorkflowNotAllowed: The limits name others.
        AdultsOnly: Not in such a place.
    """
    if limits.workflows and workflow.name not in limits.workflows:
        raise WorkflowNotAllowed(workflow=workflow.name, allowed=tuple(sorted(limits.workflows)))
    check_adult(workflow, adult=adult)


def check_adult(workflow: Workflow, *, adult: bool) -> None:
    """Whether what that workflow makes may be seen in a place that is marked for adults, or is not.

    Raises:
        AdultsOnly: Not in such a place.
    """
    if workflow.adult and not adult:
        raise AdultsOnly(workflow=workflow.name)


def check_size(recipe: Recipe, limits: Limits, inputs: Iterable[tuple[int, int]] = ()) -> None:
    """Hold the work that a recipe makes against the limits. `inputs` are widths and heights of its input pictures.

    Raises:
        TooLarge: More pixels than allowed in one picture.
        PictureTooLarge: The same of an input picture.
        TooManySteps: More steps than allowed.
        TooManyPictures: A batch over the limit.
    """
    width, height = (int(recipe.value(side) or 0) for side in (Role.WIDTH, Role.HEIGHT))
    if 0 < limits.pixels < width * height:
        raise TooLarge(width=width, height=height, allowed=limits.pixels)
    for width, height in inputs:
        if 0 < limits.pixels < width * height:
            raise PictureTooLarge(width=width, height=height, allowed=limits.pixels)
    steps = int(recipe.value(Role.STEPS) or 0)
    if 0 < limits.steps < steps:
        raise TooManySteps(asked=steps, allowed=limits.steps)
    batch = int(recipe.value(Role.BATCH) or 1)
    if 0 < limits.batch < batch:
        raise TooManyPictures(asked=batch, allowed=limits.batch)
