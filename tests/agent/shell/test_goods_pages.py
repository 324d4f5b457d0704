"""Goods taken in and lots counted on the store's pages, by keyboard and scanner alone, on an old PC and on a phone."""

from datetime import date

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Page, ViewportSize, expect

from agent.files import system_clock
from agent.lots.listing import Listing
from domain.events import CATALOGUE, PRICES, PolicySet, PricePut, ProductPut, StockSet, store_log
from domain.lots import Lot
from domain.policy import ChainPolicy, Duty, Owner
from domain.quantity import units
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN
from tests.agent.picking.conftest import pack
from tests.agent.shell import fake_hub
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.agent.typed_scan import scan as type_scan
from tests.awaiting import seen

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

LOG = store_log("S1")
OURS = ChainPolicy(owners={Duty.LOT_STOCK: Owner.YAOLINK, Duty.RECEIVING: Owner.YAOLINK})
SIZES = [ViewportSize(width=1366, height=768), ViewportSize(width=390, height=844)]
SHOTS = "build/screenshots/goods"
LOTS = (Lot("B2501", date(2026, 12, 31), units(4)), Lot("B2401", date(2026, 10, 31), units(2)))


@pytest.fixture(autouse=True)
def hub_of_today(monkeypatch: pytest.MonkeyPatch, hub: FakeHub) -> None:
    monkeypatch.setattr(fake_hub, "NOW", system_clock())
    hub.followed = (LOG, CATALOGUE, PRICES)


@pytest_asyncio.fixture(loop_scope="module")
async def store(paired: Agent, hub: FakeHub) -> Agent:
    await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN), ProductPut(IBUPROFEN))
    await hub.tell(PRICES, PricePut("AMX", 1250))
    await hub.tell(LOG, PolicySet(OURS), StockSet("AMX", units(6), "A-1", LOTS))
    await seen(
        lambda: paired.get("/api/lots", Listing),
        lambda told: told.ours and [row.price for row in told.rows] == [1250] * 2,
    )
    return paired


def bill(text: str) -> FilePayload:
    return {"name": "bill.csv", "mimeType": "text/csv", "buffer": text.encode("gbk")}


async def scan(page: Page, text: str) -> None:
    await page.evaluate("document.activeElement?.blur()")
    await type_scan(page, text)


async def hands_come_after(page: Page) -> None:
    """No hand presses Tab within Wedge.TRAIL of a scan; there it is the scanner's second ending."""
    await page.wait_for_timeout(300)


@pytest.mark.parametrize("size", SIZES, ids=["pc", "phone"])
async def test_goods_come_in_by_scanner_and_keyboard(browser: Browser, store: Agent, size: ViewportSize) -> None:
    first = size["width"] * 10
    async with clean_page(browser, size=size) as page:
        await page.goto(await store.link("/receiving"))
        for count in (1, 2):
            await scan(page, pack(first + count))
            await expect(page.locator(".goods .count")).to_have_text(f"{count} 盒")
        await scan(page, pack(first + 1))
        await expect(page.locator("#message")).to_contain_text("已经登记过")
        await page.screenshot(path=f"{SHOTS}-begun-{size['width']}.png", full_page=True)
        await hands_come_after(page)
        await page.focus(".goods input[data-field=lot]")
        for text in (f"C{first}", "2028-06", "2026-07-01"):
            await page.keyboard.insert_text(text)
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("#commit")).to_be_enabled()
        assert await page.evaluate("document.documentElement.scrollWidth") == size["width"]
        await page.screenshot(path=f"{SHOTS}-ready-{size['width']}.png", full_page=True)
        await page.keyboard.press("F8")
        await page.keyboard.press("F8")
        await expect(page.locator(".goods")).to_have_count(0)
        await page.goto(f"{store.url}/stock")
        await scan(page, pack(first + 1))
        await expect(page.get_by_text(f"C{first}")).to_be_visible()


@pytest.mark.parametrize("size", SIZES, ids=["pc", "phone"])
async def test_a_lot_is_found_and_counted(browser: Browser, store: Agent, size: ViewportSize) -> None:
    async with clean_page(browser, size=size) as page:
        await page.goto(await store.link("/stock"))
        await expect(page.locator("tr.expired")).to_contain_text("B2401")
        await expect(page.locator("tr.expired")).to_contain_text("¥12.50")
        await page.keyboard.press("F9")
        await page.keyboard.insert_text("b2501")
        await expect(page.locator("table.stock tr")).to_have_count(2)
        await page.locator("[data-move]").focus()
        await page.keyboard.press("Enter")
        await page.focus("#move-quantity")
        await page.keyboard.insert_text("3")
        await page.focus("#move-reason")
        await page.keyboard.insert_text("月盘")
        await page.screenshot(path=f"{SHOTS}-move-{size['width']}.png")
        await page.keyboard.press("Enter")
        await expect(page.locator("table.stock tr").nth(1).locator("td").nth(3)).to_have_text("3")
        assert await page.evaluate("document.documentElement.scrollWidth") == size["width"]
        await page.goto(f"{store.url}/stock")
        await page.screenshot(path=f"{SHOTS}-stock-{size['width']}.png", full_page=True)
        if size["width"] == 1366:
            await page.locator("[data-move]").first.click()
            await page.fill("#move-quantity", "4")
            await page.fill("#move-reason", "复原")
            await page.keyboard.press("Escape")


async def test_a_suppliers_file_fills_the_draft_or_names_its_bad_rows(browser: Browser, store: Agent) -> None:
    good = "商品编码,批号,有效期至,生产日期,数量\nIBU,F1,2028-06-30,2026-07-01,12\n"
    async with clean_page(browser) as page:
        await page.goto(await store.link("/receiving"))
        await page.set_input_files("#file-receipt", bill(f"{good}XXX,,2028,,0\n"))
        await expect(page.locator("#flaws li")).to_have_count(1)
        await expect(page.locator("#flaws li")).to_contain_text("3: 商品编码 XXX 未建档")
        await page.screenshot(path=f"{SHOTS}-flaws.png")
        await page.keyboard.press("Escape")
        await expect(page.locator(".goods")).to_have_count(0)
        await page.set_input_files("#file-receipt", bill(good))
        await expect(page.locator(".goods .count")).to_have_text("12 盒")
        await expect(page.locator("#commit")).to_be_enabled()
        await page.locator("#drop").click()
        await page.locator("#drop").click()
        await expect(page.locator(".goods")).to_have_count(0)


async def test_what_was_typed_stays_while_the_next_field_is_empty(browser: Browser, store: Agent) -> None:
    async with clean_page(browser) as page:
        await page.goto(await store.link("/receiving"))
        await scan(page, pack(77))
        await page.focus(".goods input[data-field=lot]")
        await page.keyboard.insert_text("C77")
        await page.keyboard.press("Tab")
        await page.evaluate("() => { drawn.live = undefined; return refresh(); }")
        await expect(page.locator(".goods input[data-field=lot]")).to_have_value("C77")


async def test_a_file_chosen_while_the_page_was_drawn_anew_is_taken(browser: Browser, store: Agent) -> None:
    async with clean_page(browser) as page:
        await page.goto(await store.link("/receiving"))
        field = await page.query_selector("#file-receipt")
        assert field is not None
        await page.evaluate("() => { drawn.live = undefined; return refresh(); }")
        await field.set_input_files(bill("商品编码,批号,有效期至,生产日期,数量\nXXX,,2028,,0\n"))
        await expect(page.locator("#flaws li")).to_have_count(1)


async def test_where_the_erp_keeps_the_books_the_pages_say_so(browser: Browser, store: Agent, hub: FakeHub) -> None:
    await hub.tell(LOG, PolicySet(ChainPolicy()))
    async with clean_page(browser) as page:
        await page.goto(await store.link("/receiving"))
        await expect(page.locator("#not-ours")).to_contain_text("入库在 ERP 办理")
        await expect(page.locator("#goods")).to_have_count(0)
        await page.goto(f"{store.url}/stock")
        await expect(page.locator("#not-ours")).to_contain_text("批号库存在 ERP 管理")
        await expect(page.locator("[data-move]")).to_have_count(0)
    await hub.tell(LOG, PolicySet(OURS))
