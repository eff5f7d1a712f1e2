"""The whole demo, and a browser to look at it: what the browser tests and README's screenshot share."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, async_playwright

from bot import app
from bot.standin import Settings, StandIn

QUIET = (
    "--no-sandbox",  # containers have no user namespaces to give
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str | None:
    """Where a Chromium is, if there is one."""
    return os.environ.get("EASEL_CHROMIUM") or shutil.which("chromium")


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, which asks nobody anything."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(frozen=True, slots=True)
class Demo:
    """A stand-in ComfyUI, Easel over it, and its console."""

    standin: StandIn
    easel: app.Easel
    console: app.OpenConsole


@asynccontextmanager
async def demo(settings: Settings | None = None, **environ: str) -> AsyncIterator[Demo]:
    """The whole product, with no token and no GPU. `environ` is laid over its settings, those of the stand-in apart."""
    async with AsyncExitStack() as stack:
        standin = await stack.enter_async_context(StandIn(settings))
        servers = json.dumps([{"name": "studio", "url": standin.url}])
        data = stack.enter_context(TemporaryDirectory(prefix="easel-browser-"))
        environ = {"EASEL_CONSOLE__PORT": "0", "EASEL_SERVERS": servers, "EASEL_DATA__FOLDER": data, **environ}
        async with app.compose(app.read_settings([], environ)) as easel, app.console(easel) as console:
            yield Demo(standin, easel, console)
