"""What late facts of two stores collide in, as headquarters sees and settles it."""

import msgspec
import pytest
from playwright.sync_api import Page, expect

from domain.operations import Operation, PickCompleted, encode_body
from domain.picks import Binding
from tests.cloud.shell.serving import OTHER_STORE, STORE, RunningHub
from tests.cloud.shell.test_pages import browser, page

__all__ = ["browser", "page"]
pytestmark = pytest.mark.browser

CODE = "81234567890123456789"


def pack(hub: RunningHub, store: str, order_id: str) -> None:
    body = PickCompleted(order_id, (Binding(1, CODE, 1000),))
    told = Operation(f"k-{store}", 1, body.kind, 1, 1_795_233_600_000, msgspec.Raw(encode_body(body)), order_id)
    agent = hub.client(hub.pair(store, f"device-{store}"))
    agent.post("/edge/operations", content=msgspec.json.encode([told])).raise_for_status()


def test_one_code_in_two_stores(hub: RunningHub, page: Page) -> None:
    first = hub.order("A1", day_number=7, shop="shop-2").json()["hub_order_id"]
    second = hub.order("A2", day_number=8).json()["hub_order_id"]
    pack(hub, OTHER_STORE, first)
    pack(hub, STORE, second)
    page.goto("/exceptions")
    card = page.locator(".exception", has_text="追溯码重复")
    expect(card).to_contain_text("找出扫错的那一单")
    expect(card).to_contain_text(CODE)
    expect(card.locator(f"a[href='/orders/{first}']")).to_contain_text("#7")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    page.screenshot(path="build/screenshots/fleet/exceptions.png", full_page=True)
    card.get_by_role("button", name="已知悉").click()
    expect(card).to_have_count(0)
