"""A clerk practises in a real browser with a scanner that types: from the switch to the end, in both languages."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from agent.training.lessons import COURSE, Lesson
from domain.events import OrderPlaced, store_log
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import order
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.agent.typed_scan import scan

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, paired: Agent) -> AsyncIterator[Page]:
    """The practice page, reached by the switch as a clerk does."""
    async with clean_page(browser) as made:
        await made.goto(await paired.link("/settings"))
        await made.locator("#train").click()
        await expect(made.locator(".practice .sign")).to_have_text("练习")
        await made.wait_for_load_state("load")  # from then on its buttons work
        yield made


async def begin(page: Page, lesson: Lesson) -> list[str]:
    """Brings practice orders until the lesson's, and starts its pick. Returns the codes on its shelf."""
    wanted = COURSE.index(lesson) + 1
    for number in range(1, wanted + 1):
        await page.locator("#next-practice").click()
        await expect(page.locator(".new .card")).to_have_count(number)
    await page.locator(".new .card", has_text=f"#{wanted}").locator("[data-key=pick]").click()
    await page.wait_for_url("**/pick")
    await page.wait_for_load_state("load")
    packs = page.locator("[data-code]")
    await expect(packs.first).to_be_visible()
    return [str(code) for code in await packs.evaluate_all("packs => packs.map(pack => pack.dataset.code)")]


async def test_from_the_first_order_to_the_rider(page: Page) -> None:
    *codes, stranger = await begin(page, Lesson.SEVERAL)
    verdict = page.locator("#verdict")
    await scan(page, stranger)
    await expect(verdict).to_have_class("bad")
    await expect(verdict).to_contain_text("不是本订单的商品")
    for code in codes:
        await scan(page, code)
        await expect(verdict.locator(".detail")).to_have_text(code)
        await expect(verdict).to_have_class("done" if code == codes[-1] else "good")
    await expect(verdict).to_contain_text("本单拣货完成")
    await expect(page.locator(".pack.done")).to_have_count(len(codes))
    await expect(page.locator(".badge", has_text="已拣完")).to_be_visible()
    for _ in range(2):
        await page.keyboard.press("F6")
    await expect(page.locator(".columns")).to_be_visible()
    await expect(page.locator(".new .card")).to_have_count(1)


async def test_a_pack_is_scanned_by_a_click_too(page: Page) -> None:
    await begin(page, Lesson.ONE)
    await page.locator("[data-code]").first.click()
    await expect(page.locator("#verdict")).to_have_class("done")


async def test_the_customer_cancels_in_the_middle(page: Page) -> None:
    first, second, _ = await begin(page, Lesson.CANCELLED)
    await scan(page, first)
    await expect(page.locator(".badge.bad").first).to_contain_text("已停止")
    await scan(page, second)
    await expect(page.locator("#verdict")).to_contain_text("订单已取消，停止拣货")


async def test_the_customer_wants_something_back(page: Page) -> None:
    first, _, _ = await begin(page, Lesson.REFUND)
    await scan(page, first)
    agree = page.locator('[id^="agree-"]')
    await agree.click()
    await agree.click()
    await expect(page.locator(".panel h2", has_text="已退款")).to_be_visible()
    await expect(page.locator(".pick-line.struck")).to_have_count(1)
    await page.keyboard.press("F8")
    await expect(page.locator(".badge", has_text="已拣完").or_(page.locator(".done .card"))).to_be_visible()


async def test_a_real_order_is_one_click_away(page: Page, hub: FakeHub, paired: Agent) -> None:
    await hub.tell(store_log("S1"), OrderPlaced(order("o7")))
    await page.locator("#real-orders").click()
    await page.wait_for_url(f"{paired.url}/")
    await expect(page.locator(".new .card")).to_contain_text("#7")
    await expect(page.locator(".practice")).to_have_count(0)


async def test_the_end_leads_back_and_the_slip_can_be_seen(page: Page, paired: Agent) -> None:
    await page.locator("#next-practice").click()
    async with page.context.expect_page() as opened:
        await page.locator("#paper-of-practice").click()
    paper = await opened.value
    await paper.wait_for_load_state("load")
    assert await paper.evaluate("document.images[0].decode().then(() => document.images[0].naturalWidth)") > 400
    await paper.close()
    await page.locator("#language").click()
    await expect(page.locator(".practice .sign")).to_have_text("PRACTICE")
    await page.wait_for_load_state("load")
    end = page.locator("#end-training")
    await end.click()
    await end.click()
    await page.wait_for_url(f"{paired.url}/")
    await expect(page.locator("nav")).to_contain_text("Settings")
