"""Signing in on the real page: by badge, by name and PIN, two tabs; nothing is shown where nobody is known."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from agent.staff.view import StaffView
from domain.events import RosterSet, StaffSet, store_log
from domain.operations import OnDutyChanged, PinChanged, decode_body
from domain.staff import OnDuty, Staff
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import STORE
from tests.agent.shell.conftest import (
    Agent,
    agent,
    hub,
    keyring_as_found,
    paired,
    printer,
    scanner,
    settings,
)
from tests.agent.shell.fake_hub import NOW, FakeHub
from tests.agent.staff.conftest import BADGE, PHARMACIST_PIN, PIN
from tests.agent.typed_scan import scan
from tests.awaiting import until
from tests.contents import contents

__all__ = ["agent", "browser", "hub", "keyring_as_found", "paired", "printer", "scanner", "settings"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
LOG = store_log(STORE)


@pytest_asyncio.fixture(loop_scope="module")
async def staffed(paired: Agent, hub: FakeHub, zhang: Staff, wang: Staff) -> Agent:
    await hub.tell(LOG, StaffSet((zhang, wang)))
    return paired


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, staffed: Agent) -> AsyncIterator[Page]:
    async with clean_page(browser) as made:
        await made.goto(await staffed.link())
        await expect(made.locator("#who:not(.unasked)")).to_be_visible()
        yield made


async def open_people(page: Page) -> None:
    """What an earlier answer has yet to close is not opened again by its key."""
    await expect(page.locator("#people-dialog")).to_be_hidden()
    await page.keyboard.press("F1")
    await expect(page.locator("#people-dialog")).to_be_visible()


async def unfold(page: Page, title: str) -> None:
    """It stands open from before where the dialog was opened again before the page was drawn anew; while the dialog is
    open nothing is drawn."""
    folded = page.locator("#people-dialog details:not([open]) summary", has_text=title)
    if await folded.count():
        await folded.click()


async def sign_in_by_badge(page: Page) -> None:
    await open_people(page)
    await scan(page, BADGE)
    await expect(page.locator("#who")).to_contain_text("张三")


async def prove(page: Page, form: str, name: str, pin: str) -> None:
    await page.select_option(f"#{form}-staff", label=name)
    await page.fill(f"#{form}-pin", pin)
    await page.keyboard.press("Enter")


async def test_nothing_is_shown_where_nobody_is_known(browser: Browser, paired: Agent) -> None:
    async with clean_page(browser) as page:
        await page.goto(await paired.link())
        assert (await page.locator("#people").inner_text()).strip() == ""
        assert await page.locator("#people-dialog").count() == 0


async def test_name_and_pin_by_keyboard_alone(page: Page, staffed: Agent) -> None:
    await expect(page.locator("#who")).to_contain_text("登录")
    await open_people(page)
    await prove(page, "sign-in", "张三", "000000")
    await expect(page.locator("#message.bad")).to_contain_text("密码不对")
    await prove(page, "sign-in", "张三", PIN)
    await expect(page.locator("#who")).to_contain_text("张三")
    await page.reload()
    await expect(page.locator("#who")).to_contain_text("拣货员")
    await open_people(page)
    await page.click("#sign-out")
    await expect(page.locator("#who")).to_contain_text("登录")


async def test_a_badge_in_the_open_dialog(page: Page) -> None:
    await sign_in_by_badge(page)
    assert BADGE not in await page.content()


async def test_two_tabs_are_two_people(page: Page, browser: Browser, staffed: Agent) -> None:
    await sign_in_by_badge(page)
    async with clean_page(browser) as other:
        await other.goto(await staffed.link())
        await expect(other.locator("#who:not(.unasked)")).to_contain_text("登录")
        await open_people(other)
        await prove(other, "sign-in", "王药师", PHARMACIST_PIN)
        await expect(other.locator("#who")).to_contain_text("王药师")
        await expect(page.locator("#who")).to_contain_text("张三")


async def test_a_pharmacist_comes_and_goes(page: Page, hub: FakeHub) -> None:
    await expect(page.locator(".on-duty")).to_contain_text("无药师值班")
    for said in ("王药师", "无药师值班"):
        await open_people(page)
        await unfold(page, "药师上岗")
        await prove(page, "duty", "王药师", PHARMACIST_PIN)
        await expect(page.locator(".on-duty")).to_contain_text(said)
    await until(lambda: [decode_body(one) for one in hub.done.values() if one.kind == OnDutyChanged.kind][1:])
    told = [decode_body(one) for one in hub.done.values() if one.kind == OnDutyChanged.kind]
    assert told == [OnDutyChanged("wang", "王药师", True), OnDutyChanged("wang", "王药师", False)]


async def test_the_roster_is_shown(page: Page, hub: FakeHub) -> None:
    await hub.tell(LOG, RosterSet((OnDuty("wang", "王药师", NOW - 10**12, NOW + 10**12, STORE),)))
    await expect(page.locator(".on-duty")).to_contain_text("王药师")


async def test_ones_own_pin_is_changed(page: Page, hub: FakeHub) -> None:
    await open_people(page)
    await prove(page, "sign-in", "张三", PIN)
    await expect(page.locator("#who")).to_contain_text("张三")
    for old, new, said in (("000000", "482915", "密码不对"), (PIN, "123456", "密码太简单"), (PIN, "482915", "")):
        await open_people(page)
        await unfold(page, "修改密码")
        await page.fill("#old-pin", old)
        await page.fill("#new-pin", new)
        await page.keyboard.press("Enter")
        if said:
            await expect(page.locator("#message.bad")).to_contain_text(said)
            await page.keyboard.press("Escape")
        else:
            await expect(page.locator("#people-dialog")).to_be_hidden()
    await until(lambda: any(one.kind == PinChanged.kind for one in hub.done.values()))


async def test_the_api_tells_no_hashes_and_nothing_of_a_proof_is_kept(
    page: Page, staffed: Agent, settings: object, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A badge in the dialog, at the scan door, and a wrong PIN: none of them is in any file, log or answer."""
    caplog.set_level(logging.DEBUG)
    await sign_in_by_badge(page)
    await staffed.post("/api/scan", {"text": BADGE})
    await open_people(page)
    wrong = "592613"
    await unfold(page, "药师上岗")
    await prove(page, "duty", "王药师", wrong)
    await expect(page.locator("#message.bad")).to_contain_text("密码不对")
    seen = await staffed.get("/api/staff", StaffView)
    assert [one.name for one in seen.staff] == ["张三", "王药师"]
    files = await asyncio.to_thread(contents, tmp_path)
    assert any(path.name == "work.db" for path in files)
    for secret in (BADGE, wrong, PHARMACIST_PIN):
        assert secret not in caplog.text
        assert [path for path, content in files.items() if secret.encode() in content] == []


@pytest.mark.parametrize("width,height", [(1366, 768), (390, 844)])
async def test_nothing_is_wider_than_the_screen(page: Page, width: int, height: int) -> None:
    await page.set_viewport_size({"width": width, "height": height})
    await sign_in_by_badge(page)
    await open_people(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
