"""The pages in a real browser, as headquarters uses them."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from domain.ids import uuid7
from domain.operations import Operation, SlipChanged, encode_body
from domain.protocol import PrinterReport, Report
from domain.slips import SlipKind, SlipState
from tests.cloud.shell.serving import RunningHub
from tests.cloud.shell.test_intake_http import PAID

CHROMIUM = shutil.which("chromium")
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield opened
        opened.close()


@pytest.fixture
def page(hub: RunningHub, browser: Browser) -> Iterator[Page]:
    """Logged in; an error of the script fails the test."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, base_url=hub.url)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"/login?token={hub.secrets.operator_token}")
    page.wait_for_url("**/")
    yield page
    context.close()
    assert errors == []


def test_a_wrong_token_is_told(hub: RunningHub, browser: Browser) -> None:
    with browser.new_context(base_url=hub.url) as context:
        page = context.new_page()
        page.goto("/")
        page.fill("#token", "wrong")
        page.keyboard.press("Enter")
        expect(page.locator("#toast.shown")).to_contain_text("token is wrong")


def test_the_token_does_not_stay_in_the_address(page: Page) -> None:
    assert "token" not in page.url
    page.go_back()
    assert "token" not in page.url


def test_an_order_appears_by_itself(hub: RunningHub, page: Page) -> None:
    expect(page.locator("#live.on")).to_be_visible()
    hub.order("A1", day_number=77, booked=True, promised_at="2026-01-01T12:00:00+08:00")
    row = page.locator("tr", has_text="#77")
    expect(row).to_contain_text("小程序")
    expect(row).to_contain_text("已接单")
    expect(row).to_contain_text("预约")
    row.locator("a").click()
    expect(page.locator("main")).to_contain_text("王**")
    assert "王小明" not in page.content()


def test_nothing_is_wider_than_the_screen(hub: RunningHub, page: Page) -> None:
    order_id = hub.order("A1", {"M1": 99}).json()["hub_order_id"]
    for path in ("/", f"/orders/{order_id}", "/exceptions", "/stores", "/pushes"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_an_exception_is_settled_with_a_count(hub: RunningHub, page: Page) -> None:
    hub.order("A1", {"M1": 12})
    page.goto("/exceptions")
    card = page.locator(".exception")
    expect(card).to_contain_text("库存不足请核实")
    expect(card.locator(".countdown")).to_contain_text("0:14:")
    card.locator("input").fill("12")
    card.get_by_role("button", name="找到了").click()
    expect(page.locator("main")).to_contain_text("没有待处理的异常")


def test_a_kept_push_shows_its_raw_form_on_demand(hub: RunningHub, page: Page) -> None:
    hub.meituan("paid", {**PAID, "detail": "[{broken"})
    hub.meituan("paid", PAID, secret="wrong")
    page.goto("/pushes")
    expect(page.locator("main")).to_contain_text("does not match")
    assert "broken%" not in page.content()
    page.get_by_role("button", name="原文").click()
    expect(page.locator(".raw")).to_contain_text("broken")
    page.get_by_role("button", name="原文").click()
    page.get_by_role("button", name="已处理").click()
    expect(page.locator("main")).to_contain_text("没有需要人工处理的推送")


def test_a_pairing_code_is_shown_once(hub: RunningHub, page: Page) -> None:
    page.goto("/stores")
    page.get_by_role("button", name="配对码").first.click()
    expect(page.locator("dialog .big")).to_have_text(re.compile(r"^\w{4}(-\w{4}){3}$"))
    expect(page.locator("dialog code")).to_contain_text(f"--hub {hub.url}")


def test_a_press_is_heard_though_news_comes_between_press_and_release(hub: RunningHub, page: Page) -> None:
    page.goto("/stores")
    page.locator("table").first.evaluate("table => { table.id = 'old'; }")
    held: list[Route] = []
    page.route("**/stores", lambda route: held.append(route), times=1)
    with page.expect_request("**/stores"):
        page.evaluate("void refresh()")
    page.get_by_role("button", name="配对码").first.hover()
    page.mouse.down()
    with page.expect_response("**/stores") as answer:
        for route in held:
            route.continue_()
    answer.value.finished()
    page.evaluate("new Promise((done) => setTimeout(done, 100))")
    page.mouse.up()
    expect(page.locator("dialog .big")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#old")).to_have_count(0)


def test_what_somebody_unfolds_stays_so_though_the_page_is_drawn_anew(hub: RunningHub, page: Page) -> None:
    order_id = hub.order("A1").json()["hub_order_id"]
    printed = SlipChanged(order_id, "slip-1", SlipKind.PICKING, SlipState.PRINTED, printer="前台")
    operation = Operation(uuid7(0, bytes), 1, printed.kind, 1, 0, msgspec.Raw(encode_body(printed)), order_id)
    hub.client(hub.pair()).post("/edge/operations", content=msgspec.json.encode([operation])).raise_for_status()
    page.goto(f"/orders/{order_id}")
    page.locator("details summary").click()
    page.locator("#main > *").first.evaluate("part => { part.id = 'old'; }")
    page.evaluate("refresh()")
    expect(page.locator("#old")).to_have_count(0)
    expect(page.locator("details[open]")).to_have_count(1)


def test_which_printer_of_which_store_is_out_of_paper(hub: RunningHub, page: Page) -> None:
    report = Report(
        "device-1", "b", "9.9", 1, (), 0, None,
        printers=(
            PrinterReport("前台", "tcp://x", "blocked", "paper_out", waiting=3, model="GPRINTER GP-80"),
            PrinterReport("收银", "tcp://y", "ready", paper_near_end=True, paused=True),
        ),
    )  # fmt: skip
    hub.client(hub.pair()).post("/edge/report", content=msgspec.json.encode(report)).raise_for_status()
    page.goto("/stores")
    row = page.locator("tr", has_text="人民路店")
    expect(row).to_contain_text("前台 受阻 缺纸 待打印 3")
    expect(row).to_contain_text("GPRINTER GP-80")
    expect(row).to_contain_text("收银 就绪 纸快用完 已暂停")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_english_is_a_switch_away(hub: RunningHub, page: Page) -> None:
    page.get_by_role("button", name="English").click()
    expect(page.locator("nav")).to_contain_text("Exceptions")
    for path in ("/exceptions", "/stores", "/pushes"):
        page.goto(path)
        expect(page.locator("nav")).to_contain_text("Stores")


def test_a_store_goes_on_trial_and_back_by_its_buttons(hub: RunningHub, page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/stores")
    row = page.locator("tr", has_text="人民路店")
    row.get_by_role("button", name="转试运行").click()
    expect(row.get_by_role("button", name="转正式")).to_be_visible()
    expect(page.locator(".tools")).to_contain_text("试运行 1")
    hub.order("T1", {"M1": 11})
    page.goto("/untold?store=S1")
    expect(page.locator("tbody tr", has_text="#12")).to_contain_text("接单")
    page.goto("/exceptions")
    expect(page.locator(".exception")).to_contain_text("请在原系统处理")
    expect(page.locator(".exception button[data-choice=cancel]")).to_have_count(0)
    page.goto("/stores")
    row.get_by_role("button", name="转正式").click()
    expect(row.get_by_role("button", name="转试运行")).to_be_visible()
    page.goto("/exceptions")
    expect(page.locator(".exception button[data-choice=cancel]")).to_be_visible()


def test_the_pairing_list_is_a_file_for_excel(page: Page, tmp_path: Path) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/stores")
    with page.expect_download() as download:
        page.get_by_role("button", name="配对清单").click()
    assert download.value.suggested_filename == "配对清单.csv"
    download.value.save_as(tmp_path / "list.csv")
    assert len((tmp_path / "list.csv").read_text(encoding="utf-8-sig").splitlines()) == 3
