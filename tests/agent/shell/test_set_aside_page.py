"""What was set aside, on the store's page: said plainly, shown as it came, tried again, settled by a person."""

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, ViewportSize, expect

from agent.pages.words import KEYS
from agent.set_aside import Listed
from agent.state import StateView
from domain import events, operations
from domain.events import CATALOGUE, Event, OrderPlaced, OrderUrged, store_log
from domain.protocol import Cursor, Frame, OutcomeState
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import NOON, order
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import seen

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

LOG = store_log("S1")
SALE = {"lines": [{"sku": "AMX", "quantity": 1000}]}
SIZES = [ViewportSize(width=1366, height=768), ViewportSize(width=390, height=844)]
SHOTS = "build/screenshots/set_aside"


async def test_every_kind_has_a_name() -> None:
    wanted = {f"event.{kind}" for kind in events.BODIES} | {f"operation.{kind}" for kind in operations.BODIES}
    assert wanted - KEYS == set()


async def tell_unknown(hub: FakeHub) -> None:
    """A stop-sale of a kind that only a newer program knows."""
    log = hub.log(CATALOGUE)
    seq = len(log.events) + 1
    log.events.append(Event(CATALOGUE, seq, "stop_sale.put", 1, NOON, msgspec.Raw(b"{}"), must_understand=True))
    hub.send(Frame.EVENT, log.events[-1], Cursor(CATALOGUE, log.log_id, seq).text())


async def listed(agent: Agent, events: int, stopped: int) -> Listed:
    def holds(told: Listed) -> bool:
        return (told.counts.events, len(told.counts.stopped)) == (events, stopped)

    return await seen(lambda: agent.get("/api/set-aside", Listed), holds)


async def unsent(agent: Agent, kind: str, count: int) -> list[str]:
    """The keys of so many operations of this kind that headquarters did not take."""

    async def look() -> list[str]:
        told = await agent.get("/api/set-aside", Listed)
        return [each.key for each in told.operations if each.kind == kind]

    return await seen(look, lambda keys: len(keys) == count)


@pytest_asyncio.fixture(loop_scope="module")
async def troubled(paired: Agent, hub: FakeHub) -> Agent:
    """Two events that wait, a log that stands still, an operation that headquarters does not know."""
    await hub.tell(LOG, OrderUrged("o1", NOON), OrderPlaced(order("o1")))
    await tell_unknown(hub)
    hub.outcome = OutcomeState.UNKNOWN_KIND
    await paired.post("/api/sales", SALE)
    await listed(paired, 2, 1)
    await unsent(paired, "sale.recorded", 1)
    return paired


@pytest.mark.parametrize("size", SIZES, ids=["pc", "phone"])
async def test_it_is_said_shown_and_settled(
    browser: Browser, troubled: Agent, hub: FakeHub, size: ViewportSize
) -> None:
    async with clean_page(browser, size=size) as page:
        await page.goto(await troubled.link("/set-aside"))
        await expect(page.locator("#status")).to_contain_text("马上升级")
        await expect(page.locator("#log-1")).to_contain_text("stop_sale.put v1")
        await expect(page.locator("#event-1")).to_contain_text("催单")
        await expect(page.locator("#event-2")).to_contain_text("等同一订单前面的消息")
        await page.screenshot(path=f"{SHOTS}/page_{size['width']}.png", full_page=True)

        await page.click("#raw-event-1")
        await expect(page.locator("#paper pre")).to_contain_text('"order_id": "o1"')
        await page.click("#close-paper")

        await page.click("#settle-event-1")
        await page.click("#settle-event-1")
        await expect(page.locator("#message")).to_contain_text("请填写处理结果")
        await page.fill("#why-event-1", "已电话告知顾客")
        await page.locator("#why-event-1").press("Tab")
        await page.click("#settle-event-1")
        await page.click("#settle-event-1")
        await listed(troubled, 0, 1)
        assert (await troubled.get("/api/orders/o1", dict))["card"]["behind"] is False
        await page.locator("h2").first.click()

        (key,) = await unsent(troubled, "sale.recorded", 1)
        hub.outcome = OutcomeState.DONE
        await page.click(f"#retry-{key}")
        await unsent(troubled, "sale.recorded", 0)


async def test_the_log_goes_on_by_itself_once_it_is_understood(troubled: Agent, hub: FakeHub) -> None:
    """An updated hub tells it in words that this version knows; the same way an updated agent would."""
    log = hub.log(CATALOGUE)
    log.events[-1] = Event(CATALOGUE, log.events[-1].seq, "product.gone", 1, NOON, msgspec.Raw(b"{}"))
    told = await listed(troubled, 3, 0)
    assert "product.gone" in {each.kind for each in told.events}, (
        "what need not be understood is set aside, and stops nothing"
    )
    state = await troubled.get("/api/state", StateView)
    assert state.stopped == () and state.quarantined == 3
