"""The page speaks where nobody else can, in a real Chromium: its sounds are the agent's, and what is opened is seen."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from domain.events import OrderPlaced, OrderUrged, RiderMoved, store_log
from domain.orders import RiderState
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import NOON, order
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import seen

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
LOG = store_log("S1")
LISTENING = """
    window.sounds = [];
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (...at) {
        window.sounds.push(this.buffer.duration);
        start.apply(this, at);
    };
    let touched = false;
    addEventListener("pointerdown", () => { touched = true; }, true);
    const state = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, "state").get;
    Object.defineProperty(BaseAudioContext.prototype, "state", {
        get() { return touched ? state.call(this) : "suspended"; },
    });
"""
"""Notes the length of every sound that is really played. No sound before a touch: browsers hold it so, but Playwright's
own looking counts as a touch there."""


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, paired: Agent) -> AsyncIterator[Page]:
    async with clean_page(browser, script=LISTENING) as made:
        await made.goto(await paired.link())
        yield made


async def heard(page: Page) -> list[float]:
    found: list[float] = await page.evaluate("window.sounds")
    return found


async def test_the_page_speaks_once_it_was_touched(page: Page, hub: FakeHub) -> None:
    await hub.tell(LOG, OrderPlaced(order("o12")))
    await expect(page.locator(".announcements li")).to_contain_text("美团新订单 12 号")
    await expect(page.locator("#voice-hint")).to_be_visible()
    assert await heard(page) == []
    await page.locator("h1").click()
    await seen(lambda: heard(page), len)
    await expect(page.locator("#voice-hint")).to_be_hidden()
    assert 2 < (await heard(page))[0] < 5
    await page.locator(".announcements button").click()
    await expect(page.locator(".announcements")).to_have_count(0)


async def test_who_opens_an_order_has_seen_it(page: Page, hub: FakeHub, agent: Agent) -> None:
    await hub.tell(LOG, OrderPlaced(order("o1")), OrderPlaced(order("o2")))
    await expect(page.locator(".announcements li")).to_have_count(2)
    await page.locator(".announcements a", has_text="1 号").click()
    await page.wait_for_url("**/orders/o1")
    await expect(page.locator(".announcements li")).to_have_text(["美团新订单 2 号 知道了"])
    await hub.tell(LOG, OrderUrged("o1", NOON), RiderMoved("o2", RiderState.AT_STORE))
    await expect(page.locator(".announcements li")).to_have_count(3)
    await page.locator("h1").click()
    await expect(page.locator(".announcements li")).to_have_count(2)
    await expect(page.locator(".announcements")).not_to_contain_text("催单")


async def test_of_two_pages_one_speaks(page: Page, hub: FakeHub) -> None:
    other = await page.context.new_page()
    await other.goto(page.url)
    for each in (page, other):
        await each.locator("h1").click()
        await seen(partial(each.evaluate, "audio.state"), "running".__eq__)
    await hub.tell(LOG, OrderPlaced(order("o1")))
    for each in (page, other):
        await expect(each.locator(".announcements li")).to_have_count(1)
    await page.wait_for_timeout(1500)
    assert len(await heard(page)) + len(await heard(other)) == 1
