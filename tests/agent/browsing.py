"""A real browser in front of the agent's pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
USUAL = ViewportSize(width=1366, height=768)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET.split(" "))
        yield made
        await made.close()


@asynccontextmanager
async def clean_page(browser: Browser, *, script: str = "", size: ViewportSize = USUAL) -> AsyncIterator[Page]:
    """In a context of its own, with `script` before the page's. A script error or a blocked resource fails the test."""
    troubles: list[str] = []
    context = await browser.new_context(viewport=size)
    if script:
        await context.add_init_script(script)
    page = await context.new_page()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if "Security Policy" in said.text else None)
    try:
        yield page
    finally:
        await context.close()
    assert not troubles
