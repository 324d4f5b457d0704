"""What is stuck between the store and its ERP, on a page; a folder that fails is said, and mended goes on by itself."""

import asyncio
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from agent.config import Settings
from agent.erp.standing import Standing
from domain.events import CATALOGUE, PolicySet, ProductPut, StockSet, store_log
from domain.policy import ChainPolicy, ErpDelivery
from domain.quantity import units
from erp.settings import ErpSettings
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import AMOXICILLIN
from tests.agent.picking.conftest import pack
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import seen

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

LOG = store_log("S1")
MAPPING = """
[[files]]
feed = "sales"
name = 'sales.*\\.csv'
columns = { document_id = "小票号", sequence = "时间", sku = "编码", quantity = "数量" }
[documents]
"""
BAD = "小票号,时间,编码,数量\nP1,2026-11-22 09:30:00,AMX,两盒\n,7,AMX,1\n"
SHOTS = "build/screenshots/erp"


@pytest.fixture
def share(tmp_path: Path) -> Path:
    return tmp_path / "share"


@pytest.fixture
def settings(settings: Settings, share: Path, tmp_path: Path) -> Settings:
    mapping = tmp_path / "erp.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    erp = ErpSettings(api=True, mapping=str(mapping), folder=str(share))
    return msgspec.structs.replace(settings, erp=erp)


@pytest_asyncio.fixture(loop_scope="module")
async def store(paired: Agent, hub: FakeHub) -> Agent:
    await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN))
    await hub.tell(LOG, PolicySet(ChainPolicy(erp=ErpDelivery.STORE)), StockSet("AMX", units(10), "A-1"))
    await seen(lambda: paired.get("/api/erp", Standing), lambda told: told.delivery is ErpDelivery.STORE)
    return paired


def numbers_out(share: Path) -> list[int]:
    return sorted(int(path.stem) for path in (share / "out").glob("*.json"))


async def test_what_is_stuck_is_seen_and_settled(browser: Browser, store: Agent, share: Path) -> None:
    await seen(lambda: store.get("/api/erp", Standing), lambda told: bool(told.connectors[0].trouble))
    for number in (1, 2):
        await store.post("/api/sales", {"lines": [{"sku": "AMX", "quantity": 1000, "codes": [pack(number)]}]})
    await asyncio.to_thread(share.mkdir)
    await seen(lambda: store.get("/api/erp", Standing), lambda told: not told.connectors[0].trouble, within=30)
    numbers = await asyncio.to_thread(numbers_out, share)
    assert len(numbers) == 2
    await asyncio.to_thread((share / "in" / "sales.csv").write_text, BAD, "utf-8")
    for number in numbers:
        await store.post(f"/api/erp/documents/{number}/refuse", {"reason": "商品未建档"})
    await seen(lambda: store.get("/api/erp", Standing), lambda told: bool(told.owed.files), within=30)
    async with clean_page(browser) as page:
        await page.goto(await store.link("/erp"))
        await expect(page.locator("main")).to_contain_text("商品未建档")
        await expect(page.locator("main")).to_contain_text("sales.csv")
        await expect(page.locator("main")).to_contain_text("第 2 行")
        await page.screenshot(path=f"{SHOTS}/stuck.png", full_page=True)
        await page.locator(f"#again-{numbers[0]}").click()
        await expect(page.locator(f"#again-{numbers[0]}")).to_have_count(0)
        await page.locator(f"#how-{numbers[1]}").fill("已在 ERP 手工录入")
        await page.locator(f"#settle-{numbers[1]}").click()
        await expect(page.locator("main")).not_to_contain_text("ERP 拒收的单据")
        await page.locator("button", has_text="已处理").click()
        await expect(page.locator("main")).not_to_contain_text("sales.csv")
        await page.screenshot(path=f"{SHOTS}/settled.png", full_page=True)
    told = await seen(lambda: store.get("/api/erp", Standing), lambda told: told.owed.count == 1)
    assert not (told.owed.stuck or told.owed.refused or told.owed.conflicts or told.owed.files)


async def test_a_mistaken_mapping_keeps_nobody_from_working(browser: Browser, store: Agent) -> None:
    async with clean_page(browser) as page:
        await page.goto(await store.link("/stock"))
        await page.locator("#erp").click()
        await expect(page.locator("h2", has_text="ERP 对接")).to_be_visible()
