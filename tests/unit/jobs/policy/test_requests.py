from __future__ import annotations

from dataclasses import replace

import pytest

from bot.jobs.errors import TooLarge, TooManyPictures
from bot.jobs.model import Recipe
from bot.jobs.policy.errors import AdultsOnly, PictureTooLarge, TooManySteps, WorkflowNotAllowed
from bot.jobs.policy.limits import UNLIMITED, Limits
from bot.jobs.policy.requests import check_size, check_workflow
from bot.workflows.graph import Graph
from bot.workflows.workflow import Workflow

PAINT = Workflow("paint", "Paint", "", Graph({}), (), {}, ())
NUDE = replace(PAINT, name="nude", adult=True)
SMALL = Limits(pixels=1_048_576, steps=30, batch=4)


def recipe(**values: float) -> Recipe:
    return Recipe("paint", tuple(values.items()))


@pytest.mark.parametrize(
    ("asked", "limits", "inputs", "refusal"),
    [
        (recipe(), SMALL, [], None),
        (recipe(width=1024, height=1024, steps=30, batch=4), SMALL, [(1024, 1024)], None),
        (recipe(width=1024, height=1032), SMALL, [], TooLarge(1024, 1032, 1_048_576)),
        (recipe(width=9999), SMALL, [], None),
        (recipe(height=9999), SMALL, [], None),
        (recipe(), SMALL, [(10, 10), (4000, 3000)], PictureTooLarge(4000, 3000, 1_048_576)),
        (recipe(steps=31), SMALL, [], TooManySteps(31, 30)),
        (recipe(batch=5), SMALL, [], TooManyPictures(5, 4)),
        (recipe(width=9999, height=9999, steps=9999, batch=9999), UNLIMITED, [(9999, 9999)], None),
        (recipe(batch=2), Limits(batch=1), [], TooManyPictures(2, 1)),
        (recipe(), Limits(batch=1, steps=1), [], None),
    ],
)
def test_a_request_is_held_against_what_one_may_ask_for(asked: Recipe, limits: Limits, inputs, refusal) -> None:
    if refusal is None:
        check_size(asked, limits, inputs)
    else:
        with pytest.raises(type(refusal)) as refused:
            check_size(asked, limits, inputs)
        assert refused.value.details == refusal.details


@pytest.mark.parametrize(
    ("workflow", "names", "adult", "refusal"),
    [
        (PAINT, (), False, None),
        (PAINT, (), True, None),
        (PAINT, ("paint", "upscale"), False, None),
        (PAINT, ("upscale", "edit"), True, WorkflowNotAllowed("paint", ("edit", "upscale"))),
        (NUDE, (), False, AdultsOnly("nude")),
        (NUDE, (), True, None),
        (NUDE, ("paint",), True, WorkflowNotAllowed("nude", ("paint",))),
    ],
)
def test_a_workflow_is_for_those_and_for_places_it_is_meant_for(workflow, names, adult, refusal) -> None:
    limits = Limits(workflows=frozenset(names))
    if refusal is None:
        check_workflow(workflow, limits, adult=adult)
    else:
        with pytest.raises(type(refusal)) as refused:
            check_workflow(workflow, limits, adult=adult)
        assert refused.value.details == refusal.details
