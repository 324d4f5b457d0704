"""The pages in a narrow window, beside the ERP's or on a phone: nothing sticks out, and nothing stays covered."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from domain.events import OrderPlaced, OrderUrged, store_log
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import order
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import NOW, FakeHub
from tests.awaiting import seen

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ORDERS = ("o1", "o2", "o3")


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, paired: Agent, hub: FakeHub) -> AsyncIterator[Page]:
    """A phone's window, and more to announce than fits in a row."""
    for id in ORDERS:
        await hub.tell(store_log("S1"), OrderPlaced(order(id)), OrderUrged(id, NOW))
    await seen(lambda: paired.order(ORDERS[-1]), lambda view: view is not None and view.card.urged_at is not None)
    async with clean_page(browser, size=ViewportSize(width=390, height=844)) as made:
        await made.goto(await paired.link("/"))
        yield made


async def test_nothing_sticks_out(page: Page, paired: Agent) -> None:
    of_an_order = (f"/orders/{ORDERS[0]}", f"/orders/{ORDERS[0]}/pick")
    for path in ("/", *of_an_order, "/devices", "/settings", "/slips", "/doctor"):
        await page.goto(f"{paired.url}{path}")
        await page.wait_for_load_state("load")
        assert await page.evaluate("document.documentElement.scrollWidth") == 390, path
        await page.screenshot(path=f"build/screenshots/narrow-{path.rpartition('/')[2] or 'board'}.png", full_page=True)


async def test_what_stands_last_can_be_brought_above_the_announcements(page: Page) -> None:
    await expect(page.locator(".announcements li")).to_have_count(6)
    # Scrolled and measured in one breath: the board draws its cards anew at each event.
    await page.wait_for_function("""() => {
        scrollTo(0, document.documentElement.scrollHeight);
        const last = [...document.querySelectorAll(".card")].at(-1).getBoundingClientRect();
        const bar = document.querySelector(".announcements").getBoundingClientRect();
        return last.height > 0 && bar.height > 0 && last.bottom <= bar.top;
    }""")
