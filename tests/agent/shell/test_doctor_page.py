"""The diagnosis page in a real browser: what is wrong first, and the bundle seen before it is saved."""

import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from domain.events import OrderPlaced, store_log
from drivers.virtual.printer import VirtualPrinter
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import order
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import seen

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, paired: Agent) -> AsyncIterator[Page]:
    """A script error or a blocked resource fails the test."""
    async with clean_page(browser) as made:
        await made.goto(await paired.link("/doctor"))
        yield made


async def test_what_is_wrong_stands_first_with_what_to_do(
    page: Page, paired: Agent, printer: VirtualPrinter, hub: FakeHub
) -> None:
    printer.fault("paper_out")
    await hub.tell(store_log("S1"), OrderPlaced(order("o1")))
    await seen(paired.order, lambda view: view is not None and view.card.slip == "held")
    await expect(page.locator("#verdict-of-all")).not_to_have_class("quiet", timeout=30_000)
    await page.locator("#examine").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#verdict-of-all")).to_have_text("✕ 有不能工作的地方", timeout=30_000)
    first = page.locator("#findings li").first
    await expect(first).to_contain_text("打印机 前台 不能打印：缺纸")
    await expect(first).to_contain_text("换一卷纸")
    await page.screenshot(path="build/screenshots/doctor.png", full_page=True)
    await page.locator("#all-well summary").press("Enter")
    await expect(page.locator("#all-well")).to_contain_text("总部认可本机密钥")
    await page.locator("#language").click()
    await expect(page.locator("#findings li").first).to_contain_text("printer 前台 cannot print", timeout=30_000)
    await page.screenshot(path="build/screenshots/doctor-en.png", full_page=True)


async def test_results_stay_while_the_store_works_on(page: Page, paired: Agent, hub: FakeHub) -> None:
    """The page's own refreshing must not wipe them away."""
    await expect(page.locator("#all-well")).to_be_visible(timeout=30_000)
    await hub.tell(store_log("S1"), OrderPlaced(order("o1")))
    await seen(paired.order, lambda view: view is not None and view.card.slip == "printed")
    await page.wait_for_timeout(500)
    await expect(page.locator("#all-well")).to_contain_text("总部服务正常回答")


async def test_the_bundle_is_saved_as_it_was_shown(page: Page, tmp_path: Path) -> None:
    await page.locator("#make-bundle").press("Enter")
    await expect(page.locator("#save-bundle")).to_be_focused(timeout=40_000)
    shown = await page.locator("#members details").evaluate_all(
        "all => all.map(one => [one.querySelector('summary').textContent, one.querySelector('pre').textContent])"
    )
    await page.screenshot(path="build/screenshots/bundle.png", full_page=True)
    async with page.expect_download() as downloading:
        await page.keyboard.press("Enter")
    download = await downloading.value
    await download.save_as(tmp_path / "bundle.zip")
    assert download.suggested_filename.startswith("yaolink-S1-")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        saved = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {title.partition(" · ")[0]: text for title, text in shown} == saved
    assert json.loads(saved["doctor.json"]) and "agent.service" in saved["logs/agent.log"]


async def test_a_detailed_log_is_one_click(page: Page, paired: Agent) -> None:
    log = paired.settings.folder / "logs" / "agent.log"
    await page.locator("#more-log").click()
    await expect(page.locator("#message")).to_contain_text("30 分钟")
    assert "the log level is debug for 30 minutes" in log.read_text()
