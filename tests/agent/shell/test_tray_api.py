"""What the tray is told by a running agent: well, look and down, each come about for real."""

import pytest

from agent.files import system_clock
from agent.health import Health
from agent.tray_view import TrayView
from domain.events import OrderPlaced, store_log
from domain.times import HOUR
from drivers.virtual.printer import VirtualPrinter
from tests.agent.core.hub import order
from tests.agent.shell import fake_hub
from tests.agent.shell.conftest import Agent
from tests.agent.shell.fake_hub import FakeHub
from tests.awaiting import seen

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(autouse=True)
def hub_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order of another day is late, and a hub's clock far from ours is something to look at."""
    monkeypatch.setattr(fake_hub, "NOW", system_clock())


def fresh_order() -> OrderPlaced:
    now = system_clock()
    return OrderPlaced(order(placed_at=now, promised_at=now + HOUR))


async def tray(agent: Agent) -> TrayView:
    return await agent.get("/api/tray", TrayView)


async def test_a_store_that_is_not_paired_does_not_work(agent: Agent) -> None:
    view = await tray(agent)
    assert view.health is Health.DOWN and "配对" in view.headline
    assert view.store == "未配对的门店"


async def test_a_paired_store_is_well_and_counts_what_waits(paired: Agent, hub: FakeHub) -> None:
    view = await seen(lambda: tray(paired), lambda view: view.health is Health.WELL)
    assert (view.store, view.headline, view.waiting) == ("和平路店", "一切正常", 0)
    await hub.tell(store_log("S1"), fresh_order())
    assert (await seen(lambda: tray(paired), lambda view: view.waiting)).waiting == 1


async def test_a_printer_without_paper_is_down_until_it_has_some(
    paired: Agent, hub: FakeHub, printer: VirtualPrinter
) -> None:
    printer.fault("paper_out")
    await hub.tell(store_log("S1"), fresh_order())
    view = await seen(lambda: tray(paired), lambda view: view.health is Health.DOWN)
    assert view.headline == "打印机 前台 不能打印：缺纸。装一卷新纸，会自动接着打"
    assert "小票未打印" in (await seen(lambda: tray(paired), lambda view: view.lines)).lines[0]
    printer.fault(None)
    await seen(lambda: tray(paired), lambda view: view.health is Health.WELL)


async def test_a_hub_that_is_gone_is_for_a_person_to_look_at(paired: Agent, hub: FakeHub) -> None:
    await hub.close()
    view = await seen(lambda: tray(paired), lambda view: "断开" in view.headline)
    assert view.health is Health.LOOK and view.line.startswith("与总部断开")
