"""A page that stays open while Easel is killed and started again."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.standin import Settings, StandIn

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SMALL = "--w 256 --h 256"
TOKEN = "a-token-that-stays-the-same"


@dataclass(slots=True)
class Process:
    """`easel run`, one life after the other, always at the same address."""

    config: Path
    address: str
    _process: asyncio.subprocess.Process | None = field(default=None)

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", "--config", str(self.config),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout is not None
        async with asyncio.timeout(30):
            while self.address not in (line := (await self._process.stdout.readline()).decode()):
                assert line, "it ended"

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self._process.wait()


@pytest_asyncio.fixture(loop_scope="session")
async def standin() -> AsyncIterator[StandIn]:
    async with StandIn(Settings(label="")) as standin:
        yield standin
        standin.faults.resume()


@pytest_asyncio.fixture(loop_scope="session")
async def easel(standin: StandIn, tmp_path: Path) -> AsyncIterator[Process]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "config.toml"
    config.write_text(f"""
        [[servers]]
        name = "studio"
        url = "{standin.url}"

        [console]
        port = {port}
        token = "{TOKEN}"
    """)
    easel = Process(config, f"http://127.0.0.1:{port}/?token={TOKEN}")
    await easel.start()
    yield easel
    await easel.kill()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, easel: Process) -> AsyncIterator[Page]:
    async with await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB") as context:
        page = await context.new_page()
        await page.goto(easel.address)
        await expect(page.locator("body")).to_have_class("ready")
        yield page


async def say(page: Page, text: str) -> None:
    await page.locator("#prompt").fill(text)
    await page.locator("#prompt").press("Enter")


async def test_a_page_outlives_a_kill_and_gets_its_picture(page: Page, easel: Process, standin: StandIn) -> None:
    messages, results, status = (page.locator(f"#log > {which}") for which in ("li", ".finished", ".status"))
    await say(page, f"a red fox {SMALL}")
    await expect(results).to_have_count(1)
    standin.faults.stall("SamplerCustomAdvanced", at=3)
    await say(page, f"a lighthouse at dusk {SMALL}")
    await expect(status).to_contain_text("step 3 of")
    await say(page, f"a cathedral of glass {SMALL}")
    await expect(status.last).to_contain_text("Waiting: 1 of 1")
    await results.first.locator(".reply").focus()
    await page.keyboard.press("Enter")
    await page.locator("#prompt").fill("half a thought")
    await page.evaluate("window.same = true")

    await easel.kill()
    await expect(page.locator("#lost")).to_have_text("Connection lost. Trying again.")
    await page.screenshot(path="out/screenshots/restart-lost.png")
    await easel.start()
    await expect(page.locator("#lost")).to_be_hidden()
    await expect(messages.first).to_contain_text("/imagine")  # what was said, as the ledger has it
    await expect(messages).to_have_count(6)
    await expect(page.locator("#jobs li")).to_have_count(2)
    await expect(status.first).to_contain_text("Drawing")
    await expect(status.last).to_contain_text("Waiting: 1 of 1")
    await expect(results.first.get_by_role("img")).to_have_js_property("naturalWidth", 256)
    await expect(page.locator("#chips img")).to_have_js_property("naturalWidth", 256)
    await expect(page.locator("#prompt")).to_have_value("half a thought")
    await page.locator("#newest").click()
    await page.screenshot(path="out/screenshots/restart-back.png")

    standin.faults.resume()
    await expect(results).to_have_count(3)
    await expect(messages).to_have_count(6)
    await expect(results.nth(1)).to_contain_text("a lighthouse at dusk")
    await expect(results.nth(2)).to_contain_text("a cathedral of glass")
    assert len(standin.finished) == 3
    assert await page.evaluate("window.same")

    await page.locator("#prompt").press("Enter")  # the reply to what was there before
    await expect(results).to_have_count(4)
    await page.screenshot(path="out/screenshots/restart-done.png")
