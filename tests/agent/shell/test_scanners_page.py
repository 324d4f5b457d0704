"""The scanners page in a real browser: a scanner is tried with the sheet, shared, taken, removed; a scan is masked."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, Page, ViewportSize, expect

from agent.config import ScannerSettings, Settings, load
from agent.scanners import nearby
from domain.codes import Part
from domain.scanner_sheet import CONTENTS
from drivers.scanners import attached
from drivers.scanners.attached import Device
from drivers.scanners.base import Kind, Use
from drivers.virtual.printer import VirtualPrinter
from drivers.virtual.scanner import VirtualScanner
from tests.agent.browsing import browser, clean_page
from tests.agent.shell.conftest import Agent, running
from tests.awaiting import until

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

TYPING = Device(Kind.HID, "/dev/input/event7", "Honeywell 1900", "usb:0c2e:0b61", "18123B0E4F", "usb-1-2", "Honeywell")
KEYBOARD = Device(Kind.HID, "/dev/input/event8", "Logitech USB Keyboard", "usb:046d:c31c", "", "usb-1-3")


@pytest.fixture
def config(tmp_path: Path, settings: Settings, printer: VirtualPrinter, scanner: VirtualScanner) -> Path:
    path = tmp_path / "agent.toml"
    path.write_text(
        f'secrets = "file"\npage_port = {settings.page_port}\n[voice]\nplayer = "page"\n\n'
        f'[[printers]]\nname = "前台"\naddress = "{printer.address}"\n\n'
        f'# at the counter\n[[scanners]]\npath = "{scanner.path}"\nname = "柜台"\n',
        "utf-8",
    )
    return path


@pytest.fixture
def second() -> Iterator[VirtualScanner]:
    with VirtualScanner() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def agent(
    config: Path, keyring_as_found: None, second: VirtualScanner, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Agent]:
    port = Device(Kind.SERIAL, second.path, "Newland NLS-HR22", "usb:1eab:0c06", "", "1-4", "Newland")
    monkeypatch.setattr(nearby, "attached_here", lambda: (port, TYPING, KEYBOARD))
    monkeypatch.setattr("drivers.scanners.ports.serial_ports", lambda: [port])
    async with running(load(config), config) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, agent: Agent) -> AsyncIterator[Page]:
    async with clean_page(browser) as made:
        await made.goto(await agent.link("/scanners"))
        yield made


def read_from(png: bytes) -> set[str]:
    """What a scanner gives, separators and all."""
    return {bytes(code.bytes).decode() for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))}


async def written(config: Path) -> tuple[ScannerSettings, ...]:
    return (await asyncio.to_thread(load, config)).scanners


async def test_the_sheet_grades_a_scanner_and_says_what_to_change(page: Page, scanner: VirtualScanner) -> None:
    mine = page.locator(f"[id='scanner-{scanner.path}']")
    await expect(mine.locator(".state")).to_have_text("已连接")
    scanner.scan(CONTENTS[Part.DIGITS])
    await expect(mine).to_contain_text("测试中")
    scanner.scan(CONTENTS[Part.LETTERS].swapcase())
    scanner.scan(CONTENTS[Part.SEPARATORS].replace("\x1d", ""))
    await expect(mine.locator(".grade")).to_contain_text("只能扫数字")
    await expect(mine.locator(".grade")).to_contain_text("大小写反了：关闭电脑的 CapsLock")
    await expect(mine.locator(".grade")).to_contain_text("丢了 GS1 分隔符")
    await mine.get_by_text("重新测试").click()
    await expect(mine.locator(".grade")).to_have_count(0)
    for part in Part:
        scanner.scan(CONTENTS[part])
    await expect(mine.locator(".grade.good")).to_contain_text("可以扫所有的码")


async def test_what_was_scanned_last_is_masked(page: Page, scanner: VirtualScanner) -> None:
    mine = page.locator(f"[id='scanner-{scanner.path}']")
    scanner.scan("81234560000000009876")
    await expect(mine).to_contain_text("追溯码 …9876")
    scanner.scan("134567890123456789")  # a customer's payment code
    scanner.scan("6901234567892")
    await expect(mine).to_contain_text("商品条码 6901234567892")
    assert "8123456" not in await page.content() and "134567890123456789" not in await page.content()


async def test_shared_and_taken_again(page: Page, config: Path, scanner: VirtualScanner) -> None:
    mine = page.locator(f"[id='scanner-{scanner.path}']")
    await mine.get_by_text("与其他软件共用").click()
    await expect(mine.locator(".badge").first).to_have_text("共用")
    assert (await written(config))[0].use is Use.SHARED
    await mine.get_by_text("由药联独占").click()
    await expect(mine.locator(".state")).to_have_text("已连接")
    assert (await written(config))[0] == ScannerSettings(scanner.path, name="柜台")
    assert "# at the counter" in await asyncio.to_thread(config.read_text, "utf-8")


async def test_one_that_hangs_here_is_taken_by_its_identity(page: Page, config: Path, second: VirtualScanner) -> None:
    new = page.locator("[id='scanner-usb:1eab:0c06@1-4']")
    await expect(new).to_contain_text("Newland NLS-HR22")
    await new.get_by_text("由药联独占").click()
    await expect(new.locator(".state")).to_have_text("已连接")
    assert (await written(config))[1] == ScannerSettings(identity="usb:1eab:0c06@1-4")
    second.scan("81234560000000001111")
    await expect(new).to_contain_text("追溯码 …1111")
    await new.get_by_text("移除").click()
    await new.get_by_text("再按一次移除").click()
    await expect(new.locator(".badge").first).to_have_text("未设置")
    assert len(await written(config)) == 1


async def test_a_keyboard_is_taken_for_none_and_serial_mode_is_advised(page: Page) -> None:
    typing = page.locator("[id='scanner-usb:0c2e:0b61:18123B0E4F']")
    await expect(typing).to_contain_text("建议改成串口模式")
    await expect(typing).to_contain_text("扫说明书里的“USB Serial”设置码")
    await expect(page.locator("#scanner-others")).to_contain_text("Logitech USB Keyboard")
    assert not KEYBOARD.is_likely and attached.identity(TYPING, [TYPING, KEYBOARD]) == "usb:0c2e:0b61:18123B0E4F"


async def test_the_codes_on_the_screen_are_read(page: Page) -> None:
    assert read_from(await page.locator("#sheet").screenshot()) == set(CONTENTS.values())


async def test_the_sheet_comes_out_on_paper_and_is_read_there(page: Page, printer: VirtualPrinter) -> None:
    await page.get_by_text("打印测试页 · 前台").click()
    await until(lambda: printer.slips)
    assert read_from(printer.slips[0].png()) == set(CONTENTS.values())


async def test_on_a_phone_nothing_is_cut_off(browser: Browser, agent: Agent) -> None:
    async with clean_page(browser, size=ViewportSize(width=390, height=844)) as narrow:
        await narrow.goto(await agent.link("/scanners"))
        assert await narrow.evaluate("document.documentElement.scrollWidth") <= 390
