"""What a clerk sees of a hub that is gone, and of one that is back: every page of a real browser, and the tray."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from agent.health import Health
from agent.line import LineState
from agent.tray_view import TrayView
from domain import protocol
from domain.events import OrderPlaced, store_log
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import order
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import Answer, FakeHub, problem
from tests.awaiting import seen

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SHOTS = "build/screenshots/outage"


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, paired: Agent) -> AsyncIterator[Page]:
    async with clean_page(browser) as made:
        await made.goto(await paired.link())
        yield made


async def tray(agent: Agent) -> TrayView:
    return await agent.get("/api/tray", TrayView)


async def test_a_hub_that_is_gone_and_comes_back(page: Page, paired: Agent, hub: FakeHub) -> None:
    await hub.tell(store_log("S1"), OrderPlaced(order("o1")))
    await expect(page.locator(".card")).to_have_count(1)
    hub.refuse = Answer(503)
    hub.cut()
    banner = page.locator(".banner", has_text="与总部断开，门店照常工作")
    await expect(banner).to_contain_text("现在不行：收新订单")
    await expect(page.locator("#status .line.offline")).to_have_text("与总部断开")
    for _ in range(3):
        sold = await paired.post("/api/sales", {"lines": [{"sku": "AMX", "quantity": 1000}]})
        assert sold.status_code == 200
    await expect(banner).to_contain_text("全部保存在本机，连上后自动补传")
    await expect(banner).to_contain_text("销售 3")
    for path in ("/", "/orders/o1", "/orders/o1/pick", "/stock", "/printers", "/doctor", "/settings"):
        await page.goto(f"{paired.url}{path}")
        await expect(banner).to_have_count(1)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 1366, path
        await page.screenshot(path=f"{SHOTS}/gone-{path.rpartition('/')[2] or 'board'}.png")
    shown = await tray(paired)
    assert shown.health is Health.LOOK and shown.line.startswith("与总部断开 · 自 ")
    assert shown.headline.endswith("条待上传") and any("销售 3" in line for line in shown.lines)

    hub.refuse = None
    await page.goto(f"{paired.url}/")
    back = page.locator(".banner.good")
    await expect(back).to_contain_text(re.compile(r"与总部的连接已恢复（断开了 \d+ 分钟）"))
    await expect(back).to_contain_text("条已补传完")
    await expect(banner).to_have_count(0)
    await page.screenshot(path=f"{SHOTS}/back-board.png")
    shown = await tray(paired)
    assert any("条已补传完" in line for line in (shown.headline, *shown.lines)) and shown.line.startswith("已连接总部")


async def test_a_frozen_computer_says_so_and_keeps_its_work(page: Page, paired: Agent, hub: FakeHub) -> None:
    hub.refuse = problem(403, protocol.FROZEN, "两台电脑在用同一个身份")
    hub.cut()
    await seen(paired.state, lambda state: state.line.state is LineState.FROZEN)
    banner = page.locator(".banner.bad", has_text="总部已冻结本机")
    await expect(banner).to_contain_text("已经做的都保存在本机，恢复后自动补传")
    await page.screenshot(path=f"{SHOTS}/frozen-board.png")
