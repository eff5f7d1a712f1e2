from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

import pytest

from bot.jobs.catalog import Catalog
from bot.pool.testing import FakeRenderer


@pytest.fixture
def servers() -> tuple[FakeRenderer, FakeRenderer]:
    return FakeRenderer("left"), FakeRenderer("right")


@pytest.fixture
async def build(house, servers) -> AsyncIterator[Callable[..., Awaitable[Catalog]]]:
    """Builds a catalog over the two servers as they are then."""
    async with AsyncExitStack() as stack:

        async def build_catalog(*defaults: str, with_image: Sequence[str] = ()) -> Catalog:
            pool = await stack.enter_async_context(house.time.pool(*servers))
            return Catalog(house.shelf, pool, defaults=defaults, defaults_with_image=with_image)

        yield build_catalog


@pytest.fixture
async def catalog(build) -> Catalog:
    return await build("gone", "paint", "upscale", with_image=["repaint", "upscale"])


@pytest.mark.parametrize(
    ("left", "right", "chosen"),
    [
        (set(), set(), ("paint", "repaint")),
        ({"paint", "repaint"}, {"paint", "repaint"}, ("upscale", "upscale")),
        ({"paint", "repaint"}, {"repaint"}, ("paint", "upscale")),
        ({"paint", "repaint", "upscale"}, {"paint", "repaint", "upscale"}, ("paint", "repaint")),
    ],
)
async def test_the_default_is_the_first_that_a_server_can_run(catalog, servers, left, right, chosen) -> None:
    servers[0].lacking, servers[1].lacking = left, right
    menu = await catalog.menu()
    assert (menu.default, menu.default_with_image) == chosen


async def test_what_a_chat_prefers_goes_before_what_servers_can_run(catalog, servers) -> None:
    for server in servers:
        server.lacking = {"upscale"}
    assert (await catalog.menu("upscale")).default == "upscale"
    assert (await catalog.menu("gone")).default == "paint"


async def test_where_no_server_tells_it_is_the_first_there_is(servers, build) -> None:
    for server in servers:
        server.go_away()
    menu = await (await build("gone", "paint", "upscale", with_image=["repaint", "upscale"])).menu()
    assert (menu.default, menu.default_with_image) == ("paint", "repaint")


async def test_a_server_that_is_away_hides_no_other(servers, build) -> None:
    servers[0].go_away()
    servers[1].lacking = {"paint"}
    assert (await (await build("paint", "upscale")).menu()).default == "upscale"


async def test_where_there_is_no_choice_no_server_is_asked(servers, build) -> None:
    menu = await (await build("paint")).menu()
    assert (menu.default, menu.default_with_image) == ("paint", None)
    assert [server.asked["findings"] for server in servers] == [0, 0]


async def test_the_menu_has_every_workflow_with_its_options(catalog, house) -> None:
    menu = await catalog.menu()
    assert menu.workflows == {workflow.name: workflow.options for workflow in house.shelf.all()}


async def test_without_a_workflow_the_menu_names_the_one_that_was_wanted(house, build) -> None:
    house.shelf.workflows.clear()
    catalog = await build("paint", with_image=["repaint"])
    menu = await catalog.menu()
    assert (menu.default, menu.default_with_image) == ("paint", None)
    assert await catalog.for_variation() is None


async def test_a_command_leads_to_its_workflow(catalog) -> None:
    assert catalog.command("upscale").name == "upscale"
    assert catalog.command("paint") is None
