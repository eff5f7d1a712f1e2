from __future__ import annotations

import pytest

from bot.comfyui.errors import ServerUnreachable
from bot.jobs.catalog import Catalog
from bot.pool.pool import Pool
from bot.pool.testing import FakeRenderer


@pytest.fixture
def servers() -> tuple[FakeRenderer, FakeRenderer]:
    return FakeRenderer("left"), FakeRenderer("right")


@pytest.fixture
def catalog(house, servers) -> Catalog:
    return Catalog(
        house.shelf, Pool(servers), defaults=["gone", "paint", "upscale"], defaults_with_image=["repaint", "upscale"]
    )


async def test_the_default_is_the_first_that_a_server_can_run(catalog, servers) -> None:
    menu = await catalog.menu()
    assert (menu.default, menu.default_with_image) == ("paint", "repaint")
    for server in servers:
        server.lacking = {"paint", "repaint"}
    menu = await catalog.menu()
    assert (menu.default, menu.default_with_image) == ("upscale", "upscale")
    servers[1].lacking = set()
    assert (await catalog.menu()).default == "paint"


async def test_where_no_server_tells_it_is_the_first_there_is(catalog, servers) -> None:
    for server in servers:
        server.problem = ServerUnreachable(server=server.name, reason="away")
    menu = await catalog.menu()
    assert (menu.default, menu.default_with_image) == ("paint", "repaint")


async def test_a_server_that_is_away_hides_no_other(catalog, servers) -> None:
    servers[0].problem = ServerUnreachable(server="left", reason="away")
    servers[1].lacking = {"paint"}
    assert (await catalog.menu()).default == "upscale"


async def test_where_there_is_no_choice_no_server_is_asked(house, servers) -> None:
    for server in servers:
        server.problem = AssertionError("asked")
    catalog = Catalog(house.shelf, Pool(servers), defaults=["paint"], defaults_with_image=[])
    menu = await catalog.menu()
    assert (menu.default, menu.default_with_image) == ("paint", None)


async def test_the_menu_has_every_workflow_with_its_options(catalog, house) -> None:
    menu = await catalog.menu()
    assert menu.workflows == {workflow.name: workflow.options for workflow in house.shelf.all()}


async def test_without_a_workflow_the_menu_names_the_one_that_was_wanted(house, servers) -> None:
    house.shelf.workflows.clear()
    catalog = Catalog(house.shelf, Pool(servers), defaults=["paint"], defaults_with_image=["repaint"])
    menu = await catalog.menu()
    assert (menu.default, menu.default_with_image) == ("paint", None)
    assert await catalog.for_variation() is None


def test_a_command_leads_to_its_workflow(catalog) -> None:
    assert catalog.command("upscale").name == "upscale"
    assert catalog.command("paint") is None
