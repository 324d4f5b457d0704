"""Picking in a real headless Chromium with scanner and keyboard alone, on the store's PC and in a phone's window."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from domain.events import CATALOGUE, OrderCancelled, OrderPlaced, ProductPut, StockSet, store_log
from domain.lots import Lot
from domain.quantity import units
from tests.agent.browsing import USUAL, browser, clean_page
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, line, order
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

LOG = store_log("S1")
PACK = "8123456000000000000"
PHONE = ViewportSize(width=390, height=844)
SHOTS = "build/screenshots"


@pytest_asyncio.fixture(loop_scope="module", params=[USUAL, PHONE], ids=["pc", "phone"])
async def page(request: pytest.FixtureRequest, browser: Browser, paired: Agent) -> AsyncIterator[Page]:
    async with clean_page(browser, size=request.param) as made:
        await made.goto(await paired.link())
        yield made


def size_of(page: Page) -> str:
    return "phone" if page.viewport_size == PHONE else "pc"


async def shot(page: Page, name: str) -> None:
    assert page.viewport_size is not None
    assert await page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], name
    await page.screenshot(path=f"{SHOTS}/picking-{name}-{size_of(page)}.png")


async def scan(page: Page, code: str) -> None:
    """As a scanner that types: fast, ended by Enter."""
    await page.keyboard.type(code)
    await page.keyboard.press("Enter")


async def begin(page: Page, hub: FakeHub, agent: Agent) -> None:
    """One order of two products, its pick open on the page."""
    import datetime

    lots = (
        Lot("20260101", datetime.date(2027, 12, 31), units(1)),
        Lot("20260615", datetime.date(2028, 6, 30), units(9), month_only=True),
    )
    await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN), ProductPut(IBUPROFEN))
    await hub.tell(LOG, StockSet("AMX", units(10), "B-02", lots), StockSet("IBU", units(10), "A-01"))
    await hub.tell(LOG, OrderPlaced(order("o1", line(1, AMOXICILLIN, 3), line(2, IBUPROFEN))))
    await expect(page.locator(".card")).to_have_count(1)
    await page.keyboard.press("F4")
    await page.wait_for_url("**/orders/o1/pick")


async def test_from_the_first_scan_to_the_rider(page: Page, hub: FakeHub, paired: Agent) -> None:
    await begin(page, hub, paired)
    await shot(page, "begun")
    verdict = page.locator("#verdict")
    await scan(page, f"{PACK}1")
    await expect(verdict).to_have_class("good")
    await expect(page.locator("#line-1")).to_have_class("pick-line touched current")
    await expect(page.locator("#line-1 .slot.full")).to_have_text(["000001"])
    await shot(page, "taken")
    await scan(page, f"{PACK}1")
    await expect(verdict).to_have_class("bad")
    await expect(verdict.locator(".rule")).to_have_text("规则 R5-order")
    await shot(page, "refused")
    await page.keyboard.press("F10")
    await expect(page.locator("#line-1 .slot.full")).to_have_count(0)
    for number in (1, 2, 3):
        await scan(page, f"{PACK}{number}")
    await expect(page.locator("#line-1")).to_have_class("pick-line whole touched")
    await scan(page, "6900000000014")
    await expect(verdict).to_have_class("done")
    await shot(page, "done")


async def test_a_cancellation_stops_the_screen_even_with_a_dialog_open(page: Page, hub: FakeHub, paired: Agent) -> None:
    await begin(page, hub, paired)
    await scan(page, f"{PACK}1")
    await page.keyboard.press("F4")
    await expect(page.locator("dialog[open]")).to_be_visible()
    await shot(page, "short")
    await page.keyboard.press("Escape")
    await page.keyboard.press("F2")
    await expect(page.locator("dialog[open]")).to_be_visible()
    await shot(page, "waive")
    await hub.tell(LOG, OrderCancelled("o1", "customer", taken=False))
    await expect(page.locator("#verdict")).to_have_class("stop", timeout=1500)
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await shot(page, "stopped")
