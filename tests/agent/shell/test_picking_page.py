"""Picking in a real headless Chromium with scanner and keyboard alone, on the store's PC and in a phone's window."""

import base64
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from domain.events import OrderAdvanced, OrderCancelled, OrderPlaced, RefundChanged
from domain.orders import OrderState
from domain.picks import Entry
from domain.policy import ChainPolicy, SecondCheck
from domain.refunds import Refund, RefundLine, RefundState
from domain.times import HOUR
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.scanner import VirtualScanner
from tests.agent.browsing import USUAL, browser, clean_page
from tests.agent.core.hub import order
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import NOW, FakeHub
from tests.agent.shell.picking_page import (
    CHECKERS_BADGE,
    IBU,
    LOG,
    PACK,
    PHONE,
    begin,
    colleagues,
    shot,
    stock,
)
from tests.agent.typed_scan import scan
from tests.awaiting import seen, until

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest_asyncio.fixture(loop_scope="module", params=[USUAL, PHONE], ids=["pc", "phone"])
async def page(request: pytest.FixtureRequest, browser: Browser, paired: Agent) -> AsyncIterator[Page]:
    async with clean_page(browser, size=request.param) as made:
        await made.goto(await paired.link())
        yield made


async def test_from_the_first_scan_to_the_rider(page: Page, hub: FakeHub, printer: VirtualPrinter) -> None:
    await stock(hub)
    await begin(page, hub)
    await expect(page.locator("#line-1 .lot")).to_have_count(2)
    await expect(page.locator("#line-1 .lot").last).to_contain_text("2028-06 × 2 C-09")
    await shot(page, "begun")
    verdict = page.locator("#verdict")
    await scan(page, f"{PACK}1")
    await expect(verdict).to_have_class("good")
    await expect(page.locator("#line-1")).to_have_class("pick-line touched current")
    await expect(page.locator("#line-1 .slot.full")).to_have_text(["000001"])
    await shot(page, "taken")
    for code, rule in (
        (f"{PACK}1", "R5-order"),
        ("6901234567892", "R2-barcode"),
        ("8999999000000000001", "R2"),
    ):
        await scan(page, code)
        await expect(verdict).to_have_class("bad")
        await expect(verdict.locator(".rule")).to_have_text(f"规则 {rule}")
    await shot(page, "refused")
    await page.keyboard.press("F10")
    await expect(page.locator("#line-1 .slot.full")).to_have_count(0)
    for number in (1, 2, 3):
        await scan(page, f"{PACK}{number}")
        await expect(page.locator("#line-1 .slot.full")).to_have_count(number)
    await expect(page.locator("#line-1")).to_have_class("pick-line whole touched")
    await scan(page, IBU)
    await expect(verdict).to_have_class("done")
    await expect(verdict.locator(".sentence")).to_contain_text("本单拣货完成")
    await until(lambda: len(printer.slips) == 2)
    await shot(page, "done")
    await expect(page.locator("#hand-over")).to_be_visible()
    for _ in range(2):
        await page.keyboard.press("F6")
    await expect(page.locator(".columns")).to_be_visible()
    await expect(page.locator(".card")).to_have_count(0)
    await until(lambda: any(operation.kind == "order.handed_over" for operation in hub.done.values()))


async def test_an_unknown_prefix_is_taught_by_the_packs_own_barcode(page: Page, hub: FakeHub) -> None:
    await stock(hub)
    await begin(page, hub)
    await scan(page, "82223330000000000017")
    await expect(page.locator("#verdict")).to_have_class("ask")
    await expect(page.locator("#ask-product")).to_be_visible()
    await shot(page, "unknown")
    await scan(page, "6901234567892")
    await expect(page.locator("#ask-product")).to_have_count(0)
    await expect(page.locator("#line-1 .slot.full")).to_have_text(["000017"])
    await until(lambda: any(operation.kind == "prefix.learned" for operation in hub.done.values()))


async def test_a_code_typed_by_hand_is_typed_twice(page: Page, hub: FakeHub, paired: Agent) -> None:
    await stock(hub)
    await begin(page, hub)
    for times in (1, 2):
        await page.locator("#type-code").fill(f"{PACK}1")
        await page.locator("#type-code").press("Enter")
        if times == 1:
            await expect(page.locator("#ask-again")).to_be_visible()
            await shot(page, "typed")
    await expect(page.locator("#line-1 .slot.full")).to_have_text(["000001"])
    await expect(page.locator("#ask-again")).to_have_count(0)
    found = await paired.order()
    assert found is not None and found.lines[0].slots[0].entry is Entry.TYPED


async def test_the_lot_on_the_pack_is_one_key(page: Page, hub: FakeHub) -> None:
    await stock(hub, policy=ChainPolicy(confirm_lots=True))
    await begin(page, hub, count=1)
    await scan(page, IBU)
    await expect(page.locator("#ask-lot")).to_contain_text("布洛芬")
    await scan(page, f"{PACK}1")
    await expect(page.locator("#ask-lot")).to_contain_text("阿莫西林")
    await shot(page, "lot")
    await page.keyboard.press("F3")
    await expect(page.locator("#line-1 .lot-of")).to_have_text("20260101")


async def test_a_pack_without_a_code_goes_with_reason_and_photo(page: Page, hub: FakeHub, paired: Agent) -> None:
    await stock(hub)
    await begin(page, hub, count=1)
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#line-1")).to_have_class("pick-line current")
    await page.keyboard.press("F2")
    dialog = page.locator("#waive-1")
    await expect(dialog).to_be_visible()
    await page.keyboard.press("F8")
    await expect(page.locator("#message")).to_contain_text("照片")
    await page.locator("#photo-1").set_input_files({"name": "p.png", "mimeType": "image/png", "buffer": PIXEL})
    await shot(page, "waive")
    await page.keyboard.press("F8")
    await expect(dialog).to_be_hidden()
    await expect(page.locator("#line-1")).to_have_class("pick-line whole")
    await page.goto(f"{paired.url}/manager")
    await expect(page.locator("main")).to_contain_text("码损坏")
    await shot(page, "manager")


async def test_a_shortage_is_reported_and_says_what_is_forbidden(page: Page, hub: FakeHub) -> None:
    await stock(hub, substitutes=("IBU",))
    await begin(page, hub)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("F4")
    dialog = page.locator("#short-1")
    await expect(dialog.locator(".forbidden")).to_contain_text("本连锁不允许换品")
    await expect(dialog.locator("input[value=substitute]")).to_be_disabled()
    await shot(page, "short")
    for _ in range(2):
        await page.keyboard.press("F8")
    await expect(dialog).to_be_hidden()
    await expect(page.locator("#line-1")).to_contain_text("缺货已上报")
    await until(lambda: any(operation.kind == "order.short" for operation in hub.done.values()))


async def test_a_cancellation_stops_the_screen_and_lists_what_to_put_back(page: Page, hub: FakeHub) -> None:
    await stock(hub)
    await begin(page, hub)
    for number in (1, 2):
        await scan(page, f"{PACK}{number}")
        await expect(page.locator("#line-1 .slot.full")).to_have_count(number)
    await page.keyboard.press("F2")
    await expect(page.locator("dialog[open]")).to_be_visible()
    await hub.tell(LOG, OrderCancelled("o1", "customer", taken=False))
    await expect(page.locator("#verdict")).to_have_class("stop")
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await expect(page.locator("#put-back li")).to_have_count(2)
    await expect(page.locator("#put-back li").first).to_contain_text("B-02")
    await shot(page, "stopped")
    await scan(page, f"{PACK}1")
    await expect(page.locator("#put-back li")).to_have_count(1)
    for _ in range(2):
        await page.keyboard.press("F8")
    await expect(page.locator("#put-back")).to_have_count(0)


async def test_after_the_rider_took_it_nothing_is_put_back(page: Page, hub: FakeHub) -> None:
    await stock(hub)
    await begin(page, hub, count=1)
    await scan(page, f"{PACK}1")
    await expect(page.locator("#line-1 .slot.full")).to_have_count(1)
    await hub.tell(LOG, OrderCancelled("o1", "customer", taken=True))
    await expect(page.locator("#verdict")).to_have_class("stop")
    await expect(page.locator("#put-back")).to_have_count(0)


async def test_a_refund_pauses_with_its_time_and_a_part_refund_strikes(page: Page, hub: FakeHub) -> None:
    await stock(hub)
    await begin(page, hub)
    asked = Refund("r1", "o1", False, RefundState.ASKED, 1500, NOW, (RefundLine(2, 1000),), NOW + 3 * HOUR)
    await hub.tell(LOG, RefundChanged(asked))
    await expect(page.locator("#verdict")).to_have_class("pause")
    await expect(page.locator("[data-until] b").first).not_to_be_empty()
    await expect(page.locator("#agree-r1")).to_be_visible()
    await shot(page, "refund")
    agreed = Refund("r1", "o1", False, RefundState.AGREED, 1500, NOW, (RefundLine(2, 1000),))
    await hub.tell(LOG, RefundChanged(agreed, {2: 1000}))
    await expect(page.locator("#line-2")).to_have_class("pick-line struck")
    await expect(page.locator(".order-head .badge").first).to_have_text("拣货中")


async def test_a_second_person_checks_with_a_badge(page: Page, hub: FakeHub) -> None:
    await stock(hub, policy=ChainPolicy(second_check=SecondCheck.ALWAYS))
    await colleagues(hub)
    await begin(page, hub, count=1)
    await scan(page, f"{PACK}1")
    await expect(page.locator("#line-1 .slot.full")).to_have_count(1)
    await scan(page, IBU)
    await expect(page.locator("#check")).to_be_visible()
    await shot(page, "check")
    await scan(page, CHECKERS_BADGE)
    await expect(page.locator("#verdict")).to_have_class("done")
    await expect(page.locator("#check")).to_have_count(0)


async def test_another_station_is_told_who_has_it(page: Page, browser: Browser, hub: FakeHub, paired: Agent) -> None:
    await stock(hub)
    await begin(page, hub)
    async with clean_page(browser) as other:
        await other.goto(await paired.link("/orders/o1/pick"))
        await expect(other.locator("#held")).to_be_visible()
        await scan(other, f"{PACK}1")
        await expect(other.locator("#verdict")).to_have_class("bad")
        await shot(other, "held")
        await other.keyboard.press("F3")
        await expect(other.locator("#held")).to_have_count(0)
        await scan(other, f"{PACK}1")
        await expect(other.locator("#line-1 .slot.full")).to_have_count(1)
    await expect(page.locator("#held")).to_be_visible()


async def test_a_verdict_that_no_news_brought_is_shown_all_the_same(
    browser: Browser, hub: FakeHub, paired: Agent, scanner: VirtualScanner
) -> None:
    await stock(hub)
    mute = "window.EventSource = class { addEventListener() {} close() {} };"
    async with clean_page(browser, script=mute) as page:
        await hub.tell(LOG, OrderPlaced(order("o1")))
        await seen(paired.order, lambda view: view is not None)
        await page.goto(await paired.link("/orders/o1"))
        await page.keyboard.press("F4")
        await page.wait_for_url("**/pick")
        scanner.scan("89999990000000000017")
        await seen(paired.order, lambda view: view is not None and view.scans)
        await page.evaluate("refresh()")
        await expect(page.locator("#verdict")).to_have_class("bad")
        await expect(page.locator("#verdict .rule")).to_contain_text("R3")


async def test_of_two_tabs_the_one_used_last_follows_the_scanner(
    page: Page, hub: FakeHub, paired: Agent, scanner: VirtualScanner
) -> None:
    await stock(hub)
    await hub.tell(LOG, OrderPlaced(order("o1")))
    other = await page.context.new_page()
    await other.goto(f"{paired.url}/devices")
    await page.mouse.click(5, 5)
    await expect(page.locator(".card")).to_have_count(1)
    scanner.scan("YO000000000001")
    await page.wait_for_url("**/orders/o1/pick")
    assert other.url.endswith("/devices")


async def test_cold_goods_leave_in_their_box_and_come_back_into_quarantine(
    page: Page, hub: FakeHub, paired: Agent, scanner: VirtualScanner
) -> None:
    await stock(hub, cold=True)
    await begin(page, hub, count=1)
    scanner.scan(f"{PACK}1")
    await expect(page.locator("#verdict .warning")).to_contain_text("冷藏")
    await shot(page, "cold")
    scanner.scan(IBU)
    await expect(page.locator("#hand-over")).to_be_visible()
    await page.keyboard.press("F6")
    await expect(page.locator("#hand-over")).to_contain_text("冷藏箱")
    await page.keyboard.press("F6")
    await expect(page.locator(".columns")).to_be_visible()
    await page.goto(f"{paired.url}/orders/o1")
    await page.wait_for_load_state("load")
    await page.keyboard.press("F2")
    await scan(page, f"{PACK}2")
    await expect(page.locator("#message.bad")).to_contain_text("不是本单售出")
    await shot(page, "returns")
    await scan(page, f"{PACK}1")
    await expect(page.locator("#message")).to_contain_text("隔离区")
    await page.keyboard.press("Escape")
    await expect(page.locator("main")).to_contain_text("已退回")
    await page.locator("#trail summary").click()
    await expect(page.locator("#trail")).to_contain_text("交接")
    await shot(page, "order")


async def test_a_pack_is_exchanged_by_two_scans(page: Page, hub: FakeHub, paired: Agent) -> None:
    await stock(hub)
    await begin(page, hub, count=1)
    await scan(page, f"{PACK}1")
    await scan(page, IBU)
    await expect(page.locator("#hand-over")).to_be_visible()
    await hub.tell(LOG, OrderAdvanced("o1", OrderState.COMPLETED))
    await page.goto(f"{paired.url}/orders/o1")
    await page.wait_for_load_state("load")
    await page.locator("#exchange-goods").click()
    await scan(page, f"{PACK}1")
    await expect(page.locator("#message")).to_contain_text("请扫描换给顾客的药盒")
    await scan(page, f"{PACK}7")
    await expect(page.locator("#message.bad")).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(page.locator("main")).to_contain_text("已退回")
    await expect(page.locator("main")).not_to_contain_text("请放回")
    await page.locator("#trail summary").click()
    await shot(page, "exchange")


async def test_a_pick_goes_back_to_those_that_wait_and_is_begun_on_its_own_page(page: Page, hub: FakeHub) -> None:
    await stock(hub)
    await begin(page, hub, count=1)
    for _ in range(2):
        await page.locator("#release").click()
    await page.wait_for_url("**/")
    await expect(page.locator(".new .card")).to_have_count(1)
    await page.goto(page.url + "orders/o1/pick")
    await page.wait_for_load_state("load")
    await page.keyboard.press("F4")
    await expect(page.locator("#release")).to_be_visible()
    await expect(page.locator(".order-head")).to_have_attribute("data-pick", "picking")
