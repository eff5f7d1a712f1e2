"""One Chromium for all browser tests; a fresh demo and a fresh page for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot.app import OpenConsole
from bot.standin import StandIn
from tests.browser.demo import chromium, demo, open_browser

SCREENSHOTS = Path("out/screenshots")

expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if chromium() is None:
        skip = pytest.mark.skip(reason="no Chromium here: apt-get install chromium, or name one in EASEL_CHROMIUM")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(skip)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@dataclass(slots=True)
class Shown:
    """The demo, and what became of the pages that looked at it."""

    standin: StandIn
    console: OpenConsole
    faults: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def watch(self, page: Page) -> None:
        """Note every complaint of the page and every host that it asks."""
        page.on("console", lambda message: message.type in ("error", "warning") and self.faults.append(message.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    @property
    def own_host(self) -> str:
        return urlsplit(self.console.server.url).netloc


@pytest_asyncio.fixture(loop_scope="session")
async def shown() -> AsyncIterator[Shown]:
    async with demo(EASEL_POOL__GRACE="1") as running:
        shown = Shown(running.standin, running.console)
        yield shown
        shown.standin.faults.resume()
    assert shown.faults == [], "the page complained"
    # a data: or blob: address has no host
    assert shown.hosts <= {shown.own_host, ""}, "the page asked somebody else"


@dataclass(slots=True)
class Chat:
    """The page as somebody at it sees it."""

    page: Page
    shown: Shown

    @property
    def prompt(self) -> Locator:
        return self.page.locator("#prompt")

    @property
    def messages(self) -> Locator:
        return self.page.locator("#log > li")

    @property
    def results(self) -> Locator:
        return self.page.locator("#log > .finished")

    @property
    def status(self) -> Locator:
        return self.page.locator("#log > .status").last

    def button(self, name: str) -> Locator:
        """The newest button of that name."""
        return self.page.get_by_role("button", name=name, exact=True).last

    async def open(self) -> None:
        await self.page.goto(self.shown.console.server.url)
        await expect(self.page.locator("body")).to_have_class("ready")

    async def say(self, text: str) -> None:
        await self.prompt.fill(text)
        await self.prompt.press("Enter")

    async def draw(self, text: str) -> Locator:
        """Say it and wait for the result."""
        before = await self.results.count()
        await self.say(text)
        await expect(self.results).to_have_count(before + 1)
        return self.results.last

    def stall(self, *, at: int) -> None:
        """Let every sampler stop at that step until `resume`."""
        self.shown.standin.faults.stall("SamplerCustomAdvanced", at=at)

    def resume(self) -> None:
        self.shown.standin.faults.resume()


@pytest_asyncio.fixture(loop_scope="session")
async def chat(browser: Browser, shown: Shown) -> AsyncIterator[Chat]:
    """An English page, as wide as a desk's."""
    async with await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB") as context:
        page = await context.new_page()
        shown.watch(page)
        chat = Chat(page, shown)
        await chat.open()
        yield chat


@pytest.fixture
def shoot(chat: Chat) -> Callable[[str], object]:
    """Keep a screenshot to look at."""

    async def shoot(name: str) -> None:
        await chat.page.screenshot(path=SCREENSHOTS / f"{name}.png")  # Playwright makes the folder

    return shoot
