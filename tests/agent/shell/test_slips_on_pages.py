"""What becomes of a slip, as clerks see it: why it waits, that it was only sent, the question whether it came out."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from agent import slips as slip_life
from agent.files import system_clock
from agent.pages.words import KEYS
from agent.printing.departures import GONE
from agent.printing.listing import SlipNow
from agent.printing.routes import NO_PRINTER, PAUSED
from agent.printing.taking import UNPRINTABLE
from agent.tray_view import TrayView
from domain.events import CATALOGUE, OrderPlaced, ProductPut, StockSet, store_log
from domain.quantity import units
from domain.times import HOUR
from drivers.errors import ConnectionLost, DriverError, PrinterUnreachable
from drivers.printers.status import Blocked
from drivers.virtual.dialect import MUTE
from drivers.virtual.faults import Fault
from drivers.virtual.printer import VirtualPrinter
from tests.agent.browsing import browser, clean_page
from tests.agent.core.hub import AMOXICILLIN, IBUPROFEN, line, order
from tests.agent.shell import fake_hub
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import seen, until

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

LOG = store_log("S1")
SOON_MS = 30_000
"""Within so long page and tray follow a printer (issue 4)."""


@pytest.fixture(autouse=True)
def hub_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order of another day is late, and that would be remarked, too."""
    monkeypatch.setattr(fake_hub, "NOW", system_clock())


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, paired: Agent, hub: FakeHub) -> AsyncIterator[Page]:
    await hub.tell(CATALOGUE, ProductPut(AMOXICILLIN), ProductPut(IBUPROFEN))
    await hub.tell(LOG, StockSet("AMX", units(10), "B-02"), StockSet("IBU", units(10), "A-01"))
    async with clean_page(browser) as made:
        await made.goto(await paired.link())
        yield made


async def place(hub: FakeHub, order_id: str = "o1") -> None:
    now = system_clock()
    await hub.tell(LOG, OrderPlaced(order(order_id, line(1, AMOXICILLIN, 2), placed_at=now, promised_at=now + HOUR)))


async def slips(agent: Agent) -> tuple[SlipNow, ...]:
    return await agent.get("/api/slips?limit=20", tuple[SlipNow, ...])


async def in_state(agent: Agent, state: str) -> SlipNow:
    """The newest slip, once that is so: a printer that says nothing is left its time to be heard and to print."""
    found = await seen(
        lambda: slips(agent), lambda all_of_them: all_of_them and all_of_them[0].slip.state == state, within=30
    )
    return found[0]


async def left_unsure(agent: Agent, hub: FakeHub, printer: VirtualPrinter) -> str:
    """The id of a slip that was cut off in the middle; the printer lost what it had of it."""
    printer.fault("paper_out", after_lines=3)
    await place(hub)
    await seen(agent.state, lambda state: state.printers[0].cause == "paper_out")
    printer.drop_connections()
    unsure = await in_state(agent, "unknown")
    printer.fault("power_loss")
    printer.fault(None)
    return unsure.slip.slip_id


LOSSES: tuple[type[DriverError], ...] = (ConnectionLost, *ConnectionLost.__subclasses__())
CAUSES = [
    *Blocked,
    *(PAUSED, NO_PRINTER, UNPRINTABLE, GONE),
    *("changed", "clerk", "scanned", "restart", "interrupted"),
    *(slip_life.REPRINTED, slip_life.EXPIRED, slip_life.SUPERSEDED, slip_life.STOPPED),
    *(error.__name__ for error in (*LOSSES, PrinterUnreachable)),
]


@pytest.mark.parametrize("cause", CAUSES)
async def test_no_cause_is_shown_raw(cause: str) -> None:
    assert f"cause.{cause}" in KEYS


@pytest.mark.parametrize("cause", [*Blocked, PAUSED, NO_PRINTER, UNPRINTABLE])
async def test_whoever_is_kept_waiting_is_told_what_to_do(cause: str) -> None:
    assert f"todo.{cause}" in KEYS


FAULTS: list[tuple[Fault, str, str]] = [
    ("paper_out", "缺纸", "装一卷新纸"),
    ("cover_open", "上盖打开", "合上打印机上盖"),
    ("cutter", "切刀故障", "取出卡纸"),
    ("offline", "离线", "联机键"),
]


@pytest.mark.parametrize(("fault", "cause", "todo"), FAULTS)
async def test_why_a_slip_waits_is_said_at_once_and_no_longer_than_it_does(
    page: Page, paired: Agent, hub: FakeHub, printer: VirtualPrinter, fault: Fault, cause: str, todo: str
) -> None:
    async def tray() -> TrayView:
        return await paired.get("/api/tray", TrayView)

    status = page.locator("#status")
    await expect(status).to_contain_text("前台：正常")
    printer.fault(fault)
    await place(hub)
    await expect(status).to_contain_text(f"打印机 前台 不能打印：{cause}", timeout=SOON_MS)
    await expect(page.locator(".card")).to_contain_text(f"小票未打印：{cause}", timeout=SOON_MS)
    await seen(tray, lambda view: cause in view.headline and todo in view.headline, within=SOON_MS / 1000)
    printer.fault(None)
    await asyncio.to_thread(printer.wait_for_slips, 1, SOON_MS / 1000)
    await seen(tray, lambda view: cause not in " ".join((view.headline, *view.lines)), within=SOON_MS / 1000)
    await expect(status).not_to_contain_text(cause, timeout=SOON_MS)
    await expect(page.locator(".card")).not_to_contain_text("小票未打印", timeout=SOON_MS)
    assert len(printer.slips) == 1


async def test_an_unsure_slip_is_settled_on_its_card(
    page: Page, paired: Agent, hub: FakeHub, printer: VirtualPrinter
) -> None:
    slip_id = await left_unsure(paired, hub, printer)
    await expect(page.locator(".card .asks")).to_contain_text("拣货单 打印出来了吗？")
    await expect(page.locator("#status")).to_contain_text("不确定小票是否打印")
    await page.locator(f"#printed-{slip_id}").click()
    await expect(page.locator(".asks")).to_have_count(0)
    assert (await in_state(paired, "printed")).slip.cause == "clerk"
    assert printer.slips == []


@pytest.mark.parametrize("path", ["/", "/orders/o1", "/printers"])
async def test_an_unsure_slip_is_printed_anew_from_wherever_it_is_asked(
    page: Page, paired: Agent, hub: FakeHub, printer: VirtualPrinter, path: str
) -> None:
    slip_id = await left_unsure(paired, hub, printer)
    await page.goto(f"{paired.url}{path}")
    await page.locator(f"#not-printed-{slip_id}").click()
    [again] = await asyncio.to_thread(printer.wait_for_slips, 1)
    assert "补打" in again.text
    await expect(page.locator(".asks")).to_have_count(0)
    await page.goto(f"{paired.url}/orders/o1")
    await expect(page.locator(".slip-row").first).to_contain_text("补打 1")
    await expect(page.locator(f"#slip-{slip_id}")).to_contain_text("已改为补打")


async def test_a_reprint_asks_first_and_is_marked(
    page: Page, paired: Agent, hub: FakeHub, printer: VirtualPrinter
) -> None:
    await place(hub)
    slip_id = (await in_state(paired, "printed")).slip.slip_id
    await page.goto(f"{paired.url}/printers")
    await expect(page.locator(f"#slip-{slip_id}")).to_contain_text("美团 #1")
    again = page.locator(f"#reprint-{slip_id}")
    await again.click()
    await expect(again).to_have_text("再按一次：补打一张")
    assert len(printer.slips) == 1
    await again.click()
    papers = await asyncio.to_thread(printer.wait_for_slips, 2)
    assert "补打" in papers[1].text and "补打" not in papers[0].text
    await expect(page.locator("#printer-前台 .slip-row").first).to_contain_text("拣货单 · 补打 1")


async def test_a_slip_is_seen_as_picture_and_as_text(page: Page, paired: Agent, hub: FakeHub) -> None:
    await place(hub)
    slip_id = (await in_state(paired, "printed")).slip.slip_id
    for path in ("/orders/o1", "/printers"):
        await page.goto(f"{paired.url}{path}")
        await page.locator(f"#show-{slip_id}").click()
        await expect(page.locator("#paper-title")).to_have_text("拣货单 · 打印时的内容")
        picture = page.locator("#paper img")
        await expect(picture).to_be_visible()
        assert await picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") >= 384
        await page.locator("#paper summary").click()
        await expect(page.locator("#paper pre")).to_contain_text("阿莫西林胶囊")
        await page.keyboard.press("Escape")
        await expect(page.locator("#paper")).to_be_hidden()
        assert page.url.endswith(path), "Esc closes the slip, not the page"


@pytest.fixture
def printer(request: pytest.FixtureRequest) -> object:
    """Mute where the test says so."""
    made = VirtualPrinter(dialect=MUTE) if "says_nothing" in request.node.name else VirtualPrinter()
    request.addfinalizer(made.stop)
    return made


async def test_what_a_printer_that_says_nothing_was_sent_is_sent_and_nobody_is_nagged(
    page: Page, paired: Agent, hub: FakeHub, printer: VirtualPrinter
) -> None:
    await place(hub)
    assert (await in_state(paired, "printed")).slip.evidence == "C"
    await page.goto(f"{paired.url}/orders/o1")
    await expect(page.locator(".slip-state")).to_have_text("已发送")
    await page.goto(f"{paired.url}/printers")
    await expect(page.locator("#printer-前台")).to_contain_text("不报告状态")
    await expect(page.locator("#printer-前台 .slip-state")).to_have_text("已发送")
    await page.goto(paired.url)
    await expect(page.locator(".card")).to_have_count(1)
    await expect(page.locator(".card .badge")).to_have_count(0)
    await until(lambda: len(printer.slips) == 1)
    tray = await paired.get("/api/tray", TrayView)
    assert (tray.headline, tray.lines, tray.announcements) == ("一切正常", (), ())
