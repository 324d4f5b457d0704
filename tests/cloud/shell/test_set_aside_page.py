"""What stores told and no rule could take, as headquarters sees and settles it."""

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from cloud import facts
from cloud.pages.words import LABELS
from cloud.set_aside.entries import Reason
from domain.exceptions import ExceptionKind
from domain.operations import (
    BODIES,
    Operation,
    OperationBody,
    OrderHandedOver,
    PickStarted,
    SaleLine,
    SaleRecorded,
    encode_body,
)
from tests.cloud.shell.serving import RunningHub
from tests.cloud.shell.test_pages import browser, page

__all__ = ["browser", "page"]
pytestmark = pytest.mark.browser


def test_every_kind_and_reason_has_its_words() -> None:
    wanted = {f"operation.{kind}" for kind in BODIES} | {f"reason.{reason}" for reason in Reason}
    assert wanted - LABELS.keys() == set()


def test_every_exception_says_what_it_is_and_what_to_do() -> None:
    wanted = {f"{family}.{kind}" for family in ("exception", "why") for kind in ExceptionKind}
    assert wanted - LABELS.keys() == set()


def tell(hub: RunningHub, *bodies: tuple[str, OperationBody]) -> None:
    some = [
        Operation(key, number, body.kind, 1, 1_795_233_600_000, msgspec.Raw(encode_body(body)))
        for number, (key, body) in enumerate(bodies, start=1)
    ]
    answer = hub.client(hub.pair()).post("/edge/operations", content=msgspec.json.encode(some)).raise_for_status()
    assert len(answer.json()) == len(bodies)


def test_headquarters_looks_tries_again_and_settles(
    hub: RunningHub, page: Page, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold = facts.sale_recorded
    monkeypatch.setattr(facts, "sale_recorded", lambda *_: 1 // 0)
    line = (SaleLine("M1", 1000),)
    tell(
        hub,
        ("k1", SaleRecorded("sale-1", line)),
        ("k2", OrderHandedOver("nowhere")),
        ("k3", OrderHandedOver("nowhere")),
        ("k4", PickStarted("somewhere")),
        ("k4", PickStarted("elsewhere")),
    )
    page.goto("/set-aside")
    expect(page.locator("#nav .here .count")).to_have_text("4")
    cards = page.locator(".card")
    expect(cards.nth(0)).to_contain_text("ZeroDivisionError")
    expect(cards.nth(1)).to_contain_text("总部没有这张订单")
    expect(cards.nth(2)).to_contain_text("等同一订单前面的操作")
    expect(cards.nth(3)).to_contain_text("须与门店核对")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    page.screenshot(path="build/screenshots/set_aside/hub.png", full_page=True)

    cards.nth(0).get_by_role("button", name="原文").click()
    expect(cards.nth(0).locator(".raw")).to_contain_text('"sale_id":"sale-1"')
    cards.nth(0).get_by_role("button", name="原文").click()
    expect(cards.nth(3).get_by_role("button", name="重试")).to_have_count(0)

    monkeypatch.setattr(facts, "sale_recorded", sold)
    cards.nth(0).get_by_role("button", name="重试").click()
    expect(page.locator(".card")).to_have_count(3)

    page.once("dialog", lambda dialog: dialog.accept("与门店电话核对，订单属于另一家店"))
    cards.nth(0).get_by_role("button", name="已处理").click()
    expect(page.locator(".card")).to_have_count(2)
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.locator(".card").nth(0).get_by_role("button", name="已处理").click()
    expect(page.locator(".card")).to_have_count(2)


def test_a_reason_must_be_given(hub: RunningHub) -> None:
    tell(hub, ("k2", OrderHandedOver("nowhere")))
    operator = hub.operator()
    (entry,) = operator.get("/api/set-aside").json()
    refused = operator.post(f"/api/set-aside/{entry['entry_id']}/settled", json={"reason": "  "})
    assert (refused.status_code, refused.json()["error"]) == (400, "no_reason")
    assert operator.post("/api/set-aside/nothing/again").status_code == 404
    assert operator.post(f"/api/set-aside/{entry['entry_id']}/again").json() == {"done": False}
