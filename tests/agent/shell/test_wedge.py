"""Scanners that type, in the real page: keys pressed through Chromium's own input path, an input method among them."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, CDPSession, Page, expect

from domain.events import CATALOGUE, OrderPlaced, ProductPut, StockSet, store_log
from domain.quantity import units
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import AMOXICILLIN, line, order
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.agent.typed_scan import ENTER, GAP_S, GS, key, press, scan, send

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PACK = "8123456000000000000"
WATCH_MESSAGES = """() => {
  window.wasTold = false;
  const watching = new MutationObserver(() => { window.wasTold = true; });
  watching.observe(document.querySelector("#message"), { attributes: true, childList: true, subtree: true });
}"""
"""A message is gone with the next verdict."""


@pytest_asyncio.fixture(loop_scope="module")
async def pick(browser: Browser, paired: Agent, hub: FakeHub) -> AsyncIterator[Page]:
    """At the open pick of an order for two packs."""
    await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN))
    await hub.tell(
        store_log("S1"), StockSet("AMX", units(10), "B-02"), OrderPlaced(order("o1", line(1, AMOXICILLIN, 2)))
    )
    async with clean_page(browser) as page:
        await page.goto(await paired.link())
        await page.locator("[data-key=pick]").click()
        await page.wait_for_url("**/orders/o1/pick")
        await page.wait_for_load_state("load")
        yield page


async def taken(page: Page, count: int) -> None:
    await expect(page.locator("#line-1 .slot.full")).to_have_count(count)


async def test_an_input_method_cannot_swallow_a_scan(pick: Page) -> None:
    await scan(pick, f"{PACK}1", composing=True)
    await taken(pick, 1)


async def test_what_it_composed_in_a_field_is_given_up(pick: Page) -> None:
    field = pick.locator("#type-code")
    await field.focus()
    await field.fill("")
    session, began = await pick.context.new_cdp_session(pick), time.time()
    for place, digit in enumerate(f"{PACK}1"):
        for event in key(digit, composing=True):
            await send(session, event, began + GAP_S * place)
        await compose(session, "ni" + "x" * place)
    for event in key(ENTER):
        await send(session, event, began + GAP_S * len(f"{PACK}1"))
    await taken(pick, 1)
    await expect(field).to_have_value("")
    await expect(field).to_be_focused()


async def compose(session: CDPSession, text: str) -> None:
    """What an input method shows underlined while it waits for more."""
    await session.send("Input.imeSetComposition", {"text": text, "selectionStart": 0, "selectionEnd": 0})


async def test_a_scanner_without_an_ending_is_read_after_a_pause(pick: Page) -> None:
    await press(pick, f"{PACK}1")
    await taken(pick, 1)


async def test_a_busy_computer_splits_no_scan(pick: Page) -> None:
    await scan(pick, f"{PACK}1", stall=(7, 0.15))
    await taken(pick, 1)


async def test_a_function_key_within_a_scan_is_a_separator_and_no_command(pick: Page) -> None:
    """F8 is how some scanners send GS; on this page it is 拣货完成."""
    await pick.evaluate(WATCH_MESSAGES)
    await scan(pick, f"010690000000001410A{GS}21S1")
    await expect(pick.locator("#verdict")).to_have_class("bad")
    assert not await pick.evaluate("window.wasTold")
    await press(pick, GS)
    await expect(pick.locator("#message")).to_contain_text("还没有拣齐")


async def test_a_finger_that_rests_on_a_key_is_no_scan(pick: Page) -> None:
    await pick.keyboard.down("8")
    for _ in range(19):
        await pick.keyboard.down("8")
    await pick.keyboard.up("8")
    await pick.keyboard.press("Enter")
    await scan(pick, f"{PACK}1")
    await taken(pick, 1)


async def test_a_second_ending_presses_nothing(pick: Page) -> None:
    """CR LF arrives as two keys; the second must not press the button that has the focus."""
    await scan(pick, f"{PACK}1")
    await taken(pick, 1)
    await pick.locator("#undo").focus()
    await press(pick, f"{PACK}2{ENTER}{ENTER}")
    await taken(pick, 2)


async def test_a_scan_that_was_cut_off_is_dropped_where_scans_are_known_to_end(pick: Page) -> None:
    """A lot without its last character looks like a lot."""
    for place in (1, 2):
        await scan(pick, f"{PACK}1")
        await expect(pick.locator("#verdict")).to_have_class("good" if place == 1 else "bad")
    await press(pick, f"{PACK}2")
    await asyncio.sleep(1.5)
    await taken(pick, 1)
    await scan(pick, f"{PACK}2")
    await taken(pick, 2)


async def test_a_long_silence_within_such_a_scan_splits_nothing(pick: Page) -> None:
    for place in (1, 2):
        await scan(pick, f"{PACK}1")
        await expect(pick.locator("#verdict")).to_have_class("good" if place == 1 else "bad")
    await pick.evaluate("Wedge.PATIENCE = 20_000")  # the second in a shop may be over here before the rest is typed
    await press(pick, PACK[:9])
    await asyncio.sleep(0.5)
    await scan(pick, f"{PACK[9:]}2")
    await taken(pick, 2)
