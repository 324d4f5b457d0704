"""The clerk's page in a real headless Chromium: seen, clicked, typed into by a scanner."""

import json
import re
import tomllib
from collections.abc import AsyncIterator
from importlib.resources import files

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from agent.pages.words import KEYS
from domain.events import (
    CATALOGUE,
    ExceptionOpened,
    OrderCancelled,
    OrderPlaced,
    ProductPut,
    RefundChanged,
    RiderMoved,
    StockSet,
    StoreConfigured,
    store_log,
)
from domain.exceptions import CHOICES, ExceptionKind, OrderException
from domain.modes import Mode
from domain.operations import AcceptOrder, AnswerRefund, SettleException, ShortChoice
from domain.orders import AcceptRule, OrderState, RiderState
from domain.picks import PickState
from domain.policy import Waiver
from domain.quantity import units
from domain.refunds import Refund, RefundState
from domain.scanner_sheet import Fault, Level, Part
from domain.times import HOUR, MINUTE
from domain.trail import StepKind
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.scanner import VirtualScanner
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, line, order
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import NOW, Answer, FakeHub
from tests.agent.typed_scan import ENTER, press, scan
from tests.awaiting import until

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

LOG = store_log("S1")
PACK = "8123456000000000000"


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, paired: Agent) -> AsyncIterator[Page]:
    """The clerk's page, opened by its token; a script error or a blocked resource fails the test."""
    async with clean_page(browser) as made:
        await made.goto(await paired.link())
        yield made


async def stocked(hub: FakeHub) -> None:
    await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN), ProductPut(IBUPROFEN))
    await hub.tell(LOG, StockSet("AMX", units(10), "B-02"), StockSet("IBU", units(10), "A-01"))


async def test_the_board_fills_by_itself_and_the_rider_stands_on_top(page: Page, hub: FakeHub) -> None:
    assert page.url.endswith("/"), "the token has left the address"
    await hub.tell(LOG, OrderPlaced(order("o1")), OrderPlaced(order("o2")), OrderPlaced(order("o3", channel="own")))
    await expect(page.locator(".new .card")).to_have_count(3)
    await hub.tell(LOG, RiderMoved("o3", RiderState.AT_STORE))
    await expect(page.locator(".new .card .who").first).to_have_text("小程序#3")
    await expect(page.locator(".card.rider")).to_contain_text("骑手已到店")
    await hub.tell(LOG, OrderCancelled("o2", "customer", taken=False))
    await expect(page.locator(".done .card")).to_contain_text("已取消")


async def test_an_order_is_found_as_it_is_shouted(page: Page, hub: FakeHub) -> None:
    await hub.tell(LOG, *(OrderPlaced(order(f"o{number}")) for number in (1, 2, 12)))
    await expect(page.locator(".card")).to_have_count(3)
    await page.keyboard.press("F9")
    await page.keyboard.type("美团 12")
    await expect(page.locator(".card")).to_have_count(1)
    await expect(page.locator(".card .who")).to_have_text("美团#12")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/orders/o12")


async def test_an_order_is_picked_with_scanner_and_keyboard_alone(page: Page, hub: FakeHub) -> None:
    await stocked(hub)
    await hub.tell(LOG, OrderPlaced(order("o1", line(1, AMOXICILLIN, 2), line(2, IBUPROFEN))))
    await expect(page.locator(".card")).to_have_count(1)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("F4")
    await page.wait_for_url("**/orders/o1/pick")
    await expect(page.locator(".shelf")).to_have_text(["A-01", "B-02"])
    verdict = page.locator("#verdict")
    for code, kind, sentence in (
        (f"{PACK}1", "good", "阿莫西林胶囊 已拣"),
        (f"{PACK}1", "bad", "这个追溯码本单已经扫过"),
        (f"{PACK}2", "good", "阿莫西林胶囊 已拣"),
        (f"{PACK}3", "bad", "数量已够"),
        ("89999990000000000001", "ask", "追溯码前缀未建档"),
        ("8765432000000000000", "bad", "扫码不完整（19 位"),
    ):
        await scan(page, code)
        await expect(verdict.locator(".sentence")).to_contain_text(sentence)
        await expect(verdict).to_have_class(kind)
    await expect(page.locator("#line-1 .count")).to_have_text("2 / 2 盒")
    await page.keyboard.press("F10")
    await expect(page.locator("#line-1 .count")).to_have_text("1 / 2 盒")
    await page.keyboard.press("F8")
    await expect(page.locator("#message")).to_contain_text("还没有拣齐")
    await scan(page, f"{PACK}2")
    await scan(page, "6900000000014")
    await expect(verdict.locator(".sentence")).to_contain_text("这是商品条码，请扫描追溯码")
    await scan(page, "87654320000000000001")
    await expect(verdict.locator(".sentence")).to_have_text("布洛芬缓释胶囊 已拣，本单拣货完成")
    await expect(page.locator(".order-head")).to_contain_text("已拣完")
    await page.keyboard.press("Escape")
    await page.wait_for_url(re.compile(r"/$"))
    await page.keyboard.press("F6")
    await expect(page.locator("[data-key=hand-over]")).to_have_text("再按一次确认")
    await page.keyboard.press("F6")
    await expect(page.locator(".card")).to_have_count(0)
    await until(lambda: any(operation.kind == "order.handed_over" for operation in hub.done.values()))


async def test_a_scan_presses_no_button_and_stays_in_no_field(page: Page, hub: FakeHub) -> None:
    await stocked(hub)
    await hub.tell(LOG, OrderPlaced(order("o1", line(1, AMOXICILLIN, 2))))
    await page.locator("[data-key=pick]").click()
    await page.wait_for_url("**/orders/o1/pick")
    await scan(page, f"{PACK}1")
    await expect(page.locator("#line-1 .count")).to_have_text("1 / 2 盒")
    await page.locator("#undo").focus()
    await scan(page, f"{PACK}1")
    await expect(page.locator("#verdict .sentence")).to_contain_text("已经扫过")
    await expect(page.locator("#line-1 .count")).to_have_text("1 / 2 盒")
    await page.locator("#type-code").focus()
    await scan(page, f"{PACK}1")
    await expect(page.locator("#type-code")).to_have_value("")


async def test_what_a_hand_types_is_no_scan(page: Page, agent: Agent, hub: FakeHub) -> None:
    await hub.tell(LOG, OrderPlaced(order("o1")))
    await expect(page.locator(".card")).to_have_count(1)
    await press(page, f"12345678{ENTER}", gap=0.12)
    await page.wait_for_timeout(200)
    await expect(page.locator("#message")).to_be_hidden()
    found = await agent.order("o1")
    assert found is not None and not found.scans


async def test_a_serial_scanner_opens_its_pick_on_the_open_page(
    page: Page, hub: FakeHub, scanner: VirtualScanner
) -> None:
    await stocked(hub)
    await hub.tell(LOG, OrderPlaced(order("o1")))
    await expect(page.locator(".card")).to_have_count(1)
    scanner.scan("YO000000000001")
    await page.wait_for_url("**/orders/o1/pick")
    await expect(page.locator("#verdict.good .sentence")).to_have_text("开始拣货：美团 #1")
    await page.wait_for_function("() => source?.readyState === 1")  # what the next one means is told to open pages
    scanner.scan(f"{PACK}1")
    await expect(page.locator("#verdict.done .sentence")).to_have_text("阿莫西林胶囊 已拣，本单拣货完成")


async def test_a_cancellation_stops_the_picking_screen(page: Page, hub: FakeHub) -> None:
    await stocked(hub)
    await hub.tell(LOG, OrderPlaced(order("o1")))
    await page.locator("[data-key=pick]").click()
    await page.wait_for_url("**/orders/o1/pick")
    await hub.tell(LOG, OrderCancelled("o1", "customer", taken=False))
    await expect(page.locator(".order-head")).to_contain_text("已停止：订单已取消")
    await scan(page, f"{PACK}1")
    await expect(page.locator("#verdict.bad .sentence")).to_contain_text("订单已取消，停止拣货")


async def test_the_clerk_accepts(page: Page, hub: FakeHub) -> None:
    await hub.tell(LOG, StoreConfigured("和平路店", AcceptRule.CLERK, 40 * MINUTE))
    await hub.tell(LOG, OrderPlaced(order("o1", state=OrderState.PLACED)))
    await page.locator("[data-key=accept]").click()
    await expect(page.locator("[data-key=pick]")).to_be_visible()
    await until(lambda: any(operation.kind == AcceptOrder.kind for operation in hub.done.values()))


async def test_a_press_is_heard_though_news_comes_between_press_and_release(page: Page, hub: FakeHub) -> None:
    await hub.tell(LOG, StoreConfigured("和平路店", AcceptRule.CLERK, 40 * MINUTE))
    await hub.tell(LOG, OrderPlaced(order("o1", state=OrderState.PLACED)))
    await page.locator("[data-key=accept]").hover()
    await page.mouse.down()
    await hub.tell(LOG, RiderMoved("o1", RiderState.AT_STORE))
    await page.evaluate("refresh()")
    await page.mouse.up()
    await until(lambda: any(operation.kind == AcceptOrder.kind for operation in hub.done.values()))
    await expect(page.locator(".card.rider")).to_be_visible()


async def test_what_somebody_unfolds_stays_so_though_the_page_is_drawn_anew(
    page: Page, agent: Agent, hub: FakeHub
) -> None:
    await hub.tell(LOG, StoreConfigured("和平路店", AcceptRule.CLERK, 40 * MINUTE))
    await hub.tell(LOG, OrderPlaced(order("o1", state=OrderState.PLACED)))
    await page.locator("[data-key=accept]").click()
    await page.goto(f"{agent.url}/orders/o1")
    unfolded = page.locator("#trail details[open]")
    await page.locator("#trail summary").click()
    await expect(unfolded).to_have_count(1)
    await hub.tell(LOG, RiderMoved("o1", RiderState.AT_STORE))
    await expect(page.locator("main")).to_contain_text("骑手已到店")
    await expect(unfolded).to_have_count(1)


async def test_a_refund_is_refused_with_its_reason(page: Page, agent: Agent, hub: FakeHub) -> None:
    asked = Refund("r1", "o1", True, RefundState.ASKED, 3000, NOW, (), NOW + 3 * HOUR)
    await hub.tell(LOG, OrderPlaced(order("o1")), RefundChanged(asked))
    await expect(page.locator(".card .badge.bad")).to_have_text("退款")
    await page.goto(f"{agent.url}/orders/o1")
    refuse = page.locator("#refuse-r1")
    await refuse.click()
    await refuse.click()
    await expect(page.locator("#message")).to_contain_text("拒绝退款请填写原因")
    await page.locator("#why-r1").fill("已经发货")
    await refuse.click()
    await refuse.click()
    await expect(page.locator(".panel.trouble")).to_contain_text("已答复，等待平台")
    [answer] = [operation for operation in hub.done.values() if operation.kind == AnswerRefund.kind]
    assert json.loads(bytes(answer.body)) == {"order_id": "o1", "refund_id": "r1", "agree": False, "reason": "已经发货"}


async def test_what_is_short_is_found(page: Page, agent: Agent, hub: FakeHub) -> None:
    short = OrderException("e1", ExceptionKind.SHORT, "o1", (1,), CHOICES[ExceptionKind.SHORT], NOW, NOW + HOUR)
    await hub.tell(LOG, OrderPlaced(order("o1", line(1, AMOXICILLIN, 2, short=1000))), ExceptionOpened(short))
    await expect(page.locator(".card")).to_contain_text("库存不足")
    await page.goto(f"{agent.url}/orders/o1")
    await page.locator("#found-e1-1").fill("2")
    await page.locator("#settle-found-e1").click()
    await page.locator("#settle-found-e1").click()
    await expect(page.locator(".panel.trouble")).to_contain_text("已选择：找到了")
    await until(lambda: any(operation.kind == SettleException.kind for operation in hub.done.values()))
    [settled] = [operation for operation in hub.done.values() if operation.kind == SettleException.kind]
    assert json.loads(bytes(settled.body))["found"] == {"1": 2000}


async def test_printer_and_line_troubles_are_told_in_words(
    page: Page, agent: Agent, hub: FakeHub, printer: VirtualPrinter
) -> None:
    printer.fault("paper_out")
    await hub.tell(LOG, OrderPlaced(order("o1")))
    await expect(page.locator("#status")).to_contain_text("前台：缺纸")
    await expect(page.locator("#status .health.down")).to_contain_text("打印机 前台 不能打印：缺纸")
    await expect(page.locator(".card")).to_contain_text("小票未打印：缺纸")
    hub.refuse = Answer(503)
    hub.cut()
    await expect(page.locator(".banner", has_text="与总部断开")).to_have_count(1)
    sold = await agent.post("/api/sales", {"lines": [{"sku": "AMX", "quantity": 1000}]})
    assert sold.status_code == 200
    await expect(page.locator(".banner", has_text="与总部断开")).to_contain_text("条待上传")
    hub.refuse = None
    printer.fault(None)
    await expect(page.locator(".banner", has_text="与总部断开")).to_have_count(0)
    await expect(page.locator("#status")).to_contain_text("前台：正常")


async def test_a_slip_is_shown_and_the_other_language_speaks(page: Page, agent: Agent, hub: FakeHub) -> None:
    await stocked(hub)
    await hub.tell(LOG, OrderPlaced(order("o1")))
    await expect(page.locator(".card")).to_have_count(1)
    await page.goto(f"{agent.url}/orders/o1")
    await page.locator("[data-show]").click()
    await expect(page.locator("#paper pre")).to_contain_text("阿莫西林胶囊")
    await page.keyboard.press("Escape")
    await expect(page.locator("#paper")).to_be_hidden()
    await page.locator("#language").click()
    await expect(page.locator("#back")).to_contain_text("Back")
    await page.wait_for_load_state("load")  # the page was loaded anew: its keys live once its script has run
    await page.keyboard.press("Escape")
    await expect(page.locator(".new h2")).to_contain_text("New")
    await page.goto(f"{agent.url}/devices")
    await expect(page.locator(".device .state").first).to_contain_text("ready")


async def test_every_word_of_the_page_is_there_in_both_languages() -> None:
    folder = files("agent.pages")
    words = tomllib.loads((folder / "words.toml").read_text("utf-8"))
    assert all(len(pair) == 2 and all(pair) for pair in words.values())
    used: set[str] = set()
    prefixes: set[str] = set()
    for template in folder.iterdir():
        if template.name.endswith(".html"):
            text = template.read_text("utf-8")
            used |= set(re.findall(r"""\bt\(['"]([a-z_.]+)['"]\)""", text))
            prefixes |= set(re.findall(r"""\bt\(["']([a-z]+\.)["'] ~""", text))
    assert used <= KEYS
    assert len(used) > 80
    for prefix in prefixes:
        assert any(key.startswith(prefix) for key in KEYS), prefix


@pytest.mark.parametrize(
    ("prefix", "kinds"),
    [
        ("kind", list(ExceptionKind)),
        ("order", list(OrderState)),
        ("rider", list(RiderState)),
        ("refund", list(RefundState)),
        ("trail", list(StepKind)),
        ("waiver", list(Waiver)),
        ("why", list(ExceptionKind)),
        ("shortage", list(ShortChoice)),
        ("pick", list(PickState)),
        ("sheet", list(Part)),
        ("grade", list(Level)),
        ("fault", list(Fault)),
    ],
)
async def test_every_state_has_its_words(prefix: str, kinds: list[str]) -> None:
    assert {f"{prefix}.{kind}" for kind in kinds} <= KEYS


async def test_on_trial_the_page_says_so_and_asks_nothing_of_the_channel(page: Page, hub: FakeHub) -> None:
    short = OrderException("e1", ExceptionKind.SHORT, "o1", (1,), CHOICES[ExceptionKind.SHORT], NOW, NOW + HOUR)
    refund = Refund("r1", "o1", True, RefundState.ASKED, 3000, NOW, (), NOW + HOUR)
    placed = order("o1", line(count=2, short=units(1)), state=OrderState.PLACED)
    trial = StoreConfigured("和平路店", AcceptRule.CLERK, 0, Mode.SHADOW)
    await hub.tell(LOG, trial, OrderPlaced(placed), ExceptionOpened(short), RefundChanged(refund))
    await expect(page.locator(".banner.trial")).to_contain_text("不向平台确认")
    await expect(page.locator("#accept")).to_have_count(0)
    await page.goto(f"{page.url.rstrip('/')}/orders/o1")
    await expect(page.locator("main")).to_contain_text("请在原系统处理")
    await expect(page.locator("#settle-found-e1")).to_be_visible()
    for gone in ("#accept", "#settle-cancel-e1", "#settle-part_refund-e1", "#agree-r1", "#refuse-r1"):
        await expect(page.locator(gone)).to_have_count(0)
    await hub.tell(LOG, StoreConfigured("和平路店", AcceptRule.CLERK, 0))
    for back in ("#accept", "#settle-cancel-e1", "#agree-r1"):
        await expect(page.locator(back)).to_be_visible()
    await expect(page.locator(".banner.trial")).to_have_count(0)
