"""A picking page in a real browser: its order, its scanner that types, its screenshots."""

from datetime import date

import msgspec
from playwright.async_api import Page, ViewportSize, expect

from domain.events import CATALOGUE, OrderPlaced, PolicySet, ProductPut, StaffSet, StockSet, store_log
from domain.lots import Lot
from domain.policy import ChainPolicy
from domain.products import Product
from domain.quantity import units
from domain.staff import Role, Staff, badge_digest
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, line, order
from tests.agent.shell.fake_hub import FakeHub

LOG = store_log("S1")
PACK = "8123456000000000000"
IBU = "87654320000000000017"
PHONE = ViewportSize(width=390, height=844)
BADGE, CHECKERS_BADGE = "YB0123456789AB", "YBCDEFGHJKMNPQ"
LOTS = (
    Lot("20260101", date(2027, 12, 31), units(1)),
    Lot("20260615", date(2028, 6, 30), units(9), month_only=True, shelf="C-09"),
)
COLLEAGUES = (
    Staff("zhang", "张三", (Role.PICKER,), badge=badge_digest(BADGE)),
    Staff("wang", "王芳", (Role.CHECKER,), badge=badge_digest(CHECKERS_BADGE)),
)


async def shot(page: Page, name: str) -> None:
    """Nothing sticks out; what is seen is kept to be looked at."""
    size = page.viewport_size
    assert size is not None
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
    await page.screenshot(path=f"build/screenshots/picking-{name}-{size['width']}.png")


async def stock(hub: FakeHub, *, policy: ChainPolicy | None = None, **changed: object) -> None:
    """What the shelves hold; `changed` are fields of the first product."""
    first: Product = msgspec.structs.replace(AMOXICILLIN, **changed)
    await hub.tell(CATALOGUE, ProductPut(first), ProductPut(IBUPROFEN))
    await hub.tell(LOG, StockSet("AMX", units(10), "B-02", LOTS), StockSet("IBU", units(10), "A-01"))
    if policy is not None:
        await hub.tell(LOG, PolicySet(policy))


async def colleagues(hub: FakeHub) -> None:
    await hub.tell(LOG, StaffSet(COLLEAGUES))


async def begin(page: Page, hub: FakeHub, *, count: int = 3, **fields: object) -> None:
    """One order of two products, its pick open on the page."""
    await hub.tell(LOG, OrderPlaced(order("o1", line(1, AMOXICILLIN, count), line(2, IBUPROFEN), **fields)))
    await expect(page.locator(".card")).to_have_count(1)
    await page.keyboard.press("F7")
    await page.wait_for_url("**/orders/o1/pick")
    await page.wait_for_load_state("load")
    await page.wait_for_function("() => source?.readyState === 1")  # news comes: a scanner's verdict is heard in full
