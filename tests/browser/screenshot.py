"""README's picture of the console: ``python -m tests.browser.screenshot [FILE]``, docs/console.png by default."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from playwright.async_api import expect

from bot.grammar.parser import parse
from bot.jobs.model import Person, Place
from bot.jobs.service import Submission
from bot.standin import Settings
from tests.browser.demo import demo, open_browser

DONE = "mountain lake at dawn, mist, watercolour --n 2 --ar 21:9 --seed 21"
RUNNING = "a lighthouse at dusk, calm sea, long exposure --w 1600 --h 640 --seed 3"
AT_STEP = 19
WAITING = (("Mia", "a cathedral of glass in the rain"), ("阿明", "竹林里的小茶馆，清晨薄雾"))


async def take(file: Path) -> None:
    """Two pictures done, one on its way, others waiting, in light colours."""
    async with demo(Settings(label=""), EASEL_ACCESS__ANYBODY="true") as running, open_browser() as browser:
        standin, service, console = running.standin, running.easel.service, running.console
        context = await browser.new_context(
            viewport={"width": 1440, "height": 900}, color_scheme="light", locale="en-GB", reduced_motion="reduce"
        )
        page = await context.new_page()
        await page.goto(console.server.url)
        await console.desk.say(DONE)
        await expect(page.locator(".finished")).to_have_count(1, timeout=60_000)
        standin.faults.stall("SamplerCustomAdvanced", at=AT_STEP)
        await console.desk.say(RUNNING)
        await expect(page.locator(".status")).to_contain_text(f"step {AT_STEP} of", timeout=60_000)
        for name, prompt in WAITING:
            request = parse(prompt, await service.menu())
            await service.submit(Submission(request, Person(f"telegram:{name}", name), Place("telegram", "1")))
        await expect(page.locator("#jobs")).to_contain_text(f"place {len(WAITING)}", timeout=60_000)
        await page.wait_for_function("[...document.images].every((image) => image.complete)")
        await page.screenshot(path=file)
        standin.faults.resume()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/console.png")))
