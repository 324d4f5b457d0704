"""Scanners that type, in the real page: keys pressed through Chromium's own input path, an input method among them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, CDPSession, Page, expect

from domain.events import CATALOGUE, OrderPlaced, ProductPut, StockSet, store_log
from domain.quantity import units
from tests.agent import typed_scan
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import AMOXICILLIN, line, order
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PACK = "8123456000000000000"
NAMED = {"-": "Minus", "\r": "Enter"}
SHIFT = 8


class TypingScanner:
    """Presses keys as a device does: a key's place and Shift, and what the system made of it."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self.page, self._session = page, session

    async def scan(self, text: str, *, composing: bool = False, gap: float = 0.004) -> None:
        for character in text:
            await self.press(character, composing=composing)
            await asyncio.sleep(gap)

    async def press(self, character: str, *, composing: bool = False) -> None:
        code = NAMED.get(character) or (f"Digit{character}" if character.isdigit() else f"Key{character.upper()}")
        shift = SHIFT if character.isupper() else 0
        key: dict[str, str | int] = {"code": code, "modifiers": shift}
        if composing and character != "\r":
            await self._key("rawKeyDown", {**key, "key": "Process", "windowsVirtualKeyCode": 229})
        else:
            shown = "Enter" if character == "\r" else character
            await self._key("keyDown", {**key, "key": shown, "text": character})
        await self._key("keyUp", {**key, "key": character})

    async def function_key(self, name: str) -> None:
        await self.page.keyboard.press(name)

    async def compose(self, text: str) -> None:
        """What an input method shows underlined while it waits for more."""
        await self._session.send("Input.imeSetComposition", {"text": text, "selectionStart": 0, "selectionEnd": 0})

    async def _key(self, kind: str, key: dict[str, str | int]) -> None:
        await self._session.send("Input.dispatchKeyEvent", {"type": kind, **key})


@pytest_asyncio.fixture(loop_scope="module")
async def scanner(browser: Browser, paired: Agent, hub: FakeHub) -> AsyncIterator[TypingScanner]:
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
        yield TypingScanner(page, await page.context.new_cdp_session(page))


async def taken(scanner: TypingScanner, count: int) -> None:
    await expect(scanner.page.locator("#line-1 .slot.full")).to_have_count(count)


async def test_an_input_method_cannot_swallow_a_scan(scanner: TypingScanner) -> None:
    await scanner.scan(f"{PACK}1\r", composing=True)
    await taken(scanner, 1)


async def test_what_it_composed_in_a_field_is_given_up(scanner: TypingScanner) -> None:
    field = scanner.page.locator("#type-code")
    await field.focus()
    await field.fill("")
    for place, digit in enumerate(f"{PACK}1"):
        await scanner.press(digit, composing=True)
        await scanner.compose("ni" + "x" * place)
    await scanner.scan("\r", composing=True)
    await taken(scanner, 1)
    await expect(field).to_have_value("")
    await expect(field).to_be_focused()


async def test_a_scanner_without_an_ending_is_read_after_a_pause(scanner: TypingScanner) -> None:
    await scanner.scan(f"{PACK}1")
    await taken(scanner, 1)


async def test_a_busy_computer_splits_no_scan(scanner: TypingScanner) -> None:
    await typed_scan.scan(scanner.page, f"{PACK}1", stall=(7, 0.15))
    await taken(scanner, 1)


async def test_a_function_key_within_a_scan_is_a_separator_and_no_command(scanner: TypingScanner) -> None:
    """F8 is how some scanners send GS; on this page it is 拣货完成."""
    await scanner.scan("0106900000000014")
    await scanner.scan("10A")
    await scanner.function_key("F8")
    await scanner.scan("21S1\r")
    await expect(scanner.page.locator("#verdict .sentence")).not_to_have_text("")
    await expect(scanner.page.locator("#message")).to_be_hidden()
    await scanner.function_key("F8")
    await expect(scanner.page.locator("#message")).to_contain_text("还没有拣齐")


async def test_a_finger_that_rests_on_a_key_is_no_scan(scanner: TypingScanner) -> None:
    await scanner.page.keyboard.down("8")
    for _ in range(19):
        await scanner.page.keyboard.down("8")
    await scanner.page.keyboard.up("8")
    await scanner.page.keyboard.press("Enter")
    await scanner.scan(f"{PACK}1\r")
    await taken(scanner, 1)


async def test_a_second_ending_presses_nothing(scanner: TypingScanner) -> None:
    """CR LF arrives as two keys; the second must not press the button that has the focus."""
    await scanner.scan(f"{PACK}1\r")
    await taken(scanner, 1)
    await scanner.page.locator("#undo").focus()
    await scanner.scan(f"{PACK}2\r\r")
    await taken(scanner, 2)


async def test_a_scan_that_was_cut_off_is_dropped_where_scans_are_known_to_end(scanner: TypingScanner) -> None:
    """A lot without its last character looks like a lot."""
    for place in (1, 2):
        await scanner.scan(f"{PACK}1\r")
        await expect(scanner.page.locator("#verdict")).to_have_class("good" if place == 1 else "bad")
    await scanner.scan(f"{PACK}2")
    await asyncio.sleep(1.5)
    await taken(scanner, 1)
    await scanner.scan(f"{PACK}2\r")
    await taken(scanner, 2)


async def test_a_long_silence_within_such_a_scan_splits_nothing(scanner: TypingScanner) -> None:
    for place in (1, 2):
        await typed_scan.scan(scanner.page, f"{PACK}1")
        await expect(scanner.page.locator("#verdict")).to_have_class("good" if place == 1 else "bad")
    await typed_scan.press(scanner.page, PACK[:9])
    await asyncio.sleep(0.5)
    await typed_scan.scan(scanner.page, f"{PACK[9:]}2")
    await taken(scanner, 2)
