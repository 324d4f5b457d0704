"""The printers page in a real browser: printers are found, added with their test slip, changed, paused and removed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from agent.config import PrinterSettings, Settings, load
from domain.slips import SlipKind
from drivers.printers.base import Use
from drivers.printers.capability import Font
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.replies import Identity
from tests.agent.browsing import browser, clean_page
from tests.agent.shell.conftest import Agent, running
from tests.awaiting import until

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

NOBODY = "tcp://127.0.0.1:9"


@pytest.fixture
def config(tmp_path: Path, settings: Settings, printer: VirtualPrinter) -> Path:
    path = tmp_path / "agent.toml"
    path.write_text(
        f'secrets = "file"\npage_port = {settings.page_port}\n[voice]\nplayer = "page"\n\n'
        f'# at the counter\n[[printers]]\nname = "前台"\naddress = "{printer.address}"\n',
        "utf-8",
    )
    return path


@pytest.fixture
def other() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(identity=Identity(serial="V000002")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def agent(config: Path, keyring_as_found: None) -> AsyncIterator[Agent]:
    async with running(load(config), config) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, agent: Agent) -> AsyncIterator[Page]:
    async with clean_page(browser) as made:
        await made.goto(await agent.link("/printers"))
        yield made


def written(config: Path) -> tuple[PrinterSettings, ...]:
    return load(config).printers


async def answer(page: Page, width: int, font: str = "gbk", qr: str = "native") -> None:
    await page.locator(f"[name=width][value='{width}']").check()
    await page.locator(f"[name=font][value={font}]").check()
    await page.locator(f"[name=qr][value={qr}]").check()


async def test_one_click_adds_prints_and_asks_what_is_on_the_slip(
    page: Page, config: Path, printer: VirtualPrinter, other: VirtualPrinter
) -> None:
    await page.locator("#new-address").fill(other.address)
    await page.keyboard.press("Enter")
    await expect(page.locator("#printer-steps")).to_contain_text("已添加：正常")
    await expect(page.locator(".step-test")).to_have_text("测试页：已打印")
    assert "测试页" in other.slips[0].text and printer.slips == []
    assert written(config)[1].prints == (SlipKind.TEST,), "no order's slip goes there before it is set up"
    await page.locator("#printer-save").click()
    await expect(page.locator("#printer-dialog")).to_be_visible()  # the questions want an answer
    await answer(page, 42, "gb2312", "drawn")
    await page.locator("[name=prints][value=customer]").check()
    await page.locator("[name=backup]").select_option("前台")
    await page.locator("#printer-save").click()
    await expect(page.locator("#printer-dialog")).to_be_hidden()
    await expect(page.locator("#printer-收银")).to_contain_text("42 列")
    assert written(config)[1] == PrinterSettings(
        "收银", other.address, 80, 42, prints=(SlipKind.CUSTOMER,), backup="前台", font=Font.GB2312, qr="drawn"
    )
    assert "# at the counter" in await asyncio.to_thread(config.read_text, "utf-8")


async def test_a_printer_is_added_with_the_keyboard_alone(page: Page, config: Path, other: VirtualPrinter) -> None:
    await page.locator("#new-address").focus()
    await page.keyboard.insert_text(other.address)  # typed by a stalled machine it looks like a scan
    await page.keyboard.press("Enter")
    await expect(page.locator("[name=width][value='32']")).to_be_focused()
    await page.keyboard.press("Space")
    for _ in range(2):  # alike, a QR code
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
    await expect(page.locator(".step-test")).to_contain_text("已打印")
    await page.keyboard.press("Enter")
    await expect(page.locator("#printer-dialog")).to_be_hidden()
    await expect(page.locator("#printer-收银")).to_contain_text("全部小票")
    assert written(config)[1] == PrinterSettings("收银", other.address, 58)
    await expect(page.locator("#change-收银")).to_be_focused()


async def test_the_focus_stays_where_the_keyboard_works(page: Page, config: Path, printer: VirtualPrinter) -> None:
    await page.locator("#test-前台").press("Enter")
    await expect(page.locator("#printer-前台")).to_contain_text("已打印")
    await expect(page.locator("#test-前台")).to_be_focused()
    await page.locator("#pause-前台").press("Enter")
    await expect(page.locator("#resume-前台")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#pause-前台")).to_be_focused()
    await page.locator("#change-前台").press("Enter")
    await page.locator("[name=name]").fill("后台")
    await page.keyboard.press("Enter")
    await expect(page.locator("#change-后台")).to_be_focused()


async def test_one_that_nobody_finished_says_so_and_is_finished_later(
    page: Page, config: Path, other: VirtualPrinter
) -> None:
    await page.locator("#new-address").fill(other.address)
    await page.keyboard.press("Enter")
    await expect(page.locator(".step-test")).to_contain_text("已打印")
    await page.keyboard.press("Escape")
    await expect(page.locator("#printer-收银")).to_contain_text("还没设置完")
    await page.locator("#change-收银").click()
    await page.locator("#printer-test").click()
    await expect(page.locator(".step-test")).to_contain_text("已打印")
    await until(lambda: len(other.slips) == 2)
    await answer(page, 48)
    await page.locator("#printer-save").click()
    await expect(page.locator("#printer-收银")).not_to_contain_text("还没设置完")
    assert written(config)[1] == PrinterSettings("收银", other.address)


async def test_where_nobody_answers_a_person_may_insist(page: Page, config: Path) -> None:
    await page.locator("#new-address").fill(NOBODY)
    await page.keyboard.press("Enter")
    await expect(page.locator("#printer-said")).to_contain_text("连不上打印机")
    await expect(page.locator("#printer-save")).to_be_hidden()
    await page.locator("#printer-anyway").click()
    await expect(page.locator("#printer-steps")).to_contain_text("已添加：连不上")
    assert written(config)[1].address == NOBODY
    await page.locator("#printer-close").click()
    await page.locator("#remove-收银").click()
    await expect(page.locator("#remove-收银")).to_have_text("再按一次：移除")
    await page.locator("#remove-收银").click()
    await expect(page.locator("#printer-收银")).to_have_count(0)
    assert [printer.name for printer in written(config)] == ["前台"]


async def test_the_network_is_looked_through_when_a_person_asks(page: Page, config: Path) -> None:
    with VirtualPrinter(host="127.0.77.1", port=9100, identity=Identity(serial="V000003")) as there:
        await page.locator("#find-near").click()
        await expect(page.locator("#find-near")).to_be_enabled(timeout=20_000)
        await expect(page.locator("#found", has_text=there.address)).to_have_count(0)
        await page.locator("#find-networks").fill("127.0.77.0/30")
        await page.locator("#find-network").click()
        await expect(page.locator("#found .found")).to_contain_text([there.address], timeout=20_000)
        await page.locator("#found .found button").first.click()
        await expect(page.locator(".step-test")).to_have_text("测试页：已打印")
        assert len(there.slips) == 1
        assert written(config)[1].address == there.address


async def test_a_printer_is_changed(page: Page, config: Path, printer: VirtualPrinter) -> None:
    await page.locator("#change-前台").click()
    await expect(page.locator("[name=width][value='48']")).to_be_checked()
    await page.locator("[name=name]").fill("柜台")
    await page.locator("[name=use]").select_option("ours")
    await page.locator("[name=width][value='32']").check()
    await page.locator("[name=prints][value=picking]").check()
    await page.locator("#printer-save").click()
    await expect(page.locator("#printer-柜台")).to_contain_text("专用")
    assert written(config) == (PrinterSettings("柜台", printer.address, 58, use=Use.OURS, prints=(SlipKind.PICKING,)),)
    await page.locator("#change-柜台").click()
    await page.locator("[name=address]").fill(NOBODY)
    await page.locator("#printer-save").click()
    await expect(page.locator("#printer-said")).to_contain_text("连不上打印机")
    await page.locator("#printer-anyway").click()
    await expect(page.locator("#printer-柜台 .state")).to_have_text("连不上")
    assert written(config)[0].address == NOBODY


async def test_a_paused_printer_waits_and_goes_on(page: Page, printer: VirtualPrinter) -> None:
    await page.locator("#pause-前台").click()
    await expect(page.locator("#printer-前台 .badge")).to_have_text("已暂停")
    await expect(page.locator("#status")).to_contain_text("打印机 前台 已暂停")
    await expect(page.locator("#test-前台")).to_be_disabled()
    await page.locator("#resume-前台").click()
    await expect(page.locator("#status")).not_to_contain_text("已暂停")
    await page.locator("#test-前台").click()
    await expect(page.locator("#printer-前台 .slip-row")).to_contain_text("测试页")
    assert len(printer.wait_for_slips(1)) == 1


async def test_what_it_can_prove_is_said_and_asked_anew(page: Page) -> None:
    about = page.locator("#printer-前台")
    await expect(about).to_contain_text("逐张回执")
    await page.locator("#probe-前台").click()
    await expect(page.locator("#probe-前台")).to_be_enabled()
    await expect(about).to_contain_text("YAOLINK VP-80")
    await page.locator("#language").click()
    await expect(about).to_contain_text("receipts: each slip is confirmed")


async def test_without_a_settings_file_nothing_is_offered_that_cannot_be(
    browser: Browser, settings: Settings, keyring_as_found: None
) -> None:
    async with running(settings) as agent, clean_page(browser) as page:
        await page.goto(await agent.link("/printers"))
        await expect(page.locator(".beside")).to_contain_text("不能在这里修改")
        await expect(page.locator("#test-前台")).to_be_visible()
        for gone in ("#change-前台", "#remove-前台", "#find-near"):
            await expect(page.locator(gone)).to_have_count(0)
